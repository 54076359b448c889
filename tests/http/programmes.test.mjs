// Strategies and programmes: what is planned within which years, and what is late against what was
// first planned, told on the sample register. Who may follow which strategy is in adoption.test.mjs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, holdPage, holdSample, startAlone } from './ouse.mjs';

describe('programmes', built, () => {
  let register;

  before(async () => {
    register = await startAlone('programmes');
    await register.load('areas', 'organisations', 'people');
    for (const { meta, ...adopted } of await register.fitting('strategies')) await register.create('strategies', { ...adopted, state: 'published' });
    await register.load('challenges', 'assumptions', 'programmes');
  });
  after(() => register?.stop());

  const strategy = (id, fields) => register.create('strategies', { id, title: `The strategy ${id}`, owner: 'elft', horizon_ends: '2030', ...fields });
  const programme = (id, of, fields) => register.create('programmes', { id, strategy: of, number: 1, title: `The programme ${id}`, ...fields });
  const workplan = (id, of, fields) => register.create('workplans', { id, programme: of, term: 'short', ...fields });
  const milestone = (id, of, fields) => register.create('milestones', { id, of: `workplans/${of}`, title: `The milestone ${id}`, ...fields });

  test('its reference page says what it does', () =>
    holdPage(register, 'programmes', ['strategies', 'challenges', 'assumptions', 'programmes', 'workplans', 'milestones', 'indicators']));

  test('its part of the sample is in readable form and says its sources', () =>
    holdSample(register, ['strategies', 'challenges', 'assumptions', 'programmes', 'milestones']));

  test('the sample holds 1 strategy, 6 programmes, 4 challenges and 1 growth assumption', async () => {
    const counts = [];
    for (const collection of ['strategies', 'programmes', 'challenges', 'assumptions'])
      counts.push((await register.get(collection)).data.length);
    assert.deepEqual(counts, [1, 6, 4, 1]);
    assert.deepEqual((await register.get('programmes?top_focus=true')).data.map(({ id }) => id),
      ['cancer', 'long-term-conditions', 'mental-health-learning-disability-autism', 'urgent-and-emergency-care']);
    assert.deepEqual((await register.get('assumptions/population-growth')).value, { value: 200000, qualifier: 'over', unit: 'people' });
  });

  describe('a strategy', () => {
    test('is not adopted without a decision, nor loaded so', async () => {
      await strategy('undecided', { state: 'published' });
      const wrong = { pointer: '/adopted_by', code: 'decision_required' };
      const { detail } = await register.refuseMove(422, wrong, 'strategies/undecided', 'adopted');
      assert.equal(detail, 'A strategy that is adopted must have been adopted by a decision; name it in adopted_by');
      const loaded = await register.refuseCreate(422, wrong, 'strategies', { title: 'Loaded', owner: 'elft', horizon_ends: '2030', state: 'under_review' });
      assert.equal(loaded.detail, 'A strategy that is under_review must have been adopted by a decision; name it in adopted_by');
    });

    test('has each number of a programme once', async () => {
      await register.refuseCreate(409, { pointer: '/number', code: 'unique', detail: 'programmes/cancer already has strategy "health-services-strategy-2040" and number 3' }, 'programmes', { strategy: 'health-services-strategy-2040', number: 3, title: 'Again' });
    });
  });

  describe('a workplan', () => {
    before(async () => {
      await strategy('planned', { owner: 'luton-council', horizon_starts: '2025', horizon_ends: '2040' });
      await programme('planned', 'planned');
    });

    test('lies within the horizon of its strategy', async () => {
      await workplan('within', 'planned', { starts: '2025', ends: '2040-12-31' });
      for (const [fields, pointer, text] of [
        [{ starts: '2024-12' }, '/starts', 'starts before the horizon of its strategy does (2024-12; the strategy: 2025)'],
        [{ ends: '2041-01' }, '/ends', 'ends after the horizon of its strategy does (2041-01; the strategy: 2040)'],
        [{ starts: '2041' }, '/starts', 'starts after the horizon of its strategy has ended (2041; the strategy: 2040)'],
        [{ ends: '2024' }, '/ends', 'ends before the horizon of its strategy starts (2024; the strategy: 2025)'],
      ]) {
        const { detail } = await register.refuseCreate(422, { pointer, code: 'outside_horizon' }, 'workplans', { id: 'without', programme: 'planned', term: 'long', ...fields });
        assert.equal(detail, `workplans/without ${text}`);
      }
      const { detail } = await register.refusePatch(422, { pointer: '/ends', code: 'outside_horizon' }, 'strategies/planned', { horizon_ends: '2039' });
      assert.equal(detail, 'workplans/within ends after the horizon of its strategy does (2040-12-31; the strategy: 2039)');
      await register.patch('strategies/planned', { horizon_ends: '2045' });
      await strategy('short', { horizon_ends: '2030' });
      const moved = 'workplans/within ends after the horizon of its strategy does (2040-12-31; the strategy: 2030)';
      await register.refusePatch(422, { pointer: '/ends', code: 'outside_horizon', detail: moved }, 'programmes/planned', { strategy: 'short' });
    });
  });

  describe('a milestone', () => {
    test('keeps the date for which it was first due', async () => {
      const path = 'milestones/moved';
      assert.equal((await milestone('moved', 'within')).baseline_due, undefined);
      for (const due of ['2026-03', '2026-06-30', '2026-08-15']) {
        const { baseline_due: baseline } = await register.patch(path, { due });
        assert.equal(baseline, '2026-03');
      }
      await register.refusePatch(422, { pointer: '/baseline_due', code: 'system', detail: 'is set by the register and cannot be changed' }, path, { baseline_due: '2026-08-15' });
    });

    test('is late by the clock, until it is done or dropped', async () => {
      await milestone('overdue', 'within', { due: '2025-01-31' });
      await milestone('to-come', 'within', { due: '2044' });
      const late = async (id) => (await register.get(`milestones/${id}`)).late;
      assert.deepEqual([await late('overdue'), await late('to-come')], [true, false]);
      await register.refusePatch(422, { pointer: '/late', code: 'system' }, 'milestones/overdue', { late: false });
      for (const to of ['at_risk', 'on_track']) await register.move('milestones/overdue', to);
      assert.equal(await late('overdue'), true);
      await register.move('milestones/overdue', 'done');
      assert.equal(await late('overdue'), false);
      await milestone('dropped', 'within', { due: '2025-01-31' });
      await register.move('milestones/dropped', 'dropped');
      assert.equal(await late('dropped'), false);
    });
  });

  describe('GET milestones/-/slippage', () => {
    const slippage = async (on) => (await register.get(`milestones/-/slippage?on=${on}`)).milestones
      .filter(({ id }) => id.startsWith('slip-')).map(({ id, days_late: days }) => [id.slice(5), days]);

    before(async () => {
      await milestone('slip-moved-twice', 'within', { due: '2026-03', owner: 'sarah-wadd' });
      for (const due of ['2026-06-30', '2026-08-15']) await register.patch('milestones/slip-moved-twice', { due });
      await milestone('slip-overdue', 'within', { due: '2025-12-31' });
      await milestone('slip-done-late', 'within', { due: '2025-02-28', completed: '2025-03-02', state: 'done' });
      await milestone('slip-leap', 'within', { due: '2024-02', completed: '2024-03-01', state: 'done' });
      await milestone('slip-done-early', 'within', { due: '2025-06', completed: '2025-05', state: 'done' });
      await milestone('slip-dropped', 'within', { due: '2025-01-01', state: 'dropped' });
      await milestone('slip-undated', 'within');
      await milestone('slip-brought-forward', 'within', { due: '2044' });
      await register.patch('milestones/slip-brought-forward', { due: '2043' });
    });

    test('counts the days against the first date, as of a day', async () => {
      assert.deepEqual(await slippage('2025-12-31'), [['moved-twice', 137], ['done-late', 2], ['leap', 1]]);
      assert.deepEqual(await slippage('2026-01-10'), [['moved-twice', 137], ['overdue', 10], ['done-late', 2], ['leap', 1]]);
      assert.deepEqual(await slippage('2026-09-01'), [['overdue', 244], ['moved-twice', 154], ['done-late', 2], ['leap', 1]]);
    });

    test('names owner and programme', async () => {
      const { on, count, milestones } = await register.get('milestones/-/slippage?on=2025-12-31');
      assert.deepEqual([on, count], ['2025-12-31', milestones.length]);
      assert.deepEqual(milestones.find(({ id }) => id === 'slip-moved-twice'), {
        id: 'slip-moved-twice', title: 'The milestone slip-moved-twice', of: 'workplans/within', state: 'planned', baseline_due: '2026-03', due: '2026-08-15',
        completed: null, days_late: 137, owner: { id: 'sarah-wadd', name: 'Sarah Wadd' }, programme: { id: 'planned', title: 'The programme planned' },
      });
      await register.expect(400, 'GET', 'milestones/-/slippage?on=2025');
    });
  });

  describe('GET strategies/{id}/timeline', () => {
    test('holds programmes by number, workplans by term and milestones by date', async () => {
      await strategy('drawn', { owner: 'ucl-partners', horizon_ends: '2040' });
      await programme('drawn-two', 'drawn', { number: 2, lead: 'erica-cook' });
      await programme('drawn-one', 'drawn', { number: 1 });
      await workplan('drawn-long', 'drawn-two', { term: 'long' });
      await workplan('drawn-short', 'drawn-two', { title: 'At once' });
      await milestone('drawn-b', 'drawn-short', { due: '2039' });
      await milestone('drawn-a', 'drawn-short', { due: '2025-01-31' });
      const { strategy: itself, decision: decided, programmes, counts } = await register.get('strategies/drawn/timeline');
      assert.deepEqual([itself.id, itself.horizon_ends, itself.area, decided], ['drawn', '2040', null, null]);
      assert.deepEqual(programmes.map(({ number, id, lead, workplans }) => [number, id, lead?.name, workplans.map(({ id: of, milestones }) => [of, milestones.map((one) => [one.id, one.late])])]), [
        [1, 'drawn-one', undefined, []],
        [2, 'drawn-two', 'Erica Cook', [['drawn-short', [['drawn-a', true], ['drawn-b', false]]], ['drawn-long', []]]],
      ]);
      assert.deepEqual(counts, { programmes: 2, workplans: 2, milestones: 2, late: 1 });
    });
  });

  describe('an indicator', () => {
    test('has observations in the order of time', async () => {
      const indicator = (observations) => ({ id: 'waiting', programme: 'cancer', name: 'Days to a diagnosis', unit: 'days', baseline: { value: 40 }, target: { value: 28 }, observations });
      const { detail } = await register.refuseCreate(422, { pointer: '/observations/1/on', code: 'order' }, 'indicators', indicator([{ on: '2026-02', value: 38 }, { on: '2026-01', value: 39 }]));
      assert.equal(detail, 'must begin later than the one before, which is 2026-02; got 2026-01');
      await register.create('indicators', indicator([{ on: '2026-01', value: 39 }, { on: '2026-02', value: 38.5 }]));
      assert.deepEqual((await register.get('indicators/waiting')).observations, [{ on: '2026-01', value: 39 }, { on: '2026-02', value: 38.5 }]);
    });

    const measured = [{ on: '2026-01', value: 0.1 }, { on: '2026-02', value: 0.3 }];
    const trends = [
      ['half-way', { baseline: { value: 40 }, target: { value: 28 }, observations: [{ on: '2025', value: 46 }, { on: '2026-01-31', value: 34 }] }, { last: { on: '2026-01-31', value: 34 }, change: -6, share: 0.5, in_words: { change: '6 less', share: '50%' } }],
      ['beyond', { baseline: { value: 10 }, target: { value: 20 }, observations: [{ on: '2026', value: 25 }] }, { change: 15, share: 1.5 }],
      ['backwards', { baseline: { value: 10 }, target: { value: 20 }, observations: [{ on: '2026', value: 5 }] }, { change: -5, share: -0.5, in_words: { change: '5 less', share: '−50%' } }],
      ['no dust', { baseline: { value: 0.1 }, target: { value: 0.5, qualifier: 'over' }, observations: measured }, { change: 0.2, share: 0.5 }],
      ['days fewer', { unit: 'days', baseline: { value: 40 }, target: { value: 28 }, observations: [{ on: '2026-05', value: 36 }] }, { change: -4, in_words: { change: '4 days fewer', share: '33%' } }],
      ['as before', { unit: 'people', baseline: { value: 40 }, target: { value: 50 }, observations: [{ on: '2026-05', value: 40 }] }, { in_words: { change: 'no change', share: '0%' } }],
      ['unmeasured', { baseline: { value: 1 }, target: { value: 2 } }, { last: null, observations: [], change: null, share: null, in_words: { change: null, share: null } }],
      ['no baseline', { target: { value: 2 }, observations: measured }, { baseline: null, change: null, share: null }],
      ['no target', { baseline: { value: 0.1, qualifier: 'approx' }, observations: measured }, { target: null, change: 0.2, share: null }],
      ['baseline is a bound', { baseline: { value: 40, qualifier: 'over' }, target: { value: 2 }, observations: measured }, { change: null, share: null }],
      ['baseline is a range', { baseline: { min: 1, max: 2, qualifier: 'approx' }, target: { value: 2 }, observations: measured }, { change: null, share: null }],
      ['target is a range', { baseline: { value: 0.1 }, target: { min: 1, max: 2, qualifier: 'range' }, observations: measured }, { change: 0.2, share: null }],
      ['target is the baseline', { baseline: { value: 1 }, target: { value: 1 }, observations: measured }, { change: -0.7, share: null }],
      ['units differ', { unit: 'days', baseline: { value: 1, unit: 'weeks' }, target: { value: 7, unit: 'days' }, observations: measured }, { change: null, share: null }],
      ['target in another unit', { unit: 'days', baseline: { value: 1 }, target: { value: 1, unit: 'weeks' }, observations: measured }, { change: -0.7, share: null }],
    ];
    for (const [name, fields, expected] of trends)
      test(`has a trend: ${name}`, async () => {
        const { id } = await register.create('indicators', { programme: 'cancer', name, ...fields }), trend = await register.get(`indicators/${id}/trend`);
        assert.deepEqual(trend.indicator, { id, name, unit: fields.unit ?? null, programme: 'cancer' });
        assert.deepEqual({ ...trend, ...expected }, trend);
      });

    test('has a trend as of an instant', async () => {
      const { meta } = await register.create('indicators', { id: 'grows', programme: 'cancer', name: 'Grows', observations: measured.slice(0, 1) });
      await register.patch('indicators/grows', { observations: measured });
      assert.deepEqual((await register.get('indicators/grows/trend')).last, measured[1]);
      assert.deepEqual((await register.get(`indicators/grows/trend?as_of=${meta.updated}`)).last, measured[0]);
      await register.remove('indicators/grows');
      await register.expect(410, 'GET', 'indicators/grows/trend');
    });
  });

  test('what belongs to plugins that are not loaded names the plugin to enable', async () => {
    for (const [collection, plugin] of [['mergers', 'services'], ['projects', 'hubs']]) {
      const { detail } = await register.refuseCreate(422, { pointer: '/of', code: 'not_loaded' }, 'milestones', { of: `${collection}/any`, title: 'A step' });
      assert.match(detail, new RegExp(`There are no ${collection} in this register.*enable the plugin "${plugin}"`));
    }
    const { detail } = await register.refuseCreate(422, { pointer: '/adopted_by', code: 'not_loaded' }, 'strategies', { title: 'Decided', owner: 'elft', horizon_ends: '2040', adopted_by: 'any' });
    assert.match(detail, /enable the plugin "evidence"/);
  });
});
