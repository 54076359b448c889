// The directory: its rules, its answers, and who sees what, told on the sample register.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, holdPage, holdSample, startAlone } from './ouse.mjs';

describe('directory', built, () => {
  const collections = ['areas', 'organisations', 'sites', 'people', 'appointments'];
  let register;

  before(async () => {
    register = await startAlone('directory');
    await register.load(...collections);
  });
  after(() => register?.stop());

  const count = async (collection, as) => (await register.get(`${collection}?limit=200`, as)).data.length;

  test('holds the people and organisations of the five articles', async () => {
    assert.deepEqual(
      await Promise.all(['people', 'organisations', 'appointments', 'areas', 'sites'].map((name) => count(name))),
      [19, 22, 10, 6, 3]);
    const makarem = await register.get('people/rima-makarem');
    assert.equal(makarem.honorific, 'Dr');
    assert.deepEqual(makarem.sources.map(({ publication }) => publication), ['blmk-research-innovation-hub', 'elft-cambridge-hub']);
  });

  test('people find people by kind, state and name', async () => {
    const units = await register.get('organisations?kind=university_unit&part_of=university-of-bedfordshire');
    assert.deepEqual(units.data.map(({ id }) => id), ['faculty-of-health-and-social-sciences', 'iasr', 'ihr']);
    assert.deepEqual((await register.get('people?family_name=Pappas')).data.map(({ id }) => id), ['yannis-pappas']);
  });

  describe('rules', () => {
    test('an organisation is not part of itself, by however many steps', async () => {
      await register.create('organisations', { id: 'circle-a', name: 'A', kind: 'other' });
      await register.create('organisations', { id: 'circle-b', name: 'B', kind: 'other', part_of: 'circle-a' });
      await register.create('organisations', { id: 'circle-c', name: 'C', kind: 'other', part_of: 'circle-b' });
      const long = await register.refusePatch(422, { pointer: '/part_of', code: 'circle' }, 'organisations/circle-a', { part_of: 'circle-c' });
      assert.equal(long.detail, 'An organisation cannot be part of itself: circle-a → circle-c → circle-b → circle-a; name one that is not part of it');
      const short = await register.refusePatch(422, { pointer: '/part_of', code: 'circle' }, 'organisations/circle-a', { part_of: 'circle-a' });
      assert.match(short.detail, /circle-a → circle-a; name/);
      assert.equal((await register.get('organisations/circle-a')).part_of ?? null, null, 'expected nothing to be kept');
    });

    test('of 32 who register one ODS code at a time, one does, fifty times', async () => {
      for (let round = 0; round < 50; round++) {
        const value = `RACE${round}`;
        const answers = await Promise.all(Array.from({ length: 32 }, (_, i) => register.say('POST', 'organisations', {
          as: 'manager', body: { name: `Racer ${round} ${i}`, kind: 'gp_practice', identifiers: [{ scheme: 'ods', value }] },
        })));
        const winners = answers.filter(({ status }) => status === 201);
        assert.deepEqual([winners.length, answers.filter(({ status }) => status === 409).length], [1, 31], value);
        assert.equal((await register.get(`organisations/-/by/ods/${value}`)).id, winners[0].body.id);
      }
    });

    test('organisations are nested 32 levels deep at most', async () => {
      await register.create('organisations', { id: 'level-0', name: 'Level', kind: 'other' });
      for (let level = 1; level <= 32; level++)
        await register.create('organisations', { id: `level-${level}`, name: 'Level', kind: 'other', part_of: `level-${level - 1}` });
      const detail = 'An organisation is at most 32 levels deep; name one that is at a higher level than level-32';
      await register.refuseCreate(422, { pointer: '/part_of', code: 'too_deep', detail }, 'organisations', { id: 'level-33', name: 'Level', kind: 'other', part_of: 'level-32' });
    });

    test('identifiers are well-formed, one of a scheme, and belong to one', async () => {
      const body = (identifiers) => ({ name: 'Identified', kind: 'other', identifiers });
      for (const value of ['00pjdza24', '03yrm5c26'])
        await register.create('organisations', body([{ scheme: 'ror', value }]));
      const checksum = 'is no ror identifier: 01k4yrm30; it has 9 characters such as 00pjdza24, without https://ror.org/; the last two are check digits';
      await register.refuse(422, { pointer: '/identifiers/0/value', code: 'checksum', detail: checksum }, 'POST', 'organisations', { body: body([{ scheme: 'ror', value: '01k4yrm30' }]) });
      const held = 'organisations/identified already has ror "00pjdza24"';
      await register.refuseCreate(409, { pointer: '/identifiers/1', code: 'unique', detail: held }, 'organisations', body([{ scheme: 'ods', value: 'RXX' }, { scheme: 'ror', value: '00pjdza24' }]));
      await register.refuseCreate(422, { pointer: '/identifiers/1', code: 'duplicate', detail: '"ods" is there already, at 0' }, 'organisations', body([{ scheme: 'ods', value: 'RWK' }, { scheme: 'ods', value: 'RWX' }]));
      const form = 'is no ods identifier: RWK-1; it has 1 to 9 capital letters and digits, such as RWK';
      await register.refuseCreate(422, { pointer: '/identifiers/0/value', code: 'format', detail: form }, 'organisations', body([{ scheme: 'ods', value: 'RWK-1' }]));
    });

    test('an ORCID has the right check digit and belongs to one person', async () => {
      await register.create('people', { id: 'orcid-holder', name: 'Holder', orcid: '0000-0002-1825-0097' });
      assert.equal((await register.get('people/-/by/orcid/0000-0002-1825-0097')).id, 'orcid-holder');
      await register.refuse(422, { pointer: '/orcid', code: 'checksum', detail: 'is no orcid identifier: 0000-0002-1825-0098; it has 16 digits in groups of four, such as 0000-0002-1825-0097; the last, 0-9 or X, is a check digit' },
        'POST', 'people', { body: { name: 'Wrong', orcid: '0000-0002-1825-0098' } });
      await register.refuse(409, { pointer: '/orcid', code: 'unique', detail: 'people/orcid-holder already has orcid "0000-0002-1825-0097"' }, 'POST', 'people', { body: { name: 'Second', orcid: '0000-0002-1825-0097' } });
    });

    test('nothing ends before it starts', async () => {
      const term = { person: 'lisa-bostock', role: 'member', body: 'organisations/blmk-icb', starts: '2024-05', ends: '2024-04-30' };
      const detail = 'must not be before starts, which is 2024-05; got 2024-04-30';
      await register.refuse(422, { pointer: '/ends', code: 'before', detail }, 'POST', 'appointments', { body: term });
      await register.create('appointments', { ...term, ends: '2024' });
    });

    test('a body of a plugin that is not loaded is refused, and the plugin named', async () => {
      const chair = { person: 'nicholas-wright', role: 'acting_chair', body: 'clusters/hiec-north-east-london' };
      const { detail } = await register.refuseCreate(422, { pointer: '/body', code: 'not_loaded' }, 'appointments', chair);
      assert.match(detail, /clusters/);
    });
  });

  describe('a role that one person holds', () => {
    const dean = (person, dates) => ({ id: `${person}-acting`, person, role: 'warden', body: 'organisations/ihr', ...dates });
    const holders = async () => [
      (await register.warnings('appointments/erica-cook-acting')).texts,
      (await register.warnings('appointments/sarah-wadd-acting')).texts,
    ];

    test('warns on both appointments while two hold it, and names the other', async () => {
      await register.create('appointments', dean('erica-cook', { starts: '2023' }));
      await register.create('appointments', dean('sarah-wadd', { starts: '2025-02' }));
      assert.deepEqual(await holders(), [
        ['Sarah Wadd holds the role warden of organisations/ihr at the same time'],
        ['Erica Cook holds the role warden of organisations/ihr at the same time'],
      ]);
      assert.deepEqual((await register.warnings('appointments/erica-cook-acting')).codes, ['two_holders /role']);
    });

    test('follows a change of name', async () => {
      await register.patch('people/erica-cook', { name: 'Erica J. Cook' });
      assert.match((await holders())[1][0], /^Erica J\. Cook holds/);
      await register.patch('people/erica-cook', { name: 'Erica Cook' });
    });

    test('is told only to those who may see the other', async () => {
      await register.patch('appointments/erica-cook-acting', { meta: { visibility: 'office' } });
      const told = async (role) => (await register.get('appointments/sarah-wadd-acting', role)).meta.warnings.map(({ visibility }) => visibility);
      assert.deepEqual(await told('office'), ['office']);
      assert.deepEqual(await told('partner'), [], 'a warning must not name what is hidden');
      assert.deepEqual(await told('public'), []);
      await register.patch('appointments/erica-cook-acting', { meta: { visibility: 'public' } });
      assert.deepEqual(await told('public'), [undefined]);
    });

    test('is no matter when one hands over to the other in one month', async () => {
      await register.patch('appointments/erica-cook-acting', { ends: '2025-02' });
      assert.deepEqual(await holders(), [[], []]);
      await register.patch('appointments/erica-cook-acting', { ends: '2025-03' });
      assert.deepEqual((await holders()).map((texts) => texts.length), [1, 1]);
    });

    test('is no matter for other roles, other bodies and the same person', async () => {
      await register.patch('appointments/sarah-wadd-acting', { role: 'professor' });
      assert.deepEqual(await holders(), [[], []]);
      await register.patch('appointments/sarah-wadd-acting', { role: 'warden', body: 'organisations/iasr' });
      assert.deepEqual(await holders(), [[], []]);
      await register.patch('appointments/sarah-wadd-acting', { body: 'organisations/ihr', person: 'erica-cook' });
      assert.deepEqual(await holders(), [[], []]);
      await register.patch('appointments/sarah-wadd-acting', { person: 'sarah-wadd' });
      assert.deepEqual((await holders()).map((texts) => texts.length), [1, 1]);
    });

    test('is settled when one of the appointments is deleted', async () => {
      await register.remove('appointments/sarah-wadd-acting');
      assert.deepEqual((await register.warnings('appointments/erica-cook-acting')).texts, []);
    });
  });

  describe('GET people/{id}/roles', () => {
    test('gathers what the person holds', async () => {
      const { person, on, appointments, leads, statements, counts } = await register.get('people/yannis-pappas/roles');
      assert.deepEqual(person, { id: 'yannis-pappas', name: 'Yannis Pappas', honorific: 'Dr' });
      assert.equal(on, null);
      assert.deepEqual(counts, { appointments: 1, leads: 0, statements: 0 });
      assert.deepEqual(appointments, [{
        id: 'yannis-pappas-reader',
        role: 'reader',
        title: 'Reader in Health Service Delivery & Organisation',
        body: { collection: 'organisations', id: 'university-of-bedfordshire', label: 'University of Bedfordshire' },
        acting: null, starts: null, ends: null,
      }]);
      assert.deepEqual([leads, statements], [[], []]);
    });

    test('answers for a day: what has no date is in force', async () => {
      await register.create('appointments', { id: 'bakhai-member', person: 'chirag-bakhai', role: 'member', body: 'organisations/ihr', starts: '2020-05', ends: '2022' });
      const held = async (on) => {
        const roles = await register.get(`people/chirag-bakhai/roles?on=${on}`);
        assert.equal(roles.on, on);
        return roles.appointments.map(({ id }) => id);
      };
      await register.create('appointments', { id: 'bakhai-reader', person: 'chirag-bakhai', role: 'reader', body: 'organisations/ihr' });
      for (const [on, expected] of [
        ['2020-04-30', []], ['2020-05-01', ['bakhai-member']], ['2022-12-31', ['bakhai-member']], ['2023-01-01', []],
      ])
        assert.deepEqual(await held(on), [...expected, 'bakhai-reader'], on);
    });

    test('refuses what is no day, and what it does not know', async () => {
      await register.expect(400, 'GET', 'people/yannis-pappas/roles?on=yesterday');
      await register.expect(400, 'GET', 'people/yannis-pappas/roles?when=2024-01-01');
      await register.expect(404, 'GET', 'people/nobody/roles');
    });
  });

  describe('GET organisations/{id}/involvement', () => {
    test('lists all that refers to an organisation, by collection', async () => {
      const { organisation, count: total, collections } = await register.get('organisations/university-of-bedfordshire/involvement');
      assert.deepEqual(organisation, { id: 'university-of-bedfordshire', name: 'University of Bedfordshire', short_name: null, kind: 'university', status: 'open' });
      assert.equal(total, 5);
      assert.deepEqual(collections.map((group) => [group.collection, group.count]), [['appointments', 1], ['organisations', 3], ['sites', 1]]);
      const [appointments, organisations] = collections;
      assert.deepEqual(appointments.records, [{ id: 'yannis-pappas-reader', label: 'Yannis Pappas', role: 'reader', state: null, starts: null, ends: null }]);
      assert.deepEqual(organisations.records.map(({ label }) => label),
        ['Faculty of Health and Social Sciences', 'Institute for Health Research', 'Institute of Applied Social Research']);
    });

    test('lists 200 records of a kind and counts on', async () => {
      await register.create('organisations', { id: 'large', name: 'Large', kind: 'other' });
      for (let n = 0; n < 201; n++)
        await register.create('sites', { id: `large-${n}`, name: `Site ${n}`, kind: 'other', organisation: 'large' });
      const { count: total, collections } = await register.get('organisations/large/involvement');
      assert.deepEqual([total, collections.length, collections[0].count, collections[0].records.length], [201, 1, 201, 200]);
    });
  });

  describe('GET areas/{id}/overview', () => {
    test('shows what there is in an area and in the areas that it contains', async () => {
      const overview = await register.get('areas/blmk/overview');
      assert.deepEqual(overview.area, { id: 'blmk', name: 'Bedfordshire, Luton and Milton Keynes', kind: 'ics', gss_code: null, population: null });
      assert.deepEqual(overview.contains.map(({ id }) => id), ['bedfordshire', 'luton', 'milton-keynes']);
      assert.deepEqual(overview.organisations.map(({ id, area }) => `${id} in ${area}`).sort(),
        ['blmk-health-and-care-partnership in blmk', 'blmk-icb in blmk', 'blmk-ics in blmk', 'luton-council in luton']);
      assert.deepEqual(overview.counts, { contains: 3, organisations: 4, sites: 0, hubs: 0, networks: 0, clusters: 0, strategies: 0 });
    });

    test('stands areas that contain each other', async () => {
      await register.create('areas', { id: 'ring-a', name: 'Ring A', kind: 'locality' });
      await register.create('areas', { id: 'ring-b', name: 'Ring B', kind: 'locality', contains: ['ring-a'] });
      await register.patch('areas/ring-a', { contains: ['ring-b'] });
      const { contains } = await register.get('areas/ring-a/overview');
      assert.deepEqual(contains.map(({ id }) => id), ['ring-b']);
    });
  });

  test('a reference to a wrong collection is told the right ones', async () => {
    const reply = await register.expect(422, 'POST', 'appointments', { as: 'manager',
      body: { person: 'lisa-bostock', role: 'head', body: 'people/lisa-bostock' } });
    assert.equal(reply.body.errors[0].detail,
      'must be "collection/id" of organisations hubs clusters groups; got "people/lisa-bostock"');
  });

  test('a population is not below nobody', async () => {
    const area = (value) => ({ id: 'small', name: 'Small', kind: 'locality', population: { value, qualifier: 'exact', unit: 'people' } });
    await register.refuseCreate(422, { pointer: '/population/value', code: 'too_small' }, 'areas', area(-1));
    await register.create('areas', area(0));
  });

  describe('POST {collection}/{id}/merge', () => {
    test('moves every reference, and the old address leads to the new', async () => {
      await register.create('people', { id: 'l-bostock', name: 'L. Bostock' });
      await register.create('appointments', { id: 'bostock-head', person: 'l-bostock', role: 'head', body: 'organisations/ihr' });
      const dry = await register.expect(200, 'POST', 'people/l-bostock/merge?dry_run=true', { as: 'manager', body: { into: 'lisa-bostock' } });
      assert.equal(dry.body.id, 'lisa-bostock');
      await register.expect(200, 'GET', 'people/l-bostock');
      await register.expect(400, 'POST', 'people/l-bostock/merge?dry_run=perhaps', { as: 'manager', body: { into: 'lisa-bostock' } });
      const { body } = await register.expect(200, 'POST', 'people/l-bostock/merge', { as: 'manager', body: { into: 'lisa-bostock' } });
      assert.deepEqual([body.id, body.name, body.meta.collection], ['lisa-bostock', 'Lisa Bostock', 'people']);
      assert.equal((await register.get('appointments/bostock-head')).person, 'lisa-bostock');
      const old = await register.expect(308, 'GET', 'people/l-bostock');
      assert.match(old.headers.get('location'), /\/api\/v1\/people\/lisa-bostock$/);
    });

    test('keeps the codes of the record that went: they lead to the one that stays', async () => {
      const ods = (value) => ({ identifiers: [{ scheme: 'ods', value }] });
      const found = async (query) => (await register.get(`organisations?${query}`)).data.map(({ id }) => id).join(' ');
      await register.create('organisations', { id: 'kept-trust', name: 'Kept', kind: 'other', ...ods('A1B') });
      await register.create('organisations', { id: 'gone-trust', name: 'Gone', kind: 'other', ...ods('X9Z') });
      await register.create('organisations', { id: 'mid-trust', name: 'Mid', kind: 'other' });
      // A code that a record gave up before it was merged is not its code any more.
      const { meta: { updated } } = await register.patch('organisations/gone-trust', ods('X9Y'));
      while (Date.now() <= Date.parse(updated)) await new Promise((resolve) => { setTimeout(resolve, 1); });
      await register.expect(200, 'POST', 'organisations/gone-trust/merge', { as: 'manager', body: { into: 'mid-trust' } });
      await register.expect(200, 'POST', 'organisations/mid-trust/merge', { as: 'manager', body: { into: 'kept-trust' } });
      const { body, headers } = await register.expect(200, 'GET', 'organisations/-/by/ods/X9Y');
      assert.equal(body.id, 'kept-trust');
      assert.equal(headers.get('content-location'), '/api/v1/organisations/kept-trust');
      assert.equal((await register.get('organisations/-/by/ods/A1B')).id, 'kept-trust');
      await register.expect(404, 'GET', 'organisations/-/by/ods/X9Z');
      assert.equal(await found('identifiers=ods:X9Y'), 'kept-trust');
      assert.equal(await found('identifiers[in]=ods:X9Y,ods:A1B'), 'kept-trust');
      assert.equal(await found('identifiers[in]=ods:X9Z'), '');
      assert.equal(await found(`identifiers=ods:X9Y&as_of=${updated}`), 'gone-trust');
      assert.equal(await found(`identifiers=ods:X9Y&as_of=${new Date().toISOString()}`), 'kept-trust');
      await register.refuse(409, { pointer: '/id', code: 'merged', detail: 'organisations/gone-trust was merged into mid-trust; use organisations/mid-trust, or another id' },
        'POST', 'organisations', { body: { id: 'gone-trust', name: 'Gone', kind: 'other' } });
    });

    test('is there for organisations, areas and sites, too', async () => {
      const twins = {
        organisations: { kind: 'other' },
        areas: { kind: 'locality' },
        sites: { kind: 'other', organisation: 'ihr' },
      };
      for (const [collection, fields] of Object.entries(twins)) {
        for (const id of ['twin', 'twin-again']) await register.create(collection, { id, name: 'Twin', ...fields });
        const { body } = await register.expect(200, 'POST', `${collection}/twin-again/merge`, { as: 'manager', body: { into: 'twin' } });
        assert.equal(body.id, 'twin');
        await register.expect(308, 'GET', `${collection}/twin-again`);
      }
      const { headers } = await register.expect(308, 'POST', 'organisations/twin-again/move',
        { as: 'manager', body: { to: 'closed' }, headers: { 'if-match': '*' } });
      assert.equal(headers.get('location'), '/api/v1/organisations/twin/move');
    });

    test('refuses what it cannot do, and callers who may not', async () => {
      const path = 'people/ian-reckless/merge';
      await register.refuse(422, { pointer: '/into', code: 'required', detail: 'Give the id of the record of people that remains, as "into"' }, 'POST', path, { body: {} });
      await register.refuse(422, { pointer: '/into', code: 'not_found', detail: 'There is no people/nobody' }, 'POST', path, { body: { into: 'nobody' } });
      await register.refuse(422, { pointer: '/into', code: 'same', detail: 'people/ian-reckless cannot be merged into itself; give the id of another record, which stays' }, 'POST', path, { body: { into: 'ian-reckless' } });
      await register.expect(401, 'POST', path, { body: { into: 'felicity-cox' } });
      await register.expect(403, 'POST', path, { as: 'office', body: { into: 'felicity-cox' } });
      await register.expect(200, 'GET', 'people/ian-reckless');
    });
  });

  describe('who sees what', () => {
    const address = 'r.marquand@qmul.ac.uk';
    const stored = ['people/rupert-marquand', 'people?limit=200', 'people/rupert-marquand/revisions/1'];
    const computed = ['people/rupert-marquand/roles', 'organisations/queen-mary/involvement'];
    const shows = async (path, as) => JSON.stringify(await register.get(path, as)).includes(address);

    for (const as of ['public', 'partner'])
      test(`${as}: an e-mail address is nowhere`, async () => {
        for (const path of [...stored, ...computed])
          assert.equal(await shows(path, as), false, `expected no address in ${path}`);
      });

    for (const as of ['office', 'manager'])
      test(`${as}: an e-mail address is in the record, and in no computed answer`, async () => {
        for (const path of stored) assert.equal(await shows(path, as), true, `expected the address in ${path}`);
        for (const path of computed) assert.equal(await shows(path, as), false, `expected no address in ${path}`);
      });

    test('a telephone number is office-only, and cannot be filtered for', async () => {
      await register.patch('people/rupert-marquand', { phone: '020 7946 0000' });
      assert.equal((await register.get('people/rupert-marquand')).phone, undefined);
      assert.equal((await register.get('people/rupert-marquand', 'partner')).phone, undefined);
      assert.equal((await register.get('people/rupert-marquand', 'office')).phone, '020 7946 0000');
      await register.expect(400, 'GET', 'people?phone=020');
    });

    test('a hidden person is in no answer', async () => {
      await register.create('people', { id: 'hidden-person', name: 'Hidden Person', meta: { visibility: 'office' } });
      await register.create('appointments', { id: 'hidden-role', person: 'hidden-person', role: 'member', body: 'organisations/nel-health', meta: { visibility: 'office' } });
      await register.expect(404, 'GET', 'people/hidden-person');
      await register.expect(404, 'GET', 'people/hidden-person/roles', { as: 'partner' });
      assert.equal((await register.get('organisations/nel-health/involvement')).count, 0);
      assert.equal((await register.get('organisations/nel-health/involvement', 'office')).count, 1);
    });
  });

  test('its reference page says what it does', () => holdPage(register, 'directory', collections));

  test('its part of the sample is in readable form and says its sources', () => holdSample(register, collections));
});
