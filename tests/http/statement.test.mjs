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
