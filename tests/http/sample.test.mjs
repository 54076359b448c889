// The sample register, whole: what five articles say, loaded into an empty register with all plugins
// that conf/ouse.conf enables, holds what they say and nothing else, and keeps to itself what is not
// for everybody.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { built, source, start } from './ouse.mjs';

const folder = fileURLToPath(new URL('../../conf/sample', import.meta.url));
const ouse = promisify(execFile);

// What the articles hold, as counted by hand; of the other collections there is no say how many.
const counts = {
  people: 19, statements: 10, publications: 5, hubs: 2, pillars: 3, projects: 5, awards: 2, funds: 1, bids: 1, clusters: 1,
  constituents: 3, aims: 3, strategies: 1, programmes: 6, challenges: 4, assumptions: 1, mergers: 1, commitments: 4, milestones: 3,
  'care-models': 1, events: 1, allocations: 0, payments: 0,
};

const ids = {
  hubs: ['blmk-research-innovation-hub', 'elft-cambridge-hub'],
  pillars: ['inclusive-workforce', 'new-ways-of-working', 'safeguarding'],
  projects: ['ageing-well', 'building-resilience', 'community-targeted-outreach', 'primary-care-access', 'street-activities'],
  awards: ['luton-council-mapping-study', 'nhs-england-blmk-hub'],
  funds: ['primary-care-home-incentives'],
  bids: ['hiec-north-east-london'],
  clusters: ['hiec-north-east-london'],
  strategies: ['health-services-strategy-2040'],
  programmes: [
    'cancer', 'children-and-families', 'fragile-services-elective-care', 'long-term-conditions', 'mental-health-learning-disability-autism',
    'urgent-and-emergency-care',
  ],
  mergers: ['bedford-luton-dunstable'],
  'care-models': ['primary-care-home'],
};

// Some of many.
const among = {
  people: ['rima-makarem', 'yannis-pappas', 'rupert-marquand'],
  organisations: ['blmk-icb', 'elft', 'university-of-bedfordshire', 'luton-council', 'nhs-england'],
};

describe('the sample register', built, () => {
  let register, plugins, schema, first;
  const records = {}; // by collection, as the manager sees them

  const importSample = async () => {
    const { stdout } = await ouse(process.env.OUSE_BIN, ['import', '-c', register.config, folder]);
    return stdout.trim().split('\n').map((line) => /^(.+): (\d+) created, (\d+) updated, (\d+) unchanged$/.exec(line).slice(1));
  };

  before(async () => {
    plugins = /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', ');
    register = await start(...plugins);
    first = await importSample();
    schema = (await register.get('-/schema', 'office')).collections;
    for (const { name } of schema) records[name] = (await register.get(`${name}?limit=200`, 'manager')).data;
  });
  after(() => register?.stop());

  test('loads in one go, and again without a change', async () => {
    assert.ok(first.length > 0 && first.every(([, created, updated, unchanged]) => created > 0 && updated === '0' && unchanged === '0'), `expected only new records, got ${first}`);
    const changed = (await importSample()).filter(([, created, updated]) => created !== '0' || updated !== '0');
    assert.deepEqual(changed, []);
  });

  for (const [collection, count] of Object.entries(counts))
    test(`${count} of ${collection}`, () => assert.equal(records[collection]?.length, count));

  for (const [collection, expected] of Object.entries(ids))
    test(`the ids of ${collection}`, () => assert.deepEqual(records[collection].map(({ id }) => id), expected));

  for (const [collection, expected] of Object.entries(among))
    test(`ids among ${collection}`, () => {
      const there = new Set(records[collection].map(({ id }) => id));
      assert.deepEqual(expected.filter((id) => !there.has(id)), []);
    });

  test('9 speakers, 10 lead links to 10 people, projects by 2, 2 and 1', () => {
    const leads = records.projects.flatMap((project) => project.leads);
    assert.equal(new Set(records.statements.map(({ speaker }) => speaker)).size, 9);
    assert.deepEqual([leads.length, new Set(leads).size], [10, 10]);
    assert.deepEqual(records.pillars.map(({ id }) => records.projects.filter(({ pillar }) => pillar === id).length), [2, 2, 1]);
  });

  test('an award and a fund of undisclosed amount, a bid that was won, a launch, a leadership group', () => {
    assert.deepEqual(records.awards.map(({ amount }) => amount), [undefined, 3000000]);
    assert.deepEqual(records.funds.map(({ amount }) => amount), [undefined]);
    assert.deepEqual(records.bids.map(({ state }) => state), ['won']);
    assert.deepEqual(records.events.map(({ kind }) => kind), ['launch']);
    assert.equal(records.groups.filter(({ kind }) => kind === 'leadership_group').length, 1);
  });

  test('3 commitments are of a service, 1 is of all', () =>
    assert.deepEqual(records.commitments.map(({ service }) => service ?? 'all').sort(), ['A&E', 'Maternity', 'Paediatrics', 'all']));

  test('the population is assumed to grow by over 200,000', () =>
    assert.deepEqual(records.assumptions.map(({ value }) => value), [{ value: 200000, qualifier: 'over', unit: 'people' }]));

  test('what did the £3m buy?', async () => {
    const { rows, undisclosed, ...sums } = await register.get('awards/nhs-england-blmk-hub/breakdown?by=pillar');
    assert.deepEqual(sums, { award: 'nhs-england-blmk-hub', amount: 3000000, currency: 'GBP', allocated: 0, committed: 0, spent: 0, unallocated: 3000000 });
    assert.deepEqual(rows.map(({ label, projects }) => [label, projects]), [['Inclusive workforce', 2], ['New ways of working', 2], ['Safeguarding', 1]]);
    assert.deepEqual(undisclosed.map(({ award, funder }) => [award, funder]), [['luton-council-mapping-study', 'luton-council']]);
  });

  test('no code and no date but those that the articles give', () => {
    const given = (types, names = []) => schema.flatMap(({ name: collection, fields }) => fields
      .filter(({ name, type }) => types.includes(type) || names.includes(name))
      .flatMap(({ name }) => records[collection].filter((record) => record[name] !== undefined).map((record) => `${collection}/${record.id} ${name} ${JSON.stringify(record[name])}`)));
    assert.deepEqual(given(['ids'], ['orcid', 'gss_code']), []);
    assert.deepEqual(given(['date', 'pdate']).sort(), [
      ...['clinical-teams-integrated', 'joint-board', 'patient-care-streamlined']
        .flatMap((id) => [`milestones/${id} baseline_due "2018"`, `milestones/${id} due "2018"`]),
      'strategies/health-services-strategy-2040 horizon_ends "2040"',
    ]);
  });

  test('every record says which article it rests on, with its words', () => {
    const silent = Object.entries(records).flatMap(([collection, list]) => list
      .filter(({ sources }) => !sources?.length || sources.some(({ quote }) => !quote)).map(({ id }) => `${collection}/${id}`));
    assert.deepEqual(silent, []);
  });

  test('one warning: the cluster has nobody from industry', () => {
    const warned = Object.entries(records).flatMap(([collection, list]) => list
      .flatMap(({ id, meta }) => (meta.warnings ?? []).map(({ code, detail }) => `${collection}/${id} ${code}: ${detail}`)));
    assert.deepEqual(warned, [
      'clusters/hiec-north-east-london sector_missing: A HIEC brings together the NHS, medical education, academia and industry; its constituents do not include: industry',
    ]);
  });

  test('answers what the pages of the plugins show', async () => {
    for (const plugin of new Set(schema.map((collection) => collection.plugin))) {
      const page = await source(`plugins/${plugin}/README.md`);
      const shown = [...page.matchAll(/```\nGET \/api\/v1\/(\S+)\n```\n```json\n(.*?)```/gs)];
      assert.ok(shown.length > 0, `expected a request with its answer in the page of ${plugin}`);
      for (const [, path, answer] of shown) assert.deepEqual(await register.get(path), JSON.parse(answer), path);
    }
  });

  test('is sound', async () => {
    await ouse(process.env.OUSE_BIN, ['verify', '-c', register.config]);
  });

  describe('an e-mail address that is for the office', () => {
    const address = /marquand@|qmul\.ac\.uk/i;

    const answer = async (path, { as, method = 'GET', body } = {}) => {
      const authorization = as === 'public' ? {} : { authorization: `Bearer ${register.tokens[as]}` };
      const response = await fetch(new URL(path, `${register.origin}/api/v1/`), {
        method, body, redirect: 'manual', headers: { ...authorization, ...(body ? { 'content-type': 'application/json' } : {}) },
      });
      return { status: response.status, text: `${[...response.headers].join('\n')}\n${await response.text()}` };
    };

    // The routes that the plugins bring, with the records of their collection for {id}.
    const computed = async () => {
      const paths = [];
      for (const plugin of plugins) {
        const { stdout } = await ouse(process.env.OUSE_BIN, ['plugin', 'show', `${process.env.OUSE_PLUGINS}/${plugin}.so`, '--json']);
        for (const { method, path } of JSON.parse(stdout).routes.filter((route) => route.method === 'GET'))
          paths.push(...(path.includes('{id}') ? records[path.replace(/^\//, '').split('/')[0]].map(({ id }) => path.replace('{id}', id)) : [path]));
      }
      return paths;
    };

    const stored = () => Object.entries(records).flatMap(([collection, list]) => [
      `${collection}?limit=200`, `-/schema/${collection}`, `${collection}/no-such-record`, `${collection}?no_such_parameter=1`,
      ...list.flatMap(({ id }) => [`${collection}/${id}`, `${collection}/${id}/revisions`, `${collection}/${id}/revisions/1`]),
    ]);

    const ofTheServer = [
      '/healthz', '/readyz', '/version', '/metrics', '/', '/people/rupert-marquand', '/api/v1', '-/schema', '-/plugins', '-/whoami', 'openapi.json',
      '-/changes', '-/changes?limit=1000', '-/search?q=marquand', '-/search?q=qmul', 'people?q=marquand', 'people?email[prefix]=r', 'people?email[exists]=true',
      'people?sort=email', 'people?fields=email', 'people?facet=email', 'people/-/summary?group=email', 'people?expand=appointments', 'people.csv', 'people.ndjson',
      'people/rupert-marquand.csv', 'people/rupert-marquand.json', 'appointments?expand=person', 'appointments/rupert-marquand-press-contact?expand=person',
      'people/rupert-marquand/revisions/99', 'people/rupert-marquand/no-such-view', 'people/-/no-such-view',
    ];

    const writes = [
      ['POST', 'people', { name: 'Rupert Marquand' }], ['PUT', 'people/rupert-marquand', { name: 'X' }], ['PATCH', 'people/rupert-marquand', { name: 'X' }],
      ['DELETE', 'people/rupert-marquand'], ['POST', 'people/rupert-marquand/merge', { into: 'nobody' }],
      ['POST', '-/batch', { operations: [{ op: 'patch', collection: 'people', id: 'rupert-marquand', data: { name: 'X' }, if_match: '"0"' }] }],
    ];

    for (const as of ['public', 'partner'])
      test(`is in no answer to the ${as}, by whatever way`, async () => {
        const paths = [...stored(), ...ofTheServer, ...await computed()];
        const found = [], broken = [];
        const look = ({ status, text }, what) => {
          if (address.test(text)) found.push(what);
          if (status >= 500) broken.push(`${what} ${status}`);
        };
        for (const path of paths) look(await answer(path, { as }), path);
        for (const [method, path, body] of writes) look(await answer(path, { as, method, body: JSON.stringify(body) }), `${method} ${path}`);
        assert.deepEqual({ found, broken }, { found: [], broken: [] });
        assert.ok(paths.length > 500, `expected to walk over 500 paths, got ${paths.length}`);
      });

    test('is there for the office', async () => {
      for (const path of ['people/rupert-marquand', 'people?limit=200', 'people/rupert-marquand/revisions/1'])
        assert.match((await answer(path, { as: 'office' })).text, address, path);
    });
  });
});
