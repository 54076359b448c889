// What changed between two instants, one row for each record: GET /-/changes/summary.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, start } from './ouse.mjs';

describe('the summary of changes', built, () => {
  let register;
  const summary = (query = '', as = undefined) => register.get(`-/changes/summary?${query}`, as);
  // "changed people/ada" of each row, and of these the row of one record.
  const rows = async (query, as) => (await summary(query, as)).data.map(({ change, collection, id }) => `${change} ${collection}/${id}`);
  const row = async (id, query, as) => (await summary(query, as)).data.find((one) => one.id === id);
  const later = () => register.instant();

  let begun, since;
  before(async () => {
    register = await start('directory', 'hubs', 'site');
    begun = await later();
    await register.create('hubs', { id: 'north', name: 'North hub', kind: 'research_hub', state: 'active' });
    await register.create('pillars', { id: 'first', hub: 'north', number: 1, name: 'First' });
    for (const id of ['ada', 'bob', 'cy']) await register.create('people', { id, name: `${id} Example` });
    await register.create('projects', { id: 'falls', title: 'Falls', pillar: 'first', ends: '2028-08', leads: ['ada'] });
    await register.create('projects', { id: 'sleep', title: 'Sleep', pillar: 'first' });
    since = await later();
  });
  after(() => register?.stop());

  test('has nothing before anything changes', async () => {
    const { data, page } = await summary(`since=${since}`);
    assert.deepEqual([data, page], [[], { limit: 50, next: null }]);
  });

  test('has the difference between both instants, whatever came between', async () => {
    await register.patch('projects/falls', { ends: '2030-01' });
    await register.patch('projects/falls', { leads: ['bob'] });
    await register.patch('projects/falls', { ends: '2029-08', leads: ['ada', 'bob'] });
    const falls = await row('falls', `since=${since}`);
    assert.equal(falls.change, 'changed');
    assert.deepEqual([falls.from, falls.revision], [1, 4]);
    assert.deepEqual(falls.changes, [
      { path: '/leads', from: ['ada'], to: ['ada', 'bob'] },
      { path: '/ends', from: '2028-08', to: '2029-08' },
    ]);
    const { data } = await register.get('-/changes?sort=-seq&limit=1');
    assert.equal(falls.at, data[0].at, 'expected the time of the last change');
  });

  test('omits what was changed and changed back', async () => {
    await register.patch('people/bob', { honorific: 'Dr' });
    assert.ok(await row('bob', `since=${since}`));
    await register.patch('people/bob', { honorific: null });
    assert.equal(await row('bob', `since=${since}`), undefined);
  });

  test('says what was added and removed, and omits what was both', async () => {
    await register.create('people', { id: 'dee', name: 'Dee Example' });
    await register.patch('people/dee', { honorific: 'Dr' });
    await register.create('people', { id: 'eve', name: 'Eve Example' });
    await register.remove('people/eve');
    await register.remove('people/cy');
    const { data } = await summary(`since=${since}&type=people`);
    assert.deepEqual(data.map(({ id, change, changes }) => [id, change, changes]), [['cy', 'removed', []], ['dee', 'added', []]]);
  });

  test('says into which record one was merged', async () => {
    await register.create('people', { id: 'fay', name: 'Fay Example' });
    const from = await later();
    await register.expect(200, 'POST', 'people/fay/merge', { as: 'manager', body: { into: 'ada' } });
    const fay = await row('fay', `since=${from}`);
    assert.deepEqual([fay.change, fay.into], ['merged', 'ada']);
    assert.equal(await row('fay', `since=${since}`), undefined, 'expected no row for what was added and merged');
  });

  test('counts if it is asked to, of one type or all', async () => {
    const { counts } = await summary(`since=${since}&count=exact&limit=1`);
    assert.deepEqual(counts, { added: 1, changed: 1, removed: 1, merged: 0 });
    assert.deepEqual((await summary(`since=${since}&count=exact&type=projects`)).counts, { added: 0, changed: 1, removed: 0, merged: 0 });
    assert.equal((await summary(`since=${since}`)).counts, undefined);
  });

  test('shows no recheck', async () => {
    const from = await later();
    await register.create('organisations', { id: 'host', name: 'Host', kind: 'nhs_trust' });
    await register.create('partners', { id: 'north-host', hub: 'north', organisation: 'host', role: 'host' });
    const { data } = await register.get('-/changes?since=0&limit=200', 'office');
    assert.ok(data.some(({ op }) => op === 'recheck'), 'expected the register to have rechecked records');
    assert.deepEqual(await rows(`since=${from}`, 'office'), ['added partners/north-host', 'added organisations/host']);
    const all = await rows(`since=${begun}`, 'office');
    assert.equal(new Set(all).size, all.length, 'expected one row for each record');
    assert.ok(all.every((one) => one.startsWith('added ')), all.join());
  });

  test('ends at until, as the register was then', async () => {
    const until = await later();
    const then = (await summary(`since=${since}&until=${until}`)).data;
    await register.patch('projects/falls', { ends: '2031' });
    await register.patch('projects/sleep', { ends: '2031' });
    assert.deepEqual((await summary(`since=${since}&until=${until}`)).data, then);
    assert.deepEqual(await rows(`since=${until}`), ['changed projects/sleep', 'changed projects/falls']);
  });

  test('has pages that are stable while records change', async () => {
    const whole = await rows(`since=${begun}`);
    const pages = [];
    for (let cursor = ''; cursor !== null;) {
      const { data, page, since: from, until } = await summary(`since=${begun}&limit=2${cursor}`);
      pages.push({ data: data.map(({ change, collection, id }) => `${change} ${collection}/${id}`), from, until });
      cursor = page.next && `&cursor=${page.next}`;
      await register.patch('people/bob', { honorific: `Dr ${pages.length}` });
    }
    assert.deepEqual(pages.flatMap(({ data }) => data), whole);
    assert.ok(pages.length > 2 && pages.at(-1).data.length > 0, 'expected no empty page');
    assert.equal(new Set(pages.map(({ from, until }) => from + until)).size, 1, 'expected one span');
  });

  test('takes dates, instants and durations', async () => {
    const day = new Date().toISOString().slice(0, 10);
    for (const query of ['', 'since=30d', 'since=2w', 'since=36h', `since=${day}`, `since=${begun}`, `since=${day}&until=${day}`, `since=1969-12-31&until=2099-01-01`, 'since=1970-01-01T00:00:00.001Z']) {
      const { data, since: from, until } = await summary(query);
      assert.ok(data.length > 5, `${query}: ${data.length} rows`);
      assert.ok(until >= from && until <= new Date(Date.now() + 1000).toISOString(), until);
    }
    assert.equal((await summary(`since=${day}`)).since, `${day}T00:00:00.000Z`);
    assert.deepEqual((await summary('since=2w&until=1w')).data, []);
  });

  test('rejects what it does not take, and says what it does', async () => {
    for (const [query, detail] of [
      ['since=yesterday', /^since is a date, such as 2026-01-31, an instant.*30d, not "yesterday"/],
      ['since=30y', /not "30y"/], ['since=d', /not "d"/], ['since=-3d', /not "-3d"/],
      ['until=2026-13-45', /^until is a date/],
      ['since=2099-01-01', /^since is in the future/],
      ['since=1d&until=2d', /^since is after until/],
      ['type=projekts', /There is no collection "projekts"; did you mean "projects"/],
      ['count=few', /^count is "exact" or absent/],
      ['sinse=30d', /did you mean "since"/],
      ['limit=201', /^limit/], ['cursor=abc', /cursor/],
    ]) {
      const { body } = await register.expect(400, 'GET', `-/changes/summary?${query}`);
      assert.match(body.detail, detail, query);
    }
    const { page } = await summary(`since=${begun}&limit=1`);
    await register.expect(400, 'GET', `-/changes/summary?since=${begun}&type=people&limit=1&cursor=${page.next}`);
  });

  describe('of what is hidden', () => {
    let from;
    before(async () => {
      await register.create('people', { id: 'shy', name: 'Shy Example' });
      await register.create('people', { id: 'tom', name: 'Tom Example', meta: { visibility: 'office' } });
      await register.create('projects', { id: 'quiet', title: 'Quiet', pillar: 'first', leads: ['ada'] });
      await register.create('people', { id: 'una', name: 'Una Example' });
      from = await later();
    });

    test('has no row for a record that is hidden now, and none of its words', async () => {
      await register.patch('people/shy', { honorific: 'Secret' });
      assert.ok(await row('shy', `since=${from}`));
      await register.patch('people/shy', { meta: { visibility: 'office' } });
      for (const as of [undefined, 'partner'])
        assert.doesNotMatch(JSON.stringify(await summary(`since=${begun}&count=exact`, as)), /shy|Secret/);
      assert.deepEqual((await summary(`since=${from}&count=exact&type=people`)).counts, { added: 0, changed: 0, removed: 0, merged: 0 });
      const { changes } = await row('shy', `since=${from}`, 'office');
      assert.deepEqual(changes, [{ path: '/honorific', from: null, to: 'Secret' }, { path: '/meta/visibility', from: 'public', to: 'office' }]);
    });

    test('adds a record for those to whom it was shown', async () => {
      await register.patch('people/tom', { honorific: 'Dr', meta: { visibility: 'public' } });
      const { change, changes } = await row('tom', `since=${from}`);
      assert.deepEqual([change, changes], ['added', []]);
      assert.equal((await row('tom', `since=${from}`, 'office')).change, 'changed');
    });

    test('has no change of a field that the caller may not see', async () => {
      await register.patch('people/una', { email: 'una@example.org' });
      assert.equal(await row('una', `since=${from}`), undefined);
      assert.deepEqual((await row('una', `since=${from}`, 'office')).changes, [{ path: '/email', from: null, to: 'una@example.org' }]);
      assert.doesNotMatch(JSON.stringify(await summary(`since=${begun}`)), /una@/);
    });

    test('has no reference to a hidden record', async () => {
      await register.patch('projects/quiet', { leads: ['ada', 'bob'], ends: '2030' });
      await register.patch('people/bob', { meta: { visibility: 'office' } });
      assert.deepEqual((await row('quiet', `since=${from}`)).changes, [{ path: '/ends', from: null, to: '2030' }]);
      assert.doesNotMatch(JSON.stringify(await summary(`since=${begun}`)), /bob/);
      assert.equal((await row('quiet', `since=${from}`, 'office')).changes.length, 2);
    });
  });
});
