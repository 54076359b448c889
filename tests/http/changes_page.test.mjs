// The page of changes says what changed since a day, one row for each record, and shows nothing that changed nothing.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, start, startWith } from './ouse.mjs';
import { html, linksOf, plain, textOf } from './walk.mjs';

const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

describe('the page of changes', built, () => {
  let register;
  const read = async (path, status = 200) => {
    const response = await fetch(register.origin + path, { headers: html });
    assert.equal(response.status, status, path);
    return response.text();
  };
  const page = (query = '') => read(`/changes${query}`);
  const row = async (label) => ((await page()).match(/<tr><th scope="row">[^]*?<\/tr>/g) ?? []).map((one) => textOf(one).trim()).find((one) => one.startsWith(`${label} `));

  before(async () => {
    register = await startWith(['site { address = "https://register.example.org" }'], 'directory', 'hubs', 'funding', 'feed', 'site');
    await register.create('hubs', { id: 'north', name: 'North hub', kind: 'research_hub' });
    await register.create('pillars', { id: 'first', hub: 'north', number: 1, name: 'First' });
    for (const id of ['ada', 'bob']) await register.create('people', { id, name: `${id[0].toUpperCase()}${id.slice(1)} Example` });
  });
  after(() => register?.stop());

  test('says what was added', async () => {
    await register.create('projects', { id: 'falls', title: 'Falls', pillar: 'first', ends: '2028-08' });
    assert.match(await row('Falls'), /^Falls Project Added \d+ \w+ \d{4}, \d\d:\d\d (GMT|BST) , history of Falls$/);
    assert.match(textOf(await page('?type=projects')), / 1 project added /);
    assert.match(textOf(await page()), / 5 records added /);
  });

  test('has a row for a record that was removed, with its last label', async () => {
    await register.create('people', { id: 'cy', name: 'Cy Example' });
    const text = async () => textOf(await page('?type=people'));
    assert.match(await text(), /Cy Example Person Added/);
    await register.patch('people/cy', { name: 'Cy Renamed' });
    await register.remove('people/cy');
    assert.doesNotMatch(await text(), /Cy /, 'expected nothing of what was added and removed since');
    const history = await read('/people/cy/history');
    assert.match(history, /<h1>Cy Renamed<\/h1>/);
    assert.match(textOf(history), /The record was removed/);
  });

  test('keeps the form with what was typed if the day is none', async () => {
    for (const [query, mistake] of [
      ['?since-day=30&since-month=2&since-year=2026', 'Enter a day, a month and a year, like 27 3 2026'],
      ['?since-day=30&since-month=&since-year=2026', 'Enter a day, a month and a year, like 27 3 2026'],
      ['?since-day=1&since-month=1&since-year=2999', 'Enter a day that is not in the future'],
    ]) {
      const text = await page(`${query}&type=people`);
      assert.match(textOf(text), new RegExp(mistake), query);
      assert.match(text, new RegExp(`name="since-day"[^>]* value="${/since-day=(\d+)/.exec(query)[1]}"`), query);
      assert.match(text, /<option value="people" selected>/, query);
      assert.doesNotMatch(text, /<table/, query);
    }
    await read('/changes?since=yesterday', 400);
    await read('/changes?type=nothing', 400);
    await read('/changes.csv?since-day=30&since-month=2&since-year=2026', 400);
  });

  test('takes a day in three fields, and links keep it', async () => {
    const [year, month, date] = day(-40).split('-').map(Number);
    const text = await page(`?since-day=${date}&since-month=${month}&since-year=${year}&type=people`);
    assert.match(text, new RegExp(`name="since-day"[^>]* value="${date}"`));
    assert.match(text, new RegExp(`name="since-year"[^>]* value="${year}"`));
    const links = linksOf(text);
    assert.ok(links.includes(`/changes.csv?since=${day(-40)}&type=people`), links.join(' '));
    assert.ok(links.some((link) => link.startsWith('/api/v1/-/changes/summary?since=') && link.endsWith('&type=people')), links.join(' '));
    assert.match(textOf(await page(`?since=${day(1)}`)), /not in the future/);
  });
});

describe('differences', built, () => {
  let register, since;
  const page = async (path = `/changes?since=${since}`) => (await fetch(register.origin + path, { headers: html })).text();
  const row = async (label) => {
    const rows = (await page()).match(/<tr><th scope="row">[^]*?<\/tr>/g) ?? [];
    const found = rows.map((one) => textOf(one).replace(/ , history of.*/, '').trim()).filter((one) => one.startsWith(`${label} `));
    assert.ok(found.length < 2, `expected at most one row: ${found.join('\n')}`);
    return found[0]?.replace(/ \d+ \w+ \d{4}, \d\d:\d\d (GMT|BST)$/, '');
  };

  before(async () => {
    register = await start('directory', 'hubs', 'funding', 'site');
    await register.create('organisations', { id: 'council', name: 'Council', kind: 'local_authority' });
    await register.create('hubs', { id: 'north', name: 'North hub', kind: 'research_hub' });
    await register.create('pillars', { id: 'first', hub: 'north', number: 1, name: 'First' });
    for (const id of ['ada', 'bob', 'cy']) await register.create('people', { id, name: `${id[0].toUpperCase()}${id.slice(1)} Example` });
    await register.create('projects', { id: 'falls', title: 'Falls', pillar: 'first', ends: '2028-08', leads: ['ada', 'bob'], summary: 'Short.' });
    await register.create('projects', { id: 'sleep', title: 'Sleep', pillar: 'first', ends: '2028-08' });
    await register.create('awards', { id: 'grant', title: 'Grant', kind: 'grant', amount: 3000, currency: 'EUR', funder: 'council', for: 'projects/falls', description: 'A grant for falls.' });
    since = await register.instant();
  });
  after(() => register?.stop());

  test('are of one value in place of another, and of a list of what was added or removed', async () => {
    await register.patch('projects/falls', { ends: '2030', leads: ['ada'] });
    await register.patch('projects/falls', { ends: '2029-08', leads: ['cy', 'ada'] });
    assert.equal(await row('Falls'), 'Falls Project Leads: added Cy Example removed Bob Example Ends: August 2028 → August 2029');
    await register.patch('projects/falls', { leads: ['bob', 'ada'], ends: null });
    assert.equal(await row('Falls'), 'Falls Project Leads: in another order Ends: removed August 2028');
  });

  test('are none of what was reverted', async () => {
    await register.patch('projects/sleep', { ends: '2030', title: 'Sleep well' });
    assert.equal(await row('Sleep well'), 'Sleep well Project Title: Sleep → Sleep well Ends: August 2028 → 2030');
    await register.patch('projects/sleep', { ends: '2028-08', title: 'Sleep' });
    assert.equal(await row('Sleep'), undefined);
  });

  test('of amounts are in the currency of the record, and long texts are not shown in full', async () => {
    await register.patch('awards/grant', { amount: 4000 });
    assert.match(await row('Grant'), /Amount: EUR 3,000 → EUR 4,000/);
    await register.patch('awards/grant', { currency: 'GBP' });
    assert.match(await row('Grant'), /Amount: EUR 3,000 → £4,000/);
    await register.patch('projects/falls', { summary: 'Longer, and in another way.', leads: ['ada', 'bob'], ends: '2028-08' });
    assert.equal(await row('Falls'), 'Falls Project Summary: rewritten');
  });

  test('are in the file, a row for each field', async () => {
    await register.patch('projects/falls', { ends: '2029-08', leads: ['cy'], summary: 'Short.' });
    await register.create('people', { id: 'dee', name: '=Dee "D" Example' });
    const response = await fetch(`${register.origin}/changes.csv?since=${since}`);
    assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'expected a mark by which Excel knows UTF-8');
    const lines = bytes.toString('utf8').slice(1).trim().split('\r\n');
    assert.equal(lines[0], '"Type","Record","What happened","Field","Before","After","When","Address"');
    const found = (text) => lines.filter((line) => line.includes(text)).map((line) => line.replace(/"\d+ \w+ \d{4}, [^"]*"/, '"WHEN"'));
    assert.deepEqual(found('"Falls"'), [
      '"Project","Falls","Changed","Leads","Ada Example; Bob Example","Cy Example","WHEN","/projects/falls"',
      '"Project","Falls","Changed","Ends","August 2028","August 2029","WHEN","/projects/falls"',
    ]);
    assert.deepEqual(found('Dee'), ['"Person","\'=Dee ""D"" Example","Added","","","","WHEN","/people/dee"']);
  });

  test('are in the history of a record, of a list only what was added or removed', async () => {
    const text = await page('/projects/falls/history');
    const revisions = text.match(/<li>\n<h2>[^]*?<\/li>\n(?=<li>|<\/ol>)/g).map((one) => textOf(one));
    assert.match(revisions[0], /Leads added Cy Example removed Ada Example Bob Example Ends August 2028 → August 2029/);
    assert.match(revisions.at(-1), /Revision 1 [^]*Leads Ada Example Bob Example /, 'expected the first revision as it was');
    assert.doesNotMatch(text.split('Revision 1')[1], /<ins>|<del>/);
    assert.match(text, /<del>\s*<p>Longer, and in another way\.<\/p>\s*<\/del>/);
  });

  test('are compared with the revision before, at the end of a page of the history, too', async () => {
    for (let i = 0; i < 25; i++) await register.patch('projects/sleep', { starts: `20${String(i).padStart(2, '0')}` });
    const text = await page('/projects/sleep/history'), revisions = text.split('<li>\n<h2>').slice(1);
    assert.equal(revisions.length, 20);
    assert.match(textOf(revisions.at(-1)), /Starts \d{4} → \d{4} /);
    assert.doesNotMatch(textOf(revisions.at(-1)), /Title/);
  });
});

describe('times', built, () => {
  let register;
  before(async () => { register = await start('directory', 'site'); });
  after(() => register?.stop());

  test('are in the time of the United Kingdom, and say so', async () => {
    for (const [at, said] of [
      ['2026-01-31T10:00:00.000Z', '31 January 2026, 10:00 GMT'], ['2026-06-30T23:30:00.000Z', '1 July 2026, 00:30 BST'],
      ['2026-03-29T00:59:59.999Z', '29 March 2026, 00:59 GMT'], ['2026-03-29T01:00:00.000Z', '29 March 2026, 02:00 BST'],
      ['2026-10-25T00:59:59.000Z', '25 October 2026, 01:59 BST'], ['2026-10-25T01:00:00.000Z', '25 October 2026, 01:00 GMT'],
      ['2024-02-29T12:00:00.000Z', '29 February 2024, 12:00 GMT'], ['2025-12-31T23:59:00.000Z', '31 December 2025, 23:59 GMT'],
      ['2026-07-01T12:00:00+02:00', '1 July 2026, 11:00 BST'], ['1990-06-01T12:00:00Z', '1 June 1990, 12:00 UTC'],
    ]) {
      const text = await (await fetch(`${register.origin}/?as_of=${encodeURIComponent(at)}`, { headers: html })).text();
      assert.match(plain(text), new RegExp(`>${said.replaceAll('(', '\\(')}</time>`), at);
    }
  });
});
