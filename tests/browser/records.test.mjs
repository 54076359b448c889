// Pages of records in a browser: a hub of many projects fits on a phone, the subjects are in reach with and without scripts, and
// a form with a mistake comes back with what was typed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, ready, sampleRegister, Visit } from './browser.mjs';

const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const screen = 900, screens = 12;

describe('pages of records in a browser', { ...ready, concurrency: 2 }, () => {
  let register, browser;

  before(async () => {
    [register, browser] = await Promise.all([sampleRegister(), launch()]);
    await register.create('hubs', { id: 'large', name: 'Large hub', kind: 'research_hub' });
    for (let i = 1; i <= 4; i++) await register.create('pillars', { id: `large-${i}`, hub: 'large', number: i, name: `Pillar ${i}` });
    await register.import('people', Array.from({ length: 150 }, (_, i) => ({ id: `lead-${i}`, name: `Person with a name ${i}`, honorific: 'Professor' })));
    await register.import('projects', Array.from({ length: 96 }, (_, i) => ({
      id: `large-${i}`, pillar: `large-${i % 4 + 1}`, title: `A study of screening and intervention in general practice, part ${i}`, state: i % 3 ? 'active' : 'confirmed',
      leads: [`lead-${i}`, `lead-${i + 50}`],
    })));
    await register.import('appointments', Array.from({ length: 400 }, (_, i) => ({ id: `busy-${i}`, person: 'yannis-pappas', role: 'member', body: 'organisations/blmk-icb', starts: `${1500 + i}` })));
    await register.import('milestones', Array.from({ length: 66 }, (_, i) => ({ id: `step-${i}`, of: 'workplans/first-steps', title: `Step ${i} of the plan that has a longer name`, due: `2093-01-${String(i % 28 + 1).padStart(2, '0')}` })));
    await register.create('schemes', { id: 'course', title: 'Research skills', audience: ['gp'], kind: 'short_course' });
    await register.move('schemes/course', 'published');
    await register.create('cohorts', { id: 'spring', scheme: 'course', opens: day(-7), closes: day(30), starts: '2093-01-15' });
  });

  after(async () => {
    await browser?.close();
    await register?.stop();
  });

  const visiting = (options, walk) => Visit.during(browser, register.origin, options, walk);

  for (const path of ['/hubs/large', '/hubs/large/network', '/people/yannis-pappas', '/people/yannis-pappas/roles', '/projects/large-1',
    '/organisations/blmk-icb', '/organisations/blmk-icb/involvement', '/strategies/health-services-strategy-2040/timeline', '/pillars/large-1'])
    test(`is at most ${screens} screens high on a phone: ${path}`, () => visiting({ width: 360 }, async (visit) => {
      await visit.open(path);
      const height = await visit.page.evaluate(() => document.documentElement.scrollHeight);
      assert.ok(height <= screens * screen, `${height} pixels`);
    }));

  test('a large network is a list of what the hub is made of, with its people', () => visiting({ width: 1280 }, async (visit) => {
    await visit.open('/hubs/large/network');
    assert.equal(await visit.page.locator('svg.chart').count(), 0, 'expected no picture of more than 40');
    await visit.page.getByText('Pillar 2 (24 projects)').click();
    const item = visit.page.locator('.tree li li li').filter({ hasText: 'part 1,' });
    assert.equal((await item.innerText()).trim(), 'A study of screening and intervention in general practice, part 1, led by Professor Person with a name 1Professor Person with a name 51');
    await visit.follow('Professor Person with a name 51', { within: item });
    assert.equal(await visit.text('h1'), 'Professor Person with a name 51');
  }));

  for (const scripts of [true, false]) {
    test(`subjects are a row on a screen, ${scripts ? 'with' : 'without'} scripts`, () => visiting({ width: 1280, scripts }, async (visit) => {
      await visit.open('/people/yannis-pappas');
      assert.equal(await visit.page.getByText('Menu', { exact: true }).isVisible(), false);
      const links = visit.page.getByRole('navigation', { name: 'Subjects' }).getByRole('link');
      assert.deepEqual(await links.allInnerTexts(), ['Hubs', 'Projects', 'People', 'Organisations', 'Places', 'Money', 'Plans', 'Training']);
      assert.ok(await links.evaluateAll((all) => all.every((link) => link.getBoundingClientRect().height >= 44)));
      await visit.follow('Places', { within: visit.page.getByRole('navigation', { name: 'Subjects' }) });
      assert.equal(await visit.page.locator('[aria-current=true]').innerText(), 'Places');
    }));

    test(`subjects are a menu on a phone, ${scripts ? 'with' : 'without'} scripts`, () => visiting({ width: 360, scripts }, async (visit) => {
      await visit.open('/projects/ageing-well');
      const menu = visit.page.getByText('Menu', { exact: true }), links = visit.page.getByRole('navigation', { name: 'Subjects' }).getByRole('link');
      assert.equal(await links.first().isVisible(), false);
      assert.equal(await menu.evaluate((summary) => summary.getBoundingClientRect().height), 48);
      await menu.click();
      assert.equal(await links.first().isVisible(), true);
      await visit.follow('Money', { within: visit.page.getByRole('navigation', { name: 'Subjects' }) });
      assert.match(await visit.text('h1'), /Awards/);
    }));

    test(`a form with a mistake comes back with what was typed, ${scripts ? 'with' : 'without'} scripts`, () => visiting({ width: 360, scripts }, async (visit) => {
      await visit.open('/cohorts/spring');
      assert.equal(await visit.text('h1'), 'Research skills, 15 January 2093');
      await visit.follow('Register your interest', { within: visit.page.getByRole('main') });
      await visit.page.getByLabel('E-mail address').fill('ada@example.org');
      await visit.page.getByLabel('Your practice').fill('Bury Park & Co');
      await visit.page.getByRole('button', { name: 'Send' }).click();
      await visit.page.getByRole('heading', { name: 'There is a problem' }).waitFor();
      assert.equal(await visit.page.getByLabel('E-mail address').inputValue(), 'ada@example.org');
      assert.equal(await visit.page.getByLabel('Your practice').inputValue(), 'Bury Park & Co');
      assert.equal(await visit.page.getByLabel('Your name').getAttribute('aria-invalid'), 'true');
      await visit.page.getByRole('link', { name: 'Enter your name' }).click();
      assert.equal(await visit.page.evaluate(() => document.activeElement.id), 'name');
      await visit.page.getByLabel('Your name').fill('Ada');
      await visit.page.getByRole('button', { name: 'Send' }).click();
      await visit.page.waitForURL(/\/applied$/);
      const { data } = await register.get('expressions?cohort=spring', 'office');
      assert.ok(data.some(({ name, practice }) => name === 'Ada' && practice === 'Bury Park & Co'));
    }));
  }
});
