// The order of text of any length: sort, pages, filters, groups and the past use the same one, also among texts that
// differ only after more bytes than a key of the store has.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expect, open } from './kitchen.mjs';

let say, server, changed;
const as = 'manager';
const long = 'north east london partnership for research into healthy ageing and the care of older people at home '.padEnd(150, 'and more ');
const words = ['zoo', 'ant', 'bee', 'antler', 'an', 'emu', 'cat 2', 'cat 10', 'cat', '1', 'yak', 'fox'];
const names = Object.fromEntries([
  ...words.map((word, i) => [`long-${i}`, long + word]),
  ...words.map((word, i) => [`same-${i}`, long + word]), // ties of the whole text go by id
  ['head', long.slice(0, 112)], ['head-1', long.slice(0, 113)], ['head-less', long.slice(0, 111)],
  ['first', 'alpha'], ['last', 'zulu'], ['other', `${long.slice(0, 100)}zebra`.padEnd(140, 'z')], ['none', undefined],
]);
const byName = (a, b) => (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : a[0] < b[0] ? -1 : 1);
const sorted = (table) => Object.entries(table).filter(([, name]) => name !== undefined).sort(byName);
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

before(async () => {
  server = await open();
  say = server.say;
  for (const [id, note] of Object.entries(names))
    expect(await say('POST', 'dishes', { as, body: { id, name: id, margin_note: note, tags: ['all'] } }), 201);
});
after(() => server.stop());

const up = sorted(names).map(([id]) => id);
const down = (table) => sorted(table).reverse().map(([id, name]) => [id, name])
  .sort((a, b) => (a[1] > b[1] ? -1 : a[1] < b[1] ? 1 : a[0] < b[0] ? -1 : 1)).map(([id]) => id);

for (const [what, filter] of [['index order', ''], ['sorted rows', '&tags=all']]) {
  test(`sort, in pages: ${what}`, async () => {
    assert.deepEqual(ids(await get(`dishes?sort=margin_note&limit=200${filter}`)), [...up, 'none']);
    assert.deepEqual(ids(await get(`dishes?sort=-margin_note&limit=200${filter}`)), [...down(names), 'none']);
    for (const limit of [1, 2, 7]) {
      assert.deepEqual(await paged(`sort=margin_note${filter}`, limit), [...up, 'none'], `expected the same, ${limit} at a time`);
      assert.deepEqual(await paged(`sort=-margin_note${filter}`, limit), [...down(names), 'none'], `expected the same, ${limit} at a time`);
    }
  });
}

test('comparisons with each text, long or short', async () => {
  const entries = sorted(names);
  for (const pivot of new Set([...entries.map(([, name]) => name), `${long}b`, `${long}zzz`, long, `${long.slice(0, 112)}!`])) {
    for (const [operator, holds] of Object.entries({ lt: (a) => a < pivot, lte: (a) => a <= pivot, gt: (a) => a > pivot, gte: (a) => a >= pivot,
      eq: (a) => a === pivot, ne: (a) => a !== pivot, in: (a) => a === pivot, prefix: (a) => a.startsWith(pivot) })) {
      const value = operator === 'in' ? `"${pivot}"` : pivot;
      const expected = entries.filter(([, name]) => holds(name)).map(([id]) => id);
      assert.deepEqual(ids(await get(`dishes?margin_note[${operator}]=${q(value)}&sort=margin_note&limit=200`)), expected, `${operator} ${pivot}`);
      assert.deepEqual(ids(await get(`dishes?margin_note[${operator}]=${q(value)}&limit=200`)), [...expected].sort(), `${operator} ${pivot}`);
    }
  }
});

test('several of them in a list, in order', async () => {
  const wanted = [names['long-0'], names['long-1'], names['long-4'], names.first];
  const expected = sorted(names).filter(([, name]) => wanted.includes(name)).map(([id]) => id);
  const query = `sort=margin_note&${wanted.map((name) => `margin_note[in]=${q(name)}`).join('&')}`;
  assert.deepEqual(ids(await get(`dishes?${query}`)), expected);
  assert.deepEqual(await paged(query, 2), expected);
});

test('groups are in the same order', async () => {
  const { data } = await get('dishes/-/summary?group=margin_note');
  const expected = [...new Set(sorted(names).map(([, name]) => name))];
  assert.deepEqual(data.map(({ group }) => group.margin_note).filter(Boolean), expected);
});

test('so is the past', async () => {
  const made = Math.max(...(await get('dishes?limit=200')).data.map(({ meta }) => Date.parse(meta.updated)));
  while (Date.now() <= made) await new Promise((resolve) => { setTimeout(resolve, 1); });
  const then = new Date(made).toISOString();
  changed = { ...names };
  for (const id of ['long-0', 'same-1', 'first', 'long-5']) {
    changed[id] = `${long}${id} changed`;
    expect(await say('PATCH', `dishes/${id}`, { as, match: '*', body: { margin_note: changed[id] } }), 200);
  }
  delete changed['long-2'];
  expect(await say('DELETE', 'dishes/long-2', { as, match: '*' }), 204);
  assert.deepEqual(await paged('sort=margin_note', 5), [...sorted(changed).map(([id]) => id), 'none']);
  assert.deepEqual(await paged(`sort=margin_note&as_of=${then}`, 5), [...up, 'none']);
  assert.deepEqual(await paged(`sort=-margin_note&as_of=${then}`, 4), [...down(names), 'none']);
  const pivot = `${long}b`;
  assert.deepEqual(await paged(`sort=margin_note&margin_note[gt]=${q(pivot)}&as_of=${then}`, 6),
    sorted(names).filter(([, name]) => name > pivot).map(([id]) => id));
});
