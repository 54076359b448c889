// A register for scenario tests: `ouse serve` on a port and a data folder of its own, a token for
// each role, and requests that say what they expect. OUSE_BIN is the program, OUSE_PLUGINS the
// folder of the built plugins.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { remember } from './record.mjs';

const { OUSE_BIN, OUSE_PLUGINS } = process.env;
// Looks until there is something to be seen.
export async function eventually(what, look) {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => { setTimeout(resolve, 20); })) {
    const found = await look();
    if (found) return found;
  }
  return assert.fail(`expected within a minute: ${what}`);
}

export const ouse = (...words) => promisify(execFile)(OUSE_BIN, words);
const root = new URL('../../', import.meta.url);
const roles = ['partner', 'office', 'manager'];

// Without these two nothing is reported as passed that did not run.
export const built = OUSE_BIN && OUSE_PLUGINS ? {} : { skip: 'OUSE_BIN and OUSE_PLUGINS are not set' };

export const source = (path) => readFile(new URL(path, root), 'utf8');

// The records of a file of the sample register.
export async function sample(collection) {
  const text = await source(`conf/sample/${collection}.ndjson`);
  return text.trim().split('\n').map((line) => JSON.parse(line));
}

// A record without its references to collections that are not known; nothing when one of these is
// required.
function fitting(record, fields, known) {
  const fitted = { ...record };
  for (const { name, refers_to: targets, required } of fields.filter(({ name, refers_to }) => refers_to && record[name])) {
    const collection = (value) => (targets.length > 1 || targets[0] === '*' ? value.split('/')[0] : targets[0]);
    const kept = [record[name]].flat().filter((value) => known.has(collection(value)));
    if (kept.length === 0 && required) return undefined;
    fitted[name] = Array.isArray(record[name]) && kept.length > 0 ? kept : kept[0];
  }
  return fitted;
}

// Resolves to the origin, once the server says where it listens.
function listening(child, said) {
  return new Promise((resolve, reject) => {
    const look = (line) => {
      said.push(line);
      const found = /listening on (http:\/\/\S+)/.exec(line);
      if (found) resolve(found[1]);
    };
    createInterface({ input: child.stdout }).on('line', look);
    createInterface({ input: child.stderr }).on('line', look);
    child.on('close', (code) => reject(new Error(`the server ended with ${code}, and said:\n${said.join('\n')}`)));
  });
}

// Starts a server of a register: { origin, end, reload }. `end` resolves when it has ended by itself.
async function serve(config, said) {
  const child = spawn(OUSE_BIN, ['serve', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  const origin = await listening(child, said);
  const end = async () => {
    child.kill('SIGTERM');
    assert.equal(await ended, 0, `expected a clean end of the server; it said:\n${said.join('\n')}`);
  };
  return { origin, pid: child.pid, end, reload: () => child.kill('SIGHUP') };
}

// Starts a register with the plugins.
export const start = (...plugins) => startWith([], ...plugins);

// The same with further lines in its config file.
export async function startWith(settings, ...plugins) {
  const folder = await mkdtemp(join(tmpdir(), 'ouse-'));
  const config = join(folder, 'ouse.conf');
  await writeFile(config, `
plugins = {${plugins.join(', ')}}
plugin_path = "${OUSE_PLUGINS}"
data = "${join(folder, 'data')}"
listen = "127.0.0.1:0"
access_log = false
${settings.join('\n')}
`);
  const tokens = {};
  for (const role of roles) {
    const { stdout } = await ouse('token', 'create', '--role', role, '--name', role, '-c', config);
    tokens[role] = /ouse_[\w-]+/.exec(stdout)[0];
  }
  remember(tokens);
  const said = [];
  return new Register({ ...await serve(config, said), tokens, said, config, folder });
}

// What a built plugin says of itself.
export const shown = async (plugin) => JSON.parse((await ouse('plugin', 'show', join(OUSE_PLUGINS, `${plugin}.so`), '--json')).stdout);

// The plugin, after those that it says it needs.
async function withNeeds(plugin) {
  const { needs } = await shown(plugin);
  const needed = await Promise.all((needs?.split(' ') ?? []).map((need) => withNeeds(need.split('>=')[0])));
  return [...new Set([...needed.flat(), plugin])];
}

// Starts a register with the plugin and what it needs, and nothing else.
export async function startAlone(plugin) {
  const plugins = await withNeeds(plugin);
  const register = await start(...plugins);
  const served = (await register.get('-/plugins')).data.map(({ name }) => name);
  if (String(served) === String(plugins)) return register;
  await register.stop();
  return assert.deepEqual(served, plugins);
}

class Register {
  constructor(known) {
    Object.assign(this, known);
  }

  async stop() {
    await this.end();
    await rm(this.folder, { recursive: true });
  }

  // Ends the server and starts another one of the same register, at another port; with these plugins, if any are named.
  async restart(...plugins) {
    await this.end();
    const lines = await readFile(this.config, 'utf8');
    if (plugins.length) await writeFile(this.config, lines.replace(/^plugins = .*$/m, `plugins = {${plugins.join(', ')}}`));
    Object.assign(this, await serve(this.config, this.said));
  }

  // What a command says that looks at the register beside the server; it must succeed.
  async run(command, ...words) {
    const done = await ouse(command, '-c', this.config, ...words).catch((error) => error);
    assert.equal(done.code ?? 0, 0, `ouse ${command}: expected 0, it said\n${done.stdout}${done.stderr}`);
    return done.stdout;
  }

  // One request, whatever its answer, whose body is parsed. Paths are relative to /api/v1/.
  async say(method, path, { as, body, headers = {} } = {}) {
    const response = await fetch(new URL(path, `${this.origin}/api/v1/`), {
      method,
      redirect: 'manual',
      headers: {
        ...(as && as !== 'public' ? { authorization: `Bearer ${this.tokens[as]}` } : {}),
        ...(body === undefined ? {} : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    }).catch((error) => assert.fail(`${method} ${path}: no answer (${error.cause ?? error}); the server said:\n${this.said.join('\n')}`));
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text ? JSON.parse(text) : undefined };
  }

  async expect(status, method, path, options) {
    const response = await this.say(method, path, options);
    assert.equal(response.status, status, `${method} ${path}: expected ${status}, got ${response.status} ${response.text}`);
    return response;
  }

  async get(path, as) {
    return (await this.expect(200, 'GET', path, { as })).body;
  }

  // An instant after all changes so far, and before all others.
  async instant() {
    const { data: [last] } = await this.get('-/changes?sort=-seq&limit=1', 'office');
    const passed = (at) => eventually('the next millisecond', () => Date.now() > at && Date.now());
    const instant = await passed(last ? Date.parse(last.at) : 0);
    await passed(instant);
    return new Date(instant).toISOString();
  }

  async create(collection, record) {
    return (await this.expect(201, 'POST', collection, { as: 'manager', body: record })).body;
  }

  // The sample's records of these collections, as far as they refer to what this register has; each
  // says its collection, as an import wants it.
  async fitting(...collections) {
    const known = new Map((await this.get('-/schema', 'office')).collections.map(({ name, fields }) => [name, fields]));
    const rows = await Promise.all(collections.map(async (collection) => (await sample(collection))
      .map((record) => fitting(record, known.get(collection), known)).filter(Boolean)
      .map((record) => ({ ...record, meta: { collection } }))));
    return rows.flat();
  }

  // The same, created one after the other.
  async load(...collections) {
    for (const { meta, ...record } of await this.fitting(...collections)) await this.create(meta.collection, record);
  }

  // Records in one change set, by `ouse import` beside the server. Resolves to what it said.
  async import(collection, records, status = 0) {
    const file = join(dirname(this.config), `${collection}.ndjson`);
    await writeFile(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const done = await ouse('import', '-c', this.config, file).catch((error) => error);
    assert.equal(done.code ?? 0, status, `ouse import ${collection}: expected ${status}, it said\n${done.stdout}${done.stderr}`);
    return `${done.stdout}${done.stderr}`;
  }

  // Changes need the ETag of the record as it is.
  async #condition(path) {
    const { headers } = await this.expect(200, 'GET', path, { as: 'manager' });
    return { 'if-match': headers.get('etag') };
  }

  async patch(path, changes) {
    return (await this.expect(200, 'PATCH', path, { as: 'manager', body: changes, headers: await this.#condition(path) })).body;
  }

  async move(path, to) {
    return (await this.expect(200, 'POST', `${path}/move`, { as: 'manager', body: { to }, headers: await this.#condition(path) })).body;
  }

  async remove(path) {
    await this.expect(204, 'DELETE', path, { as: 'manager', headers: await this.#condition(path) });
  }

  // A write that must be refused: as a problem, with this error, and this `detail` where it is given,
  // among its errors. `record` is the path of the record whose ETag goes with it, where there is one.
  async refuse(status, { pointer, code, detail }, method, path, { record, as = 'manager', ...options } = {}) {
    const headers = record ? await this.#condition(record) : {};
    const response = await this.expect(status, method, path, { as, headers, ...options });
    assert.equal(response.headers.get('content-type'), 'application/problem+json', `${method} ${path}`);
    assert.equal(response.body.status, status, 'expected the document to say the status');
    const error = response.body.errors?.find((one) => one.pointer === pointer && one.code === code);
    assert.ok(error, `${method} ${path}: expected ${code} at "${pointer}", got ${response.text}`);
    if (detail) assert.equal(error.detail, detail, `${method} ${path}`);
    return { ...error, problem: response.body };
  }

  refuseCreate(status, error, collection, record) {
    return this.refuse(status, error, 'POST', collection, { body: record });
  }

  refusePatch(status, error, path, changes) {
    return this.refuse(status, error, 'PATCH', path, { record: path, body: changes });
  }

  refuseMove(status, error, path, to) {
    return this.refuse(status, error, 'POST', `${path}/move`, { record: path, body: { to } });
  }

  refuseRemove(status, error, path) {
    return this.refuse(status, error, 'DELETE', path, { record: path });
  }

  // The warnings of a record as "code field", and their texts.
  async warnings(path) {
    const { meta } = await this.get(path, 'manager');
    const warnings = meta.warnings ?? [];
    return { codes: warnings.map(({ code, field }) => `${code} ${field}`).sort(), texts: warnings.map(({ detail }) => detail) };
  }
}

// The tables under a heading of a page, each as rows of cells, without their heads.
function tables(page, heading) {
  const part = page.split(/^(?=#)/m).find((text) => text.startsWith(`${heading}\n`));
  assert.ok(part, `expected the heading "${heading}" in the page`);
  const blocks = part.match(/(?:^\|.*\n?)+/gm) ?? [];
  return blocks.map((block) => block.trim().split('\n').slice(2)
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim())));
}

const fieldRow = ({ name, type, required, visibility }) =>
  [`\`${name}\`${required ? ' *' : ''}`, visibility === 'office' ? `${type} (office only)` : type];

// The codes with which a plugin's source refuses or warns.
const codes = (text) => [...text.matchAll(/ouse_(?:fail|warn)\([^;]*?"([a-z_]+)",\s*"/g)].map(([, code]) => code);

// Holds a plugin's reference page to what is declared and done: fields and moves of its
// collections, and the codes that its source uses.
export async function holdPage(register, plugin, collections) {
  const page = await source(`plugins/${plugin}/README.md`);
  for (const collection of collections) {
    const { fields, flows = [] } = await register.get(`-/schema/${collection}`, 'office');
    const [told, ...moves] = tables(page, `### ${collection}`);
    assert.deepEqual(told.map(([name, type]) => [name, type]), fields.map(fieldRow), `fields of ${collection}`);
    assert.deepEqual(moves, flows.map((flow) => flow.moves.map(({ from, to, title }) => [from.join(', '), to, title])), `moves of ${collection}`);
  }
  const told = tables(page, '## Rules')[0].map(([code]) => code.replaceAll('`', ''));
  for (const code of codes(await source(`plugins/${plugin}/${plugin}.c`)))
    assert.ok(told.includes(code), `expected the page to tell of ${code}; it tells of ${told}`);
}

// Holds the sample to its form: each line has its id, then fields in declared order, then sources.
export async function holdSample(register, collections) {
  for (const collection of collections) {
    const { fields } = await register.get(`-/schema/${collection}`, 'office');
    const order = ['id', ...fields.map(({ name }) => name), 'sources'];
    for (const record of await sample(collection)) {
      const names = Object.keys(record);
      assert.deepEqual(names, order.filter((name) => names.includes(name)), `${collection}/${record.id}`);
      assert.ok(record.sources?.length > 0, `expected ${collection}/${record.id} to say its sources`);
    }
  }
}
