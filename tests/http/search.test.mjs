// Records are found by their words: in lists and over all collections, as they are now, by those who may see them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { built, source, start } from './ouse.mjs';

const enabled = async () => /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', ');
const ids = ({ data }) => data.map(({ id }) => id);
const hits = ({ data }) => data.map(({ collection, id }) => `${collection}/${id}`);
// What ranges lead to, in the strings of this language.
const marked = (text, ranges) => ranges.map(([from, to]) => text.slice(from, to));

describe('search over the sample', built, () => {
  let register;
  before(async () => {
    register = await start(...await enabled());
    await register.run('import', new URL('../../conf/sample', import.meta.url).pathname);
  });
  after(() => register?.stop());
  const search = (query, as) => register.get(`-/search?${query}`, as);

  test('finds a record by words of any of its fields', async () => {
    assert.deepEqual(ids(await register.get('projects?q=frailty')), ['ageing-well']);
    assert.deepEqual(ids(await register.get('projects?q=FRAILTY sarcopenia')), ['ageing-well']);
    assert.deepEqual(ids(await register.get('projects?q=frailty outreach')), []);
    assert.ok(ids(await register.get('people?q=Pappas')).includes('yannis-pappas'));
  });

  test('takes the last word for a beginning, unless something follows it', async () => {
    assert.deepEqual(ids(await register.get('people?name[contains]=pap')), ['yannis-pappas']);
    assert.deepEqual(ids(await register.get('people?name[contains]=pap%20')), []);
    assert.deepEqual(ids(await register.get('people?name[contains]=yan pap')), []);
    assert.deepEqual(ids(await register.get('people?name[contains]=yannis pap')), ['yannis-pappas']);
  });

  test('looks in one field where it is asked to', async () => {
    assert.deepEqual(ids(await register.get('projects?title[contains]=ageing')), ['ageing-well']);
    assert.deepEqual(ids(await register.get('projects?title[contains]=frailty')), []);
    assert.deepEqual(ids(await register.get('projects?subtitle[contains]=frailty')), ['ageing-well']);
    assert.ok((await register.get('projects?pillar.name[contains]=new ways')).data.length > 0);
  });

  test('is a filter among others', async () => {
    const { data, page, facets } = await register.get('hubs?q=research&count=exact&facet=state&sort=name&limit=1');
    assert.deepEqual([data.length, page.count], [1, 2]);
    assert.equal(Object.values(facets.state).reduce((a, b) => a + b), 2);
    const rest = await register.get(`hubs?q=research&count=exact&facet=state&sort=name&limit=1&cursor=${page.next}`);
    assert.notEqual(rest.data[0].id, data[0].id);
    assert.equal((await register.get('hubs/-/summary?q=research')).total.count, 2);
    const csv = await fetch(`${register.origin}/api/v1/hubs.csv?q=cambridge`);
    assert.equal((await csv.text()).trim().split('\n').length, 2);
  });

  test('finds the quotations of sources', async () => {
    const { data } = await search('q=providing focuses&collection=aims');
    assert.deepEqual(data.map(({ id }) => id), ['preventing-major-illnesses']);
    assert.equal(data[0].snippet.field, 'sources');
    assert.deepEqual(marked(data[0].snippet.text, data[0].snippet.ranges), ['provide', 'focus']);
  });

  test('finds everything in a record that names it', async () => {
    assert.ok(hits(await search('q=sarcopenia')).includes('projects/ageing-well'));
    assert.equal(hits(await search('q=ageing well'))[0], 'projects/ageing-well');
    assert.deepEqual(hits(await search('q=ageing well&collection=hubs')), []);
  });

  test('puts what is called so first, and says where the words are', async () => {
    const { data, page } = await search('q=bedfordshire&limit=50');
    assert.deepEqual(page, { limit: 50, next: null, more: false });
    const scores = data.map(({ score }) => score);
    assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
    assert.equal(data[0].label, 'Bedfordshire');
    // A label that is made of references has their words, too; no text of its own need have them.
    for (const { label, score } of data) assert.equal(score >= 0.75, /bedfordshire/i.test(label), `${label} ${score}`);
    assert.ok(data.some(({ collection, score }) => collection === 'partners' && score === 0.75), 'a partner is called after its organisation');
    for (const { label, label_ranges: ranges, snippet } of data) {
      for (const word of [...marked(label, ranges), ...(snippet ? marked(snippet.text, snippet.ranges) : [])]) assert.match(word, /^bedfordshire$/i);
      assert.ok(snippet ? snippet.text.length <= 202 && snippet.ranges.length > 0 : ranges.length > 0, JSON.stringify([label, snippet]));
    }
  });

  test('suggests what people call a record', async () => {
    const { data, page } = await register.get('-/suggest?q=univ bed');
    assert.deepEqual([data, page.limit], [[], 10], 'only the last word is a beginning');
    const first = (await register.get('-/suggest?q=university of bed')).data[0];
    assert.deepEqual(first, { collection: 'organisations', id: 'university-of-bedfordshire', label: 'University of Bedfordshire', label_ranges: [[0, 10], [14, 17 + 9]] });
    assert.ok((await register.get('-/suggest?q=a')).data.length <= 10);
    assert.deepEqual(hits(await register.get('-/suggest?q=frailty')), [], 'a subtitle is no name');
  });

  test('says what is wrong with a question', async () => {
    for (const [path, code] of [
      ['-/search?q=%20', 'value'], ['-/search?q=…', 'value'], ['-/search?q=x&collection=hub', 'unknown_collection'], ['-/search?q=x&limit=51', 'value'], ['-/search?q=x&limit=0', 'value'],
      ['-/search?q=x&limit=99999999999', 'value'], ['-/suggest?q=x&limit=11', 'value'], ['hubs?q=', 'value'], ['hubs?name[contains]=-', 'value'], [`hubs?q=${'x '.repeat(33)}`, 'too_many'],
      [`-/search?q=${'a b c d '.repeat(40)}`, 'too_many'], ['people?email[contains]=x', undefined], ['hubs?state[contains]=x', 'operator']])
      for (const as of ['public', 'manager']) {
        if (path.startsWith('people?email') && as === 'manager') continue;
        const { body } = await register.expect(400, 'GET', path, { as });
        assert.equal(body.errors?.[0].code, code, `${path}: ${JSON.stringify(body)}`);
      }
    await register.expect(400, 'GET', '-/search', {});
  });

  test('keeps the address of the press contact', async () => {
    for (const word of ['qmul', 'r.marquand', 'r.marquand@qmul.ac.uk'])
      for (const as of ['public', 'partner']) {
        assert.ok(!hits(await search(`q=${word}&collection=people`, as)).length, word);
        assert.deepEqual(ids(await register.get(`people?q=${word}`, as)), [], word);
      }
  });

  test('answers as its page says', async () => {
    const page = await readFile(new URL('../../plugins/search/README.md', import.meta.url), 'utf8');
    const shown = [...page.matchAll(/```\nGET \/api\/v1\/(\S+)\n```\n```json\n(.*?)```/gs)];
    assert.equal(shown.length, 2);
    for (const [, path, answer] of shown) assert.deepEqual(await register.get(path), JSON.parse(answer), path);
  });
});

describe('the words of a register', built, () => {
  let register;
  const people = async (q, as) => ids(await register.get(`people?q=${encodeURIComponent(q)}`, as));
  const reads = { as: 'manager' };
  before(async () => { register = await start('directory', 'search'); });
  after(() => register?.stop());

  test('follow every change', async () => {
    await register.create('people', { id: 'ann', name: 'Ann Prymak' });
    await register.create('people', { id: 'bea', name: 'Béatrice O’Brien-Smith (co-production 🎉, שלום)' });
    for (const q of ['prymak', 'PRYM', 'ann']) assert.deepEqual(await people(q), ['ann'], q);
    for (const q of ['beatrice', 'BÉATRICE', 'obrien', "o'brien", 'brien smith', 'coproduction', 'co production', 'co-product', '🎉', 'שלום']) assert.deepEqual(await people(q), ['bea'], q);
    await register.patch('people/ann', { name: 'Ann Zander' });
    assert.deepEqual([await people('prymak'), await people('zander')], [[], ['ann']]);
    const before = await register.expect(200, 'GET', 'people/ann', reads);
    await register.expect(200, 'POST', 'people/ann/revert', { ...reads, body: { to: 1 }, headers: { 'if-match': before.headers.get('etag') } });
    assert.deepEqual([await people('prymak'), await people('zander')], [['ann'], []]);
    await register.expect(200, 'POST', 'people/ann/merge', { ...reads, body: { into: 'bea' }, headers: { 'if-match': (await register.expect(200, 'GET', 'people/ann', reads)).headers.get('etag') } });
    assert.deepEqual(await people('prymak'), []);
    await register.remove('people/bea');
    assert.deepEqual(await people('beatrice'), []);
    await register.run('verify');
  });

  // A question, and the people whose names it finds: of each line all are written alike.
  test('are found however they are written', async () => {
    const names = {
      'a-e': 'A&E nurses', essex: 'Essex nurses', 'l-d': 'L & D physio', dunstable: 'Lorry Driver', 'r-d': 'R and D lead', cpp: 'C++ author', csharp: 'C# author', cab: 'Cab author',
      'covid-hyphen': 'COVID-19 team', 'covid-joined': 'Covid19 team', 'covid-apart': 'Covid 19 team', covid: 'Covid team',
      british: 'Organisation of the paediatric programme centre', american: 'Organization of the pediatric program center', organ: 'Organ donor',
    };
    await register.import('people', Object.entries(names).map(([id, name]) => ({ id, name })));
    for (const [questions, expected] of [
      [['A&E', 'a & e', 'A and E', 'A&E nurses', "A&E's"], ['a-e']], [['L&D', 'l and d', 'L & D'], ['l-d']], [['R&D', 'R & D', 'rd', 'r&d lead'], ['r-d']],
      [['C++', 'c++ author'], ['cpp']], [['C#'], ['csharp']], [['author c '], ['cpp', 'csharp']],
      [['covid 19', 'Covid19', 'COVID-19', 'covid 19 team', 'covid19 te'], ['covid-apart', 'covid-hyphen', 'covid-joined']],
      [['covid'], ['covid', 'covid-apart', 'covid-hyphen', 'covid-joined']],
      [['organisation', 'organization', 'organisations', 'paediatric', 'pediatrics', 'programme', 'program', 'centre', 'centers', 'program centre', 'organisat', 'paediatr', 'pediatri'], ['american', 'british']],
      [['organ '], ['organ']],
    ])
      for (const q of questions) {
        assert.deepEqual(await people(q), expected, q);
        assert.deepEqual(ids(await register.get(`people?name[contains]=${encodeURIComponent(q)}`)), expected, `contains ${q}`);
        for (const path of ['search', 'suggest']) {
          const { data } = await register.get(`-/${path}?q=${encodeURIComponent(q)}`);
          assert.deepEqual(data.map(({ id }) => id).sort(), expected, `${path} ${q}`);
          for (const { label, label_ranges: ranges } of data) assert.ok(ranges.length > 0, `${path} ${q} marks nothing in ${label}`);
        }
      }
    const [{ label, label_ranges: ranges }] = (await register.get('-/search?q=A%26E')).data;
    assert.deepEqual(marked(label, ranges), ['A&E']);
    for (const id of Object.keys(names)) await register.remove(`people/${id}`);
  });

  test('are those of identifiers and titles of choices, too', async () => {
    await register.import('organisations', [
      { id: 'elft', name: 'East London NHS Foundation Trust', kind: 'nhs_trust', identifiers: [{ scheme: 'ods', value: 'RWK' }] },
      { id: 'surgery', name: 'Larksfield Surgery', kind: 'gp_practice', identifiers: [{ scheme: 'ods', value: 'A81001' }] },
      { id: 'rwk-club', name: 'The club of friends of the RWK', kind: 'charity' },
    ]);
    await register.create('people', { id: 'gil', name: 'Gil Stone', orcid: '0000-0002-1825-0097' });
    for (const q of ['RWK', 'rwk', 'A81001', '0000-0002-1825-0097', '0000-0002-1825-0'])
      for (const path of ['search', 'suggest']) {
        const { data } = await register.get(`-/${path}?q=${q}`);
        const expected = q.startsWith('A') ? 'surgery' : q.startsWith('0') ? 'gil' : 'elft';
        assert.equal(data[0].id, expected, `${path} ${q}`);
        assert.equal(data.length, expected === 'elft' ? 2 : 1, `${path} ${q}`);
      }
    assert.deepEqual(ids(await register.get('-/suggest?q=RW')).sort(), ['elft', 'rwk-club'], 'a beginning of a code');
    assert.deepEqual(ids(await register.get('organisations?q=RWK london')), ['elft']);
    assert.deepEqual(ids(await register.get('organisations?q=GP practice')), ['surgery']);
    const [hit] = (await register.get('-/search?q=A81001')).data;
    assert.deepEqual(hit.snippet, { text: 'A81001', ranges: [[0, 6]], field: 'identifiers' });
    assert.deepEqual((await register.get('-/search?q=gp practice')).data[0].snippet, { text: 'GP practice', ranges: [[0, 2], [3, 11]], field: 'kind' });
    await register.expect(400, 'GET', 'organisations?identifiers[contains]=RWK');
    for (const id of ['elft', 'surgery', 'rwk-club']) await register.remove(`organisations/${id}`);
    await register.remove('people/gil');
  });

  test('are those of a batch or an import as a whole', async () => {
    const operations = [{ op: 'create', collection: 'people', id: 'cy', data: { name: 'Cy Ortega' } }, { op: 'create', collection: 'people', id: 'dee', data: { name: 7 } }];
    await register.expect(422, 'POST', '-/batch', { ...reads, body: { operations } });
    assert.deepEqual(await people('ortega'), []);
    await register.expect(200, 'POST', '-/batch', { ...reads, body: { operations: operations.slice(0, 1) } });
    assert.deepEqual(await people('ortega'), ['cy']);
    await register.import('people', [{ id: 'eli', name: 'Eli Ortega' }, { id: 'flo', name: 'Flo Ortega', meta: { visibility: 'office' } }]);
    assert.deepEqual([await people('ortega'), await people('ortega', 'office')], [['cy', 'eli'], ['cy', 'eli', 'flo']]);
  });

  test('are there at once for those who may see them, and counted for nobody else', async () => {
    for (const [as, n] of [['public', 2], ['partner', 2], ['office', 3]]) {
      assert.equal((await register.get('-/search?q=ortega', as)).data.length, n, as);
      assert.equal((await register.get('-/suggest?q=ort', as)).data.length, n, as);
      assert.equal((await register.get('people?q=ortega&count=exact', as)).page.count, n, as);
    }
  });

  test('come and go with the plugin', async () => {
    const changes = async () => (await register.get('-/changes?limit=200', 'manager')).data.length;
    const last = await changes();
    await register.restart('directory');
    await register.expect(400, 'GET', 'people?q=ortega');
    await register.expect(404, 'GET', '-/search?q=ortega');
    await register.run('verify');
    await register.create('people', { id: 'gus', name: 'Gus Ortega' });
    await register.restart('directory', 'search');
    assert.deepEqual(await people('ortega'), ['cy', 'eli', 'gus']);
    assert.equal(await changes(), last + 1, 'nobody is told of records that did not change');
    await register.run('verify');
  });
});
