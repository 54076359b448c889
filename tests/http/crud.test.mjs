// Records over HTTP: every status of the routes of a collection, conditions,
// state machines, paging, and who sees what.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expect, open, refused } from './kitchen.mjs';

let say, server;
before(async () => { server = await open(); say = server.say; });
after(() => server.stop());

const as = 'manager';
const sequence = async () => {
  for (let since = 0; ;) {
    const { page } = (await say('GET', `-/changes?since=${since}&limit=200`, { as })).json;
    if (page.next === since) return since;
    since = page.next;
  }
};
const make = async (collection, body) => expect(await say('POST', collection, { as, body }), 201);

test('a record is created, with an id made from its label', async () => {
  const reply = await make('dishes', { name: 'Crème brûlée – “Ålesund”', vegan: null });
  assert.equal(reply.json.id, 'creme-brulee-alesund');
  assert.equal(reply.json.name, 'Crème brûlée – “Ålesund”');
  assert.equal(reply.json.course, 'main', 'expected the default');
  assert.ok(!('vegan' in reply.json), 'expected null to be kept as absent');
  assert.equal(reply.json.meta.revision, 1);
  assert.equal(reply.json.meta.collection, 'dishes');
  assert.equal(reply.header('location'), '/api/v1/dishes/creme-brulee-alesund');
  assert.match(reply.header('etag'), /^"[^"]+"$/);
  const read = expect(await say('GET', reply.header('location'), { as }), 200);
  assert.equal(read.text, reply.text, 'expected the answer to be what is read afterwards');
  assert.equal(read.header('etag'), reply.header('etag'));
  assert.equal((await make('dishes', { name: 'Crème brûlée Alesund' })).json.id, 'creme-brulee-alesund-2');
  assert.equal((await make('dishes', { id: 'my-own', name: 'Own' })).json.id, 'my-own');
});

test('text comes back as it was sent', async () => {
  const story = 'Zeile\n日本語 👩🏽‍🍳 \u202Eright to left\u202C "quotes" \\ / é vs e\u0301';
  const { json } = await make('dishes', { name: '鍋', story });
  assert.equal(json.story, story);
  assert.equal(json.name, '鍋');
  assert.equal(json.id, 'dish', 'expected the singular where a label gives no id');
});

const everything = {
  name: 'Everything', story: 'a\nb', course: 'dessert', vegan: false, serves: 4, price: 12.34, cost: 0.1, margin_note: 'x',
  first_served: '2024-02-29', last_served: '2024-03-01', season: '2031-05', weight: { value: 200, qualifier: 'over', unit: 'g' },
  page: 'https://example.org/a?b=c', contact: 'chef@example.org', tags: ['b', 'a'], allergens: ['nuts'],
  identifiers: [{ scheme: 'ods', value: 'RWK' }], code: 'AB-12',
};

test('every type of field is kept as it is', async () => {
  await make('cooks', { id: 'ana', name: 'Ana' });
  await make('suppliers', { id: 'market', name: 'Market' });
  const body = { ...everything, supplier: 'market', tasters: ['ana'], inspired_by: 'cooks/ana' };
  const { json } = await make('dishes', body);
  for (const [name, value] of Object.entries(body)) assert.deepEqual(json[name], value, `field ${name}`);
});

const wrong = [
  ['name', undefined, 'required'], ['name', ''], ['name', 7], ['name', 'a\nb'], ['course', 'soup'], ['vegan', 'yes'],
  ['serves', 0], ['serves', 101], ['serves', 1.5], ['price', 1.005], ['price', -1], ['price', 1000.01], ['first_served', '2023-02-29'],
  ['season', '2024-13'], ['weight', { unit: 'g' }], ['page', 'ftp://x'], ['contact', 'nobody'], ['vegan', []],
  ['allergens', ['fish'], undefined, '/allergens/0'], ['identifiers', [{ scheme: 'isbn', value: '1' }], undefined, '/identifiers/0/scheme'],
  ['code', 'ab'], ['supplier', 'no-such', 'not_found'], ['tasters', ['no-such'], 'not_found', '/tasters/0'], ['rating', 5], ['nmae', 'x'],
];
for (const [field, value, code, pointer] of wrong) {
  test(`${field}: ${JSON.stringify(value)} is refused`, async () => {
    const body = { name: 'Wrong', [field]: value };
    refused(await say('POST', 'dishes', { as, body }), 422, { pointer: pointer ?? `/${field}`, code });
  });
}

test('all errors of a record are told at once', async () => {
  const { json } = refused(await say('POST', 'dishes', { as, body: { serves: 0, price: 1.005, page: 'x' } }), 422);
  assert.deepEqual(json.errors.map((e) => e.pointer).sort(), ['/name', '/page', '/price', '/serves']);
});

test('with them, what it refers to in vain', async () => {
  const { json } = refused(await say('POST', 'dishes', { as, body: { serves: 0, supplier: 'no-such', tasters: ['ana', 'no-such'] } }), 422);
  assert.deepEqual(json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort(),
    ['/name required', '/serves too_small', '/supplier not_found', '/tasters/1 not_found']);
  const made = await make('dishes', { name: 'In vain' });
  const changed = refused(await say('PATCH', made.header('location'), { as, match: '*', body: { serves: 0, supplier: 'no-such' } }), 422);
  assert.deepEqual(changed.json.errors.map(({ pointer }) => pointer).sort(), ['/serves', '/supplier']);
});

test('a list of nothing is one that is not there', async () => {
  const made = await make('dishes', { name: 'Plain', tags: [], tasters: [], identifiers: [], sources: [] });
  assert.deepEqual(Object.keys(made.json), ['id', 'name', 'course', 'meta']);
  const tagged = expect(await say('PATCH', 'dishes/plain', { as, match: '*', body: { tags: ['a'] } }), 200);
  assert.deepEqual(tagged.json.tags, ['a']);
  const body = [{ op: 'remove', path: '/tags/0' }];
  const emptied = expect(await say('PATCH', 'dishes/plain', { as, match: '*', body, type: 'application/json-patch+json' }), 200);
  assert.ok(!('tags' in emptied.json));
});

const refusedCreates = [
  ['without a token', { body: { name: 'x' } }, 401],
  ['with a token that is none', { as: 'ouse_nobody', body: { name: 'x' } }, 401],
  ['by a partner', { as: 'partner', body: { name: 'x' } }, 403],
  ['by the office', { as: 'office', body: { name: 'x' } }, 403],
  ['as text', { as, body: 'x', type: 'text/plain' }, 415],
  ['as a merge patch', { as, body: '{}', type: 'application/merge-patch+json' }, 415],
  ['in another charset', { as, body: '{"name":"x"}', type: 'application/json; charset=latin1' }, 415],
  ['of broken JSON', { as, body: '{"name":' }, 400],
  ['of a key that is there twice', { as, body: '{"name":"a","name":"b"}' }, 400],
  ['of a lone surrogate', { as, body: '{"name":"\\ud800"}' }, 400],
  ['nested too deep', { as, body: `{"name":${'['.repeat(33)}${']'.repeat(33)}}` }, 400],
  ['of a list', { as, body: [] }, 422],
  ['over 1 MiB', { as, body: { name: 'x', story: 'x'.repeat(1 << 20) } }, 413],
  ['with an id that is none', { as, body: { id: 'No Such', name: 'x' } }, 422, { pointer: '/id' }],
  ['with a member of meta that is none', { as, body: { name: 'x', meta: { visiblity: 'office' } } }, 422,
    { pointer: '/meta/visiblity', code: 'unknown_field', detail: 'there is no "visiblity" here; did you mean visibility' }],
  ['with visibility that is none', { as, body: { name: 'x', meta: { visibility: 'all' } } }, 422, { pointer: '/meta/visibility' }],
];
for (const [how, request, status, problem] of refusedCreates)
  test(`a create ${how} is ${status}`, async () => { refused(await say('POST', 'dishes', request), status, problem); });

test('an unknown field is told with what was meant', async () => {
  refused(await say('POST', 'dishes', { as, body: { name: 'x', stroy: 'y' } }), 422, { pointer: '/stroy', detail: 'story' });
});

test('an id that is taken, and a unique value, are 409', async () => {
  await make('dishes', { id: 'taken', name: 'Taken', code: 'TK-1', course: 'starter', season: '1999' });
  refused(await say('POST', 'dishes', { as, body: { id: 'taken', name: 'x' } }), 409, { pointer: '/id' });
  refused(await say('POST', 'dishes', { as, body: { name: 'x', code: 'TK-1' } }), 409, { pointer: '/code', code: 'unique' });
  refused(await say('POST', 'dishes', { as, body: { name: 'x', course: 'starter', season: '1999' } }), 409, { code: 'unique' });
  await make('dishes', { name: 'Other season', course: 'starter', season: '1998' });
});

test('reading: suffix, HEAD, 304, 404, 406, 405', async () => {
  await make('dishes', { id: 'readable', name: 'Readable' });
  const read = expect(await say('GET', 'dishes/readable'), 200);
  const etag = read.header('etag');
  assert.equal(expect(await say('GET', 'dishes/readable.json'), 200).text, read.text);
  assert.equal(expect(await say('HEAD', 'dishes/readable'), 200).header('content-length'), String(Buffer.byteLength(read.text)));
  for (const none of [etag, '*', `"x", ${etag}`, `W/${etag}`]) expect(await say('GET', 'dishes/readable', { none }), 304);
  expect(await say('GET', 'dishes/readable', { none: '"x"' }), 200);
  for (const id of ['nobody', 'readable.xyz', 'Readable', 'r'.repeat(81), 'r'.repeat(600), '-'])
    refused(await say('GET', `dishes/${id}`), 404);
  refused(await say('GET', 'no-such-collection'), 404);
  refused(await say('GET', 'dishes/readable', { accept: 'image/png' }), 406);
  expect(await say('GET', 'dishes/readable', { accept: 'text/html, */*;q=0.1' }), 200);
  assert.match(refused(await say('POST', 'dishes/readable', { as, body: {} }), 405).header('allow'), /GET.*PUT|PUT.*GET/);
});

test('verbs that a collection lacks are 405', async () => {
  refused(await say('POST', 'house-rules', { as, body: { title: 'x' } }), 405);
  refused(await say('PUT', 'house-rules/x', { as, body: { title: 'x' }, none: '*' }), 403);
  refused(await say('DELETE', 'house-rules/x', { as, match: '*' }), 405);
  refused(await say('PUT', 'wishes/x', { as, body: { text: 'x' }, match: '*' }), 405);
  assert.equal(refused(await say('PATCH', 'wishes/x', { as, body: {}, match: '*' }), 405).header('allow'), 'GET, HEAD, DELETE, OPTIONS');
  refused(await say('POST', 'dishes/x/move', { as, body: { to: 'y' } }), 404);
});

const unknownParameters = [
  ['GET', 'dishes?limt=5', 'limit'], ['GET', 'dishes?corse=main', 'course'], ['GET', 'dishes?story=x', 'cannot be filtered'],
  ['GET', 'dishes/readable?expnd=supplier', 'did you mean "expand"'], ['GET', '-/whoami?expand=supplier', 'this path accepts none'], ['GET', 'dishes/readable/revisions?n=1', 'the known ones are'],
  ['POST', 'dishes?dryrun=true', 'dry_run'], ['DELETE', 'dishes/readable?force=true', 'dry_run'], ['GET', '-/changes?from=1', 'since'],
  ['GET', '-/whoami?x=1', 'this path accepts none'], ['GET', '/healthz?x', 'this path accepts none'],
  ['GET', 'dishes?limit=0', 'from 1 to 200'], ['GET', 'dishes?limit=201', 'from 1 to 200'], ['GET', 'dishes?limit=', 'whole number'],
  ['GET', 'dishes?limit=5&limit=6', 'given twice'], ['GET', 'dishes?vegan=perhaps'], ['GET', 'dishes?course=soup'],
  ['GET', '-/changes?since=-1', 'whole number'], ['POST', 'dishes?dry_run=yes', 'true or false'],
];
for (const [method, path, detail] of unknownParameters)
  test(`${method} ${path} is 400`, async () => {
    refused(await say(method, path, { as, body: method === 'POST' ? { name: 'x' } : undefined }), 400, { detail });
  });

const conditions = [
  ['no condition', () => ({}), 428], ['the ETag', (etag) => ({ match: etag }), 0], ['the ETag in a list', (etag) => ({ match: `"x", ${etag}` }), 0],
  ['*', () => ({ match: '*' }), 0], ['another ETag', () => ({ match: '"fffff"' }), 412], ['a weak ETag', (etag) => ({ match: `W/${etag}` }), 412],
  ['text that is no ETag', () => ({ match: 'x' }), 412],
];
const conditional = [
  ['PUT', 'dishes', '', { name: 'New' }, 200], ['PATCH', 'dishes', '', { name: 'New' }, 200], ['DELETE', 'dishes', '', undefined, 204],
  ['POST', 'orders', '/move', { to: 'placed' }, 200],
];
for (const [method, collection, path, body, good] of conditional)
  for (const [what, headers, bad] of conditions)
    test(`${method} ${collection}/x${path} with ${what} is ${bad || good}`, async () => {
      const label = collection === 'orders' ? 'title' : 'name';
      const made = await make(collection, { [label]: `Condition ${method} ${what}` });
      const where = `${collection}/${made.json.id}`;
      const reply = await say(method, where + path, { as, body, ...headers(made.header('etag')) });
      if (!bad) return expect(reply, good);
      refused(reply, bad);
      if (bad === 412) {
        assert.deepEqual(reply.json.current, made.json, 'expected the record as it is');
        assert.equal(reply.header('etag'), made.header('etag'), 'expected the ETag to try again with');
      }
      assert.equal((await say('GET', where, { as })).text, made.text, 'expected the record to be untouched');
    });

test('an ETag that was read before a change does not match after it', async () => {
  const made = await make('dishes', { name: 'Racy' });
  const patched = expect(await say('PATCH', 'dishes/racy', { as, body: { serves: 2 }, match: made.header('etag') }), 200);
  refused(await say('PATCH', 'dishes/racy', { as, body: { serves: 3 }, match: made.header('etag') }), 412);
  expect(await say('PATCH', 'dishes/racy', { as, body: { serves: 3 }, match: patched.header('etag') }), 200);
});

test('of many writers at a time one wins', async () => {
  const made = await make('dishes', { name: 'Contested' });
  const eight = (fn) => Promise.all(Array.from({ length: 8 }, (_, n) => fn(n)));
  const patched = await eight((n) => say('PATCH', 'dishes/contested', { as, body: { serves: n + 1 }, match: made.header('etag') }));
  assert.deepEqual(patched.map((r) => r.status).sort(), [200, 412, 412, 412, 412, 412, 412, 412]);
  const created = await eight((n) => say('POST', 'dishes', { as, body: { name: `Rival ${n}`, code: 'RV-1' } }));
  assert.deepEqual(created.map((r) => r.status).sort(), [201, 409, 409, 409, 409, 409, 409, 409]);
  const named = await eight(() => say('POST', 'dishes', { as, body: { name: 'Namesake' } }));
  assert.equal(new Set(named.map((r) => expect(r, 201).json.id)).size, 8, 'expected every one to get an id of its own');
});

test('the ETag that a reader of less sees is good for a write', async () => {
  const made = await make('dishes', { name: 'Half seen', cost: 3 });
  const seen = await say('GET', 'dishes/half-seen');
  assert.notEqual(seen.header('etag'), made.header('etag'), 'expected views that differ to have their own ETags');
  expect(await say('PATCH', 'dishes/half-seen', { as, body: { serves: 2 }, match: seen.header('etag') }), 200);
});

test('PUT creates with If-None-Match: *, and only then', async () => {
  const body = { name: 'Put' };
  refused(await say('PUT', 'dishes/put', { as, body }), 428);
  const made = expect(await say('PUT', 'dishes/put', { as, body, none: '*' }), 201);
  assert.equal(made.header('location'), '/api/v1/dishes/put');
  const again = refused(await say('PUT', 'dishes/put', { as, body, none: '*' }), 412);
  assert.deepEqual(again.json.current, made.json);
  refused(await say('PUT', 'dishes/put', { as, body }), 428);
  refused(await say('PUT', 'dishes/not-there', { as, body, match: '*' }), 404);
  refused(await say('PUT', 'dishes/put', { as, body: { id: 'other', name: 'x' }, match: '*' }), 422, { pointer: '/id' });
  refused(await say('PUT', 'dishes/put', { body, match: '*' }), 401);
  const replaced = expect(await say('PUT', 'dishes/put', { as, body: { name: 'Put', serves: 2 }, match: '*' }), 200);
  assert.equal(replaced.json.meta.revision, 2);
});

test('a write that changes nothing makes no revision', async () => {
  const made = await make('dishes', { name: 'Same', serves: 2 });
  for (const [method, body] of [['PUT', made.json], ['PATCH', { serves: 2 }], ['PATCH', {}]]) {
    const reply = expect(await say(method, 'dishes/same', { as, body, match: made.header('etag') }), 200);
    assert.equal(reply.header('etag'), made.header('etag'));
    assert.equal(reply.text, made.text);
  }
});

test('PATCH takes a merge patch and a JSON Patch', async () => {
  await make('dishes', { name: 'Patched', tags: ['a', 'b'], serves: 2 });
  const merge = { as, match: '*', type: 'application/merge-patch+json' };
  const patch = { as, match: '*', type: 'application/json-patch+json' };
  const path = 'dishes/patched';
  assert.ok(!('serves' in expect(await say('PATCH', path, { ...merge, body: { serves: null } }), 200).json));
  const moved = expect(await say('PATCH', path, { ...patch, body: [{ op: 'add', path: '/tags/-', value: 'c' }, { op: 'remove', path: '/tags/0' }] }), 200);
  assert.deepEqual(moved.json.tags, ['b', 'c']);
  assert.ok((await say('PATCH', path, { ...patch, body: [{ op: 'test', path: '/name', value: 'x' }] })).status >= 400);
  refused(await say('PATCH', path, { ...patch, body: {} }), 400);
  refused(await say('PATCH', path, { ...merge, body: [] }), 400);
  const other = refused(await say('PATCH', path, { as, match: '*', body: {}, type: 'application/json' }), 415);
  assert.match(other.header('accept-patch'), /merge-patch\+json.*json-patch\+json/);
  refused(await say('PATCH', path, { ...merge, body: { name: null } }), 422, { pointer: '/name' });
  refused(await say('PATCH', 'dishes/not-there', { ...merge, body: {} }), 404);
});

test('fixed fields stay', async () => {
  await make('dishes', { name: 'Fixed', code: 'FX-1' });
  refused(await say('PATCH', 'dishes/fixed', { as, match: '*', body: { code: 'FX-2' } }), 422, { pointer: '/code' });
});

test('what was deleted is 410, and its references are as their fields say', async () => {
  await make('suppliers', { id: 'farm', name: 'Farm' });
  await make('cooks', { id: 'bo', name: 'Bo' });
  await make('cooks', { id: 'cy', name: 'Cy' });
  const dish = await make('dishes', { id: 'stew', name: 'Stew', supplier: 'farm', tasters: ['bo', 'cy'] });
  await make('orders', { id: 'stew-for-two', title: 'Stew for two', dish: 'stew' });
  const restricted = refused(await say('DELETE', 'suppliers/farm', { as, match: '*' }), 409);
  assert.ok(restricted.json.referrers?.some((r) => r.collection === 'dishes' && r.id === 'stew'), `expected who refers to be named: ${restricted.text}`);
  expect(await say('DELETE', 'cooks/bo', { as, match: '*' }), 204);
  const left = await say('GET', 'dishes/stew', { as });
  assert.deepEqual(left.json.tasters, ['cy'], 'expected the reference to be taken out');
  assert.equal(left.json.meta.revision, 2);
  refused(await say('DELETE', 'dishes/stew', { as, match: dish.header('etag') }), 412);
  const gone = expect(await say('DELETE', 'dishes/stew', { as, match: left.header('etag') }), 204);
  assert.equal(gone.text, '');
  refused(await say('GET', 'dishes/stew', { as }), 410);
  refused(await say('GET', 'orders/stew-for-two', { as }), 410);
  refused(await say('PATCH', 'dishes/stew', { as, match: '*', body: {} }), 410);
  refused(await say('DELETE', 'dishes/stew', { as, match: '*' }), 410);
  expect(await say('DELETE', 'suppliers/farm', { as, match: '*' }), 204);
  refused(await say('DELETE', 'suppliers/not-there', { as, match: '*' }), 404);
});

test('a merged record leads to the one it went into', async () => {
  await make('suppliers', { id: 'old-mill', name: 'Old mill' });
  await make('suppliers', { id: 'new-mill', name: 'New mill' });
  await make('dishes', { id: 'bread', name: 'Bread', supplier: 'old-mill' });
  expect(await say('POST', 'suppliers/old-mill/merge', { as, body: { into: 'new-mill' } }), 200);
  const led = expect(await say('GET', 'suppliers/old-mill'), 308);
  assert.equal(led.header('location'), '/api/v1/suppliers/new-mill');
  assert.equal(expect(await say('GET', 'suppliers/old-mill.json'), 308).header('location'), '/api/v1/suppliers/new-mill.json');
  assert.equal((await say('GET', 'dishes/bread')).json.supplier, 'new-mill');
  const lead = async (method, path, more) => expect(await say(method, path, { as, match: '*', ...more }), 308).header('location');
  assert.equal(await lead('PATCH', 'suppliers/old-mill', { body: {} }), '/api/v1/suppliers/new-mill');
  assert.equal(await lead('PUT', 'suppliers/old-mill?dry_run=true', { body: { name: 'x' } }), '/api/v1/suppliers/new-mill?dry_run=true');
  assert.equal(await lead('DELETE', 'suppliers/old-mill'), '/api/v1/suppliers/new-mill');
  assert.equal(await lead('POST', 'suppliers/old-mill/revert', { body: { to: 1 } }), '/api/v1/suppliers/new-mill/revert');
  refused(await say('PATCH', 'suppliers/old-mill', { match: '*', body: {} }), 401);
  const operations = [{ op: 'remove', collection: 'suppliers', id: 'old-mill', if_match: '*' }];
  const batch = refused(await say('POST', '-/batch', { as, body: { operations } }), 410);
  assert.match(batch.json.errors[0].detail, /was merged into new-mill/);
});

test('a state machine moves by its moves, and by whom they allow', async () => {
  const made = await make('orders', { title: 'Soup' });
  assert.equal(made.json.state, 'draft');
  const move = (who, body, match = '*') => say('POST', 'orders/soup/move', { as: who, body, match });
  refused(await move(undefined, { to: 'placed' }), 401);
  const closed = refused(await move(as, { to: 'served' }), 409);
  assert.ok(closed.text.includes('placed') && closed.text.includes('cancelled'), `expected the open moves: ${closed.text}`);
  refused(await move(as, { to: 'eaten' }), 409);
  refused(await move(as, {}), 422, { pointer: '/to' });
  refused(await move(as, { to: 7 }), 422, { pointer: '/to' });
  refused(await move(as, ['placed']), 422, { pointer: '/to' });
  refused(await move(as, { to: 'placed', tabel: 3 }), 422, { pointer: '/tabel' });
  const placed = expect(await move('partner', { to: 'placed', table: 3 }), 200);
  assert.equal(placed.json.state, 'placed');
  assert.equal(placed.json.table, 3);
  assert.equal(placed.json.meta.revision, 2);
  refused(await move('partner', { to: 'served' }), 403);
  refused(await say('PATCH', 'orders/soup', { as, match: '*', body: { state: 'served' } }), 422, { pointer: '/state' });
  expect(await move(as, { to: 'served' }), 200);
  refused(await move(as, { to: 'cancelled' }), 409);
  refused(await say('POST', 'orders/no-such/move', { as, match: '*', body: { to: 'placed' } }), 404);
});

test('nobody moves what they do not see', async () => {
  await make('orders', { id: 'secret', title: 'Secret', meta: { visibility: 'office' } });
  const { json } = refused(await say('POST', 'orders/secret/move', { as: 'partner', match: '*', body: { to: 'placed' } }), 404);
  const { json: never } = refused(await say('POST', 'orders/never/move', { as: 'partner', match: '*', body: { to: 'placed' } }), 404);
  assert.equal(json.detail.replace('secret', 'never'), never.detail);
  expect(await say('POST', 'orders/secret/move', { as, match: '*', body: { to: 'placed' } }), 200);
});

test('a manager may create in any state', async () => {
  assert.equal((await make('orders', { title: 'Old order', state: 'served' })).json.state, 'served');
});

test('a dry run tells what would be, and keeps nothing', async () => {
  const made = await make('dishes', { name: 'Rehearsed' });
  const order = await make('orders', { title: 'Rehearsed' });
  const last = await sequence();
  const would = expect(await say('POST', 'dishes?dry_run=true', { as, body: { name: 'Would be' } }), 200);
  assert.equal(would.json.id, 'would-be');
  assert.equal(would.header('location'), null);
  assert.equal(would.header('etag'), null);
  expect(await say('PUT', 'dishes/new-one?dry_run=true', { as, none: '*', body: { name: 'x' } }), 200);
  assert.equal(expect(await say('PUT', 'dishes/rehearsed?dry_run=true', { as, match: '*', body: { name: 'y' } }), 200).json.name, 'y');
  assert.equal(expect(await say('PATCH', 'dishes/rehearsed?dry_run=true', { as, match: '*', body: { serves: 9 } }), 200).json.serves, 9);
  assert.equal(expect(await say('POST', 'orders/rehearsed/move?dry_run=true', { as, match: '*', body: { to: 'placed' } }), 200).json.state, 'placed');
  expect(await say('DELETE', 'dishes/rehearsed?dry_run=true', { as, match: '*' }), 204);
  refused(await say('POST', 'dishes?dry_run=true', { as, body: { serves: 0 } }), 422);
  assert.equal(await sequence(), last, 'expected no change');
  refused(await say('GET', 'dishes/would-be', { as }), 404);
  assert.equal((await say('GET', 'dishes/rehearsed', { as })).text, made.text);
  assert.equal((await say('GET', 'orders/rehearsed', { as })).text, order.text);
  assert.equal(expect(await say('POST', 'dishes?dry_run=false', { as, body: { name: 'Would be' } }), 201).json.id, 'would-be');
});

test('filters: equality on what is indexed', async () => {
  await make('suppliers', { id: 'filter-farm', name: 'Farm' });
  await make('dishes', { id: 'filter-a', name: 'Filtered', supplier: 'filter-farm', tags: ['filter-x', 'filter-y'], season: '1801-05', course: 'dessert', serves: 3, price: 9.99 });
  await make('dishes', { id: 'filter-b', name: 'Filtered', supplier: 'filter-farm', tags: ['filter-y'], season: '1802', vegan: true });
  const ids = async (query) => expect(await say('GET', `dishes?${query}`), 200).json.data.map((r) => r.id);
  assert.deepEqual(await ids('supplier=filter-farm'), ['filter-a', 'filter-b']);
  assert.deepEqual(await ids('tags=filter-y'), ['filter-a', 'filter-b']);
  assert.deepEqual(await ids('tags=filter-y&vegan=true'), ['filter-b']);
  assert.deepEqual(await ids('tags=filter-y&tags=filter-x'), ['filter-a']);
  assert.deepEqual(await ids('name=FILTERED'), ['filter-a', 'filter-b'], 'expected text to be compared without case');
  assert.deepEqual(await ids('season=1801-05'), ['filter-a']);
  assert.deepEqual(await ids('price=9.99&serves=3'), ['filter-a']);
  refused(await say('GET', 'dishes?supplier=no-such'), 400, { code: 'not_found' });
});

test('paging: 205 records, while others come and go', async () => {
  const name = (n) => `page-${String(n).padStart(3, '0')}`;
  const all = Array.from({ length: 205 }, (_, n) => name(n));
  for (let n = 0; n < all.length; n += 16) // fewer at a time than one address may have connections
    await Promise.all(all.slice(n, n + 16).map((id) => make('dishes', { id, name: id, tags: ['paged'] })));
  const seen = [];
  let path = 'dishes?tags=paged', pages = 0;
  for (; path; pages++) {
    const reply = expect(await say('GET', path), 200);
    seen.push(...reply.json.data.map((r) => r.id));
    const { next, limit } = reply.json.page;
    assert.equal(limit, 50);
    const link = /^<([^>]*)>; rel="next"$/.exec(reply.header('link') ?? '');
    assert.equal(Boolean(link), next !== null, 'expected a Link exactly while there is a next page');
    path = link?.[1];
    if (path) assert.equal(new URL(path, server.url).searchParams.get('cursor'), next);
    if (pages === 0) {
      expect(await say('DELETE', `dishes/${name(49)}`, { as, match: '*' }), 204); // the cursor's own
      expect(await say('DELETE', `dishes/${name(10)}`, { as, match: '*' }), 204); // behind
      expect(await say('DELETE', `dishes/${name(150)}`, { as, match: '*' }), 204); // ahead
      await make('dishes', { id: 'page-001-new', name: 'x', tags: ['paged'] }); // behind
      await make('dishes', { id: 'page-151-new', name: 'x', tags: ['paged'] }); // ahead
    }
  }
  const expected = [...all.filter((id) => id !== name(150)), 'page-151-new'].sort();
  assert.deepEqual(seen, expected);
  assert.equal(pages, 5);
});

test('a page of large records ends before its limit', async () => {
  const ids = Array.from({ length: 90 }, (_, n) => `large-${n + 10}`);
  for (const id of ids) await make('dishes', { id, name: id, tags: ['large'], story: 'x'.repeat(100000) });
  const first = expect(await say('GET', 'dishes?tags=large&limit=200'), 200);
  assert.ok(first.json.data.length < 90, `expected less than all, got ${first.json.data.length}`);
  const rest = expect(await say('GET', `dishes?tags=large&limit=200&cursor=${first.json.page.next}`), 200);
  assert.deepEqual([...first.json.data, ...rest.json.data].map((r) => r.id), ids);
  assert.equal(rest.json.page.next, null);
});

test('a cursor belongs to its query', async () => {
  for (const id of ['cursor-a', 'cursor-b', 'cursor-c']) await make('dishes', { id, name: id, tags: ['cursor'] });
  const { next } = expect(await say('GET', 'dishes?tags=cursor&limit=1'), 200).json.page;
  const second = expect(await say('GET', `dishes?tags=cursor&limit=2&cursor=${next}`), 200);
  assert.deepEqual(second.json.data.map((r) => r.id), ['cursor-b', 'cursor-c'], 'expected another limit to be welcome');
  assert.equal(second.json.page.next, null);
  for (const path of [`dishes?cursor=${next}`, `dishes?tags=other&cursor=${next}`, `cooks?cursor=${next}`,
    `dishes?tags=cursor&cursor=${next.slice(0, -1)}`, 'dishes?tags=cursor&cursor=AAAA', 'dishes?tags=cursor&cursor=',
    `dishes?tags=cursor&cursor=${next}x`])
    refused(await say('GET', path), 400, { detail: 'cursor' });
});

const visibilities = [['public', 0], ['partner', 1], ['office', 2]];
const roles = [[undefined, 0], ['partner', 1], ['office', 2], ['manager', 3]];
for (const [visibility, least] of visibilities)
  for (const [role, rank] of roles)
    test(`a ${visibility} record is ${rank >= least ? '' : 'not '}seen by ${role ?? 'nobody in particular'}`, async () => {
      const id = `seen-${visibility}-${role ?? 'public'}`;
      const season = `${1500 + 10 * least + rank}`;
      await make('dishes', { id, name: 'Seen', course: 'starter', season, cost: 1, margin_note: 'secret', tags: [id], meta: { visibility } });
      const last = await sequence();
      const read = await say('GET', `dishes/${id}`, { as: role });
      const list = expect(await say('GET', `dishes?tags=${id}`, { as: role }), 200).json.data;
      const feed = expect(await say('GET', `-/changes?since=${last - 1}`, { as: role }), 200).json;
      assert.equal(feed.page.next, last);
      if (rank < least) {
        refused(read, 404);
        refused(await say('GET', `dishes/${id}/revisions`, { as: role }), 404);
        assert.deepEqual(list, []);
        assert.deepEqual(feed.data, []);
        return;
      }
      expect(read, 200);
      const sees = ['cost', 'margin_note'].filter((name) => name in read.json);
      assert.deepEqual(sees, [[], ['cost'], ['cost', 'margin_note'], ['cost', 'margin_note']][rank]);
      assert.deepEqual(list, [read.json]);
      assert.deepEqual(expect(await say('GET', `dishes/${id}/revisions/1`, { as: role }), 200).json, read.json);
      assert.equal(feed.data.length, 1);
      assert.equal(feed.data[0].id, id);
      assert.equal('actor' in feed.data[0], rank >= 2, 'expected the actor to be told to the office only');
      if (rank < 2) refused(await say('GET', 'dishes?margin_note=secret', { as: role }), 400);
      else expect(await say('GET', 'dishes?margin_note=secret', { as: role }), 200);
    });

test('anybody may leave a wish, and nobody of them sees it', async () => {
  const left = expect(await say('POST', 'wishes', { body: { text: 'More soup' } }), 201);
  const { id } = left.json;
  assert.match(id, /^more-soup-[a-z2-7]{5}$/, 'expected an id that tells of no other');
  assert.deepEqual(left.json, { id });
  assert.equal(left.header('etag'), null);
  refused(await say('GET', `wishes/${id}`), 404);
  assert.deepEqual(expect(await say('GET', 'wishes'), 200).json.data, []);
  assert.equal(expect(await say('GET', `wishes/${id}`, { as: 'office' }), 200).json.text, 'More soup');
  refused(await say('POST', 'wishes', { body: {} }), 422, { pointer: '/text' });
});

test('a wish tells its author nothing of what is hidden', async () => {
  const wish = (body) => say('POST', 'wishes', { body: { text: 'Psst', ...body } });
  await make('wishes', { id: 'known', text: 'Known', voucher: 'V-1' });
  for (const id of ['known', 'unknown']) refused(await wish({ id }), 422, { pointer: '/id', code: 'given' });
  await make('dishes', { id: 'secret-dish', name: 'Secret', meta: { visibility: 'office' } });
  await make('dishes', { id: 'open-dish', name: 'Open' });
  const { json } = refused(await wish({ dish: 'secret-dish' }), 422, { pointer: '/dish', code: 'not_found' });
  const { json: never } = refused(await wish({ dish: 'never-dish' }), 422, { pointer: '/dish', code: 'not_found' });
  assert.equal(json.errors[0].detail.replace('secret', 'never'), never.errors[0].detail);
  expect(await wish({ dish: 'open-dish' }), 201);
  const clash = refused(await wish({ voucher: 'V-1' }), 409, { pointer: '/voucher', code: 'unique' });
  assert.ok(!clash.text.includes('known'), `expected not to be told whose it is: ${clash.text}`);
  refused(await say('POST', 'wishes', { as, body: { text: 'x', voucher: 'V-1' } }), 409, { detail: 'wishes/known already has' });
});

test('a move sets nothing that the one who moves does not see', async () => {
  await make('orders', { id: 'remarked', title: 'Remarked', remark: 'old' });
  const move = (who, body) => say('POST', 'orders/remarked/move', { as: who, match: '*', body: { to: 'placed', ...body } });
  refused(await move('partner', { remark: 'new' }), 422, { pointer: '/remark', code: 'unknown_field' });
  expect(await move('partner', { table: 4 }), 200);
  const { json } = await say('GET', 'orders/remarked', { as });
  assert.deepEqual([json.state, json.table, json.remark], ['placed', 4, 'old']);
});

test('where a record went is told to those who see it', async () => {
  await make('suppliers', { id: 'seen', name: 'Seen' });
  await make('suppliers', { id: 'unseen', name: 'Unseen', meta: { visibility: 'office' } });
  expect(await say('POST', 'suppliers/seen/merge', { as, body: { into: 'unseen' } }), 200);
  for (const path of ['', '/revisions', '/revisions/2']) {
    const reply = await say('GET', `suppliers/seen${path}`);
    assert.ok(!reply.text.includes('unseen') && !reply.header('location'), `${path}: expected nothing of where it went: ${reply.text}`);
  }
  refused(await say('GET', 'suppliers/seen'), 410);
  expect(await say('GET', 'suppliers/seen', { as: 'office' }), 308);
});

test('a hook that changes what it is to check fails, and is not told apart from outside', async () => {
  const { json } = expect(await say('POST', 'cooks', { as, body: { id: 'meddler', name: 'Meddler' } }), 500);
  assert.equal(json.detail, 'The server could not do this');
  refused(await say('GET', 'cooks/meddler', { as }), 404);
  await make('cooks', { id: 'meek', name: 'Meek' });
});

test('identifiers find their record', async () => {
  await make('dishes', { id: 'by-ods', name: 'x', identifiers: [{ scheme: 'ods', value: 'RX1' }] });
  await make('cooks', { id: 'by-orcid', name: 'Dee', orcid: '0000-0002-1825-0097' });
  const found = expect(await say('GET', 'dishes/-/by/ods/RX1'), 200);
  assert.equal(found.json.id, 'by-ods');
  assert.equal(found.header('content-location'), '/api/v1/dishes/by-ods');
  assert.equal(expect(await say('GET', 'cooks/-/by/orcid/0000-0002-1825-0097'), 200).json.id, 'by-orcid');
  refused(await say('GET', 'dishes/-/by/ods/RX2'), 404);
  refused(await say('GET', 'dishes/-/by/isbn/1'), 404, { detail: 'isbn' });
  refused(await say('POST', 'dishes', { as, body: { name: 'x', identifiers: [{ scheme: 'ods', value: 'RX1' }] } }), 409, { code: 'unique' });
});

test('history: newest first, and how it ended', async () => {
  await make('dishes', { id: 'storied', name: 'One' });
  expect(await say('PATCH', 'dishes/storied', { as, match: '*', body: { name: 'Two' } }), 200);
  expect(await say('DELETE', 'dishes/storied', { as, match: '*' }), 204);
  const { data, page } = expect(await say('GET', 'dishes/storied/revisions'), 200).json;
  assert.deepEqual(data.map((r) => [r.meta.revision, r.name ?? r.meta.removed]), [[3, true], [2, 'Two'], [1, 'One']]);
  assert.equal(page.next, null);
  const first = expect(await say('GET', 'dishes/storied/revisions?limit=2'), 200);
  const rest = expect(await say('GET', `dishes/storied/revisions?limit=2&cursor=${first.json.page.next}`), 200);
  assert.deepEqual([...first.json.data, ...rest.json.data], data);
  assert.equal(rest.json.page.next, null);
  assert.equal(expect(await say('GET', 'dishes/storied/revisions/1'), 200).json.name, 'One');
  for (const n of ['4', '99']) refused(await say('GET', `dishes/storied/revisions/${n}`), 404);
  for (const n of ['0', 'x']) refused(await say('GET', `dishes/storied/revisions/${n}`), 400);
  refused(await say('GET', 'dishes/never-was/revisions'), 404);
});

test('a revision with less in it has an ETag of its own', async () => {
  await make('dishes', { id: 'two-faced', name: 'x', margin_note: 'hidden' });
  const tags = [];
  for (const role of [undefined, 'partner', 'office']) tags.push((await say('GET', 'dishes/two-faced/revisions/1', { as: role })).header('etag'));
  assert.equal(new Set(tags).size, 3, `expected three tags, got ${tags}`);
});

test('changes come in their order', async () => {
  const since = await sequence();
  await make('dishes', { id: 'changing', name: 'x' });
  expect(await say('PATCH', 'dishes/changing', { as, match: '*', body: { serves: 3 } }), 200);
  expect(await say('DELETE', 'dishes/changing', { as, match: '*' }), 204);
  const { data, page } = expect(await say('GET', `-/changes?since=${since}`, { as: 'office' }), 200).json;
  assert.deepEqual(data.map((c) => [c.seq, c.op, c.collection, c.id, c.revision]), [
    [since + 1, 'create', 'dishes', 'changing', 1], [since + 2, 'update', 'dishes', 'changing', 2], [since + 3, 'remove', 'dishes', 'changing', 3]]);
  assert.ok(data.every((c) => c.actor === 'manager' && !Number.isNaN(Date.parse(c.at))));
  assert.equal(page.next, since + 3);
  const two = expect(await say('GET', `-/changes?since=${since}&limit=2`), 200).json;
  assert.equal(two.page.next, since + 2);
  assert.deepEqual(expect(await say('GET', `-/changes?since=${since + 3}`), 200).json, { data: [], page: { limit: 50, next: since + 3, last: since + 3 } });
});

test('derived fields are part of the record, and of its ETag', async () => {
  const made = await make('cooks', { name: 'Eve' });
  assert.equal(made.json.greeting, 'Chef Eve');
  const read = expect(await say('GET', 'cooks/eve'), 200);
  assert.equal(read.text, made.text);
  assert.match(read.header('etag'), /^"[^"]+-[0-9a-f]{16}"$/);
  assert.equal(read.header('etag'), made.header('etag'));
  expect(await say('GET', 'cooks/eve', { none: read.header('etag') }), 304);
  assert.equal((await say('GET', 'cooks?name=Eve')).json.data[0].greeting, 'Chef Eve');
  expect(await say('PATCH', 'cooks/eve', { as, match: read.header('etag'), body: { name: 'Eva' } }), 200);
  refused(await say('PATCH', 'cooks/eve', { as, match: read.header('etag'), body: { name: 'Evi' } }), 412);
});

test('derived fields are given by nobody, and may come back as they were read', async () => {
  const made = await make('cooks', { id: 'flo', name: 'Flo' });
  const put = (body) => say('PUT', 'cooks/flo', { as, match: '*', body });
  assert.equal(expect(await put(made.json), 200).header('etag'), made.header('etag'), 'expected nothing to change');
  assert.equal(expect(await put({ ...made.json, name: 'Floh' }), 200).json.greeting, 'Chef Floh');
  const system = { pointer: '/greeting', code: 'system' };
  refused(await put(made.json), 422, system);
  refused(await say('PATCH', 'cooks/flo', { as, match: '*', body: { greeting: 'Hey' } }), 422, system);
  refused(await say('POST', 'cooks', { as, body: { name: 'Gus', greeting: 'Chef Gus' } }), 422, system);
  const read = expect(await say('GET', 'cooks/flo'), 200).json;
  const operations = [{ op: 'replace', collection: 'cooks', id: 'flo', if_match: '*', data: { ...read, name: 'Flo' } }];
  assert.equal(expect(await say('POST', '-/batch', { as, body: { operations } }), 200).json.results[0].record.greeting, 'Chef Flo');
});

test('formats: by suffix and by Accept', async () => {
  await make('dishes', { id: 'menu-1', name: 'Soup of the day', tags: ['menu'] });
  await make('dishes', { id: 'menu-2', name: 'Pie', tags: ['menu'] });
  for (const [path, accept, text] of [
    ['dishes/menu-1.menu', undefined, 'Soup of the day\n'], ['dishes/menu-1', 'text/x-menu', 'Soup of the day\n'],
    ['dishes.menu?tags=menu', undefined, 'menu of dishes\nSoup of the day\nPie\nend\n'],
    ['dishes?tags=menu', 'application/json;q=0.5, text/x-menu', 'menu of dishes\nSoup of the day\nPie\nend\n']]) {
    const reply = expect(await say('GET', path, { accept }), 200);
    assert.equal(reply.header('content-type'), 'text/x-menu');
    assert.equal(reply.text, text);
  }
  assert.notEqual((await say('GET', 'dishes/menu-1.menu')).header('etag'), (await say('GET', 'dishes/menu-1')).header('etag'));
  assert.equal(expect(await say('GET', 'dishes.json?tags=menu'), 200).json.data.length, 2);
  assert.match(expect(await say('GET', 'dishes.menu?tags=menu&limit=1'), 200).header('link'), /dishes\.menu\?/);
  refused(await say('GET', 'cooks.menu'), 404);
  refused(await say('GET', 'cooks/ana.menu'), 404);
});

test('what the server tells of itself', async () => {
  assert.deepEqual((await say('GET', '/healthz')).json, { status: 'ok' });
  assert.deepEqual((await say('GET', '/readyz')).json, { status: 'ready' });
  const version = (await say('GET', '/version')).json;
  assert.match(version.version, /^\d+\.\d+\.\d+/);
  assert.equal(version.abi, '1.0');
  assert.deepEqual(version.plugins.map((p) => [p.name, p.version]), [['kitchen', '1.0.0']]);
  assert.deepEqual((await say('GET', '-/whoami')).json, { role: 'public', actor: null, account: null, name: null, organisation: null, grants: [] });
  for (const role of ['partner', 'office', 'manager'])
    assert.deepEqual((await say('GET', '-/whoami', { as: role })).json,
      { role, actor: role, account: null, name: role, organisation: null, grants: [{ role, collections: ['*'], organisation: null, expires: null }] });
  const index = (await say('GET', '/api/v1')).json;
  assert.deepEqual(index.collections.find((c) => c.name === 'dishes'), { name: 'dishes', title: 'Dishes', href: '/api/v1/dishes' });
  for (const path of Object.values(index.links)) expect(await say('GET', path), 200);
  const { collections } = (await say('GET', '-/schema')).json;
  assert.deepEqual(collections.map((c) => c.name), ['cooks', 'dishes', 'house-rules', 'orders', 'suppliers', 'wishes']);
  assert.deepEqual((await say('GET', '-/schema/dishes')).json, collections[1]);
  refused(await say('GET', '-/schema/nothing'), 404);
});

test('behind a path prefix every link carries it', async () => {
  const behind = await open('base_path=/register');
  const at = (method, path, more) => behind.say(method, `/register/api/v1${path}`, more);
  assert.equal(expect(await at('POST', '/dishes', { as, body: { name: 'Far', tags: ['x'] } }), 201).header('location'), '/register/api/v1/dishes/far');
  expect(await at('POST', '/dishes', { as, body: { name: 'Near', tags: ['x'] } }), 201);
  const list = expect(await at('GET', '/dishes?tags=x&limit=1'), 200);
  const next = /^<([^>]*)>/.exec(list.header('link'))[1];
  assert.match(next, /^\/register\/api\/v1\/dishes\?/);
  assert.deepEqual(expect(await behind.say('GET', next), 200).json.data.map((r) => r.id), ['near']);
  const index = expect(await at('GET', ''), 200).json;
  for (const path of [...Object.values(index.links), ...index.collections.map((c) => c.href)]) expect(await behind.say('GET', path), 200);
  refused(await behind.say('GET', '/api/v1/dishes'), 404);
  await behind.stop();
});
