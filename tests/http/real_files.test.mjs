// Six files in the shape of real ones, of 2,000 rows each: each imports with one mapping file and no script; the
// same file with ten rows changed makes ten updates and no duplicates.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { built, ouse, start } from './ouse.mjs';
import { epraccur, etr, giving360, nihr, ror, rorDump, spend, suppliers } from './real_files.mjs';

const charities = Array.from({ length: 40 }, (_, n) => ({ id: `charity-${n}`, name: `Charity, the ${n}th`, kind: 'charity', identifiers: [{ scheme: 'charity', value: String(1_000_000 + n) }] }));
const companies = Array.from({ length: 10 }, (_, n) => ({ id: `company-${n}`, name: `Company ${n}`, kind: 'industry', identifiers: [{ scheme: 'company', value: `0${1_000_000 + n}` }] }));
const funders = [['GB-CHC-1000000', 'Charity, the 0th'], ['GB-CHC-1000001', 'Charity, the 1th']];
const recipients = [...charities.map(({ name, identifiers: [{ value }] }) => [`GB-CHC-${value}`, name]), ...companies.map(({ name, identifiers: [{ value }] }) => [`GB-COH-${value}`, name])];
const nihrRor = ror(77);

let register;
before(async () => {
  if (built.skip) return;
  register = await start('directory', 'evidence', 'hubs', 'funding');
  await register.import('organisations', [...charities, ...companies, ...suppliers.map((name, n) => ({ id: `supplier-${n}`, name, kind: 'industry' })), { id: 'nihr', name: 'NIHR', kind: 'other', identifiers: [{ scheme: 'ror', value: nihrRor }] }]);
});
after(() => register?.stop());

// What `ouse import` says of a file.
async function load({ file, bytes, mapping }, ...words) {
  const path = join(register.folder, file);
  await writeFile(path, bytes);
  await writeFile(`${path}.map`, JSON.stringify(mapping));
  const done = await ouse('import', '-c', register.config, '--map', `${path}.map`, ...words, path).catch((error) => error);
  assert.equal(done.code ?? 0, 0, `ouse import ${file}: ${done.stdout}${done.stderr?.slice(0, 2000)}`);
  return done.stdout.split('\n').find((line) => line.startsWith(`${mapping.collection}: `));
}

const total = async (collection) => (await register.get(`${collection}?count=exact&limit=1`, 'manager')).page.count;

// Imports a file, the same again, and with ten rows changed.
async function holds(made) {
  const count = await total(made.collection);
  assert.equal(await load(made), `${made.collection}: 2000 created, 0 updated, 0 unchanged`);
  assert.equal(await load({ ...made, bytes: made.again }), `${made.collection}: 0 created, 10 updated, 1990 unchanged`);
  assert.equal(await total(made.collection), count + 2000, 'expected no duplicates');
}

const one = async (collection, scheme, value) => {
  const { meta, ...record } = await register.get(`${collection}/-/by/${scheme}/${value}`, 'manager');
  return record;
};

test('ODS etr.csv: 27 columns without a header, dates as YYYYMMDD', built, async () => {
  const made = etr();
  await holds(made);
  const cells = made.bytes.split('\r\n')[40].split('","');
  const day = (text) => `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  const { id, ...record } = await one('organisations', 'ods', 'R0040');
  assert.deepEqual([record.name, record.kind, record.postcode, record.telephone, record.opened, record.closed, record.identifiers], [cells[1], 'nhs_trust', cells[9], cells[17], day(cells[10]), day(cells[11]), [{ scheme: 'ods', value: 'R0040' }]]);
});

test('ODS epraccur.csv: states by a table of values, the commissioner by its code', built, async () => {
  await holds(epraccur());
  const cells = epraccur().again.split('\n')[3].split(',');
  const record = await one('organisations', 'ods', cells[0]);
  const parent = await one('organisations', 'ods', cells.at(-13));
  assert.deepEqual([record.kind, record.status, record.part_of, parent.kind], ['gp_practice', 'open', parent.id, 'nhs_trust']);
});

test('a 360Giving package: the array is named, organisations are found by their org-ids', built, async () => {
  const made = giving360(funders, recipients);
  await holds(made);
  const grant = JSON.parse(made.bytes).grants[11];
  const award = await one('awards', '360giving', grant.id);
  assert.deepEqual([award.amount, award.currency, award.awarded, award.starts, award.description], [grant.amountAwarded, 'GBP', grant.awardDate.slice(0, 10), grant.plannedDates[0].startDate, grant.description]);
  assert.equal((await register.get(`organisations/${award.recipient}`)).name, grant.recipientOrganization[0].name);
  assert.equal((await register.get(`organisations/${award.funder}`)).name, grant.fundingOrganization[0].name);
});

test('a council’s spend: Windows-1252, titles above the header, trailing commas and rows', built, async () => {
  const made = spend();
  await holds(made);
  const payment = await register.get('payments/5100000000', 'manager');
  const [, , , day, , amount] = made.bytes.toString('latin1').split('\r\n')[4].match(/("[^"]*"|[^,]*)(,|$)/g).map((cell) => cell.replace(/,$/, '').replaceAll('"', ''));
  assert.equal(payment.date, day.split('/').reverse().join('-'));
  assert.equal((await register.get(`organisations/${payment.payee}`)).name.endsWith(' & Sons Ltd'), true);
  assert.ok(['Café supplies – catering', 'Agency staff', 'Grants to voluntary bodies'].includes(payment.description), payment.description);
  assert.equal(payment.amount, Number(amount.replace(/[£,]/g, '')));
});

test('ROR, schema 2: identifiers as addresses, names by what they are', built, async () => {
  const made = rorDump();
  await holds(made);
  const of = JSON.parse(made.bytes)[31];
  const { id, ...record } = await one('organisations', 'ror', of.id.slice(-9));
  assert.deepEqual(record, { name: of.names[2].value, short_name: 'I31', aliases: [of.names[1].value], kind: 'university', identifiers: [{ scheme: 'ror', value: of.id.slice(-9) }], website: 'https://inst-31.example.org/', opened: String(of.established), status: 'open' });
});

test('NIHR awards: labels as references, thousands, NaN, midnights', built, async () => {
  const made = nihr(charities.map(({ name }) => name), `ror:${nihrRor}`);
  await holds(made);
  const { data } = await register.get('awards?funder=nihr&amount[exists]=false&limit=200', 'manager');
  assert.equal(data.filter(({ recipient }) => recipient).length, 40, 'expected NaN to be an unknown amount');
  assert.ok(data.every(({ recipient, starts }) => !recipient || (/^charity-\d+$/.test(recipient) && /^\d{4}-\d\d-\d\d$/.test(starts))));
});
