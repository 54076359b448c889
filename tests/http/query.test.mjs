// Lists as they are asked for over HTTP: operators, orders, pages, counts, facets, sums, and what is included.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expect, open, refused } from './kitchen.mjs';

let say, server;
const as = 'manager';
const dishes = {
  apple: { course: 'dessert', vegan: true, serves: 2, price: 4.5, season: '2023', tags: ['fruit', 'sweet'], supplier: 'orchard' },
  bread: { course: 'starter', vegan: true, serves: 10, price: 1.1, season: '2024-03', tags: ['grain'], supplier: 'mill' },
  cake: { course: 'dessert', vegan: false, serves: 12, price: 30, season: '2024', tags: ['grain', 'sweet'], supplier: 'mill', margin_note: 'low' },
  duck: { course: 'main', vegan: false, serves: 4, price: 22.25, season: '2024-03-15', inspired_by: 'cooks/ana', margin_note: 'high' },
  egg: { course: 'main', serves: 1, tags: ['farm'], supplier: 'farm', inspired_by: 'dishes/duck' },
  figs: { course: 'dessert', vegan: true, price: 4.5, season: '2025-01', tags: ['fruit'], supplier: 'orchard', tasters: ['ana', 'ben'] },
  hidden: { course: 'main', vegan: true, serves: 4, price: 9, season: '2022', supplier: 'secret', meta: { visibility: 'office' } },
};
const suppliers = {
  holding: {}, orchard: { part_of: 'holding' }, farm: { part_of: 'holding' }, mill: {}, secret: { meta: { visibility: 'office' } },
};

before(async () => {
  server = await open();
  say = server.say;
  const make = async (collection, id, body) => expect(await say('POST', collection, { as, body: { id, name: id, ...body } }), 201);
  for (const [id, body] of Object.entries(suppliers)) await make('suppliers', id, body);
  for (const id of ['ana', 'ben']) await make('cooks', id);
  for (const [id, body] of Object.entries(dishes)) await make('dishes', id, body);
  for (const [id, dish] of [['one', 'cake'], ['two', 'egg'], ['three', 'duck'], ['four', undefined]])
    expect(await say('POST', 'orders', { as, body: { id, title: id, dish } }), 201);
});
after(() => server.stop());

const get = async (path, role) => expect(await say('GET', path, { as: role }), 200).json;
const ids = ({ data }) => data.map(({ id }) => id).join(' ');

const filters = [
  ['course=dessert', 'apple cake figs'], ['course[eq]=dessert', 'apple cake figs'], ['course[ne]=dessert', 'bread duck egg'],
  ['course[in]=main,starter', 'bread duck egg'], ['course[gt]=starter', 'apple cake duck egg figs'], ['course[lte]=main', 'bread duck egg'],
  ['vegan=true', 'apple bread figs'], ['vegan[ne]=true', 'cake duck'], ['vegan[exists]=false', 'egg'], ['vegan[exists]=true', 'apple bread cake duck figs'],
  ['serves[gte]=4', 'bread cake duck'], ['serves[gt]=4', 'bread cake'], ['serves[lt]=4', 'apple egg'], ['serves[lte]=4', 'apple duck egg'],
  ['serves[gte]=2&serves[lt]=12', 'apple bread duck'], ['serves[in]=1,2,99', 'apple egg'], ['serves[gt]=1000', ''],
  ['price=4.50', 'apple figs'], ['price[lt]=4.51', 'apple bread figs'], ['price[gte]=22.25', 'cake duck'], ['price[exists]=false', 'egg'],
  ['season=2024', 'cake'], ['season[gte]=2024', 'bread cake duck figs'], ['season[lte]=2024', 'apple bread cake duck'],
  ['season[gt]=2024', 'figs'], ['season[lt]=2024', 'apple'], ['season[gte]=2024&season[lte]=2024', 'bread cake duck'],
  ['season[gte]=2024-02', 'bread duck figs'], ['season[lte]=2024-03', 'apple bread duck'], ['season[lt]=2024-03-16', 'apple duck'], ['season[ne]=2024', 'apple bread duck figs'],
  ['name[prefix]=B', 'bread'], ['name[gte]=d', 'duck egg figs'], ['name[lt]=BREAD', 'apple'], ['name[in]=egg,FIGS', 'egg figs'],
  ['tags=sweet', 'apple cake'], ['tags[ne]=sweet', 'bread egg figs'], ['tags[prefix]=f', 'apple egg figs'], ['tags[in]=fruit,grain', 'apple bread cake figs'], ['tags[exists]=false', 'duck'],
  ['tags=sweet&tags=grain', 'cake'], ['tags[gte]=g', 'apple bread cake'],
  ['supplier=mill', 'bread cake'], ['supplier[ne]=mill', 'apple egg figs'], ['supplier[in]=mill,farm', 'bread cake egg'], ['supplier[exists]=false', 'duck'], ['supplier[exists]=true', 'apple bread cake egg figs'],
  ['tasters=ben', 'figs'], ['tasters[exists]=true', 'figs'], ['inspired_by=cooks/ana', 'duck'], ['inspired_by[in]=cooks/ana,dishes/duck', 'duck egg'],
  ['supplier.part_of=holding', 'apple egg figs'], ['supplier.part_of[exists]=false', 'bread cake'], ['supplier.part_of=holding&vegan=true', 'apple figs'],
  ['inspired_by.name[prefix]=a', 'duck'], ['inspired_by.course=main', 'egg'], ['inspired_by.name[exists]=true', 'duck egg'],
  ['course=dessert&price=4.5&season[gt]=2023', 'figs'],
];
for (const [query, expected] of filters)
  test(`dishes?${query}`, async () => assert.equal(ids(await get(`dishes?${query}`)), expected));

test('who may see more finds more, by fields that others do not know of', async () => {
  assert.equal(ids(await get('dishes?course=main', 'office')), 'duck egg hidden');
  assert.equal(ids(await get('dishes?margin_note[gte]=i', 'office')), 'cake');
  assert.equal(ids(await get('dishes?sort=-margin_note&margin_note[exists]=true', 'office')), 'cake duck');
  assert.equal(ids(await get('dishes?supplier.part_of[exists]=false', 'office')), 'bread cake hidden');
});

const orders = [
  ['price', 'bread apple figs duck cake egg'], ['-price', 'cake duck apple figs bread egg'], ['-name', 'figs egg duck cake bread apple'],
  ['course,-serves', 'bread duck egg cake apple figs'], ['-course,name', 'apple cake figs duck egg bread'], ['season', 'apple cake bread duck figs egg'],
  ['-season', 'figs duck bread cake apple egg'], ['tags', 'egg apple figs bread cake duck'], ['-tags', 'apple cake bread figs egg duck'],
  ['vegan,-price,name', 'cake duck apple figs bread egg'], ['serves', 'egg apple duck bread cake figs'],
];
for (const [sort, expected] of orders) {
  test(`dishes?sort=${sort}`, async () => {
    assert.equal(ids(await get(`dishes?sort=${sort}`)), expected);
    const paged = [];
    for (let cursor = ''; cursor !== null;) {
      const { data, page } = await get(`dishes?sort=${sort}&limit=2${cursor && `&cursor=${cursor}`}`);
      paged.push(...data.map(({ id }) => id));
      cursor = page.next;
    }
    assert.equal(paged.join(' '), expected, 'expected the same, two at a time');
  });
}

test('what was made and changed when: filters, orders, pages', async () => {
  const { updated } = (await get('dishes/bread')).meta;
  for (const id of ['figs', 'apple'])
    expect(await say('PATCH', `dishes/${id}`, { as, match: '*', type: 'application/merge-patch+json', body: { story: 'Told anew.' } }), 200);
  const [today, instant] = [new Date().toISOString().slice(0, 4), (await get('dishes/figs')).meta.updated];
  const all = 'apple bread cake duck egg figs';
  assert.equal(ids(await get('dishes?sort=created')), all);
  assert.equal(ids(await get('dishes?sort=-created')), all.split(' ').reverse().join(' '));
  assert.equal(ids(await get('dishes?sort=-updated')), 'apple figs egg duck cake bread');
  assert.equal(ids(await get('dishes?sort=course,-updated')), 'bread egg duck apple figs cake');
  assert.equal(ids(await get('dishes?sort=-updated,name&limit=2')), 'apple figs');
  assert.equal(ids(await get(`dishes?updated[gte]=${instant}&sort=updated`)), 'figs apple');
  assert.equal(ids(await get(`dishes?updated[gt]=${instant}`)), 'apple');
  assert.equal(ids(await get(`dishes?updated=${instant}`)), 'figs');
  assert.equal(ids(await get(`dishes?updated=${updated}&course=starter`)), 'bread');
  assert.equal(ids(await get(`dishes?created[lt]=${updated}`)), 'apple');
  assert.equal(ids(await get(`dishes?created=${today}&updated[lte]=${today}`)), all);
  assert.equal(ids(await get(`dishes?updated[ne]=${today}`)), '');
  assert.equal(ids(await get('orders?dish.updated[gte]=2020-01-31&sort=updated')), 'one two three', 'expected times behind a reference');
  const paged = [];
  for (let cursor = ''; cursor !== null;) {
    const { data, page } = await get(`dishes?sort=-updated&limit=1${cursor && `&cursor=${cursor}`}`);
    paged.push(...data.map(({ id }) => id));
    cursor = page.next;
  }
  assert.equal(paged.join(' '), 'apple figs egg duck cake bread');
});

const mistakes = [
  ['updated=soon', 'updated must be a date'], ['updated[in]=2026', 'it accepts: eq, ne, lt, lte, gt, gte'], ['sort=-updatet', 'did you mean \\"updated\\"'], ['facet=updated', 'is not an accepted value'], ['create=2026', 'did you mean \\"created\\"'],
  ['course[equals]=main', 'course has no operator \\"equals\\"'], ['course[gtee]=main', 'did you mean \\"gte\\"'], ['vegan[lt]=true', 'no operator \\"lt\\"'], ['supplier[lt]=a', 'no operator'],
  ['serves[gte]=many', 'no value of type int'], ['season[lt]=soon', 'season'], ['course[in]=main,soup', 'course'], ['vegan[exists]=maybe', 'true or false'], ['price[gt]=1.005', 'price'],
  ['name[contains]=x', 'not declared searchable'], ['story[contains]=x', 'needs the plugin'], ['q=x', 'q needs the plugin'], ['story[prefix]=x', 'cannot be filtered'], ['margin_note[gt]=a', 'no parameter'], ['cost[gt]=1', 'no parameter'], ['corse[ne]=main', 'course'],
  ['supplier.name=x', 'suppliers cannot be filtered by'], ['supplier.parts_of=x', 'did you mean \\"part_of\\"'], ['course.x=1', 'course is not a reference'], ['inspired_by.margin_note=x', 'cannot be filtered'],
  ['sort=story', 'cannot be sorted by \\"story\\"'], ['sort=-prise', 'did you mean \\"price\\"'], ['sort=margin_note', 'cannot be sorted'], ['sort=price,-price', 'twice'], ['sort=price&sort=name', 'given twice'], ['sort=name,course,vegan,serves,price', 'at most 4'],
  ['count=all', 'exact'], ['fields=titel', 'is not an accepted value'], ['fields=nam', 'did you mean \\"name\\"'], ['fields=margin_note', 'is not an accepted value'], ['fields=', 'is not an accepted value'],
  ['facet=story', 'is not an accepted value'], ['facet=cours', 'did you mean \\"course\\"'], ['facet=margin_note', 'is not an accepted value'], ['facet=course,course', 'twice'],
  ['expand=course', 'is not an accepted value'], ['expand=suplier', 'did you mean \\"supplier\\"'], ['expand=supplier.name', 'part_of'], ['expand=supplier.part_of.part_of', 'two references'],
  ['cursor=AAAA', 'cursor'], ['sort=price&cursor=AAAAAAAAAAAAAAAAAAAA', 'cursor'],
];
for (const [query, detail] of mistakes)
  test(`dishes?${query} is 400`, async () => {
    const reply = refused(await say('GET', `dishes?${query}`), 400);
    assert.ok(reply.text.includes(detail), `expected ${detail} in ${reply.text}`);
  });

test('a cursor belongs to its order and its filters', async () => {
  const { next } = (await get('dishes?sort=price&limit=1')).page;
  for (const query of ['sort=-price', 'sort=price&vegan=true', 'sort=name', ''])
    refused(await say('GET', `dishes?${query}&cursor=${next}`), 400, { detail: 'cursor' });
  for (const at of [0, 5, next.length - 1]) {
    const forged = next.slice(0, at) + (next[at] === 'A' ? 'B' : 'A') + next.slice(at + 1);
    refused(await say('GET', `dishes?sort=price&cursor=${forged}`), 400, { detail: 'cursor' });
  }
});

test('count=exact counts what the caller may see, on every page', async () => {
  assert.equal((await get('dishes?count=exact&limit=1')).page.count, 6);
  assert.equal((await get('dishes?count=exact&limit=1', 'office')).page.count, 7);
  assert.equal((await get('dishes?count=exact&course=dessert&limit=2')).page.count, 3);
  assert.equal((await get('dishes?count=exact&price[gt]=1000')).page.count, 0);
  assert.ok(!('count' in (await get('dishes')).page), 'expected no count that was not asked for');
});

test('facets count values under the same filters', async () => {
  assert.deepEqual((await get('dishes?facet=course,vegan&limit=1')).facets, { course: { dessert: 3, main: 2, starter: 1 }, vegan: { true: 3, false: 2 } });
  assert.deepEqual((await get('dishes?facet=course&vegan=true', 'office')).facets, { course: { dessert: 2, main: 1, starter: 1 } });
  assert.deepEqual((await get('dishes?facet=tags,supplier&course=dessert')).facets, { tags: { fruit: 2, sweet: 2, grain: 1 }, supplier: { orchard: 2, mill: 1 } });
  assert.deepEqual((await get('dishes?facet=price,season&serves=2')).facets, { price: { 4.5: 1 }, season: { 2023: 1 } });
  assert.ok(!('facets' in (await get('dishes'))));
});

test('fields=: these, id and meta', async () => {
  const { data } = await get('dishes?fields=name,price,cost&limit=1', 'partner');
  assert.deepEqual(Object.keys(data[0]), ['id', 'name', 'price', 'meta']);
  assert.deepEqual(Object.keys((await get('cooks?fields=greeting&limit=1')).data[0]).sort(), ['greeting', 'id', 'meta']);
});

test('expand: one step and two, each record once, none that is hidden', async () => {
  assert.deepEqual(Object.keys((await get('dishes?expand=supplier,tasters&course=dessert')).included).sort(), ['cooks/ana', 'cooks/ben', 'suppliers/mill', 'suppliers/orchard']);
  const two = await get('orders?expand=dish.supplier');
  assert.deepEqual(Object.keys(two.included).sort(), ['dishes/cake', 'dishes/duck', 'dishes/egg', 'suppliers/farm', 'suppliers/mill']);
  assert.deepEqual(two.included['dishes/cake'], (await get('dishes/cake')), 'expected a record as it is read');
  assert.equal((await get('dishes?expand=tasters')).included['cooks/ana'].greeting, 'Chef ana', 'expected derived fields');
  const seen = async (role) => Object.keys((await get('dishes?expand=supplier&serves=4', role)).included);
  assert.deepEqual(await seen(), []);
  assert.deepEqual(await seen('office'), ['suppliers/secret']);
  assert.deepEqual(Object.keys((await get('dishes?expand=supplier.part_of&fields=name')).included).sort(),
    ['suppliers/farm', 'suppliers/holding', 'suppliers/mill', 'suppliers/orchard']);
  refused(await say('GET', 'dishes.menu?expand=supplier'), 400, { detail: 'JSON' });
});

test('fields and expand of one record, with a tag of its own', async () => {
  const whole = expect(await say('GET', 'dishes/cake'), 200);
  const part = expect(await say('GET', 'dishes/cake?fields=name,supplier&expand=supplier.part_of,supplier'), 200);
  assert.deepEqual(Object.keys(part.json), ['id', 'name', 'supplier', 'meta', 'included']);
  assert.deepEqual(part.json.included, { 'suppliers/mill': await get('suppliers/mill') });
  assert.notEqual(part.header('etag'), whole.header('etag'));
  expect(await say('GET', 'dishes/cake?fields=name,supplier&expand=supplier.part_of,supplier', { none: part.header('etag') }), 304);
  expect(await say('GET', 'dishes/cake', { none: part.header('etag') }), 200);
  expect(await say('GET', 'dishes/cake?fields=name', { none: whole.header('etag') }), 200);
  assert.deepEqual((await get('dishes/cake?expand=tasters')), { ...whole.json, included: {} });
  assert.deepEqual(Object.keys((await get('orders/one?expand=dish.supplier')).included), ['dishes/cake', 'suppliers/mill']);
  assert.deepEqual(await get('dishes/cake?fields=name'), { id: 'cake', name: 'cake', meta: whole.json.meta });
  assert.deepEqual((await get('dishes/hidden?expand=supplier', 'office')).included['suppliers/secret'].id, 'secret');
  for (const [query, detail] of [['fields=nam', 'did you mean "name"'], ['expand=name', 'is not an accepted value'], ['sort=name', 'the known ones are fields, expand'], ['fields=name&fields=price', 'given twice']])
    refused(await say('GET', `dishes/cake?${query}`), 400, { detail });
  refused(await say('GET', 'dishes/cake.csv?fields=name'), 400, { detail: 'fields cannot be had as text/csv, but in JSON' });
  const changed = await say('PATCH', 'dishes/cake', { as, match: part.header('etag'), body: { story: 'Again.' } });
  assert.equal(changed.status, 200, 'expected that what was read of a record is enough to write to it');
});

test('a summary counts and sums, in whole pence', async () => {
  const summary = (query, role) => get(`dishes/-/summary${query && `?${query}`}`, role);
  assert.deepEqual(await summary(''), { data: [], total: { count: 6, sum: {} } });
  assert.deepEqual(await summary('group=course&sum=price,serves'), {
    data: [
      { group: { course: 'starter' }, count: 1, sum: { price: 1.1, serves: 10 } },
      { group: { course: 'main' }, count: 2, sum: { price: 22.25, serves: 5 } },
      { group: { course: 'dessert' }, count: 3, sum: { price: 39, serves: 14 } }],
    total: { count: 6, sum: { price: 62.35, serves: 29 } },
  });
  assert.deepEqual(await summary('group=vegan,supplier&sum=price&price[lt]=20', 'office'), {
    data: [
      { group: { vegan: true, supplier: 'mill' }, count: 1, sum: { price: 1.1 } },
      { group: { vegan: true, supplier: 'orchard' }, count: 2, sum: { price: 9 } },
      { group: { vegan: true, supplier: 'secret' }, count: 1, sum: { price: 9 } }],
    total: { count: 4, sum: { price: 19.1 } },
  });
  assert.deepEqual(await summary('group=tags&sum=price&name=egg'), { data: [{ group: { tags: 'farm' }, count: 1, sum: { price: null } }], total: { count: 1, sum: { price: null } } });
  assert.deepEqual((await summary('group=vegan&name=egg')).data, [{ group: { vegan: null }, count: 1, sum: {} }]);
  for (const query of ['group=story', 'sum=name', 'sum=cost', 'sort=name', 'limit=5', 'group=course&group=vegan', 'group=tags,tags', 'sum=price,price', 'course=soup'])
    refused(await say('GET', `dishes/-/summary?${query}`), 400);
});

test('pages are exact while eight writers insert and delete', async () => {
  const eight = [...Array(8).keys()];
  const kept = Array.from({ length: 120 }, (_, i) => `steady-${String(i).padStart(3, '0')}`);
  const make = async (id, serves) => expect(await say('POST', 'dishes', { as, body: { id, name: id, tags: ['paged'], serves } }), 201);
  await Promise.all(eight.map(async (k) => { for (let i = k; i < kept.length; i += 8) await make(kept[i], 1 + i % 50); }));
  let reading = true;
  const writers = eight.map(async (k) => {
    for (let i = 0; reading; i++) {
      await make(`steady-passing-${k}-${i}`, 1 + (i * 7) % 50);
      if (i >= 5) expect(await say('DELETE', `dishes/steady-passing-${k}-${i - 5}`, { as, match: '*' }), 204);
    }
  });
  for (const query of ['tags=paged', 'tags=paged&sort=serves', 'tags=paged&sort=-serves', 'sort=tags,-name&tags=paged', 'name[prefix]=steady&sort=-name', 'serves[gte]=1&tags=paged'])
    for (let round = 0; round < 3; round++) {
      const seen = [];
      for (let cursor = ''; cursor !== null;) {
        const { data, page } = await get(`dishes?${query}&limit=17${cursor && `&cursor=${cursor}`}`);
        seen.push(...data.map(({ id }) => id));
        cursor = page.next;
      }
      assert.equal(new Set(seen).size, seen.length, `${query}: expected each record once`);
      assert.deepEqual(seen.filter((id) => !id.includes('passing')).sort(), kept, `${query}: expected all that stayed`);
    }
  reading = false;
  await Promise.all(writers);
});
