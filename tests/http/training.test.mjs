// Training: what is open for whom, and never more who take part than there are places.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, holdPage, holdSample, startAlone } from './ouse.mjs';

describe('training', built, () => {
  let register;

  before(async () => {
    register = await startAlone('training');
    await register.load('areas', 'organisations', 'sites', 'schemes');
    await register.create('schemes', { id: 'course', title: 'A course', state: 'published', audience: ['gp', 'nurse'], provider: 'elft' });
  });
  after(() => register?.stop());

  const today = new Date();
  const day = (from) => new Date(today.getTime() + from * 86400000).toISOString().slice(0, 10);
  const cohort = (id, fields) => register.create('cohorts', { id, scheme: 'course', opens: day(-10), closes: day(10), ...fields });
  const interest = (id, of, fields) => register.create('expressions', { id, cohort: of, name: 'A person', contact: 'person@example.org', ...fields });
  const taken = async (id) => (await register.get(`cohorts/${id}`)).taken;
  const availability = async (id) => (await register.get(`cohorts/${id}`)).availability;

  test('its reference page says what it does', () => holdPage(register, 'training', ['schemes', 'cohorts', 'expressions']));

  test('its part of the sample is in readable form and says its sources', () => holdSample(register, ['schemes']));

  describe('a cohort', () => {
    test('is as far as its dates, its places and the day say', async () => {
      const cases = [
        ['planned', { opens: day(5) }], ['planned', { opens: null, closes: null }], ['open', {}], ['open', { closes: null }], ['open', { closes: day(0), starts: day(1) }],
        ['closed', { closes: day(-1) }], ['running', { starts: day(0), ends: day(3), closes: day(-1) }], ['running', { closes: null, starts: day(-5) }],
        ['completed', { closes: null, ends: day(-1) }], ['cancelled', { cancelled: true }], ['cancelled', { closes: null, ends: day(-1), cancelled: true }],
      ];
      for (const [i, [expected, fields]] of cases.entries()) {
        await cohort(`case-${i}`, fields);
        assert.equal(await availability(`case-${i}`), expected, JSON.stringify(fields));
      }
      await register.refusePatch(422, { pointer: '/availability', code: 'system' }, 'cohorts/case-2', { availability: 'full' });
    });

    test('opens, closes, starts and ends in that order', async () => {
      for (const [pointer, fields, text] of [
        ['/closes', { opens: '2026-02-01', closes: '2026-01-31' }, 'must not be before opens, which is 2026-02-01; got 2026-01-31'],
        ['/starts', { opens: '2026-02-01', closes: null, starts: '2026-01-31' }, 'must not be before opens, which is 2026-02-01; got 2026-01-31'],
        ['/ends', { opens: null, closes: '2026-02-01', starts: '2026-02-03', ends: '2026-02-02' }, 'must not be before starts, which is 2026-02-03; got 2026-02-02'],
      ]) {
        const { detail } = await register.refuseCreate(422, { pointer, code: 'before' }, 'cohorts', { scheme: 'course', ...fields });
        assert.equal(detail, text);
      }
      await cohort('same-day', { opens: day(0), closes: day(0), starts: day(0), ends: day(0) });
    });

    test('of a draft does not open', async () => {
      const { detail } = await register.refuseCreate(422, { pointer: '/opens', code: 'draft_scheme' }, 'cohorts', { scheme: 'research-journeys', opens: '2026-01-31' });
      assert.equal(detail, 'schemes/research-journeys is a draft, and its cohorts do not open; publish it first, or give a day to come instead of 2026-01-31');
      await register.create('schemes', { id: 'drafted', title: 'Drafted' });
      await cohort('early', { scheme: 'drafted', opens: day(1), closes: day(20) });
      const open = async () => (await register.get(`cohorts/-/open?on=${day(2)}`)).cohorts.map(({ id }) => id).includes('early');
      assert.equal(await open(), false);
      await register.move('schemes/drafted', 'published');
      assert.equal(await open(), true);
      await register.patch('cohorts/early', { opens: day(-1) });
      assert.equal(await availability('early'), 'open');
      await register.move('schemes/drafted', 'retired');
      assert.equal(await availability('early'), 'closed');
    });

    test('counts the places that are taken, and is full with the last', async () => {
      await cohort('two', { places: 2 });
      assert.deepEqual([await taken('two'), await availability('two')], [0, 'open']);
      for (const id of ['ann', 'bob', 'cleo']) {
        await interest(id, 'two');
        await register.move(`expressions/${id}`, 'offered');
      }
      await register.move('expressions/ann', 'accepted');
      assert.deepEqual([await taken('two'), await availability('two')], [1, 'open']);
      await register.move('expressions/bob', 'accepted');
      assert.deepEqual([await taken('two'), await availability('two')], [2, 'full']);
      const { detail } = await register.refuseMove(409, { pointer: '', code: 'full' }, 'expressions/cleo', 'accepted');
      assert.equal(detail, 'cohorts/two has 2 places, and this would take 3');
      const lowered = await register.refusePatch(409, { pointer: '', code: 'full' }, 'cohorts/two', { places: 1 });
      assert.equal(lowered.detail, 'cohorts/two has 1 place, and this would take 2');
      await register.refusePatch(422, { pointer: '/taken', code: 'system', detail: 'is set by the register and cannot be changed' }, 'cohorts/two', { taken: 0 });
      await register.move('expressions/ann', 'withdrawn');
      await register.move('expressions/cleo', 'accepted');
      await register.remove('expressions/bob');
      assert.deepEqual([await taken('two'), await availability('two')], [1, 'open']);
      await cohort('other', { places: 1 });
      await register.patch('expressions/cleo', { cohort: 'other' });
      assert.deepEqual([await taken('two'), await taken('other'), await availability('other')], [0, 1, 'full']);
    });

    test('without a number of places has room for all', async () => {
      await cohort('unlimited');
      for (let i = 0; i < 3; i++) await interest(`many-${i}`, 'unlimited', { state: 'accepted' });
      assert.deepEqual([await taken('unlimited'), await availability('unlimited')], [3, 'open']);
    });

    test('has its places counted at the end of an import, whatever comes first', async () => {
      await cohort('loaded', { places: 1 });
      const { id } = await interest('first', 'loaded', { state: 'accepted' });
      const person = (state, own) => ({ id: own, cohort: 'loaded', name: 'A person', contact: 'person@example.org', state });
      assert.match(await register.import('expressions', [person('accepted', 'second')], 1), /cohorts\/loaded has 1 place, and this would take 2/);
      await register.import('expressions', [person('accepted', 'second'), person('withdrawn', id)]);
      assert.equal(await taken('loaded'), 1);
    });

    test('has its last place move from one person to another in a batch, whatever comes first', async () => {
      await cohort('last', { places: 1 });
      await interest('holder', 'last', { state: 'accepted' });
      await interest('waiting', 'last', { state: 'offered' });
      const move = (id, to) => ({ op: 'move', collection: 'expressions', id, to, if_match: '*' });
      const body = { operations: [move('waiting', 'accepted'), move('holder', 'withdrawn')] };
      await register.expect(409, 'POST', '-/batch', { as: 'manager', body: { operations: body.operations.slice(0, 1) } });
      await register.expect(200, 'POST', '-/batch', { as: 'manager', body });
      assert.deepEqual([await taken('last'), await availability('last')], [1, 'full']);
    });

    test('of 32 who accept at a time, as many get a place as there are, fifty times', async () => {
      const rounds = Array.from({ length: 50 }, (_, round) => ({ id: `race-${round}`, places: 1 + round % 7 }));
      const people = Array.from({ length: 32 }, (_, i) => i);
      await register.import('cohorts', rounds.map(({ id, places }) => ({ id, scheme: 'course', opens: day(-1), places })));
      await register.import('expressions', rounds.flatMap(({ id }) =>
        people.map((i) => ({ id: `${id}-${i}`, cohort: id, name: 'A person', contact: 'person@example.org', state: 'offered' }))));
      for (const { id, places } of rounds) {
        const answers = await Promise.all(people.map((i) =>
          register.say('POST', `expressions/${id}-${i}/move`, { as: 'manager', body: { to: 'accepted' }, headers: { 'if-match': '*' } })));
        assert.deepEqual([200, 409].map((status) => answers.filter((answer) => answer.status === status).length), [places, 32 - places], id);
        for (const { body } of answers.filter(({ status }) => status === 409))
          assert.deepEqual(body.errors.map(({ code, detail }) => [code, detail]), [['full', `cohorts/${id} has ${places} ${places === 1 ? 'place' : 'places'}, and this would take ${places + 1}`]]);
        assert.deepEqual([await taken(id), await availability(id)], [places, 'full'], id);
      }
    });
  });

  describe('expressions', () => {
    test('are created by anybody and seen by the office', async () => {
      await cohort('asked-for');
      const body = { cohort: 'asked-for', name: 'Mary Seacole', contact: '01234 567890', profession: 'Nurse', practice: 'A practice' };
      const made = await register.expect(201, 'POST', 'expressions', { body });
      assert.doesNotMatch(`${made.text}${made.headers.get('location')}`, /seacole|567890/i, 'expected nothing of it to be told back');
      const path = made.headers.get('location').replace('/api/v1/', '');
      for (const as of ['public', 'partner']) {
        await register.expect(404, 'GET', path, { as });
        assert.deepEqual((await register.get('expressions', as)).data, []);
      }
      const { meta, id, ...seen } = await register.get(path, 'office');
      assert.deepEqual(seen, { ...body, state: 'submitted' });
      assert.equal(meta.visibility, 'office');
    });

    test('begin as submitted, with a name and how to answer', async () => {
      const body = { cohort: 'asked-for', name: 'A person', contact: 'person@example.org' };
      await register.refuse(422, { pointer: '/state', code: 'state', detail: 'starts at the initial state; it changes by moves' }, 'POST', 'expressions', { as: 'public', body: { ...body, state: 'accepted' } });
      for (const name of ['cohort', 'name', 'contact'])
        await register.refuse(422, { pointer: `/${name}`, code: 'required', detail: 'must be given' }, 'POST', 'expressions', { as: 'public', body: { ...body, [name]: null } });
    });
  });

  describe('GET cohorts/-/open', () => {
    const open = async (query = '') => (await register.get(`cohorts/-/open?${query}`)).cohorts.map(({ id }) => id).filter((id) => id.startsWith('open-'));

    before(async () => {
      await register.create('sites', { id: 'region-site', name: 'A site in the region', kind: 'other', organisation: 'elft', area: 'bedfordshire-and-luton' });
      await register.create('sites', { id: 'luton-site', name: 'A site in Luton', kind: 'other', organisation: 'elft', area: 'luton' });
      await register.create('schemes', { id: 'for-any', title: 'For any', state: 'published', audience: ['any'] });
      await register.create('schemes', { id: 'for-whom', title: 'For whom', state: 'published' });
      await cohort('open-region', { closes: day(3), venue: 'region-site' });
      await cohort('open-luton', { closes: day(2), venue: 'luton-site', scheme: 'for-any' });
      await cohort('open-nowhere', { closes: day(1), scheme: 'for-whom' });
      await cohort('open-later', { opens: day(20), closes: day(30) });
      await cohort('open-full', { places: 1 });
      await interest('open-full', 'open-full', { state: 'accepted' });
    });

    test('lists what can be applied for, first what closes first', async () => {
      assert.deepEqual(await open(), ['open-nowhere', 'open-luton', 'open-region']);
      assert.deepEqual(await open(`on=${day(25)}`), ['open-later']);
    });

    test('is asked by profession', async () => {
      assert.deepEqual(await open('audience=gp'), ['open-luton', 'open-region']);
      assert.deepEqual(await open('audience=dentist'), ['open-luton']);
      await register.expect(400, 'GET', 'cohorts/-/open?audience=doctor');
    });

    test('is asked by area, with what lies in it and around it', async () => {
      assert.deepEqual(await open('area=luton'), ['open-luton', 'open-region']);
      assert.deepEqual(await open('area=bedfordshire'), ['open-region']);
      assert.deepEqual(await open('area=blmk'), ['open-luton', 'open-region']);
      assert.deepEqual(await open('area=bedfordshire-and-luton&audience=gp'), ['open-luton', 'open-region']);
      assert.deepEqual(await open('area=milton-keynes'), []);
      const { body } = await register.expect(400, 'GET', 'cohorts/-/open?area=nowhere');
      assert.equal(body.errors[0].detail, 'area: areas/nowhere does not exist');
    });

    test('says what people need to know', async () => {
      const { on, audience, area, count, cohorts } = await register.get(`cohorts/-/open?audience=dentist&area=luton&on=${day(0)}`);
      assert.deepEqual([on, audience, area, count], [day(0), 'dentist', 'luton', 1]);
      assert.deepEqual(cohorts, [{
        id: 'open-luton', opens: day(-10), closes: day(2), starts: null, ends: null, places: null, taken: 0, mode: null, prerequisites: null,
        venue: { id: 'luton-site', name: 'A site in Luton' },
        scheme: { id: 'for-any', title: 'For any', kind: null, audience: ['any'], of: null, cost: null, funded: null, how_to_apply: null, provider: null },
      }]);
    });
  });

  test('what a scheme is part of names the plugin to enable', async () => {
    for (const plugin of ['hubs', 'clusters']) {
      const { detail } = await register.refuseCreate(422, { pointer: '/of', code: 'not_loaded' }, 'schemes', { title: 'Part', of: `${plugin}/any` });
      assert.match(detail, new RegExp(`There are no ${plugin} in this register.*enable the plugin "${plugin}"`));
    }
  });
});
