// What an award is divided into, to the penny and whoever comes at the same time. Awards belong to
// the plugin funding, the pillars and projects that they are divided among to hubs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, start } from './ouse.mjs';

describe('an award for a hub', built, () => {
  let register;

  before(async () => {
    register = await start('funding', 'hubs', 'directory');
    await register.load('areas', 'organisations', 'people', 'hubs', 'pillars', 'projects', 'deliverables', 'funds', 'bids', 'awards');
  });
  after(() => register?.stop());

  const award = (id, fields) => register.create('awards', {
    id, title: `The award ${id}`, description: 'For a test', funder: 'nhs-england', kind: 'grant', for: 'hubs/blmk-research-innovation-hub', ...fields,
  });
  const allocation = (of, amount, fields) => ({ award: of, target: 'pillars/safeguarding', amount, ...fields });
  const allocate = (...args) => register.create('allocations', allocation(...args));
  const breakdown = (id) => register.get(`awards/${id}/breakdown?by=pillar`);

  describe('GET awards/{id}/breakdown', () => {
    const row = (target, label, projects, leads, sums) => ({ target: `pillars/${target}`, label, planned: 0, committed: 0, spent: 0, projects, leads, ...sums });

    test('what did the £3m buy?', async () => {
      assert.deepEqual(await breakdown('nhs-england-blmk-hub'), {
        award: 'nhs-england-blmk-hub', amount: 3000000, currency: 'GBP', allocated: 0, committed: 0, spent: 0, unallocated: 3000000,
        rows: [
          row('inclusive-workforce', 'Inclusive workforce', 2, 3),
          row('new-ways-of-working', 'New ways of working', 2, 6),
          row('safeguarding', 'Safeguarding', 1, 1),
        ],
        undisclosed: [{
          award: 'luton-council-mapping-study', funder: 'luton-council',
          purpose: 'Additional funding for a mapping study, within the project “Reducing harm from ‘street activities’ through collaboration and dialogue”.',
        }],
      });
    });

    test('a project counts for its pillar, and each allocation in the column of its status', async () => {
      await award('divided', { amount: 1000 });
      await allocate('divided', 100.1);
      await allocate('divided', 200.2, { target: 'projects/street-activities', status: 'committed' });
      await allocate('divided', 300.3, { target: 'projects/ageing-well', status: 'spent' });
      await allocate('divided', 0.4, { target: 'pillars/new-ways-of-working', status: 'spent' });
      const { rows, undisclosed, ...sums } = await breakdown('divided');
      assert.deepEqual(sums, { award: 'divided', amount: 1000, currency: 'GBP', allocated: 601, committed: 200.2, spent: 300.7, unallocated: 399 });
      assert.deepEqual(rows, [
        row('inclusive-workforce', 'Inclusive workforce', 2, 3),
        row('new-ways-of-working', 'New ways of working', 2, 6, { spent: 300.7 }),
        row('safeguarding', 'Safeguarding', 1, 1, { planned: 100.1, committed: 200.2 }),
      ]);
      assert.deepEqual(undisclosed.map(({ funder }) => funder), ['luton-council']);
    });

    test('neither shows nor counts what the caller may not see', async () => {
      await award('half-seen', { amount: 50 });
      await allocate('half-seen', 10);
      await allocate('half-seen', 20, { meta: { visibility: 'office' } });
      const allocated = async (as) => (await register.get('awards/half-seen/breakdown', as)).allocated;
      assert.deepEqual([await allocated('public'), await allocated('office')], [10, 30]);
    });
  });

  describe('allocations', () => {
    test('come to no more than the award, to the penny', async () => {
      await award('pence', { amount: 0.3 });
      for (const amount of [0.1, 0.1, 0.1]) await allocate('pence', amount);
      const { detail } = await register.refuseCreate(409, { pointer: '/amount', code: 'over_allocated' }, 'allocations', allocation('pence', 0.01));
      assert.equal(detail, 'The allocations of awards/pence would come to 0.31, which is 0.01 more than the 0.30 awarded');
      assert.deepEqual([(await breakdown('pence')).allocated, (await breakdown('pence')).unallocated], [0.3, 0]);
    });

    test('are counted in pence that no double times 100 would give', async () => {
      await award('no-double', { amount: 5.79 });
      for (const amount of [0.29, 1.15, 4.35]) await allocate('no-double', amount);
      const { detail } = await register.refuseCreate(409, { pointer: '/amount', code: 'over_allocated' }, 'allocations', allocation('no-double', 0.01));
      assert.equal(detail, 'The allocations of awards/no-double would come to 5.80, which is 0.01 more than the 5.79 awarded');
    });

    test('are not raised above it, nor is it lowered below them', async () => {
      await award('held', { amount: 1000 });
      const { id } = await allocate('held', 999.99);
      await register.patch(`allocations/${id}`, { amount: 1000 });
      const raised = await register.refusePatch(409, { pointer: '/amount', code: 'over_allocated' }, `allocations/${id}`, { amount: 1250.5 });
      assert.equal(raised.detail, 'The allocations of awards/held would come to 1250.50, which is 250.50 more than the 1000.00 awarded');
      const lowered = await register.refusePatch(409, { pointer: '/amount', code: 'over_allocated' }, 'awards/held', { amount: 600 });
      assert.equal(lowered.detail, 'The allocations of awards/held would come to 1000.00, which is 400.00 more than the 600.00 awarded');
      await register.patch('awards/held', { amount: null });
      await register.patch(`allocations/${id}`, { amount: 1250.5 });
    });

    test('may change places within one import, whatever the order', async () => {
      await award('moved', { amount: 100 });
      const { id } = await allocate('moved', 100);
      const more = { id: 'more', ...allocation('moved', 60) };
      assert.match(await register.import('allocations', [more], 1), /would come to 160\.00, which is 60\.00 more than the 100\.00 awarded/);
      await register.import('allocations', [more, { id, ...allocation('moved', 40) }]);
      assert.equal((await breakdown('moved')).allocated, 100);
    });

    test('of 32 clients at a time, exactly those win for whom there is money', async () => {
      for (let round = 0; round < 50; round++) {
        await award(`race-${round}`, { amount: 1.05 });
        const answers = await Promise.all(Array.from({ length: 32 }, () =>
          register.say('POST', 'allocations', { as: 'manager', body: allocation(`race-${round}`, 0.1) })));
        assert.deepEqual([201, 409].map((status) => answers.filter((answer) => answer.status === status).length), [10, 22]);
        for (const { body } of answers.filter(({ status }) => status === 409)) {
          assert.equal(body.errors[0].code, 'over_allocated');
          assert.match(body.errors[0].detail, /would come to 1\.10, which is 0\.05 more than the 1\.05 awarded/);
        }
        const { allocated, unallocated } = await breakdown(`race-${round}`);
        assert.deepEqual([allocated, unallocated], [1, 0.05]);
        assert.equal((await register.get(`allocations?award=race-${round}`)).data.length, 10);
      }
    });

    test('go to what the award is for', async () => {
      await register.create('hubs', { id: 'other', name: 'Another hub', kind: 'research_hub' });
      await register.create('pillars', { id: 'other-pillar', hub: 'other', number: 1, name: 'One' });
      await award('aimed', { amount: 100 });
      const { detail } = await register.refuseCreate(422, { pointer: '/target', code: 'outside_award' }, 'allocations', allocation('aimed', 1, { target: 'pillars/other-pillar' }));
      assert.equal(detail, 'awards/aimed is for hubs/blmk-research-innovation-hub, and pillars/other-pillar is not part of that; name that or a part of it');
      await award('of-a-project', { for: 'projects/street-activities' });
      await allocate('of-a-project', 1, { target: 'projects/street-activities' });
      await register.refuseCreate(422, { pointer: '/target', code: 'outside_award' }, 'allocations', allocation('of-a-project', 1));
      await award('of-anything', { for: null });
      await allocate('of-anything', 1, { target: 'pillars/other-pillar' });
    });

    test('hold what they go to where it is, and their award to what it is for', async () => {
      await award('holding', { amount: 100, for: 'hubs/elft-cambridge-hub' });
      await register.create('pillars', { id: 'held-pillar', hub: 'elft-cambridge-hub', number: 1, name: 'One' });
      await register.create('pillars', { id: 'next-pillar', hub: 'elft-cambridge-hub', number: 2, name: 'Two' });
      await register.create('projects', { id: 'held-project', pillar: 'held-pillar', title: 'Held' });
      await allocate('holding', 1, { target: 'projects/held-project' });
      await register.refusePatch(422, { pointer: '/target', code: 'outside_award' }, 'projects/held-project', { pillar: 'other-pillar' });
      await register.refuse(422, { pointer: '/target', code: 'outside_award' }, 'POST', 'projects/held-project/move',
        { record: 'projects/held-project', body: { to: 'withdrawn', pillar: 'other-pillar' } });
      await register.refusePatch(422, { pointer: '/target', code: 'outside_award' }, 'pillars/held-pillar', { hub: 'other', number: 2 });
      const detail = 'awards/holding is for hubs/other, and projects/held-project is not part of that; name that or a part of it';
      await register.refusePatch(422, { pointer: '/target', code: 'outside_award', detail }, 'awards/holding', { for: 'hubs/other' });
      await register.patch('projects/held-project', { pillar: 'next-pillar' });
    });

    test('are not taken from an award that is closed', async () => {
      for (const state of ['closed', 'terminated']) {
        await award(state, { amount: 100 });
        const { id } = await allocate(state, 40);
        for (const to of state === 'closed' ? ['contracted', 'active', 'closed'] : ['terminated']) await register.move(`awards/${state}`, to);
        const { detail } = await register.refuseCreate(409, { pointer: '/award', code: 'award_closed' }, 'allocations', allocation(state, 1));
        assert.equal(detail, `awards/${state} is ${state} and accepts no more allocations; only awards that are announced, contracted, active or suspended do`);
        await register.refusePatch(409, { pointer: '/award', code: 'award_closed' }, `allocations/${id}`, { amount: 41 });
        await register.patch(`allocations/${id}`, { status: 'spent' });
      }
    });

    test('are above 0', async () => {
      const { detail } = await register.refuseCreate(422, { pointer: '/amount', code: 'too_small' }, 'allocations', allocation('nhs-england-blmk-hub', 0));
      assert.equal(detail, 'must be at least 0.01; got 0');
    });

    test('are paid from by payments of the same award', async () => {
      await award('split');
      const { id } = await allocate('split', 10);
      const payment = { award: 'nhs-england-blmk-hub', allocation: id, date: '2024-01-31', amount: 1, kind: 'commitment' };
      const { detail } = await register.refuseCreate(422, { pointer: '/allocation', code: 'other_award' }, 'payments', payment);
      assert.equal(detail, `allocations/${id} is part of awards/split, and this payment is from awards/nhs-england-blmk-hub`);
      await register.create('payments', { ...payment, award: 'split' });
      const moved = `allocations/${id} is part of awards/nhs-england-blmk-hub, and this payment is from awards/split`;
      await register.refusePatch(422, { pointer: '/allocation', code: 'other_award', detail: moved }, `allocations/${id}`, { award: 'nhs-england-blmk-hub' });
    });
  });

  test('is for what the bid was for that won it', async () => {
    await register.create('bids', { id: 'winner', title: 'Winner', lead: 'queen-mary', funder: 'nhs-england', state: 'submitted', for: 'hubs/elft-cambridge-hub' });
    await register.move('bids/winner', 'won');
    assert.deepEqual((await register.get('awards?bid=winner')).data.map((won) => won.for), ['hubs/elft-cambridge-hub']);
  });
});
