// as_of: the register as it was. What happened long ago is loaded as such, then changed today.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { built, ouse, start } from './ouse.mjs';

const day = (from) => new Date(Date.now() + from * 86400000).toISOString().slice(0, 10);
const [founded, then, changed] = [`${day(-60)}T09:00:00.000Z`, day(-30), day(-1)];
const blmk = 'hubs/blmk-research-innovation-hub';
const ids = ({ data }) => data.map(({ id }) => id);
const later = [
  { id: 'course', title: 'A course', state: 'published', audience: ['gp'], meta: { collection: 'schemes' } },
  { id: 'autumn', scheme: 'course', opens: day(-40), closes: day(-20), meta: { collection: 'cohorts' } },
  { id: 'old-trust', name: 'Old Trust', kind: 'nhs_trust', identifiers: [{ scheme: 'ods', value: 'RWK' }], meta: { collection: 'organisations' } },
  { id: 'ann', name: 'Ann', email: 'ann@example.org', meta: { collection: 'people' } },
  { id: 'ann-2', name: 'Ann Example', meta: { collection: 'people' } },
  { id: 'ann-body', person: 'ann', role: 'member', body: 'organisations/old-trust', meta: { collection: 'appointments' } },
  { id: 'secret', name: 'Secret', meta: { collection: 'people', visibility: 'office' } },
];

describe('as_of', built, () => {
  let register, portfolio;

  before(async () => {
    register = await start('directory', 'hubs', 'training', 'search', 'openapi');
    const records = [...await register.fitting('areas', 'organisations', 'people', 'hubs', 'partners', 'pillars', 'projects', 'deliverables', 'appointments'), ...later]
      .map((record) => ({ ...record, meta: { ...record.meta, created: founded, updated: founded } }));
    const file = join(register.folder, 'then.ndjson');
    await writeFile(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    await ouse('import', '--mode', 'exact', '-c', register.config, file);
    portfolio = await register.get(`${blmk}/portfolio`);

    await register.patch(blmk, { name: 'A hub of another name' });
    await register.patch('projects/street-activities', { pillar: 'inclusive-workforce', title: 'Elsewhere' });
    await register.patch('projects/primary-care-access', { meta: { visibility: 'office' } });
    await register.remove('deliverables/' + (await register.get('deliverables')).data[0].id);
    await register.patch('organisations/old-trust', { identifiers: [{ scheme: 'ods', value: 'RWX' }] });
    await register.patch('people/ann', { name: 'Betty' });
    await register.expect(200, 'POST', 'people/ann/merge', { as: 'manager', body: { into: 'ann-2' } });
    await register.patch('people/secret', { meta: { visibility: 'public' } });
  });
  after(() => register?.stop());

  const at = (path, as) => register.get(`${path}${path.includes('?') ? '&' : '?'}as_of=${then}`, as);
  const refused = async (status, detail, method, path, options) => {
    const { body, text } = await register.expect(status, method, path, options);
    assert.ok(JSON.stringify(body).includes(detail), `${method} ${path}: expected ${detail} in ${text}`);
  };

  test('a record by its id', async () => {
    const now = await register.get(blmk), was = await at(blmk);
    assert.deepEqual([was.name, was.meta.revision, was.meta.updated], [portfolio.hub.name, 1, founded]);
    assert.deepEqual([now.name, now.meta.revision], ['A hub of another name', 2]);
    assert.equal((await register.get(`${blmk}?as_of=${founded}`)).name, was.name);
    assert.equal((await register.get(`${blmk}?as_of=${now.meta.updated}`)).name, now.name);
    await refused(404, 'There is no', 'GET', `${blmk}?as_of=${founded.replace('09:', '08:')}`);
  });

  test('a hub and all of it, last month and today', async () => {
    const now = await register.get(`${blmk}/portfolio`, 'manager');
    assert.deepEqual(await at(`${blmk}/portfolio`, 'manager'), portfolio);
    assert.deepEqual([now.hub.name, now.counts.deliverables, now.pillars.map(({ projects }) => projects.length)], ['A hub of another name', 0, [3, 2, 0]]);
    assert.deepEqual((await at(`${blmk}/portfolio`)).pillars.map(({ projects }) => projects.length), [2, 1, 1], 'expected what is hidden now to be hidden then');
    await refused(404, 'There is no', 'GET', `${blmk}/portfolio?as_of=${day(-90)}`);
  });

  test('lists: filters, order, counts, facets, fields', async () => {
    assert.deepEqual(ids(await at('projects?pillar=safeguarding')), ['street-activities']);
    assert.deepEqual(ids(await register.get('projects?pillar=safeguarding')), []);
    assert.deepEqual(ids(await at('projects?pillar.hub=blmk-research-innovation-hub&sort=-title', 'office')),
      [...portfolio.pillars.flatMap(({ projects }) => projects)].sort((a, b) => (a.title < b.title ? 1 : -1)).map(({ id }) => id));
    const { data, page, facets } = await at('projects?count=exact&facet=pillar&fields=title&limit=1', 'office');
    assert.deepEqual(facets, { pillar: { 'inclusive-workforce': 2, 'new-ways-of-working': 2, safeguarding: 1 } });
    assert.deepEqual([page.count, Object.keys(data[0])], [5, ['id', 'title', 'meta']]);
    assert.equal((await at('projects?count=exact')).page.count, 4);
    assert.deepEqual((await register.get(`projects?as_of=${day(-90)}&count=exact`)), { data: [], page: { limit: 50, next: null, count: 0 } });
    assert.deepEqual((await at('projects/-/summary?group=pillar', 'office')).data.map(({ count }) => count).sort(), [1, 2, 2]);
    assert.deepEqual(ids(await at(`hubs?updated[lt]=${day(-50)}&sort=-updated`)).length, 2);
    assert.deepEqual(ids(await register.get(`hubs?updated[lt]=${day(-50)}`)).length, 1);
  });

  test('words', async () => {
    assert.deepEqual(ids(await at('people?q=betty')), []);
    assert.deepEqual(ids(await at('people?q=ann&sort=name')), ['ann', 'ann-2']);
    assert.deepEqual((await at('-/search?q=elsewhere')).data, []);
    assert.deepEqual((await register.get('-/search?q=elsewhere')).data.map(({ id }) => id), ['street-activities']);
  });

  test('pages go on at the instant that they began with', async () => {
    const first = await at('projects?sort=title&limit=2');
    const rest = await at(`projects?sort=title&limit=2&cursor=${first.page.next}`);
    assert.deepEqual(ids({ data: [...first.data, ...rest.data] }), ids(await at('projects?sort=title')));
    for (const query of ['', `&as_of=${day(-29)}`])
      await refused(400, 'cursor', 'GET', `projects?sort=title&limit=2&cursor=${first.page.next}${query}`);
    const { headers } = await register.expect(200, 'GET', `projects?limit=1&as_of=${then}`);
    assert.match(headers.get('link'), new RegExp(`as_of=${then}&limit=1`));
  });

  test('exports', async () => {
    const text = async (path) => (await fetch(`${register.origin}/api/v1/${path}`)).text();
    assert.equal((await text(`projects.ndjson?as_of=${then}`)).trim().split('\n').length, 4);
    assert.match(await text(`hubs.csv?as_of=${then}`), new RegExp(portfolio.hub.name));
    assert.doesNotMatch(await text(`hubs.csv?as_of=${then}`), /another name/);
    assert.match(await text(`${blmk}.csv?as_of=${then}`), new RegExp(portfolio.hub.name));
  });

  test('what is expanded', async () => {
    const { included } = await at('pillars?expand=hub');
    assert.equal(included[blmk].name, portfolio.hub.name);
    assert.equal((await register.get('pillars?expand=hub')).included[blmk].name, 'A hub of another name');
  });

  test('what somebody else called it then', async () => {
    assert.equal((await at('organisations/-/by/ods/RWK')).id, 'old-trust');
    await refused(404, 'RWX', 'GET', `organisations/-/by/ods/RWX?as_of=${then}`);
    assert.equal((await register.get('organisations/-/by/ods/RWX')).id, 'old-trust');
  });

  test('the clock of what is computed', async () => {
    assert.equal((await at('cohorts/autumn')).availability, 'open');
    assert.equal((await register.get('cohorts/autumn')).availability, 'closed');
    assert.deepEqual((await at('cohorts?fields=availability')).data.map(({ availability }) => availability), ['open']);
    const open = async (query) => JSON.stringify(await register.get(`cohorts/-/open${query}`)).includes('autumn');
    assert.deepEqual([await open(`?as_of=${then}`), await open('')], [true, false]);
  });

  test('what was merged, removed, hidden, shown', async () => {
    assert.equal((await at('people/ann')).name, 'Ann');
    const now = new Date().toISOString();
    const { headers } = await register.expect(308, 'GET', `people/ann?as_of=${now}`);
    assert.equal(headers.get('location'), `/api/v1/people/ann-2?as_of=${now}`);
    assert.equal((await at('appointments/ann-body')).person, 'ann');
    assert.deepEqual(ids(await at('appointments?person=ann')), ['ann-body']);
    assert.equal((await at('deliverables')).data.length, 1);
    assert.equal((await register.get('deliverables')).data.length, 0);
    await refused(404, 'There is no', 'GET', `projects/primary-care-access?as_of=${then}`);
    assert.equal((await at('projects/primary-care-access', 'office')).meta.revision, 1);
    await refused(404, 'There is no', 'GET', `people/secret?as_of=${then}`);
    assert.equal((await register.get('people/secret')).name, 'Secret');
    assert.ok(!('email' in await at('people/ann')), 'expected fields to stay hidden');
    assert.equal((await at('people/ann', 'office')).email, 'ann@example.org');
  });

  test('a future instant is the present', async () => {
    const present = await register.expect(200, 'GET', blmk);
    const future = await register.expect(200, 'GET', `${blmk}?as_of=${day(9)}`);
    for (const header of ['etag', 'cache-control']) assert.equal(future.headers.get(header), present.headers.get(header));
    assert.equal(future.text, present.text);
    assert.deepEqual(await register.get(`cohorts?as_of=${day(0)}`), await register.get('cohorts'));
  });

  test('caches may keep it; its ETag is its own, and no licence to write', async () => {
    const path = `${blmk}?as_of=${then}`;
    const was = await register.expect(200, 'GET', path), now = await register.expect(200, 'GET', blmk);
    const etag = was.headers.get('etag');
    assert.equal(was.headers.get('cache-control'), 'public, max-age=300');
    assert.equal((await register.expect(200, 'GET', path, { as: 'office' })).headers.get('cache-control'), 'private, no-store');
    assert.equal((await register.expect(200, 'GET', `${blmk}/portfolio?as_of=${then}`)).headers.get('cache-control'), 'public, max-age=300');
    assert.equal((await register.expect(200, 'GET', `hubs?as_of=${then}`)).headers.get('cache-control'), 'public, max-age=300');
    assert.notEqual(etag, now.headers.get('etag'));
    await register.expect(304, 'GET', path, { headers: { 'if-none-match': etag } });
    await register.expect(200, 'GET', blmk, { headers: { 'if-none-match': etag } });
    await register.expect(412, 'PATCH', blmk, { as: 'manager', body: { name: 'x' }, headers: { 'if-match': etag } });
    const same = await register.expect(200, 'GET', `${blmk}?as_of=${now.body.meta.updated}`);
    assert.notEqual(same.headers.get('etag'), now.headers.get('etag'));
  });

  test('what is no instant is refused, and a write has none', async () => {
    for (const path of [blmk, 'hubs', 'hubs.csv', 'hubs/-/summary', `${blmk}/portfolio`, 'organisations/-/by/ods/RWX'])
      for (const value of ['', 'yesterday', '2026', '2026-01', '2026-02-30', '2026-01-31T25:00:00Z', '2026-01-31T12:00:00%2B25:00', '1'])
        await refused(400, 'as_of', 'GET', `${path}?as_of=${value}`);
    await refused(400, 'as_of is a date, such as 2026-01-31, or an instant, such as 2026-01-31T12:00:00Z, not \\"2026-02-30\\"', 'GET', 'hubs?as_of=2026-02-30');
    await refused(400, 'twice', 'GET', `hubs?as_of=${then}&as_of=${then}`);
    const write = { as: 'manager', body: { name: 'x' }, headers: { 'if-match': '*' } };
    for (const [method, path] of [['POST', 'people'], ['PATCH', 'people/ann-2'], ['DELETE', 'people/ann-2'], ['PUT', 'people/ann-2'], ['POST', 'people/ann-2/merge'], ['POST', '-/batch']])
      await refused(400, 'There is no parameter \\"as_of\\"', method, `${path}?as_of=${then}`, write);
    await refused(400, 'as_of', 'GET', `-/changes?as_of=${then}`);
    await refused(400, 'as_of', 'GET', `${blmk}/revisions?as_of=${then}`);
  });

  test('the description of the API tells it', async () => {
    const { paths } = await register.get('openapi.json');
    const takes = (path) => paths[path].get.parameters.some(({ $ref }) => $ref === '#/components/parameters/AsOf');
    for (const path of ['/api/v1/hubs', '/api/v1/hubs/{id}', '/api/v1/hubs/-/summary', '/api/v1/hubs/{id}/portfolio', '/api/v1/cohorts/-/open'])
      assert.ok(takes(path), `expected as_of at ${path}`);
  });

  test('the store is sound', async () => {
    const { stdout } = await ouse('verify', '-c', register.config);
    assert.match(stdout, /past keys +[1-9]/);
    assert.match(stdout, /faults +0/);
  });
});
