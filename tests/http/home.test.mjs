// The home page of a register with many records: what was awarded, and what changed last.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, eventually, start } from './ouse.mjs';
import { html, textOf } from './walk.mjs';

describe('the home page', built, () => {
  let register;
  const text = async (path = '/', as) => textOf(await (await fetch(register.origin + path, { headers: { ...html, ...(as ? { authorization: `Bearer ${register.tokens[as]}` } : {}) } })).text());
  const latest = async () => /Latest changes (.*?) All changes/.exec(await text())[1];
  const award = (i, more) => ({ id: `grant-${i}`, title: `Grant ${i}`, kind: 'grant', funder: 'council', for: 'hubs/north', description: 'A grant.', amount: 1000.5, ...more });

  before(async () => {
    register = await start('directory', 'hubs', 'funding', 'site');
    await register.create('organisations', { id: 'council', name: 'Council', kind: 'local_authority' });
    await register.create('hubs', { id: 'north', name: 'North hub', kind: 'research_hub' });
  });
  after(() => register?.stop());

  test('adds up few awards at once', async () => {
    await register.create('awards', award(0));
    assert.match(await text(), /Awarded £1,000\.50/);
    await register.create('awards', award(1));
    assert.match(await text(), /Awarded £2,001/);
  });

  test('has what was awarded when there are more than a thousand awards', async () => {
    await register.import('awards', Array.from({ length: 1198 }, (_, i) => award(i + 2)));
    await eventually('the sum of 1,200 awards', async () => / Awarded £1,200,600 /.test(await text()));
    await register.create('awards', award('eur', { amount: 5, currency: 'EUR' }));
    await eventually('the sum of each currency', async () => / Awarded (£1,200,600, EUR 5|EUR 5, £1,200,600) /.test(await text()));
    await register.create('awards', award('secret', { amount: 1_000_000, meta: { visibility: 'office' } }));
    await eventually('the sum for the office', async () => / Awarded [^A-Z]*£2,200,600/.test(await text('/', 'office')));
    assert.match(await text(), / Awarded [^A-Z]*£1,200,600/, 'expected nothing hidden in the sum of the public');
  });

  test('has what changed last, whatever was checked or removed since', async () => {
    await register.create('people', { id: 'ada', name: 'Ada Example' });
    await register.import('people', Array.from({ length: 300 }, (_, i) => ({ id: `p-${i}`, name: `Person ${i}` })));
    for (let i = 0; i < 300; i += 100)
      await register.expect(200, 'POST', '-/batch', { as: 'manager', body: { operations: Array.from({ length: 100 }, (_, k) => ({ op: 'remove', collection: 'people', id: `p-${i + k}`, if_match: '*' })) } });
    assert.match(await latest(), /^Ada Example Person · \d+ \w+ \d{4}, \d\d:\d\d (GMT|BST) Grant eur Award /);
    assert.equal((await latest()).match(/ · /g).length, 6);
  });
});
