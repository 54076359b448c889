// What the site says of how much there is, and what can be chosen from: of small collections at once, of large ones as soon as
// that was worked out behind the answers. A page never says what is not so, and never waits.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, eventually, start } from './ouse.mjs';

const courses = ['starter', 'main', 'dessert'];
const dish = (i) => ({ id: `dish-${i}`, name: `Dish ${i}`, course: courses[i % 3], vegan: i % 4 === 0, tags: Array.from({ length: 10 }, (_, k) => `tag ${i}-${k}`) });
const dishes = (from, to) => Array.from({ length: to - from }, (_, i) => dish(from + i));

describe('figures', built, () => {
  let register;

  // The number of records, and what can be chosen: { count: '1,200', choices: ['Main 400', …] }; without those that are not there.
  async function figures(path, as) {
    const response = await fetch(register.origin + path, { headers: as ? { authorization: `Bearer ${register.tokens[as]}` } : {} });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    assert.match(text, /<th scope="row">/, `${path}: expected rows, whatever is known of the whole`);
    const choices = [...text.matchAll(/<label class="choice">.*?<span>([^<]+) <span class="quiet">([^<]*)<\/span>/g)].map(([, label, count]) => `${label} ${count}`);
    return { count: /<strong>([\d,]+)<\/strong> [a-z]+</.exec(text)?.[1], choices };
  }
  const counted = (path, count, as) => eventually(`${count} records at ${path}`, async () => {
    const seen = await figures(path, as);
    return seen.count === count && seen.choices.length > 0 && seen;
  });
  const remove = (from, to) => register.expect(200, 'POST', '-/batch', { as: 'manager',
    body: { operations: dishes(from, to).map(({ id }) => ({ op: 'remove', collection: 'dishes', id, if_match: '*' })) } });

  before(async () => { register = await start('kitchen', 'site'); });
  after(() => register?.stop());

  test('of a small collection are exact at once, after each change', async () => {
    for (const i of [0, 1, 2]) {
      await register.create('dishes', dish(i));
      assert.equal((await figures('/dishes')).count, `${i + 1}`);
    }
    assert.deepEqual((await figures('/dishes')).choices.filter((choice) => !/^Tag/.test(choice)), ['Starter 1', 'Main 1', 'Dessert 1', 'False 2', 'True 1']);
  });

  test('of one that became large are not those of before, and are worked out', async () => {
    await register.import('dishes', dishes(3, 1200));
    const first = await figures('/dishes');
    assert.ok([undefined, '1,200'].includes(first.count), `expected none of before: ${first.count}`);
    const { choices } = await counted('/dishes', '1,200');
    assert.deepEqual(choices.slice(0, 3), ['Starter 400', 'Main 400', 'Dessert 400']);
  });

  test('are there soon after a start, and the first page has all else before', async () => {
    await register.restart();
    const first = await figures('/dishes');
    assert.ok([undefined, '1,200'].includes(first.count), `expected it to be right or missing: ${first.count}`);
    await counted('/dishes', '1,200');
  });

  test('are worked out field by field: one with too many values is not offered', async () => {
    const choices = await eventually('choices of both fields', async () => {
      const seen = await figures('/dishes');
      return seen.choices.length > 4 && seen.choices;
    });
    assert.deepEqual(choices, ['Starter 400', 'Main 400', 'Dessert 400', 'False 900', 'True 300']);
    await register.expect(400, 'GET', 'dishes?facet=tags');
    assert.deepEqual((await figures('/dishes?vegan=true')).choices, ['Starter ', 'Main ', 'Dessert ', 'True ', 'False ']);
  });

  test('are those of the reader\'s role', async () => {
    await register.create('dishes', { ...dish(1200), meta: { visibility: 'office' } });
    await counted('/dishes', '1,201', 'office');
    await counted('/dishes', '1,200', 'partner');
    assert.equal((await figures('/dishes')).count, '1,200');
  });

  test('offer nothing that was hidden since they were made', async () => {
    for (const id of ['farm', 'mill']) await register.create('suppliers', { id, name: `The ${id}` });
    await register.import('dishes', dishes(0, 1200).map(({ id }, i) => ({ id, supplier: i % 2 ? 'farm' : 'mill' })));
    const offered = async () => (await figures('/dishes')).choices.filter((choice) => /^(The )?(farm|mill)/.test(choice)).map((choice) => choice.split(/ \d/)[0]).sort();
    await eventually('both suppliers', async () => String(await offered()) === 'The farm,The mill');
    await register.patch('suppliers/farm', { meta: { visibility: 'office' } });
    for (let n = 0; n < 10; n++) assert.ok(['The mill', ''].includes(String(await offered())), 'expected no hidden one');
  });

  test('follow a large collection that changes', async () => {
    await register.create('dishes', dish(1201));
    await counted('/dishes', '1,201');
  });

  test('are exact again once the collection is known to be small', async () => {
    await remove(20, 620);
    await remove(620, 1200);
    await counted('/dishes', '21');
    await register.create('dishes', dish(1202));
    const { count, choices } = await figures('/dishes');
    assert.deepEqual([count, ...choices.slice(0, 3)], ['22', 'Main 8', 'Starter 7', 'Dessert 7']);
  });
});
