// What is hidden is nowhere: not where it stands itself, and not in what refers to it. The sample register, and what
// else it takes to have every reference, is read in every way while parts of it are hidden.
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { built, sample, source, start } from './ouse.mjs';
import { html } from './walk.mjs';

const allPlugins = async () => /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', ');
const sampled = async () => {
  const files = await readdir(new URL('../../conf/sample/', import.meta.url));
  return files.filter((file) => file.endsWith('.ndjson')).map((file) => file.slice(0, -'.ndjson'.length));
};

// What the sample has nothing of.
const more = [
  ['sites', { id: 'site', name: 'A site', kind: 'hospital', organisation: 'elft', area: 'luton' }],
  ['schemes', { id: 'course', title: 'A course', provider: 'university-of-bedfordshire', of: 'hubs/blmk-research-innovation-hub', audience: ['gp'], state: 'published' }],
  ['cohorts', { id: 'cohort', scheme: 'course', opens: '2020-01-01', closes: '2090-01-01', venue: 'site' }],
  ['networks', { id: 'network', name: 'A network', model: 'primary-care-home', area: 'luton', lead: 'elft', population: { value: 40000, qualifier: 'exact', unit: 'people' } }],
  ['practices', { id: 'practice', network: 'network', practice: 'queen-mary' }],
  ['posts', { id: 'post', network: 'network', profession: 'gp' }],
  ['allocations', { id: 'allocation', award: 'nhs-england-blmk-hub', target: 'pillars/inclusive-workforce', amount: 1000 }],
  ['payments', { id: 'payment', award: 'nhs-england-blmk-hub', allocation: 'allocation', date: '2026-01-01', amount: 10 }],
  ['workplans', { id: 'workplan', programme: 'cancer', term: 'short', title: 'A workplan' }],
  ['indicators', { id: 'indicator', programme: 'cancer', name: 'An indicator', observations: [{ on: '2025', value: 1 }] }],
  ['milestones', { id: 'milestone', of: 'workplans/workplan', title: 'A milestone', due: '2026-01', owner: 'yannis-pappas' }],
  ['shared-practices', { id: 'shared', cluster: 'hiec-north-east-london', title: 'A practice', adopted_by: ['elft', 'queen-mary'] }],
  ['organisations', { id: 'successor', name: 'A successor', kind: 'nhs_trust', part_of: 'nhs-england', predecessors: ['elft', 'queen-mary'], area: 'luton' }],
  ['statements', { id: 'correction', speaker: 'yannis-pappas', in: 'blmk-research-innovation-hub', text: 'A correction', corrects: 'yannis-pappas-blmk-research-innovation-hub', about: ['people/louise-grant', 'hubs/elft-cambridge-hub', 'publications/elft-cambridge-hub'] }],
  ['appointments', { id: 'second', person: 'louise-grant', role: 'director', body: 'hubs/blmk-research-innovation-hub' }],
];

// Records whose ids say nothing and are in no other text: a reference is found wherever it is told.
function disguised(records, schema) {
  const ids = new Map(records.map(([collection, { id }], i) => [`${collection}/${id}`, `q${i}-${collection}`]));
  const change = (text, targets) => {
    const qualified = targets.length > 1 || targets[0] === '*', [collection, id] = qualified ? text.split('/') : [targets[0], text];
    return `${qualified ? `${collection}/` : ''}${ids.get(`${collection}/${id}`)}`;
  };
  return records.map(([collection, record]) => {
    const made = { ...record, id: ids.get(`${collection}/${record.id}`), meta: { collection } };
    for (const { name, refers_to: targets } of schema.get(collection).filter((field) => field.refers_to && record[field.name]))
      made[name] = Array.isArray(record[name]) ? record[name].map((text) => change(text, targets)) : change(record[name], targets);
    if (record.sources) made.sources = record.sources.map((one) => ({ ...one, publication: change(one.publication, ['publications']) }));
    return made;
  });
}

const idsIn = (text) => new Set(text.match(/q\d+-[a-z-]*[a-z]/g));

describe('what is hidden', built, () => {
  let register, records, schema, computed;
  const of = (collection) => records.filter((record) => record.meta.collection === collection);

  before(async () => {
    register = await start(...await allPlugins());
    schema = new Map((await register.get('-/schema', 'manager')).collections.map(({ name, fields }) => [name, fields]));
    const sampledRecords = (await Promise.all((await sampled()).map(async (name) => (await sample(name)).map((record) => [name, record])))).flat();
    records = disguised([...sampledRecords, ...more], schema);
    await load(records);
    const { paths } = await register.get('openapi.json');
    computed = Object.keys(paths).filter((path) => paths[path].get && /^\/api\/v1\/[a-z-]+\/(\{id\}|-)\/[a-z]+$/.test(path) && !/\/(revisions|summary)$/.test(path)).map((path) => path.slice('/api/v1/'.length));
    assert.ok(computed.length > 10, `expected what plugins compute, got ${computed}`);
  });
  after(() => register?.stop());

  // Rows of several collections, in one change set.
  async function load(rows) {
    await writeFile(join(register.folder, 'rows.ndjson'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await register.run('import', join(register.folder, 'rows.ndjson'));
  }
  const show = (some, visibility) => load(some.map(({ id, meta: { collection } }) => ({ id, meta: { collection, visibility } })));

  const read = async (path, as, headers = {}) => {
    const response = await fetch(new URL(path, `${register.origin}/api/v1/`), { redirect: 'manual', headers: { ...headers, ...(as ? { authorization: `Bearer ${register.tokens[as]}` } : {}) } });
    return { status: response.status, text: `${[...response.headers].join('\n')}\n${await response.text()}`, etag: response.headers.get('etag') };
  };

  // Every way to read lists, and some of the records of each.
  function lists(collection, fields) {
    const references = fields.filter((field) => field.refers_to).map(({ name }) => name);
    return [`${collection}?limit=200`, `${collection}.csv`, `${collection}.ndjson`, `${collection}.atom?limit=200`, `${collection}?q=the`,
      ...references.flatMap((name) => [`${collection}?limit=200&expand=${name}&count=exact&facet=${name}`, `${collection}/-/summary?group=${name}`,
        `${collection}?limit=200&${name}[exists]=true&count=exact`, `${collection}?limit=200&${name}[exists]=false`])];
  }
  const ways = (collection, id) => [`${collection}/${id}`, `${collection}/${id}.csv`, `${collection}/${id}.atom`, `${collection}/${id}/revisions`, `${collection}/${id}/revisions/1`,
    `-/labels?of=${collection}/${id}`, `-/referrers?of=${collection}/${id}`,
    ...computed.filter((path) => path.startsWith(`${collection}/{id}/`)).map((path) => path.replace('{id}', id)),
    ...[`${collection}/${id}`, `${collection}/${id}/history`].map((path) => `/${path}`)];

  function surfaces(hidden) {
    const found = ['/changes', '-/search?q=the', '-/search?q=bedford', '-/suggest?q=b', '-/schema', 'openapi.json', '/', ...computed.filter((path) => !path.includes('{id}'))];
    for (const [collection, fields] of schema) {
      found.push(...lists(collection, fields), `/${collection}`);
      for (const { id } of of(collection).filter((record) => !hidden.has(record.id)).slice(0, 3)) found.push(...ways(collection, id));
    }
    return found.filter((path) => !/^\/?expressions/.test(path));
  }

  async function nowhere(hidden, visibility, as) {
    const found = new Set();
    for (const path of surfaces(hidden)) {
      const { status, text } = await read(path, as, path.startsWith('/') ? html : {});
      if (status !== 200) found.add(`${path}: ${status} ${text.slice(-300)}`);
      for (const id of idsIn(text)) if (hidden.has(id)) found.add(`${path}: ${id}`);
    }
    assert.deepEqual([...found], [], 'expected 200, and none of what is hidden');
  }

  const parts = {
    'every other record': (record, i) => i % 2 === 0,
    'the records between': (record, i) => i % 2 === 1,
    'people, publications, areas and awards': ({ meta }) => ['people', 'publications', 'areas', 'awards', 'workplans'].includes(meta.collection),
    'organisations, pillars, programmes and groups': ({ meta }) => ['organisations', 'pillars', 'programmes', 'groups', 'sites', 'allocations'].includes(meta.collection),
    'hubs, strategies, networks, clusters, mergers, schemes': ({ meta }) => ['hubs', 'strategies', 'networks', 'clusters', 'mergers', 'schemes', 'care-models', 'bids', 'deliverables'].includes(meta.collection),
  };
  for (const [name, is] of Object.entries(parts))
    test(`is in no answer: ${name}`, async (t) => {
      const some = records.filter(is), hidden = new Set(some.map(({ id }) => id));
      const all = await Promise.all([...schema.keys()].map((collection) => read(`${collection}?limit=200`, 'office')));
      t.after(() => show(some, 'public'));
      await show(some, 'office');
      await nowhere(hidden, 'office');
      await nowhere(hidden, 'office', 'partner').catch((error) => assert.fail(`the partner: ${error.message}`));
      for (const [i, collection] of [...schema.keys()].entries())
        assert.deepEqual(idsIn((await read(`${collection}?limit=200`, 'office')).text), idsIn(all[i].text), `${collection} as the office sees them`);
      await show(some, 'public');
      for (const [i, collection] of [...schema.keys()].entries())
        if (collection !== 'expressions')
          assert.deepEqual(idsIn((await read(`${collection}?limit=200`)).text), idsIn(all[i].text), `${collection} when all is shown again`);
    });
});

describe('a reference to what is hidden', built, () => {
  let register;
  const ids = ({ data }) => data.map(({ id }) => id);
  const leads = async (id, as) => (await register.get(`projects/${id}`, as)).leads;
  const hide = (path, visibility = 'office') => register.patch(path, { meta: { visibility } });
  const written = async ({ meta: { updated } }) => { // and another instant has come
    while (Date.now() <= Date.parse(updated)) await register.get('-/whoami');
    return updated;
  };

  before(async () => {
    register = await start('directory', 'hubs', 'evidence', 'search', 'feed', 'site');
    for (const id of ['ann', 'bob']) await register.create('people', { id, name: id });
    await register.create('people', { id: 'veiled', name: 'Veiled Person', meta: { visibility: 'partner' } });
    await register.create('publications', { id: 'veiled-paper', title: 'Veiled paper', meta: { visibility: 'office' } });
    await register.create('hubs', { id: 'hub', name: 'Hub', kind: 'research_hub' });
    await register.create('pillars', { id: 'pillar', hub: 'hub', number: 1, name: 'Pillar' });
    const project = (id, ...people) => register.create('projects', { id, pillar: 'pillar', title: `Project ${id}`, leads: people, sources: [{ publication: 'veiled-paper', quote: 'a zeugma', fields: ['/title'] }] });
    await project('all', 'veiled');
    await project('some', 'ann', 'veiled', 'bob');
    await project('none', 'bob');
  });
  after(() => register?.stop());

  test('is there for who may see that, and for nobody else', async () => {
    assert.deepEqual([await leads('some'), await leads('some', 'partner'), await leads('some', 'office')], [['ann', 'bob'], ['ann', 'veiled', 'bob'], ['ann', 'veiled', 'bob']]);
    assert.deepEqual([await leads('all'), await leads('none')], [undefined, ['bob']]);
    for (const as of ['public', 'partner']) assert.equal((await register.get('projects/some', as)).sources, undefined, `the source is hidden from the ${as}`);
    assert.equal((await register.get('projects/some', 'office')).sources[0].publication, 'veiled-paper');
  });

  const asked = [
    ['leads=veiled', undefined, ['all', 'some']], ['leads[in]=veiled,ann', undefined, ['all', 'some']], ['leads[ne]=veiled', undefined, ['none']],
    ['leads[ne]=bob', [], ['all']], ['leads[exists]=true', ['none', 'some'], ['all', 'none', 'some']], ['leads[exists]=false', ['all'], []],
    ['leads.name=veiled person', [], ['all', 'some']], ['q=zeugma', [], [], ['all', 'none', 'some']],
  ];
  for (const [question, seen, partners, all = partners] of asked)
    test(`is answered as if it was not there: ${question}`, async () => {
      for (const [as, expected] of [['public', seen], ['partner', partners], ['office', all], ['manager', all]]) {
        if (!expected) {
          const told = async (asked) => (await register.expect(400, 'GET', asked)).text.replaceAll(/no-such|veiled/g, 'X').replace(/"request_id":"[^"]*"/, '');
          for (const path of ['projects', 'projects/-/summary', 'projects.ndjson'])
            assert.equal(await told(`${path}?${question}`), await told(`${path}?${question.replace('veiled', 'no-such')}`), 'expected what is said of no record');
          continue;
        }
        const list = await register.get(`projects?${question}&count=exact`, as);
        assert.deepEqual([ids(list), list.page.count, (await register.get(`projects/-/summary?${question}`, as)).total.count], [expected, expected.length, expected.length], `as the ${as}`);
        const rows = await fetch(`${register.origin}/api/v1/projects.ndjson?${question}`, { headers: as === 'public' ? {} : { authorization: `Bearer ${register.tokens[as]}` } });
        assert.deepEqual((await rows.text()).split('\n').filter(Boolean).map((row) => JSON.parse(row).id), expected, `rows, as the ${as}`);
      }
    });

  test('is neither counted nor expanded', async () => {
    const { facets, included } = await register.get('projects?facet=leads&expand=leads');
    assert.deepEqual([facets.leads, Object.keys(included).sort()], [{ ann: 1, bob: 2 }, ['people/ann', 'people/bob']]);
    const { data } = await register.get('projects/-/summary?group=leads');
    assert.deepEqual(data.map(({ group, count }) => [group.leads, count]), [['ann', 1], ['bob', 2], [null, 1]]);
    assert.deepEqual((await register.get('projects?facet=leads', 'partner')).facets.leads, { ann: 1, bob: 2, veiled: 2 });
  });

  test('makes another ETag, which a write takes', async () => {
    const etag = async (as) => (await register.expect(200, 'GET', 'projects/some', { as })).headers.get('etag');
    const before = await etag();
    assert.match(before, /^"[0-9a-f]+-[0-9a-f]{16}"$/);
    assert.match(await etag('office'), /^"[0-9a-f]+"$/);
    await register.expect(304, 'GET', 'projects/some', { headers: { 'if-none-match': before } });
    const { meta } = await hide('people/bob');
    assert.equal(meta.revision, 2);
    const now = await register.expect(200, 'GET', 'projects/some', { headers: { 'if-none-match': before } });
    assert.deepEqual([now.body.leads, now.body.meta.revision], [['ann'], 1]);
    assert.notEqual(now.headers.get('etag'), before);
    await hide('people/bob', 'public');
    assert.equal(await etag(), before);
    await register.expect(200, 'PATCH', 'projects/some?dry_run=true', { as: 'manager', body: { subtitle: 'x' }, headers: { 'if-match': before } });
  });

  test('is told of no version but those of when it was to be seen, as long as it is', async () => {
    await register.create('people', { id: 'now-and-then', name: 'Now and then' });
    await written(await register.create('projects', { id: 'history', pillar: 'pillar', title: 'History', leads: ['ann', 'now-and-then'] }));
    await written(await hide('people/now-and-then'));
    const hidden = await written(await register.patch('projects/history', { subtitle: 'while it is hidden' }));
    const revision = async (n) => (await register.get(`projects/history/revisions/${n}`)).leads;
    assert.deepEqual([await revision(1), await revision(2)], [['ann'], ['ann']]);
    const shown = await written(await hide('people/now-and-then', 'public'));
    await register.patch('projects/history', { subtitle: 'when it is shown again' });
    const both = ['ann', 'now-and-then'], at = async (instant) => (await register.get(`projects/history?as_of=${instant}`)).leads;
    assert.deepEqual([await revision(1), await revision(2), await revision(3)], [both, ['ann'], both]);
    assert.deepEqual([await at(hidden), await at(shown), await leads('history')], [['ann'], both, both]);
    await register.expect(400, 'GET', `projects?leads=now-and-then&as_of=${hidden}`);
    assert.deepEqual(ids(await register.get(`projects?leads=now-and-then&as_of=${shown}`)), ['history']);
    const { changes } = await register.get('projects/history/revisions/3?diff=2');
    assert.deepEqual(changes.map(({ path }) => path), ['/subtitle', '/leads']);
  });

  test('of what was merged into it, or is gone with it', async () => {
    await register.create('people', { id: 'twin', name: 'Twin' });
    await register.create('projects', { id: 'merged', pillar: 'pillar', title: 'Merged', leads: ['twin'] });
    await register.expect(200, 'POST', 'people/twin/merge', { as: 'manager', body: { into: 'veiled' } });
    assert.deepEqual([await leads('merged'), await leads('merged', 'partner')], [undefined, ['veiled']]);
    for (const path of ['projects/merged', 'projects/merged/revisions', 'projects/merged/revisions/2', 'people/twin/revisions'])
      assert.doesNotMatch((await register.expect(200, 'GET', path)).text, /veiled/, path);
    await register.expect(410, 'GET', 'people/twin');
    await register.remove('projects/merged');
  });

  test('warns nobody from whom something is hidden', async () => {
    const appoint = (id, person) => register.create('appointments', { id, person, role: 'director', body: 'hubs/hub' });
    await register.create('people', { id: 'first', name: 'First Director' });
    await register.create('people', { id: 'second', name: 'Second Director' });
    await appoint('one', 'first');
    await appoint('two', 'second');
    const warnings = async (id, as) => (await register.get(`appointments/${id}`, as)).meta.warnings.map(({ detail }) => detail.split(' holds')[0]);
    assert.deepEqual([await warnings('one'), await warnings('two')], [['Second Director'], ['First Director']]);
    await hide('people/second');
    assert.deepEqual([await warnings('one'), await warnings('two'), await warnings('one', 'office')], [[], [], ['Second Director']]);
    await hide('people/second', 'public');
    assert.deepEqual([await warnings('one'), await warnings('two')], [['Second Director'], ['First Director']]);
  });

  test('is on no page and in no feed, nor what never was to be seen in the changes', async () => {
    const paths = ['/api/v1/-/changes?since=0&limit=200', '/api/v1/-/changes.atom?limit=200&sort=-seq', '/api/v1/projects.atom', '/api/v1/projects.csv', '/api/v1/-/search?q=project', '/api/v1/-/labels?of=people/veiled,projects/some',
      '/api/v1/-/referrers?of=people/ann', '/', '/changes', '/projects', '/people', '/people/ann', '/projects/all', '/projects/some', '/projects/some/history', '/hubs/hub/portfolio', '/hubs/hub/network', '/projects?leads[exists]=false'];
    for (const path of paths) {
      const response = await fetch(register.origin + path, { headers: path.startsWith('/api/') ? {} : html }), text = await response.text();
      assert.equal(response.status, 200, `${path}: ${text}`);
      assert.doesNotMatch(`${[...response.headers].join('\n')}\n${text}`, /veiled/i, path);
    }
    const { text } = await register.expect(200, 'GET', '-/changes?since=0&limit=200', { as: 'partner' });
    assert.match(text, /veiled/);
  });

  test('is verified, and there after a restart', async () => {
    await register.run('verify');
    await register.restart();
    assert.deepEqual([await leads('some'), await leads('some', 'partner')], [['ann', 'bob'], ['ann', 'veiled', 'bob']]);
  });
});
