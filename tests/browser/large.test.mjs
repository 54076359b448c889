// Pages of a register of 20,000 records: none is too long for a phone, none is a dead end, none shows an id, and numbers are
// those of the register.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { source, start } from '../http/ouse.mjs';
import { launch, ready, Visit } from './browser.mjs';
import { largest, largeRegister } from './register.mjs';

const screen = 900; // pixels of a phone, as browser.mjs has it
const records = largeRegister();
const ids = new Set(Object.values(records).flat().map(({ id }) => id));
const { person, organisation, hub, strategy, area, award } = largest;

const pages = ['/', ...Object.keys(records).map((name) => `/${name}`), ...Object.keys(records).map((name) => `/${name}/${records[name][0].id}`),
  `/hubs/${hub}/network`, `/people/${person}/roles`, `/organisations/${organisation}/involvement`, '/organisations/organisation-8', '/projects/project-7', `/areas/${area}/overview`, '/areas/county/overview',
  `/strategies/${strategy}/timeline`, `/awards/${award}/breakdown`, '/awards/award-1/breakdown', '/milestones/-/slippage', '/networks/-/coverage', '/cohorts/-/open', '/commitments/-/review',
  `/hubs/${hub}/history`, '/search?q=luton', '/search?q=study', '/changes', '/data', '/accessibility', `/projects?pillar.hub=${hub}`, `/projects?state=active&area=${area}`, '/payments',
  `/organisations?part_of=${organisation}`, '/projects/nobody'];

describe('pages of 20,000 records', ready, () => {
  let register, browser;

  before(async () => {
    assert.ok(ids.size >= 20_000, `${ids.size} records`);
    [register, browser] = await Promise.all([start(.../^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', ')), launch()]);
    const folder = join(dirname(register.config), 'large');
    await mkdir(folder);
    for (const [name, list] of Object.entries(records)) await writeFile(join(folder, `${name}.ndjson`), list.map((record) => `${JSON.stringify(record)}\n`).join(''));
    await promisify(execFile)(process.env.OUSE_BIN, ['import', '-c', register.config, folder]);
  });
  after(async () => {
    await browser?.close();
    await register?.stop();
  });

  const visiting = (options, walk) => Visit.during(browser, register.origin, options, walk);

  test('no page is longer than 12 screens of a phone, without links, with ids or with empty cells', () => visiting({ width: 360, scripts: false }, async (visit) => {
    const wrong = [];
    for (const path of pages) {
      await visit.open(path, path === '/projects/nobody' ? 404 : 200);
      const seen = await visit.page.evaluate(() => ({
        height: document.documentElement.scrollHeight,
        links: document.querySelectorAll('main a[href]').length,
        empty: [...document.querySelectorAll('main td')].filter((cell) => cell.checkVisibility() && !cell.textContent.trim() && !cell.querySelector('svg, img')).length,
        texts: [...document.querySelectorAll('body *')].filter((element) => element.checkVisibility() && !element.closest('code, pre, svg'))
          .flatMap((element) => [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data.trim())).filter(Boolean),
      }));
      if (seen.height > 12 * screen) wrong.push(`${path}: ${seen.height} pixels high`);
      if (seen.links === 0) wrong.push(`${path}: no link`);
      if (seen.empty) wrong.push(`${path}: ${seen.empty} empty cells`);
      for (const text of seen.texts.filter((one) => ids.has(one) || /^[a-z-]+\/[a-z0-9-]+$/.test(one))) wrong.push(`${path}: shows "${text}"`);
    }
    assert.deepEqual(wrong, []);
  }));

  test('a list begins on the first screen of a phone, and can be skipped to', () => visiting({ width: 360, scripts: false }, async (visit) => {
    for (const path of ['/projects', '/organisations?kind=school', `/projects?pillar.hub=${hub}`]) {
      await visit.open(path);
      const top = await visit.page.locator('.count').evaluate((element) => element.getBoundingClientRect().top);
      assert.ok(top < 800, `${path}: the results begin at ${top}`);
      await visit.page.locator('a[href="#results"]').focus();
      await visit.page.keyboard.press('Enter');
      await visit.page.keyboard.press('Tab');
      assert.ok(await visit.page.evaluate(() => document.activeElement.closest('#results') !== null), path);
    }
  }));

  const count = (list, fits) => list.filter(fits).length.toLocaleString('en-GB');
  const hubOf = new Map(records.pillars.map(({ id, hub: of }) => [id, of]));
  const hosts = new Map(records.hubs.map(({ id, host }) => [id, host]));
  const partnersOf = (id) => new Set(records.partners.filter(({ organisation: of }) => of === id).map(({ hub: of }) => of));
  const filtered = [
    ['projects?state=active', 'projects', ({ state }) => state === 'active'],
    [`projects?state=active&area=${area}`, 'projects', ({ state, area: of }) => state === 'active' && of === area],
    ['projects?state%5Bin%5D=active,confirmed', 'projects', ({ state }) => ['active', 'confirmed'].includes(state)],
    [`projects?pillar.hub=${hub}`, 'projects', ({ pillar }) => hubOf.get(pillar) === hub],
    ['projects?pillar.hub.host=organisation-3', 'projects', ({ pillar }) => hosts.get(hubOf.get(pillar)) === 'organisation-3'],
    ['projects?pillar.hub.partners.organisation=organisation-45', 'projects', ({ pillar }) => partnersOf('organisation-45').has(hubOf.get(pillar))],
    ['projects?starts%5Bgte%5D=2022&ends%5Blte%5D=2028', 'projects', ({ starts, ends }) => starts >= '2022' && ends <= '2028'],
    [`organisations?part_of=${organisation}`, 'organisations', ({ part_of: of }) => of === organisation],
    ['awards?amount%5Bgte%5D=50000', 'awards', ({ amount }) => amount >= 50000],
    [`appointments?person=${person}`, 'appointments', ({ person: of }) => of === person]];

  test('a filtered list says how many records it has', () => visiting({}, async (visit) => {
    for (const [path, name, fits] of filtered) {
      await visit.open(`/${path}`);
      assert.match((await visit.text('.count')).trim(), new RegExp(`^1 to 25 of ${count(records[name], fits)} `), path);
    }
  }));

  test('links to all records lead to exactly these', () => visiting({}, async (visit) => {
    let followed = 0;
    for (const path of [`/people/${person}`, `/organisations/${organisation}`, `/hubs/${hub}`, '/areas/town-1', `/organisations/${organisation}/involvement`, `/areas/${area}/overview`]) {
      await visit.open(path);
      const links = await visit.page.locator('main a').evaluateAll((all) => all.filter((link) => /^All [\d,]+/.test(link.textContent.trim())).map((link) => [link.getAttribute('href'), link.textContent.trim()]));
      for (const [href, text] of links) {
        await visit.open(href);
        const [, number] = /^All ([\d,]+)/.exec(text);
        assert.match((await visit.text('.count')).trim(), new RegExp(`(^|of )${number} `), `${path}: "${text}" leads to ${href}`);
        followed++;
      }
      assert.doesNotMatch(await visit.text(), /All of them/, path);
    }
    assert.ok(followed > 10, `expected many such links, got ${followed}`);
  }));
});
