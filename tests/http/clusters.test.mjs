// Clusters: led by one of their constituents, warned about the sectors that they lack, told on the
// sample register.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, holdPage, holdSample, startAlone } from './ouse.mjs';

describe('clusters', built, () => {
  const hiec = 'clusters/hiec-north-east-london';
  const loaded = ['clusters', 'constituents', 'aims'];
  let register, made = 0;

  before(async () => {
    register = await startAlone('clusters');
    await register.load('areas', 'organisations');
    await register.import('sample', await register.fitting(...loaded));
  });
  after(() => register?.stop());

  const cluster = async (fields) => (await register.create('clusters', { id: `cluster-${++made}`, name: `Cluster ${made}`, kind: 'other', ...fields })).id;
  const constituent = async (of, fields) => (await register.create('constituents', { cluster: of, name: `Constituent ${++made}`, ...fields })).id;
  const missing = async (of) => (await register.warnings(`clusters/${of}`)).texts.map((text) => text.replace(/^.*: /, ''));

  test('the sample holds 1 cluster, 3 constituents and 3 aims', async () => {
    const { data } = await register.get('clusters');
    assert.deepEqual(data.map(({ id, state, lead, on_behalf_of, reach, budget_share }) => ({ id, state, lead, on_behalf_of, reach, budget_share })), [{
      id: 'hiec-north-east-london', state: 'won', lead: 'queen-mary', on_behalf_of: 'nel-health',
      reach: { value: 6000000, qualifier: 'over', unit: 'people' },
      budget_share: { value: 10, qualifier: 'approx', unit: 'per cent of the NHS budget in England' },
    }]);
    const constituents = (await register.get('constituents?cluster=hiec-north-east-london')).data.sort((a, b) => a.order - b.order);
    assert.deepEqual(constituents.map(({ academic, nhs }) => [academic, nhs]), [
      ['queen-mary', 'nel-health'], ['university-college-london', 'ucl-partners'], ['anglia-ruskin-university', 'essex-nhs'],
    ]);
    const aims = (await register.get('aims?cluster=hiec-north-east-london')).data.sort((a, b) => a.number - b.number);
    assert.deepEqual(aims.map(({ conditions }) => conditions), [['Chronic lung disease'], ['Stroke', 'Heart disease'], ['Maternity']]);
  });

  describe('the sectors of a HIEC', () => {
    test('the sample lacks industry, and says so', async () => {
      assert.deepEqual(await register.warnings(hiec), {
        codes: ['sector_missing '],
        texts: ['A HIEC brings together the NHS, medical education, academia and industry; its constituents do not include: industry'],
      });
    });

    test('are missed until a constituent stands for them', async () => {
      const of = await cluster({ kind: 'hiec' });
      assert.deepEqual(await missing(of), ['the NHS, medical education, academia, industry']);
      const both = await constituent(of, { academic: 'queen-mary', nhs: 'nel-health' });
      assert.deepEqual(await missing(of), ['medical education, industry']);
      const firm = await constituent(of, { sector: 'industry' });
      await constituent(of, { sector: 'education' });
      assert.deepEqual(await missing(of), []);
      await register.patch(`constituents/${both}`, { academic: null });
      assert.deepEqual(await missing(of), ['academia']);
      await register.patch(`constituents/${firm}`, { sector: 'academia' });
      assert.deepEqual(await missing(of), ['industry']);
      await register.remove(`constituents/${both}`);
      assert.deepEqual(await missing(of), ['the NHS, industry']);
    });

    test('go with a constituent to another cluster', async () => {
      const [from, to] = [await cluster({ kind: 'hiec' }), await cluster({ kind: 'hiec' })];
      const id = await constituent(from, { nhs: 'nel-health' });
      await register.patch(`constituents/${id}`, { cluster: to });
      assert.deepEqual([await missing(from), await missing(to)],
        [['the NHS, medical education, academia, industry'], ['medical education, academia, industry']]);
    });

    test('are not asked of other clusters', async () => {
      const of = await cluster();
      assert.deepEqual(await missing(of), []);
      await register.patch(`clusters/${of}`, { kind: 'hiec' });
      assert.equal((await missing(of)).length, 1);
    });
  });

  describe('the lead of a cluster', () => {
    const wrong = { code: 'lead_not_constituent' };

    test('is among its constituents', async () => {
      const of = await cluster();
      const { detail } = await register.refusePatch(409, { ...wrong, pointer: '/lead' }, `clusters/${of}`, { lead: 'queen-mary' });
      assert.equal(detail, 'queen-mary leads the cluster but is not the university or NHS body of any of its constituents; name one that is, or add the constituent first');
      await register.refuseCreate(409, { ...wrong, pointer: '/lead' }, 'clusters', { name: 'Led by nobody’s', kind: 'other', lead: 'elft' });
      await constituent(of, { academic: 'queen-mary', nhs: 'nel-health' });
      for (const lead of ['queen-mary', 'nel-health', null]) await register.patch(`clusters/${of}`, { lead });
    });

    test('stays among them', async () => {
      const [of, other] = [await cluster(), await cluster()];
      const id = await constituent(of, { academic: 'queen-mary' });
      await register.patch(`clusters/${of}`, { lead: 'queen-mary' });
      const path = `constituents/${id}`;
      const { detail } = await register.refusePatch(409, { ...wrong, pointer: '' }, path, { academic: 'university-of-cambridge' });
      assert.equal(detail, `Without it, queen-mary leads clusters/${of} but is not in any of its constituents; give the cluster another lead first`);
      await register.refusePatch(409, { ...wrong, pointer: '' }, path, { cluster: other });
      await register.refuseRemove(409, { ...wrong, pointer: '' }, path);
      await constituent(of, { nhs: 'queen-mary' });
      await register.remove(path);
    });

    test('may come before its constituent in one import', async () => {
      await register.import('one-change', [
        { id: 'at-once', name: 'At once', kind: 'other', lead: 'elft', meta: { collection: 'clusters' } },
        { id: 'at-once-elft', cluster: 'at-once', nhs: 'elft', meta: { collection: 'constituents' } },
      ]);
      assert.equal((await register.get('clusters/at-once')).lead, 'elft');
    });

    test('may change together with the constituents in one import, and not without', async () => {
      const swap = { id: 'at-once-elft', cluster: 'at-once', nhs: 'nhs-tower-hamlets', meta: { collection: 'constituents' } };
      assert.match(await register.import('half', [swap], 1), /elft leads clusters\/at-once but is not in any of its constituents/);
      await register.import('whole', [swap, { id: 'at-once', name: 'At once', kind: 'other', lead: 'nhs-tower-hamlets', meta: { collection: 'clusters' } }]);
      assert.equal((await register.get('clusters/at-once')).lead, 'nhs-tower-hamlets');
    });

    test('is the organisation that it was merged into', async () => {
      await register.create('organisations', { id: 'double', name: 'Double', kind: 'nhs_trust' });
      const of = await cluster();
      await constituent(of, { nhs: 'double' });
      await register.patch(`clusters/${of}`, { lead: 'double' });
      await register.expect(200, 'POST', 'organisations/double/merge', { as: 'manager', body: { into: 'elft' } });
      assert.equal((await register.get(`clusters/${of}`)).lead, 'elft');
    });

    test('does not keep a cluster from being deleted, with its constituents and aims', async () => {
      const of = await cluster();
      const id = await constituent(of, { nhs: 'elft' });
      const aim = await register.create('aims', { cluster: of, text: 'To be gone.' });
      await register.patch(`clusters/${of}`, { lead: 'elft' });
      await register.remove(`clusters/${of}`);
      for (const path of [`constituents/${id}`, `aims/${aim.id}`]) await register.expect(410, 'GET', path);
    });
  });

  test('an aim has a number of its own in its cluster', async () => {
    await register.refuseCreate(409, { pointer: '/number', code: 'unique', detail: 'aims/preventing-major-illnesses already has cluster "hiec-north-east-london" and number 2' }, 'aims', { cluster: 'hiec-north-east-london', number: 2, text: 'Again.' });
    await register.create('aims', { cluster: await cluster(), number: 2, text: 'Elsewhere.' });
  });

  test('a reach is above 0', () =>
    register.refuseCreate(422, { pointer: '/reach/value', code: 'too_small', detail: 'must be at least 1; got 0' }, 'clusters', { name: 'Nobody', kind: 'other', reach: { value: 0 } }));

  test('a bid needs the plugin that keeps bids', async () => {
    const { detail } = await register.refuseCreate(422, { pointer: '/bid', code: 'not_loaded' }, 'clusters', { name: 'Bidden', kind: 'other', bid: 'any' });
    assert.match(detail, /enable the plugin "funding"/);
  });

  test('a cluster bids, wins or loses, works and is wound up', async () => {
    const of = `clusters/${await cluster()}`;
    for (const state of ['won', 'active', 'wound_up']) await register.move(of, state);
    await register.refuseMove(409, { pointer: '/state', code: 'move' }, of, 'lost');
    await register.move(`clusters/${await cluster()}`, 'lost');
  });

  test('a shared practice is adopted, and keeps its cluster', async () => {
    const of = await cluster();
    await register.create('shared-practices', { cluster: of, title: 'Checklists', adopted_by: ['elft', 'nhs-tower-hamlets'] });
    assert.equal((await register.get('shared-practices?adopted_by=elft')).data.length, 1);
    await register.refuseRemove(409, { pointer: '', code: 'referred_to' }, `clusters/${of}`);
  });

  describe('GET clusters/{id}/overview', () => {
    test('holds lead, constituents and aims in their order', async () => {
      const { cluster: itself, lead, on_behalf_of, constituents, aims, shared_practices } = await register.get(`${hiec}/overview`);
      assert.deepEqual([itself.id, lead.id, lead.short_name, on_behalf_of.name], ['hiec-north-east-london', 'queen-mary', 'Queen Mary', 'NEL Health']);
      assert.deepEqual(constituents.map(({ order, academic, nhs, sector }) => [order, academic.id, nhs.id, sector]), [
        [1, 'queen-mary', 'nel-health', 'education'], [2, 'university-college-london', 'ucl-partners', null],
        [3, 'anglia-ruskin-university', 'essex-nhs', null],
      ]);
      assert.deepEqual(aims.map(({ number, id }) => [number, id]), [[1, 'treatments-of-common-diseases'], [2, 'preventing-major-illnesses'], [3, 'maternity-care']]);
      assert.deepEqual(shared_practices, []);
    });

    test('counts those who adopted a practice, and shows nothing that is hidden', async () => {
      await register.create('organisations', { id: 'unseen-trust', name: 'Unseen trust', kind: 'nhs_trust', meta: { visibility: 'office' } });
      const of = await cluster();
      await constituent(of, { nhs: 'unseen-trust', academic: 'queen-mary' });
      for (const [title, published] of [['Older', '2010'], ['Newer', '2011-05'], ['Undated', undefined]])
        await register.create('shared-practices', { id: `${of}-${title.toLowerCase()}`, cluster: of, title, published, adopted_by: ['elft', 'unseen-trust'] });
      const overview = await register.get(`clusters/${of}/overview`);
      assert.deepEqual(Object.keys(overview), Object.keys(await register.get(`${hiec}/overview`)));
      assert.deepEqual([overview.lead, overview.constituents[0].nhs], [null, null]);
      assert.deepEqual(overview.shared_practices.map(({ title }) => title), ['Newer', 'Older', 'Undated']);
      assert.equal((await register.get(`clusters/${of}/overview`, 'office')).constituents[0].nhs.id, 'unseen-trust');
      assert.deepEqual([overview, await register.get(`clusters/${of}/overview`, 'office')].map((one) => one.shared_practices[0].adopted_by), [1, 2]);
    });
  });

  test('its reference page says what it does', () => holdPage(register, 'clusters', [...loaded, 'shared-practices']));

  test('its part of the sample is in readable form and says its sources', () => holdSample(register, loaded));
});
