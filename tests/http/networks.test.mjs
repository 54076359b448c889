// Networks: the bounds of a model, practices that are in one network at a time, posts, and how much
// is covered.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, holdPage, holdSample, startAlone } from './ouse.mjs';

describe('networks', built, () => {
  let register, made = 0;

  before(async () => {
    register = await startAlone('networks');
    await register.load('care-models');
    await register.create('care-models', { id: 'open-ended', name: 'Open-ended', population_min: 1000 });
  });
  after(() => register?.stop());

  const network = async (fields) => (await register.create('networks', { id: `network-${++made}`, name: `Network ${made}`, model: 'primary-care-home', ...fields })).id;
  const surgery = async () => (await register.create('organisations', { id: `surgery-${++made}`, name: `Surgery ${made}`, kind: 'gp_practice' })).id;
  const join = async (net, practice, fields) => (await register.create('practices', { network: net, practice, ...fields })).id;
  const warned = async (net) => (await register.warnings(`networks/${net}`)).codes;

  test('the sample holds one care model, and no network by name', async () => {
    const { data } = await register.get('care-models?population_max=50000');
    assert.deepEqual(data.map(({ id, population_min, population_max, professions }) => [id, population_min, population_max, professions]),
      [['primary-care-home', 30000, 50000, ['pharmacist', 'gp', 'mental_health_therapist']]]);
    assert.deepEqual((await register.get('networks')).data, []);
  });

  test('the largest population of a model is not below its smallest', async () => {
    const { detail } = await register.refuseCreate(422, { pointer: '/population_max', code: 'bounds' }, 'care-models', { name: 'Upside down', population_min: 50000, population_max: 30000 });
    assert.equal(detail, 'The largest population (30000) is below the smallest; give at least 50000');
  });

  describe('the population of a network', () => {
    const outside = ['population_outside_model /population'];
    for (const [population, expected] of [
      [{ value: 29999 }, outside], [{ value: 30000 }, []], [{ value: 50000 }, []], [{ value: 50001 }, outside],
      [{ min: 20000, max: 29999, qualifier: 'range' }, outside], [{ min: 20000, max: 30000, qualifier: 'approx' }, []],
      [{ min: 50000, max: 60000 }, []], [{ min: 50001, max: 60000 }, outside],
      [{ value: 50000, qualifier: 'over' }, outside], [{ value: 29999, qualifier: 'over' }, []],
      [{ value: 30000, qualifier: 'under' }, outside], [{ value: 50001, qualifier: 'under' }, []],
      [{ value: 29999, qualifier: 'approx' }, outside], [undefined, []],
    ])
      test(`${JSON.stringify(population)} ${expected.length ? 'is outside' : 'may be inside'}`, async () => {
        assert.deepEqual(await warned(await network({ population })), expected);
      });

    test('is told with the bounds of the model', async () => {
      const texts = async (fields) => (await register.warnings(`networks/${await network(fields)}`)).texts;
      assert.deepEqual(await texts({ population: { value: 50001 } }), ['A population of 50001 is outside the model Primary care home, which is for 30000 to 50000']);
      assert.deepEqual(await texts({ population: { min: 1, max: 29999 } }), ['A population of 1 to 29999 is outside the model Primary care home, which is for 30000 to 50000']);
      assert.deepEqual(await texts({ population: { value: 1000, qualifier: 'under' }, model: 'open-ended' }), ['A population of under 1000 is outside the model Open-ended, which is for at least 1000']);
    });

    for (const population of [{ value: 0 }, { value: -1 }, { min: 0, max: 100 }])
      test(`cannot be ${JSON.stringify(population)}`, async () => {
        const [[name, number]] = Object.entries(population);
        await register.refuseCreate(422, { pointer: `/population/${name}`, code: 'too_small', detail: `must be at least 1; got ${number}` }, 'networks', { name: 'Nobody’s', model: 'primary-care-home', population });
      });

    test('is looked at again when the model changes', async () => {
      await register.create('care-models', { id: 'moving', name: 'Moving', population_min: 100, population_max: 200 });
      const net = await network({ model: 'moving', population: { value: 150 } });
      assert.deepEqual(await warned(net), []);
      await register.patch('care-models/moving', { population_min: 151 });
      assert.deepEqual(await warned(net), outside);
      await register.patch('care-models/moving', { population_min: null });
      assert.deepEqual(await warned(net), []);
      await register.patch('care-models/moving', { population_max: 149 });
      assert.deepEqual((await register.warnings(`networks/${net}`)).texts, ['A population of 150 is outside the model Moving, which is for at most 149']);
    });
  });

  describe('a practice', () => {
    test('is in one network at one time', async () => {
      const [one, other, practice] = [await network(), await network(), await surgery()];
      const held = await join(one, practice, { starts: '2019-04' });
      const { detail } = await register.refuseCreate(409, { pointer: '/practice', code: 'two_networks' }, 'practices', { network: other, practice, starts: '2021' });
      assert.equal(detail, `${practice} is in the network ${one} at that time (practices/${held}, from 2019-04 to open); a practice joins one network after it has left the other`);
      await register.refuseCreate(409, { pointer: '/practice', code: 'two_networks' }, 'practices', { network: one, practice });
    });

    test('joins another after it has left', async () => {
      const [one, other, practice] = [await network(), await network(), await surgery()];
      const held = await join(one, practice, { starts: '2017' });
      await register.patch(`practices/${held}`, { ends: '2019-06' });
      const next = await join(other, practice, { starts: '2019-06' });
      await register.refusePatch(409, { pointer: '/practice', code: 'two_networks' }, `practices/${next}`, { starts: '2019-05' });
      await register.patch(`practices/${held}`, { list_size: 9000 });
    });

    test('is in both on the last day of February, in leap years on the 29th', async () => {
      for (const [starts, ends, status] of [
        ['2023-02', '2023-02-28', 409], ['2024-02', '2024-02-28', 201], ['2024-02', '2024-02-29', 409], ['2024-02-29', '2024', 201], ['2024', '2024-12-31', 409],
      ]) {
        const [one, other, practice] = [await network(), await network(), await surgery()];
        await join(one, practice, { starts });
        const { status: answered, text } = await register.say('POST', 'practices', { as: 'manager', body: { network: other, practice, ends } });
        assert.equal(answered, status, `from ${starts}, to ${ends}: ${text}`);
      }
    });

    test('joins one of two networks when both ask at once', async () => {
      const practice = await surgery();
      const nets = await Promise.all(Array.from({ length: 8 }, () => network()));
      const answers = await Promise.all(nets.map((net) => register.say('POST', 'practices', { as: 'manager', body: { network: net, practice } })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(409)]);
      assert.equal((await register.get(`practices?practice=${practice}`)).data.length, 1);
    });

    test('may leave and join in one change, in any order', async () => {
      const [one, other, practice] = [await network(), await network(), await surgery()];
      const held = await join(one, practice, { starts: '2017' });
      const rows = [
        { id: `next-${held}`.slice(0, 60), network: other, practice, starts: '2020' },
        { id: held, network: one, practice, starts: '2017', ends: '2019' },
      ];
      assert.match(await register.import('practices', rows.slice(0, 1), 1), new RegExp(`is in the network ${one} at that time`));
      await register.import('practices', rows);
      assert.equal((await register.get(`practices?practice=${practice}`)).data.length, 2);
    });

    test('that was kept twice is not merged while both are in networks', async () => {
      const [one, double] = [await surgery(), await surgery()];
      await join(await network(), one);
      const held = await join(await network(), double, { starts: '2020' });
      const merge = { as: 'manager', body: { into: one } };
      const { body } = await register.expect(409, 'POST', `organisations/${double}/merge`, merge);
      assert.match(JSON.stringify(body.errors), /two_networks/);
      await register.remove(`practices/${held}`);
      await register.expect(200, 'POST', `organisations/${double}/merge`, merge);
    });

    test('may be moved', async () => {
      const [one, other, practice] = [await network(), await network(), await surgery()];
      const held = await join(one, practice);
      await register.patch(`practices/${held}`, { network: other });
      assert.deepEqual((await register.get(`practices?network=${other}`)).data.map(({ id }) => id), [held]);
    });

    test('goes with its network', async () => {
      const net = await network();
      const held = await join(net, await surgery());
      await register.remove(`networks/${net}`);
      await register.expect(410, 'GET', `practices/${held}`);
    });
  });

  describe('the lists of the practices', () => {
    const differ = ['list_sizes_differ /population'];
    const lists = async (population, ...sizes) => {
      const net = await network({ population });
      for (const list_size of sizes) await join(net, await surgery(), { list_size });
      return net;
    };

    for (const [population, sizes, expected] of [
      [{ value: 40000 }, [20000, 16000], []], [{ value: 40000 }, [20000, 15999], differ],
      [{ value: 40000 }, [20000, 24000], []], [{ value: 40000 }, [20000, 24001], differ],
      [{ min: 35000, max: 40000 }, [31500], []], [{ min: 35000, max: 40000 }, [31499], differ],
      [{ min: 35000, max: 40000 }, [44001], differ], [{ value: 39999, qualifier: 'over' }, [90000], []],
      [{ value: 39999, qualifier: 'over' }, [35999], differ], [undefined, [10], []],
    ])
      test(`${sizes.join(' + ')} for ${JSON.stringify(population)} ${expected.length ? 'differ' : 'agree'}`, async () => {
        assert.deepEqual(await warned(await lists(population, ...sizes)), expected);
      });

    test('are told with their sum', async () => {
      const { texts } = await register.warnings(`networks/${await lists({ value: 40000 }, 20000, 10000)}`);
      assert.deepEqual(texts, ['The lists of its practices add up to 30000, more than 10% off the population of 40000']);
    });

    test('of which one is not known are only ever too large', async () => {
      const net = await lists({ value: 40000 }, 20000);
      assert.deepEqual(await warned(net), differ);
      const unknown = await join(net, await surgery());
      assert.deepEqual(await warned(net), []);
      await register.patch(`practices/${unknown}`, { list_size: 24001 });
      assert.deepEqual(await warned(net), differ);
      await register.remove(`practices/${unknown}`);
      assert.deepEqual(await warned(net), differ);
    });

    test('count while the practice is in the network', async () => {
      const net = await lists({ value: 40000 }, 40000);
      await join(net, await surgery(), { ends: '2018', list_size: 30000 });
      await join(net, await surgery(), { starts: '2999', list_size: 30000 });
      assert.deepEqual(await warned(net), []);
    });

    test('count for the network that the practice moves to', async () => {
      const [from, to] = [await lists({ value: 40000 }, 40000), await lists({ value: 40000 }, 20000)];
      const [moved] = (await register.get(`practices?network=${from}`)).data;
      await register.patch(`practices/${moved.id}`, { network: to });
      assert.deepEqual([await warned(from), await warned(to)], [[], differ]);
    });
  });

  test('no more posts are filled than there are', async () => {
    const net = await network();
    const { detail } = await register.refuseCreate(422, { pointer: '/filled', code: 'more_than_posts' }, 'posts', { network: net, profession: 'gp', posts: 2, filled: 3 });
    assert.equal(detail, 'at most all posts can be filled, which are 2; got 3');
    const { id } = await register.create('posts', { network: net, profession: 'gp', posts: 2, filled: 2 });
    await register.refusePatch(422, { pointer: '/filled', code: 'more_than_posts', detail: 'at most all posts can be filled, which are 1; got 2' }, `posts/${id}`, { posts: 1 });
    await register.refusePatch(422, { pointer: '/filled', code: 'too_small', detail: 'must be at least 0; got -1' }, `posts/${id}`, { filled: -1 });
    await register.create('posts', { network: net, profession: 'pharmacist', filled: 3 });
  });

  test('a network is approved, piloted, goes live and is disbanded', async () => {
    const net = await network();
    for (const state of ['approved', 'piloting', 'live', 'disbanded']) await register.move(`networks/${net}`, state);
    await register.refuseMove(409, { pointer: '/state', code: 'move' }, `networks/${net}`, 'live');
    await register.move(`networks/${await network()}`, 'disbanded');
  });

  test('a model with networks is not deleted', async () => {
    await register.refuseRemove(409, { pointer: '', code: 'referred_to' }, 'care-models/primary-care-home');
  });

  describe('GET networks/-/coverage', () => {
    let fresh;
    const nothing = { networks: 0, practices: 0, list_size: 0, posts: 0, filled: 0 };
    const home = { id: 'primary-care-home', name: 'Primary care home', population_min: 30000, population_max: 50000 };

    before(async () => {
      fresh = await startAlone('networks');
      await fresh.load('care-models');
    });
    after(() => fresh?.stop());

    test('of the sample is a model that nobody works after yet', async () => {
      assert.deepEqual(await fresh.get('networks/-/coverage'), { counts: nothing, models: [{ ...home, counts: nothing, networks: [] }], without_model: [] });
    });

    test('its reference page says what it does', () => holdPage(fresh, 'networks', ['care-models', 'networks', 'practices', 'list-sizes', 'posts']));

    test('adds up practices of today, lists and posts, without what was disbanded or is hidden', async () => {
      for (const id of ['a', 'b', 'c', 'd', 'e']) await fresh.create('organisations', { id, name: `Surgery ${id}`, kind: 'gp_practice' });
      await fresh.create('areas', { id: 'here', name: 'Here', kind: 'locality' });
      await fresh.create('networks', { id: 'second', name: 'Second', model: home.id, state: 'live' });
      await fresh.create('networks', { id: 'first', name: 'First', model: home.id, area: 'here', locality: 'Hill side', population: { value: 20000, unit: 'people' } });
      await fresh.create('networks', { id: 'gone', name: 'Gone', model: home.id, state: 'disbanded' });
      await fresh.create('networks', { id: 'hidden', name: 'Hidden', model: home.id, population: { value: 30000 }, meta: { visibility: 'office' } });
      await fresh.create('practices', { network: 'first', practice: 'a', list_size: 9000 });
      await fresh.create('practices', { network: 'first', practice: 'b', list_size: 10000 });
      await fresh.create('practices', { network: 'first', practice: 'c', ends: '2019', list_size: 5000 });
      await fresh.create('practices', { network: 'second', practice: 'c', starts: '2020' });
      await fresh.create('practices', { network: 'gone', practice: 'd', list_size: 7000 });
      await fresh.create('posts', { network: 'first', profession: 'gp', posts: 3, filled: 1 });
      await fresh.create('posts', { network: 'first', profession: 'pharmacist', posts: 2, filled: 2 });
      const { counts, models } = await fresh.get('networks/-/coverage');
      const sums = { networks: 2, practices: 3, list_size: 19000, posts: 5, filled: 3 };
      assert.deepEqual(counts, sums);
      assert.deepEqual(models, [{
        ...home, counts: sums, networks: [
          { id: 'first', name: 'First', state: 'interest', area: 'here', locality: 'Hill side', population: { value: 20000, unit: 'people' }, within_model: false, practices: 2, list_size: 19000, posts: 5, filled: 3 },
          { id: 'second', name: 'Second', state: 'live', area: null, locality: null, population: null, within_model: null, practices: 1, list_size: 0, posts: 0, filled: 0 },
        ],
      }]);
      const office = await fresh.get('networks/-/coverage', 'office');
      assert.deepEqual(office.models[0].networks.map(({ id, within_model }) => [id, within_model]), [['first', false], ['hidden', true], ['second', null]]);
    });
  });

  test('its part of the sample is in readable form and says its sources', () => holdSample(register, ['care-models']));
});
