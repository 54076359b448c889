// What changed between revisions, and the way back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expect, open, refused } from './kitchen.mjs';

let say, server;
before(async () => { server = await open(); say = server.say; });
after(() => server.stop());

const as = 'manager';
const make = async (collection, body) => expect(await say('POST', collection, { as, body }), 201);
const patch = async (path, body) => expect(await say('PATCH', path, { as, body, match: '*' }), 200);
const diff = async (path, to, from, role = as) => expect(await say('GET', `${path}/revisions/${to}?diff=${from}`, { as: role }), 200).json;
const revert = (path, to, more = {}) => say('POST', `${path}/revert`, { as, body: { to }, match: '*', ...more });

test('the fields that differ, as their reader may see them', async () => {
  await make('dishes', { id: 'stew', name: 'Stew', serves: 2, cost: 1, margin_note: 'low' });
  await patch('dishes/stew', { name: 'Good stew', cost: 2, tags: ['hot'] });
  await patch('dishes/stew', { serves: null, margin_note: 'high', meta: { visibility: 'partner' } });
  assert.deepEqual(await diff('dishes/stew', 3, 1), { id: 'stew', from: 1, to: 3, changes: [
    { path: '/name', from: 'Stew', to: 'Good stew' }, { path: '/serves', from: 2, to: null }, { path: '/cost', from: 1, to: 2 },
    { path: '/margin_note', from: 'low', to: 'high' }, { path: '/tags', from: null, to: ['hot'] },
    { path: '/meta/visibility', from: 'public', to: 'partner' }] });
  assert.deepEqual((await diff('dishes/stew', 1, 2)).changes.map(({ path, to }) => [path, to]), [['/name', 'Stew'], ['/cost', 1], ['/tags', null]]);
  assert.deepEqual((await diff('dishes/stew', 2, 2)).changes, []);
  assert.deepEqual((await diff('dishes/stew', 3, 1, 'partner')).changes.map(({ path }) => path), ['/name', '/serves', '/cost', '/tags', '/meta/visibility']);
  refused(await say('GET', 'dishes/stew/revisions/2?diff=1'), 404);
  refused(await say('GET', 'dishes/stew/revisions/2?diff=9', { as }), 404);
  refused(await say('GET', 'dishes/stew/revisions/2?diff=x', { as }), 400);
  await make('dishes', { id: 'open', name: 'Open', cost: 1 });
  await patch('dishes/open', { cost: 2, name: 'Opened' });
  assert.deepEqual((await diff('dishes/open', 2, 1, null)).changes, [{ path: '/name', from: 'Open', to: 'Opened' }]);
});

test('a revert is a new revision with what was', async () => {
  await make('dishes', { id: 'pie', name: 'Pie', serves: 2, code: 'PI-1' });
  const changed = await patch('dishes/pie', { name: 'Wrong', serves: null, tags: ['x'], meta: { visibility: 'office' } });
  refused(await revert('dishes/pie', 1, { match: undefined }), 428);
  refused(await revert('dishes/pie', 1, { match: '"1"' }), 412);
  refused(await revert('dishes/pie', 1, { as: 'office' }), 403);
  assert.equal(expect(await say('POST', 'dishes/pie/revert?dry_run=true', { as, body: { to: 1 }, match: '*' }), 200).json.name, 'Pie');
  const { json } = expect(await revert('dishes/pie', 1, { match: changed.header('etag'), key: 'r-1' }), 200);
  assert.deepEqual([json.name, json.serves, json.tags, json.meta.revision], ['Pie', 2, undefined, 3]);
  assert.equal(json.code, 'PI-1', 'expected a fixed field to stay');
  assert.equal(json.meta.visibility, 'office', 'expected nothing to be published by the way');
  assert.equal(expect(await revert('dishes/pie', 1, { match: changed.header('etag'), key: 'r-1' }), 200).json.meta.revision, 3);
  assert.equal(expect(await revert('dishes/pie', 3), 200).json.meta.revision, 3, 'expected no revision where nothing is different');
});

test('states stay, and what was must still be valid', async () => {
  await make('orders', { id: 'o', title: 'One', table: 1 });
  await patch('orders/o', { title: 'Two' });
  expect(await say('POST', 'orders/o/move', { as, body: { to: 'placed' }, match: '*' }), 200);
  const { json } = expect(await revert('orders/o', 1), 200);
  assert.deepEqual([json.title, json.state], ['One', 'placed']);
  await make('suppliers', { id: 'gone', name: 'Gone' });
  await make('dishes', { id: 'tart', name: 'Tart', supplier: 'gone' });
  await patch('dishes/tart', { supplier: null });
  expect(await say('DELETE', 'suppliers/gone', { as, match: '*' }), 204);
  refused(await revert('dishes/tart', 1), 422, { pointer: '/supplier', code: 'gone' });
  await make('cooks', { id: 'ada', name: 'Ada', orcid: '0000-0002-1825-0097' });
  await patch('cooks/ada', { orcid: null });
  await make('cooks', { id: 'bob', name: 'Bob', orcid: '0000-0002-1825-0097' });
  refused(await revert('cooks/ada', 1), 409, { pointer: '/orcid', code: 'unique' });
});

test('where there is no way back', async () => {
  await make('cooks', { id: 'ana', name: 'Ana' });
  for (const body of [{}, { to: 0 }, { to: 1.5 }, { to: '1' }, { to: 1, name: 'x' }, []])
    refused(await say('POST', 'cooks/ana/revert', { as, body, match: '*' }), 422, { pointer: '/to' });
  refused(await revert('cooks/ana', 7), 422, { pointer: '/to', code: 'not_found' });
  refused(await revert('cooks/nobody', 1), 404);
  expect(await say('DELETE', 'cooks/ana', { as, match: '*' }), 204);
  refused(await revert('cooks/ana', 1), 410);
  await make('cooks', { id: 'ana', name: 'Ana again' });
  refused(await revert('cooks/ana', 2), 422, { pointer: '/to', code: 'removed' });
  assert.equal(expect(await revert('cooks/ana', 1), 200).json.name, 'Ana');
  refused(await say('POST', 'wishes/x/revert', { as, body: { to: 1 }, match: '*' }), 404);
});
