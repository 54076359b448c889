// Filters with every value that a field can hold: commas and quotes, codes and ids of merged records, references that lead
// nowhere, times with offsets and microseconds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expect, open, refused } from './kitchen.mjs';

let say, server;
const as = 'manager';
const names = {
  comma: 'Smith, Jones', quote: 'The "Mill", Ltd', plain: 'Jones', start: '"Quoted" first', brackets: 'a[in]=b&c=d',
  percent: '100% + 5', lines: 'tab-free/slash?#;', wide: 'Ünïcode – ★', apostrophe: "O'Neil", backslash: 'a\\b', star: 'a*b_c%20d',
};

const get = async (path, role) => expect(await say('GET', path, { as: role }), 200).json;
const ids = ({ data }) => data.map(({ id }) => id).join(' ');
const made = async (collection, body) => expect(await say('POST', collection, { as, body }), 201).json;
const merge = async (collection, id, into) => expect(await say('POST', `${collection}/${id}/merge`, { as, body: { into } }), 200);
const later = async (ms) => { while (Date.now() <= ms) await new Promise((resolve) => { setTimeout(resolve, 1); }); };

before(async () => {
  server = await open();
  say = server.say;
  for (const [id, name] of Object.entries(names)) await made('cooks', { id, name });
});
after(() => server.stop());

const q = encodeURIComponent;
const list = (...values) => q(values.map((value) => `"${value.replaceAll('"', '""')}"`).join(','));

for (const [id, name] of Object.entries(names)) {
  test(`each operator takes ${name}`, async () => {
    assert.equal(ids(await get(`cooks?name=${q(name)}`)), id);
    assert.equal(ids(await get(`cooks?name[eq]=${q(name)}`)), id);
    assert.equal(ids(await get(`cooks?${q('name[in]')}=${list(name)}`)), id);
    assert.equal(ids(await get(`cooks?name[in]=${list(name, 'nobody')}`)), id);
    assert.equal(ids(await get(`cooks?name[in]=${q(name)}&name[in]=nobody`)), id);
    assert.equal(ids(await get(`cooks?name[prefix]=${q(name)}&name[gte]=${q(name)}&name[lte]=${q(name)}`)), id);
    assert.ok(!ids(await get(`cooks?name[ne]=${q(name)}`)).split(' ').includes(id));
    assert.equal((await get(`cooks?name[ne]=${q(name)}`)).data.length, Object.keys(names).length - 1);
  });
}

test('lists: commas separate, quotes and repeated parameters do not', async () => {
  assert.equal(ids(await get(`cooks?name[in]=Jones,${q("O'Neil")}`)), 'apostrophe plain');
  assert.equal(ids(await get(`cooks?name[in]=${list(names.comma)},Jones`)), 'comma plain');
  assert.equal(ids(await get(`cooks?name[in]=${q('Smith, Jones')}`)), '', 'expected two values: "Smith" and " Jones"');
  assert.equal(ids(await get(`cooks?name[in]=${q(names.comma)}&limit=1&name[in]=${q(names.quote)}`)), 'comma');
  const { page } = await get(`cooks?name[in]=${q(names.comma)}&limit=1&name[in]=${q(names.quote)}`);
  assert.equal(ids(await get(`cooks?name[in]=${q(names.comma)}&limit=1&name[in]=${q(names.quote)}&cursor=${page.next}`)), 'quote');
  for (const wrong of ['"a', '"a"b', 'a,"b""', '"']) refused(await say('GET', `cooks?name[in]=${q(wrong)}`), 400, { code: 'value' });
  for (const empty of ['name[in]=', 'name[in]=a,,b', 'name=', 'name[in]=a&name[in]=', 'name[prefix]=', 'name[gt]=', 'id[in]='])
    refused(await say('GET', `cooks?${empty}`), 400);
  refused(await say('GET', `cooks?name[in]=${Array.from({ length: 101 }, (_, i) => i)}`), 400, { code: 'too_many' });
});

test('id: known records by their ids', async () => {
  assert.equal(ids(await get('cooks?id[in]=plain')), 'plain');
  assert.equal(ids(await get('cooks?id[in]=wide,comma,nobody,comma')), 'comma wide');
  assert.equal(ids(await get('cooks?id[in]=wide&id[in]=comma&sort=-name')), 'wide comma');
  assert.equal(ids(await get('cooks?id[in]=wide,comma,plain&name[prefix]=s')), 'comma');
  assert.equal((await get('cooks/-/summary?id[in]=wide,comma')).total.count, 2);
  const first = await get('cooks?id[in]=wide,comma,plain&limit=2');
  assert.equal(ids(first), 'comma plain');
  assert.equal(ids(await get(`cooks?id[in]=wide,comma,plain&limit=2&cursor=${first.page.next}`)), 'wide');
  assert.equal(ids(await get(`cooks?id[in]=wide,comma&as_of=${q(new Date().toISOString())}`)), 'comma wide');
  refused(await say('GET', 'cooks?id[in]=Not%20an%20id'), 400, { code: 'value' });
  for (const other of ['id=plain', 'id[gt]=a', 'id[ne]=a']) refused(await say('GET', `cooks?${other}`), 400, { code: 'unknown_operator' });
});

test('references: unknown and hidden ones are 400, merged ones are those of the survivor', async () => {
  for (const id of ['old-mill', 'mid-mill', 'mill', 'lost', 'never-used']) await made('suppliers', { id, name: id });
  await made('suppliers', { id: 'secret', name: 'Secret', meta: { visibility: 'office' } });
  await made('dishes', { id: 'bread', name: 'Bread', supplier: 'old-mill', inspired_by: 'cooks/plain' });
  await made('dishes', { id: 'buns', name: 'Buns', supplier: 'mill' });
  const before = (await get('dishes/bread')).meta.updated;
  await later(Date.parse(before));
  await merge('suppliers', 'old-mill', 'mid-mill');
  await merge('suppliers', 'mid-mill', 'mill');
  expect(await say('DELETE', 'suppliers/lost', { as, match: '*' }), 204);
  for (const filter of ['supplier=old-mill', 'supplier[in]=old-mill', 'supplier[in]=mid-mill,mill', 'supplier=mill'])
    assert.equal(ids(await get(`dishes?${filter}`)), 'bread buns', filter);
  assert.equal(ids(await get('dishes?supplier[ne]=old-mill')), '');
  assert.equal(ids(await get('dishes?supplier=never-used')), '');
  assert.equal((await get('dishes/-/summary?supplier=old-mill')).total.count, 2);
  assert.equal((await say('GET', 'dishes.ndjson?supplier=old-mill')).text.trim().split('\n').length, 2);
  assert.equal(ids(await get(`dishes?supplier=old-mill&as_of=${before}`)), 'bread', 'expected the reference of then');
  for (const filter of ['supplier=no-such', 'supplier[in]=mill,no-such', 'supplier[ne]=no-such', 'supplier=secret', 'supplier=lost', 'inspired_by=cooks/nobody', 'supplier.part_of=no-such']) {
    refused(await say('GET', `dishes?${filter}`), 400, { code: 'not_found' });
    refused(await say('GET', `dishes/-/summary?${filter}`), 400, { code: 'not_found' });
    refused(await say('GET', `dishes.csv?${filter}`), 400, { code: 'not_found' });
  }
  const told = async (id) => (await say('GET', `dishes?supplier=${id}`)).json.errors[0].detail.replace(id, 'X');
  assert.equal(await told('secret'), await told('no-such'));
  assert.equal(ids(await get('dishes?supplier=secret', 'office')), '');
  assert.equal(ids(await get('suppliers?id[in]=old-mill')), 'mill');
  assert.equal(ids(await get('suppliers?id[in]=old-mill,mid-mill,never-used')), 'mill never-used');
});

test('times with offsets and microseconds', async () => {
  const { meta: { updated } } = await made('orders', { id: 'timed', title: 'Timed' });
  const ms = Date.parse(updated);
  const at = (offset, digits = '') => {
    const local = new Date(ms + offset * 60_000).toISOString().slice(0, 23);
    const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((n) => String(n).padStart(2, '0'));
    return `${local}${digits}${offset < 0 ? '-' : '+'}${hours}:${minutes}`;
  };
  const finds = async (filter) => (await get(`orders?${filter}`)).data.length === 1;
  for (const offset of [0, 60, -330, 825]) {
    assert.equal(await finds(`updated=${q(at(offset))}`), true, at(offset));
    assert.equal(await finds(`updated=${at(offset)}`), true, 'expected a plus sign that the query turned into a space to be read');
    assert.equal(await finds(`updated[lte]=${q(at(offset))}&updated[gte]=${q(at(offset))}`), true);
    assert.equal(await finds(`updated[lt]=${q(at(offset))}`), false);
    // Half a millisecond later than what is stored.
    const beyond = q(at(offset, '500'));
    assert.equal(await finds(`updated[lt]=${beyond}`), true);
    assert.equal(await finds(`updated[lte]=${beyond}`), true);
    assert.equal(await finds(`updated[gt]=${beyond}`), false);
    assert.equal(await finds(`updated[gte]=${beyond}`), false);
    assert.equal(await finds(`updated=${beyond}`), false);
    assert.equal(await finds(`updated[ne]=${beyond}`), true);
    assert.equal(await finds(`updated=${q(at(offset, '000'))}`), true);
    assert.equal((await get(`orders?as_of=${beyond}`)).data.length, 1);
    assert.equal((await say('GET', `orders/timed?as_of=${q(at(offset))}`)).status, 200);
  }
  for (const wrong of ['2026-01-01T00:00:00', '2026-01-01T00:00:00+25:00', '2026-01-01T00:00:00.Z', '2026-02-30T00:00:00Z'])
    refused(await say('GET', `orders?updated[lt]=${q(wrong)}`), 400);
});

test('numbers at their limits are kept exactly, or refused with the reason', async () => {
  const serve = (number) => say('POST', 'orders?dry_run=true', { as, body: `{"title":"Numbers","table":${number}}` });
  for (const [number, kept] of [['1.0', 1], ['-0', 0], ['1e2', 100], ['12.50e1', 125], ['9007199254740991', 9007199254740991], ['-9007199254740991', -9007199254740991], ['0.0', 0], [`1.${'0'.repeat(40)}`, 1]])
    assert.ok((expect(await serve(number), 200)).text.includes(`"table":${kept},`), `${number} as ${kept}`);
  for (const number of ['9007199254740992', '9007199254740993', '-9007199254740993', '9007199254740994', '9223372036854775807', '18446744073709551616', '1e300', '1.5', '1e-1'])
    refused(await serve(number), 422, { pointer: '/table' });
  for (const number of ['1e400', '1.00000000000000001', '9007199254740991.5', '0.12345678901234567']) refused(await serve(number), 400);
  for (const wrong of ['serves=1.00000000000000001', 'serves=9007199254740993', 'serves[gt]=9007199254740994', 'serves=1e400', 'serves=1.5', 'price=4.500000000000000001'])
    refused(await say('GET', `dishes?${wrong}`), 400);
  assert.equal((await get('dishes?serves=-0&limit=1')).data.length, 0);
});

test('bodies in other encodings are refused with the reason', async () => {
  const send = async (headers, body) => {
    const reply = await fetch(`${server.url}/api/v1/orders?dry_run=true`, { method: 'POST', headers: { Authorization: `Bearer ${server.tokens.manager}`, ...headers }, body });
    return [reply.status, (await reply.json()).detail];
  };
  const json = '{"title":"Encoded"}', type = 'application/json';
  assert.equal((await send({ 'Content-Type': type, 'Content-Encoding': 'identity' }, json))[0], 200);
  assert.equal((await send({ 'Content-Type': `${type}; charset=UTF-8` }, json))[0], 200);
  assert.deepEqual(await send({ 'Content-Type': type, 'Content-Encoding': 'gzip' }, json), [415, 'The body has the Content-Encoding gzip; send it without one']);
  assert.deepEqual(await send({ 'Content-Type': type, 'Content-Encoding': 'gzip, br' }, json), [415, 'The body has the Content-Encoding gzip, br; send it without one']);
  const [status, detail] = await send({ 'Content-Type': `${type}; charset=iso-8859-1` }, json);
  assert.equal(status, 415);
  assert.match(detail, /UTF-8/);
});

test('a tag that a proxy has weakened is refused with the reason', async () => {
  const etag = expect(await say('GET', 'cooks/plain', { as }), 200).header('etag');
  const change = (match) => say('PATCH', 'cooks/plain', { as, match, body: {} });
  refused(await change(`W/${etag}`), 412, { detail: 'send the tag without W/' });
  assert.ok(!refused(await change('W/"fffff"'), 412).text.includes('without W/'));
  expect(await change(`W/"x", ${etag}`), 200);
  expect(await change(etag), 200);
  expect(await say('GET', 'cooks/plain', { as, none: `W/${etag}` }), 304);
});
