// Texts that look like markup, code or templates, in every place that a text can come from (records, sources, the config, what an
// address asks for), on every kind of page: a browser must show them as they are, run nothing and make no element of them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { source, startWith } from '../http/ouse.mjs';
import { launch, ready, Visit } from './browser.mjs';

const texts = {
  markup: '"><img src=x onerror=alert(1)><script>alert(1)</script><b>bold</b>',
  quotes: `' onfocus='alert(1)' autofocus x='" onfocus="alert(1)" autofocus x="`,
  ends: '</title></textarea></text></svg><svg onload=alert(1)><a xlink:href="javascript:alert(1)">a</a> <!-- ]]>',
  entities: '&lt;img src=x onerror=alert(1)&gt; &amp;quot; {{site.name}} {{{explorer}}} javascript:alert(1)',
  scripts: 'שלום \u202eevil\u202c 🎉 e\u0301 ﷽ عربي',
};

const quoted = (text) => JSON.stringify(text).replaceAll('$', '\\$');

// In the page: what a text has become beside text.
function made() {
  const alien = [...document.querySelectorAll('*')].filter((element) =>
    ['IMG', 'B'].includes(element.tagName) ||
    (element.tagName === 'SCRIPT' && !element.src) ||
    [...element.attributes].some(({ name, value }) => /^on|^autofocus$/.test(name) || (/href|src|action/.test(name) && /^\s*javascript:/i.test(value))));
  return alien.map((element) => element.outerHTML.slice(0, 200));
}

describe('texts are texts', { ...ready, concurrency: 2 }, () => {
  let register, browser;

  before(async () => {
    const [, plugins] = /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'));
    const site = `site { name = ${quoted(texts.markup)} summary = ${quoted(texts.ends)} footer = ${quoted(texts.quotes)} contact = ${quoted(`"><b>@example.org`)} }`;
    [register, browser] = await Promise.all([startWith([site], ...plugins.split(', ')), launch()]);
    for (const [id, text] of Object.entries(texts)) {
      await register.create('organisations', { id, name: text, kind: 'other', aliases: [text] });
      await register.create('people', { id, name: text, honorific: 'Dr' });
      await register.create('publications', { id, title: text, publisher: text, url: 'https://example.org/?a=%22&c=\'1' });
      const sources = [{ publication: id, quote: text, fields: ['/name'] }];
      await register.create('hubs', { id, name: text, kind: 'research_hub', purpose: `${text}\n\n${text}`, themes: [text], host: id, sources });
      await register.create('pillars', { id, hub: id, number: 1, name: text });
      await register.create('projects', { id, pillar: id, title: text, summary: text, leads: [id] });
      await register.patch(`projects/${id}`, { summary: `${text}!` });
      await register.create('awards', { id, title: text, description: text, funder: id, amount: 300, kind: 'grant', for: `hubs/${id}` });
      await register.create('allocations', { id, award: id, target: `pillars/${id}`, amount: 100, purpose: text });
      await register.create('strategies', { id, title: text, owner: id, horizon_ends: '2040' });
      await register.create('programmes', { id, strategy: id, number: 1, title: text });
      await register.create('workplans', { id, programme: id, term: 'short', title: text, starts: '2025', ends: '2026' });
      await register.create('milestones', { id, of: `workplans/${id}`, title: text, due: '2026-01-01' });
    }
  });

  after(async () => {
    await browser?.close();
    await register?.stop();
  });

  // path, status, and what the page must show of the text: it is in the address, or in a record
  const pages = (id, text) => {
    const asked = encodeURIComponent(text), segment = encodeURIComponent(text.replaceAll('/', ''));
    return [
      ...['organisations', 'hubs', 'pillars', 'projects', 'publications', 'awards', 'strategies', 'people'].flatMap((collection) =>
        [[`/${collection}`, 200, text], [`/${collection}/${id}`, 200, text], [`/${collection}/${id}/history`, 200, text]]),
      [`/hubs/${id}/network`, 200, text], [`/awards/${id}/breakdown`, 200, text],
      [`/strategies/${id}/timeline`, 200, text], [`/publications/${id}/citations`, 200, text],
      ['/', 200], ['/changes', 200, text], ['/data', 200], ['/accessibility', 200], ['/data/api', 200], ['/data/api/projects', 200],
      [`/search?q=${encodeURIComponent('alert evil')}`, 200], [`/search?q=${asked}`, 200],
      [`/projects?title%5Bprefix%5D=${asked}`, 200, text], [`/projects?${asked}=1`, 400], [`/projects?state=${asked}`, 400, text],
      [`/projects?as_of=${asked}`, 400, text], [`/projects?sort=${asked}`, 400], [`/projects?cursor=${asked}`, 400],
      [`/projects/${segment}`, 404], [`/nowhere/${segment}`, 404], [`/data/api/${segment}`, 404],
      [`/data/api/projects?%7Boperation%7D=${asked}`, 404, text], [`/cohorts/-/open?audience=${asked}`, 400],
    ];
  };

  for (const [id, text] of Object.entries(texts))
    test(id, async () => {
      const visit = await Visit.begin(browser, register.origin), dialogs = [], wrong = [];
      visit.page.on('dialog', (dialog) => { dialogs.push(dialog.message()); dialog.dismiss(); });
      const shown = text.replace(/\s+/g, ' ');
      try {
        for (const [path, status, expected] of pages(id, text)) {
          const response = await visit.page.goto(path);
          if (response.status() !== status && !(status === 400 && response.status() === 404)) wrong.push(`${path}: ${response.status()}, not ${status}`);
          const alien = await visit.page.evaluate(made);
          if (alien.length) wrong.push(`${path}: ${alien}`);
          const said = (await visit.page.evaluate(() => document.body.textContent + [...document.querySelectorAll('input, option')].map(({ value }) => value).join(' '))).replace(/\s+/g, ' ');
          if (expected && !said.includes(shown.slice(0, 40))) wrong.push(`${path}: does not show ${shown}`);
          if (!said.includes(texts.quotes)) wrong.push(`${path}: does not show the footer`);
          if (!(await visit.page.title()).includes(texts.markup)) wrong.push(`${path}: its title is ${await visit.page.title()}`);
        }
        assert.deepEqual([wrong, dialogs, visit.faults.filter((fault) => !fault.startsWith('Failed to load resource'))], [[], [], []]);
      } finally {
        await visit.end();
      }
    });

  test('files of pictures', async () => {
    for (const id of Object.keys(texts))
      for (const path of [`awards/${id}/breakdown.svg`, `hubs/${id}/network.svg`, `strategies/${id}/timeline.svg`]) {
        const visit = await Visit.begin(browser, register.origin);
        try {
          const response = await visit.page.goto(`/${path}`);
          assert.equal(response.status(), 200, path);
          assert.deepEqual(await visit.page.evaluate(() => [document.documentElement.localName, document.querySelectorAll('parsererror').length]), ['svg', 0], path);
          assert.deepEqual(await visit.page.evaluate(made), [], path);
        } finally {
          await visit.end();
        }
      }
  });
});
