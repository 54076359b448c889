// Many operations in one transaction: what they see of each other, and what becomes of all when one fails.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expect, open, refused } from './kitchen.mjs';

let say, server;
before(async () => { server = await open(); say = server.say; });
after(() => server.stop());

const as = 'manager';
const batch = (operations, more = {}, query = '') => say('POST', `-/batch${query}`, { as, body: { operations }, ...more });
const make = async (collection, body) => expect(await say('POST', collection, { as, body }), 201);
const create = (collection, data, more) => ({ op: 'create', collection, data, ...more });

test('operations of every kind, in order, each on what those before it left', async () => {
  const old = await make('dishes', { id: 'old', name: 'Old' });
  await make('dishes', { id: 'gone', name: 'Gone' });
  const { json } = expect(await batch([
    create('orders', { id: 'o1', title: 'One', dish: 'soup' }), // refers to what comes later
    create('dishes', { name: 'Soup' }),
    { op: 'patch', collection: 'dishes', id: 'soup', data: { serves: 4 }, if_match: '*' },
    { op: 'patch', collection: 'dishes', id: 'soup', data: [{ op: 'test', path: '/serves', value: 4 }, { op: 'add', path: '/tags', value: ['hot'] }], if_match: '*' },
    { op: 'replace', collection: 'dishes', id: 'old', data: { name: 'Older' }, if_match: old.header('etag') },
    { op: 'move', collection: 'orders', id: 'o1', to: 'placed', data: { table: 7 }, if_match: '*' },
    { op: 'remove', collection: 'dishes', id: 'gone', if_match: '*' },
  ]), 200);
  assert.deepEqual(json.results.map(({ status, collection, id }) => `${status} ${collection}/${id}`), ['201 orders/o1', '201 dishes/soup',
    '200 dishes/soup', '200 dishes/soup', '200 dishes/old', '200 orders/o1', '204 dishes/gone']);
  const [order, soup, , , older, , gone] = json.results;
  assert.deepEqual([order.record.state, order.record.table, soup.record.serves, soup.record.tags, soup.record.meta.revision, older.record.name],
    ['placed', 7, 4, ['hot'], 3, 'Older']);
  assert.ok(!('record' in gone) && !('etag' in gone), 'expected no record where it was removed');
  const read = expect(await say('GET', 'dishes/soup', { as }), 200);
  assert.equal(soup.etag, read.header('etag'), 'expected the ETag with which the record can be changed next');
  assert.deepEqual(soup.record, read.json);
  expect(await say('PATCH', 'dishes/soup', { as, body: { serves: 5 }, match: soup.etag }), 200);
  refused(await say('GET', 'dishes/gone'), 410);
});

test('one that fails keeps all from happening', async () => {
  const before = (await say('GET', '-/changes?limit=200', { as })).json.page.next;
  refused(await batch([create('dishes', { id: 'never', name: 'Never' }), create('dishes', { id: 'wrong', name: '', serves: 0 })]), 422,
    { pointer: '/operations/1/data/serves' });
  refused(await say('GET', 'dishes/never'), 404);
  assert.equal((await say('GET', '-/changes?limit=200', { as })).json.page.next, before, 'expected nothing in the journal');
});

test('rules are checked at the end, whatever the order of the operations', async () => {
  const patch = (collection, id, data) => ({ op: 'patch', collection, id, data, if_match: '*' });
  const remove = (collection, id) => ({ op: 'remove', collection, id, if_match: '*' });
  const [one, two] = ['0000-0002-1825-0097', '0000-0001-5109-3700'];
  await make('cooks', { id: 'first', name: 'First', orcid: one });
  await make('cooks', { id: 'second', name: 'Second', orcid: two });
  expect(await batch([patch('cooks', 'first', { orcid: two }), patch('cooks', 'second', { orcid: one })]), 200);
  assert.equal((await say('GET', `cooks/-/by/orcid/${one}`, { as })).json.id, 'second');
  assert.equal((await say('GET', `cooks/-/by/orcid/${two}`, { as })).json.id, 'first');
  const taken = refused(await batch([create('cooks', { name: 'Third' }), patch('cooks', 'first', { orcid: one }), patch('cooks', 'second', { name: 'Still' })]), 409,
    { pointer: '/operations/1/data/orcid', code: 'unique' });
  assert.deepEqual(taken.json.errors.map((it) => it.detail), [`cooks/second already has orcid "${one}"`]);

  await make('suppliers', { id: 'mill', name: 'Mill' });
  await make('dishes', { id: 'bread', name: 'Bread', supplier: 'mill' });
  refused(await batch([remove('suppliers', 'mill'), create('dishes', { name: 'Bun', supplier: 'mill' }), remove('dishes', 'bread')]), 409,
    { pointer: '/operations/1/data/supplier', code: 'gone' });
  const kept = refused(await batch([create('cooks', { name: 'Fourth' }), remove('suppliers', 'mill')]), 409, { pointer: '/operations/1/data', code: 'referred_to' });
  assert.match(kept.json.errors[0].detail, /^suppliers\/mill is referred to from 1 place/);
  const { json } = expect(await batch([remove('suppliers', 'mill'), remove('dishes', 'bread')]), 200);
  assert.deepEqual(json.results.map(({ status }) => status), [204, 204]);
});

const stale = '"ffffff"';
const failures = [
  ['a field that is wrong', create('dishes', { name: 7 }), 422, '/operations/1/data/name'],
  ['a reference to nothing, found at the end', create('dishes', { name: 'x', tasters: ['no-such'] }), 422, '/operations/1/data/tasters/0', 'not_found'],
  ['an id that is taken', create('dishes', { name: 'x' }, { id: 'there' }), 409, '/operations/1/id', 'exists'],
  ['an id in the data that is taken', create('dishes', { id: 'there', name: 'x' }), 409, '/operations/1/data/id', 'exists'],
  ['a value that is taken', create('dishes', { name: 'x', code: 'ZZ-9' }), 409, '/operations/1/data/code', 'unique'],
  ['an ETag that is stale', { op: 'patch', collection: 'dishes', id: 'there', data: { serves: 1 }, if_match: stale }, 412, '/operations/1'],
  ['no if_match', { op: 'patch', collection: 'dishes', id: 'there', data: { serves: 1 } }, 428, '/operations/1/if_match', 'required', 'Operation 1, a patch of dishes/there, needs the ETag'],
  ['a record that is not there', { op: 'remove', collection: 'dishes', id: 'no-such', if_match: '*' }, 404, '/operations/1'],
  ['a move that is not open', { op: 'move', collection: 'orders', id: 'order', to: 'served', if_match: '*' }, 409, '/operations/1/data/state', 'move'],
  ['a move where there are none', { op: 'move', collection: 'dishes', id: 'there', to: 'served', if_match: '*' }, 400, '/operations/1'],
  ['a removal of what is referred to', { op: 'remove', collection: 'suppliers', id: 'farm', if_match: '*' }, 409],
  ['a verb that the collection lacks', create('house-rules', { title: 'x' }), 403, '/operations/1'],
  ['no verb', { collection: 'dishes', id: 'there' }, 422, '/operations/1/op', 'required'],
  ['a verb that is none', { op: 'drop', collection: 'dishes' }, 422, '/operations/1/op', 'choice'],
  ['no collection', { op: 'create', data: {} }, 422, '/operations/1/collection', 'required'],
  ['a collection that is none', create('plates', {}), 422, '/operations/1/collection', 'not_found'],
  ['a member that is none of its verb', create('dishes', { name: 'x' }, { if_match: '*' }), 422, '/operations/1/if_match', 'unknown_field'],
  ['data that is no object', create('dishes', [1]), 422, '/operations/1/data', 'type'],
  ['an id that is a number', create('dishes', { name: 'x' }, { id: 7 }), 422, '/operations/1/id', 'type'],
  ['what is no object', 'x', 422, '/operations/1/op'],
];
test('what can be wrong with an operation is told with its place', async () => {
  await make('suppliers', { id: 'farm', name: 'Farm' });
  await make('dishes', { id: 'there', name: 'There', code: 'ZZ-9', supplier: 'farm' });
  await make('orders', { id: 'order', title: 'Order' });
  for (const [how, operation, status, pointer, code, detail] of failures) {
    const reply = refused(await batch([create('cooks', { id: 'fine', name: 'Fine' }), operation]), status, pointer && { pointer, code, detail });
    assert.ok(reply.json.errors.every((e) => e.pointer.startsWith('/operations/1')), `${how}: expected all to be of operation 1, got ${reply.text}`);
    refused(await say('GET', 'cooks/fine'), 404);
  }
  assert.equal((await batch([create('cooks', { name: 'x' }), failures[5][1]])).json.current.id, 'there', 'expected the record as it is');
});

test('the body, and how many there may be', async () => {
  for (const body of [{}, [], { operations: [] }, { operations: {} }, { operations: [create('cooks', { name: 'x' })], atomic: true }])
    refused(await say('POST', '-/batch', { as, body }), 422, { pointer: '/operations' });
  refused(await say('POST', '-/batch', { as, body: 'x', type: 'text/plain' }), 415);
  refused(await say('POST', '-/batch?dryrun=1', { as, body: {} }), 400, { detail: 'dry_run' });
  const many = (n) => Array.from({ length: n }, (_, i) => create('cooks', { name: `Cook ${i}` }, { id: `cook-${i}` }));
  refused(await batch(many(1001)), 413);
  const { json } = expect(await batch(many(1000)), 200);
  assert.equal(json.results.length, 1000);
  assert.equal(json.results[999].record.greeting, 'Chef Cook 999', 'expected derived fields');
});

test('a dry run says what would be, and keeps nothing', async () => {
  const { json } = expect(await batch([create('cooks', { name: 'Dry' }), { op: 'patch', collection: 'cooks', id: 'dry', data: { name: 'Drier' }, if_match: '*' }], {}, '?dry_run=true'), 200);
  assert.deepEqual(json.results.map(({ status, record, etag }) => [status, record.name, etag]), [[201, 'Drier', undefined], [200, 'Drier', undefined]]);
  refused(await say('GET', 'cooks/dry'), 404);
  refused(await batch([create('cooks', { name: 7 })], {}, '?dry_run=true'), 422, { pointer: '/operations/0/data/name' });
});

test('each operation needs its role', async () => {
  await make('orders', { id: 'theirs', title: 'Theirs' });
  const place = { op: 'move', collection: 'orders', id: 'theirs', to: 'placed', if_match: '*' };
  refused(await batch([create('wishes', { text: 'x' })], { as: undefined }), 401);
  refused(await batch([place, create('dishes', { name: 'x' })], { as: 'partner' }), 403, { pointer: '/operations/1' });
  refused(await batch([place, { ...place, to: 'served' }], { as: 'partner' }), 403, { pointer: '/operations/1' });
  const { json } = expect(await batch([place, create('wishes', { text: 'More' })], { as: 'partner' }), 200);
  assert.equal(json.results[0].record.state, 'placed');
  assert.equal(json.results[1].status, 201);
  assert.ok(!('record' in json.results[1]) && !('etag' in json.results[1]), 'expected what the caller may not see to be left out');
});

test('records too large for one batch are refused before they are worked on, and answers before they are sent', async () => {
  await make('dishes', { id: 'large', name: 'Large', story: '𝄞'.repeat(100000) });
  const patches = (id, n) => Array.from({ length: n }, (_, i) => ({ op: 'patch', collection: 'dishes', id, data: { serves: 1 + i % 9 }, if_match: '*' }));
  refused(await batch(patches('large', 45)), 413, { detail: 'records' });
  await make('dishes', { id: 'small', name: 'Small' });
  const grows = { op: 'patch', collection: 'dishes', id: 'small', data: { story: '𝄞'.repeat(100000) }, if_match: '*' };
  refused(await batch([...patches('small', 90), grows]), 413, { detail: 'answer' });
  for (const id of ['large', 'small']) assert.equal((await say('GET', `dishes/${id}`)).json.meta.revision, 1);
});
