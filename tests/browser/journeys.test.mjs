// What people come for, from the home page to the answer, by what they can see and press: at three widths, with scripts and
// without. Nothing here knows an address but the home page.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { launch, ready, sampleRegister, Visit, widths } from './browser.mjs';

const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

describe('journeys', { ...ready, concurrency: 2 }, () => {
  let register, browser;

  before(async () => {
    [register, browser] = await Promise.all([sampleRegister(), launch()]);
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
      assert.match(await visit.text('h1'), /./);
    },

    'what changed this week': async (visit) => {
      await visit.follow('Changes');
      assert.match(await visit.text(), /Ageing well/);
    },

    'take with you what is on the screen': async (visit) => {
      await visit.follow('Projects', { within: visit.page.getByRole('main') });
      const titles = await visit.page.getByRole('main').getByRole('heading', { level: 2 }).allInnerTexts();
      const saved = visit.page.waitForEvent('download');
      await visit.page.getByRole('link', { name: 'CSV' }).click();
      const text = await readFile(await (await saved).path(), 'utf8');
      assert.ok(text.includes('Ageing well') && titles.length > 0, text);
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
          } finally {
            await visit.end();
          }
        });
});
