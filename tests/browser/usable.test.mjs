// Pages that readers can use: what is painted can be seen, what takes the focus can be seen, no page scrolls sideways at
// any width, lists are in the order of names.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, ready, sampleRegister, schemes, Visit } from './browser.mjs';

const widths = Array.from({ length: 28 }, (_, i) => 320 + i * 40); // 320 to 1400

// path: every kind of page that has a table, a form or a picture
const pages = ['/', '/hubs', '/projects', '/organisations', '/people', '/awards', '/milestones', '/projects/ageing-well', '/search?q=training', '/changes', '/data',
  '/hubs/blmk-research-innovation-hub', '/hubs/blmk-research-innovation-hub/network', '/awards/nhs-england-blmk-hub/breakdown',
  '/strategies/health-services-strategy-2040/timeline', '/networks/-/coverage', '/cohorts/-/open', '/areas/luton/overview', '/accessibility'];

// In the page: elements that take the focus while nobody can see them, because they or what holds them is below 2 x 2 pixels.
// A skip link grows when it is focused, and options of a closed list are not focused.
function unseenFocus() {
  const seen = (element) => {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const { width, height } = at.getBoundingClientRect();
      if (getComputedStyle(at).display !== 'contents' && (width < 2 || height < 2)) return false;
    }
    return true;
  };
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }))
    .filter((element) => !element.matches('.nhsuk-skip-link') && !seen(element))
    .map((element) => element.outerHTML.slice(0, 120));
}

// In the page: the least contrast of the texts below an element with the colour that is painted under them.
function leastContrast(element) {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)).reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const under = (at) => {
    const colour = at ? rgba(getComputedStyle(at).backgroundColor) : [255, 255, 255, 255];
    return colour[3] === 255 ? colour : under(at.parentElement);
  };
  const texts = [element, ...element.querySelectorAll('*')].filter((at) => [...at.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return Math.min(...texts.map((at) => [luminance(rgba(getComputedStyle(at).color)), luminance(under(at))])
    .map(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)));
}

describe('usable pages', { ...ready, concurrency: 2 }, () => {
  let register, browser;

  before(async () => {
    [register, browser] = await Promise.all([sampleRegister(), launch()]);
  });

  after(async () => {
    await browser?.close();
    await register?.stop();
  });

  const visiting = (options, walk) => Visit.during(browser, register.origin, options, walk);

  for (const scheme of schemes)
    for (const [path, width] of [['/', 1280], ['/', 360], ['/projects', 1280]])
      test(`suggestions can be read: ${path}, ${width} pixels, ${scheme}`, () => visiting({ width, scheme }, async ({ page, ...visit }) => {
        await page.goto(path);
        await page.locator('#search').pressSequentially('un');
        const list = page.getByRole('listbox');
        await list.waitFor();
        assert.ok(await list.evaluate(leastContrast) >= 4.5, 'expected a contrast of 4.5');
        const options = await list.getByRole('option').count();
        assert.ok(options > 3, `expected several suggestions, got ${options}`);
        const cut = await list.getByRole('option').evaluateAll((items) => items.filter((item) => {
          const { left, top, width: w, height } = item.getBoundingClientRect();
          item.scrollIntoView({ block: 'nearest' });
          const at = item.getBoundingClientRect();
          return !item.contains(document.elementFromPoint(at.left + w / 2, at.top + height / 2)) || left < 0 || top < 0;
        }).length);
        assert.equal(cut, 0, 'expected every suggestion in sight');
        void visit;
      }));

  for (const path of pages)
    test(`no width makes a reader scroll sideways, and every focus can be seen: ${path}`, () => visiting({}, async (visit) => {
      await visit.open(path);
      for (const width of widths) {
        await visit.page.setViewportSize({ width, height: 900 });
        await visit.holdWidth(`${path} at ${width}`);
        assert.deepEqual(await visit.page.evaluate(unseenFocus), [], `${path} at ${width}: focus that nobody sees`);
      }
      await visit.page.evaluate(() => { for (const details of document.querySelectorAll('details')) details.open = true; });
      for (const width of [320, 360, 768, 1000, 1280]) {
        await visit.page.setViewportSize({ width, height: 900 });
        await visit.holdWidth(`${path} at ${width}, unfolded`);
        assert.deepEqual(await visit.page.evaluate(unseenFocus), [], `${path} at ${width}, unfolded: focus that nobody sees`);
      }
    }));

  const collator = new Intl.Collator('en-GB', { numeric: false });
  test('lists are in the order of names, and say so', () => visiting({}, async (visit) => {
    for (const path of ['/organisations', '/hubs', '/projects', '/sites']) {
      await visit.open(path);
      const names = await visit.page.locator('tbody th').allInnerTexts();
      assert.deepEqual(names, [...names].sort(collator.compare), path);
      assert.equal(await visit.page.locator('th[aria-sort]').count(), 1, path);
      assert.equal(await visit.page.locator('thead th').first().getAttribute('aria-sort'), 'ascending', path);
    }
  }));

  test('people are in the order of family names', () => visiting({}, async (visit) => {
    await visit.open('/people');
    const { data } = await register.get('people?limit=200');
    const families = new Map(data.map(({ name, family_name: family }) => [name, family ?? name]));
    const names = (await visit.page.locator('tbody th').allInnerTexts()).map((name) => families.get(name));
    assert.deepEqual(names, [...names].sort(collator.compare));
    assert.equal(await visit.page.locator('thead th').first().getAttribute('aria-sort'), 'ascending');
  }));

  test('a phone has a select to sort by, which does what the heads of the table do', () => visiting({ width: 360, scripts: false }, async (visit) => {
    await visit.open('/projects');
    await visit.page.locator('.filters > summary').click();
    await visit.page.getByLabel('Sort by').selectOption('Title, Z to A');
    await visit.follow('Show', { role: 'button', within: visit.page.getByRole('main') });
    const names = await visit.page.locator('tbody th').allInnerTexts();
    assert.deepEqual(names, [...names].sort(collator.compare).reverse());
    assert.equal(await visit.page.getByLabel('Sort by').inputValue(), '-title');
  }));

  test('pages of another day, of a filter or a position are not for search engines', () => visiting({}, async (visit) => {
    const head = () => visit.page.evaluate(() => ({ canonical: document.querySelector('link[rel=canonical]')?.getAttribute('href'), robots: document.querySelector('meta[name=robots]')?.content }));
    const day = new Date().toISOString().slice(0, 10);
    for (const [path, canonical, robots] of [['/projects', '/projects', undefined], ['/projects?state=confirmed', '/projects', 'noindex'],
      [`/projects/ageing-well?as_of=${day}`, '/projects/ageing-well', 'noindex'], ['/', '/', undefined]]) {
      await visit.open(path);
      assert.deepEqual(await head(), { canonical, robots }, path);
    }
    assert.match(await (await fetch(`${register.origin}/robots.txt`)).text(), /^Disallow: \/\*as_of=$/m);
  }));

  const timeline = '/strategies/health-services-strategy-2040/timeline', network = '/hubs/blmk-research-innovation-hub/network';

  test('a timeline has a key, and its marks do not lie on its bars', () => visiting({}, async (visit) => {
    await register.create('milestones', { id: 'second-report', of: 'workplans/first-steps', title: 'Second report', due: '2027-03-01' });
    for (const width of [360, 768, 1280]) {
      await visit.page.setViewportSize({ width, height: 900 });
      await visit.open(timeline);
      const texts = (await visit.page.locator('svg.chart > text').allTextContents()).slice(0, 4);
      assert.deepEqual(texts, ['due', 'late', 'done', 'today']);
      const { marks, bars, cut } = await visit.page.evaluate(() => {
        const boxes = (selector) => [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom]);
        return { marks: boxes('svg.chart a svg path:not(.chart-halo)'), bars: boxes('svg.chart rect'), cut: [...document.querySelectorAll('svg.chart a text')].filter((text) => text.checkVisibility() && text.textContent.includes('…')).length };
      });
      assert.ok(marks.length >= 2 && bars.length >= 1);
      for (const [top, bottom] of marks) assert.ok(bars.every(([from, to]) => bottom <= from || top >= to), `a mark at ${top}–${bottom} lies on a bar`);
      if (width > 768) assert.equal(cut, 0, 'expected whole labels where there is room');
      const years = await visit.page.evaluate(() => [...document.querySelectorAll('svg.chart > text')].filter((text) => /^\d{4}$/.test(text.textContent) && text.checkVisibility())
        .map((text) => text.getBoundingClientRect()).map(({ left, right }) => [left, right]));
      for (const [i, [left]] of years.entries()) assert.ok(i === 0 || left >= years[i - 1][1], 'expected years apart from each other');
    }
  }));

  test('texts in pictures are 12 pixels or more', () => visiting({}, async (visit) => {
    for (const path of [timeline, network, '/awards/nhs-england-blmk-hub/breakdown'])
      for (const width of [360, 768, 1000, 1280]) {
        await visit.page.setViewportSize({ width, height: 900 });
        await visit.open(path);
        const sizes = await visit.page.evaluate(() => [...document.querySelectorAll('svg.chart text')].filter((text) => text.checkVisibility())
          .map((text) => parseFloat(getComputedStyle(text).fontSize) * (text.getScreenCTM()?.a ?? 1)));
        assert.ok(sizes.every((size) => size >= 12), `${path} at ${width}: ${Math.min(...sizes)}`);
      }
  }));

  test('a network has its working relationships in a table', () => visiting({ width: 360 }, async (visit) => {
    await visit.open(network);
    const { links, nodes } = await register.get('hubs/blmk-research-innovation-hub/network');
    const label = new Map(nodes.map((node) => [`${node.collection}/${node.id}`, node.label]));
    const rows = await visit.page.locator('table').first().locator('tbody tr').evaluateAll((all) => all.map((row) => [row.cells[0].textContent, row.cells[2].textContent]));
    assert.deepEqual(rows, links.map(({ from, to }) => [label.get(from), label.get(to)]));
    assert.equal(await visit.page.locator('.picture-network').isVisible(), false, 'expected the table alone on a phone');
  }));

  test('a search has a number of results, in the title too, pages and types', () => visiting({}, async (visit) => {
    const count = async (path) => (await register.get(path)).data.length;
    const all = await count('-/search?q=luton&limit=50');
    await visit.open('/search?q=luton');
    assert.match(await visit.page.title(), new RegExp(`^luton: ${all} results – Search – `));
    assert.match(await visit.text('#found'), new RegExp(`^1 to 20 of ${all} results for “luton”`));
    await visit.follow('Next page');
    assert.match(await visit.text('#found'), new RegExp(`^21 to ${Math.min(all, 40)} of ${all} results`));
    await visit.follow(/^Areas/, { within: visit.page.getByRole('navigation', { name: 'Types of result' }) });
    const areas = await count('-/search?q=luton&collection=areas&limit=50');
    assert.match(await visit.text('#found'), new RegExp(`^${areas} results? for “luton”`));
    assert.equal(await visit.page.locator('.entry').count(), areas);
    assert.equal(await visit.page.locator('[aria-current=true]').count(), 1);
    await visit.open('/search?q=xyzzy');
    assert.match(await visit.page.title(), /^xyzzy: 0 results/);
  }));

  for (const scripts of [true, false])
    test(`a GP can apply for training, ${scripts ? 'with' : 'without'} scripts`, () => visiting({ width: 360, scripts }, async (visit) => {
      const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10), id = scripts ? 'with' : 'without';
      await register.create('schemes', { id: `course-${id}`, title: `Course ${id}`, audience: ['gp'], kind: 'short_course', cost: 0, provider: 'university-of-bedfordshire' });
      await register.move(`schemes/course-${id}`, 'published');
      await register.create('cohorts', { id: `cohort-${id}`, scheme: `course-${id}`, opens: day(-7), closes: day(30), starts: day(60), ends: day(90), places: 12, mode: 'online' });
      await visit.open('/cohorts/-/open');
      await visit.follow(`Register your interest in Course ${id}`);
      assert.equal(await visit.text('h1'), `Course ${id}`);
      await visit.page.getByLabel('Your name').fill('Dr Ada & Co');
      await visit.page.getByLabel('E-mail address').fill('ada@example.org');
      await visit.page.getByLabel('Your practice').fill('Bury Park +1');
      await visit.page.getByRole('button', { name: 'Send' }).click();
      await visit.page.waitForURL(/\/applied$/);
      assert.equal(await visit.text('h1'), 'We have received your interest');
      const { data } = await register.get(`expressions?cohort=cohort-${id}`, 'office');
      assert.deepEqual(data.map(({ name, contact, practice }) => [name, contact, practice]), [['Dr Ada & Co', 'ada@example.org', 'Bury Park +1']]);
      await visit.open('/cohorts/-/open');
      assert.ok(!(await visit.text()).includes('Ada'), 'expected nothing of it in public');
      const response = await fetch(`${register.origin}/apply`, { method: 'POST', redirect: 'manual', headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }, body: `cohort=cohort-${id}&name=` });
      assert.equal(response.status, 422);
      assert.match(await response.text(), /Enter your name/);
    }));
});
