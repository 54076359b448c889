// Funding: awards, the bids that win them and what is paid from them, told on the sample register.
// What an award is divided into is in allocations.test.mjs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, holdPage, holdSample, startAlone } from './ouse.mjs';

describe('funding', built, () => {
  let register;

  before(async () => {
    register = await startAlone('funding');
    await register.load('areas', 'organisations', 'funds', 'bids', 'awards');
  });
  after(() => register?.stop());

  const award = (id, fields) => register.create('awards', { id, title: `The award ${id}`, description: 'For a test', funder: 'nhs-england', kind: 'grant', ...fields });

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
    const nothing = { allocated: 0, committed: 0, spent: 0, rows: [], undisclosed: [] };

    test('of an award that was not divided has all of it left', async () => {
      const answer = await register.get('awards/nhs-england-blmk-hub/breakdown?by=pillar');
      assert.deepEqual(answer, { award: 'nhs-england-blmk-hub', amount: 3000000, currency: 'GBP', unallocated: 3000000, ...nothing });
      assert.deepEqual(await register.get('awards/nhs-england-blmk-hub/breakdown'), answer, 'expected by=pillar to be the default');
      const { errors: [error] } = (await register.expect(400, 'GET', 'awards/nhs-england-blmk-hub/breakdown?by=year')).body;
      assert.equal(error.detail, 'by: "year" is not one of pillar');
    });

    test('of an award of undisclosed amount leaves open what is left', async () =>
      assert.deepEqual(await register.get('awards/luton-council-mapping-study/breakdown'),
        { award: 'luton-council-mapping-study', amount: null, currency: 'GBP', unallocated: null, ...nothing }));
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
      await register.refuseCreate(422, { pointer: '/amount', code: 'too_small', detail: 'must be at least 0.01; got 0' }, 'funds', { title: 'Nothing', funder: 'nhs-england', amount: 0 });
    });

    test('an award does not end before it starts', async () => {
      const { detail } = await register.refuseCreate(422, { pointer: '/ends', code: 'before' }, 'awards',
        { title: 'Backwards', description: 'Backwards', funder: 'nhs-england', kind: 'grant', starts: '2024-05', ends: '2024-04' });
      assert.match(detail, /must not be before starts, which is 2024-05; got 2024-04/);
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
      await bid('winner', { fund: 'innovation', amount_requested: 500000 });
      await register.move('bids/winner', 'shortlisted');
      await register.patch('bids/winner', { amount_awarded: 450000.5, outcome: '2026-03' });
      assert.deepEqual(await awardsOf('winner'), []);
      await register.move('bids/winner', 'won');
      const [{ meta, ...made }] = await awardsOf('winner');
      assert.deepEqual(made, {
        id: 'the-bid-winner', title: 'The bid winner', description: 'Won by the bid “The bid winner”', funder: 'nhs-england', recipient: 'queen-mary',
        amount: 450000.5, currency: 'GBP', awarded: '2026-03', kind: 'grant', bid: 'winner', state: 'announced',
      });
      assert.equal(meta.visibility, 'public');
      await register.patch('bids/winner', { process: 'direct' });
      assert.equal((await awardsOf('winner')).length, 1, 'expected one award');
    });

    test('names whose money it is before it is won', async () => {
      await bid('nobodys');
      const { detail } = await register.refuseMove(422, { pointer: '/funder', code: 'funder_required' }, 'bids/nobodys', 'won');
      assert.equal(detail, 'A bid that is won becomes an award, but its funder is missing; name a fund, or the funder');
      assert.equal((await register.get('bids/nobodys')).state, 'submitted');
      await register.patch('bids/nobodys', { funder: 'luton-council' });
      await register.move('bids/nobodys', 'won');
      assert.deepEqual((await awardsOf('nobodys')).map(({ funder, amount }) => [funder, amount]), [['luton-council', undefined]]);
    });

    test('that few may see wins an award that few may see', async () => {
      await bid('quiet', { funder: 'nhs-england', meta: { visibility: 'office' } });
      await register.move('bids/quiet', 'won');
      await register.expect(400, 'GET', 'awards?bid=quiet');
      assert.equal((await awardsOf('quiet', 'office')).length, 1);
    });

    test('that is won is neither lost nor withdrawn', async () => {
      for (const to of ['lost', 'withdrawn'])
        await register.refuseMove(409, { pointer: '/state', code: 'move', detail: `state is won; it cannot move to ${to} from there (see \`moves\`)` }, 'bids/winner', to);
    });
  });

  test('what an award is for names the plugin to enable', async () => {
    for (const [collection, plugin] of [['hubs', 'hubs'], ['projects', 'hubs'], ['networks', 'networks'], ['clusters', 'clusters']]) {
      const { detail } = await register.refuseCreate(422, { pointer: '/for', code: 'not_loaded' }, 'awards',
        { title: 'Plain', description: 'Plain', funder: 'nhs-england', kind: 'grant', for: `${collection}/any` });
      assert.match(detail, new RegExp(`There are no ${collection} in this register.*enable the plugin "${plugin}"`));
    }
  });
});
