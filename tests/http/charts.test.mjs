// The pictures of the site: what endpoints declare of their answers, drawn in the page and as files.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, start } from './ouse.mjs';

describe('charts', built, () => {
  let register;
  const page = async (path, status = 200) => {
    const response = await fetch(`${register.origin}/${path}`);
    const text = await response.text();
    assert.equal(response.status, status, `${path}: ${text}`);
    return { text, type: response.headers.get('content-type'), policy: response.headers.get('content-security-policy') };
  };

  before(async () => {
    register = await start('directory', 'hubs', 'evidence', 'funding', 'programmes', 'networks', 'search', 'site');
    await register.create('organisations', { id: 'giver', name: 'Giver', kind: 'nhs_trust' });
    await register.create('care-models', { id: 'home', name: 'Home', population_min: 30000, population_max: 50000 });
    await register.create('awards', { id: 'big', title: 'Big', description: 'Much', funder: 'giver', amount: 300, kind: 'grant' });
    for (const [id, name, amount, status] of [['a', '<b>"One"</b> & שלום', 100.5, 'planned'], ['b', '=SUM(A1)', 50, 'spent']]) {
      await register.create('networks', { id, name, model: 'home' });
      await register.create('allocations', { id, award: 'big', target: `networks/${id}`, amount, status });
    }
  });
  after(() => register?.stop());

  test('an award is drawn with what it is divided into', async () => {
    const { text } = await page('awards/big/breakdown');
    const [svg] = /<svg class="chart".*<\/svg>/s.exec(text) ?? assert.fail(text);
    assert.match(svg, /<title id="chart-1-title">Division of the award<\/title>/);
    assert.match(svg, /<a href="\/networks\/a"><title>&lt;b&gt;&quot;One&quot;&lt;\/b&gt; &amp; שלום: £100\.50<\/title>/);
    assert.match(svg, /<rect x="0%" y="\d+" width="33\.5%" height="16" class="chart-1"/, 'expected the part of the award');
    assert.match(svg, /width="16\.67%" height="16" class="chart-3"/);
    assert.match(svg, /<title>Not allocated: £149\.50<\/title>[^]*?<rect class="chart-bounds" x="0%" y="\d+" width="49\.83%"/);
    assert.doesNotMatch(svg, /style=|<style|<script|<b>/);
    assert.match(text, /href="\/awards\/big\/breakdown\.svg"/);
    assert.match(text, /href="\/awards\/big\/breakdown\.csv"/);
  });

  test('a picture is a file as SVG, and its numbers as CSV', async () => {
    const svg = await page('awards/big/breakdown.svg?by=pillar');
    assert.deepEqual([svg.type, svg.policy], ['image/svg+xml', "default-src 'none'"]);
    assert.match(svg.text, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*<\/svg>$/s);
    const csv = await page('awards/big/breakdown.csv');
    assert.equal(csv.type, 'text/csv; charset=utf-8; header=present');
    assert.equal(csv.text, '"label","planned","committed","spent"\r\n"<b>""One""</b> & שלום",100.5,0,0\r\n"\'=SUM(A1)",0,0,50\r\n');
  });

  test('what is not there is said', async () => {
    assert.match((await page('awards/big/breakdown.svg?chart=2', 404)).text, /This page has 1 pictures; chart=1 is the first/);
    assert.match((await page('hubs/none/portfolio.svg', 404)).text, /The register has no hub at this address/);
    for (const which of ['0', '-1', 'x', '99999999999']) await page(`awards/big/breakdown.csv?chart=${which}`, 404);
    await page('awards/big/breakdown.png', 404);
    await page('awards/big/breakdown.svg?by=year', 400);
  });

  test('an answer without anything to see has no picture', async () => {
    await register.create('awards', { id: 'whole', title: 'Whole', description: 'Undivided', funder: 'giver', amount: 5, kind: 'grant' });
    assert.doesNotMatch((await page('awards/whole/breakdown')).text, /<svg class="chart"/);
  });

  test('a strategy is drawn in time', async () => {
    await register.create('strategies', { id: 's', title: 'Strategy', owner: 'giver', horizon_ends: '2040' });
    await register.create('programmes', { id: 'p', strategy: 's', number: 1, title: 'Programme' });
    await register.create('workplans', { id: 'w', programme: 'p', term: 'short', title: 'Workplan', starts: '2024', ends: '2025-06' });
    await register.create('milestones', { id: 'm', of: 'workplans/w', title: 'Milestone', due: '2025-03-01' });
    const { text } = await page('strategies/s/timeline');
    assert.match(text, /<a href="\/workplans\/w"><title>Workplan: 2024 to June 2025<\/title>/);
    assert.match(text, /<a href="\/milestones\/m"><title>Milestone: (late|due)<\/title>/);
    assert.equal((await page('strategies/s/timeline.csv')).text,
      '"label","kind","from","to"\r\n"Programme","span","",""\r\n"Workplan","span","2024","2025-06"\r\n"Milestone","due","2025-03-01","2025-03-01"\r\n');
  });

  test('what an indicator shows is drawn beside its numbers: on its pages, in the list, as files', async () => {
    const observations = [{ on: '2024', value: 12 }, { on: '2025-06', value: 7.5 }, { on: '2026-01-31', value: 9 }];
    await register.create('indicators', { id: 'i', programme: 'p', name: 'Days to wait', unit: 'days', baseline: { value: 12 }, target: { value: 6 }, observations });
    await register.create('indicators', { id: 'none', programme: 'p', name: 'Not measured' });
    const record = (await page('indicators/i')).text, trend = (await page('indicators/i/trend')).text;
    for (const text of [record, trend]) {
      const [svg] = /<svg class="chart".*?<\/svg>/s.exec(text) ?? assert.fail(text);
      assert.match(svg, /<title id="chart-1-title">Trend<\/title>/);
      assert.match(svg, /<desc>3 values, from 12 days \(2024\) to 9 days \(31 January 2026\)<\/desc>/);
      assert.match(svg, /<circle class="chart-point" cx="12%" cy="60"/);
      assert.match(svg, /<title>31 January 2026: 9 days<\/title><circle class="chart-point" cx="96%" cy="96"/);
      assert.equal(svg.match(/<line class="chart-spark"/g).length, 2);
      for (const suffix of ['svg', 'csv']) assert.match(text, new RegExp(`href="/indicators/i/trend\\.${suffix}"`));
    }
    for (const said of ['2024', 'June 2025', '31 January 2026', '7.5']) assert.ok(record.includes(said) && trend.includes(said), said);
    assert.match(trend, /<dt>Share of the way to the target<\/dt><dd>50%<\/dd>/);
    const list = (await page('indicators')).text;
    assert.match(list, /<span class="spark"><svg class="chart"[^>]*>.*?spark-observations-i-title.*?<\/svg><\/span> 9/s);
    assert.equal((await page('indicators/i/trend.csv')).text, '"on","value"\r\n"2024",12\r\n"2025-06",7.5\r\n"2026-01-31",9\r\n');
    assert.match((await page('indicators/i/trend.svg')).text, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*<\/svg>$/s);
    for (const path of ['indicators/none', 'indicators/none/trend']) assert.doesNotMatch((await page(path)).text, /<svg class="chart"/);
    assert.match((await page('indicators/none/trend')).text, /Nothing has been measured yet/);
  });

  test('a network of people is drawn where its positions say, and one of practices against its bounds', async () => {
    await register.create('hubs', { id: 'h', name: 'Hub', host: 'giver', kind: 'research_hub' });
    const { text } = await page('hubs/h/network');
    assert.match(text, /<a href="\/organisations\/giver"><title>Giver: Organisation<\/title>/);
    await register.create('networks', { id: 'n', name: 'Network', model: 'home', population: { value: 40000, qualifier: 'exact', unit: 'people' } });
    const coverage = (await page('networks/-/coverage')).text;
    assert.match(coverage, /<title>Network: 40,000 people<\/title>/);
    assert.match(coverage, /<rect class="chart-bounds" x="60%" y="\d+" width="40%"/);
  });
});
