// Five readers with a question each: from the home page to the answer, by what they can see, press and type. A reader
// knows no address but that of the home page, and the answer is in words.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bareRegister, launch, ready, Visit } from './browser.mjs';

const pictures = process.env.OUSE_PICTURES;
const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const words = (offset) => new Date(Date.now() + offset * 86_400_000).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

describe('readers', { ...ready, concurrency: 2 }, () => {
  let register, browser;

  before(async () => {
    if (pictures) await mkdir(pictures, { recursive: true });
    [register, browser] = await Promise.all([bareRegister(), launch()]);
    await register.create('schemes', { id: 'research-for-practice', title: 'Research skills for practices', audience: ['gp'], kind: 'short_course', cost: 0, provider: 'university-of-bedfordshire', of: 'hubs/blmk-research-innovation-hub' });
    await register.move('schemes/research-for-practice', 'published');
    await register.create('cohorts', { id: 'this-season', scheme: 'research-for-practice', opens: day(-7), closes: day(30), starts: day(60), ends: day(90), places: 12, mode: 'online' });
    const programme = 'mental-health-learning-disability-autism';
    await register.create('workplans', { id: 'first-steps', programme, term: 'short', title: 'First steps', starts: '2025', ends: '2027-06' });
    await register.create('milestones', { id: 'first-report', of: 'workplans/first-steps', title: 'First report', due: '2026-03-01', owner: 'rima-makarem' });
    await register.patch('publications/primary-care-home-and-merger', { published: '2018-01' });
    await register.patch('projects/ageing-well', { starts: '2025-09' });
  });

  after(async () => {
    await browser?.close();
    await register?.stop();
  });

  const main = (visit) => visit.page.getByRole('main');
  const search = async (visit, typed) => {
    await main(visit).getByRole('searchbox').or(main(visit).getByRole('combobox', { name: /search/i })).first().fill(typed);
    await visit.follow('Search', { role: 'button', within: main(visit) });
  };
  const unfold = async (visit) => { // on a phone filters are folded up
    const summary = visit.page.locator('.filters > summary');
    if (await summary.isVisible()) await summary.click();
  };

  const journeys = {
    'a GP in Luton looks for training, and asks for a place': async (visit) => {
      await visit.follow(/Which training is open/, { within: main(visit) });
      await unfold(visit);
      await visit.page.getByLabel('Audience').selectOption('gp');
      const area = visit.page.getByLabel('Area', { exact: true });
      await area.selectOption({ label: 'Luton' });
      await visit.follow('Show', { role: 'button', within: main(visit) });
      assert.match(await visit.text(), /Research skills for practices[^]*University of Bedfordshire[^]*Apply by/);
      assert.ok((await visit.text()).includes(words(30)), 'expected the last day');
      await visit.follow(/Register your interest/, { within: main(visit) });
      await visit.page.getByLabel('Your name').fill('Dr Example');
      await visit.page.getByLabel(/E-mail address/).fill('dr@example.org');
      await main(visit).getByRole('button', { name: 'Send' }).click();
      await visit.page.waitForURL(/applied/);
      assert.match(await visit.text(), /We have received your interest[^]*Research skills for practices/);
      const { data } = await register.get('expressions', 'office');
      assert.ok(data.some(({ name, cohort }) => name === 'Dr Example' && cohort === 'this-season'), 'expected the register to have it');
    },

    'a journalist asks what three million pounds bought': async (visit) => {
      await visit.follow('NHS England award', { within: main(visit) });
      const said = await visit.text();
      assert.match(said, /£3,000,000/);
      assert.match(said, /How it is spent has not been published/);
      assert.doesNotMatch(said, /£0/, 'expected no amount that nobody knows');
      assert.match(said, /1 hub, 3 pillars, 5 projects, 10 leads/);
      await visit.follow('Projects of the hub', { within: main(visit) });
      assert.match(await visit.text(), /5 projects/);
      assert.match(await visit.text(), /Ageing well/);
      await visit.page.goBack();
      await visit.follow('1 hub', { within: main(visit) });
      assert.equal(await visit.text('h1'), 'BLMK ICS Research & Innovation Hub');
    },

    'a manager asks what changed since last month, and what is late': async (visit) => {
      await visit.follow('Changes');
      const [year, month, date] = day(-31).split('-').map(Number);
      for (const [label, value] of [['Day', date], ['Month', month], ['Year', year]]) await visit.page.getByLabel(label, { exact: true }).fill(`${value}`);
      await visit.page.getByLabel('Of').selectOption({ label: 'Milestones' });
      await visit.follow('Show', { role: 'button', within: main(visit) });
      assert.match(await visit.text(), new RegExp(`Since ${words(-31)}`));
      assert.match(await visit.text(), /4 milestones added/);
      assert.match(await visit.text(), /First report/);
      const saved = visit.page.waitForEvent('download');
      await visit.page.getByRole('link', { name: /csv/i }).click();
      assert.match(await readFile(await (await saved).path(), 'utf8'), /"Milestone","First report","Added"/);
      await visit.page.getByRole('link', { name: 'Home' }).first().click();
      await visit.follow('Health Services Strategy', { within: main(visit) });
      await visit.follow('Late', { within: main(visit) });
      assert.match(await visit.text(), /First report[^]*1 March 2026/);
      await visit.page.getByText('As text for a paper').click();
      assert.match(await visit.text('pre'), /^Late milestones.*: 4\n[^]*- First report \(Mental health, learning disability and autism\): due 1 March 2026, \d+ days late, owner Rima Makarem/);
    },

    'a research officer wants the projects of her university as a spreadsheet': async (visit) => {
      await visit.follow('Projects', { within: main(visit) });
      await unfold(visit);
      const hosts = visit.page.locator('details.facet', { hasText: 'Host of hub' });
      await hosts.locator('summary').click();
      await hosts.getByRole('checkbox', { name: 'University of Bedfordshire' }).check();
      await visit.follow('Show', { role: 'button', within: main(visit) });
      assert.match(await visit.text(), /5 projects[^]*Host of hub: University of Bedfordshire/);
      const saved = visit.page.waitForEvent('download');
      await visit.page.getByRole('link', { name: 'Spreadsheet (CSV)' }).click();
      const bytes = await readFile(await (await saved).path()), lines = bytes.toString('utf8').split('\r\n');
      assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'expected a mark by which Excel knows UTF-8');
      assert.match(lines[0], /Pillar,Title,.*Leads,.*Starts/);
      const row = lines.find((line) => line.includes('Ageing well'));
      assert.match(row, /New ways of working/);
      assert.match(row, /David Hewson/);
      assert.doesNotMatch(row, /david-hewson|new-ways-of-working/, 'expected names, not ids');
      assert.equal(lines.filter(Boolean).length, 6);
    },

    'a patient asks whether Bedford keeps its A&E': async (visit) => {
      await search(visit, 'Bedford hospital');
      await visit.follow(/^A&E is retained at Bedford Hospital/, { within: main(visit) });
      const said = await visit.text();
      assert.match(said, /A&E is retained at Bedford Hospital/);
      assert.match(said, /Promised in January 2018, not reviewed since/);
    },
  };

  for (const [name, walk] of Object.entries(journeys))
    for (const [width, scripts] of [[360, false], [1280, true]])
      test(`${name}: ${width} pixels, ${scripts ? 'with' : 'without'} scripts`, async () => {
        const visit = await Visit.begin(browser, register.origin, { width, scripts });
        try {
          await visit.open('/');
          await walk(visit);
        } finally {
          if (pictures) await visit.page.screenshot({ path: join(pictures, `reader-${name.replace(/[^a-z]+/gi, '-')}-${width}.png`), fullPage: true });
          await visit.end();
        }
      });
});
