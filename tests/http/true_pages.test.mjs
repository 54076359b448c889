// The pages of what plugins compute make no false statement: what is not known is said in words, never as zero, as a
// blank or as another thing's value.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { built, source, start } from './ouse.mjs';
import { html, linksOf, plain, textOf } from './walk.mjs';

const sampleFolder = fileURLToPath(new URL('../../conf/sample', import.meta.url));
const allPlugins = async () => /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', ');
const mainOf = (text) => /<main[^>]*>([^]*)<\/main>/.exec(text)?.[1] ?? assert.fail(text);
const cellsOf = (text) => [...text.matchAll(/<td\b[^>]*>([^]*?)<\/td>/g)].map(([, cell]) => plain(cell.replace(/<[^>]*>/g, '')).trim());

describe('true pages', built, () => {
  let register;
  const page = async (path, status = 200) => {
    const response = await fetch(register.origin + path, { headers: html, redirect: 'manual' }), text = await response.text();
    assert.equal(response.status, status, `${path}: ${text}`);
    return mainOf(text);
  };
  const words = async (path, status) => textOf(await page(path, status));

  before(async () => {
    register = await start(...await allPlugins());
    await promisify(execFile)(process.env.OUSE_BIN, ['import', '-c', register.config, sampleFolder]);
    await register.create('programmes', { id: 'p', strategy: 'health-services-strategy-2040', number: 90, title: 'Care at home' });
    await register.create('workplans', { id: 'w', programme: 'p', term: 'short', title: 'First steps', starts: '2025', state: 'active' });
    const milestone = (id, fields) => register.create('milestones', { id, of: 'workplans/w', title: `Milestone ${id}`, ...fields });
    await milestone('finished', { due: '2025-05-31' });
    await register.move('milestones/finished', 'on_track');
    await register.move('milestones/finished', 'done');
    await milestone('overdue', { due: '2025-03-31' });
    await milestone('open', { due: '2093-03-31' });
    await milestone('undated', {});
  });
  after(() => register?.stop());

  test('a timeline says of each milestone its own state and date, the late ones first', async () => {
    const text = await page('/strategies/health-services-strategy-2040/timeline');
    const { programmes, late_milestones: late, other_milestones: others } = await register.get('strategies/health-services-strategy-2040/timeline'), milestones = [...late, ...others];
    const rows = new Map([...text.matchAll(/<tr><th scope="row"><a href="\/milestones\/([^"]+)">(.*?)<\/tr>/g)].map(([, id, row]) => [id, row]));
    const nested = programmes.flatMap(({ workplans }) => workplans).flatMap((workplan) => workplan.milestones);
    assert.deepEqual(milestones.map(({ id }) => id).sort(), nested.map(({ id }) => id).sort());
    assert.deepEqual(milestones.map(({ id, late }) => [id, late]), [['overdue', true], ['finished', false], ['open', false], ['undated', false]]);
    assert.deepEqual([...rows.keys()], milestones.map(({ id }) => id), 'expected the rows in that order');
    const titles = { planned: 'Planned', on_track: 'On track', at_risk: 'At risk', done: 'Done', dropped: 'Dropped' };
    for (const { id, state, late } of milestones) {
      const [, tag, word] = /<span class="tag tag-(\w+)">([^<]*)<\/span>/.exec(rows.get(id)) ?? assert.fail(rows.get(id));
      assert.deepEqual([tag, word], late ? ['late', 'Late'] : [state, titles[state]], id);
      assert.match(rows.get(id), /<a href="\/programmes\/p">Care at home<\/a>/);
    }
    assert.match(rows.get('overdue'), /31 March 2025/);
    assert.match(rows.get('undated'), /Due date not known/);
    assert.ok(linksOf(text).includes('/milestones/-/slippage'), 'expected a way to those that are late');
  });

  test('a milestone that is done is drawn done, with or without a day', async () => {
    const text = await page('/strategies/health-services-strategy-2040/timeline');
    assert.match(text, /<title>Milestone finished: done<\/title>/);
    assert.match(text, /<title>Milestone overdue: late<\/title>/);
    assert.match(text, /<title>Milestone open: due<\/title>/);
  });

  test('an award of which no spending is known says so, and what is known', async () => {
    const text = await page('/awards/nhs-england-blmk-hub/breakdown'), said = textOf(text);
    assert.doesNotMatch(said, /£0|Not allocated|Spent|Committed/);
    for (const known of ['£3,000,000', 'How it is spent has not been published.', '1 hub , 3 pillars, 5 projects, 10 leads'])
      assert.ok(said.includes(known), `expected "${known}" in ${said}`);
    assert.ok(linksOf(text).includes('/hubs/blmk-research-innovation-hub'));
    const undisclosed = await words('/awards/luton-council-mapping-study/breakdown');
    assert.match(undisclosed, /Awarded Not disclosed/);
    assert.doesNotMatch(undisclosed, /£0/);
    assert.ok(linksOf(await page('/awards/luton-council-mapping-study/breakdown')).includes('/projects/street-activities'));
  });

  test('an award of which some spending is known shows that, and no zero for the rest', async () => {
    await register.create('awards', { id: 'part', title: 'Part', description: 'Some of it', funder: 'luton-council', amount: 1000, kind: 'grant', for: 'hubs/blmk-research-innovation-hub' });
    await register.create('allocations', { award: 'part', target: 'pillars/safeguarding', amount: 400, status: 'committed' });
    const text = await page('/awards/part/breakdown'), said = textOf(text);
    assert.doesNotMatch(said, /£0\b|not been published/);
    for (const known of ['Allocated £400', 'Committed £400', 'Spent Not known', 'Not allocated £600']) assert.ok(said.includes(known), `expected "${known}" in ${said}`);
    assert.ok(cellsOf(text).every(Boolean), 'expected no empty cell');
    assert.match(text, /<rect x="0%" y="[\d.]+" width="40%" height="16" class="chart-2"/);
    assert.match(text, /<title>Not allocated: £600<\/title>[^]*?<rect class="chart-bounds" x="0%" y="[\d.]+" width="60%"/);
    await register.create('awards', { id: 'paid', title: 'Paid', description: 'Paid out', funder: 'luton-council', amount: 1000, kind: 'grant' });
    await register.create('payments', { award: 'paid', date: '2026-01-31', amount: 250, kind: 'commitment' });
    const paid = await page('/awards/paid/breakdown');
    assert.doesNotMatch(textOf(paid), /£0|not been published/);
    assert.ok(linksOf(paid).includes('/payments?award=paid'));
  });

  test('a trend has its units, an axis, the baseline and the target', async () => {
    const observations = [{ on: '2026-01', value: 40 }, { on: '2026-05', value: 36 }];
    await register.create('indicators', { id: 'waiting', programme: 'cancer', name: 'Days to a diagnosis', unit: 'days', baseline: { value: 40 }, target: { value: 28 }, observations });
    const text = await page('/indicators/waiting/trend'), said = textOf(text);
    for (const known of ['Baseline 40 days', 'Target 28 days', 'Last, May 2026 36 days', 'Change since the baseline 4 days fewer', 'Share of the way to the target 33%'])
      assert.ok(said.includes(known), `expected "${known}" in ${said}`);
    assert.doesNotMatch(said, /0\.33|-4\b/);
    const [svg] = /<svg class="chart"[^]*?<\/svg>/.exec(text);
    for (const mark of [/class="chart-base"/, /class="chart-goal"/, /<title>May 2026: 36 days<\/title>/, />Baseline 40 days<\/text>/, />Target 28 days<\/text>/, />40 days<\/text>/, />January 2026<\/text>/])
      assert.match(svg, mark);
    await register.create('indicators', { id: 'unmeasured', programme: 'cancer', name: 'Not measured', unit: 'days' });
    assert.match(await words('/indicators/unmeasured/trend'), /Baseline Not known Target Not known Last Not known Change since the baseline Not known Share of the way to the target Not known/);
  });

  test('a strategy says what it covers and which decision adopted it', async () => {
    const said = await words('/strategies/health-services-strategy-2040/timeline');
    assert.match(said, /Covers 15 years, to 2040 Adopted Decision: Adoption of the Health Services Strategy/);
    assert.match(await words('/strategies/health-services-strategy-2040'), /Decision Adoption of the Health Services Strategy/);
    for (const path of ['', '/timeline']) assert.doesNotMatch(await words(`/strategies/health-services-strategy-2040${path}`), /[Aa]dopted by Adoption|2040: 15/);
  });

  test('a promise is as old as the first of its sources that has a day', async () => {
    for (const [id, published] of [['late', '2019-06'], ['early', '2018-01-31'], ['undated', undefined]]) await register.create('publications', { id, title: id, published });
    const sources = ['late', 'undated', 'early'].map((publication) => ({ publication }));
    const { id, standing } = await register.create('commitments', { of: 'mergers/bedford-luton-dunstable', text: 'As published.', kind: 'retain', sources });
    assert.equal(standing, 'Promised on 31 January 2018, not reviewed since');
    await register.create('publications', { id: 'hidden', title: 'Hidden', published: '2001', meta: { visibility: 'office' } });
    await register.patch(`commitments/${id}`, { sources: [...sources, { publication: 'hidden' }] });
    assert.equal((await register.get(`commitments/${id}`)).standing, 'Promised on 31 January 2018, not reviewed since', 'expected no day of a hidden source');
    await register.remove(`commitments/${id}`);
  });

  test('a network of which no population is known is not said to be outside its model', async () => {
    await register.create('care-models', { id: 'home', name: 'Home', population_min: 30000, population_max: 50000 });
    const network = (id, fields) => register.create('networks', { id, name: `Network ${id}`, model: 'home', ...fields });
    await network('unknown', {});
    await network('small', { population: { value: 10, qualifier: 'exact', unit: 'people' } });
    await network('right', { population: { value: 40000, qualifier: 'exact', unit: 'people' } });
    const text = await page('/networks/-/coverage');
    const row = (id) => textOf(new RegExp(`<tr><th scope="row"><a href="/networks/${id}">.*?</tr>`).exec(text)?.[0] ?? assert.fail(text));
    assert.match(row('unknown'), /Population not known/);
    assert.doesNotMatch(row('unknown'), /Outside|0 of 0/);
    assert.match(row('small'), /10 people.*Outside the model/);
    assert.doesNotMatch(row('right'), /Outside|not known .*Outside/);
    assert.ok(cellsOf(text).every(Boolean), 'expected no empty cell');
  });

  test('a list has no empty cell, and hides none on a phone', async () => {
    for (const { name } of (await register.get('-/schema')).collections) {
      if ((await fetch(`${register.origin}/${name}`, { headers: html })).status !== 200) continue; // readers may not see it
      const text = await page(`/${name}?limit=100`);
      assert.deepEqual(cellsOf(text).filter((cell) => !cell), [], name);
      assert.doesNotMatch(text, /class="none"/);
    }
    const row = /<tr><th scope="row"><a href="\/awards\/luton-council-mapping-study">[^]*?<\/tr>/.exec(await page('/awards'))?.[0];
    assert.match(row, /data-title="Amount"[^>]*>\s*<span class="quiet">Not disclosed</);
  });

  test('what is in Luton, and what covers it, comes from every collection with an area', async () => {
    const text = await page('/areas/luton/overview'), links = linksOf(text), said = textOf(text);
    const overview = await register.get('areas/luton/overview');
    for (const { collection, records } of overview.covers)
      for (const { id, label } of records) {
        assert.ok(links.includes(`/${collection}/${id}`), `expected /${collection}/${id}`);
        assert.ok(said.includes(label), label);
      }
    const covers = Object.fromEntries(overview.covers.map(({ collection, count }) => [collection, count]));
    assert.deepEqual([covers.hubs, covers.strategies], [2, 1]);
    assert.deepEqual(overview.within.map(({ id }) => id).sort(), ['bedfordshire-and-luton', 'blmk'].filter((id) => overview.within.some((one) => one.id === id)));
    assert.deepEqual(overview.here.map(({ collection, records }) => [collection, records.map(({ id }) => id)]), [['organisations', ['luton-council']]]);
    assert.doesNotMatch(said, /None is known|Hubs 0/);
  });

  const computed = ['/people/yannis-pappas/roles', '/organisations/blmk-icb/involvement', '/milestones/-/slippage', '/areas/luton/overview', '/awards/nhs-england-blmk-hub/breakdown'];
  const more = async () => {
    const first = async (collection) => (await register.get(`${collection}?limit=1`)).data[0].id;
    return [...computed, `/publications/${await first('publications')}/citations`, `/clusters/${await first('clusters')}/overview`, '/awards/nhs-england-blmk-hub/use'];
  };

  test('what plugins compute is shown with labels and links, never with ids', async () => {
    for (const path of await more()) {
      const text = await page(path), texts = [...text.replace(/<svg[^]*?<\/svg>/g, '').matchAll(/>([^<]+)</g)].map(([, one]) => plain(one).trim());
      assert.ok(linksOf(text).length > 0, `${path}: expected links`);
      assert.deepEqual(texts.filter((one) => /^[a-z-]+\/[a-z0-9-]+$/.test(one) || /^[a-z0-9]+(-[a-z0-9]+)+$/.test(one)), [], path);
      assert.deepEqual(cellsOf(text).filter((cell) => !cell), [], path);
      for (const link of linksOf(text).filter((one) => one.startsWith('/'))) {
        const { status } = await fetch(register.origin + link, { headers: html });
        assert.equal(status, 200, `${link} on ${path}`);
      }
    }
  });

  test('the roles of a person lead to the bodies, and involvement to the records', async () => {
    const roles = await register.get('people/yannis-pappas/roles'), links = linksOf(await page('/people/yannis-pappas/roles'));
    for (const { body } of roles.appointments) assert.ok(links.includes(`/${body.collection}/${body.id}`));
    for (const { collection, id } of roles.leads) assert.ok(links.includes(`/${collection}/${id}`));
    const involvement = await register.get('organisations/blmk-icb/involvement'), found = linksOf(await page('/organisations/blmk-icb/involvement'));
    const joins = new Map((await register.get('-/schema')).collections.filter(({ join }) => join).map(({ name, join }) => [name, join]));
    for (const { collection, records } of involvement.collections)
      for (const { id } of records) {
        const join = joins.get(collection), path = `/${collection}/${id}`;
        assert.equal(found.includes(path), !join, join ? `${path} is a join and has no link` : path);
        if (!join) continue;
        const record = await register.get(path.slice(1)), ends = [join.of, ...join.with ?? []].flatMap((field) => record[field] ?? []);
        assert.ok(ends.some((end) => found.some((link) => link.endsWith(`/${end}`))), `expected a link to one of ${ends} for ${path}`);
      }
  });

  test('late milestones are listed, with what they are of', async () => {
    const text = await page('/milestones/-/slippage'), row = /<tr><th scope="row"><a href="\/milestones\/overdue">[^]*?<\/tr>/.exec(text)?.[0] ?? assert.fail(text);
    for (const said of ['Care at home', '31 March 2025', 'Planned']) assert.ok(textOf(row).includes(said), `${said} in ${row}`);
  });

  test('a long answer says how many there are, and folds them', async () => {
    await register.create('people', { id: 'busy', name: 'Busy Bee' });
    await register.import('appointments', Array.from({ length: 230 }, (_, i) => ({ id: `busy-${i}`, person: 'busy', role: 'director', body: 'organisations/blmk-icb', starts: `${1700 + i}` })));
    const text = await page('/people/busy/roles');
    assert.match(textOf(text), /230 appointments .* The first 200 of 230 are shown\. All appointments/);
    assert.match(text, /<details>\s*<summary>230 appointments/);
    assert.match(textOf(await page('/organisations/blmk-icb/involvement')), /The first 200 of 2\d\d are shown/);
  });

  test('a time that cannot be read is refused on every page', async () => {
    for (const path of ['/', '/projects', '/data', '/search', '/accessibility'])
      for (const time of ['yesterday', '2026-13-45']) {
        const response = await fetch(`${register.origin}${path}?as_of=${time}`, { headers: html }), text = await response.text();
        assert.equal(response.status, 400, `${path} ${time}`);
        assert.doesNotMatch(textOf(text), /This is the register as it was/);
      }
    const future = await (await fetch(`${register.origin}/?as_of=2099-01-01`, { headers: html })).text();
    assert.match(textOf(future), /1 January 2099 is in the future: this is the register as it is now/);
    assert.doesNotMatch(textOf(future), /as it was on 1 January 2099/);
  });

  test('a record that was not there yet says since when it is', async () => {
    for (const path of ['/projects/ageing-well', '/awards/nhs-england-blmk-hub/breakdown']) {
      const text = await page(`${path}?as_of=2020-01-31`, 404), [, collection, id] = path.split('/');
      const { meta: { created } } = await register.get(`${collection}/${id}`);
      const day = new Date(created).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
      assert.match(textOf(text), new RegExp(`Not in the register on 31 January 2020 It was added on ${day} \\. See it as it is now`));
      assert.ok(linksOf(text).includes(path));
    }
    assert.doesNotMatch(await words('/projects/nobody-knows?as_of=2020-01-31', 404), /It was added/);
  });

  test('before the first record the home page says that the register was empty', async () => {
    const text = await page('/?as_of=2020-01-31');
    assert.match(textOf(text), /The register was empty on 31 January 2020/);
    assert.doesNotMatch(text, /class="tiles"|<h2/);
    assert.ok(linksOf(text).includes('/'));
  });
});

describe('true pages of an empty register', built, () => {
  let register;
  before(async () => { register = await start(...await allPlugins()); });
  after(() => register?.stop());

  test('say that there is nothing, and what to do', async () => {
    const get = async (path) => mainOf(await (await fetch(register.origin + path, { headers: html })).text());
    const home = await get('/');
    assert.match(textOf(home), /This register is empty\. Import the sample/);
    assert.doesNotMatch(home, /class="tiles"|<h2|<h3/);
    assert.doesNotMatch(textOf(home), /\b0\b/);
    assert.match(textOf(await get('/payments')), /No payments have been recorded\./);
    for (const path of ['/milestones/-/slippage', '/networks/-/coverage', '/commitments/-/review', '/cohorts/-/open']) {
      const text = await get(path);
      assert.doesNotMatch(textOf(text), /£0|Outside/);
      assert.deepEqual(cellsOf(text).filter((cell) => !cell), [], path);
    }
    assert.match(textOf(await get('/milestones/-/slippage')), /No milestone is late\./);
  });
});
