// The explorer of the API as a reader uses it: forms lead to answers without scripts, and with them everything is sent from
// the page; what is open is as accessible as what is closed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { launch, ready, sampleRegister, schemes, Visit, widths } from './browser.mjs';

describe('the explorer of the API', ready, () => {
  let register, browser;
  before(async () => {
    [register, browser] = await Promise.all([sampleRegister(), launch()]);
  });
  after(async () => {
    await browser?.close();
    await register?.stop();
  });

  const visiting = async (path, options, then) => {
    const visit = await Visit.begin(browser, register.origin, options);
    try {
      await visit.open(path);
      await then(visit, visit.page);
    } finally {
      await visit.end();
    }
  };

  // The part of an operation, with its form open.
  const open = async (page, id) => {
    const part = page.locator(`section[aria-labelledby="${id}"]`);
    await part.getByText('Try it', { exact: true }).click();
    return part;
  };

  // What is shown of an answer: its status, and the body where it is JSON.
  const sent = async (page, part) => {
    await part.getByRole('button', { name: 'Send' }).click();
    const said = part.getByRole('status').filter({ hasText: /^\d{3} / });
    await said.waitFor();
    const status = await said.innerText();
    const headers = await part.getByRole('region', { name: 'Headers' }).innerText();
    return { status, headers, body: JSON.parse(await part.getByRole('region', { name: 'Body' }).innerText()) };
  };

  test('leads to answers without scripts', () => visiting('/data/api/projects', { scripts: false }, async (visit, page) => {
    const list = await open(page, 'projects.list');
    await list.locator('[name=limit]').fill('2');
    await list.getByRole('button', { name: 'Send' }).click();
    await page.waitForURL('**/api/v1/projects?limit=2');
    assert.equal(JSON.parse(await page.locator('pre').innerText()).data.length, 2);
    await visit.open('/data/api/projects');
    const read = await open(page, 'projects.read');
    await read.locator('[name="{id}"]').fill('ageing-well');
    await read.getByRole('button', { name: 'Send' }).click();
    await page.waitForURL('**/api/v1/projects/ageing-well');
    await visit.open('/data/api/projects');
    assert.equal(await page.locator('#token').isVisible(), false);
    const create = await open(page, 'projects.create');
    assert.equal(await create.getByRole('button').count(), 0);
  }));

  test('shows answers in the page', () => visiting('/data/api/projects', {}, async (visit, page) => {
    const read = await open(page, 'projects.read');
    await read.locator('[name="{id}"]').fill('ageing-well');
    const { status, headers, body } = await sent(page, read);
    assert.match(status, /^200 .*\/api\/v1\/projects\/ageing-well$/);
    assert.match(headers, /^etag: /m);
    assert.equal(body.id, 'ageing-well');
    await read.locator('[name="{id}"]').fill('<b>no/body');
    assert.equal((await sent(page, read)).body.status, 400);
    assert.deepEqual(await page.locator('b').count(), 0);
  }));

  test('writes as a dry run, with a token that is kept nowhere', () => visiting('/data/api/organisations', {}, async (visit, page) => {
    const create = await open(page, 'organisations.create');
    const body = JSON.stringify({ id: 'tried-out', name: '<img src=x onerror=alert(1)>', kind: 'other' });
    await create.getByRole('textbox', { name: 'Body' }).fill(body);
    assert.equal((await sent(page, create)).body.status, 401);
    await page.getByLabel('Token', { exact: true }).fill(register.tokens.manager);
    const { status, body: made } = await sent(page, create);
    assert.match(status, /^20[01] .*\/organisations\?dry_run=true$/);
    assert.equal(made.name, '<img src=x onerror=alert(1)>');
    assert.equal(await page.locator('main img').count(), 0);
    await register.expect(404, 'GET', 'organisations/tried-out', { as: 'manager' });

    await create.locator('[name=dry_run]').selectOption('false');
    assert.equal((await sent(page, create)).body.id, 'tried-out');
    await register.expect(200, 'GET', 'organisations/tried-out');

    const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie, location.search]);
    assert.deepEqual(kept, [0, 0, '', '']);
    await page.reload();
    assert.equal(await page.locator('#token').inputValue(), '');
  }));

  test('is accessible when all of it is open', () => visiting('/data/api/awards', {}, async (visit, page) => {
    await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    await page.evaluate(() => document.querySelectorAll('details').forEach((part) => { part.open = true; }));
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await visit.holdWidth(`open at ${width}`);
      for (const colorScheme of width === 1280 ? schemes : ['light']) {
        await page.emulateMedia({ colorScheme });
        const violations = await page.evaluate(async () => (await globalThis.axe.run({ resultTypes: ['violations'] })).violations
          .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`)));
        assert.deepEqual(violations, [], `at ${width}, ${colorScheme}`);
      }
    }
    if (process.env.OUSE_PICTURES)
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await page.screenshot({ path: `${process.env.OUSE_PICTURES}/explorer-open-${width}.png`, clip: { x: 0, y: 0, width, height: 6000 }, fullPage: true });
      }
  }));
});
