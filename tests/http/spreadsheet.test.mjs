// Spreadsheets for people, `.csv?for=people`: labels, titles, words, numbers; and what they must not have.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { built, source, start } from './ouse.mjs';

const sampleFolder = fileURLToPath(new URL('../../conf/sample', import.meta.url));

// The cells of CSV, as a spreadsheet reads them.
const cellsOf = (text) => {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ',') rows.push([]);
  }
  return rows.filter(({ length }) => length);
};

describe('spreadsheets for people', built, () => {
  let register;
  const get = async (path, { as, status = 200, accept = '*/*' } = {}) => {
    const response = await fetch(`${register.origin}/api/v1/${path}`, { headers: { accept, ...(as && { authorization: `Bearer ${register.tokens[as]}` }) } });
    assert.equal(response.status, status, path);
    return { headers: response.headers, text: Buffer.from(await response.arrayBuffer()).toString() };
  };
  const sheet = async (path, options) => {
    const { text } = await get(path, options);
    assert.ok(text.startsWith('\ufeff'), 'expected a byte order mark');
    const [header, ...rows] = cellsOf(text.slice(1));
    for (const row of rows) assert.equal(row.length, header.length, String(row));
    return rows.map((row) => Object.fromEntries(row.map((cell, i) => [header[i], cell])));
  };

  before(async () => {
    register = await start(.../^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', '));
    await promisify(execFile)(process.env.OUSE_BIN, ['import', '-c', register.config, sampleFolder]);
    await register.create('organisations', { id: 'evil', name: '=HYPERLINK("http://x")', kind: 'other' });
    await register.create('people', { id: 'evil', name: '@SUM(A1)' });
    await register.create('organisations', { id: 'secret', name: 'Secret trust', kind: 'other', meta: { visibility: 'office' } });
    await register.create('projects', { id: 'dated', title: 'Dated one', starts: '2025-03-01', ends: '2026-06' });
    await register.create('projects', { id: 'dated-2', title: 'Dated two', starts: '2025' });
    await register.create('awards', { id: 'odd', title: '-1+1', description: 'A “quote”, with a comma', funder: 'evil', recipient: 'secret', kind: 'grant', amount: 1234.5, currency: 'EUR' });
  });
  after(() => register?.stop());

  test('projects have titles, labels and dates in words, and nothing of the machine', async () => {
    const rows = await sheet('projects.csv?for=people&sort=title'), [first] = rows;
    assert.deepEqual(rows.map(({ Title }) => Title), (await register.get('projects?sort=title&limit=200')).data.map(({ title }) => title));
    const ageing = rows.find(({ Title }) => Title === 'Ageing well'), { pillar, leads } = await register.get('projects/ageing-well');
    assert.equal(ageing.Pillar, (await register.get(`pillars/${pillar}`)).name);
    const people = await Promise.all(leads.map((id) => register.get(`people/${id}`)));
    assert.equal(ageing.Leads, people.map(({ name }) => name).join('; '));
    assert.deepEqual(rows.filter(({ Title }) => Title.startsWith('Dated')).map(({ Starts, Ends }) => [Starts, Ends]), [['1 March 2025', 'June 2026'], ['2025', '']]);
    assert.equal(ageing.Stage, 'Confirmed');
    for (const name of ['id', 'ID', 'sources', 'meta.visibility', 'pillar']) assert.ok(!(name in first), name);
    const ids = new Set((await register.get('people?limit=200')).data.map(({ id }) => id));
    for (const row of rows) for (const cell of Object.values(row)) assert.ok(!ids.has(cell) && !/^[a-z-]+\/[a-z0-9-]+$/.test(cell), cell);
  });

  test('amounts are numbers, unknown ones are empty, formulas are guarded', async () => {
    const rows = await sheet('awards.csv?for=people'), row = (title) => rows.find(({ Title }) => Title === title);
    const odd = row("'-1+1");
    assert.deepEqual([odd.Amount, odd.Currency, odd.Funder, odd.Recipient, odd.Kind], ['1234.5', 'EUR', '\'=HYPERLINK("http://x")', '', 'Grant']);
    assert.equal(odd.Description, 'A “quote”, with a comma');
    assert.equal(row('NHS England award for the BLMK ICS Research & Innovation Hub').Amount, '3000000');
    assert.equal((await sheet('awards.csv?for=people', { as: 'office' })).find(({ Title }) => Title === "'-1+1").Recipient, 'Secret trust');
    assert.ok(rows.some(({ Amount }) => Amount === ''));
    const { text } = await get('awards.csv?for=people');
    for (const [line] of text.slice(1).matchAll(/(?<=^|,|\n)"?[=+@-][^\n]*/g)) assert.match(line, /^-?\d/, line);
  });

  test('quantities, identifiers, choices and truth values are words', async () => {
    await register.create('organisations', { id: 'one', name: 'One', kind: 'nhs_trust', identifiers: [{ scheme: 'ods', value: 'RC9' }, { scheme: 'ukprn', value: '10007140' }] });
    assert.equal((await sheet('organisations.csv?for=people&name=One'))[0].Identifiers, 'ODS RC9; UKPRN 10007140');
    const [cluster] = await sheet('clusters.csv?for=people');
    assert.equal(cluster.Reach, 'over 6,000,000 people');
    assert.equal((await sheet('organisations.csv?for=people&name=NHS England'))[0].Kind, 'NHS England');
    const scheme = (await register.get('schemes?limit=1')).data[0];
    assert.ok((await sheet('schemes.csv?for=people')).every(({ Audience, Funded }) => !/_/.test(Audience) && ['', 'Yes', 'No'].includes(Funded)), JSON.stringify(scheme));
  });

  test('filters, order, fields and one record are as elsewhere; the file has a name', async () => {
    assert.deepEqual(await sheet('projects.csv?for=people&fields=title,state&pillar.hub=blmk-research-innovation-hub&sort=-title'),
      (await register.get('projects?pillar.hub=blmk-research-innovation-hub&sort=-title&limit=200')).data.map(({ title }) => ({ Title: title, Stage: 'Confirmed' })));
    const [one] = await sheet('projects/ageing-well.csv?for=people');
    assert.equal(one.Title, 'Ageing well');
    const day = new Date().toISOString().slice(0, 10);
    assert.equal((await get('projects.csv?for=people')).headers.get('content-disposition'), `attachment; filename="projects-${day}.csv"`);
    assert.equal((await get('projects/ageing-well.csv?for=people')).headers.get('content-disposition'), `attachment; filename="ageing-well-${day}.csv"`);
    assert.equal((await get('projects.csv')).headers.get('content-disposition'), null);
  });

  test('the machine CSV is as it was, and other formats refuse the word', async () => {
    assert.match((await get('projects.csv')).text, /^id,pillar,title,/);
    assert.match((await get('projects?for=people', { accept: 'text/csv' })).text, /^\ufeffPillar,Title,/);
    for (const path of ['projects?for=people', 'projects.ndjson?for=people', 'projects/ageing-well?for=people', 'projects.csv?for=machines'])
      assert.match((await get(path, { status: 400 })).text, path.includes('machines') ? /for must be \\"people\\"/ : /for=people applies to CSV/);
    // A field of that name is filtered as before, next to it too.
    const { data } = await register.get('awards?for=hubs/blmk-research-innovation-hub');
    assert.ok(data.length > 0 && data.every((award) => award.for === 'hubs/blmk-research-innovation-hub'));
    assert.equal((await sheet('awards.csv?for=people&for[eq]=hubs/blmk-research-innovation-hub')).length, data.length);
  });
});
