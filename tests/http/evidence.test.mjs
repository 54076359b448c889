// Evidence: publications and what rests on them, statements that stay as they were said, claims,
// decisions, events and engagements, told on the sample register.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, holdPage, holdSample, startAlone } from './ouse.mjs';

describe('evidence', built, () => {
  const collections = ['publications', 'statements', 'claims', 'groups', 'decisions', 'events', 'engagements'];
  let register;

  before(async () => {
    register = await startAlone('evidence');
    await register.load('publications', 'areas', 'organisations', 'sites', 'people', ...collections.slice(1), 'appointments');
  });
  after(() => register?.stop());

  const ids = ({ data }) => data.map(({ id }) => id);
  const statement = (id, fields) => register.create('statements',
    { id, speaker: 'louise-grant', in: 'blmk-research-innovation-hub', text: `Said as ${id}`, ...fields });

  test('a group of a plugin that is not loaded is refused, and the plugin named', async () => {
    const { detail } = await register.refuseCreate(422, { pointer: '/of', code: 'not_loaded' }, 'groups', { name: 'A board', kind: 'board', of: 'clusters/one' });
    assert.match(detail, /There are no clusters in this register.*enable the plugin "clusters"/);
  });

  test('the sample holds 10 statements by 9 speakers, 5 publications, 1 launch and 1 leadership group', async () => {
    const { data } = await register.get('statements');
    assert.deepEqual([data.length, new Set(data.map(({ speaker }) => speaker)).size], [10, 9]);
    assert.equal((await register.get('publications')).data.length, 5);
    assert.deepEqual(ids(await register.get('events?kind=launch')), ['blmk-research-innovation-hub-launch']);
    assert.deepEqual(ids(await register.get('groups?kind=leadership_group')), ['health-and-care-professional-leadership-group']);
  });

  test('claims are claimed until somebody says otherwise', async () => {
    const claims = (await register.get('claims')).data;
    assert.ok(claims.every(({ status }) => status === 'claimed'));
    assert.deepEqual(claims.find(({ id }) => id === 'medical-knowledge-doubles').value, { value: 73, unit: 'days' });
    const made = await register.create('claims', { text: 'Nobody has said yet.', in: 'elft-cambridge-hub' });
    assert.equal(made.status, 'claimed');
    await register.patch(`claims/${made.id}`, { status: 'disputed' });
    assert.deepEqual(ids(await register.get('claims?status=disputed')), [made.id]);
  });

  describe('publications', () => {
    test('that are not there cannot be cited, by any record of the register', async () => {
      const { detail } = await register.refuseCreate(422, { pointer: '/sources/0/publication', code: 'not_found' }, 'areas',
        { name: 'Nowhere', kind: 'locality', sources: [{ publication: 'never-printed', quote: 'Nowhere' }] });
      assert.match(detail, /publications\/never-printed/);
    });

    test('that are cited are not deleted', async () => {
      const { problem } = await register.refuseRemove(409, { pointer: '', code: 'referred_to' }, 'publications/elft-cambridge-hub');
      assert.ok(problem.referrers.some(({ collection, id }) => collection === 'people' && id === 'paul-calaminus'), JSON.stringify(problem.referrers));
      await register.create('publications', { id: 'uncited', title: 'Uncited' });
      await register.remove('publications/uncited');
    });
  });

  describe('GET publications/{id}/citations', () => {
    test('lists what rests on a publication, by collection', async () => {
      const { publication, count, collections: groups } = await register.get('publications/hiec-north-east-london/citations');
      assert.equal(publication.title, 'Queen Mary, University of London leads new NHS initiative to benefit millions in North-East London');
      assert.deepEqual(groups.map((group) => [group.collection, group.count]), [
        ['appointments', 4], ['areas', 1], ['claims', 4], ['groups', 1], ['organisations', 8], ['people', 3], ['statements', 2],
      ]);
      assert.equal(count, 23);
      assert.deepEqual(groups[3].records, [{ id: 'hiec-north-east-london-board', label: 'HIEC Board' }]);
    });

    test('neither lists nor counts what the caller may not see', async () => {
      await register.create('publications', { id: 'half-seen', title: 'Half seen' });
      for (const [id, visibility] of [['seen', 'public'], ['unseen', 'office']])
        await statement(id, { in: 'half-seen', meta: { visibility } });
      const listed = async (as) => (await register.get('publications/half-seen/citations', as)).collections
        .flatMap((group) => [group.count, ...group.records.map(({ id }) => id)]);
      assert.deepEqual(await listed('public'), [1, 'seen']);
      assert.deepEqual(await listed('office'), [2, 'seen', 'unseen']);
    });

    test('lists 200 of a collection and counts them all', async () => {
      await register.create('publications', { id: 'often-cited', title: 'Often cited' });
      for (let i = 0; i < 201; i++)
        await register.create('areas', { name: `Part ${i}`, kind: 'locality', sources: [{ publication: 'often-cited' }] });
      const { count, collections: [areas] } = await register.get('publications/often-cited/citations');
      assert.deepEqual([count, areas.count, areas.records.length], [201, 201, 200]);
    });
  });

  describe('statements', () => {
    const said = 'statements/louise-grant-blmk-research-innovation-hub';

    for (const [field, value] of [
      ['speaker', 'yannis-pappas'], ['in', 'elft-cambridge-hub'], ['text', 'Something else.'], ['said_on', '2023'],
      ['corrects', 'paul-calaminus-elft-cambridge-hub'],
    ])
      test(`keep their ${field}`, async () => {
        const { detail } = await register.refusePatch(422, { pointer: `/${field}`, code: 'fixed' }, said, { [field]: value });
        assert.match(detail, /can be set at creation only/);
      });

    test('may be found to be about something else', async () => {
      await register.patch(said, { about: ['people/yannis-pappas', 'organisations/university-of-bedfordshire'] });
      assert.deepEqual(ids(await register.get('statements?about=organisations/university-of-bedfordshire')), ['louise-grant-blmk-research-innovation-hub']);
      await register.refusePatch(422, { pointer: '/about/0', code: 'not_found' }, said, { about: ['people/nobody'] });
    });

    test('are corrected by others, and say so', async () => {
      await statement('wrong');
      assert.equal((await register.get('statements/wrong')).corrected_by, undefined);
      await statement('right', { corrects: 'wrong' });
      assert.deepEqual((await register.get('statements/wrong')).corrected_by, ['right']);
      await register.refuseRemove(409, { pointer: '', code: 'referred_to' }, 'statements/wrong');
    });

    test('do not correct themselves', async () => {
      const { detail } = await register.refuseCreate(422, { pointer: '/corrects', code: 'itself' }, 'statements',
        { id: 'own', speaker: 'louise-grant', in: 'elft-cambridge-hub', text: 'I mean.', corrects: 'own' });
      assert.equal(detail, 'A statement cannot correct itself (own); name the one that was wrong');
    });

    test('follow their speaker when two records of one person are merged', async () => {
      await register.create('people', { id: 'l-grant', name: 'L Grant' });
      await statement('said-as-l-grant', { speaker: 'l-grant' });
      await register.expect(200, 'POST', 'people/l-grant/merge', { as: 'manager', body: { into: 'louise-grant' } });
      assert.equal((await register.get('statements/said-as-l-grant')).speaker, 'louise-grant');
    });

    test('outlive what they are about', async () => {
      await register.create('areas', { id: 'passing', name: 'Passing', kind: 'locality' });
      await statement('outliving', { about: ['areas/passing', 'organisations/elft'] });
      await register.remove('areas/passing');
      assert.deepEqual((await register.get('statements/outliving')).about, ['organisations/elft']);
    });

    test('are among the roles of their speaker', async () => {
      const { statements } = await register.get('people/rima-makarem/roles');
      assert.deepEqual(statements.map((one) => one.in), ['blmk-research-innovation-hub', 'elft-cambridge-hub']);
    });
  });

  describe('groups', () => {
    test('have members by appointment', async () => {
      const { data } = await register.get('appointments?body=groups/hiec-north-east-london-board');
      assert.deepEqual(data.map(({ person, role, acting }) => [person, role, acting]), [['nicholas-wright', 'acting_chair', true]]);
    });

    test('are set up and end', async () => {
      await register.create('groups', { id: 'brief', name: 'Brief', kind: 'executive_team' });
      for (const state of ['standing', 'ended']) assert.equal((await register.move('groups/brief', state)).state, state);
      await register.refuseMove(409, { pointer: '/state', code: 'move' }, 'groups/brief', 'standing');
    });

    test('that have decided are not deleted', async () => {
      const { problem } = await register.refuseRemove(409, { pointer: '', code: 'referred_to' }, 'groups/blmk-icb-board');
      assert.deepEqual(problem.referrers, [{ collection: 'decisions', id: 'blmk-icb-adopts-health-services-strategy', field: 'group' }]);
    });
  });

  test('a decision has a group and an outcome', async () => {
    await register.refuseCreate(422, { pointer: '/group', code: 'required', detail: 'must be given' }, 'decisions', { title: 'Nobody’s', outcome: 'noted' });
    await register.refuseCreate(422, { pointer: '/outcome', code: 'choice', detail: 'must be one of adopted approved rejected noted; got "shelved"' }, 'decisions', { title: 'Odd', group: 'blmk-icb-board', outcome: 'shelved' });
    const by = async (query) => (await register.get(`decisions/-/summary?${query}`)).total.count;
    assert.equal(await by('group[eq]=blmk-icb-board'), 1, 'expected a field that is called as a parameter to be asked by its operators');
    assert.equal(await by('group[ne]=blmk-icb-board&group=group'), 0);
  });

  test('the launch has a place and no date', async () => {
    const { venue, on } = await register.get('events/blmk-research-innovation-hub-launch');
    assert.deepEqual({ venue, on }, { venue: 'putteridge-bury', on: undefined });
  });

  test('an engagement opens, closes and is answered', async () => {
    await register.refuseCreate(422, { pointer: '/closes', code: 'before', detail: 'must not be before opens, which is 2025-02; got 2025-01' }, 'engagements', { title: 'Backwards', opens: '2025-02', closes: '2025-01' });
    await register.create('engagements', { id: 'asked', title: 'Asked', opens: '2025-02', closes: '2025-02' });
    for (const state of ['open', 'closed', 'answered']) await register.move('engagements/asked', state);
    await register.refuseMove(409, { pointer: '/state', code: 'move' }, 'engagements/asked', 'open');
  });

  test('its reference page says what it does', () => holdPage(register, 'evidence', collections));

  test('its part of the sample is in readable form and says its sources', () => holdSample(register, collections));
});
