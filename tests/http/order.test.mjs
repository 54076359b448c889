// Rules that look at several records hold at the end of a change set, whatever the order of its
// operations. Each set below is sent in every order: as a dry run, and at last for good.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, startWith } from './ouse.mjs';

const plugins = ['directory', 'evidence', 'funding', 'hubs', 'networks', 'training', 'clusters', 'services', 'programmes'];

function orders(list) {
  if (list.length < 2) return [list];
  return list.flatMap((first, i) => orders([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [first, ...rest]));
}

describe('at the end of a change set', built, () => {
  let register;
  before(async () => { register = await startWith([], ...plugins); });
  after(() => register?.stop());

  const create = (path, data) => ({ op: 'create', collection: path.split('/')[0], id: path.split('/')[1], data });
  const patch = (path, data) => ({ ...create(path, data), op: 'patch', if_match: '*' });
  const move = (path, to, data) => ({ ...create(path, data), op: 'move', to, if_match: '*' });
  const remove = (path) => ({ ...create(path), op: 'remove', if_match: '*' });
  const name = ({ op, collection, id }) => `${op} ${collection}/${id}`;
  const send = (operations, query = '') => register.say('POST', `-/batch${query}`, { as: 'manager', body: { operations } });
  const warnings = ({ record }) => (record?.meta.warnings ?? []).map(({ code }) => `${record.id} ${code}`);

  const seed = async (...operations) => {
    const { status, text } = await send(operations);
    assert.equal(status, 200, text);
  };

  // Accepted in every order, with the same warnings ("id code").
  const right = async (operations, warned = []) => {
    for (const query of ['?dry_run=true', ''])
      for (const list of query ? orders(operations) : [operations]) {
        const { status, body, text } = await send(list, query);
        assert.equal(status, 200, `${list.map(name).join(', ')}: ${text}`);
        assert.deepEqual(body.results.flatMap(warnings).sort(), warned, list.map(name).join(', '));
      }
  };

  // Refused in every order, with an error at one of these operations, wherever it stands.
  const wrong = async (status, code, field, culprits, operations) => {
    for (const list of orders(operations)) {
      const { status: got, body, text } = await send(list, '?dry_run=true');
      const how = `${list.map(name).join(', ')}: ${text}`;
      assert.equal(got, status, how);
      const error = body.errors.find((one) => one.code === code);
      assert.ok(error, how);
      const [, n, member] = /^\/operations\/(\d+)\/data(.*)$/.exec(error.pointer) ?? assert.fail(how);
      assert.match(member, field instanceof RegExp ? field : new RegExp(`^${field}$`), how);
      assert.ok(culprits.includes(`${list[n].collection}/${list[n].id}`), how);
    }
  };

  const organisation = (id, more) => create(`organisations/${id}`, { name: id, kind: 'other', ...more });
  const award = (id, more) => create(`awards/${id}`, { title: id, description: id, funder: 'office', kind: 'grant', ...more });
  const allocation = (id, of, amount, more) => create(`allocations/${id}`, { award: of, target: 'pillars/pillar', amount, ...more });

  before(() => seed(organisation('office'), organisation('other-office'), create('people/pat', { name: 'Pat' }),
    create('hubs/hub', { name: 'Hub', kind: 'research_hub' }), create('pillars/pillar', { hub: 'hub', number: 9, name: 'Pillar' }), create('hubs/other-hub', { name: 'Other hub', kind: 'research_hub' })));

  test('organisations change places', async () => {
    await seed(organisation('whole'), organisation('part', { part_of: 'whole' }));
    await right([patch('organisations/whole', { part_of: 'part' }), patch('organisations/part', { part_of: null })]);
    assert.equal((await register.get('organisations/whole')).part_of, 'part');
  });

  test('organisations are in no circle', async () => {
    await seed(organisation('inner', { part_of: 'office' }));
    const both = ['organisations/egg', 'organisations/hen'];
    await wrong(422, 'circle', '/part_of', both, [organisation('egg', { part_of: 'hen' }), organisation('hen', { part_of: 'egg' })]);
    await wrong(422, 'circle', '/part_of', ['organisations/office'],
      [organisation('below', { part_of: 'office' }), patch('organisations/office', { part_of: 'inner' })]);
  });

  test('organisations are at most 32 levels deep', async () => {
    const chain = (id, n) => Array.from({ length: n }, (_, i) => organisation(`${id}-${i}`, i ? { part_of: `${id}-${i - 1}` } : {}));
    await seed(...chain('upper', 21), ...chain('lower', 13));
    const hang = patch('organisations/lower-0', { part_of: 'upper-20' });
    await wrong(422, 'too_deep', '/part_of', ['organisations/lower-0'], [hang, organisation('another')]);
    await right([hang, remove('organisations/lower-12')]);
    for (const list of [chain('long', 34), chain('long', 34).reverse()]) {
      const { status, body } = await send(list, '?dry_run=true');
      assert.deepEqual([status, body.errors[0].code], [422, 'too_deep']);
    }
  });

  test('an organisation is part of one at a time', async () => {
    const membership = (id, more) => create(`memberships/${id}`, { organisation: 'member', kind: 'part_of', ...more });
    await seed(organisation('member'), membership('first', { of: 'office', starts: '2020' }));
    const next = membership('second', { of: 'other-office', starts: '2024-04' });
    await wrong(409, 'two_memberships', '/of', ['memberships/first', 'memberships/second'], [next, patch('memberships/first', { ends: '2024-05' })]);
    const { meta } = await register.get('organisations/member');
    await right([next, patch('memberships/first', { ends: '2024-03' })]);
    const now = await register.get('organisations/member');
    assert.deepEqual([now.part_of, now.meta.revision], ['other-office', meta.revision + 1]);
    await wrong(422, 'circle', '/part_of', ['memberships/loop', 'memberships/second', 'organisations/other-office'],
      [patch('memberships/second', { ends: '2025' }), patch('organisations/other-office', { part_of: 'member' }), membership('loop', { of: 'other-office', starts: '2026' })]);
  });

  test('two people in one role are warned of', async () => {
    const appointment = (id) => create(`appointments/${id}`, { person: id, role: 'chair', body: 'organisations/office' });
    await right([appointment('ann'), appointment('bob'), create('people/ann', { name: 'Ann' }), create('people/bob', { name: 'Bob' })],
      ['ann two_holders', 'bob two_holders']);
    const { texts } = await register.warnings('appointments/ann');
    assert.deepEqual(texts, ['Bob holds the role chair of organisations/office at the same time']);
  });

  test('allocations come to no more than the award', async () => {
    await seed(award('sum', { amount: 100 }), allocation('sum-1', 'sum', 60));
    const culprits = ['awards/sum', 'allocations/sum-1', 'allocations/sum-2'];
    await wrong(409, 'over_allocated', '/amount', culprits, [patch('allocations/sum-1', { amount: 41 }), allocation('sum-2', 'sum', 60)]);
    await wrong(409, 'over_allocated', '/amount', culprits, [patch('awards/sum', { amount: 110 }), allocation('sum-2', 'sum', 60)]);
    await right([patch('allocations/sum-1', { amount: 40 }), allocation('sum-2', 'sum', 60)]);
    await right([patch('awards/sum', { amount: 150 }), allocation('sum-3', 'sum', 50)]);
  });

  test('allocations have the currency of their award', async () => {
    await seed(award('euro', { amount: 100, currency: 'EUR' }), allocation('euro-1', 'euro', 60));
    await wrong(409, 'other_currency', '/currency', ['awards/euro', 'allocations/euro-2'], [allocation('euro-2', 'euro', 1, { currency: 'GBP' }), organisation('bank')]);
    await right([patch('awards/euro', { currency: 'CHF' }), patch('allocations/euro-1', { currency: 'CHF' })]);
    await right([award('franc', { currency: 'CHF' }), allocation('franc-1', 'franc', 1)]);
    assert.equal((await register.get('allocations/franc-1')).currency, 'CHF');
  });

  test('allocations are from awards that are open', async () => {
    await seed(award('ended', { state: 'active' }), award('open'), allocation('open-1', 'open', 2));
    await wrong(409, 'award_closed', '/award', ['allocations/late'], [move('awards/ended', 'closed'), allocation('late', 'ended', 1)]);
    await wrong(409, 'award_closed', '/award', ['allocations/open-1'], [move('awards/ended', 'closed'), patch('allocations/open-1', { award: 'ended' })]);
    await right([move('awards/ended', 'closed'), allocation('open-2', 'open', 1)]);
  });

  test('allocations are for what their award is for', async () => {
    const set = (hub) => [create('pillars/beam', { hub, number: 1, name: 'Beam' }), create('projects/plan', { pillar: 'beam', title: 'Plan' }),
      award('aimed', { for: 'hubs/hub' }), allocation('aimed-1', 'aimed', 1, { target: 'projects/plan' })];
    await wrong(422, 'outside_award', '/target', ['allocations/aimed-1'], set('other-hub'));
    await right(set('hub'));
    await wrong(422, 'outside_award', '/target', ['awards/aimed', 'allocations/aimed-1', 'pillars/beam'], [patch('pillars/beam', { hub: 'other-hub' }), patch('allocations/aimed-1', { amount: 2 })]);
    await right([patch('pillars/beam', { hub: 'other-hub' }), patch('awards/aimed', { for: 'hubs/other-hub' })]);
  });

  test('payments are from the award of their allocation', async () => {
    await seed(award('payer'), award('other-payer'));
    const set = (from) => [allocation('share', 'payer', 10), create('payments/paid', { award: from, allocation: 'share', date: '2025-01-31', amount: 1, kind: 'disbursement' })];
    await wrong(422, 'other_award', '/allocation', ['payments/paid', 'allocations/share'], set('other-payer'));
    await right(set('payer'));
    assert.deepEqual((await register.warnings('awards/payer')).codes, ['spent_over_committed ']);
    await right([patch('allocations/share', { award: 'other-payer' }), patch('payments/paid', { award: 'other-payer' })]);
    assert.deepEqual((await register.warnings('awards/payer')).codes, []);
  });

  test('a bid is won with the money of a fund, and has one award', async () => {
    const bid = (id) => create(`bids/${id}`, { title: id, lead: 'office', state: 'submitted' });
    await seed(bid('won-bid'), bid('told-bid'), bid('poor-bid'));
    await wrong(422, 'funder_required', '/funder', ['bids/poor-bid'], [move('bids/poor-bid', 'won'), create('funds/new-fund', { title: 'New', funder: 'other-office' })]);
    await right([move('bids/won-bid', 'won', { fund: 'new-fund' }), create('funds/new-fund', { title: 'New', funder: 'other-office' })]);
    assert.deepEqual((await register.get('awards?bid=won-bid')).data.map(({ id, funder }) => [id, funder]), [['won-bid', 'other-office']]);
    await right([move('bids/told-bid', 'won', { funder: 'office' }), award('told-award', { bid: 'told-bid' })]);
    assert.deepEqual((await register.get('awards?bid=told-bid')).data.map(({ id }) => id), ['told-award']);
  });

  test('hubs and projects are warned of what the set leaves open', async () => {
    const hub = create('hubs/new-hub', { name: 'New hub', kind: 'research_hub', state: 'active', starts: '2024' });
    const host = create('partners/new-host', { hub: 'new-hub', organisation: 'office', role: 'host' });
    const director = create('appointments/new-director', { person: 'pat', role: 'director', body: 'hubs/new-hub' });
    const pillar = create('pillars/new-pillar', { hub: 'new-hub', number: 1, name: 'New' });
    const project = create('projects/new-project', { pillar: 'new-pillar', title: 'New', starts: '2023' });
    await right([hub, host, pillar, project], ['new-hub no_director', 'new-project outside_hub']);
    await right([director, patch('projects/new-project', { starts: '2024' })]);
    assert.deepEqual((await register.warnings('hubs/new-hub')).codes, []);
    await right([remove('partners/new-host'), patch('hubs/new-hub', { starts: '2025' })], ['new-hub no_host']);
    assert.deepEqual((await register.warnings('projects/new-project')).codes, ['outside_hub /starts']);
  });

  test('networks are warned of what does not fit their model and their lists', async () => {
    const network = create('networks/net', { name: 'Net', model: 'home', population: { value: 20000, qualifier: 'exact', unit: 'people' } });
    const model = create('care-models/home', { name: 'Home', population_min: 30000, population_max: 50000 });
    const practice = create('practices/net-one', { network: 'net', practice: 'office', starts: '2020' });
    const list = create('list-sizes/net-one', { practice: 'office', on: '2024-01-01', value: 9000 });
    await right([network, model, practice, list], ['net list_sizes_differ', 'net population_outside_model']);
    await right([patch('list-sizes/net-one', { value: 20000 }), patch('care-models/home', { population_min: 20000 })]);
    assert.deepEqual((await register.warnings('networks/net')).codes, []);
  });

  test('a practice is in one network at a time', async () => {
    const join = (id, more) => create(`practices/${id}`, { network: 'joined', practice: 'other-office', ...more });
    await seed(create('networks/joined', { name: 'Joined' }), create('networks/left', { name: 'Left' }), join('old-place', { network: 'left', starts: '2020' }));
    await wrong(409, 'two_networks', '/practice', ['practices/old-place', 'practices/new-place'], [join('new-place', { starts: '2023-06' }), patch('practices/old-place', { ends: '2024' })]);
    await right([join('new-place', { starts: '2023-06' }), patch('practices/old-place', { ends: '2023-05' })]);
  });

  test('a cohort has as many people as places, and opens when its scheme is published', async () => {
    const person = (id, state) => create(`expressions/${id}`, { cohort: 'small', name: id, contact: `${id}@example.org`, state });
    await seed(create('schemes/course', { title: 'Course', state: 'published' }), create('cohorts/small', { scheme: 'course', places: 1 }), person('early', 'accepted'), person('later', 'offered'));
    await wrong(409, 'full', '', ['expressions/later', 'expressions/third', 'cohorts/small'], [move('expressions/later', 'accepted'), person('third', 'submitted')]);
    await right([move('expressions/later', 'accepted'), remove('expressions/early')]);
    await right([patch('cohorts/small', { places: 2 }), person('third', 'accepted')]);
    assert.equal((await register.get('cohorts/small')).taken, 2);
    await seed(create('schemes/sketch', { title: 'Sketch' }));
    const opening = create('cohorts/opening', { scheme: 'sketch', opens: '2020-01-01' });
    await wrong(422, 'draft_scheme', '/opens', ['cohorts/opening'], [opening, patch('schemes/sketch', { title: 'A sketch' })]);
    await right([opening, move('schemes/sketch', 'published')]);
  });

  test('a cluster is led by one of its constituents', async () => {
    const constituent = (id, academic) => create(`constituents/${id}`, { name: id, cluster: 'ring', academic });
    await right([create('clusters/ring', { name: 'Ring', kind: 'other', lead: 'office' }), constituent('one', 'office')]);
    await wrong(409, 'lead_not_constituent', /^(\/lead)?$/, ['constituents/one', 'constituents/two'], [remove('constituents/one'), constituent('two', 'other-office')]);
    await wrong(409, 'lead_not_constituent', '/lead', ['clusters/ring'], [patch('clusters/ring', { lead: 'pat-hall' }), organisation('pat-hall')]);
    await right([remove('constituents/one'), constituent('two', 'other-office'), patch('clusters/ring', { lead: 'other-office' })]);
  });

  test('a merger closes its parties once, whoever closes them first', async () => {
    await seed(organisation('east'), organisation('west'),
      create('mergers/union', { title: 'Union', parties: ['east', 'west'], successor: 'office', state: 'approved' }));
    await right([move('mergers/union', 'effective'), move('organisations/east', 'closed', { closed: '2024-03-31' })]);
    const { closed, status } = await register.get('organisations/east');
    assert.deepEqual([status, closed, (await register.get('organisations/west')).status], ['closed', '2024-03-31', 'closed']);
    assert.deepEqual((await register.get('organisations/office')).predecessors, ['east', 'west']);
    await right([create('mergers/later', { title: 'Later', parties: ['north', 'south'], successor: 'far', state: 'effective' }),
      organisation('north'), organisation('south'), organisation('far')]);
    assert.deepEqual((await register.get('organisations/far')).predecessors, ['north', 'south']);
  });

  test('one strategy of an owner and area is in force', async () => {
    const strategy = (id, more) => create(`strategies/${id}`, { title: id, owner: 'office', horizon_starts: '2020', horizon_ends: '2030', ...more });
    await seed(create('groups/board', { name: 'Board', kind: 'board' }), create('decisions/yes', { title: 'Yes', group: 'board', outcome: 'adopted' }),
      strategy('now', { state: 'adopted', adopted_by: 'yes' }), strategy('next', { state: 'published', adopted_by: 'yes' }));
    await wrong(409, 'already_one', '/state', ['strategies/next', 'strategies/now'], [move('strategies/next', 'adopted'), patch('strategies/now', { title: 'Now' })]);
    await right([move('strategies/next', 'adopted'), move('strategies/now', 'superseded')], ['next no_programmes']);
    const plan = [create('programmes/work', { strategy: 'next', number: 1, title: 'Work' }), create('workplans/first', { programme: 'work', term: 'short', ends: '2031' })];
    await wrong(422, 'outside_horizon', '/ends', ['workplans/first', 'programmes/work', 'strategies/next'], plan);
    await right([...plan, patch('strategies/next', { horizon_ends: '2031' })]);
    assert.deepEqual((await register.warnings('strategies/next')).codes, []);
  });
});
