// The page of changes says what changed, and shows nothing that changed nothing.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, start } from './ouse.mjs';
import { html, textOf } from './walk.mjs';

describe('the page of changes', built, () => {
  let register;
  const page = async () => (await fetch(`${register.origin}/changes`, { headers: html })).text();
  before(async () => {
    register = await start('directory', 'hubs', 'site');
    await register.create('hubs', { id: 'north', name: 'North hub', kind: 'research_hub' });
    await register.create('pillars', { id: 'first', hub: 'north', number: 1, name: 'First' });
    await register.create('people', { id: 'ada', name: 'Ada Example' });
    await register.create('projects', { id: 'falls', title: 'Falls', pillar: 'first', ends: '2028-08' });
  });
  after(() => register?.stop());

  test('has the fields that changed, with the values before and after', async () => {
    await register.patch('projects/falls', { ends: '2029-08', leads: ['ada'] });
    const [row] = /<tr><th scope="row"><a href="\/projects\/falls">[^]*?<\/tr>/.exec(await page());
    assert.match(textOf(row), /Falls Project Changed Leads Ends: August 2028 → August 2029 /);
    assert.doesNotMatch(textOf(row), /\bada\b/, 'expected no id');
  });

  test('shows no recheck', async () => {
    const { data } = await register.get('-/changes?since=0&limit=200'), text = await page();
    assert.doesNotMatch(text, /tag-recheck|Checked anew/);
    const shown = (text.match(/<tr><th scope="row">/g) ?? []).length;
    assert.equal(shown, data.filter(({ op }) => op !== 'recheck').length);
  });
});
