// Services: a merger takes effect in one step, and what was promised is reviewed, told on the sample
// register.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, holdPage, holdSample, startAlone } from './ouse.mjs';

describe('services', built, () => {
  const collections = ['mergers', 'commitments'];
  const sampled = 'mergers/bedford-luton-dunstable';
  let register, made = 0;

  before(async () => {
    register = await startAlone('services');
    await register.load('areas', 'organisations', 'sites', ...collections);
  });
  after(() => register?.stop());

  const trust = async (fields) => (await register.create('organisations', { id: `trust-${++made}`, name: `Trust ${made}`, kind: 'nhs_trust', ...fields })).id;
  const merger = async (parties, fields) => {
    const { id } = await register.create('mergers', { title: `Merger ${++made}`, parties, state: 'approved', ...fields });
    return `mergers/${id}`;
  };
  const organisation = async (id) => {
    const { status, closed, predecessors } = await register.get(`organisations/${id}`);
    return { status, closed, predecessors };
  };
  const open = { status: 'open', closed: undefined, predecessors: undefined };
  const takeEffect = async (path, body) => register.expect(200, 'POST', `${path}/move`, {
    as: 'manager', body: { to: 'effective', ...body }, headers: { 'if-match': (await register.expect(200, 'GET', path)).headers.get('etag') },
  });

  test('the sample holds 1 merger and 4 commitments, 3 of them specific', async () => {
    const { data: [only, ...others] } = await register.get('mergers');
    assert.deepEqual([only.id, others], ['bedford-luton-dunstable', []]);
    assert.deepEqual([only.state, only.parties, only.effective], ['agreed', ['bedford-hospital', 'luton-and-dunstable-university-hospital'], undefined]);
    const { data } = await register.get(`commitments?of=${sampled}`);
    assert.deepEqual(data.map(({ kind, service, site }) => [kind, service, site]), [
      ['retain', 'A&E', 'bedford-hospital'], ['retain', 'Maternity', 'bedford-hospital'], ['retain', 'Paediatrics', 'bedford-hospital'],
      ['provide', undefined, undefined],
    ]);
  });

  describe('a merger', () => {
    test('is explored, agreed, approved, and abandoned until it takes effect', async () => {
      for (const [state, next] of [['exploring', 'agreed'], ['agreed', 'approved']]) {
        const path = await merger([await trust(), await trust()], { state });
        assert.equal((await register.move(path, next)).state, next);
        assert.equal((await register.move(path, 'abandoned')).state, 'abandoned');
        await register.refuseMove(409, { pointer: '/state', code: 'move' }, path, 'agreed');
      }
    });

    test('has two parties or more, each once', async () => {
      const one = await trust();
      await register.refuseCreate(422, { pointer: '/parties', code: 'too_few', detail: 'must have at least 2 entries; has 1' }, 'mergers', { title: 'Alone', parties: [one] });
      await register.refuseCreate(422, { pointer: '/parties/1', code: 'duplicate', detail: `"${one}" is there already, at 0` }, 'mergers', { title: 'With itself', parties: [one, one] });
    });

    test('needs a successor to take effect', async () => {
      const parties = [await trust(), await trust()];
      const path = await merger(parties);
      const { detail } = await register.refuseMove(422, { pointer: '/successor', code: 'successor_required' }, path, 'effective');
      assert.equal(detail, 'A merger that is effective has a successor; name the organisation that continues');
      for (const id of parties) assert.deepEqual(await organisation(id), open);
      await register.refuseCreate(422, { pointer: '/successor', code: 'successor_required' }, 'mergers', { title: 'Loaded', parties, state: 'effective' });
    });

    test('in effect closes its parties and links them to the successor', async () => {
      const [one, two, before, successor] = [await trust(), await trust(), await trust({ status: 'closed' }), await trust()];
      await register.patch(`organisations/${successor}`, { predecessors: [before] });
      const path = await merger([one, two]);
      await takeEffect(path, { successor, effective: '2020-04-01' });
      for (const id of [one, two]) assert.deepEqual(await organisation(id), { status: 'closed', closed: '2020-04-01', predecessors: undefined });
      assert.deepEqual(await organisation(successor), { ...open, predecessors: [before, one, two] });
    });

    test('closes them without a date when none is known', async () => {
      const [one, two, successor] = [await trust(), await trust(), await trust()];
      await register.move(await merger([one, two], { successor }), 'effective');
      assert.deepEqual(await organisation(one), { ...open, status: 'closed' });
    });

    test('leaves open the party that takes in the others', async () => {
      const [one, two] = [await trust(), await trust()];
      await register.move(await merger([one, two], { successor: one, effective: '2019' }), 'effective');
      assert.deepEqual(await organisation(one), { ...open, predecessors: [two] });
      assert.deepEqual(await organisation(two), { ...open, status: 'closed', closed: '2019' });
    });

    test('leaves a party as it is that has closed before', async () => {
      const [one, two, successor] = [await trust({ status: 'closed', closed: '2015' }), await trust(), await trust()];
      await register.move(await merger([one, two], { successor, effective: '2020' }), 'effective');
      assert.equal((await organisation(one)).closed, '2015');
    });

    test('does all of it or nothing', async () => {
      const [one, late, successor] = [await trust(), await trust({ opened: '2021' }), await trust()];
      const path = await merger([one, late], { successor, effective: '2020' });
      const { etag } = Object.fromEntries((await register.expect(200, 'GET', path)).headers);
      const { body } = await register.expect(422, 'POST', `${path}/move`, { as: 'manager', body: { to: 'effective' }, headers: { 'if-match': etag } });
      assert.match(JSON.stringify(body.errors), /closed/);
      assert.equal((await register.get(path)).state, 'approved');
      for (const id of [one, late, successor]) assert.deepEqual(await organisation(id), open);
    });

    test('that was loaded in effect does the same', async () => {
      const [one, two, successor] = [await trust(), await trust(), await trust()];
      await merger([one, two], { successor, state: 'effective', effective: '2018-07' });
      assert.deepEqual(await organisation(two), { ...open, status: 'closed', closed: '2018-07' });
      assert.deepEqual((await organisation(successor)).predecessors, [one, two]);
    });

    test('may come before its organisations in one import', async () => {
      const ids = [`later-${++made}`, `later-${++made}`, `later-${++made}`];
      const [one, two, successor] = ids;
      await register.import('one-change', [
        { id: `early-${made}`, title: 'Early', parties: [one, two], successor, state: 'effective', effective: '2018', meta: { collection: 'mergers' } },
        ...ids.map((id) => ({ id, name: id, kind: 'nhs_trust', meta: { collection: 'organisations' } })),
      ]);
      assert.deepEqual(await organisation(one), { ...open, status: 'closed', closed: '2018' });
      assert.deepEqual((await organisation(successor)).predecessors, [one, two]);
    });

    test('whose successor is put right links the parties to it', async () => {
      const [one, two, wrong, right] = [await trust(), await trust(), await trust(), await trust()];
      const path = await merger([one, two], { successor: wrong, state: 'effective' });
      await register.patch(path, { successor: right });
      assert.deepEqual((await organisation(right)).predecessors, [one, two]);
    });

    test('does not close again what the office has opened', async () => {
      const [one, two, successor] = [await trust(), await trust(), await trust()];
      const path = await merger([one, two], { successor, state: 'effective' });
      await register.move(`organisations/${one}`, 'open');
      await register.patch(path, { rationale: 'To work as one.' });
      assert.equal((await organisation(one)).status, 'open');
    });

    test('with commitments is not deleted', async () => {
      const { problem } = await register.refuseRemove(409, { pointer: '', code: 'referred_to' }, sampled);
      assert.equal(problem.referrers.length, 4);
    });
  });

  test('a commitment of a strategy needs the plugin that keeps strategies', async () => {
    const { detail } = await register.refuseCreate(422, { pointer: '/of', code: 'not_loaded' }, 'commitments', { of: 'strategies/any', text: 'All stays.', kind: 'retain' });
    assert.match(detail, /enable the plugin "programmes"/);
  });

  test('a commitment says how it stands, and since when', async () => {
    const standing = async (fields) => (await register.create('commitments', { of: sampled, text: 'All stays.', kind: 'retain', ...fields })).standing;
    for (const [fields, said] of [
      [{ promised: '2018-03' }, 'Promised in March 2018, not reviewed since'],
      [{ promised: '2018' }, 'Promised in 2018, not reviewed since'],
      [{ promised: '2018-03-05' }, 'Promised on 5 March 2018, not reviewed since'],
      [{}, 'Promised on a day that is not known, not reviewed since'],
      [{ status: 'kept', reviewed: '2021-05-03' }, 'Kept when it was reviewed on 3 May 2021'],
      [{ status: 'at_risk', reviewed: '2021-05', promised: '2018' }, 'At risk when it was reviewed in May 2021'],
      [{ status: 'broken' }, 'Broken; the day of the review is not known'],
    ]) assert.equal(await standing(fields), said);
    for (const { id } of (await register.get('commitments?limit=200')).data.filter(({ text }) => text === 'All stays.')) await register.remove(`commitments/${id}`);
  });

  describe('GET commitments/-/review', () => {
    test('lists what needs attention first', async () => {
      const commit = (id, fields) => register.create('commitments', { id, of: sampled, text: `Promise ${id}`, kind: 'provide', ...fields });
      await commit('kept', { status: 'kept', reviewed: '2024' });
      await commit('risky', { status: 'at_risk', reviewed: '2024-05' });
      await commit('long-risky', { status: 'at_risk', reviewed: '2023' });
      await commit('broken', { status: 'broken' });
      await commit('over', { status: 'ended', reviewed: '2022' });
      await commit('hidden', { status: 'broken', meta: { visibility: 'office' } });
      const { status, counts, commitments } = await register.get('commitments/-/review');
      assert.deepEqual([status, counts], [null, { broken: 1, at_risk: 2, not_reviewed: 4, kept: 1, ended: 1 }]);
      assert.deepEqual(commitments.map(({ id }) => id), [
        'broken', 'long-risky', 'risky', 'full-range-of-services', 'bedford-hospital-accident-and-emergency', 'bedford-hospital-maternity',
        'bedford-hospital-paediatrics', 'kept', 'over',
      ]);
      assert.deepEqual(commitments[5], {
        id: 'bedford-hospital-maternity', text: 'Maternity is retained at Bedford Hospital.', kind: 'retain', service: 'Maternity',
        site: { collection: 'sites', id: 'bedford-hospital', label: 'Bedford Hospital' },
        of: { collection: 'mergers', id: 'bedford-luton-dunstable', label: 'Merger of Bedford Hospital and Luton & Dunstable University Hospital' },
        status: null, reviewed: null,
      });
      assert.equal((await register.get('commitments/-/review', 'office')).counts.broken, 2);
    });

    test('lists those of one status', async () => {
      const review = await register.get('commitments/-/review?status=at_risk');
      assert.deepEqual([review.status, review.counts.not_reviewed, review.commitments.map(({ id }) => id)], ['at_risk', 4, ['long-risky', 'risky']]);
      assert.equal((await register.get('commitments/-/review?status=not_reviewed')).commitments.length, 4);
      await register.expect(400, 'GET', 'commitments/-/review?status=fine');
      for (const id of ['kept', 'risky', 'long-risky', 'broken', 'over', 'hidden']) await register.remove(`commitments/${id}`);
    });
  });

  test('its reference page says what it does', () => holdPage(register, 'services', collections));

  test('its part of the sample is in readable form and says its sources', () => holdSample(register, collections));
});
