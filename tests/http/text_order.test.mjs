// The order of text of any length is that of the Unicode Collation Algorithm: base letters, then accents, then
// case. Sort, pages, filters, groups, facets and the past use the same one, also among texts that differ only after
// more bytes than a key of the store has. Node's collator is the second opinion.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expect, open } from './kitchen.mjs';

let say, server, changed;
const as = 'manager';
const long = 'north east london partnership for research into healthy ageing and the care of older people at home '.padEnd(150, 'and more ');
const at500 = 'A very long title of a study '.repeat(18).slice(0, 498);
const at1000 = 'é'.repeat(499);
const words = ['zoo', 'ant', 'bee', 'antler', 'an', 'emu', 'cat 2', 'cat 10', 'cat', '1', 'yak', 'fox', 'Ant', 'änt', 'ANT'];
// In this order: the list was compared with the collation chart of CLDR.
const listed = ['10', '2', 'A&E', 'abel', 'Abel', 'ABEL', 'Ábel', 'æther', 'Ångström', 'co-op', 'coop', 'naive', 'naïve',
  "O'Brien", 'Obrien', 'ss', 'ß', 'zebra', 'Zürich'];
const names = Object.fromEntries([
  ...words.map((word, i) => [`long-${i}`, long + word]),
  ...words.map((word, i) => [`same-${i}`, long + word]), // ties of the whole text go by id
  ...['c', 'a', 'B', 'b', 'á', 'aa'].flatMap((end, i) => [[`at-500-${i}`, at500 + end], [`at-1000-${i}`, at1000.slice(0, 498) + end]]),
  ...listed.map((name, i) => [`listed-${(i * 7) % listed.length}`, name]),
  ['composed', 'Crème brûlée'], ['decomposed', 'Crème brûlée'.normalize('NFD')], ['capitals', 'CRÈME BRÛLÉE'], ['plain', 'Creme brulee'],
  ['greek', 'Ωμέγα'], ['greek-decomposed', 'Ωμέγα'.normalize('NFD')], ['russian', 'Ёж'], ['japanese', 'カレー'], ['japanese-small', 'かれー'],
  ['street', 'Straße'], ['street-2', 'STRASSE'], ['street-3', 'Strasse'], ['street-4', 'Strassé'], ['street-5', 'strasse'],
  ['head', long.slice(0, 112)], ['head-1', long.slice(0, 113)], ['head-less', long.slice(0, 111)],
  ['first', 'alpha'], ['last', 'zulu'], ['other', `${long.slice(0, 100)}zebra`.padEnd(140, 'z')], ['none', undefined],
]);
const { compare } = new Intl.Collator('und');
const fold = (text) => text.normalize('NFKC').toLowerCase().replaceAll('ß', 'ss').normalize('NFKC');
const same = (a, b) => fold(a) === fold(b);
const byId = (a, b) => (a[0] < b[0] ? -1 : 1);
const sorted = (table) => Object.entries(table).filter(([, name]) => name !== undefined).sort((a, b) => compare(a[1], b[1]) || byId(a, b));
const get = async (path) => expect(await say('GET', path, { as }), 200).json;
const ids = ({ data }) => data.map(({ id }) => id);
const q = encodeURIComponent;

async function paged(query, limit) {
  const found = [];
  for (let cursor = ''; cursor !== null;) {
    const { data, page } = await get(`dishes?${query}&limit=${limit}${cursor && `&cursor=${cursor}`}`);
    found.push(...data.map(({ id }) => id));
    cursor = page.next;
  }
  return found;
}

const price = (id) => id.length % 3;
before(async () => {
  server = await open();
  say = server.say;
  for (const [id, note] of Object.entries(names))
    expect(await say('POST', 'dishes', { as, body: { id, name: id, margin_note: note, tags: ['all'], price: price(id) } }), 201);
});
after(() => server.stop());

const up = sorted(names).map(([id]) => id);
const downward = (table) => sorted(table).sort((a, b) => compare(b[1], a[1]) || byId(a, b)).map(([id]) => id);

test('the order is the one that the list above has', async () => {
  const wanted = listed.map((name) => `margin_note[in]=${q(name)}`).join('&');
  const { data } = await get(`dishes?sort=margin_note&limit=200&${wanted}`);
  assert.deepEqual(data.map(({ margin_note: name }) => name), listed);
});

for (const [what, filter] of [['index order', ''], ['sorted rows', '&tags=all']]) {
  test(`sort, in pages: ${what}`, async () => {
    assert.deepEqual(ids(await get(`dishes?sort=margin_note&limit=200${filter}`)), [...up, 'none']);
    assert.deepEqual(ids(await get(`dishes?sort=-margin_note&limit=200${filter}`)), [...downward(names), 'none']);
    for (const limit of [1, 2, 7]) {
      assert.deepEqual(await paged(`sort=margin_note${filter}`, limit), [...up, 'none'], `expected the same, ${limit} at a time`);
      assert.deepEqual(await paged(`sort=-margin_note${filter}`, limit), [...downward(names), 'none'], `expected the same, ${limit} at a time`);
    }
  });
}

test('with a second field', async () => {
  const expected = sorted(names).sort((a, b) => price(a[0]) - price(b[0]) || compare(b[1], a[1]) || byId(a, b)).map(([id]) => id);
  const found = await paged('sort=price,-margin_note&margin_note[exists]=true', 11);
  assert.deepEqual(found, expected);
  const other = sorted(names).sort((a, b) => compare(a[1], b[1]) || price(b[0]) - price(a[0]) || byId(a, b)).map(([id]) => id);
  assert.deepEqual(await paged('sort=margin_note,-price&margin_note[exists]=true', 3), other);
});

test('comparisons with each text, long or short', async () => {
  const entries = sorted(names);
  const beyond = [`${long}b`, `${long}zzz`, long, `${long.slice(0, 112)}!`, `${at500}ab`, `${at1000.slice(0, 498)}AB`, 'aBeL', 'STRASSE ', 'カ'];
  for (const pivot of new Set([...entries.map(([, name]) => name), ...beyond])) {
    const to = (name) => (same(name, pivot.trim()) ? 0 : compare(name, pivot));
    for (const [operator, holds] of Object.entries({ lt: (a) => to(a) < 0, lte: (a) => to(a) <= 0, gt: (a) => to(a) > 0, gte: (a) => to(a) >= 0,
      eq: (a) => same(a, pivot), ne: (a) => !same(a, pivot), in: (a) => same(a, pivot), prefix: (a) => fold(a).startsWith(fold(pivot)) })) {
      if (pivot !== pivot.trim() && operator !== 'prefix') continue;
      const value = operator === 'in' ? `"${pivot}"` : pivot;
      const expected = entries.filter(([, name]) => holds(name)).map(([id]) => id);
      assert.deepEqual(ids(await get(`dishes?margin_note[${operator}]=${q(value)}&sort=margin_note&limit=200`)), expected, `${operator} ${pivot}`);
      assert.deepEqual(ids(await get(`dishes?margin_note[${operator}]=${q(value)}&limit=200`)), [...expected].sort(), `${operator} ${pivot}`);
    }
  }
});

test('several of them in a list, in order', async () => {
  const wanted = [names['long-0'], names['long-1'], names['long-4'], names.first, 'ABEL', 'ábel', names['at-500-1'], names['at-500-3']];
  const expected = sorted(names).filter(([, name]) => wanted.some((one) => same(one, name))).map(([id]) => id);
  const query = `sort=margin_note&${wanted.map((name) => `margin_note[in]=${q(name)}`).join('&')}`;
  assert.deepEqual(ids(await get(`dishes?${query}`)), expected);
  assert.deepEqual(await paged(query, 2), expected);
});

test('groups are in the same order, and have all equal texts', async () => {
  const { data } = await get('dishes/-/summary?group=margin_note');
  const found = data.filter(({ group }) => group.margin_note);
  assert.deepEqual(found.map(({ group }) => group.margin_note), found.map(({ group }) => group.margin_note).sort(compare));
  const expected = new Map();
  for (const name of Object.values(names).filter(Boolean)) expected.set(fold(name), (expected.get(fold(name)) ?? 0) + 1);
  assert.deepEqual(new Map(found.map(({ group, count }) => [fold(group.margin_note), count]).sort()), new Map([...expected].sort()));
});

test('so is the past', async () => {
  const made = Math.max(...(await get('dishes?limit=200')).data.map(({ meta }) => Date.parse(meta.updated)));
  while (Date.now() <= made) await new Promise((resolve) => { setTimeout(resolve, 1); });
  const then = new Date(made).toISOString();
  changed = { ...names };
  for (const id of ['long-0', 'same-1', 'first', 'long-5', 'composed', 'street-3', 'at-1000-2']) {
    changed[id] = `${long}${id} changed`;
    expect(await say('PATCH', `dishes/${id}`, { as, match: '*', body: { margin_note: changed[id] } }), 200);
  }
  for (const id of ['long-2', 'capitals']) {
    delete changed[id];
    expect(await say('DELETE', `dishes/${id}`, { as, match: '*' }), 204);
  }
  assert.deepEqual(await paged('sort=margin_note', 5), [...sorted(changed).map(([id]) => id), 'none']);
  assert.deepEqual(await paged(`sort=margin_note&as_of=${then}`, 5), [...up, 'none']);
  assert.deepEqual(await paged(`sort=-margin_note&as_of=${then}`, 4), [...downward(names), 'none']);
  for (const pivot of [`${long}b`, 'creme brulee', 'Strasse', `${at1000.slice(0, 498)}b`]) {
    const all = sorted(names).filter(([, name]) => !same(name, pivot) && compare(name, pivot) > 0).map(([id]) => id);
    assert.deepEqual(await paged(`sort=margin_note&margin_note[gt]=${q(pivot)}&as_of=${then}`, 6), all);
  }
  for (const pivot of ['crème brûlée', 'strasse']) {
    const equal = sorted(names).filter(([, name]) => same(name, pivot)).map(([id]) => id);
    assert.deepEqual(ids(await get(`dishes?sort=margin_note&margin_note=${q(pivot)}&as_of=${then}`)), equal);
    assert.deepEqual(ids(await get(`dishes?margin_note=${q(pivot)}&as_of=${then}`)), [...equal].sort());
  }
});
