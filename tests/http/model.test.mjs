// What real files need of the model: addresses, identifiers of research and grants, GSS codes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, start } from './ouse.mjs';

describe('the model', built, () => {
  let register;

  before(async () => {
    register = await start('directory', 'evidence', 'hubs', 'funding', 'networks', 'training', 'site');
    await register.load('publications', 'areas', 'organisations', 'people', 'hubs', 'pillars', 'projects');
  });
  after(() => register?.stop());

  const address = { address: ['Luton & Dunstable Hospital', 'Lewsey Road', 'Luton'], telephone: '01582 491166', email: 'info@example.nhs.uk', website: 'https://www.example.nhs.uk/' };
  const addressed = async (collection, record) => {
    const { id } = await register.create(collection, { ...record, ...address, postcode: 'lu40dz' });
    const { meta, ...kept } = await register.get(`${collection}/${id}`);
    assert.deepEqual(Object.fromEntries([...Object.keys(address), 'postcode'].map((name) => [name, kept[name]])), { ...address, postcode: 'LU4 0DZ' }, collection);
    assert.deepEqual((await register.get(`${collection}?postcode=LU4 0DZ`)).data.map((one) => one.id), [id]);
    return id;
  };

  test('organisations, sites and practices have addresses', async () => {
    const practice = await addressed('organisations', { name: 'The Surgery', kind: 'gp_practice' });
    await addressed('sites', { name: 'Site', kind: 'hospital', organisation: practice, identifiers: [{ scheme: 'ods', value: 'RC971' }] });
    await register.create('care-models', { id: 'home', name: 'Home' });
    await register.create('networks', { id: 'net', name: 'Net', model: 'home' });
    await addressed('practices', { network: 'net', practice });
    assert.equal((await register.get('sites/-/by/ods/RC971')).name, 'Site');
  });

  test('a postcode has a UK form, and is kept in the usual one', async () => {
    const kept = { 'LU4 0DZ': 'LU4 0DZ', lu40dz: 'LU4 0DZ', ' e1  6an ': 'E1 6AN', 'EC1A1BB': 'EC1A 1BB', m11ae: 'M1 1AE', 'W1A 0AX': 'W1A 0AX', 'ZZ99 3VZ': 'ZZ99 3VZ', gir0aa: 'GIR 0AA', FIQQ1ZZ: 'FIQQ 1ZZ' };
    for (const [given, postcode] of Object.entries(kept))
      assert.equal((await register.create('organisations', { name: 'Place', kind: 'other', postcode: given })).postcode, postcode, given);
    for (const postcode of ['LU4', 'LU4 0D', 'LU4 DZ0', '75001', 'D02 AF30', 'LU4 0DZ LU4 0DZ', 'ŁU4 0DZ'])
      await register.refuseCreate(422, { pointer: '/postcode', code: 'pattern' }, 'organisations', { name: 'Place', kind: 'other', postcode });
  });

  const schemes = {
    '360giving': ['360G-WellcomeTrust-086357_Z_08_Z', 'WellcomeTrust-086357'], nihr: ['17/22/02', 'NIHR 201385'], gtr: ['MR/T023341/1', ''],
    iras: ['1003456', 'IRAS1003456'], cpms: ['48529', '48529a'], isrctn: ['ISRCTN10580502', '10580502'], nct: ['NCT04381936', 'NCT0438193'],
    doi: ['10.1136/bmj.n71', 'https://doi.org/10.1136/bmj.n71'],
  };
  const identifiers = Object.entries(schemes).map(([scheme, [value]]) => ({ scheme, value }));

  test('awards, bids, funds, projects and publications have identifiers, by which they are found', async () => {
    const records = {
      awards: { title: 'A', description: 'D', funder: 'nhs-england', kind: 'grant' },
      bids: { title: 'B', lead: 'elft' }, funds: { title: 'F', funder: 'nhs-england' },
      projects: { title: 'P', pillar: 'safeguarding' }, publications: { title: 'Q' },
    };
    for (const [collection, record] of Object.entries(records)) {
      const { id } = await register.create(collection, { ...record, identifiers });
      for (const { scheme, value } of identifiers) {
        assert.equal((await register.get(`${collection}/-/by/${scheme}/${value}`)).id, id, `${collection} ${scheme}`);
        assert.deepEqual((await register.get(`${collection}?identifiers=${encodeURIComponent(`${scheme}:${value}`)}`)).data.map((one) => one.id), [id]);
      }
      await register.refuseCreate(409, { pointer: '/identifiers/0', code: 'unique' }, collection, { ...record, identifiers: [identifiers[0]] });
      for (const [scheme, [, value]] of Object.entries(schemes).filter(([, [, wrong]]) => wrong))
        await register.refuseCreate(422, { pointer: '/identifiers/0/value', code: 'format' }, collection, { ...record, identifiers: [{ scheme, value }] });
    }
    await register.expect(404, 'GET', 'publications/-/by/doi/10.1136/bmj.n71/more');
    await register.expect(404, 'GET', 'publications/-/by/isbn/10.1136/bmj.n71');
  });

  test('an area is identified by its GSS code, written as gss_code or as an identifier', async () => {
    const gss = (value) => [{ scheme: 'gss', value }];
    const area = async () => { const { gss_code, identifiers: all } = await register.get('areas/-/by/gss/E06000055'); return [gss_code, all]; };
    await register.create('areas', { id: 'bedford-a', name: 'Bedford', kind: 'unitary', gss_code: 'E06000055' });
    assert.deepEqual(await area(), ['E06000055', gss('E06000055')]);
    await register.patch('areas/bedford-a', { gss_code: 'E06000056' });
    assert.equal((await register.get('areas/-/by/gss/E06000056')).id, 'bedford-a');
    await register.patch('areas/bedford-a', { identifiers: gss('E06000055') });
    assert.deepEqual(await area(), ['E06000055', gss('E06000055')]);
    await register.patch('areas/bedford-a', { identifiers: null });
    assert.deepEqual(await area(), ['E06000055', gss('E06000055')], 'expected gss_code to keep the code');
    await register.patch('areas/bedford-a', { gss_code: null });
    assert.equal((await register.get('areas/bedford-a')).identifiers ?? null, null);
    await register.create('areas', { id: 'bedford-b', name: 'Bedford', kind: 'unitary', identifiers: gss('E06000055') });
    assert.equal((await register.get('areas/bedford-b')).gss_code, 'E06000055');
    await register.refuseCreate(422, { pointer: '/gss_code', code: 'two_codes' }, 'areas', { name: 'Two', kind: 'unitary', gss_code: 'E06000057', identifiers: gss('E06000058') });
    await register.refuseCreate(422, { pointer: '/gss_code', code: 'pattern' }, 'areas', { name: 'Bad', kind: 'unitary', gss_code: 'E0600005' });
  });

  describe('money', () => {
    const award = (id, more) => register.create('awards', { id, title: id, description: 'D', funder: 'nhs-england', kind: 'grant', ...more });

    test('may be in any currency of ISO 4217, and is in pounds by default', async () => {
      assert.equal((await award('pounds', { amount: 100 })).currency, 'GBP');
      for (const currency of ['EUR', 'USD', 'JPY', 'ZWG']) assert.equal((await award(`in-${currency.toLowerCase()}`, { amount: 100, currency })).currency, currency);
      for (const currency of ['eur', 'XXX', '€'])
        await register.refuseCreate(422, { pointer: '/currency', code: 'choice' }, 'awards', { title: 'T', description: 'D', funder: 'nhs-england', kind: 'grant', currency });
      await register.create('funds', { title: 'F', funder: 'nhs-england', amount: 5, currency: 'EUR' });
      const bid = await register.create('bids', { title: 'B', lead: 'elft', funder: 'nhs-england', amount_awarded: 7, currency: 'CHF', state: 'submitted' });
      await register.move(`bids/${bid.id}`, 'won');
      const { data: [won] } = await register.get(`awards?bid=${bid.id}`);
      assert.deepEqual([won.amount, won.currency], [7, 'CHF']);
    });

    test('is added per currency, and never across currencies', async () => {
      await award('second-pounds', { amount: 0.5 });
      const all = await register.get('awards/-/summary?sum=amount');
      assert.equal(all.total.sum.amount, null);
      assert.deepEqual(all.total.currencies, { amount: { GBP: 100.5, CHF: 7, EUR: 100, JPY: 100, USD: 100, ZWG: 100 } });
      assert.deepEqual((await register.get('awards/-/summary?sum=amount&currency=EUR')).total, { count: 1, sum: { amount: 100 }, currencies: { amount: { EUR: 100 } } });
      const { data } = await register.get('awards/-/summary?group=kind&sum=amount');
      assert.equal(data.length, 1);
      assert.deepEqual([data[0].group, data[0].sum.amount, data[0].currencies.amount.GBP, data[0].count], [{ kind: 'grant' }, null, 100.5, all.total.count]);
      const by = await register.get('awards/-/summary?group=currency&sum=amount');
      assert.deepEqual(by.data.find(({ group }) => group.currency === 'GBP').sum, { amount: 100.5 });
      assert.deepEqual((await register.get('awards/-/summary?sum=amount&title=nothing')).total, { count: 0, sum: { amount: null }, currencies: { amount: {} } });
      assert.equal((await register.get('awards/in-eur/breakdown')).currency, 'EUR');
    });

    test('is shown in its currency on every page', async () => {
      const page = async (path) => (await (await fetch(`${register.origin}/${path}`, { headers: { accept: 'text/html' } })).text());
      for (const path of ['awards/in-eur', 'awards/in-eur/breakdown', 'awards?currency=EUR', 'awards/in-eur/history']) {
        const text = await page(path);
        assert.match(text, /EUR 100\b/, path);
        assert.doesNotMatch(text, /£100\b/, path);
      }
      assert.match(await page('awards/pounds'), /£100\b/);
      const home = await page('');
      assert.match(home, /£100\.50/);
      assert.match(home, /EUR 100\b/);
    });

    test('of an award and its allocations has one currency', async () => {
      const allocation = { award: 'in-eur', target: 'pillars/safeguarding', amount: 60 };
      assert.equal((await register.create('allocations', allocation)).currency, 'EUR');
      await register.refuseCreate(409, { pointer: '/currency', code: 'other_currency' }, 'allocations', { ...allocation, amount: 1, currency: 'GBP' });
      await register.refuseCreate(409, { pointer: '/amount', code: 'over_allocated' }, 'allocations', { ...allocation, amount: 40.01 });
      await register.refusePatch(409, { pointer: '/currency', code: 'other_currency' }, 'awards/in-eur', { currency: 'USD' });
      await register.import('mixed', [
        { id: 'early', ...allocation, award: 'late', meta: { collection: 'allocations' } },
        { id: 'late', title: 'Late', description: 'D', funder: 'nhs-england', kind: 'grant', amount: 60, currency: 'USD', meta: { collection: 'awards' } }]);
      assert.equal((await register.get('allocations/early')).currency, 'USD');
    });

    test('is paid without an award, to a payee, and comes back', async () => {
      const paid = await register.create('payments', { payee: 'luton-council', date: '2025-07-01', amount: 512.4, description: 'Room hire', period: '2025-26, quarter 2' });
      assert.deepEqual([paid.currency, paid.payee, paid.description, paid.period], ['GBP', 'luton-council', 'Room hire', '2025-26, quarter 2']);
      await register.create('payments', { payee: 'luton-council', date: '2025-07-02', amount: -12.4 });
      assert.equal((await register.get('payments/-/summary?sum=amount&payee=luton-council')).total.sum.amount, 500);
      await register.refuseCreate(422, { pointer: '/amount', code: 'too_small' }, 'payments', { date: '2025-07-01', amount: 0 });
    });

    test('paid in another currency says nothing of what was committed', async () => {
      assert.equal((await register.create('payments', { award: 'in-usd', date: '2025-01-01', amount: 5, kind: 'disbursement' })).currency, 'USD');
      assert.deepEqual((await register.warnings('awards/in-usd')).codes, ['spent_over_committed ']);
      await register.create('payments', { award: 'in-jpy', date: '2025-01-01', amount: 5, kind: 'disbursement', currency: 'GBP' });
      assert.deepEqual((await register.warnings('awards/in-jpy')).codes, []);
    });
  });

  test('a study is outside a hub, with a sponsor, several funders, and investigators with roles', async () => {
    await register.create('projects', { id: 'study', title: 'A study', sponsor: 'elft', funders: ['nhs-england', 'luton-council'], leads: ['yannis-pappas'], state: 'active', recruitment: [{ on: '2025-01', value: 12 }, { on: '2025-06', value: 40 }] });
    for (const [person, role] of [['yannis-pappas', 'chief_investigator'], ['erica-cook', 'co_investigator']])
      await register.create('investigators', { project: 'study', person, role, starts: '2025' });
    const { data } = await register.get('investigators?project=study&sort=role');
    assert.deepEqual(data.map(({ person, role }) => [person, role]), [['yannis-pappas', 'chief_investigator'], ['erica-cook', 'co_investigator']]);
    assert.deepEqual((await register.get('projects?funders=luton-council')).data.map(({ id }) => id), ['study']);
    await register.refuseCreate(422, { pointer: '/ends', code: 'before' }, 'investigators', { project: 'study', person: 'erica-cook', role: 'other', starts: '2025', ends: '2024' });
    await award2('study');
    await register.remove('awards/of-the-study');
    await register.remove('projects/study');
    assert.deepEqual((await register.get('investigators?person=erica-cook')).data, []);
  });
  const award2 = (project) => register.create('awards', { id: 'of-the-study', title: 'T', description: 'D', funder: 'nhs-england', kind: 'grant', for: `projects/${project}` });

  test('a completed project without a lead is a warning, one at work an error', async () => {
    await register.create('projects', { id: 'past', title: 'Past', state: 'completed' });
    assert.deepEqual((await register.warnings('projects/past')).codes, ['no_lead /leads']);
    await register.refuseCreate(422, { pointer: '/leads', code: 'lead_required' }, 'projects', { title: 'Now', state: 'active' });
  });

  test('part_of is the membership that is valid today', async () => {
    for (const id of ['part', 'old-whole', 'new-whole', 'next-whole']) await register.create('organisations', { id, name: id, kind: 'other' });
    const partOf = async () => (await register.get('organisations/part')).part_of ?? null;
    const member = (id, of, more) => register.create('memberships', { id, organisation: 'part', of, ...more });
    await member('old', 'old-whole', { starts: '2013-04', ends: '2022-06' });
    assert.equal(await partOf(), null);
    assert.equal((await member('new', 'new-whole', { starts: '2022-07' })).kind, 'part_of');
    assert.equal(await partOf(), 'new-whole');
    assert.deepEqual((await register.get('organisations?part_of=new-whole')).data.map(({ id }) => id), ['part']);
    await member('partner', 'old-whole', { kind: 'partner', starts: '2023' });
    assert.equal(await partOf(), 'new-whole');
    await register.refuseCreate(409, { pointer: '/of', code: 'two_memberships' }, 'memberships', { organisation: 'part', of: 'next-whole', starts: '2024' });
    await register.patch('memberships/new', { ends: '9998' });
    await member('next', 'next-whole', { starts: '9999' });
    assert.equal(await partOf(), 'new-whole');
    await register.patch('memberships/new', { ends: '2023' });
    assert.equal(await partOf(), null);
    await register.patch('memberships/new', { ends: null, starts: null, of: 'old-whole', kind: 'other' });
    assert.equal(await partOf(), null);
    await register.refuseCreate(422, { pointer: '/part_of', code: 'circle' }, 'memberships', { organisation: 'part', of: 'part', starts: '2024', ends: '9998' });
    await register.create('organisations', { id: 'within', name: 'W', kind: 'other', part_of: 'part' });
    assert.equal((await register.get('organisations/within')).part_of, 'part', 'expected an undated part_of to stay');
  });

  test('a practice has list sizes over time; the latest counts', async () => {
    await register.create('organisations', { id: 'gp', name: 'GP', kind: 'gp_practice' });
    await register.create('networks', { id: 'counted', name: 'Counted', population: { value: 1000 } });
    await register.create('practices', { network: 'counted', practice: 'gp', list_size: 500 });
    const differ = async () => (await register.warnings('networks/counted')).codes;
    assert.deepEqual(await differ(), ['list_sizes_differ /population']);
    await register.create('list-sizes', { practice: 'gp', on: '2024-04-01', value: 700 });
    const { id } = await register.create('list-sizes', { practice: 'gp', on: '2025-04-01', value: 990 });
    await register.create('list-sizes', { practice: 'gp', on: '9999-01-01', value: 1 });
    assert.deepEqual(await differ(), []);
    const shown = (await register.get('networks/-/coverage')).without_model.find((one) => one.id === 'counted');
    assert.equal(shown.list_size, 990);
    await register.refuseCreate(409, { pointer: '/on', code: 'unique' }, 'list-sizes', { practice: 'gp', on: '2024-04-01', value: 5 });
    await register.remove(`list-sizes/${id}`);
    assert.deepEqual(await differ(), ['list_sizes_differ /population']);
  });

  test('a network may have no model, and is covered all the same', async () => {
    const before = await register.get('networks/-/coverage');
    await register.create('networks', { id: 'modelless', name: 'Modelless', population: { value: 7 } });
    assert.deepEqual((await register.warnings('networks/modelless')).codes, []);
    const { counts, without_model: without } = await register.get('networks/-/coverage');
    assert.equal(counts.networks, before.counts.networks + 1);
    assert.deepEqual(without.filter(({ id }) => id === 'modelless').map(({ within_model }) => within_model), [null]);
  });

  describe('a collection that was renamed', () => {
    const moved = async (method, path, to, options) => {
      const { status, headers } = await fetch(`${register.origin}${path}`, { method, redirect: 'manual', ...options });
      assert.deepEqual([status, headers.get('location')], [308, to], `${method} ${path}`);
    };

    test('answers 308 at its old paths, whatever the method, with the rest of the path and the query', async () => {
      await moved('GET', '/api/v1/interests', '/api/v1/expressions');
      await moved('GET', '/api/v1/interests?state=submitted&limit=2', '/api/v1/expressions?state=submitted&limit=2');
      await moved('GET', '/api/v1/interests.csv?limit=2', '/api/v1/expressions.csv?limit=2');
      await moved('HEAD', '/api/v1/interests/ann', '/api/v1/expressions/ann');
      await moved('GET', '/api/v1/interests/ann/revisions/1', '/api/v1/expressions/ann/revisions/1');
      await moved('GET', '/api/v1/interests/-/by/ods/a%20b', '/api/v1/expressions/-/by/ods/a%20b');
      await moved('GET', '/api/v1/interests/-/summary?group=state', '/api/v1/expressions/-/summary?group=state');
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
        await moved(method, '/api/v1/interests/ann/move', '/api/v1/expressions/ann/move', { headers: { 'content-type': 'application/json' }, ...(method === 'DELETE' ? {} : { body: '{}' }) });
      await moved('GET', '/interests', '/expressions');
      await moved('GET', '/interests/ann/history?page=2', '/expressions/ann/history?page=2');
      assert.equal((await fetch(`${register.origin}/interestsome`)).status, 404);
    });

    test('is written to by the old name: a client that follows, a batch, an import', async () => {
      await register.create('schemes', { id: 's', title: 'S', state: 'published' });
      await register.create('cohorts', { id: 'c', scheme: 's' });
      const body = { cohort: 'c', name: 'Ann', contact: 'ann@example.org' };
      const followed = await fetch(`${register.origin}/api/v1/interests`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
      assert.deepEqual([followed.status, followed.redirected], [201, true]);
      await register.expect(200, 'POST', '-/batch', { as: 'manager', body: { operations: [{ op: 'create', collection: 'interests', id: 'batched', data: body }] } });
      await register.import('old', [{ id: 'imported', ...body, meta: { collection: 'interests' } }]);
      assert.equal((await register.get('expressions/imported', 'office')).meta.collection, 'expressions');
      assert.equal((await register.get('expressions?cohort=c', 'office')).data.length, 3);
      const claim = await register.create('claims', { id: 'claim', text: 'T', in: (await register.get('publications?limit=1')).data[0].id, about: ['interests/imported'] });
      assert.deepEqual(claim.about, ['interests/imported']);
      await register.remove('expressions/imported');
      assert.equal((await register.get('claims/claim')).about ?? null, null, 'expected the reference by the old name to be found');
      assert.equal((await register.get('-/schema/interests', 'office')).name, 'expressions');
      await register.expect(404, 'GET', '-/schema/interestsome');
    });
  });

  test('names have up to 500 characters, and titles up to 1,000', async () => {
    const records = { organisations: ['name', { kind: 'other' }], people: ['name'], areas: ['name', { kind: 'region' }], hubs: ['name', { kind: 'research_hub' }], networks: ['name'],
      projects: ['title'], awards: ['title', { description: 'D', funder: 'elft', kind: 'grant' }], publications: ['title'], schemes: ['title'] };
    for (const [collection, [field, more]] of Object.entries(records)) {
      const most = field === 'name' ? 500 : 1000;
      const text = `${'É long name '.repeat(100)}`.slice(0, most - 1);
      assert.equal((await register.create(collection, { ...more, [field]: `${text}x` }))[field].length, most, collection);
      await register.refuseCreate(422, { pointer: `/${field}`, code: 'too_long' }, collection, { ...more, [field]: `${text}xx` });
    }
  });
});
