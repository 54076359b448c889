// The OpenAPI document, as something to hold answers to.
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const escape = (name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

export const operations = (document) => Object.entries(document.paths).flatMap(([path, item]) =>
  methods.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })));

// Operations on records are the same for all collections; what plugins add is each its own.
export const kind = ({ operationId }) => operationId.replace(/^(?!get\.|post\.|register\.)[a-z-]+\./, '*.');

export class Reader {
  #validators = new Map();
  #found = new Map();

  constructor(document) {
    this.document = document;
    this.ajv = new Ajv.default({ strict: false, allErrors: true, multipleOfPrecision: 6 });
    formats.default(this.ajv);
    this.ajv.addSchema(document, 'document');
    this.known = operations(document).map((one) => ({
      ...one,
      // A code may have slashes, as a DOI has.
      shape: new RegExp(`^${one.path.replace(/[.]/g, '\\.').replace(/\{value\}$/, '.+').replace(/\{\w+\}/g, '[^/]+')}$`),
      holes: one.path.split('{').length,
    })).sort((a, b) => a.holes - b.holes);
  }

  // The flaws of a value by the schema at a place of the document.
  flaws(at, value) {
    if (!this.#validators.has(at)) this.#validators.set(at, this.ajv.compile({ $ref: `document#/${at}` }));
    const validate = this.#validators.get(at);
    return validate(value) ? [] : validate.errors;
  }

  // The operation of a request, or undefined; a representation may be asked for by a suffix.
  operation(method, path) {
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase(), name = path.replace(/\?.*/s, '');
    const asked = `${verb} ${name}`;
    if (!this.#found.has(asked)) {
      const find = (exact) => this.known.find((one) => one.method === verb && one.shape.test(exact));
      this.#found.set(asked, find(name) ?? find(name.replace(/\.[a-z]+$/, '')));
    }
    return this.#found.get(asked);
  }

  // What is wrong with an answer of an operation, and under which status the document has it.
  judge(operation, { status, type, text }) {
    const code = [String(status), '2XX'].find((one) => operation.responses[one]);
    if (!code) return { flaw: `its statuses are ${Object.keys(operation.responses)}` };
    const { $ref } = operation.responses[code];
    const { content } = $ref ? this.document.components.responses[code] : operation.responses[code];
    if (!text || (!content && code === '2XX')) return { code };
    if (!content?.[type]) return { code, flaw: `its types are ${Object.keys(content ?? {})}, not ${type}` };
    const at = $ref ? $ref.slice(2) : ['paths', escape(operation.path), operation.method, 'responses', code].join('/');
    const [first] = this.flaws(`${at}/content/${escape(type)}/schema`, JSON.parse(text));
    return { code, flaw: first && `${first.instancePath} ${first.message} ${JSON.stringify(first.params)}` };
  }
}
