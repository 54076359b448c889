// A hub and its neighbours: what the plugins directory, evidence, funding, training and programmes
// tell of a hub, and it of them, when all of them are there.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, start } from './ouse.mjs';

describe('a hub', built, () => {
  const blmk = 'hubs/blmk-research-innovation-hub';
  let register;

  before(async () => {
    register = await start('hubs', 'evidence', 'funding', 'training', 'programmes', 'directory');
    await register.import('sample', await register.fitting('publications', 'areas', 'organisations', 'sites', 'people', 'hubs', 'partners', 'pillars', 'projects',
      'deliverables', 'groups', 'decisions', 'strategies', 'appointments', 'statements', 'events', 'awards'));
  });
  after(() => register?.stop());

  describe('in the directory', () => {
    test('is among the roles of those who direct it, lead in it and speak of it', async () => {
      const { appointments, leads, statements, counts } = await register.get('people/yannis-pappas/roles');
      assert.deepEqual(counts, { appointments: 2, leads: 1, statements: 1 });
      assert.deepEqual(appointments[0], {
        id: 'yannis-pappas-director', role: 'director', title: 'Director of the ICS Research & Innovation Hub',
        body: { collection: 'hubs', id: 'blmk-research-innovation-hub', label: 'BLMK ICS Research & Innovation Hub' },
        acting: null, starts: null, ends: null,
      });
      assert.deepEqual(leads, [{ collection: 'projects', id: 'primary-care-access', label: 'Primary care access', state: 'confirmed' }]);
      assert.deepEqual(statements.map((one) => [one.id, one.in]), [['yannis-pappas-blmk-research-innovation-hub', 'blmk-research-innovation-hub']]);
    });

    test('is led on the days of its projects', async () => {
      await register.create('projects', { id: 'dated', pillar: 'safeguarding', title: 'Dated', leads: ['louise-grant'], starts: '2024-02', ends: '2024-02-29' });
      const led = async (on) => (await register.get(`people/louise-grant/roles?on=${on}`)).leads.length;
      assert.deepEqual([await led('2024-01-31'), await led('2024-02-01'), await led('2024-02-29'), await led('2024-03-01')], [0, 1, 1, 0]);
      await register.remove('projects/dated');
    });

    test('is what its host and its partners are involved in', async () => {
      const { collections } = await register.get('organisations/university-of-bedfordshire/involvement');
      assert.deepEqual(collections.map((group) => [group.collection, group.count]),
        [['appointments', 1], ['awards', 1], ['hubs', 1], ['organisations', 3], ['partners', 1], ['sites', 1]]);
      assert.deepEqual(collections[2].records.map(({ id, state }) => [id, state]), [['blmk-research-innovation-hub', 'launched']]);
      assert.deepEqual(collections[4].records.map(({ label, role }) => [label, role]), [['BLMK ICS Research & Innovation Hub', 'host']]);
    });

    test('is in its area', async () => {
      const { hubs, counts } = await register.get('areas/blmk/overview');
      assert.deepEqual([hubs.map(({ id, state }) => [id, state]), counts.hubs], [[['blmk-research-innovation-hub', 'launched']], 1]);
    });

    test('keeps its leads, in their order, when two records of one person are merged', async () => {
      await register.create('people', { id: 'l-bostock', name: 'L. Bostock' });
      await register.patch('projects/street-activities', { leads: ['sarah-wadd', 'l-bostock'] });
      await register.expect(200, 'POST', 'people/l-bostock/merge', { as: 'manager', body: { into: 'lisa-bostock' } });
      assert.deepEqual((await register.get('projects/street-activities')).leads, ['sarah-wadd', 'lisa-bostock']);
      await register.patch('projects/street-activities', { leads: ['sarah-wadd'] });
    });
  });

  describe('in the evidence', () => {
    test('rests on its article, which is not deleted', async () => {
      const { collections } = await register.get('publications/elft-cambridge-hub/citations');
      assert.deepEqual(collections.find(({ collection }) => collection === 'hubs').records,
        [{ id: 'elft-cambridge-hub', label: 'ELFT and University of Cambridge health research hub' }]);
      const { problem } = await register.refuseRemove(409, { pointer: '', code: 'referred_to' }, 'publications/elft-cambridge-hub');
      assert.ok(problem.referrers.some(({ collection, id }) => collection === 'hubs' && id === 'elft-cambridge-hub'));
    });

    test('is what its launch and its statements are about', async () => {
      const { data: [launch] } = await register.get(`events?about=${blmk}`);
      assert.deepEqual([launch.id, launch.venue, launch.on], ['blmk-research-innovation-hub-launch', 'putteridge-bury', undefined]);
      assert.equal((await register.get(`statements?about=${blmk}`)).data.length, 3);
    });
  });

  test('shows its awards and those of its projects', async () => {
    const { awards, counts } = await register.get(`${blmk}/portfolio`);
    assert.equal(counts.awards, 2);
    assert.deepEqual(awards.map(({ id, amount, funder, for: purpose }) => [id, amount, funder.id, purpose]), [
      ['nhs-england-blmk-hub', 3000000, 'nhs-england', blmk],
      ['luton-council-mapping-study', null, 'luton-council', 'projects/street-activities'],
    ]);
  });

  test('has training for its area, unless that is held elsewhere', async () => {
    await register.create('schemes', { id: 'course', title: 'A course', state: 'published', audience: ['gp'], of: 'hubs/elft-cambridge-hub' });
    await register.create('cohorts', { id: 'of-the-hub', scheme: 'course', opens: '2024-01-01' });
    await register.create('sites', { id: 'far', name: 'Far', kind: 'other', organisation: 'elft', area: 'milton-keynes' });
    await register.create('cohorts', { id: 'elsewhere', scheme: 'course', opens: '2024-01-01', venue: 'far' });
    const open = async (area) => (await register.get(`cohorts/-/open?area=${area}`)).cohorts.map(({ id }) => id);
    assert.deepEqual([await open('luton'), await open('milton-keynes')], [['of-the-hub'], ['elsewhere']]);
  });

  test('has milestones of its projects, which no programme claims', async () => {
    await register.create('milestones', { id: 'ethics', of: 'projects/ageing-well', title: 'Ethics approval', due: '2024-02' });
    const { milestones: [late] } = await register.get('milestones/-/slippage?on=2024-03-01');
    assert.deepEqual([late.id, late.days_late, late.programme], ['ethics', 1, null]);
  });
});
