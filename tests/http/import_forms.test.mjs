// What an import accepts of files that people have, and the one sentence for those that it does not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expect, open, refused } from './kitchen.mjs';

let server;
before(async () => { server = await open(); });
after(() => server?.stop());

const as = 'manager';
const load = (query, body, type = 'text/csv') => server.say('POST', `-/import?${new URLSearchParams(query)}`, { as, body, type });
const map = (mapping) => JSON.stringify(mapping);
const get = async (path) => expect(await server.say('GET', path, { as }), 200).json;
const dishes = { collection: 'dishes' };

// Bytes that are no text go by fetch itself.
async function loadBytes(query, bytes, type = 'text/csv') {
  const reply = await fetch(`${server.url}/api/v1/-/import?${new URLSearchParams(query)}`, { method: 'POST', body: bytes, headers: { authorization: `Bearer ${server.tokens[as]}`, 'content-type': type } });
  return { status: reply.status, json: await reply.json() };
}

test('a file that cannot be read as it is gets one sentence that names the kind and what to do', async () => {
  const utf16 = (text, mark) => Buffer.concat([mark, Buffer.from(text, 'utf16le')]);
  const cases = [
    [Buffer.from('PK\x03\x04xl/worksheets', 'latin1'), 'xlsx', /XLSX.*save its sheet as "CSV UTF-8"/],
    [Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 'xls', /XLS.*save/],
    [Buffer.from('%PDF-1.7'), 'pdf', /PDF/],
    [Buffer.from('\ufeff<?xml version="1.0"?><rows/>'), 'xml', /XML/],
    [utf16('id,name\na,b\n', Buffer.from([0xff, 0xfe])), 'utf_16', /UTF-16.*"encoding": "utf-16"/],
    [utf16('id,name\na,b\n', Buffer.alloc(0)), 'utf_16', /UTF-16/],
    [Buffer.from('id,name\na,Caf\xe9\n', 'latin1'), 'windows_1252', /Windows-1252.*"encoding": "windows-1252"/],
    [Buffer.from(`id,name\n${Array.from({ length: 5000 }, (_, n) => `plain-${n},Plain and long enough to fill the first bytes\n`).join('')}b,Caf\xe9\n`, 'latin1'), 'windows_1252', /from row 5002 on/],
    [Buffer.from('id;name\na;b\n'), 'delimiter', /semicolons.*"delimiter": ";"/],
    [Buffer.from('id\tname\na\tb\n'), 'delimiter', /tabs/],
    [Buffer.from('RWK,EAST LONDON,20000401\n'), 'no_header', /no header.*"RWK".*"columns".*fields are: id, name/],
  ];
  for (const [bytes, code, sentence] of cases) {
    const { status, json } = await loadBytes({ ...dishes, dry_run: 'true' }, bytes);
    const last = json.errors.at(-1);
    assert.equal(status, 422);
    assert.equal(last.code, code, JSON.stringify(json).slice(0, 500));
    assert.match(last.detail, sentence);
    assert.deepEqual([json.errors.length, json.detail], [1, last.detail], code);
  }
  const { status, json } = await loadBytes(dishes, Buffer.from('{"grants":[]}'), 'application/json');
  assert.deepEqual([status, json.errors[0].code], [422, 'object']);
});

test('encoding, delimiter, header row and column names are what the mapping says', async () => {
  const bytes = Buffer.from('Menu of the day;;\n;;\n Dish ;Price (\xa3);Notes\nCaf\xe9 cr\xe8me;\xa31,234.50;x\n;;\n', 'latin1');
  const mapping = { encoding: 'windows-1252', delimiter: ';', header: 3, fields: { Dish: ['name'], 'Price (£)': 'cost' }, constants: { course: 'starter' } };
  const { status, json } = await loadBytes({ ...dishes, match: 'label', map: map(mapping) }, bytes);
  assert.equal(status, 200, JSON.stringify(json));
  assert.deepEqual(json, { collection: 'dishes', rows: 1, created: 1, updated: 0, unchanged: 0, ignored: ['Notes'] });
  const { name, cost, course } = await get('dishes/cafe-creme');
  assert.deepEqual([name, cost, course], ['Café crème', 1234.5, 'starter']);
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('wide-1,Ünï\r\n', 'utf16le')]);
  assert.equal((await loadBytes({ ...dishes, map: map({ encoding: 'utf-16', columns: ['id', 'name'] }) }, utf16)).status, 200);
  assert.equal((await get('dishes/wide-1')).name, 'Ünï');
  const latin = await loadBytes(dishes, Buffer.from('id,name\nlatin,Caf\xe9\n', 'latin1'), 'text/csv; charset=iso-8859-1');
  assert.equal(latin.status, 415);
  assert.match(latin.json.detail, /"encoding"/);
  for (const [wrong, detail] of [['{"delimiter":";;"}', 'delimiter must be one character'], ['{"fields":{},"heder":2}', 'did you mean "header"'], ['[1', 'must be a JSON object']])
    refused(await load({ ...dishes, map: wrong }, 'id\nx\n'), 400, { detail });
  refused(await load({ ...dishes, map: map({ Dish: 'name', Colour: 'course' }) }, 'id,Dish\nx,y\n'), 422, { pointer: '/rows/1/Colour', code: 'unknown_column', detail: 'it has: id, Dish' });
  refused(await load({ ...dishes, map: map({ Dish: 'nmae' }) }, 'id,Dish\nx,y\n'), 422, { code: 'unknown_field', detail: 'did you mean "name"' });
  refused(await load({ ...dishes, map: map({ encoding: 'klingon' }) }, 'id,Dish\nx,y\n'), 422, { code: 'encoding' });
});

test('the forms of spreadsheets and data frames are values, if they can mean one thing only', async () => {
  const forms = [
    ['vegan', 'Yes', true], ['vegan', 'no', false], ['vegan', '1', true], ['vegan', '0.0', false], ['vegan', 'True', true], ['vegan', 'FALSE', false], ['vegan', 'NaN', undefined],
    ['serves', '3.0', 3], ['cost', '"1,234"', 1234], ['serves', 'n/a', undefined], ['serves', ' 7 ', 7],
    ['cost', '"£1,000"', 1000], ['cost', '"1,234.50"', 1234.5], ['cost', '12.', 12], ['cost', 'NA', undefined],
    ['tags', 'a; b', ['a', 'b']], ['tags', "\"['a', 'b c']\"", ['a', 'b c']], ['tags', '"[""x"",""y""]"', ['x', 'y']],
    ['season', '20240131', '2024-01-31'], ['first_served', '31/01/2024', '2024-01-31'], ['first_served', '2024-01-31 00:00:00', '2024-01-31'], ['first_served', '2024-01-31T00:00:00.000Z', '2024-01-31'], ['season', '2024.0', '2024'], ['season', '2024-01', '2024-01'],
    ['course', 'Starter', 'starter'], ['name', ' "Spaces around" ', 'Spaces around'], ['name', '\u00a0No break\u00a0', 'No break'], ['name', "'tis", "'tis"], ['name', "'=1", "'=1"], ['name', 'NA', 'NA'],
  ];
  for (const [n, [field, cell, value]] of forms.entries()) {
    const header = field === 'name' ? 'id,name' : `id,name, ${field} `;
    expect(await load(dishes, `${header},,\nform-${n},${field === 'name' ? cell : `Form,${cell}`},,\n,,,,\n`), 200);
    assert.deepEqual((await get(`dishes/form-${n}`))[field], value, `${field}: ${cell}`);
  }
  const wrong = [['cost', '"1,23"', 'type'], ['cost', '"1.234,50"', 'type'], ['season', '01/31/2024', 'format'], ['season', '31/01/24', 'format'], ['season', '2024-01-31 14:30:00', 'format'], ['vegan', 'maybe', 'type'],
    ['name', '\u200b', 'empty'], ['name', '\u00a0', 'empty'], ['name', 'a\u2028b', 'format'], ['name', 'a\u0085b', 'format'], ['name', '"a\tb"', 'format'], ['name', 'a\u001fb', 'format']];
  for (const [field, cell, code] of wrong)
    refused(await load(dishes, `id,${field === 'name' ? 'name' : `name,${field}`}\nwrong,${field === 'name' ? cell : `x,${cell}`}\n`), 422, { pointer: `/rows/2/${field}`, code });
});

test('rows match by identifier, by a unique field and by label; a second import makes no duplicates', async () => {
  const first = await load({ ...dishes, match: 'label' }, 'name,serves\nMatched,1\nAlso,2\n');
  assert.equal(expect(first, 200).json.created, 2);
  assert.deepEqual(expect(await load({ ...dishes, match: 'label' }, 'name,serves\nMATCHED,5\nAlso,2\n'), 200).json.unchanged, 1);
  assert.equal((await get('dishes/matched')).serves, 5);
  const codes = { ...dishes, match: 'identifiers.ods', map: map({ Code: 'identifiers.ods', Name: 'name' }) };
  assert.equal(expect(await load(codes, 'Code,Name\nQ1,One\nQ2,Two\n'), 200).json.created, 2);
  const { id } = await get('dishes/-/by/ods/Q1');
  expect(await load(dishes, `{"id":"${id}","identifiers":[{"scheme":"ods","value":"Q1"},{"scheme":"ror","value":"00pjdza24"}]}\n`, 'application/x-ndjson'), 200);
  assert.deepEqual(expect(await load(codes, 'Code,Name\nQ1,Uno\nQ2,Two\n'), 200).json, { collection: 'dishes', rows: 2, created: 0, updated: 1, unchanged: 1 });
  assert.deepEqual((await get(`dishes/${id}`)).identifiers.map(({ value }) => value).sort(), ['00pjdza24', 'Q1'], 'expected codes of other schemes to stay');
  refused(await load(codes, 'Code,Name\n,None\n'), 422, { pointer: '/rows/2/identifiers', code: 'required' });
  refused(await load({ ...codes, mode: 'update' }, 'Code,Name\nQ9,None\n'), 422, { pointer: '/rows/2/identifiers', code: 'not_found' });
  for (const twice of ['Code,Name\nQ7,a\n\nQ7,b\n', 'Code,Name\nQ1,a\n\nQ1,a\n'])
    refused(await load(codes, twice), 422, { pointer: '/rows/4/identifiers', code: 'twice', detail: 'first on line 2' });
  refused(await load(dishes, 'id,name\nsame,a\nsame,b\n'), 422, { pointer: '/rows/3/id', code: 'twice' });
});

test('a table without ids and without a match is rejected with what is possible, but for the mode create', async () => {
  const { json } = refused(await load({ ...dishes, map: map({ Code: 'identifiers.ods' }) }, 'Code,name\nA1,x\nA2,y\n'), 422, { code: 'match_required' });
  assert.equal(json.errors.length, 1);
  assert.match(json.errors[0].detail, /choose match from identifiers\.ods, label, or the mode create/);
  assert.equal(expect(await load({ ...dishes, mode: 'create' }, 'name\nOnce\n'), 200).json.created, 1);
});

test('references are codes and labels, of records that later rows bring, too', async () => {
  const labels = { ...dishes, map: map({ Code: 'id', Name: 'name', Parent: 'inspired_by', By: 'tasters' }), references: 'label' };
  const head = 'Code,Name,Parent,By\n';
  expect(await load({ collection: 'cooks' }, 'id,name,orcid\nana,Ana Lü,0000-0002-1825-0097\nbo,Bo,\n'), 200);
  assert.equal(expect(await load(labels, `${head}leaf,Leaf,Branch,Ana Lü; Bo\nbranch,Branch,Root,\nroot,Root,,\n`), 200).json.created, 3);
  const { inspired_by: branch, tasters } = await get('dishes/leaf');
  assert.deepEqual([branch, tasters, (await get('dishes/branch')).inspired_by], ['dishes/branch', ['ana', 'bo'], 'dishes/root']);
  refused(await load(labels, `${head}twig,Twig,Nobody,Bo\n`), 422, { pointer: '/rows/2/inspired_by', code: 'not_found', detail: 'has the label "Nobody"' });
  refused(await load(labels, `${head}twig,Twig,,Bo; Cy\n`), 422, { pointer: '/rows/2/tasters/1', code: 'not_found' });
  refused(await load({ ...labels, references: 'code' }, `${head}twig,Twig,,bo\n`), 422, { pointer: '/rows/2/tasters/0', code: 'format' });
  expect(await load(dishes, 'id,name,tasters\nby-code,By code,https://orcid.org/0000-0002-1825-0097; bo\n'), 200);
  assert.deepEqual((await get('dishes/by-code')).tasters, ['ana', 'bo']);
});

test('a JSON array imports as NDJSON does; a mapping leads into nested rows', async () => {
  const array = JSON.stringify([{ id: 'json-1', name: 'One' }, { id: 'json-2', name: 'Two ] "x' }], null, 2);
  assert.equal(expect(await load(dishes, array, 'application/json'), 200).json.created, 2);
  assert.equal((await get('dishes/json-2')).name, 'Two ] "x');
  assert.equal(expect(await load(dishes, '[]', 'application/json'), 200).json.rows, 0);
  refused(await load(dishes, array.slice(0, -1), 'application/json'), 422, { code: 'array', detail: 'not complete' });
  refused(await load(dishes, '[{"id":"j"} {"id":"k"}]', 'application/json'), 422, { code: 'array' });
  const { json } = refused(await load(dishes, '[\n {"id":"json-3","name":"x"},\n\n {"id":"json-4",\n  "serves":0}\n]', 'application/json'), 422);
  assert.deepEqual(json.errors.map(({ pointer, line, row }) => [pointer, line, row]), [['/rows/2/serves', 4, 2], ['/rows/2/name', 4, 2]]);
  const rows = { rows: '/a/list', match: 'label', fields: { '/n/*k=x/v': 'tags', '/n/k=y/v': 'name' } };
  const nested = { before: { list: [1] }, a: { other: '[', list: [{ n: [{ k: 'x', v: 't' }, { k: ['y'], v: ' Nested ' }, { k: 'x', v: 'u' }] }] }, after: [] };
  expect(await load({ ...dishes, map: map(rows) }, JSON.stringify(nested), 'application/json'), 200);
  const { name, tags } = await get('dishes/nested');
  assert.deepEqual([name, tags], ['Nested', ['t', 'u']]);
});

test('every error has file, line, row, column, a JSON pointer, code and detail', async () => {
  const table = 'id,name,How many\r\none,"two\nlines",4\r\n\r\nbad,"x",0\r\n';
  const { json } = refused(await load({ ...dishes, map: map({ 'How many': 'serves' }) }, table.replace('two\nlines', 'two lines')), 422);
  assert.deepEqual(json.errors.map(({ detail, ...error }) => error), [{ pointer: '/rows/4/serves', file: 'body', line: 4, row: 4, column: 'How many', code: 'too_small' }]);
  const long = refused(await load({ ...dishes, map: map({ 'How many': 'serves' }) }, 'id,story,How many\r\none,"two\nlines",4\r\n\r\nbad,"x",0\r\n'), 422).json;
  const at = long.errors.filter(({ column }) => column === 'How many').map(({ line, row }) => [line, row]);
  assert.deepEqual(at, [[5, 4]], 'expected the line that an editor shows');
  for (const name of ['a/b', 'a~b']) refused(await load(dishes, `id,${name}\nx,y\n`), 422, { pointer: `/rows/1/${name.replace('~', '~0').replace('/', '~1')}`, code: 'unknown_field' });
  const whole = refused(await load(dishes, 'id,name\nx\n'), 422).json.errors[0];
  assert.deepEqual([whole.pointer, whole.column, whole.line], ['/rows/2', null, 2]);
});
