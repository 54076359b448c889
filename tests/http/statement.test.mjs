// The accessibility statement: the headings that the law's model asks for, and nothing that the publisher has not said.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, ouse, start, startWith } from './ouse.mjs';
import { html, textOf } from './walk.mjs';

const statement = async (register) => (await fetch(`${register.origin}/accessibility`, { headers: html })).text();
const model = ['How accessible this website is', 'Feedback and contact information', 'Reporting accessibility problems with this website', 'Enforcement procedure',
  'Technical information about this website’s accessibility', 'Compliance status', 'Non-accessible content', 'Preparation of this accessibility statement'];

describe('the accessibility statement', built, () => {
  let bare, told;
  before(async () => {
    bare = await start('directory', 'site');
    told = await startWith(['site { contact = "register@example.org" prepared = "2026-11-30" reviewed = "2026-12-01" known_issues = "The map has no names; A <b> film has no captions" }'], 'directory', 'site');
  });
  after(async () => {
    await bare?.stop();
    await told?.stop();
  });

  test('has the headings of the model', async () => {
    for (const register of [bare, told])
      assert.deepEqual([...(await statement(register)).matchAll(/<h[23][^>]*>([^<]+)<\/h[23]>/g)].map(([, heading]) => heading), model);
  });

  test('claims nothing that nobody assessed', async () => {
    const said = textOf(await statement(bare));
    assert.match(said, /has not yet assessed this website/);
    assert.match(said, /has not given an address for reports/);
    assert.doesNotMatch(said, /compliant with|mailto/);
  });

  test('has the days, the address and what is not accessible', async () => {
    const page = await statement(told), said = textOf(page);
    assert.match(said, /partially compliant with the Web Content Accessibility Guidelines version 2\.2 AA standard/);
    assert.match(said, /prepared on 30 November 2026\. It was last reviewed on 1 December 2026/);
    assert.deepEqual([...page.matchAll(/<li>(The map[^<]*|A [^<]*)<\/li>/g)].map(([, issue]) => issue), ['The map has no names', 'A &lt;b&gt; film has no captions']);
    assert.match(page, /href="mailto:register@example\.org\?subject=Accessibility"/);
  });

  test('check warns while nobody is named, and rejects days that are none', async () => {
    const said = async (register) => {
      const { stdout, stderr } = await ouse('check', '-c', register.config);
      return `${stdout}${stderr}`;
    };
    assert.match(await said(bare), /site\.contact is empty/);
    assert.doesNotMatch(await said(told), /site\.contact/);
    await assert.rejects(startWith(['site { prepared = "30 November" }'], 'directory', 'site'), /site\.prepared is "30 November"; write the day as "2026-11-30"/);
  });
});

describe('people that the register names', built, () => {
  let bare, told;
  const page = async (register, path) => (await fetch(register.origin + path, { headers: html })).text();
  before(async () => {
    bare = await start('directory', 'site');
    told = await startWith(['site { contact = "register@example.org" name = "A & B" address = "https://register.example.org" }'], 'directory', 'site');
    for (const register of [bare, told]) await register.create('people', { id: 'ada', name: 'Ada Example' });
  });
  after(async () => {
    await bare?.stop();
    await told?.stop();
  });

  test('have a privacy notice, on each page', async () => {
    for (const path of ['/', '/people/ada', '/people/nobody']) assert.match(await page(told, path), /<a href="\/privacy">Privacy notice<\/a>/, path);
    const said = textOf(await page(told, '/privacy'));
    for (const part of ['Whose information this is', 'Where it comes from', 'How long it is kept', 'Your rights', 'register@example.org', 'Information Commissioner’s Office', 'sets no cookies'])
      assert.ok(said.includes(part), `expected "${part}" in ${said}`);
    assert.match(textOf(await page(bare, '/privacy')), /has not given an address for requests/);
  });

  test('and what it says of them can be reported from each record', async () => {
    for (const path of ['/people/ada', '/people/ada/history']) {
      const text = await page(told, path);
      assert.match(textOf(text), /Is something wrong here\? Tell the register/, path);
      assert.ok(text.includes(`href="mailto:register@example.org?subject=Something%20is%20wrong%20in%20A%20%26%20B&amp;body=https%3A%2F%2Fregister.example.org${encodeURIComponent(path)}"`), text);
    }
    for (const path of ['/', '/people', '/privacy']) assert.doesNotMatch(textOf(await page(told, path)), /Is something wrong here/, path);
    assert.doesNotMatch(textOf(await page(bare, '/people/ada')), /Is something wrong here/, 'expected nothing without an address');
  });

  test('a day of the past is typed as people write it', async () => {
    await told.patch('people/ada', { name: 'Ada Later' });
    for (const day of ['31 January 2027', '31/1/2027', '31 1 2027', '2027-01-31'])
      assert.match(textOf(await page(told, `/people/ada?as_of=${encodeURIComponent(day)}`)), /31 January 2027 is in the future/, day);
    assert.match(textOf(await page(told, '/people/ada?as_of=1%20June%202020')), /Not in the register on 1 June 2020/);
    assert.match(await page(told, '/people/ada?as_of=2027-01-31'), /<input [^>]*name="as_of" type="text" value="31 January 2027"/);
    for (const day of ['yesterday', '31 2 2027', '2027-13-45'])
      assert.equal((await fetch(`${told.origin}/people/ada?as_of=${encodeURIComponent(day)}`, { headers: html })).status, 400, day);
  });
});
