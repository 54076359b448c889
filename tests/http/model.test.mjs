// What real files need of the model: addresses, identifiers of research and grants, GSS codes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, start } from './ouse.mjs';

describe('the model', built, () => {
  let register;

  before(async () => {
    register = await start('directory', 'evidence', 'hubs', 'funding', 'networks', 'training');
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
});
