// The filters of a list: every value can be chosen, by a name that nothing else has; what people type is read; a mistake
// keeps the form.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, start } from './ouse.mjs';
import { html, textOf } from './walk.mjs';

const names = ['Ada', 'Ben', 'Cora', 'Dev', 'Eve', 'Finn', 'Gita', 'Hugh', 'Ines', 'Jack', 'Kofi', 'Lena'];
const families = ['Abara', 'Brook', 'Cole', 'Diaz', 'Evans', 'Ford', 'Gill', 'Hall', 'Iqbal', 'Jones', 'Khan', 'Lowe'];
const people = names.flatMap((given, i) => families.map((family, k) => ({ id: `person-${i}-${k}`, name: `${given} ${family}`, family_name: family, given_name: given })));
const areas = Array.from({ length: 18 }, (_, i) => ({ id: `town-${i}`, name: i ? `Town ${String.fromCharCode(64 + i)}` : 'Sandy', kind: 'locality' }));
const hubs = ['North', 'South', 'East', 'West'].map((name) => ({ id: name.toLowerCase(), name: `${name} hub`, kind: 'research_hub', ...(name < 'O' && { host: 'uni' }) }));
const pillars = hubs.map(({ id }) => ({ id: `prevention-${id}`, hub: id, number: 1, name: 'Prevention' }));
const projects = people.map(({ id }, i) => ({
  id: `project-${i}`, title: `Project ${i}`, pillar: pillars[i % 4].id, leads: [id], area: areas[i % 18].id, starts: i % 2 ? '2025-06' : '2024-01', ends: i % 2 ? '2026' : '2025-03-31',
}));

describe('filters', built, () => {
  let register;
  const page = async (path, status = 200) => {
    const response = await fetch(register.origin + path, { headers: html }), text = await response.text();
    assert.equal(response.status, status, `${path}: ${text}`);
    return text;
  };
  const rows = (text) => [...text.matchAll(/<tr><th scope="row"><a href="\/projects\/([^"?]+)/g)].map(([, id]) => id);
  const values = (text, field) => [
    ...text.matchAll(new RegExp(`<input type="checkbox" name="${field}" value="([^"]*)"`, 'g')),
    ...(text.split(`name="${field}[in]">`)[1]?.split('</select>')[0].matchAll(/<option value="([^"]+)"/g) ?? [])].map(([, value]) => value);
  const labels = (text, field) => [...text.matchAll(new RegExp(`<input type="checkbox" name="${field}" value="[^"]*"[^>]*> <span>([^<]+) <span`, 'g'))].map(([, label]) => label);

  const organisations = [{ id: 'uni', name: 'University', kind: 'university' }, { id: 'trust', name: 'Trust', kind: 'nhs_trust' }];
  const partners = [['north', 'uni', 'partner'], ['south', 'trust', 'lead'], ['east', 'trust', 'partner']].map(([hub, organisation, role]) => ({ id: `${hub}-${organisation}`, hub, organisation, role }));

  before(async () => {
    register = await start('directory', 'hubs', 'funding', 'search', 'site');
    for (const [collection, records] of Object.entries({ organisations, areas, people, hubs, partners, pillars, projects })) await register.import(collection, records);
    // The choices of a large list are counted by a task.
    await register.create('deliverables', { id: 'report', project: 'project-0', title: 'Report' });
    for (let tries = 0; tries < 300 && values(await page('/projects'), 'area').length < areas.length; tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
  });
  after(() => register?.stop());

  test('every value can be chosen: by a box, from a list or by its name', async () => {
    const text = await page('/projects'), { facets } = await register.get('projects?facet=area,pillar,leads&limit=1');
    assert.deepEqual(values(text, 'area').sort(), Object.keys(facets.area).sort());
    assert.deepEqual(values(text, 'pillar').sort(), Object.keys(facets.pillar).sort());
    assert.ok(values(text, 'leads').length < people.length && text.includes('name="leads[find]"'), 'expected a field to find the others');
    for (const { id, name } of people.filter((_, i) => i % 11 === 0)) {
      const found = await page(`/projects?leads%5Bfind%5D=${encodeURIComponent(name)}`);
      assert.deepEqual(rows(found), [projects.find(({ leads }) => leads[0] === id).id], name);
      assert.match(textOf(found), new RegExp(`Leads: ${name}`));
    }
  });

  test('the list of further values is in the order of names', async () => {
    const [, list] = /name="area\[in\]">(.*?)<\/select>/s.exec(await page('/projects'));
    const shown = [...list.matchAll(/<option value="[^"]+">([^<(]+)/g)].map(([, label]) => label.trim());
    assert.equal(shown.length, 10);
    assert.deepEqual(shown, [...shown].sort());
  });

  test('a value can be chosen next to one that is chosen', async () => {
    const text = await page('/projects?area=town-0');
    assert.equal(values(text, 'area').length, 18);
    assert.match(textOf(await page('/projects?area=town-0&area%5Bin%5D=town-1')), /16 projects Area: Sandy Remove Area: Sandy Area: Town A/);
  });

  test('values of the same name are told apart', async () => {
    assert.deepEqual(labels(await page('/projects'), 'pillar').sort(), ['East', 'North', 'South', 'West'].map((hub) => `Prevention (${hub} hub)`));
  });

  test('what is chosen has its name, through references too', async () => {
    assert.match(textOf(await page('/projects?pillar.hub=north')), /36 projects Hub: North hub/);
  });

  test('a list is filtered by what its records belong to, and by who takes part in that', async () => {
    const text = await page('/projects'), titles = [...text.matchAll(/<legend class="unseen">([^<]*)/g)].map(([, title]) => title);
    assert.deepEqual(titles.slice(0, 4), ['Pillar', 'Hub', 'Host of hub', 'Partner of hub']);
    assert.deepEqual(values(text, 'pillar.hub').sort(), ['east', 'north', 'south', 'west']);
    assert.deepEqual(labels(text, 'pillar.hub.host'), ['University']);
    assert.deepEqual(labels(text, 'pillar.hub.partners.organisation').sort(), ['Trust', 'University']);
    for (const [query, title, label, count] of [['pillar.hub=north', 'Hub', 'North hub', 36], ['pillar.hub.host=uni', 'Host of hub', 'University', 72],
      ['pillar.hub.partners.organisation=trust', 'Partner of hub', 'Trust', 72], ['pillar.hub=north&pillar.hub%5Bin%5D=south', 'Hub', 'North hub', 72],
      ['pillar.hub.partners.role=lead', 'Part', 'Lead', 36], ['pillar.hub.host.kind=university', 'Kind', 'University', 72], ['id%5Bin%5D=project-1', 'Record', 'Project 1', 1]]) {
      const found = textOf(await page(`/projects?${query}`));
      assert.match(found, new RegExp(`(of|[^f]) ${count} projects? .*${title}: ${label} Remove`), query);
    }
    assert.match(await page('/projects?pillar.hub=north'), /<input type="checkbox" name="pillar.hub" value="north" checked>/);
    assert.deepEqual(labels(await page('/deliverables'), 'project.pillar.hub').sort(), ['East hub', 'North hub', 'South hub', 'West hub']);
    assert.deepEqual(labels(await page('/hubs'), 'partners.organisation').sort(), ['Trust', 'University']);
  });

  test('numbers say how many there are and which are shown', async () => {
    const first = await page('/projects');
    assert.match(textOf(first), /1 to 25 of 144 projects/);
    const [, next] = /rel="next" href="([^"]+)"/.exec(first);
    assert.match(textOf(await page(next.replaceAll('&amp;', '&'))), /26 to 50 of 144 projects/);
    assert.match(textOf(await page('/projects?area=town-0')), /[^f] 8 projects/);
    assert.match(textOf(await page('/projects?area=town-0&leads=person-0-0')), /[^f] 1 project /);
    assert.match(textOf(await page('/projects?area=town-0&leads=person-0-1')), /No projects match/);
    assert.match(textOf(await page('/payments')), /No payments have been recorded/);
  });

  const typed = [['June 2025', 72], ['june 2025', 72], ['06/2025', 72], ['1 June 2025', 72], ['1st June 2025', 72], ['01/06/2025', 72], ['2025-06', 72], ['2025', 72], ['2024', 144], ['Jan 2024', 144], ['July 2025', 0]];
  for (const [text, count] of typed)
    test(`dates are read as people type them: ${text}`, async () => {
      const query = `starts[gte]=${text}`, seen = textOf(await page(`/projects?${encodeURI(query)}`));
      assert.match(seen, count ? new RegExp(`(of|Title|results|Show Clear) ?${count} projects`) : /No projects match/, seen);
    });

  test('dates have fields for day, month and year', async () => {
    const fields = (text, name) => ['day', 'month', 'year'].map((part) => new RegExp(`name="${name.replace(/[[\]]/g, '\\$&')}-${part}" value="([^"]*)"`).exec(text)?.[1]);
    for (const [day, month, year, count] of [['1', '6', '2025', 72], ['', '6', '2025', 72], ['', '', '2024', 144], ['30', '7', '2025', 0]]) {
      const text = await page(`/projects?starts%5Bgte%5D-day=${day}&starts%5Bgte%5D-month=${month}&starts%5Bgte%5D-year=${year}`);
      assert.match(textOf(text), count ? new RegExp(`${count} projects`) : /No projects match/);
      assert.deepEqual(fields(text, 'starts[gte]'), [day, month, year]);
      assert.doesNotMatch(text, /type="date"/);
    }
    const wrong = await page('/projects?starts%5Bgte%5D-day=31&starts%5Bgte%5D-month=2&starts%5Bgte%5D-year=2025', 400);
    assert.deepEqual(fields(wrong, 'starts[gte]'), ['31', '2', '2025']);
    assert.match(textOf(wrong), /Starts from must be a date/);
    const past = await page('/projects?as_of-day=31&as_of-month=1&as_of-year=2020');
    assert.match(textOf(past), /as it was on 31 January 2020/);
    await page('/projects?as_of-day=31&as_of-month=2&as_of-year=2020', 400);
  });

  const amounts = [['£1,000,000', 2], ['1,000,000', 2], ['1000000', 2], ['£1m', 2], ['1.5 million', 1], ['GBP 999,999.99', 2], ['900k', 2], ['£2,000,000.01', 0]];
  test('amounts are read as people type them', async () => {
    await register.create('organisations', { id: 'funder', name: 'Funder', kind: 'other' });
    for (const [i, amount] of [500, 1_000_000, 2_000_000].entries()) await register.create('awards', { id: `award-${i}`, title: `Award ${i}`, funder: 'funder', recipient: 'funder', kind: 'grant', description: 'A grant', for: 'hubs/north', amount });
    for (const [text, count] of amounts) {
      const seen = textOf(await page(`/awards?amount%5Bgte%5D=${encodeURIComponent(text)}`));
      assert.match(seen, count ? new RegExp(`${count} awards?`) : /No awards match/, `${text}: ${seen}`);
    }
    assert.match(await page('/awards?amount%5Bgte%5D=1000000'), /name="amount\[gte\]" value="£1,000,000"/);
  });

  const wrong = [['starts[gte]=soon', 'Starts from must be a date, like June 2025'], ['starts[lte]=31/2/2025', 'Starts to must be a date'], ['ends[gte]=13/2025', 'Ends from must be a date'],
    ['leads[find]=Nobody', 'No name has the words “Nobody”'], ['leads[find]=Ada', 'More than one name has the words “Ada”']];
  for (const [query, said] of wrong)
    test(`a mistake keeps the form: ${query}`, async () => {
      const [name, value] = query.split('='), text = await page(`/projects?${encodeURI(query)}&q=project&area=town-3`, 400);
      assert.match(text, /<title>Error: Projects/);
      const [, id] = /<div class="note note-bad mistakes"[^]*?<a href="#([^"]+)">/.exec(text);
      assert.ok(textOf(text).includes(said), textOf(text));
      const input = new RegExp(`<input [^>]*id="${id}"[^>]*>`).exec(text)[0];
      const parts = value.split('/'), day = parts.length === 2 ? '' : parts[0]; // of a date; a name has one part
      assert.ok(input.includes(`name="${name}${/^(starts|ends)/.test(name) ? '-day' : ''}"`) && input.includes(`value="${day}"`) && input.includes(`aria-describedby="${id}-problem"`), input);
      if (parts.length > 1) assert.ok(text.includes(`name="${name}-month" value="${parts.at(-2)}"`) && text.includes(`name="${name}-year" value="${parts.at(-1)}"`));
      assert.match(text, new RegExp(`id="${id}-problem">${said}`));
      assert.match(text, /name="q" type="search" value="project"/);
      assert.match(text, /name="area" value="town-3" checked/);
      assert.deepEqual(rows(text), []);
    });

  test('a name that several have offers them', async () => {
    const text = await page('/projects?leads%5Bfind%5D=Ada', 400);
    const offered = people.filter(({ name }) => name.startsWith('Ada')).map(({ id }) => id);
    assert.ok(offered.slice(0, 8).some((id) => values(text, 'leads').slice(0, 8).includes(id)), String(values(text, 'leads')));
  });

  test('no field has "begins with" next to a search of words', async () => {
    assert.doesNotMatch(await page('/projects'), /Begins with/);
  });
});
