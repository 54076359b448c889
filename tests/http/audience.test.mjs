// What an audience can observe is a function of what it may see: here the names that are hidden from it. The test
// plugin has a collection and fields above the public's role.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { open } from './kitchen.mjs';
import { start } from './ouse.mjs';

let kitchen, say;
const as = 'manager';
before(async () => {
  kitchen = await open();
  say = kitchen.say;
  for (const [collection, body] of [['dishes', { id: 'soup', name: 'Soup', cost: 3, margin_note: 'a secret' }], ['orders', { id: 'lunch', title: 'Lunch', dish: 'soup', remark: 'a secret' }]])
    assert.equal((await say('POST', collection, { as, body })).status, 201);
});
after(() => kitchen?.stop());

const hidden = { public: ['cost', 'margin_note', 'remark'], partner: ['margin_note', 'remark'], office: [] };
const role = (who) => (who === 'public' ? undefined : who);
const all = hidden.public;

describe('the names of fields above the role', () => {
  for (const who of Object.keys(hidden))
    for (const path of ['-/schema', '-/schema/dishes', '-/schema/orders', '-/plugins', '/api/v1', 'dishes', 'dishes.csv', 'dishes/soup', 'dishes/soup/revisions', 'dishes/soup/revisions/1'])
      test(`are not in ${path}, as ${who}`, async () => {
        const { status, text } = await say('GET', path, { as: role(who) });
        assert.equal(status, 200, text);
        for (const name of hidden[who]) assert.ok(!text.includes(name), `${name} is in ${path}`);
      });

  test('are in the schema for those who may see them', async () => {
    const names = async (who) => (await say('GET', '-/schema/dishes', { as: role(who) })).json.fields.map(({ name }) => name).filter((name) => all.includes(name));
    assert.deepEqual([await names('public'), await names('partner'), await names('office')], [[], ['cost'], ['cost', 'margin_note']]);
    const { indexes } = (await say('GET', '-/schema/dishes')).json;
    assert.ok(indexes.some(({ name }) => name === 'serves') && !indexes.some(({ name }) => name === 'margin_note'));
  });

  // The same answer for a hidden name as for one that does not exist, but for the name itself.
  const questions = ['dishes?NAME=x', 'dishes?NAME[exists]=true', 'dishes?NAME[contains]=x', 'dishes?sort=NAME', 'dishes?sort=-NAME', 'dishes?fields=NAME', 'dishes?facet=NAME', 'dishes?expand=NAME', 'dishes?count=exact&NAME[in]=a,b',
    'dishes/-/summary?group=NAME', 'dishes/-/summary?sum=NAME', 'dishes.csv?fields=NAME', 'dishes.ndjson?NAME=x', 'dishes/soup?fields=NAME', 'dishes/soup?expand=NAME', 'orders?dish.NAME=x'];
  for (const question of questions)
    test(`are answered like unknown names: ${question}`, async () => {
      const ask = async (name) => {
        const { status, json } = await say('GET', question.replace('NAME', name));
        delete json.request_id;
        return { status, text: JSON.stringify(json).replaceAll(name, 'NAME') };
      };
      const unknown = await ask('quite_unknown');
      assert.equal(unknown.status, 400);
      for (const name of ['cost', 'margin_note']) assert.deepEqual(await ask(name), unknown, name);
      for (const near of ['cst', 'margin_not', 'margin_notes']) {
        const { status, text } = await ask(near);
        assert.equal(status, 400);
        for (const name of hidden.public) assert.ok(!text.includes(name), `${near} is answered with ${name}: ${text}`);
      }
    });

  test('are answered like unknown names where a guest writes', async () => {
    const errors = async (method, path, who, body) => {
      const etag = (await say('GET', path.replace('/move', ''), { as: who })).header('etag');
      const reply = await say(method, path, { as: who, body, match: etag });
      assert.equal(reply.status, 422, reply.text);
      return reply.json.errors.map(({ pointer, code, detail }) => [pointer, code, detail]);
    };
    for (const [name, detail] of [['remark', 'there is no "remark" here'], ['remarc', 'there is no "remarc" here'], ['tabel', 'there is no "tabel" here; did you mean table']])
      assert.deepEqual(await errors('POST', 'orders/lunch/move', 'partner', { to: 'placed', [name]: 'x' }), [[`/${name}`, 'unknown_field', detail]]);
    assert.equal((await say('GET', 'orders/lunch', { as })).json.remark, 'a secret');
  });
});

// ---- Records ------------------------------------------------------------------------------------

const roles = ['public', 'partner', 'office'];

// A record as an audience reads it, in every way that shows its version.
async function observed(id, who, collection = 'dishes') {
  const read = async (path, accept) => {
    const reply = await say('GET', path, { as: role(who), accept });
    return { status: reply.status, text: reply.text, etag: reply.header('etag') };
  };
  const path = `${collection}/${id}`;
  return {
    record: await read(path), csv: await read(`${path}.csv`), history: await read(`${path}/revisions`),
    updated: (await read(`${collection}?sort=-updated&limit=200`)).text, rows: (await read(`${collection}.ndjson?sort=updated`)).text,
  };
}
const changes = async (who, since = 0, query = '') => (await say('GET', `-/changes?since=${since}&limit=200${query}`, { as: role(who) })).json.data;
const told = async (who, since) => (await changes(who, since)).map(({ op, collection, id }) => `${op} ${collection}/${id}`);
const last = async () => (await say('GET', '-/changes?limit=1&sort=-seq', { as })).json.page.last;
const etagOf = async (path, who = as) => (await say('GET', path, { as: role(who) })).header('etag');
const patch = async (path, body) => {
  const reply = await say('PATCH', path, { as, body, match: await etagOf(path) });
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};
const make = async (collection, body) => {
  const reply = await say('POST', collection, { as, body });
  assert.equal(reply.status, 201, reply.text);
  return reply.json;
};
const tick = async ({ meta: { updated } }) => { // until another instant has come
  while (Date.now() <= Date.parse(updated)) await say('GET', '-/whoami');
};

describe('a change to a hidden field', () => {
  test('is no change for those who do not see the field', async () => {
    await tick(await make('dishes', { id: 'pie', name: 'Pie' }));
    await tick(await make('dishes', { id: 'tart', name: 'Tart' }));
    const since = await last(), before = Object.fromEntries(await Promise.all(roles.map(async (who) => [who, await observed('pie', who)])));
    await tick(await patch('dishes/pie', { margin_note: 'too dear' }));
    for (const who of ['public', 'partner']) assert.deepEqual(await observed('pie', who), before[who], who);
    assert.deepEqual([await told('public', since), await told('partner', since), await told('office', since)], [[], [], ['update dishes/pie']]);

    const cost = await patch('dishes/pie', { cost: 4 });
    await tick(cost);
    assert.deepEqual(await observed('pie', 'public'), before.public);
    const partners = (await say('GET', 'dishes/pie', { as: 'partner' })).json;
    assert.deepEqual([partners.cost, partners.meta.revision, partners.meta.updated], [4, 3, cost.meta.updated]);
    assert.deepEqual((await say('GET', 'dishes/pie/revisions', { as: 'partner' })).json.data.map(({ meta }) => meta.revision), [3, 1]);
    assert.deepEqual([await told('public', since), await told('partner', since)], [[], ['update dishes/pie']]);

    const shown = await patch('dishes/pie', { serves: 8, margin_note: null });
    const record = (await say('GET', 'dishes/pie')).json;
    assert.deepEqual([record.serves, record.meta.revision, record.meta.updated], [8, 4, shown.meta.updated]);
    assert.deepEqual((await say('GET', 'dishes/pie/revisions')).json.data.map(({ meta }) => meta.revision), [4, 1]);
    for (const n of [2, 3]) assert.equal((await say('GET', `dishes/pie/revisions/${n}`)).status, 404);
    const unknown = await say('GET', 'dishes/pie/revisions/9'), hiddenOne = await say('GET', 'dishes/pie/revisions/2');
    assert.equal(hiddenOne.json.detail.replace('2', '9'), unknown.json.detail);
    assert.equal((await say('GET', 'dishes/pie/revisions/4?diff=2')).status, 404);
    assert.deepEqual((await say('GET', 'dishes/pie/revisions/4?diff=1')).json.changes.map(({ path }) => path), ['/serves']);
    assert.deepEqual(await told('public', since), ['update dishes/pie']);
  });

  test('pages of the history have as many revisions as were asked for', async () => {
    await make('dishes', { id: 'paged', name: 'Paged' });
    for (let i = 1; i <= 4; i++) {
      await patch('dishes/paged', { margin_note: `note ${i}` });
      await patch('dishes/paged', { serves: i });
    }
    const pages = [];
    for (let path = 'dishes/paged/revisions?limit=2'; path;) {
      const { data, page } = (await say('GET', path)).json;
      pages.push(data.map(({ meta }) => meta.revision));
      path = page.next && `dishes/paged/revisions?limit=2&cursor=${page.next}`;
    }
    assert.deepEqual(pages, [[9, 7], [5, 3], [1]]);
  });

  test('moves the record to no other place in lists', async () => {
    for (const id of ['first', 'second', 'third']) await tick(await make('cooks', { id: `by-time-${id}`, name: id }));
    for (const id of ['one', 'two', 'three']) await tick(await make('orders', { id, title: id }));
    const after = (await say('GET', 'orders/three')).json.meta.updated;
    await tick(await patch('orders/one', { remark: 'hidden' }));
    const sorted = async (who, query) => (await say('GET', `orders?limit=200&${query}`, { as: role(who) })).json.data.map(({ id }) => id).filter((id) => ['one', 'two', 'three'].includes(id));
    assert.deepEqual([await sorted('public', 'sort=-updated'), await sorted('office', 'sort=-updated')], [['three', 'two', 'one'], ['one', 'three', 'two']]);
    assert.deepEqual([await sorted('public', 'sort=updated'), await sorted('office', 'sort=updated')], [['one', 'two', 'three'], ['two', 'three', 'one']]);
    const later = `updated[gt]=${encodeURIComponent(after)}`;
    assert.deepEqual([await sorted('public', later), await sorted('office', later)], [[], ['one']]);
    const times = (await say('GET', 'orders?sort=-updated&limit=200')).json.data.map(({ meta }) => meta.updated);
    assert.deepEqual(times, [...times].sort().reverse());
    const now = encodeURIComponent(new Date().toISOString());
    assert.deepEqual(await sorted('public', `sort=-updated&as_of=${now}`), ['three', 'two', 'one']);
  });

  test('is neither in as_of nor in a 304', async () => {
    const made = await make('dishes', { id: 'then', name: 'Then' });
    await tick(made);
    const tag = await etagOf('dishes/then', 'public');
    const noted = await patch('dishes/then', { margin_note: 'x' });
    await tick(noted);
    assert.equal((await say('GET', 'dishes/then', { none: tag })).status, 304);
    for (const instant of [made.meta.updated, noted.meta.updated]) {
      const { json } = await say('GET', `dishes/then?as_of=${instant}`);
      assert.deepEqual([json.meta.revision, json.meta.updated], [1, made.meta.updated]);
    }
  });

  test('does not make the ETag of a partner stale, and that of the office it does', async () => {
    await make('orders', { id: 'feast', title: 'Feast' });
    const [office, partner] = [await etagOf('orders/feast', 'office'), await etagOf('orders/feast', 'partner')];
    await patch('orders/feast', { remark: 'for the office' });
    assert.equal(await etagOf('orders/feast', 'partner'), partner);
    assert.equal((await say('POST', 'orders/feast/move?dry_run=true', { as, body: { to: 'placed' }, match: office })).status, 412);
    assert.equal((await say('POST', 'orders/feast/move?dry_run=true', { as, body: { to: 'placed' }, match: partner })).status, 412);
    assert.equal((await say('POST', 'orders/feast/move', { as: 'partner', body: { to: 'placed' }, match: partner })).status, 200);
    assert.equal((await say('POST', 'orders/feast/move', { as: 'partner', body: { to: 'placed' }, match: partner })).status, 412);
  });

  test('shows in no form of the ETag', async () => {
    for (const [id, more] of [['plain-a', {}], ['plain-b', { margin_note: 'hidden' }]]) await make('dishes', { id, name: 'Plain', ...more });
    for (const who of ['public', 'partner'])
      for (const id of ['plain-a', 'plain-b']) assert.match(await etagOf(`dishes/${id}`, who), /^"[0-9a-f]+-[0-9a-f]{16}"$/, `${id} as ${who}`);
  });
});

describe('a record that is hidden later', () => {
  const feed = async (who, path = '-/changes.atom?limit=200&sort=-seq') => (await say('GET', path, { as: role(who) })).text;

  test('leaves one entry, and comes back with all of them', async () => {
    const since = await last();
    await make('cooks', { id: 'gone', name: 'Gone' });
    await patch('cooks/gone', { name: 'Gone Away' });
    const visible = async (visibility) => patch('cooks/gone', { meta: { visibility } });
    await visible('partner');
    const all = ['create cooks/gone', 'update cooks/gone', 'update cooks/gone'];
    assert.deepEqual([await told('public', since), await told('partner', since), await told('office', since)], [['hide cooks/gone'], all, all]);
    await patch('cooks/gone', { name: 'While it is hidden' });
    await visible('office');
    assert.deepEqual([await told('public', since), await told('partner', since)], [['hide cooks/gone'], ['hide cooks/gone']]);
    const seqs = await Promise.all(roles.map(async (who) => (await changes(who, since)).map(({ seq }) => seq)));
    assert.deepEqual(seqs, [[since + 3], [since + 5], [1, 2, 3, 4, 5].map((n) => since + n)]);
    assert.deepEqual((await say('GET', `-/changes?sort=-seq&limit=2`)).json.data[0].op, 'hide');
    await visible('public');
    assert.deepEqual(await told('public', since), ['create cooks/gone', 'update cooks/gone', 'hide cooks/gone', 'update cooks/gone']);
    assert.deepEqual((await say('GET', 'cooks/gone/revisions')).json.data.map(({ meta }) => meta.revision), [6, 2, 1]);
  });

  test('takes the references to it along, and the records that have them are found when it is shown again', async () => {
    const dish = async () => {
      const { json, header } = await say('GET', 'dishes/tasted');
      return { tasters: json.tasters, revision: json.meta.revision, etag: header('etag') };
    };
    await make('cooks', { id: 'taster', name: 'Taster' });
    await make('dishes', { id: 'tasted', name: 'Tasted', tasters: ['taster'] });
    const since = await last(), shown = await dish();
    await patch('cooks/taster', { meta: { visibility: 'office' } });
    assert.deepEqual(await told('public', since), ['hide cooks/taster'], 'expected no change of the dish');
    const without = await dish();
    assert.deepEqual([without.tasters, without.revision], [undefined, shown.revision]);
    assert.notEqual(without.etag, shown.etag);
    await patch('cooks/taster', { meta: { visibility: 'public' } });
    assert.deepEqual(await told('public', await last() - 1), ['update cooks/taster']);
    assert.deepEqual((await say('GET', 'dishes?tasters=taster')).json.data.map(({ id }) => id), ['tasted']);
    assert.deepEqual(await dish(), shown);
  });

  test('is removed, when it was never to be seen, without a word', async () => {
    const since = await last();
    await make('cooks', { id: 'secret', name: 'Secret', meta: { visibility: 'office' } });
    await patch('cooks/secret', { name: 'Secret still' });
    assert.equal((await say('DELETE', 'cooks/secret', { as, match: '*' })).status, 204);
    assert.deepEqual([await told('public', since), await told('partner', since)], [[], []]);
  });

  test('was merged into it: it is removed, for those who do not see into what', async () => {
    await make('cooks', { id: 'into', name: 'Into', meta: { visibility: 'office' } });
    const since = await last();
    assert.deepEqual(await told('public', since), []);
    assert.ok(!JSON.stringify(await changes('public', 0)).includes('cooks/into'));
  });

  test('an event stream that resumes gets `hide`, and no earlier entry', async () => {
    const since = await last();
    await make('cooks', { id: 'streamed', name: 'Streamed' });
    await patch('cooks/streamed', { meta: { visibility: 'office' } });
    await make('cooks', { id: 'marker', name: 'Marker' });
    const read = async (from) => {
      const stop = new AbortController();
      const reply = await fetch(`${kitchen.url}/api/v1/-/changes`, { headers: { accept: 'text/event-stream', 'last-event-id': String(from) }, signal: stop.signal });
      let text = '';
      for await (const chunk of reply.body) {
        text += Buffer.from(chunk);
        if (text.includes('marker')) break;
      }
      stop.abort();
      return [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json)).map(({ seq, op, id }) => `${seq - since} ${op} ${id}`);
    };
    assert.deepEqual([await read(since), await read(since + 1)], [['2 hide streamed', '3 create marker'], ['2 hide streamed', '3 create marker']]);
  });
});

// ---- Warnings -----------------------------------------------------------------------------------

describe('a warning from other records', () => {
  let register;
  before(async () => { register = await start('directory', 'evidence', 'hubs', 'programmes', 'clusters', 'funding', 'feed'); });
  after(() => register?.stop());

  const seen = async (path, who) => {
    const { text, body, headers } = await register.expect(200, 'GET', path, { as: who });
    return { text, etag: headers.get('etag'), codes: body.meta.warnings.map(({ code }) => code) };
  };
  const codes = async (path) => Promise.all(['public', 'partner', 'office'].map(async (who) => (await seen(path, who)).codes));
  const since = async () => (await register.get('-/changes?limit=1&sort=-seq', 'office')).page.last;
  const heard = async (from, who) => (await register.get(`-/changes?since=${from}&limit=200`, who)).data.map(({ op, collection, id }) => `${op} ${collection}/${id}`);
  const hide = (path, visibility = 'office') => register.patch(path, { meta: { visibility } });

  test('is for the public as if what is hidden did not exist', async () => {
    await register.create('organisations', { id: 'org', name: 'Org', kind: 'nhs_trust' });
    await register.create('people', { id: 'ann', name: 'Ann' });
    await register.create('hubs', { id: 'hub', name: 'Hub', kind: 'research_hub', state: 'active' });
    assert.deepEqual(await codes('hubs/hub'), Array(3).fill(['no_host', 'no_director']));
    const before = await seen('hubs/hub', 'public'), from = await since();
    await register.create('appointments', { id: 'director', person: 'ann', role: 'director', body: 'hubs/hub', meta: { visibility: 'office' } });
    await register.create('partners', { id: 'host', hub: 'hub', organisation: 'org', role: 'host', meta: { visibility: 'partner' } });
    assert.deepEqual(await codes('hubs/hub'), [['no_host', 'no_director'], ['no_director'], []]);
    assert.deepEqual(await seen('hubs/hub', 'public'), before, 'expected the public hub as it was');
    assert.deepEqual([await heard(from), await heard(from, 'partner')], [[], ['create partners/host', 'recheck hubs/hub']]);
    assert.ok((await heard(from, 'office')).includes('recheck hubs/hub'));

    await hide('appointments/director', 'public');
    assert.deepEqual(await codes('hubs/hub'), [['no_host'], [], []]);
    assert.deepEqual((await heard(from)).slice(-2), ['update appointments/director', 'recheck hubs/hub']);
    const shown = await since();
    await hide('appointments/director', 'partner');
    assert.deepEqual(await codes('hubs/hub'), [['no_host', 'no_director'], [], []]);
    assert.deepEqual([await heard(shown), await heard(shown, 'partner')], [['hide appointments/director', 'recheck hubs/hub'], ['update appointments/director']]);

    await register.patch('hubs/hub', { name: 'The hub' });
    assert.deepEqual(await codes('hubs/hub'), [['no_host', 'no_director'], [], []], 'expected a change of the record itself to keep them apart');
    await register.remove('appointments/director');
    assert.deepEqual(await codes('hubs/hub'), [['no_host', 'no_director'], ['no_director'], ['no_director']]);
  });

  test('does not tell what a record said that was hidden later, however far away', async () => {
    await register.create('hubs', { id: 'dated', name: 'Dated', kind: 'research_hub', starts: '2020-05-05' });
    await register.create('pillars', { id: 'pillar', hub: 'dated', number: 1, name: 'Pillar' });
    await register.create('projects', { id: 'early', pillar: 'pillar', title: 'Early', leads: ['ann'], starts: '2019' });
    assert.deepEqual(await codes('projects/early'), Array(3).fill(['outside_hub']));
    await hide('hubs/dated');
    assert.deepEqual(await codes('projects/early'), [[], [], ['outside_hub']]);
    assert.ok(!(await seen('projects/early', 'public')).text.includes('2020-05-05'));
    await hide('hubs/dated', 'public');
    assert.deepEqual(await codes('projects/early'), Array(3).fill(['outside_hub']));
  });

  test('is worked out again when only the visibility of what it depends on changes', async () => {
    await register.create('organisations', { id: 'owner', name: 'Owner', kind: 'icb' });
    await register.create('groups', { id: 'board', name: 'Board', kind: 'board', of: 'organisations/owner' });
    await register.create('decisions', { id: 'decision', title: 'Decision', group: 'board', outcome: 'adopted' });
    await register.create('strategies', { id: 'strategy', title: 'Strategy', owner: 'owner', state: 'adopted', adopted_by: 'decision', horizon_ends: '2040' });
    assert.deepEqual(await codes('strategies/strategy'), Array(3).fill(['no_programmes']));
    await register.create('programmes', { id: 'programme', strategy: 'strategy', number: 1, title: 'Programme' });
    assert.deepEqual(await codes('strategies/strategy'), [[], [], []]);
    await hide('programmes/programme');
    assert.deepEqual(await codes('strategies/strategy'), [['no_programmes'], ['no_programmes'], []]);
    await hide('programmes/programme', 'public');
    assert.deepEqual(await codes('strategies/strategy'), [[], [], []]);
  });

  test('and the feeds: a record that was hidden has one entry', async () => {
    await register.create('people', { id: 'leaver', name: 'Leaver Example' });
    await register.patch('people/leaver', { honorific: 'Dr' });
    await hide('people/leaver');
    const atom = async (who) => {
      const reply = await fetch(`${register.origin}/api/v1/-/changes.atom?limit=200&sort=-seq`, who ? { headers: { authorization: `Bearer ${register.tokens[who]}` } } : {});
      return [...(await reply.text()).matchAll(/<title>([^<]*)<\/title>/g)].map(([, title]) => title).filter((title) => /leaver/i.test(title));
    };
    assert.deepEqual(await atom(), ['leaver: hidden']);
    assert.deepEqual(await atom('office'), ['Leaver Example: changed', 'Leaver Example: changed', 'Leaver Example: added']);
  });
});
