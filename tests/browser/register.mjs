// Makes a register of 20,000 records in the shape of a health partnership, as NDJSON by collection: many of everything,
// a person with 400 roles, an organisation that thousands name, eight levels of organisations, long titles.
const pick = (list, i) => list[i % list.length];
const range = (n, make) => Array.from({ length: n }, (_, i) => make(i));
const given = ['Ada', 'Ben', 'Cora', 'Dev', 'Eve', 'Finn', 'Gita', 'Hugh', 'Ines', 'Jack', 'Kofi', 'Lena', 'Mo', 'Nia', 'Omar', 'Priya'];
const family = ['Abara', 'Brook', 'Cole', 'Diaz', 'Evans', 'Ford', 'Gill', 'Hall', 'Iqbal', 'Jones', 'Khan', 'Lowe', 'Mbeki', 'Nowak', 'Okoro', 'Patel', 'Quinn'];
const towns = ['Luton', 'Bedford', 'Sandy', 'Ampthill', 'Dunstable', 'Flitwick', 'Biggleswade', 'Leighton', 'Kempston', 'Potton', 'Stotfold', 'Arlesey',
  'Houghton', 'Woburn', 'Cranfield', 'Harrold', 'Olney', 'Bletchley'];
const topics = ['Ageing well', 'Frailty', 'Prevention', 'Diabetes', 'Young minds', 'Cancer care', 'Stroke', 'Maternity', 'Dementia', 'Obesity'];
const long = 'A study of what happens to the people of the county when their practices, hospitals, councils and universities work together for the first time, with everything that they have, over several years';

export const largest = { person: 'person-0', organisation: 'organisation-0', hub: 'hub-0', strategy: 'strategy-0', area: 'town-0', award: 'award-0' };

export function largeRegister() {
  const areas = [{ id: 'county', name: 'County', kind: 'county', contains: range(18, (i) => `town-${i}`) }, ...range(18, (i) => ({ id: `town-${i}`, name: towns[i], kind: 'locality' }))];
  const organisations = range(5000, (i) => ({ id: `organisation-${i}`, name: `${pick(towns, i)} ${pick(['practice', 'trust', 'school', 'charity'], i)} ${i}`, kind: pick(['gp_practice', 'nhs_trust', 'school', 'charity'], i),
    area: `town-${i % 18}`, ...(i > 0 && { part_of: i < 9 ? `organisation-${i - 1}` : 'organisation-0' }) }));
  const people = range(3000, (i) => ({ id: `person-${i}`, name: `${pick(given, i)} ${pick(family, Math.floor(i / 16))} ${i}`, given_name: pick(given, i), family_name: `${pick(family, Math.floor(i / 16))} ${i}` }));
  const appointments = range(3000, (i) => ({ id: `appointment-${i}`, person: i < 400 ? 'person-0' : `person-${i}`, role: pick(['director', 'chair', 'member'], i), body: `organisations/organisation-${i < 400 ? i : i % 4000}`, starts: `${1990 + (i % 35)}` }));
  const hubs = range(20, (i) => ({ id: `hub-${i}`, name: `${towns[i % 18]} research hub ${i}`, kind: 'research_hub', area: `town-${i % 18}`, host: `organisation-${i}`, state: 'active' }));
  const partners = range(600, (i) => ({ id: `partner-${i}`, hub: `hub-${i % 20}`, organisation: `organisation-${i < 20 ? 0 : i}`, role: pick(['partner', 'lead', 'collaborator'], i) }));
  const pillars = range(80, (i) => ({ id: `pillar-${i}`, hub: `hub-${i % 20}`, number: 1 + Math.floor(i / 20), name: pick(topics, i) }));
  const projects = range(2000, (i) => ({ id: `project-${i}`, title: i % 200 === 7 ? `${long} ${i}` : `${pick(topics, i)} ${i}`, pillar: `pillar-${i < 96 ? [0, 20, 40, 60][i % 4] : i % 80}`, leads: [`person-${i}`, `person-${(i * 7 + 1) % 3000}`],
    area: `town-${i % 18}`, state: pick(['proposed', 'confirmed', 'active', 'completed'], i), starts: `${2019 + (i % 7)}-0${1 + (i % 9)}`, ends: `${2027 + (i % 3)}` }));
  const awards = range(2500, (i) => ({ id: `award-${i}`, title: `Grant ${i}`, description: `For ${pick(topics, i)}`, funder: `organisation-${i % 5 ? i % 40 : 0}`, recipient: `organisation-${i % 3000}`, kind: 'grant', for: i % 2 ? `projects/project-${i % 2000}` : `hubs/hub-${i % 20}`,
    ...(i % 10 && { amount: 1000 * (1 + (i % 97)), currency: 'GBP' }) }));
  const allocations = range(400, (i) => ({ id: `allocation-${i}`, award: `award-${i * 2}`, target: `pillars/pillar-${(i * 2) % 20}`, status: pick(['planned', 'committed', 'spent'], i), amount: 100 }));
  const deliverables = range(1200, (i) => ({ id: `deliverable-${i}`, project: `project-${i}`, title: `Report ${i}`, kind: 'report', due: '2027' }));
  const strategies = range(3, (i) => ({ id: `strategy-${i}`, title: `Plan ${i}`, owner: 'organisation-0', horizon_ends: '2040', area: 'county' }));
  const programmes = range(24, (i) => ({ id: `programme-${i}`, strategy: `strategy-${i % 3}`, number: 1 + Math.floor(i / 3), title: `${pick(topics, i)} programme`, lead: `person-${i}` }));
  const workplans = range(48, (i) => ({ id: `workplan-${i}`, programme: `programme-${i % 24}`, term: pick(['short', 'medium'], Math.floor(i / 24)), title: `Workplan ${i}`, starts: '2025', ends: '2028' }));
  const milestones = range(200, (i) => ({ id: `milestone-${i}`, of: `workplans/workplan-${i % 48}`, title: `Milestone ${i}`, due: `${2024 + (i % 5)}-03-31`, owner: `person-${i}` }));
  const sites = range(2000, (i) => ({ id: `site-${i}`, name: `${pick(towns, i)} surgery ${i}`, kind: 'practice', organisation: `organisation-${i}`, area: `town-${i % 18}` }));
  const schemes = range(20, (i) => ({ id: `scheme-${i}`, title: `${pick(topics, i)} course`, audience: ['gp'], kind: 'short_course', cost: 0, provider: `organisation-${i}`, state: 'published' }));
  return { areas, organisations, people, appointments, hubs, partners, pillars, projects, awards, allocations, deliverables, strategies, programmes, workplans, milestones, sites, schemes };
}
