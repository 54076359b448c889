// What the document says that an operation may answer beside what was asked for, brought about: for
// one operation of each kind, every status that a client can have by what it asks. That the answers
// are what the document says is held by answers.test.mjs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { built, source, start } from '../http/ouse.mjs';

const packages = fileURLToPath(new URL('node_modules/ajv', import.meta.url));
const skip = built.skip ?? (existsSync(packages) ? undefined : 'npm packages are missing: npm ci --prefix tests/openapi');
const sample = fileURLToPath(new URL('../../conf/sample', import.meta.url));
const json = 'application/json';
const large = JSON.stringify('x'.repeat(1 << 20));

// Each way says what is different about a request that would do; `undefined` where the operation
// cannot be refused so.
const ways = {
  304: ({ etag }) => etag && { headers: { 'if-none-match': etag } },
  308: ({ merged }) => merged && { id: merged },
  400: ({ method }) => (method === 'get' || method === 'delete' ? { query: 'no-such-parameter-at-all=1' } : { body: '{' }),
  401: () => ({ headers: { authorization: 'Bearer ouse_nobody' } }),
  403: () => ({ as: 'office' }),
  404: () => ({ id: 'no-such-record' }),
  406: () => ({ headers: { accept: 'image/png' } }),
  410: ({ removed }) => removed && { id: removed },
  412: () => ({ headers: { 'if-match': '"0"' } }),
  413: ({ requestBody }) => requestBody && { body: large },
  415: () => ({ headers: { 'content-type': 'text/plain' } }),
  422: () => ({ body: '{"no_such_field":1}' }),
  428: () => ({ headers: { 'if-match': undefined } }),
};

// Operations of these kinds are asked of another collection than people.
const collections = { '*.move': 'hubs', '*.lookup': 'organisations' };

// What is said in a request that would do, where that is more than nothing.
const bodies = { move: { to: 'nowhere' }, revert: { to: 1 } };

// Where the way of the status is not the operation's.
const special = {
  '*.replace 409': ({ merged }) => ({ id: merged, headers: { 'if-match': undefined, 'if-none-match': '*' } }),
  'register.declaration 404': () => ({ id: 'nothing' }),
  'register.batch 403': ({ people }) => ({ as: 'office', body: { operations: [{ op: 'remove', collection: 'people', id: people.live, if_match: '*' }] } }),
  'register.batch 404': () => ({ body: { operations: [{ op: 'remove', collection: 'people', id: 'no-such-record', if_match: '*' }] } }),
  'register.batch 410': ({ people }) => ({ body: { operations: [{ op: 'remove', collection: 'people', id: people.removed, if_match: '*' }] } }),
  'register.batch 412': ({ people }) => ({ body: { operations: [{ op: 'remove', collection: 'people', id: people.live, if_match: '"0"' }] } }),
  'register.batch 428': ({ people }) => ({ body: { operations: [{ op: 'remove', collection: 'people', id: people.live }] } }),
  'register.batch 422': () => ({ body: { operations: [] } }),
  'register.import 400': () => ({ body: '', query: 'no-such-parameter-at-all=1' }),
  'register.import 409': () => ({ collection: 'allocations', body: 'award,target,amount\nnhs-england-blmk-hub,pillars/safeguarding,4000000\n' }),
  'register.import 413': () => undefined, // 64 MiB are more than a client without a rest gets rid of
  'register.import 422': () => ({ body: 'id,no_such_field\nx,y\n' }),
};

describe('refusals', { skip }, () => {
  let register, known, kind, operations;
  const people = {}, records = {}; // by collection: ids { live, removed, merged }

  before(async () => {
    ({ kind, operations } = await import('./document.mjs'));
    const [, plugins] = /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'));
    register = await start(...plugins.split(', '));
    await promisify(execFile)(process.env.OUSE_BIN, ['import', '-c', register.config, sample]);
    known = operations(await register.get('openapi.json', 'manager'));
    for (const collection of new Set(known.map(({ path }) => collectionOf(path)).filter(Boolean)))
      records[collection] = await lives(collection);
    Object.assign(people, records.people);
  });

  after(() => register.stop());

  const collectionOf = (path) => /^\/api\/v1\/([a-z-]+)\/\{id\}/.exec(path)?.[1];

  // A record like one that is there, but for what only one may have; or with what is required alone.
  async function twin(collection, id) {
    const [first] = (await register.get(collection, 'manager')).data;
    const { fields, flows = [] } = await register.get(`-/schema/${collection}`, 'manager');
    const states = new Set(flows.map(({ field }) => field));
    const kept = fields.filter(({ name, type, system, unique, scheme }) =>
      first?.[name] !== undefined && !system && !unique && !scheme && type !== 'ids' && !states.has(name));
    for (const some of [kept, kept.filter(({ required }) => required)]) {
      const body = { id, ...Object.fromEntries(some.map(({ name }) => [name, first[name]])) };
      if ((await register.say('POST', collection, { as: 'manager', body })).status === 201) return id;
    }
    return undefined;
  }

  // One record that is there, one that was, and one that went into another where that can be.
  async function lives(collection) {
    const [first] = (await register.get(collection, 'manager')).data;
    const removed = await twin(collection, 'removed-one');
    if (removed) await register.remove(`${collection}/${removed}`);
    const merges = known.some(({ operationId }) => operationId === `post.${collection}.id.merge`);
    const merged = merges ? await twin(collection, 'merged-one') : undefined;
    if (merged) await register.expect(200, 'POST', `${collection}/${merged}/merge`, { as: 'manager', body: { into: first.id } });
    return { live: first?.id, removed, merged };
  }

  // A request that would do, by the document; what is different about it goes over that.
  async function ask({ path, method, requestBody }, { live }, { id = live, as = 'manager', collection = 'people', query, body, headers = {} }) {
    const types = Object.keys(requestBody?.content ?? {});
    const filled = path.replace('{id}', id).replace('{n}', '1').replace('{scheme}', 'ods').replace('{value}', 'NONE').replace('{collection}', id ?? 'people');
    const asked = { ...(path === '/api/v1/-/import' ? { collection, mode: 'create' } : {}) };
    const all = {
      authorization: `Bearer ${register.tokens[as]}`,
      ...(types.length ? { 'content-type': types[0] } : {}),
      ...(method === 'get' ? {} : { 'if-match': '*' }),
      ...headers,
    };
    const sent = types.length ? body ?? bodies[path.split('/').at(-1)] ?? {} : undefined;
    return fetch(`${register.origin}${filled}?${[new URLSearchParams(asked), query].filter(String).join('&')}`, {
      method: method.toUpperCase(),
      redirect: 'manual',
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
      body: typeof sent === 'object' ? JSON.stringify(sent) : sent,
    });
  }

  test('are answered with their status', async () => {
    const tried = new Set(), told = [];
    for (const operation of known) {
      const name = kind(operation);
      const collection = collectionOf(operation.path);
      if (tried.has(name) || (name.startsWith('*') && !operation.operationId.startsWith(`${collections[name] ?? 'people'}.`))) continue;
      tried.add(name);
      const record = records[collection] ?? {};
      const etag = operation.responses[304] && record.live ? (await ask(operation, record, {})).headers.get('etag') : undefined;
      for (const status of Object.keys(operation.responses)) {
        const way = (special[`${name} ${status}`] ?? ways[status])?.({ ...operation, ...record, etag, people });
        if (!way) continue;
        const response = await ask(operation, record, way).catch((error) => assert.fail(`${name} ${status}: ${error.cause ?? error}`));
        const text = await response.text();
        if (String(response.status) !== status) told.push(`${name}: expected ${status}, got ${response.status} ${text.slice(0, 200)}`);
      }
    }
    assert.deepEqual(told, []);
  });
});
