// Every kind of page, at three widths, light and dark: nothing that axe-core finds wrong, valid HTML, and a picture in the
// build folder for eyes to judge.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, ready, sampleRegister, schemes, Visit, widths } from './browser.mjs';

const pictures = process.env.OUSE_PICTURES;

// name, path, status
const pages = [
  ['home', '/'],
  ['list', '/projects'],
  ['list-empty', '/projects?state=withdrawn'],
  ['record', '/projects/street-activities'],
  ['record-warnings', '/clusters/hiec-north-east-london'],
  ['person', '/people/yannis-pappas'],
  ['organisation', '/organisations/university-of-bedfordshire'],
  ['award', '/awards/nhs-england-blmk-hub'],
  ['cohort', '/cohorts/spring'],
  ['apply', '/cohorts/spring/apply'],
  ['applied', '/cohorts/spring/applied'],
  ['roles', '/people/yannis-pappas/roles'],
  ['involvement', '/organisations/university-of-bedfordshire/involvement'],
  ['best-match', '/search?q=yannis+pappas'],
  ['history', '/projects/street-activities/history'],
  ['search', '/search?q=frailty'],
  ['search-nothing', '/search?q=xyzzy'],
  ['changes', '/changes'],
  ['data', '/data'],
  ['explorer', '/data/api'],
  ['explorer-group', '/data/api/projects'],
  ['accessibility', '/accessibility'],
  ['privacy', '/privacy'],
  ['portfolio', '/hubs/blmk-research-innovation-hub'],
  ['network', '/hubs/blmk-research-innovation-hub/network'],
  ['breakdown', '/awards/nhs-england-blmk-hub/breakdown'],
  ['timeline', '/strategies/health-services-strategy-2040/timeline'],
  ['indicators', '/indicators'],
  ['indicator', '/indicators/days-to-a-diagnosis'],
  ['trend', '/indicators/days-to-a-diagnosis/trend'],
  ['coverage', '/networks/-/coverage'],
  ['open', '/cohorts/-/open?audience=gp'],
  ['overview', '/areas/blmk/overview'],
  ['review', '/commitments/-/review'],
  ['answer', '/publications/primary-care-home-and-merger/citations'],
  ['not-found', '/projects/nobody-knows', 404],
  ['bad-request', '/projects?stat=confirmed', 400],
];

const html = {
  extends: ['html-validate:recommended'],
  rules: {
    'no-trailing-whitespace': 'off', // templates leave lines behind
    'form-dup-name': ['error', { shared: ['checkbox', 'submit'] }],
    'require-sri': 'off', // nothing comes from elsewhere
    'long-title': 'off', // records have long names
    'valid-id': ['error', { relaxed: true }], // operations have names with dots
  },
};

describe('pages', { ...ready, concurrency: 2 }, () => {
  let register, browser, axe, validator;

  before(async () => {
    if (pictures) await mkdir(pictures, { recursive: true });
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const { HtmlValidate } = await import('html-validate');
    validator = new HtmlValidate(html);
    [register, browser] = await Promise.all([sampleRegister(), launch()]);
    await register.create('schemes', { id: 'course', title: 'Research skills', audience: ['gp'], kind: 'short_course', cost: 120, currency: 'EUR', of: 'hubs/blmk-research-innovation-hub' });
    await register.move('schemes/course', 'published');
    await register.create('cohorts', { id: 'spring', scheme: 'course', starts: '2093-01-15', ends: '2093-03-01' });
    await register.create('indicators', {
      id: 'days-to-a-diagnosis', programme: 'cancer', name: 'Days to a diagnosis', unit: 'days', baseline: { value: 40 }, target: { value: 28 },
      observations: [41, 40.5, 39, 39.5, 37, 36, 36.5, 34].map((value, i) => ({ on: `2025-${String(i + 1).padStart(2, '0')}`, value })),
    });
  });

  after(async () => {
    await browser?.close();
    await register?.stop();
  });

  const valid = async (text, path) => {
    const { results } = await validator.validateString(text);
    const told = results.flatMap(({ messages }) => messages.map(({ line, ruleId, message }) => `${line}: ${message} (${ruleId})`));
    assert.deepEqual(told, [], `${path}: expected valid HTML`);
  };

  const accessible = async (page, where) => {
    const violations = await page.evaluate(async () => {
      const found = await globalThis.axe.run({ resultTypes: ['violations'] });
      return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
    });
    assert.deepEqual(violations, [], `${where}: expected nothing that axe-core finds wrong`);
  };

  for (const [name, path, status] of pages)
    test(name, async () => {
      const visit = await Visit.begin(browser, register.origin);
      try {
        const response = await visit.open(path, status);
        await valid(await response.text(), path);
        assert.equal(await visit.page.locator('h1').count(), 1, `${path}: expected one h1`);
        await visit.page.evaluate(axe);
        for (const width of widths) {
          await visit.page.setViewportSize({ width, height: 900 });
          await visit.holdWidth(`${path} at ${width}`);
          for (const colorScheme of schemes) {
            await visit.page.emulateMedia({ colorScheme });
            if (pictures) await visit.page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
            await accessible(visit.page, `${path} at ${width}, ${colorScheme}`);
          }
        }
      } finally {
        await visit.end();
      }
    });

  test('feeds are XML to a browser, with what the page shows', async () => {
    const visit = await Visit.begin(browser, register.origin);
    try {
      await visit.open('/projects?sort=-title');
      const shown = await visit.page.locator('th[scope=row] a').allInnerTexts();
      const told = await visit.page.evaluate(async () => {
        const { type, href } = document.querySelector('link[rel=alternate]');
        const feed = new DOMParser().parseFromString(await (await fetch(href)).text(), 'application/xml');
        return { type, root: feed.documentElement.nodeName, titles: [...feed.querySelectorAll('entry > title')].map((title) => title.textContent) };
      });
      assert.deepEqual(told, { type: 'application/atom+xml', root: 'feed', titles: shown });
    } finally {
      await visit.end();
    }
  });
});
