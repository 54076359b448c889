// Funding: what an award was divided into, to the penny and whoever comes at the same time, told on
// the sample register.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, holdPage, holdSample, start } from './ouse.mjs';

describe('funding', built, () => {
  const nhs = 'awards/nhs-england-blmk-hub';
  let register;

  before(async () => {
    register = await start('funding', 'directory', 'hubs');
    for (const collection of ['areas', 'organisations', 'people', 'hubs', 'pillars', 'projects', 'deliverables', 'funds', 'bids', 'awards'])
      await register.loadWhatFits(collection);
  });
  after(() => register?.stop());

  const award = (id, fields) => register.create('awards', {
    id, title: `The award ${id}`, description: 'For a test', funder: 'nhs-england', kind: 'grant', for: 'hubs/blmk-research-innovation-hub', ...fields,
  });
  const allocation = (of, amount, fields) => ({ award: of, target: 'pillars/safeguarding', amount, ...fields });
  const allocate = (...args) => register.create('allocations', allocation(...args));
  const breakdown = (id) => register.get(`awards/${id}/breakdown?by=pillar`);

  test('the sample holds 2 awards, one of undisclosed amount, a fund of undisclosed amount and a won bid', async () => {
    const { data: awards } = await register.get('awards');
    const { data: funds } = await register.get('funds');
    const { data: bids } = await register.get('bids');
    assert.deepEqual(awards.map(({ id, amount }) => [id, amount]), [['luton-council-mapping-study', undefined], ['nhs-england-blmk-hub', 3000000]]);
    assert.deepEqual(funds.map(({ id, amount }) => [id, amount]), [['primary-care-home-incentives', undefined]]);
    assert.deepEqual(bids.map(({ id, state, lead }) => [id, state, lead]), [['hiec-north-east-london', 'won', 'queen-mary']]);
  });

  test('its reference page says what it does', () => holdPage(register, 'funding', ['funds', 'bids', 'awards', 'allocations', 'payments']));

  test('its part of the sample is in readable form and says its sources', () => holdSample(register, ['funds', 'bids', 'awards']));

  describe('GET awards/{id}/breakdown', () => {
    const row = (target, label, projects, leads, sums) => ({ target: `pillars/${target}`, label, planned: 0, committed: 0, spent: 0, projects, leads, ...sums });

    test('what did the £3m buy?', async () => {
      const answer = await breakdown('nhs-england-blmk-hub');
      assert.deepEqual(answer, {
        award: 'nhs-england-blmk-hub', amount: 3000000, allocated: 0, committed: 0, spent: 0, unallocated: 3000000,
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
      assert.deepEqual(await register.get(`${nhs}/breakdown`), answer, 'expected by=pillar to be the default');
      const { errors: [error] } = (await register.expect(400, 'GET', `${nhs}/breakdown?by=year`)).body;
      assert.equal(error.detail, 'by: "year" is not one of pillar');
    });

    test('an award of undisclosed amount leaves open what is unallocated', async () => {
      assert.deepEqual(await breakdown('luton-council-mapping-study'), {
        award: 'luton-council-mapping-study', amount: null, allocated: 0, committed: 0, spent: 0, unallocated: null, rows: [], undisclosed: [],
      });
    });

    test('a project counts for its pillar, and each allocation in the column of its status', async () => {
      await award('divided', { amount: 1000 });
      await allocate('divided', 100.1);
      await allocate('divided', 200.2, { target: 'projects/street-activities', status: 'committed' });
      await allocate('divided', 300.3, { target: 'projects/ageing-well', status: 'spent' });
      await allocate('divided', 0.4, { target: 'pillars/new-ways-of-working', status: 'spent' });
      const { rows, undisclosed, ...sums } = await breakdown('divided');
      assert.deepEqual(sums, { award: 'divided', amount: 1000, allocated: 601, committed: 200.2, spent: 300.7, unallocated: 399 });
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
      assert.equal(detail, 'awards/aimed is for hubs/blmk-research-innovation-hub, and pillars/other-pillar is no part of that');
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
      await register.refusePatch(422, { pointer: '/target', code: 'outside_award' }, 'awards/holding', { for: 'hubs/other' });
      await register.patch('projects/held-project', { pillar: 'next-pillar' });
    });

    test('are not taken from an award that is closed', async () => {
      for (const state of ['closed', 'terminated']) {
        await award(state, { amount: 100 });
        const { id } = await allocate(state, 40);
        for (const to of state === 'closed' ? ['contracted', 'active', 'closed'] : ['terminated']) await register.move(`awards/${state}`, to);
        const { detail } = await register.refuseCreate(409, { pointer: '/award', code: 'award_closed' }, 'allocations', allocation(state, 1));
        assert.equal(detail, `awards/${state} is ${state} and is not allocated any more; only awards that are announced, contracted, active or suspended are`);
        await register.refusePatch(409, { pointer: '/award', code: 'award_closed' }, `allocations/${id}`, { amount: 41 });
        await register.patch(`allocations/${id}`, { status: 'spent' });
      }
    });
  });

  describe('amounts', () => {
    test('are left out where they are not known, and never 0', async () => {
      const body = { title: 'Nothing', description: 'Nothing', funder: 'nhs-england', kind: 'grant' };
      for (const [amount, code, text] of [
        [0, 'too_small', 'must be at least 0.01; got 0'],
        [-5, 'too_small', 'must be at least 0.01; got -5'],
        [1.005, 'decimals', 'must have at most two decimals; got 1.005'],
      ]) {
        const { detail } = await register.refuseCreate(422, { pointer: '/amount', code }, 'awards', { ...body, amount });
        assert.equal(detail, text);
      }
      await register.refuseCreate(422, { pointer: '/amount', code: 'too_small' }, 'allocations', allocation('nhs-england-blmk-hub', 0));
      await register.refuseCreate(422, { pointer: '/amount', code: 'too_small' }, 'funds', { title: 'Nothing', funder: 'nhs-england', amount: 0 });
    });

    test('an award does not end before it starts', async () => {
      const { detail } = await register.refuseCreate(422, { pointer: '/ends', code: 'before' }, 'awards',
        { title: 'Backwards', description: 'Backwards', funder: 'nhs-england', kind: 'grant', starts: '2024-05', ends: '2024-04' });
      assert.match(detail, /must not be before starts, which is 2024-05; got 2024-04/);
    });

    test('are paid from an allocation of the same award', async () => {
      await award('split');
      const { id } = await allocate('split', 10);
      const payment = { award: 'nhs-england-blmk-hub', allocation: id, date: '2024-01-31', amount: 1, kind: 'commitment' };
      const { detail } = await register.refuseCreate(422, { pointer: '/allocation', code: 'other_award' }, 'payments', payment);
      assert.equal(detail, `allocations/${id} is a part of awards/split, and this payment is from awards/nhs-england-blmk-hub`);
      await register.create('payments', { ...payment, award: 'split' });
      await register.refusePatch(422, { pointer: '/allocation', code: 'other_award' }, `allocations/${id}`, { award: 'nhs-england-blmk-hub' });
    });

    test('an award warns while more of it was paid out than was committed', async () => {
      const warnings = () => register.warnings('awards/paid');
      const payment = (date, amount, kind) => register.create('payments', { award: 'paid', date, amount, kind });
      await award('paid');
      await payment('2024-01-31', 0.3, 'commitment');
      await payment('2024-02-01', 0.1, 'disbursement');
      const last = await payment('2024-02-02', 0.2, 'disbursement');
      assert.deepEqual((await warnings()).codes, []);
      await register.patch(`payments/${last.id}`, { amount: 0.25 });
      assert.deepEqual(await warnings(), { codes: ['spent_over_committed '], texts: ['0.35 was paid out, which is 0.05 more than the 0.30 committed'] });
      await register.remove(`payments/${last.id}`);
      assert.deepEqual((await warnings()).codes, []);
    });
  });

  describe('a bid', () => {
    const bid = (id, fields) => register.create('bids', { id, title: `The bid ${id}`, lead: 'queen-mary', state: 'submitted', ...fields });
    const awardsOf = async (id, as = 'public') => (await register.get(`awards?bid=${id}`, as)).data;

    test('that is won creates its award', async () => {
      await register.create('funds', { id: 'innovation', title: 'Innovation fund', funder: 'nhs-england' });
      await bid('winner', { fund: 'innovation', for: 'hubs/elft-cambridge-hub', amount_requested: 500000 });
      await register.move('bids/winner', 'shortlisted');
      await register.patch('bids/winner', { amount_awarded: 450000.5, outcome: '2026-03' });
      assert.deepEqual(await awardsOf('winner'), []);
      await register.move('bids/winner', 'won');
      const [{ meta, ...made }] = await awardsOf('winner');
      assert.deepEqual(made, {
        id: 'the-bid-winner', title: 'The bid winner', description: 'Won by the bid “The bid winner”', funder: 'nhs-england', recipient: 'queen-mary',
        amount: 450000.5, currency: 'GBP', awarded: '2026-03', kind: 'grant', bid: 'winner', for: 'hubs/elft-cambridge-hub', state: 'announced',
      });
      assert.equal(meta.visibility, 'public');
      await register.patch('bids/winner', { process: 'direct' });
      assert.equal((await awardsOf('winner')).length, 1, 'expected one award');
    });

    test('names whose money it is before it is won', async () => {
      await bid('nobodys');
      const { detail } = await register.refuseMove(422, { pointer: '/funder', code: 'funder_required' }, 'bids/nobodys', 'won');
      assert.equal(detail, 'A bid that is won becomes an award, and nobody is named whose money it is; name a fund, or the funder');
      assert.equal((await register.get('bids/nobodys')).state, 'submitted');
      await register.patch('bids/nobodys', { funder: 'luton-council' });
      await register.move('bids/nobodys', 'won');
      assert.deepEqual((await awardsOf('nobodys')).map(({ funder, amount }) => [funder, amount]), [['luton-council', undefined]]);
    });

    test('that few may see wins an award that few may see', async () => {
      await bid('quiet', { funder: 'nhs-england', meta: { visibility: 'office' } });
      await register.move('bids/quiet', 'won');
      assert.deepEqual([(await awardsOf('quiet')).length, (await awardsOf('quiet', 'office')).length], [0, 1]);
    });

    test('that is won is neither lost nor withdrawn', async () => {
      for (const to of ['lost', 'withdrawn']) await register.refuseMove(409, { pointer: '/state', code: 'move' }, 'bids/winner', to);
    });
  });

  describe('without the plugins that it can do without', () => {
    let alone;
    before(async () => {
      alone = await start('funding', 'directory');
      await alone.create('organisations', { id: 'funder', name: 'A funder', kind: 'other' });
    });
    after(() => alone?.stop());

    test('it keeps awards, and names the plugin to enable for what they are for', async () => {
      const body = { id: 'plain', title: 'Plain', description: 'Plain', funder: 'funder', kind: 'grant', amount: 10 };
      for (const [collection, plugin] of [['hubs', 'hubs'], ['projects', 'hubs'], ['networks', 'networks'], ['clusters', 'clusters']]) {
        const { detail } = await alone.refuseCreate(422, { pointer: '/for', code: 'not_loaded' }, 'awards', { ...body, for: `${collection}/any` });
        assert.match(detail, new RegExp(`There are no ${collection} in this register.*enable the plugin "${plugin}"`));
      }
      await alone.create('awards', body);
      assert.deepEqual(await alone.get('awards/plain/breakdown'), {
        award: 'plain', amount: 10, allocated: 0, committed: 0, spent: 0, unallocated: 10, rows: [], undisclosed: [],
      });
    });
  });
});
