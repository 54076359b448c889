// Hubs: from proposal to closure, their rules, and the answers that hold all of a hub, told on the
// sample register.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, holdPage, holdSample, startAlone } from './ouse.mjs';

describe('hubs', built, () => {
  const collections = ['hubs', 'partners', 'pillars', 'projects', 'deliverables'];
  const blmk = 'hubs/blmk-research-innovation-hub';
  let register;

  before(async () => {
    register = await startAlone('hubs');
    await register.load('areas', 'organisations', 'people', ...collections, 'appointments');
  });
  after(() => register?.stop());

  const hub = (id, fields) => register.create('hubs', { id, name: `The hub ${id}`, kind: 'research_hub', ...fields });
  const ids = (records) => records.map(({ id }) => id);

  test('the sample holds 2 hubs, 3 pillars, 5 projects and 10 lead links', async () => {
    const { data } = await register.get('projects');
    assert.deepEqual([
      (await register.get('hubs')).data.length, (await register.get('pillars')).data.length, data.length,
      data.flatMap(({ leads }) => leads).length, new Set(data.flatMap(({ leads }) => leads)).size,
    ], [2, 3, 5, 10, 10]);
  });

  test('a hub that was launched before its director was appointed has lost its warning', async () => {
    assert.deepEqual((await register.warnings(blmk)).codes, []);
  });

  test('hubs are found by the setting of their work', async () => {
    assert.deepEqual(ids((await register.get('hubs?settings=optometry')).data), ['elft-cambridge-hub']);
    assert.deepEqual(ids((await register.get('hubs?settings=hospital')).data), []);
  });

  describe('GET hubs/{id}/portfolio', () => {
    test('holds three pillars with 2, 2 and 1 projects and their ten leads', async () => {
      const { pillars, counts } = await register.get(`${blmk}/portfolio`);
      assert.deepEqual(
        pillars.map(({ number, id, name, year, projects }) => [number, id, name, year, ids(projects)]),
        [
          [1, 'inclusive-workforce', 'Inclusive workforce', 'First year', ['building-resilience', 'community-targeted-outreach']],
          [2, 'new-ways-of-working', 'New ways of working', 'First year', ['ageing-well', 'primary-care-access']],
          [3, 'safeguarding', 'Safeguarding', 'First year', ['street-activities']],
        ]);
      assert.deepEqual(
        pillars.flatMap(({ projects }) => projects.flatMap(({ leads }) => leads.map(({ honorific, name }) => [honorific, name].filter(Boolean).join(' ')))),
        [
          'Dr Lisa Bostock', 'Dr Nasreen Ali', 'Martha Roberts', 'Professor David Hewson', 'Nicky Poulain', 'Dr Erica Cook',
          'Professor Gurch Randhawa', 'Dr Yannis Pappas', 'Dr Chirag Bakhai', 'Dr Sarah Wadd',
        ]);
      assert.deepEqual(counts, { partners: 4, pillars: 3, projects: 5, leads: 10, lead_links: 10, deliverables: 1, awards: 0 });
    });

    test('names host, director and partners with their ids', async () => {
      const { hub: itself, host, director, partners, awards } = await register.get(`${blmk}/portfolio`);
      assert.equal(itself.id, 'blmk-research-innovation-hub');
      assert.equal(itself.state, 'launched');
      assert.equal(itself.launched, null, 'expected an undated launch to have no date');
      assert.deepEqual(itself.duration, { value: 3, unit: 'years' });
      assert.deepEqual(host, { id: 'university-of-bedfordshire', name: 'University of Bedfordshire', short_name: null, kind: 'university' });
      assert.deepEqual(director, { id: 'yannis-pappas', name: 'Yannis Pappas', honorific: 'Dr', title: 'Director of the ICS Research & Innovation Hub', starts: null });
      assert.deepEqual(partners.map(({ role, organisation }) => [role, organisation.id, organisation.short_name]), [
        ['host', 'university-of-bedfordshire', null],
        ['collaborator', 'blmk-health-and-care-partnership', null],
        ['contributor', 'iasr', 'IASR'],
        ['contributor', 'ihr', 'IHR'],
      ]);
      assert.deepEqual(awards, []);
    });

    test('has the same shape for a hub of which little is known', async () => {
      const portfolio = await register.get('hubs/elft-cambridge-hub/portfolio');
      assert.deepEqual(Object.keys(portfolio), Object.keys(await register.get(`${blmk}/portfolio`)));
      assert.deepEqual([portfolio.host, portfolio.director, portfolio.pillars], [null, null, []]);
      assert.deepEqual(portfolio.partners.map(({ role, organisation }) => [role, organisation.id]),
        [['partner', 'department-of-public-health-and-primary-care'], ['partner', 'elft']]);
    });

    test('shows a project with its deliverables, and null for what is not known', async () => {
      const { pillars } = await register.get(`${blmk}/portfolio`);
      assert.deepEqual(pillars[2].projects[0], {
        id: 'street-activities',
        title: 'Reducing harm from “street activities” through collaboration and dialogue',
        subtitle: null, summary: null, state: 'confirmed', starts: null, ends: null, beneficiaries: null, area: null,
        leads: [{ id: 'sarah-wadd', name: 'Sarah Wadd', honorific: 'Dr' }],
        deliverables: [{ id: 'luton-council-mapping-study', title: 'Mapping study funded by Luton Council', kind: 'mapping_study', due: null, state: 'planned' }],
      });
    });

    test('neither shows nor counts what the caller may not see', async () => {
      await register.create('people', { id: 'unseen-lead', name: 'Unseen Lead', meta: { visibility: 'office' } });
      await hub('half-seen', { state: 'proposed' });
      await register.create('pillars', { id: 'half-seen-pillar', hub: 'half-seen', number: 1, name: 'One' });
      await register.create('projects', { id: 'half-seen-project', pillar: 'half-seen-pillar', title: 'One', leads: ['unseen-lead', 'sarah-wadd'] });
      const leads = async (as) => {
        const { pillars, counts } = await register.get('hubs/half-seen/portfolio', as);
        return [ids(pillars[0].projects[0].leads), counts.leads];
      };
      assert.deepEqual(await leads('public'), [['sarah-wadd'], 1]);
      assert.deepEqual(await leads('office'), [['unseen-lead', 'sarah-wadd'], 2]);
    });
  });

  describe('GET hubs/{id}/network', () => {
    test('links everybody who works with the hub', async () => {
      const { nodes, links } = await register.get(`${blmk}/network`);
      const of = (list) => list.reduce((counts, { kind }) => ({ ...counts, [kind]: (counts[kind] ?? 0) + 1 }), {});
      assert.deepEqual(of(nodes), { hub: 1, organisation: 4, person: 10, pillar: 3, project: 5 });
      assert.deepEqual(of(links), { host: 1, collaborator: 1, contributor: 2, director: 1, pillar: 3, project: 5, lead: 10 });
      const names = new Set(nodes.map(({ collection, id }) => `${collection}/${id}`));
      for (const { from, to } of links) assert.ok(names.has(from) && names.has(to), `expected nodes for ${from} and ${to}`);
      assert.deepEqual(nodes.find(({ kind }) => kind === 'hub'),
        { id: 'blmk-research-innovation-hub', collection: 'hubs', label: 'BLMK ICS Research & Innovation Hub', kind: 'hub', x: 0.25, y: 0.5 });
      assert.deepEqual(nodes.find(({ id }) => id === 'safeguarding'),
        { id: 'safeguarding', collection: 'pillars', label: 'Safeguarding', kind: 'pillar', x: 0.5, y: 0.8333 });
    });

    test('gives each node a place of its own in the unit square, the same every time', async () => {
      const { nodes } = await register.get(`${blmk}/network`);
      for (const { id, x, y } of nodes) assert.ok(x >= 0 && x <= 1 && y > 0 && y < 1, `expected ${id} in the square, got ${x}, ${y}`);
      assert.equal(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size, nodes.length);
      assert.deepEqual(nodes.filter(({ kind }) => kind === 'person').map(({ y }) => y), [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95]);
      assert.deepEqual((await register.get(`${blmk}/network`)).nodes, nodes);
    });

    test('shows a host that is no partner by record', async () => {
      await hub('hosted', { host: 'elft' });
      const { links } = await register.get('hubs/hosted/network');
      assert.deepEqual(links, [{ from: 'organisations/elft', to: 'hubs/hosted', kind: 'host' }]);
    });
  });

  describe('the life of a hub', () => {
    test('runs from proposal to closure', async () => {
      await hub('life');
      assert.equal((await register.get('hubs/life')).state, 'proposed');
      for (const state of ['awarded', 'established', 'launched', 'active', 'closing', 'closed'])
        assert.equal((await register.move('hubs/life', state)).state, state);
    });

    test('can be abandoned until its launch', async () => {
      for (const state of ['proposed', 'awarded', 'established']) {
        await hub(`early-${state}`, { state });
        await register.move(`hubs/early-${state}`, 'abandoned');
      }
      await hub('too-late', { state: 'launched' });
      const detail = 'state is launched; it cannot move to abandoned from there (see `moves`)';
      const { problem } = await register.refuseMove(409, { pointer: '/state', code: 'move', detail }, 'hubs/too-late', 'abandoned');
      assert.deepEqual(problem.moves.map(({ to }) => to), ['active']);
      await register.refusePatch(422, { pointer: '/state', code: 'state', detail: 'changes by moves only (POST …/{id}/move)' }, 'hubs/too-late', { state: 'closed' });
    });

    test('at work, it warns while it has no host and no director', async () => {
      const codes = async () => (await register.warnings('hubs/warned')).codes;
      await hub('warned', { state: 'established' });
      assert.deepEqual(await codes(), []);
      await register.move('hubs/warned', 'launched');
      assert.deepEqual((await register.warnings('hubs/warned')), {
        codes: ['no_director ', 'no_host /host'],
        texts: ['The hub is at work but no organisation hosts it', 'The hub is at work but it has no director'],
      });
      await register.create('partners', { id: 'warned-host', hub: 'warned', organisation: 'elft', role: 'host' });
      assert.deepEqual(await codes(), ['no_director ']);
      await register.create('appointments', { id: 'warned-director', person: 'erica-cook', role: 'director', body: 'hubs/warned' });
      assert.deepEqual(await codes(), []);
      await register.patch('partners/warned-host', { role: 'lead' });
      assert.deepEqual(await codes(), ['no_host /host']);
      await register.patch('hubs/warned', { host: 'elft' });
      assert.deepEqual(await codes(), []);
      await register.patch('appointments/warned-director', { starts: '2019', ends: '2020' });
      assert.deepEqual(await codes(), ['no_director ']);
      await register.patch('appointments/warned-director', { ends: null });
      assert.deepEqual(await codes(), []);
      await register.remove('appointments/warned-director');
      assert.deepEqual(await codes(), ['no_director ']);
    });

    test('ends with its partners, but not with its pillars', async () => {
      await hub('deleted');
      await register.create('partners', { id: 'deleted-partner', hub: 'deleted', organisation: 'elft', role: 'partner' });
      await register.create('pillars', { id: 'deleted-pillar', hub: 'deleted', number: 1, name: 'One' });
      await register.refuseRemove(409, { pointer: '', code: 'referred_to' }, 'hubs/deleted');
      await register.remove('pillars/deleted-pillar');
      await register.remove('hubs/deleted');
      await register.expect(410, 'GET', 'partners/deleted-partner');
    });
  });

  describe('pillars', () => {
    test('have a number of their own in their hub', async () => {
      await hub('numbered');
      await register.create('pillars', { hub: 'numbered', number: 1, name: 'First' });
      await register.refuseCreate(409, { pointer: '/number', code: 'unique', detail: 'pillars/first already has hub "numbered" and number 1' }, 'pillars', { hub: 'numbered', number: 1, name: 'Again' });
      await register.create('pillars', { hub: 'numbered', number: 2, name: 'Before, by name' });
      const { pillars } = await register.get('hubs/numbered/portfolio');
      assert.deepEqual(pillars.map(({ number, name }) => [number, name]), [[1, 'First'], [2, 'Before, by name']]);
      await register.refuseCreate(422, { pointer: '/number', code: 'too_small', detail: 'must be at least 1; got 0' }, 'pillars', { hub: 'numbered', number: 0, name: 'Zero' });
    });

    test('with projects are not deleted', async () => {
      const detail = 'pillars/safeguarding is referred to from 1 place (see `referrers`); change or delete those first';
      const { problem } = await register.refuseRemove(409, { pointer: '', code: 'referred_to', detail }, 'pillars/safeguarding');
      assert.deepEqual(problem.referrers, [{ collection: 'projects', id: 'street-activities', field: 'pillar' }]);
    });
  });

  describe('projects', () => {
    const project = (id, fields) => ({ id, pillar: 'inclusive-workforce', title: `The project ${id}`, ...fields });

    test('are confirmed once they have a lead', async () => {
      await register.create('projects', project('unled'));
      const { detail } = await register.refuseMove(422, { pointer: '/leads', code: 'lead_required' }, 'projects/unled', 'confirmed');
      assert.equal(detail, 'A project that is confirmed must have a lead; name one in leads');
      await register.patch('projects/unled', { leads: ['sarah-wadd'] });
      await register.move('projects/unled', 'confirmed');
      await register.refusePatch(422, { pointer: '/leads', code: 'lead_required' }, 'projects/unled', { leads: null });
    });

    test('pause and resume, report and are completed', async () => {
      for (const state of ['recruiting', 'active', 'paused', 'active', 'reporting', 'completed'])
        await register.move('projects/unled', state);
      await register.refuseMove(409, { pointer: '/state', code: 'move' }, 'projects/unled', 'withdrawn');
    });

    test('are withdrawn without a lead', async () => {
      await register.create('projects', project('dropped'));
      await register.move('projects/dropped', 'withdrawn');
    });

    test('name each lead once, and only people who are there', async () => {
      await register.refuseCreate(422, { pointer: '/leads/1', code: 'duplicate', detail: '"sarah-wadd" is there already, at 0' }, 'projects', project('twice', { leads: ['sarah-wadd', 'sarah-wadd'] }));
      await register.refuseCreate(422, { pointer: '/leads/0', code: 'not_found', detail: 'There is no people/nobody' }, 'projects', project('nobodys', { leads: ['nobody'] }));
    });

    test('warn while their dates leave those of the hub', async () => {
      await hub('dated', { starts: '2024', ends: '2026' });
      await register.create('pillars', { id: 'dated-pillar', hub: 'dated', number: 1, name: 'One' });
      await register.create('projects', { id: 'dated-project', pillar: 'dated-pillar', title: 'Dated', starts: '2023-12', ends: '2027' });
      const warnings = () => register.warnings('projects/dated-project');
      assert.deepEqual(await warnings(), {
        codes: ['outside_hub /ends', 'outside_hub /starts'],
        texts: ['The project starts before the hub does (2023-12; the hub: 2024)', 'The project ends after the hub does (2027; the hub: 2026)'],
      });
      await register.patch('hubs/dated', { starts: '2023' });
      assert.deepEqual((await warnings()).codes, ['outside_hub /ends']);
      await register.patch('projects/dated-project', { ends: '2026-12-31' });
      assert.deepEqual((await warnings()).codes, []);
      await register.patch('hubs/dated', { starts: '2027', ends: '2028' });
      assert.deepEqual((await warnings()).texts, [
        'The project starts before the hub does (2023-12; the hub: 2027)',
        'The project ends before the hub starts (2026-12-31; the hub: 2027)',
      ]);
      await register.patch('hubs/dated', { starts: '2020', ends: '2022' });
      assert.deepEqual((await warnings()).texts, [
        'The project starts after the hub has ended (2023-12; the hub: 2022)',
        'The project ends after the hub does (2026-12-31; the hub: 2022)',
      ]);
      await hub('undated');
      await register.patch('pillars/dated-pillar', { hub: 'undated' });
      assert.deepEqual((await warnings()).codes, []);
    });
  });

  test('a deliverable is delivered or dropped', async () => {
    for (const [id, state] of [['made', 'delivered'], ['not-made', 'dropped']]) {
      await register.create('deliverables', { id, project: 'ageing-well', title: 'A report', kind: 'report' });
      assert.equal((await register.move(`deliverables/${id}`, state)).state, state);
      await register.refuseMove(409, { pointer: '/state', code: 'move' }, `deliverables/${id}`, 'planned');
    }
  });

  test('its reference page says what it does', () => holdPage(register, 'hubs', collections));

  test('its part of the sample is in readable form and says its sources', () => holdSample(register, collections));
});
