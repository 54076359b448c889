// Pages on paper, and in the colours that a reader forces on them: what is drawn stands out from what it is drawn on, and
// nothing is there that can only be clicked. Pictures are written to the build folder.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';
import { launch, ready, sampleRegister, schemes, Visit } from './browser.mjs';

const pictures = process.env.OUSE_PICTURES;

// name, path, what is drawn there
const drawn = [
  ['breakdown', '/awards/nhs-england-blmk-hub/breakdown'],
  ['timeline', '/strategies/health-services-strategy-2040/timeline'],
  ['network', '/hubs/blmk-research-innovation-hub/network'],
];

const media = {
  forced: (colorScheme) => ({ forcedColors: 'active', colorScheme }),
  print: (colorScheme) => ({ media: 'print', colorScheme }),
};

// In the page: of each text and mark of the charts, the least of its contrasts with the ground; and of the texts around them.
function contrasts(ground) {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)).reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const probe = document.body.appendChild(document.createElement('span'));
  probe.style.color = ground;
  const under = luminance(rgb(getComputedStyle(probe).color));
  probe.remove();
  const contrast = (colour) => {
    const over = luminance(rgb(colour));
    return (Math.max(over, under) + 0.05) / (Math.min(over, under) + 0.05);
  };
  const seen = (element) => element.getClientRects().length > 0;
  const visible = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  const marks = visible('.chart rect[class*="chart-"]:not(.chart-ground,.chart-track), .chart circle[class*="chart-"], .chart path[class*="chart-"]:not(.chart-halo), .chart line[class*="chart-"]:not(.chart-grid)');
  return {
    charts: visible('svg.chart').length,
    chartTexts: visible('.chart text').map((element) => [element.textContent, contrast(getComputedStyle(element).fill)]),
    marks: marks.map((element) => {
      const { fill, stroke } = getComputedStyle(element);
      const colours = [fill, stroke].filter((colour) => colour !== 'none' && !colour.startsWith('url('));
      return [element.getAttribute('class'), Math.max(0, ...colours.map(contrast))];
    }),
    texts: visible('main p, main td, main th, main h1, main h2, main dd').map((element) => [element.textContent.slice(0, 40), contrast(getComputedStyle(element).color)]),
    clickable: visible('.masthead nav, .search, .filters, .actions, .breadcrumbs').length,
  };
}

describe('pages that are not on a screen of their own colours', ready, () => {
  let register, browser;

  before(async () => {
    if (pictures) await mkdir(pictures, { recursive: true });
    [register, browser] = await Promise.all([sampleRegister(), launch()]);
  });

  after(async () => {
    await browser?.close();
    await register?.stop();
  });

  for (const [name, path] of drawn)
    test(name, async () => {
      const visit = await Visit.begin(browser, register.origin);
      try {
        await visit.open(path);
        for (const [kind, as] of Object.entries(media))
          for (const scheme of schemes) {
            const where = `${path}: ${kind}, ${scheme}`;
            await visit.page.emulateMedia(as(scheme));
            const found = await visit.page.evaluate(contrasts, kind === 'forced' ? 'Canvas' : 'white');
            assert.ok(found.charts > 0 && found.chartTexts.length > 3 && found.marks.length > 0 && found.texts.length > 3, `${where}: ${JSON.stringify(found)}`);
            const faint = (all, least) => all.filter(([, contrast]) => contrast < least);
            assert.deepEqual(faint(found.chartTexts, 4.5), [], `${where}: texts of charts`);
            assert.deepEqual(faint(found.texts, 4.5), [], `${where}: texts`);
            assert.deepEqual(faint(found.marks, 3), [], `${where}: marks of charts`);
            assert.equal(found.clickable === 0, kind === 'print', `${where}: what can only be clicked`);
            if (pictures) await visit.page.screenshot({ path: join(pictures, `${name}-${kind}-${scheme}.png`), fullPage: true });
            await visit.page.emulateMedia({ forcedColors: null, media: null, colorScheme: null });
          }
      } finally {
        await visit.end();
      }
    });

  // What is on paper of a page, by its styles.
  const onPaper = () => {
    const visible = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.getClientRects().length > 0);
    const foot = document.querySelector('.sheet-foot');
    return {
      controls: visible('form, input, select, button, .button, .formats, [data-copy], .report, nav').map((element) => element.outerHTML.slice(0, 80)),
      tinted: visible('.tag').filter((element) => getComputedStyle(element).backgroundColor !== 'rgba(0, 0, 0, 0)').length,
      tags: visible('.tag').length,
      foot: foot.innerText.trim().split('\n'),
      repeated: [getComputedStyle(document.body).display, getComputedStyle(foot).display, getComputedStyle(foot).breakInside],
      sources: visible('.quote .on-paper').map((element) => element.innerText),
      chips: visible('.chips a').filter((element) => getComputedStyle(element).borderTopWidth !== '0px').length,
    };
  };

  // The sheets of a PDF, whose objects are deflated.
  const sheets = (pdf) => {
    const text = pdf.toString('latin1'), parts = [text];
    for (const { 1: bytes } of text.matchAll(/stream\r?\n([^]*?)\r?\nendstream/g))
      try { parts.push(inflateSync(Buffer.from(bytes, 'latin1')).toString('latin1')); } catch { /* not deflated */ }
    return parts.join('\n').match(/\/Type\s*\/Page\b/g).length;
  };

  const printed = [
    ['record', '/projects/ageing-well', 2], ['past', '/projects/ageing-well?as_of=2099-01-01', 2], ['timeline', '/strategies/health-services-strategy-2040/timeline', 2],
    ['breakdown', '/awards/nhs-england-blmk-hub/breakdown', 2], ['list', '/projects', 2], ['changes', '/changes?type=projects', 1], ['home', '/', 4],
  ];
  for (const [name, path, most] of printed)
    test(`on paper: ${name}`, async () => {
      const visit = await Visit.begin(browser, register.origin);
      try {
        await visit.open(path);
        await visit.page.emulateMedia({ media: 'print' });
        const found = await visit.page.evaluate(onPaper), host = new URL(register.origin).host;
        assert.deepEqual(found.controls, [], 'what can only be clicked');
        assert.deepEqual([found.tinted, found.chips], [0, 0], 'tags that are tinted, links that look like buttons');
        assert.equal(found.foot[0], host + path, 'expected the full address');
        assert.match(found.foot[1], /^Partnership register(,| as it was on .*,) read on \d+ \w+ \d{4}$/);
        assert.deepEqual(found.repeated, ['table', 'table-footer-group', 'avoid'], 'expected the foot on each sheet');
        if (name === 'record') assert.ok(found.sources.length > 0 && found.sources.every((address) => address.startsWith(`${host}/publications/`)), found.sources.join());
        const n = sheets(await visit.page.pdf({ format: 'A4' }));
        assert.ok(n >= 1 && n <= most, `${path}: expected at most ${most} sheets, got ${n}`);
      } finally {
        await visit.end();
      }
    });
});
