// What a change may cost: the processor time that it takes in the write transaction is bounded by its budget, whoever
// sends it; a body brings as much again for each MiB. What is over changes nothing.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, startWith } from './ouse.mjs';

const MANY = 3000, BUDGET = 4; // the rules read so many records, which takes more than so many ms

describe('a change that costs too much', built, () => {
  let register;
  const over = (ms) => `The change takes more than ${ms} ms of processor time (cpu_budget); nothing was changed; change less at a time`;
  const patchBig = { op: 'patch', collection: 'awards', id: 'big', data: { amount: 9000 }, if_match: '*' };

  before(async () => {
    register = await startWith([`cpu_budget = ${BUDGET}ms`], 'directory', 'hubs', 'funding', 'training');
    const records = [
      ['organisations', { id: 'nhs', name: 'NHS', kind: 'other' }],
      ['hubs', { id: 'hub', name: 'Hub', kind: 'research_hub' }],
      ['pillars', { id: 'pillar', hub: 'hub', number: 1, name: 'Pillar' }],
      ['awards', { id: 'big', title: 'Big', description: 'Big', funder: 'nhs', kind: 'grant', amount: 8000 }],
      ['schemes', { id: 'course', title: 'Course', state: 'published' }],
      ['cohorts', { id: 'crowd', scheme: 'course' }],
      ...Array.from({ length: MANY }, (_, i) => ['allocations', { id: `a-${i}`, award: 'big', target: 'pillars/pillar', amount: 1 }]),
      ...Array.from({ length: MANY }, (_, i) => ['expressions', { id: `e-${i}`, cohort: 'crowd', name: 'Ann', contact: 'ann@example.org', state: 'accepted' }]),
    ];
    await register.import('one-change', records.map(([collection, record]) => ({ ...record, meta: { collection } })));
  });
  after(() => register?.stop());

  const refused = async (path, body, ms, { as = 'manager', ...options } = {}) => {
    const { headers, body: problem } = await register.expect(503, 'POST', path, { as, body, ...options });
    assert.equal(problem.detail, over(ms));
    assert.ok(Number(headers.get('retry-after')) > 0);
  };

  test('is refused, tried or in earnest, and changes nothing', async () => {
    const { etag } = Object.fromEntries((await register.expect(200, 'GET', 'awards/big')).headers);
    for (const query of ['', '?dry_run=true']) {
      const { body } = await register.expect(503, 'PATCH', `awards/big${query}`, { as: 'manager', body: { amount: 9000 }, headers: { 'if-match': etag } });
      assert.equal(body.detail, over(BUDGET));
      await refused(`-/batch${query}`, { operations: [patchBig] }, BUDGET);
    }
    assert.equal((await register.get('awards/big')).amount, 8000);
    await register.create('organisations', { id: 'small', name: 'Small', kind: 'other' });
  });

  test('is refused without a token', async () => {
    await refused('expressions', { cohort: 'crowd', name: 'Bob', contact: 'bob@example.org' }, BUDGET, { as: undefined });
    const { data: [newest] } = await register.get('expressions?sort=-created&limit=1', 'office');
    assert.equal(newest.name, 'Ann');
  });

  test('may cost as much again for each MiB of its body', async () => {
    const text = JSON.stringify({ operations: [patchBig] });
    const response = await fetch(`${register.origin}/api/v1/-/batch`, {
      method: 'POST', body: text + ' '.repeat((1 << 19) - text.length),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${register.tokens.manager}` },
    });
    assert.deepEqual([response.status, (await response.json()).detail], [503, over(BUDGET * 1.5)]);
  });

  test('is not refused on the command line', async () => {
    await register.import('awards', [{ id: 'big', title: 'Big', description: 'Big', funder: 'nhs', kind: 'grant', amount: 9000, meta: { collection: 'awards' } }]);
    assert.equal((await register.get('awards/big')).amount, 9000);
  });
});
