// The pages of single records: what joins two records is a row of both, the way up is shown, and what a reader looks for
// (money, people, training) is on the page of the thing itself.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { built, source, start } from './ouse.mjs';
import { html, linksOf, textOf } from './walk.mjs';

const sampleFolder = fileURLToPath(new URL('../../conf/sample', import.meta.url));
const hub = '/hubs/blmk-research-innovation-hub';
const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

describe('pages of records', built, () => {
  let register;
  const get = async (path, status = 200) => {
    const response = await fetch(register.origin + path, { headers: html, redirect: 'manual' }), text = await response.text();
    assert.equal(response.status, status, `${path}: ${text}`);
    return text;
  };
  const mainOf = (text) => /<main[^>]*>([^]*)<\/main>/.exec(text)?.[1] ?? assert.fail(text);
  const page = async (path, status) => mainOf(await get(path, status));
  const heading = (text) => textOf(/<h1>([^]*?)<\/h1>/.exec(text)[1]).trim();
  const crumbs = (text) => [.../<nav class="breadcrumbs[^>]*>([^]*?)<\/nav>/.exec(text)[1].matchAll(/<a href="([^"]*)">([^<]*)</g)].map(([, href, title]) => [href, title]);
  const subjects = (text) => [.../<nav aria-label="Subjects">([^]*?)<\/nav>/.exec(text)[1].matchAll(/<a href="([^"]*)"( aria-current="true")?>([^<]*)</g)].map(([, href, current, title]) => [title, href, Boolean(current)]);
  // A section by its heading: the rows of its table as texts of cells, or all of it.
  const section = (text, title) => text.split('<section').find((part) => new RegExp(`<h2[^>]*>${title}\\b`).test(part)) ?? assert.fail(`no section ${title} in ${text}`);
  const rows = (part) => [...part.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row]) => [...row.matchAll(/<t[hd]\b[^>]*>([^]*?)<\/t[hd]>/g)].map(([, cell]) => textOf(cell).trim()));

  before(async () => {
    register = await start(.../^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', '));
    await promisify(execFile)(process.env.OUSE_BIN, ['import', '-c', register.config, sampleFolder]);
  });
  after(() => register?.stop());

  test('a person is called with the honorific, and has roles as rows that lead to the bodies', async () => {
    await register.create('appointments', { id: 'pappas-past', person: 'yannis-pappas', role: 'member', body: 'organisations/ihr', starts: '2015', ends: '2019-06' });
    await register.create('appointments', { id: 'pappas-new', person: 'yannis-pappas', role: 'member', body: 'organisations/iasr', starts: '2024-03' });
    const text = await page('/people/yannis-pappas'), roles = section(text, 'Roles');
    assert.equal(heading(text), 'Dr Yannis Pappas');
    assert.deepEqual(rows(roles).slice(0, 2), [['At', 'Role', 'From', 'To'], ['Institute of Applied Social Research', 'Member', 'March 2024', 'No end known']]);
    assert.deepEqual(rows(roles).at(-1), ['Institute for Health Research', 'Member', '2015', 'June 2019']);
    for (const body of ['/organisations/iasr', '/organisations/ihr', hub, '/organisations/university-of-bedfordshire']) assert.ok(linksOf(roles).includes(body), body);
    assert.deepEqual(linksOf(text).filter((link) => link.startsWith('/appointments/')), []);
    assert.doesNotMatch(textOf(text), /Appointments|· Person/);
  });

  test('roles are in the order of a register of companies: held, the newest first; then past, the last that ended first', async () => {
    await register.create('people', { id: 'many', name: 'Many Roles' });
    const held = [['c', '2019', null], ['a', '2024-05', null], ['f', null, null], ['b', '2020-01-01', '2999'], ['d', '2001', '2023-02'], ['e', '2010', '2011']];
    for (const [id, starts, ends] of held) await register.create('appointments', { id: `many-${id}`, person: 'many', role: 'member', body: `organisations/ihr`, ...starts && { starts }, ...ends && { ends } });
    const { appointments } = await register.get('people/many/roles');
    assert.deepEqual(appointments.map(({ id }) => id.at(-1)), ['a', 'b', 'c', 'f', 'd', 'e']);
    const past = await register.get('people/many/roles?on=2011-06-01');
    assert.deepEqual(past.appointments.map(({ id }) => id.at(-1)), ['e', 'd', 'f']);
    const text = await page('/people/many/roles');
    assert.deepEqual(rows(text).slice(1).map(([, , from, to]) => [from, to]), [['May 2024', 'No end known'], ['1 January 2020', '2999'], ['2019', 'No end known'], ['Not known', 'No end known'], ['2001', 'February 2023'], ['2010', '2011']]);
    assert.deepEqual(linksOf(text).filter((link) => link.startsWith('/appointments/')), []);
  });

  test('a project shows the way up, its neighbours, its hub and who pays', async () => {
    const whole = await get('/projects/ageing-well'), text = mainOf(whole);
    assert.equal(heading(text), 'Ageing well: Frailty &amp; Sarcopenia Screening and Intervention Study'.replace('&amp;', '&'));
    assert.deepEqual(crumbs(whole), [['/', 'Home'], ['/hubs', 'Hubs'], [hub, 'BLMK ICS Research &amp; Innovation Hub'], ['/pillars/new-ways-of-working', 'New ways of working']]);
    assert.deepEqual(linksOf(section(text, 'Also in this pillar')), ['/projects/primary-care-access']);
    assert.deepEqual(rows(section(text, 'Paid by')).slice(1), [['NHS England', 'NHS England award for the BLMK ICS Research & Innovation Hub', 'Through the hub; its share is not known', '£3,000,000']]);
    assert.match(text, new RegExp(`<dt>Hub</dt><dd>\\s*<a href="${hub}">`));
    const own = await page('/projects/street-activities');
    assert.deepEqual(rows(section(own, 'Paid by')).map((row) => row.slice(2)), [['How', 'Amount'], ['For this project', 'Not disclosed'], ['Through the hub; its share is not known', '£3,000,000']]);
    assert.deepEqual(linksOf(section(own, 'Delivers')), ['/deliverables/luton-council-mapping-study']);
  });

  test('what a project is part of, and the ends of a join, are answers of the API too', async () => {
    const { hub: of, pillar, awards, training } = await register.get('projects/street-activities/context');
    assert.deepEqual([of.id, pillar.id, training], ['blmk-research-innovation-hub', 'safeguarding', []]);
    assert.deepEqual(awards.map(({ id, amount, funder, through }) => [id, amount, funder.id, through?.id ?? null]), [
      ['luton-council-mapping-study', null, 'luton-council', null], ['nhs-england-blmk-hub', 3000000, 'nhs-england', 'blmk-research-innovation-hub']]);
    await register.create('projects', { id: 'outside', title: 'A study outside a hub' });
    assert.deepEqual(await register.get('projects/outside/context'), { hub: null, pillar: null, awards: [], training: [] });
    assert.deepEqual((await register.get('-/ends?of=appointments/yannis-pappas-reader,projects/outside,appointments/nobody')).data,
      { 'appointments/yannis-pappas-reader': ['people/yannis-pappas', 'organisations/university-of-bedfordshire'] });
  });

  test('an organisation shows all that it is part of', async () => {
    for (let i = 1; i <= 8; i++) await register.create('organisations', { id: `level-${i}`, name: `Level ${i}`, kind: 'university_unit', ...i > 1 && { part_of: `level-${i - 1}` } });
    const whole = await get('/organisations/level-8');
    assert.deepEqual(crumbs(whole), [['/', 'Home'], ['/organisations', 'Organisations'], ...Array.from({ length: 7 }, (_, i) => [`/organisations/level-${i + 1}`, `Level ${i + 1}`])]);
    assert.deepEqual(crumbs(await get('/organisations/level-8/involvement')).at(-1), ['/organisations/level-8', 'Level 8']);
    assert.deepEqual(linksOf(section(mainOf(await get('/organisations/level-7')), 'Units')), ['/organisations/level-8']);
  });

  test('the head has the subjects that readers look for, and where the page is among them', async () => {
    const expected = ['Hubs', 'Projects', 'People', 'Organisations', 'Places', 'Money', 'Plans', 'Training'];
    for (const [path, at] of [['/', null], ['/projects', 'Projects'], ['/projects/ageing-well', 'Hubs'], ['/people/yannis-pappas', 'People'], ['/areas/luton/overview', 'Places'], ['/cohorts/-/open', 'Training']]) {
      const found = subjects(await get(path));
      assert.deepEqual(found.map(([title]) => title), expected, path);
      assert.deepEqual(found.filter(([, , current]) => current).map(([title]) => title), at ? [at] : [], path);
    }
    assert.deepEqual(subjects(await get('/')).at(-1).slice(1), ['/cohorts/-/open', false]);
  });

  test('a hub has its money, people, partners, training and what was said on one page', async () => {
    await register.create('schemes', { id: 'frailty-course', title: 'Frailty course', of: 'hubs/blmk-research-innovation-hub', audience: ['gp', 'nurse'], kind: 'short_course' });
    const text = await page(hub), said = textOf(text);
    assert.match(said, /£3,000,000 disclosed, 1 award not disclosed\s?\. How it is spent has not been published\./);
    assert.ok(text.indexOf('>Money<') < text.indexOf('>Projects<', text.indexOf('<h2')), 'expected the money before the projects');
    const { pillars } = await register.get(`${hub.slice(1)}/portfolio`);
    for (const { id } of pillars.flatMap(({ projects }) => projects).flatMap(({ leads }) => leads)) assert.ok(linksOf(text).includes(`/people/${id}`), id);
    assert.deepEqual(rows(section(text, 'Partners')).slice(0, 2), [['Organisation', 'Part'], ['University of Bedfordshire', 'Host']]);
    assert.deepEqual(rows(section(text, 'Training')).at(-1), ['Frailty course', 'GP, Nurse', 'Draft']);
    const quotes = [...section(text, 'Said about it').matchAll(/<figcaption>([^]*?)<\/figcaption>/g)].map(([, caption]) => textOf(caption).trim());
    assert.ok(quotes.some((caption) => /^Yannis Pappas\s?, (Director|Member).* · date not known$/.test(caption)), quotes.join('\n'));
    assert.ok(linksOf(text).includes('/organisations/ihr'));
    assert.deepEqual(linksOf(text).filter((link) => /^\/(partners|appointments|statements|allocations)\//.test(link)), []);
  });

  test('a hub of many projects shows them in tables, with how many are at each stage', async () => {
    await register.create('hubs', { id: 'large', name: 'Large hub', kind: 'research_hub' });
    await register.create('pillars', { id: 'large-1', hub: 'large', number: 1, name: 'One' });
    await register.import('projects', Array.from({ length: 13 }, (_, i) => ({ id: `large-${i}`, pillar: 'large-1', title: `Study ${i}`, leads: ['sarah-wadd'], state: i < 4 ? 'active' : 'confirmed' })));
    const text = await page('/hubs/large');
    assert.doesNotMatch(text, /class="cards/);
    assert.match(textOf(text), /Active 4 .*|Confirmed 9 /);
    assert.ok(linksOf(text).includes('/projects?pillar.hub=large&state=confirmed'));
    assert.equal(rows(section(text, 'Projects')).length, 14);
    const { stages, money } = await register.get('hubs/large/portfolio');
    assert.deepEqual(stages.sort((a, b) => a.count - b.count), [{ state: 'active', count: 4 }, { state: 'confirmed', count: 9 }]);
    assert.deepEqual(money, { disclosed: [], undisclosed: 0, spending_known: false });
  });

  test('no page of another record leads to a record that joins two', async () => {
    await register.create('allocations', { id: 'part-of-it', award: 'nhs-england-blmk-hub', target: 'pillars/safeguarding', amount: 400000, status: 'planned' });
    await register.create('payments', { id: 'a-payment', award: 'nhs-england-blmk-hub', payee: 'university-of-bedfordshire', date: '2026-01-31', amount: 250000, kind: 'disbursement' });
    const { collections } = await register.get('-/schema'), joins = collections.filter(({ join }) => join).map(({ name }) => name);
    assert.deepEqual(joins.sort(), ['aims', 'allocations', 'appointments', 'constituents', 'investigators', 'list-sizes', 'memberships', 'partners', 'payments', 'posts', 'practices', 'statements']);
    for (const { name, join } of collections.filter((one) => !one.join && one.visibility !== 'office')) {
      void join;
      for (const { id } of (await register.get(`${name}?limit=20`)).data) {
        const links = linksOf(await page(`/${name}/${id}`)).map((link) => link.split('/'));
        assert.deepEqual(links.filter(([, to, ...rest]) => joins.includes(to) && rest.length > 0).map((link) => link.join('/')), [], `/${name}/${id}`);
      }
    }
    const award = await page('/awards/nhs-england-blmk-hub');
    assert.deepEqual(rows(section(award, 'What it pays for')), [['Goes to', 'Status', 'Amount'], ['Safeguarding', 'Planned', '£400,000']]);
    assert.deepEqual(rows(section(award, 'Payments')), [['Payee', 'Kind', 'Date', 'Amount'], ['University of Bedfordshire', 'Disbursement', '31 January 2026', '£250,000']]);
    assert.ok(linksOf(award).includes('/pillars/safeguarding'));
  });

  test('rows beyond ten are counted, and all of them are a link away', async () => {
    await register.create('people', { id: 'busy', name: 'Busy Bee' });
    await register.import('appointments', Array.from({ length: 23 }, (_, i) => ({ id: `busy-${i}`, person: 'busy', role: 'director', body: 'organisations/blmk-icb', starts: `${1900 + i}` })));
    const roles = section(await page('/people/busy'), 'Roles');
    assert.equal(rows(roles).length, 11);
    assert.deepEqual(rows(roles)[1].slice(2), ['1922'], 'expected no column for what no row has');
    assert.match(textOf(roles), /Roles 23 .*All 23/);
    assert.ok(linksOf(roles).includes('/appointments?person=busy'));
  });

  test('areas say what they are part of, and their headings are words of readers', async () => {
    const text = await page('/areas/luton');
    assert.deepEqual(linksOf(section(text, 'Part of')).filter((link) => link.startsWith('/areas/')).sort(), ['/areas/bedfordshire-and-luton', '/areas/blmk']);
    for (const path of ['/areas/luton', hub, '/organisations/nhs-england', '/projects/ageing-well', '/strategies/health-services-strategy-2040'])
      assert.doesNotMatch(textOf(await page(path)), /[A-Z][a-z ]+ · [A-Z][a-z]+ (?!\d)/, path);
    assert.ok(linksOf(section(await page('/organisations/nhs-england'), 'Pays for')).includes('/awards/nhs-england-blmk-hub'));
  });

  test('a hit is told apart from others of the same name, and the one that is meant is marked', async () => {
    const hits = (text) => [...text.matchAll(/<li class="entry([^"]*)">([^]*?)<\/li>/g)].map(([, best, hit]) => [textOf(/<h3>([^]*?)<\/h3>/.exec(hit)[1]).trim(), textOf(/<p class="quiet small">([^]*?)<\/p>/.exec(hit)[1]).trim(), best.includes('best')]);
    const same = hits(await page('/search?q=bedford+hospital')).filter(([name]) => name === 'Bedford Hospital');
    assert.deepEqual(same, [['Bedford Hospital', 'NHS trust', false], ['Bedford Hospital', 'Site of Bedford Hospital', false]]);
    const [first] = hits(await page('/search?q=yannis+pappas'));
    assert.deepEqual([first[0], first[2]], ['Yannis Pappas', true]);
    assert.match(first[1], /^(Director|Member).*, /);
    assert.deepEqual((await register.get('-/contexts?of=sites/nowhere,projects/ageing-well')).data, { 'projects/ageing-well': 'Project of New ways of working' });
  });

  test('a fact that a source claims says so next to it', async () => {
    await register.create('publications', { id: 'a-paper', title: 'A paper', url: 'https://example.org/paper' });
    await register.create('projects', { id: 'claimed', pillar: 'safeguarding', title: 'Claimed', starts: '2026', ends: '2027', sources: [{ publication: 'a-paper', quote: 'from 2026', status: 'claimed', fields: ['/starts'] }, { publication: 'a-paper', status: 'confirmed', fields: ['/ends'] }] });
    const text = await page('/projects/claimed');
    const fact = (title) => textOf(new RegExp(`<dt>${title}</dt><dd[^>]*>([^]*?)</dd>`).exec(text)[1]).trim();
    assert.equal(fact('Starts'), '2026 Said by the source, not checked');
    assert.equal(fact('Ends'), '2027');
    assert.match(textOf(section(text, 'Who says so')), /for Starts Said by the source, not checked/);
  });

  describe('training', () => {
    before(async () => {
      await register.create('schemes', { id: 'course', title: 'Research skills', audience: ['gp'], kind: 'short_course', cost: 120, currency: 'EUR' });
      await register.move('schemes/course', 'published');
      await register.create('cohorts', { id: 'course-1', scheme: 'course', opens: day(-7), closes: day(30), starts: '2093-01-15', ends: '2093-03-01' });
    });

    test('a cohort has its day in words, and a way to register interest', async () => {
      const text = await page('/cohorts/course-1');
      assert.equal(heading(text), 'Research skills, 15 January 2093');
      assert.ok(linksOf(text).includes('/cohorts/course-1/apply'));
      const form = await page('/cohorts/course-1/apply');
      assert.match(form, /<form class="form" method="post" action="\/cohorts\/course-1\/apply"/);
      assert.match(textOf(form), /Research skills Starts 15 January 2093\./);
      await get('/cohorts/nothing/apply', 404);
      await register.create('cohorts', { id: 'course-2', scheme: 'course', opens: day(7), starts: '2094-01-15' });
      assert.ok(!linksOf(await page('/cohorts/course-2')).includes('/cohorts/course-2/apply'), 'expected no button before it opens');
    });

    test('a cost is in the currency of the scheme', async () => {
      assert.match(textOf(await page('/schemes/course')), /Cost EUR 120 /);
      assert.match(textOf(await page('/cohorts/-/open')), /Cost EUR 120 /);
      assert.equal((await register.get('cohorts/-/open')).cohorts.find(({ id }) => id === 'course-1').scheme.currency, 'EUR');
      await register.refusePatch(422, { pointer: '/currency', code: 'choice' }, 'schemes/course', { currency: 'BARTER' });
    });

    const post = (path, body) => fetch(register.origin + path, { method: 'POST', redirect: 'manual', headers: { ...html, 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(body) });

    test('a form with something missing comes back with what was typed', async () => {
      const response = await post('/cohorts/course-1/apply', { cohort: 'course-1', name: ' ', contact: 'ada@example.org', practice: 'Bury "Park"' }), text = await response.text();
      assert.equal(response.status, 422);
      assert.match(text, /<title>Error: Register your interest/);
      assert.match(textOf(text), /There is a problem Enter your name/);
      assert.ok(linksOf(text).includes('#name') || /href="#name"/.test(text));
      assert.match(text, /value="ada@example\.org"/);
      assert.match(text, /value="Bury &quot;Park&quot;"/);
      assert.match(text, /id="name"[^>]*aria-invalid="true" aria-describedby="name-problem"/);
      assert.doesNotMatch(text, /id="contact"[^>]*aria-invalid/);
    });

    test('a complete form is handed on, and taken', async () => {
      const body = { cohort: 'course-1', name: 'Ada', contact: 'ada@example.org', profession: '', practice: '' };
      const first = await post('/cohorts/course-1/apply', body);
      assert.deepEqual([first.status, first.headers.get('location')], [307, '/apply']);
      const second = await post('/apply', body);
      assert.equal(second.status, 303);
      assert.deepEqual((await register.get('expressions?cohort=course-1', 'office')).data.map(({ name }) => name), ['Ada']);
      assert.equal((await post('/cohorts/nothing/apply', body)).status, 404);
    });
  });
});
