// Adoption: which strategy is in force, by whose decision, and what becomes of the one before it.
// Strategies belong to the plugin programmes, decisions to evidence.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, start } from './ouse.mjs';

describe('a strategy', built, () => {
  const hss = 'strategies/health-services-strategy-2040';
  const decision = 'blmk-icb-adopts-health-services-strategy';
  let register;

  before(async () => {
    register = await start('programmes', 'evidence', 'directory');
    await register.load('publications', 'areas', 'organisations', 'people');
    await register.import('sample', await register.fitting('groups', 'decisions', 'strategies', 'programmes'));
  });
  after(() => register?.stop());

  const strategy = (id, fields) => register.create('strategies', { id, title: `The strategy ${id}`, owner: 'elft', horizon_ends: '2030', ...fields });
  const programme = (id, of, fields) => register.create('programmes', { id, strategy: of, number: 1, title: `The programme ${id}`, ...fields });
  const state = async (path) => (await register.get(path)).state;

  test('of the sample has lost its warning with its first programme', async () =>
    assert.deepEqual((await register.warnings(hss)).codes, []));

  test('is adopted with a decision only', async () => {
    await strategy('undecided', { state: 'published', owner: 'iasr' });
    const { detail } = await register.refuseMove(422, { pointer: '/adopted_by', code: 'decision_required' }, 'strategies/undecided', 'adopted');
    assert.equal(detail, 'A strategy that is adopted must have been adopted by a decision; name it in adopted_by');
    await register.patch('strategies/undecided', { adopted_by: decision });
    await register.move('strategies/undecided', 'adopted');
    await register.refusePatch(422, { pointer: '/adopted_by', code: 'decision_required' }, 'strategies/undecided', { adopted_by: null });
  });

  test('that is adopted warns while it has no programmes', async () => {
    const warnings = () => register.warnings('strategies/undecided');
    assert.deepEqual(await warnings(), { codes: ['no_programmes '], texts: ['The strategy is adopted but has no programmes to carry it out'] });
    await programme('first', 'undecided');
    assert.deepEqual((await warnings()).codes, []);
    await register.patch('programmes/first', { strategy: 'health-services-strategy-2040', number: 7 });
    assert.deepEqual((await warnings()).codes, ['no_programmes ']);
    await register.remove('programmes/first');
  });

  test('is the only one of its owner and area', async () => {
    const inForce = { state: 'adopted', adopted_by: decision };
    await strategy('one', inForce);
    const { detail } = await register.refuseCreate(409, { pointer: '/state', code: 'already_one' }, 'strategies', { title: 'Two', owner: 'elft', horizon_ends: '2030', ...inForce });
    assert.equal(detail, 'strategies/one of the same owner and area is adopted; supersede or withdraw it first, or name it in supersedes');
    await strategy('elsewhere', { ...inForce, area: 'luton' });
    await strategy('anothers', { ...inForce, owner: 'nel-health' });
    await strategy('later', { state: 'published', adopted_by: decision });
    await register.refuseMove(409, { pointer: '/state', code: 'already_one' }, 'strategies/later', 'adopted');
    await register.refusePatch(409, { pointer: '/state', code: 'already_one', detail }, 'strategies/elsewhere', { area: null });
    assert.equal(await state('strategies/one'), 'adopted');
  });

  test('ends the one that it supersedes', async () => {
    await register.move('strategies/one', 'in_implementation');
    await register.patch('strategies/later', { supersedes: 'one' });
    assert.equal(await state('strategies/one'), 'in_implementation');
    await register.move('strategies/later', 'adopted');
    assert.deepEqual([await state('strategies/one'), await state('strategies/later')], ['superseded', 'adopted']);
    const { problem } = await register.refuseMove(409, { pointer: '/state', code: 'move' }, 'strategies/one', 'adopted');
    assert.deepEqual(problem.moves, []);
  });

  test('ends it even when it was reviewed already, or comes after it', async () => {
    await register.move('strategies/later', 'in_implementation');
    await register.move('strategies/later', 'under_review');
    await strategy('last', { state: 'adopted', adopted_by: decision, supersedes: 'later' });
    assert.equal(await state('strategies/later'), 'superseded');
    await register.import('strategies', [
      { id: 'newer', title: 'Newer', owner: 'ihr', horizon_ends: '2030', state: 'adopted', adopted_by: decision, supersedes: 'older' },
      { id: 'older', title: 'Older', owner: 'ihr', horizon_ends: '2030', state: 'adopted', adopted_by: decision },
    ]);
    assert.deepEqual([await state('strategies/newer'), await state('strategies/older')], ['adopted', 'superseded']);
  });

  test('of 16 that are adopted at a time, one is', async () => {
    for (let i = 0; i < 16; i++) await strategy(`race-${i}`, { owner: 'queen-mary', state: 'published', adopted_by: decision });
    const etags = await Promise.all(Array.from({ length: 16 }, async (_, i) =>
      (await register.expect(200, 'GET', `strategies/race-${i}`, { as: 'manager' })).headers.get('etag')));
    const answers = await Promise.all(etags.map((etag, i) =>
      register.say('POST', `strategies/race-${i}/move`, { as: 'manager', body: { to: 'adopted' }, headers: { 'if-match': etag } })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(15).fill(409)]);
  });
});
