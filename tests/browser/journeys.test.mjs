// What people come for, from the home page to the answer, by what they can see and press: at three widths, with scripts and
// without. Nothing here knows an address but the home page.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { launch, ready, sampleRegister, Visit, widths } from './browser.mjs';

const pictures = process.env.OUSE_PICTURES;
const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

const lastMonth = { id: 'falls-clinic', title: 'Falls clinic', pillar: 'safeguarding', state: 'proposed' };

// A record as it came to be at another time.
async function importOf({ config }, record) {
  const file = join(dirname(config), 'record.ndjson');
  await writeFile(file, `${JSON.stringify(record)}\n`);
  await promisify(execFile)(process.env.OUSE_BIN, ['import', '-c', config, '--mode', 'exact', file]);
}

describe('journeys', { ...ready, concurrency: 2 }, () => {
  let register, browser;

  before(async () => {
    if (pictures) await mkdir(pictures, { recursive: true });
    [register, browser] = await Promise.all([sampleRegister(), launch()]);
    await importOf(register, { ...lastMonth, meta: { collection: 'projects', revision: 1, created: `${day(-60)}T10:00:00.000Z`, updated: `${day(-60)}T10:00:00.000Z`, visibility: 'public' } });
    await register.patch('projects/falls-clinic', { title: 'Falls and frailty clinic' });
    await register.create('schemes', { id: 'research-for-practice', title: 'Research skills for practices', audience: ['gp', 'nurse'], kind: 'short_course', cost: 0, provider: 'university-of-bedfordshire' });
    await register.move('schemes/research-for-practice', 'published');
    await register.create('cohorts', { id: 'this-season', scheme: 'research-for-practice', opens: day(-7), closes: day(30), starts: day(60), ends: day(90), places: 12, mode: 'online' });
    await register.patch('projects/ageing-well', { summary: 'Screens older people for frailty and sarcopenia, and treats what it finds.' });
  });

  after(async () => {
    await browser?.close();
    await register?.stop();
  });

  const search = async (visit, words) => {
    const field = visit.page.getByRole('main').getByRole('searchbox').or(visit.page.getByRole('main').getByRole('combobox', { name: /search/i }));
    await field.first().fill(words);
    await visit.follow('Search', { role: 'button', within: visit.page.getByRole('main') });
  };

  // On a phone and a tablet filters are folded up.
  const unfold = async (visit) => {
    const summary = visit.page.locator('.filters > summary');
    if (await summary.isVisible()) await summary.click();
  };

  const journeys = {
    'find the frailty project, and who leads it': async (visit) => {
      await search(visit, 'frailty');
      await visit.follow('Ageing well');
      assert.match(await visit.text('h1'), /Ageing well/);
      const said = await visit.text();
      for (const lead of ['David Hewson', 'Nicky Poulain']) assert.ok(said.includes(lead), `expected ${lead} in\n${said}`);
    },

    'what the three million bought': async (visit) => {
      await visit.follow('NHS England award', { within: visit.page.getByRole('main') });
      const said = await visit.text();
      assert.match(said, /£3,000,000/);
      for (const pillar of ['Inclusive workforce', 'New ways of working', 'Safeguarding']) assert.ok(said.includes(pillar), said);
      assert.match(said, /Luton Council/, 'expected the contribution whose amount nobody has told');
    },

    'training that a GP can apply for': async (visit) => {
      await visit.follow(/training/i, { within: visit.page.getByRole('main') });
      await unfold(visit);
      await visit.page.getByLabel('Audience').selectOption('gp');
      await visit.follow('Show', { role: 'button' });
      assert.match(await visit.text(), /Research skills for practices/);
    },

    'the register today against last month': async (visit) => {
      await visit.page.getByLabel('As it was on').fill(day(-30));
      await visit.follow('Show', { role: 'button', within: visit.page.getByRole('main') });
      assert.match(await visit.text('body'), /This is the register as it was on/);
      assert.doesNotMatch(await visit.text(), /Ageing well|NHS England award/, 'expected nothing that came later');
      await visit.follow('Falls clinic', { within: visit.page.getByRole('main') });
      assert.equal(await visit.text('h1'), 'Falls clinic');
      await visit.follow('See it as it is now');
      assert.equal(await visit.text('h1'), 'Falls and frailty clinic');
      await visit.follow('History');
      assert.match(await visit.text(), /Revision 2[^]*Falls clinic[^]*Falls and frailty clinic[^]*Revision 1/);
    },

    'what the register said before, against what it says today': async (visit) => {
      await search(visit, 'Ageing well');
      await visit.follow('Ageing well', { within: visit.page.getByRole('main') });
      await visit.follow('History');
      assert.match(await visit.text(), /Screens older people for frailty/);
      await visit.follow(/as it was then.*revision 1/);
      assert.match(await visit.text('body'), /This is the register as it was on/);
      assert.doesNotMatch(await visit.text(), /Screens older people for frailty/);
      await visit.follow('See it as it is now');
      assert.match(await visit.text(), /Screens older people for frailty/);
    },

    'where a statement was made': async (visit) => {
      await search(visit, 'nationally recognised leaders');
      await visit.follow(/nationally recognised leaders/);
      const said = await visit.text();
      assert.match(said, /Rima Makarem/);
      await visit.follow(/hub/i, { within: visit.page.getByRole('figure').first() });
      assert.match(await visit.text('h1'), /hub/i, 'expected the article');
    },

    'what changed this week': async (visit) => {
      await visit.follow('Changes');
      const { data } = await register.get('-/changes?since=0&limit=200'), said = await visit.text();
      const latest = visit.page.getByRole('table').getByRole('row').nth(1);
      assert.match(await latest.innerText(), /Ageing well/, 'expected what changed last on top');
      assert.match(said, new RegExp(`${new Date().getUTCDate()} `), `expected the day of today among ${data.length} changes`);
    },

    'take with you what is on the screen': async (visit) => {
      await visit.follow('Projects', { within: visit.page.getByRole('main') });
      const saved = visit.page.waitForEvent('download');
      await visit.page.getByRole('link', { name: 'CSV with ids' }).click();
      const text = await readFile(await (await saved).path(), 'utf8');
      const { data } = await register.get('projects');
      assert.equal(text.trim().split('\r\n').length, data.length + 1, text);
      for (const { id, title } of data) assert.ok(text.includes(id) && text.includes(title.replaceAll('"', '""')), `expected ${title} in ${text}`);
    },
  };

  for (const [name, walk] of Object.entries(journeys))
    for (const width of widths)
      for (const scripts of [true, false])
        test(`${name}: ${width} pixels, ${scripts ? 'with' : 'without'} scripts`, async () => {
          const visit = await Visit.begin(browser, register.origin, { width, scripts });
          try {
            await visit.open('/');
            await walk(visit);
            if (pictures) await visit.page.screenshot({ path: join(pictures, `journey-${name.replace(/[^a-z]+/gi, '-')}-${width}-${scripts ? 'scripts' : 'plain'}.png`) });
          } finally {
            await visit.end();
          }
        });
});
