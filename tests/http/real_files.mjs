// Files in the shape of those that people have, of 2,000 rows, made from a seed: the same for the same seed.
// Each is { file, bytes, mapping, collection, again }: `again` is the file with ten rows changed.

// A generator of numbers (mulberry32), and what is chosen by it.
export function seeded(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, one: (list) => list[below(list.length)] };
}

const ROWS = 2000;
const CHANGED = 10;
const places = ['Luton', 'Bedford', 'Dunstable', 'Leighton Buzzard', 'Milton Keynes', 'Biggleswade', 'Houghton Regis', 'St Neots'];
const names = ['Lea Vale', 'Kingsway', 'De Parys', 'Priory', 'Ashcroft', 'Oakley', 'Wheatfield', 'Bell House', 'Larkside', 'Stopsley'];
export const suppliers = names.map((name) => `${name} & Sons Ltd`);
const two = (n) => String(n).padStart(2, '0');
const date = (random, from, to) => ({ y: from + random.below(to - from), m: 1 + random.below(12), d: 1 + random.below(28) });
const compact = ({ y, m, d }) => `${y}${two(m)}${two(d)}`;
const iso = ({ y, m, d }) => `${y}-${two(m)}-${two(d)}`;
const british = ({ y, m, d }) => `${two(d)}/${two(m)}/${y}`;
const quoted = (cells) => cells.map((cell) => (/[",]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(',');
const rows = (make) => Array.from({ length: ROWS }, (_, n) => make(n));

// The rows with every two hundredth changed.
const changed = (list, change) => list.map((row, n) => (n % (ROWS / CHANGED) === 7 ? change(row) : row));

// Windows-1252 of texts that have nothing between U+0080 and U+009F, but the pound, the dash and the euro.
const windows1252 = (text) => Buffer.from([...text].map((c) => ({ '–': 0x96, '€': 0x80, '’': 0x92 }[c] ?? c.codePointAt(0))));

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';
export function ror(n) {
  let digits = '';
  for (let i = 0, left = n; i < 6; i++, left = Math.floor(left / 32)) digits = crockford[left % 32] + digits;
  const check = 98 - (n * 100) % 97;
  return `0${digits}${two(check)}`;
}

const odsColumns = (given) => Array.from({ length: 27 }, (_, n) => given[n] ?? null);

// NHS trusts: ODS etr.csv, 27 columns without a header.
export function etr() {
  const random = seeded(1);
  const made = rows((n) => {
    const name = `${random.one(places).toUpperCase()} ${random.one(names).toUpperCase()} NHS TRUST ${n}`;
    const opened = date(random, 1990, 2020);
    return [`R${String(n).padStart(4, '0')}`, name, 'Y61', 'QHG', 'TRUST OFFICES', 'DUNSTABLE ROAD', '', random.one(places).toUpperCase(), 'BEDFORDSHIRE', `LU${1 + random.below(7)} ${random.below(9)}DZ`,
      compact(opened), n % 40 ? '' : compact({ ...opened, y: 2021 }), '', '', '', '', '', `01582 ${100000 + random.below(899999)}`, '', '', '', '0', '', '', '', '', ''];
  });
  const text = (list) => list.map((cells) => cells.map((cell) => `"${cell}"`).join(',')).join('\r\n') + '\r\n';
  return {
    file: 'etr.csv', collection: 'organisations', bytes: text(made), again: text(changed(made, (row) => row.with(1, `${row[1]} (RENAMED)`))),
    mapping: { collection: 'organisations', columns: odsColumns({ 0: 'identifiers.ods', 1: 'name', 9: 'postcode', 10: 'opened', 11: 'closed', 17: 'telephone' }), constants: { kind: 'nhs_trust' }, match: 'identifiers.ods' },
  };
}

// GP practices: ODS epraccur.csv, 27 columns without a header; the fifteenth is the commissioner.
export function epraccur() {
  const random = seeded(2);
  const made = rows((n) => [`${random.one('ABCDEFGH')}${String(81000 + n)}`, `${random.one(names).toUpperCase()} SURGERY, ${random.one(places).toUpperCase()} ${n}`, 'Y61', 'QHG', 'HIGH STREET', '', '',
    random.one(places).toUpperCase(), 'BEDFORDSHIRE', `MK${40 + random.below(5)} ${random.below(9)}TJ`, compact(date(random, 1974, 2015)), n % 25 ? '' : compact(date(random, 2016, 2024)), n % 25 ? 'A' : 'C', 'B', `R${String(random.below(ROWS)).padStart(4, '0')}`,
    '20130401', '', `01234 ${100000 + random.below(899999)}`, '', '', '', '0', '', `R${String(n).padStart(4, '0')}`, '', '4', '']);
  const text = (list) => `${list.map(quoted).join('\n')}\n`;
  return {
    file: 'epraccur.csv', collection: 'organisations', bytes: text(made), again: text(changed(made, (row) => row.with(12, row[12] === 'A' ? 'C' : 'A'))),
    mapping: {
      collection: 'organisations', columns: odsColumns({ 0: 'code', 1: 'name', 9: 'postcode', 10: 'opened', 11: 'closed', 12: 'status', 14: 'commissioner' }), constants: { kind: 'gp_practice' }, match: 'identifiers.ods',
      fields: { code: 'identifiers.ods', status: { field: 'status', values: { A: 'open', P: 'planned', '*': 'closed' } }, commissioner: { field: 'part_of', scheme: 'ods' } },
    },
  };
}

// Grants: a 360Giving package, with what the publisher says of itself around the array.
export function giving360(funders, recipients) {
  const random = seeded(3);
  const made = rows((n) => {
    const [recipient, name] = random.one(recipients);
    const [funder, title] = random.one(funders);
    const awarded = date(random, 2015, 2024);
    return {
      id: `360G-ouse-${n}`, title: `${random.one(names)} community grant ${n}`, description: `Towards the running costs of ${name} – "core funding", ${random.one(places)}.`, currency: 'GBP',
      amountAwarded: random.below(9) ? 500 + random.below(99_500) : 1234.5, awardDate: `${iso(awarded)}T00:00:00+00:00`, plannedDates: [{ startDate: iso(awarded), duration: 12 }],
      recipientOrganization: [{ id: recipient, name, postalCode: 'LU1 1AA' }], fundingOrganization: [{ id: funder, name: title }], grantProgramme: [{ title: 'Community' }], beneficiaryLocation: [{ name: random.one(places), geoCode: 'E06000032' }],
    };
  });
  const text = (grants) => JSON.stringify({ publisher: { name: 'A [foundation], with "grants": [', website: 'https://example.org' }, license: null, grants, extensions: [] }, null, 2);
  return {
    file: 'package.json', collection: 'awards', bytes: text(made), again: text(changed(made, (row) => ({ ...row, amountAwarded: row.amountAwarded + 1 }))),
    mapping: {
      collection: 'awards', rows: '/grants', match: 'identifiers.360giving', constants: { kind: 'grant', state: 'announced' },
      fields: { '/id': 'identifiers.360giving', '/title': 'title', '/description': 'description', '/currency': 'currency', '/amountAwarded': 'amount', '/awardDate': 'awarded', '/plannedDates/0/startDate': 'starts', '/recipientOrganization/0/id': 'recipient', '/fundingOrganization/0/id': 'funder' },
    },
  };
}

// Payments over £500: a council's CSV in Windows-1252, with titles above the header, and trailing commas.
export function spend() {
  const random = seeded(4);
  const made = rows((n) => ['Luton Borough Council', random.one(['Adult Social Care', 'Public Health', 'Children’s Services']), random.one(['Café supplies – catering', 'Agency staff', 'Grants to voluntary bodies']),
    british(date(random, 2023, 2024)), String(5100000000 + n), `£${(500 + random.below(2_000_000) / 100).toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`, random.one(suppliers), 'Revenue', '', '', '']);
  const head = ['Luton Borough Council,,,,,,,,,,', '"Payments over £500, 2023/24",,,,,,,,,,', ',,,,,,,,,,', 'Body Name,Service Area, Expense Type ,Payment Date,Transaction Number,Amount (£),Supplier Name,Revenue / Capital,,,'];
  const text = (list) => windows1252([...head, ...list.map(quoted), ',,,,,,,,,,', ',,,,,,,,,,', ''].join('\r\n'));
  return {
    file: 'spend.csv', collection: 'payments', bytes: text(made), again: text(changed(made, (row) => row.with(5, '£77.50'))),
    mapping: {
      collection: 'payments', encoding: 'windows-1252', header: 4, references: 'label', constants: { kind: 'disbursement' },
      fields: { 'Transaction Number': 'id', 'Payment Date': 'date', 'Amount (£)': 'amount', 'Expense Type': 'description', 'Supplier Name': 'payee' },
    },
  };
}

// Research organisations: the ROR data dump, schema 2.
export function rorDump() {
  const random = seeded(5);
  const made = rows((n) => {
    const name = `${random.one(places)} ${random.one(['Institute', 'University', 'Laboratory', 'Hospital'])} of ${random.one(names)} ${n}`;
    return {
      admin: { created: { date: '2018-11-14', schema_version: '1.0' }, last_modified: { date: '2024-12-11', schema_version: '2.1' } }, domains: [], established: n % 5 ? 1820 + random.below(200) : null,
      external_ids: [{ all: [`grid.${n}.1`], preferred: `grid.${n}.1`, type: 'grid' }], id: `https://ror.org/${ror(1_000_000 + n * 31)}`,
      links: [{ type: 'wikipedia', value: 'https://en.wikipedia.org/wiki/X' }, { type: 'website', value: `https://inst-${n}.example.org/` }], locations: [{ geonames_details: { country_code: 'GB', name: 'Luton' }, geonames_id: 2643339 }],
      names: [{ lang: null, types: ['acronym'], value: `I${n}` }, { lang: 'en', types: ['alias'], value: `Old ${name}` }, { lang: 'en', types: ['ror_display', 'label'], value: name }], relationships: [],
      status: n % 30 ? 'active' : 'inactive', types: n % 3 ? ['education', 'funder'] : ['healthcare'],
    };
  });
  const text = (list) => JSON.stringify(list, null, 4);
  return {
    file: 'ror.json', collection: 'organisations', bytes: text(made), again: text(changed(made, (row) => ({ ...row, status: row.status === 'active' ? 'withdrawn' : 'active' }))),
    mapping: {
      collection: 'organisations', match: 'identifiers.ror',
      fields: {
        '/id': 'identifiers.ror', '/names/types=ror_display/value': 'name', '/names/*types=alias/value': 'aliases', '/names/types=acronym/value': 'short_name', '/established': 'opened', '/links/type=website/value': 'website',
        '/status': { field: 'status', values: { active: 'open', '*': 'closed' } }, '/types/0': { field: 'kind', values: { education: 'university', company: 'industry', '*': 'other' } },
      },
    },
  };
}

// Research awards: the NIHR open data set as a spreadsheet writes it, with a byte order mark.
export function nihr(organisations, funder) {
  const random = seeded(6);
  const header = ['Project ID', 'Project Title', 'Contracted Organisation', 'Programme', 'Funding Stream', 'Start Date', 'End Date', 'Award Amount', 'Project Status', 'Plain English Abstract', 'UKCRC Value', 'ORCID'];
  const made = rows((n) => {
    const starts = date(random, 2008, 2020);
    return [`NIHR${130000 + n}`, `${random.one(['A randomised trial', 'An evaluation', 'A cohort study'])} of ${random.one(names)}, ${random.one(places)}: ${n}`, random.one(organisations), 'Health Technology Assessment', 'Commissioned', `${iso(starts)} 00:00:00`,
      `${iso({ ...starts, y: starts.y + 3 })} 00:00:00`, n % 50 ? `${(100_000 + random.below(1_900_000)).toLocaleString('en-GB')}.00` : 'NaN', n % 4 ? 'Complete' : 'Active', `Background: why "${random.one(names)}" matters,\nand how.`, '0.5', ''];
  });
  const text = (list) => `\ufeff${[header, ...list].map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n')}\r\n`;
  return {
    file: 'nihr.csv', collection: 'awards', bytes: text(made), again: text(changed(made, (row) => row.with(8, row[8] === 'Active' ? 'Complete' : 'Active'))),
    mapping: {
      collection: 'awards', match: 'identifiers.nihr', references: 'label', constants: { funder, kind: 'grant' },
      fields: {
        'Project ID': 'identifiers.nihr', 'Project Title': 'title', 'Contracted Organisation': 'recipient', 'Start Date': 'starts', 'End Date': 'ends', 'Award Amount': 'amount', 'Plain English Abstract': 'description',
        'Project Status': { field: 'state', values: { Active: 'active', Complete: 'closed' } },
      },
    },
  };
}
