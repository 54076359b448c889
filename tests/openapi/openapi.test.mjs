// The OpenAPI document against what it describes: two validators hold it to the standard, and the
// answers of a whole sample register are held to its schemas. OUSE_BIN and OUSE_PLUGINS are as for
// tests/http; packages come by `npm ci --prefix tests/openapi`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { built, sample, source, start } from '../http/ouse.mjs';

const packages = fileURLToPath(new URL('node_modules', import.meta.url));
const installed = existsSync(join(packages, 'ajv')) ? {} : { skip: 'npm packages are missing: npm ci --prefix tests/openapi' };
const run = promisify(execFile);
const roles = ['public', 'partner', 'office', 'manager'];
const methods = ['get', 'post', 'put', 'patch', 'delete'];

describe('openapi', { ...built, ...installed }, () => {
  let register, Validator, operations, book;
  const documents = {};

  before(async () => {
    ({ Validator } = await import('@seriousme/openapi-schema-validator'));
    const { Reader, ...document } = await import('./document.mjs');
    ({ operations } = document);
    const [, plugins] = /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'));
    register = await start(...plugins.split(', '));
    await run(process.env.OUSE_BIN, ['import', '-c', register.config, fileURLToPath(new URL('../../conf/sample', import.meta.url))]);
    for (const as of roles) documents[as] = (await register.get('openapi.json', as));
    book = Object.fromEntries(roles.map((as) => [as, new Reader(documents[as])]));
  });

  after(async () => {
    await register.stop();
  });

  // One request. That its answer is as the document of its role says is held by answers.test.mjs.
  async function ask(status, method, path, { as = 'manager', body, raw, headers = {} } = {}) {
    const response = await fetch(new URL(path, `${register.origin}/api/v1/`), {
      method,
      redirect: 'manual',
      headers: {
        ...(as === 'public' ? {} : { authorization: `Bearer ${register.tokens[as]}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    const answer = { status: response.status, headers: response.headers, text: await response.text() };
    assert.equal(answer.status, status, `${method} ${path}: expected ${status}, got ${answer.text}`);
    return answer;
  }

  const names = (document) => document.tags.map(({ name }) => name).filter((name) => document.components.schemas[name]);

  for (const as of roles)
    test(`what the ${as} is told is valid OpenAPI`, async () => {
      const { valid, errors } = await new Validator().validate(structuredClone(documents[as]));
      assert.ok(valid, JSON.stringify(errors));
    });

  // Holds a document to the rules of redocly.
  async function lint(document) {
    const folder = await mkdtemp(join(tmpdir(), 'ouse-openapi-'));
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const said = await run(process.execPath, [join(packages, '@redocly/cli/bin/cli.js'), 'lint', '--format=json', file],
      { cwd: folder, env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }, maxBuffer: 1 << 26 }).catch((error) => error);
    await rm(folder, { recursive: true });
    const { totals, problems } = JSON.parse(said.stdout);
    assert.deepEqual({ ...totals, ignored: 0 }, { errors: 0, warnings: 0, ignored: 0 }, JSON.stringify(problems?.slice(0, 5)));
  }

  for (const as of ['public', 'manager']) test(`redocly finds nothing in what the ${as} is told`, () => lint(documents[as]));

  test('the same is told in the same bytes', async () => {
    const [one, two] = [await register.say('GET', 'openapi.json'), await register.say('GET', 'openapi.json')];
    assert.equal(one.text, two.text);
    assert.notEqual(one.text, (await register.say('GET', 'openapi.json', { as: 'office' })).text);
  });

  // All that a value refers to, by kind and name.
  const references = (value) => [...JSON.stringify(value).matchAll(/"#\/components\/([^"]*)"/g)].map(([, place]) => place);

  for (const as of ['public', 'manager'])
    test(`a group is told as all of it is, with what it uses and nothing else: ${as}`, async () => {
      const whole = documents[as], { securitySchemes, ...others } = whole.components, told = {};
      for (const { name } of whole.tags) {
        const { paths, components: { securitySchemes: schemes, ...components }, ...head } = await register.get(`openapi.json?tag=${name}`, as);
        assert.deepEqual({ ...head, schemes }, { openapi: whole.openapi, info: whole.info, servers: whole.servers, security: whole.security, tags: whole.tags, schemes: securitySchemes }, name);
        for (const [path, item] of Object.entries(paths)) {
          for (const { tags } of Object.values(item)) assert.deepEqual(tags, [name], path);
          assert.equal(told[path], undefined, `${path} is told twice`);
          told[path] = item;
        }
        const used = new Set(references(paths));
        for (const place of used) for (const further of references(others[place.split('/')[0]][place.split('/')[1]])) used.add(further);
        const shown = Object.entries(components).flatMap(([kind, members]) => Object.keys(members).map((member) => `${kind}/${member}`));
        assert.deepEqual(shown.sort(), [...used].sort(), name);
        for (const place of shown) {
          const [kind, member] = place.split('/');
          assert.deepEqual(components[kind][member], others[kind][member], place);
        }
      }
      assert.deepEqual(told, whole.paths);
    });

  test('two validators find nothing in what is told of a group', async () => {
    for (const name of ['register', 'projects', 'expressions']) {
      const document = await register.get(`openapi.json?tag=${name}`);
      const { valid, errors } = await new Validator().validate(structuredClone(document));
      assert.ok(valid, `${name}: ${JSON.stringify(errors)}`);
      await lint(document);
    }
  });

  test('says which groups there are, to who asks for another', async () => {
    for (const tag of ['nothing', 'project', 'projects"],"x":["', 'projectss', '..']) {
      const { text } = await ask(400, 'GET', `openapi.json?tag=${encodeURIComponent(tag)}`, { as: 'public' });
      const names = documents.public.tags.map(({ name }) => name).join(', ');
      assert.equal(JSON.parse(text).errors[0].detail, `tag: there is no group "${tag}"; the groups are ${names}`);
    }
    await ask(400, 'GET', 'openapi.json?tag=', { as: 'public' });
    await ask(400, 'GET', 'openapi.json?tga=projects', { as: 'public' });
    assert.ok(!JSON.stringify(await register.get('openapi.json?tag=people')).includes('"email"'), 'expected nothing of the office');
  });

  // Beside the tests' fetch, which would unpack it.
  const raw = (path, headers = {}) => new Promise((resolve, reject) => {
    request(new URL(path, `${register.origin}/api/v1/`), { headers, agent: false }, (reply) => {
      const pieces = [];
      reply.on('data', (piece) => pieces.push(piece)).on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, body: Buffer.concat(pieces) }));
    }).on('error', reject).end();
  });

  test('is kept by clients as long as it is the same', async () => {
    const tags = new Set();
    for (const path of ['openapi.json', 'openapi.json?tag=projects']) {
      const plain = await raw(path), packed = await raw(path, { 'accept-encoding': 'gzip' });
      assert.deepEqual([plain.headers['content-encoding'], packed.headers['content-encoding']], [undefined, 'gzip']);
      assert.deepEqual(gunzipSync(packed.body), plain.body, path);
      assert.match(packed.headers.vary, /Accept-Encoding/);
      for (const { headers } of [plain, packed]) {
        assert.match(headers.etag, /^"[0-9a-f]{16}(-gzip)?"$/);
        tags.add(headers.etag);
        const { status, body } = await raw(path, { 'if-none-match': headers.etag, ...(headers['content-encoding'] ? { 'accept-encoding': 'gzip' } : {}) });
        assert.deepEqual([status, body.length], [304, 0], path);
      }
    }
    tags.add((await raw('openapi.json', { authorization: `Bearer ${register.tokens.office}` })).headers.etag);
    assert.equal(tags.size, 5, 'expected a tag of its own for each');
  });

  test('who may do what is told by roles', async () => {
    const may = (document, method, path) => document.paths[path][method].security?.map(({ bearer }) => bearer.join());
    const above = { public: undefined, partner: ['partner', 'office', 'manager'], office: ['office', 'manager'], manager: ['manager'] };
    assert.deepEqual(documents.public.security, [{}, { bearer: [] }]);
    assert.deepEqual(may(documents.public, 'get', '/api/v1/people'), above.public);
    assert.deepEqual(may(documents.public, 'post', '/api/v1/people'), above.manager);
    assert.deepEqual(may(documents.public, 'post', '/api/v1/expressions'), above.public);
    assert.deepEqual(may(documents.office, 'get', '/api/v1/expressions'), above.office);
    assert.deepEqual(may(documents.public, 'post', '/api/v1/-/batch'), above.partner);
    assert.deepEqual(may(documents.public, 'post', '/api/v1/people/{id}/merge'), above.manager);
    const { collections } = await register.get('-/schema', 'manager');
    for (const { name, flows } of collections.filter(({ flows: all }) => all.length)) {
      const { security, description } = documents.manager.paths[`/api/v1/${name}/{id}/move`].post;
      const moves = flows.flatMap((flow) => flow.moves), [least] = Object.keys(above).filter((role) => moves.some((move) => move.role === role));
      assert.deepEqual(security.map(({ bearer }) => bearer.join()), above[least], name);
      for (const { from, to, role } of moves) assert.ok(description.includes(`${from.join(' or ')} to ${to} (${role})`), `${name}: ${description}`);
    }
  });

  // Whoever is named may, and whoever has less may not.
  test('who is told to may, does', async () => {
    await register.create('schemes', { id: 'asked', title: 'Asked', state: 'published', audience: ['any'] });
    await register.create('cohorts', { id: 'asked', scheme: 'asked', opens: '2020-01-01' });
    const [example] = documents.public.components.schemas['expressions.new'].examples;
    await ask(201, 'POST', 'expressions', { as: 'public', body: { ...example, cohort: 'asked' } });
    for (const as of roles) {
      const { status } = await register.say('POST', 'people?dry_run=true', { as, body: { name: 'Ada' } });
      assert.equal(status, { public: 401, partner: 403, office: 403, manager: 200 }[as], as);
      const batch = await register.say('POST', '-/batch', { as, body: { operations: [] } });
      assert.equal(batch.status, as === 'public' ? 401 : 422, as);
      const seen = (await register.get('expressions', as)).data.length;
      assert.equal(seen > 0, ['office', 'manager'].includes(as), as);
    }
  });

  test('operations are called by names of their own', () => {
    const ids = operations(documents.manager).map(({ operationId }) => operationId);
    assert.deepEqual(ids.filter((id, i) => ids.indexOf(id) !== i), []);
  });

  test('each path has the methods that are told of it', async () => {
    for (const [path, item] of Object.entries(documents.manager.paths)) {
      const { headers } = await fetch(register.origin + path.replace(/\{\w+\}/g, 'an-id'), { method: 'OPTIONS' });
      const allowed = headers.get('allow').split(', ').filter((method) => !['HEAD', 'OPTIONS'].includes(method));
      assert.deepEqual(methods.filter((method) => item[method]).map((method) => method.toUpperCase()).sort(), allowed.sort(), path);
    }
  });

  test('what somebody may not see is not named to them', async () => {
    const { collections } = await register.get('-/schema', 'office');
    const office = collections.flatMap(({ name, fields }) => fields.filter(({ visibility }) => visibility === 'office').map((field) => [name, field.name]));
    assert.ok(office.length > 0, 'expected fields for the office in the sample');
    for (const [collection, field] of office) {
      assert.ok(documents.office.components.schemas[collection].properties[field], `${collection}.${field} is for the office`);
      for (const as of ['public', 'partner']) {
        const { paths, components: { schemas } } = documents[as];
        for (const schema of [collection, `${collection}.changes`])
          assert.equal(schemas[schema]?.properties[field], undefined, `${schema}.${field} is named to the ${as}`);
        assert.ok(!paths[`/api/v1/${collection}`].get?.parameters.some(({ name }) => name === field), `filter ${field}`);
      }
    }
    assert.deepEqual(Object.keys(documents.public.paths).filter((path) => path.startsWith('/api/v1/expressions')), ['/api/v1/expressions']);
    assert.deepEqual(Object.keys(documents.public.paths['/api/v1/expressions']), ['post']);
    assert.equal(documents.public.components.schemas.expressions, undefined);
  });

  test('examples are of the schemas that they are in', () => {
    const { schemas } = documents.manager.components;
    const shown = Object.entries(schemas).flatMap(([name, { examples = [] }]) => examples.map((example) => [name, example]));
    assert.ok(shown.length > 30, `expected examples of most collections, got ${shown.length}`);
    for (const [name, example] of shown)
      assert.deepEqual(book.manager.flaws(`components/schemas/${name}`, example), [], name);
  });

  // The first record of each collection that has any, as somebody sees it.
  async function records(as) {
    const found = {};
    for (const name of names(documents[as]))
    {
      const { data } = JSON.parse((await ask(200, 'GET', `${name}?limit=200`, { as })).text);
      for (const record of data) assert.deepEqual(book[as].flaws(`components/schemas/${name}`, record), [], `${name}/${record.id}`);
      [found[name]] = data;
    }
    return Object.entries(found).filter(([, record]) => record);
  }

  for (const as of ['public', 'manager'])
    test(`records, lists and histories are as the ${as} is told`, async () => {
      const all = await records(as);
      assert.ok(all.length > 20, `expected records of most collections, got ${all.length}`);
      for (const [name, { id }] of all) {
        const { headers } = await ask(200, 'GET', `${name}/${id}`, { as });
        await ask(304, 'GET', `${name}/${id}`, { as, headers: { 'if-none-match': headers.get('etag') } });
        await ask(200, 'GET', `${name}/${id}/revisions`, { as });
        await ask(200, 'GET', `${name}/${id}/revisions/1`, { as });
        for (const accept of ['text/csv', 'application/x-ndjson'])
          for (const path of [name, `${name}/${id}`]) await ask(200, 'GET', path, { as, headers: { accept } });
      }
    });

  // What a refusal says that there is, in an order of its own.
  const listed = (text, before) => JSON.parse(text).detail.split(before)[1].split(', ').sort();

  for (const as of ['public', 'manager'])
    test(`lists can be asked by what the ${as} is told`, async () => {
      for (const name of names(documents[as])) {
        const { parameters } = documents[as].paths[`/api/v1/${name}`].get;
        const told = parameters.map((one) => one.name ?? documents[as].components.parameters[one.$ref.split('/').at(-1)].name);
        const plain = told.filter((one) => !one.includes('[') || one === 'id[in]').map((one) => one.replace('[in]', ''));
        const { text } = await ask(400, 'GET', `${name}?no-such-parameter-at-all=1`, { as });
        assert.deepEqual([...plain].sort(), listed(text, 'the known ones are '), name);
        for (const field of plain.slice(10)) {
          const { errors: [{ detail }] } = JSON.parse((await ask(400, 'GET', `${name}?${field}[no-such]=1`, { as })).text);
          assert.deepEqual(told.filter((one) => one.startsWith(`${field}[`)).map((one) => /\[(.*)\]/.exec(one)[1]).sort(),
            detail.split('it accepts: ')[1].split(', ').sort(), `${name} ${field}`);
        }
      }
    });

  test('what is asked for beside the records is as it is told', async () => {
    await ask(200, 'GET', 'projects?sort=-title&count=exact&fields=title&facet=state&expand=leads,pillar.hub', { as: 'public' });
    await ask(200, 'GET', 'projects/ageing-well?fields=title,leads&expand=leads,pillar.hub', { as: 'public' });
    await ask(200, 'GET', 'awards/-/summary?group=funder,kind&sum=amount', { as: 'public' });
    await ask(400, 'GET', 'awards/-/summary?sum=title', { as: 'public' });
  });

  test('identifiers lead to records', async () => {
    const [organisation] = await sample('organisations');
    const { id, sources, ...fields } = organisation;
    await ask(201, 'POST', 'organisations', { body: { ...fields, name: 'Another', identifiers: [{ scheme: 'ods', value: 'ZZ1' }] } });
    const { headers } = await ask(200, 'GET', 'organisations/-/by/ods/ZZ1');
    await ask(304, 'GET', 'organisations/-/by/ods/ZZ1', { headers: { 'if-none-match': headers.get('etag') } });
    await ask(404, 'GET', 'organisations/-/by/ods/ZZZZ9');
  });

  test('computed endpoints answer what they say', async () => {
    await register.create('indicators', { programme: 'cancer', name: 'Days to a diagnosis', observations: [{ on: '2026', value: 37 }] }); // the sample has none
    const first = Object.fromEntries(await records('public'));
    const computed = operations(documents.public).filter(({ method, operationId }) => method === 'get' && operationId.startsWith('get.'));
    assert.ok(computed.length > 10, `expected the endpoints of the plugins, got ${computed.length}`);
    const values = { q: 'research', of: 'projects/ageing-well' };
    for (const { path, tags: [tag], operationId, parameters, responses } of computed) {
      assert.ok(responses[200].content, `expected ${operationId} to say what it answers`);
      const at = path.replace('{id}', first[tag]?.id);
      const needed = parameters.filter(({ in: where, required }) => where === 'query' && required).map(({ name }) => `${name}=${values[name]}`).join('&');
      await ask(200, 'GET', needed ? `${at}?${needed}` : at, { as: 'public' });
      await ask(400, 'GET', `${at}?no_such_parameter=1`, { as: 'public' });
      if (at !== path) await ask(404, 'GET', path.replace('{id}', 'no-such-record'), { as: 'public' });
    }
  });

  test('the register as a whole answers what it says', async () => {
    for (const path of ['', '-/whoami', '-/schema', '-/schema/people', '-/plugins', '-/changes', '-/changes/summary', '-/changes/summary?since=2w&type=people&count=exact', '/healthz', '/readyz', '/version'])
      await ask(200, 'GET', path === '' ? '/api/v1' : path);
    await ask(404, 'GET', '-/schema/nothing');
    await ask(400, 'GET', '-/changes?sinse=1');
    await ask(400, 'GET', '-/changes/summary?since=yesterday');
    await ask(401, 'GET', '-/whoami', { as: 'public', headers: { authorization: 'Bearer ouse_nobody' } });
    await ask(200, 'POST', '-/batch', { body: { operations: [{ op: 'create', collection: 'people', id: 'bea', data: { name: 'Bea' } }] } });
    await ask(422, 'POST', '-/batch', { body: { operations: [] } });
    await ask(401, 'POST', '-/batch', { as: 'public', body: { operations: [] } });
    const csv = { 'content-type': 'text/csv' };
    await ask(200, 'POST', '-/import?collection=people&dry_run=true', { raw: 'id,name\nrow,Row\n', headers: csv });
    await ask(422, 'POST', '-/import?collection=people', { raw: 'id,nam\nrow,Row\n', headers: csv });
    await ask(400, 'POST', '-/import', { raw: 'id\n', headers: csv });
    await ask(403, 'POST', '-/import?collection=people', { as: 'office', raw: 'id\n', headers: csv });
    await ask(422, 'POST', '-/import?collection=people', { body: {} });
    await ask(415, 'POST', '-/import?collection=people', { raw: 'id\n', headers: { 'content-type': 'text/plain' } });
  });

  test('a state machine moves as it is told', async () => {
    const { flows: [{ field, moves }] } = await register.get('-/schema/hubs', 'manager');
    const [{ id, [field]: state }] = (await register.get('hubs', 'manager')).data;
    const { to } = moves.find(({ from }) => from.includes(state));
    const { headers } = await ask(200, 'GET', `hubs/${id}`);
    await ask(200, 'POST', `hubs/${id}/move?dry_run=true`, { body: { to }, headers: { 'if-match': headers.get('etag') } });
    await ask(428, 'POST', `hubs/${id}/move`, { body: { to } });
    await ask(412, 'POST', `hubs/${id}/move`, { body: { to }, headers: { 'if-match': '"0"' } });
    await ask(401, 'POST', `hubs/${id}/move`, { as: 'public', body: { to } });
  });

  test('everybody may show an interest, and sees no more than its id', async () => {
    await register.create('schemes', { id: 'course', title: 'Course', state: 'published', audience: ['any'] });
    await register.create('cohorts', { id: 'round', scheme: 'course', opens: '2020-01-01' });
    const [example] = documents.public.components.schemas['expressions.new'].examples;
    const { text } = await ask(201, 'POST', 'expressions', { as: 'public', body: { ...example, cohort: 'round' } });
    assert.deepEqual(Object.keys(JSON.parse(text)), ['id']);
  });

  test('the life of a record is as it is told', async () => {
    const { headers, text } = await ask(201, 'POST', 'people', { body: { name: 'Ada Example' } });
    const path = `people/${JSON.parse(text).id}`;
    await ask(409, 'POST', 'people', { body: { id: path.slice(7), name: 'Ada Example' } });
    await ask(200, 'PUT', path, { body: { name: 'Ada' }, headers: { 'if-match': headers.get('etag') } });
    await ask(201, 'PUT', 'people/ben', { body: { name: 'Ben' }, headers: { 'if-none-match': '*' } });
    await ask(412, 'PUT', 'people/ben', { body: { name: 'Ben' }, headers: { 'if-none-match': '*' } });
    const etag = async (at) => ({ 'if-match': (await ask(200, 'GET', at)).headers.get('etag') });
    await ask(200, 'PATCH', path, { raw: '[{"op":"replace","path":"/name","value":"A"}]',
      headers: { 'content-type': 'application/json-patch+json', ...await etag(path) } });
    await ask(409, 'POST', 'hubs/blmk-research-innovation-hub/move', { body: { to: 'nowhere' }, headers: await etag('hubs/blmk-research-innovation-hub') });
    await ask(422, 'POST', 'hubs/blmk-research-innovation-hub/move', { body: {}, headers: await etag('hubs/blmk-research-innovation-hub') });
    await ask(200, 'POST', 'people/ben/merge', { body: { into: path.slice(7) } });
    await ask(308, 'GET', 'people/ben');
    await ask(308, 'GET', 'people/ben/roles');
    await ask(422, 'POST', `${path}/merge`, { body: {} });
    await ask(401, 'POST', `${path}/merge`, { as: 'public', body: {} });
    await ask(403, 'POST', `${path}/merge`, { as: 'office', body: {} });
    await ask(404, 'GET', `${path}/revisions/99`);
    await ask(200, 'GET', 'people/ben/revisions');
    await ask(204, 'DELETE', path, { headers: await etag(path) });
    await ask(410, 'GET', path);
    await ask(410, 'GET', `${path}/roles`);
    await ask(200, 'GET', `${path}/revisions`);
  });
});
