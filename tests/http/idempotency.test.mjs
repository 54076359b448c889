// Idempotency-Key: a request that is sent again is answered again, and done once.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { expect, open, refused } from './kitchen.mjs';

let say, server;
before(async () => { server = await open(); say = server.say; });
after(() => server.stop());

const as = 'manager';
const post = (path, body, key, more) => say('POST', path, { as, body, key, ...more });
const names = async (collection, as_ = as) => (await say('GET', `${collection}?limit=200`, { as: as_ })).json.data.map(({ id }) => id);
const replayed = (reply) => reply.header('idempotency-replayed') === 'true';

// Expects the second answer to be the first one, marked.
function same(first, second) {
  assert.ok(!replayed(first), 'expected the first answer not to be marked');
  assert.ok(replayed(second), `expected the second answer to be the first one, got ${second.status} ${second.text}`);
  assert.equal(second.status, first.status);
  assert.equal(second.text, first.text);
  for (const name of ['etag', 'location', 'content-type']) assert.equal(second.header(name), first.header(name), name);
}

test('a create is done once', async () => {
  const first = expect(await post('dishes', { name: 'Stew' }, 'k-1'), 201);
  same(first, await post('dishes', { name: 'Stew' }, 'k-1'));
  expect(await say('PATCH', 'dishes/stew', { as, body: { serves: 3 }, match: first.header('etag') }), 200);
  same(first, await post('dishes', { name: 'Stew' }, 'k-1')); // what was answered then, whatever came since
  assert.deepEqual(await names('dishes'), ['stew']);
  expect(await post('dishes', { name: 'Stew' }, 'k-1-other'), 201);
  expect(await post('dishes', { name: 'Stew' }), 201);
  assert.deepEqual(await names('dishes'), ['stew', 'stew-2', 'stew-3']);
});

test('a key is of one request and one caller', async () => {
  expect(await post('cooks', { name: 'Ana' }, '"k-2"'), 201);
  refused(await post('cooks', { name: 'Ann' }, '"k-2"'), 422, { detail: 'another request' });
  refused(await post('suppliers', { name: 'Ana' }, '"k-2"'), 422);
  refused(await post('-/batch', { operations: [{ op: 'create', collection: 'cooks', data: { name: 'Ana' } }] }, '"k-2"'), 422);
  expect(await post('wishes', { text: 'Ana' }, '"k-2"', { as: 'partner' }), 201);
  expect(await post('wishes', { text: 'Ana' }, '"k-2"', { as: undefined }), 201);
  assert.deepEqual(await names('cooks'), ['ana']);
});

test('of anonymous callers, a key is of one address', async () => {
  const from = (localAddress, text) => new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'k-anonymous' };
    request(`${server.url}/api/v1/wishes`, { method: 'POST', localAddress, headers }, (reply) => {
      reply.resume();
      resolve([reply.statusCode, reply.headers['idempotency-replayed']]);
    }).on('error', reject).end(JSON.stringify({ text }));
  });
  assert.deepEqual(await from('127.0.0.1', 'Ana'), [201, undefined]);
  assert.deepEqual(await from('127.0.0.2', 'Bob'), [201, undefined], 'expected nothing to be known of the key of another client');
  assert.deepEqual(await from('127.0.0.3', 'Ana'), [201, undefined], 'expected no answer of another client');
  assert.deepEqual(await from('127.0.0.1', 'Ana'), [201, 'true']);
  assert.deepEqual(await from('127.0.0.1', 'Eve'), [422, undefined]);
});

test('what failed is tried anew', async () => {
  refused(await post('dishes', { name: 'Pie', supplier: 'mill' }, 'k-3'), 422);
  expect(await post('suppliers', { id: 'mill', name: 'Mill' }), 201);
  const first = expect(await post('dishes', { name: 'Pie', supplier: 'mill' }, 'k-3'), 201);
  same(first, await post('dishes', { name: 'Pie', supplier: 'mill' }, 'k-3'));
  refused(await post('dishes', { name: 7 }, 'k-4'), 422);
  expect(await post('dishes', { name: 'Seven' }, 'k-4'), 201);
});

test('batches, moves and actions of plugins are done once', async () => {
  const operations = [{ op: 'create', collection: 'orders', id: 'o', data: { title: 'O' } }, { op: 'create', collection: 'suppliers', data: { name: 'Twin' } },
    { op: 'create', collection: 'suppliers', data: { name: 'Twin' } }];
  const batch = expect(await post('-/batch', { operations }, 'k-5'), 200);
  same(batch, await post('-/batch', { operations }, 'k-5'));
  const move = expect(await post('orders/o/move', { to: 'placed' }, 'k-6', { match: batch.json.results[0].etag }), 200);
  same(move, await post('orders/o/move', { to: 'placed' }, 'k-6', { match: batch.json.results[0].etag }));
  const merge = expect(await post('suppliers/twin-2/merge', { into: 'twin' }, 'k-7'), 200);
  same(merge, await post('suppliers/twin-2/merge', { into: 'twin' }, 'k-7'));
});

test('of many at a time one is done, and all are answered alike', async () => {
  const replies = await Promise.all(Array.from({ length: 20 }, () => post('cooks', { name: 'Crowd' }, 'k-8')));
  for (const reply of replies) assert.equal(expect(reply, 201).text, replies[0].text);
  assert.equal(replies.filter(replayed).length, 19);
  assert.ok(!(await names('cooks')).includes('crowd-2'));
});

test('a dry run neither keeps nor takes an answer', async () => {
  expect(await post('cooks?dry_run=true', { name: 'Dry' }, 'k-9'), 200);
  expect(await post('cooks', { name: 'Dry' }, 'k-9'), 201);
  const again = expect(await post('cooks?dry_run=true', { name: 'Dry' }, 'k-9'), 200);
  assert.ok(!replayed(again));
  assert.equal(again.json.id, 'dry-2');
});

test('what a key may be', async () => {
  expect(await post('cooks', { name: 'Long' }, 'x'.repeat(255)), 201);
  for (const key of ['x'.repeat(256), 'caf\u00e9', '']) refused(await post('cooks', { name: 'x' }, key), 400, { detail: 'Idempotency-Key' });
});

test('elsewhere than on POST a key says nothing', async () => {
  const { json, header } = expect(await post('cooks', { name: 'Put' }, 'k-10'), 201);
  const put = (name, match) => say('PUT', `cooks/${json.id}`, { as, body: { name }, match, key: 'k-10' });
  assert.equal(expect(await put('Put 2', header('etag')), 200).json.name, 'Put 2');
  refused(await put('Put 2', header('etag')), 412);
});
