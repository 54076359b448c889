// `ouse import` and `ouse export`: all or none, told line by line, and round.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { expect, newFolder, open, refused, run } from './kitchen.mjs';

// A register without a server, and a folder of files beside it.
function scene(files = {}) {
  const folder = newFolder();
  const path = (name = '') => join(folder, 'files', name);
  const write = (named) => {
    for (const [name, rows] of Object.entries(named))
      writeFileSync(path(name), typeof rows === 'string' ? rows : rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  };
  mkdirSync(path());
  write(files);
  const expectRun = (status, command, args, input) => {
    const done = run(folder, command, args, input);
    assert.equal(done.status, status, `ouse ${command} ${args.join(' ')}: expected ${status}, got ${done.status}; ` +
      `it said\n${done.out}${done.errors}`);
    return done;
  };
  return {
    path, write, folder,
    ok: (command, args = [], input = undefined) => expectRun(0, command, args, input),
    fails: (command, args = [], input = undefined) => expectRun(1, command, args, input),
    records: (...args) => expectRun(0, 'export', args).out.split('\n').filter(Boolean).map((line) => JSON.parse(line)),
    end: () => rmSync(folder, { recursive: true }),
  };
}

const menu = {
  'dishes.ndjson': [{ id: 'soup', name: 'Soup', supplier: 'farm', tasters: ['ana'] }, { id: 'pie', name: 'Pie', inspired_by: 'dishes/soup' }],
  'suppliers.ndjson': [{ id: 'farm', name: 'Farm', part_of: 'group' }, { id: 'group', name: 'Group' }],
  'cooks.ndjson': [{ id: 'ana', name: 'Ana', meta: { visibility: 'partner', revision: 7, warnings: ['x'] } }],
  'notes.txt': 'not a row',
};

test('a folder is imported in one go, whatever refers to what; again, it changes nothing', () => {
  const s = scene(menu);
  const lines = (counts) => `cooks: ${counts.replaceAll('N', 1)}\ndishes: ${counts.replaceAll('N', 2)}\nsuppliers: ${counts.replaceAll('N', 2)}\n`;
  assert.equal(s.ok('import', ['--dry-run', s.path()]).out, `${lines('N created, 0 updated, 0 unchanged')}dry run: nothing was stored\n`);
  assert.deepEqual(s.records(), []);
  assert.equal(s.ok('import', [s.path()]).out, lines('N created, 0 updated, 0 unchanged'));
  const first = s.records();
  assert.deepEqual(first.map((r) => `${r.meta.collection}/${r.id}`), ['cooks/ana', 'dishes/pie', 'dishes/soup', 'suppliers/farm', 'suppliers/group']);
  assert.equal(first[0].meta.visibility, 'partner');
  assert.ok(first.every((r) => r.meta.revision === 1), 'expected revisions of the file to be passed over');
  assert.equal(s.ok('import', [s.path()]).out, lines('0 created, 0 updated, N unchanged'));
  assert.deepEqual(s.records(), first, 'expected no revision');
  s.write({ 'cooks.ndjson': [{ id: 'ana', name: 'Ana Maria' }] });
  assert.equal(s.ok('import', [s.path('cooks.ndjson')]).out, 'cooks: 0 created, 1 updated, 0 unchanged\n');
  assert.equal(s.records('cooks')[0].meta.revision, 2);
  s.end();
});

test('unique values move from row to row; one that two rows have is told with its line', () => {
  const [one, two] = ['0000-0002-1825-0097', '0000-0001-5109-3700'];
  const s = scene({ 'cooks.ndjson': [{ id: 'a', name: 'A', orcid: one }, { id: 'b', name: 'B', orcid: two }] });
  s.ok('import', [s.path('cooks.ndjson')]);
  s.write({ 'cooks.ndjson': [{ id: 'a', name: 'A', orcid: two }, { id: 'b', name: 'B', orcid: one }] });
  assert.equal(s.ok('import', [s.path('cooks.ndjson')]).out, 'cooks: 0 created, 2 updated, 0 unchanged\n');
  assert.deepEqual(s.records('cooks').map(({ id, orcid }) => [id, orcid]), [['a', two], ['b', one]]);
  s.write({ 'cooks.ndjson': [{ id: 'c', name: 'C' }, { id: 'd', name: 'D', orcid: one }, { id: 'b', name: 'Bee' }] });
  assert.match(s.fails('import', [s.path('cooks.ndjson')]).errors, /cooks\.ndjson:2: .*cooks\/b already has orcid/);
  s.end();
});

test('every fault of every row is told with its line, and nothing is kept', () => {
  const s = scene({
    ...menu,
    'dishes.ndjson': `{"id":"good","name":"Good"}\n\n{"id":"bad","serves":0,"nmae":"x"}\n{"id":"worse",\n{"id":"lost","name":"Lost","supplier":"no-such","tasters":["ana","nobody"]}\n`,
    'orders.ndjson': [{ id: 'o', title: 'O', meta: { collection: 'dishes' } }],
  });
  const { errors, out } = s.fails('import', [s.path()]);
  for (const part of ['dishes.ndjson:3: /nmae', 'dishes.ndjson:3: /serves', 'dishes.ndjson:4: ', 'dishes.ndjson:5: /supplier: There is no suppliers/no-such',
    'dishes.ndjson:5: /tasters/1: There is no cooks/nobody', 'orders.ndjson:1: /meta/collection'])
    assert.ok(errors.includes(part), `expected "${part}" in\n${errors}`);
  assert.ok(!errors.includes('dishes.ndjson:1:'), errors);
  assert.equal(out, '');
  assert.deepEqual(s.records(), []);
  s.end();
});

test('at most 100 faults are told', () => {
  const s = scene({ 'dishes.ndjson': Array.from({ length: 130 }, (_, n) => ({ id: `d-${n}` })) });
  const { errors } = s.fails('import', [s.path()]);
  assert.equal(errors.split('\n').filter((line) => line.includes('dishes.ndjson:')).length, 100);
  assert.match(errors, /^and 30 more$/m);
  s.end();
});

test('modes: create wants none there, update wants all there', () => {
  const s = scene({ 'cooks.ndjson': [{ id: 'ana', name: 'Ana' }], 'more.ndjson': '{"id":"bo","name":"Bo","meta":{"collection":"cooks"}}' });
  assert.match(s.fails('import', ['--mode', 'update', s.path('cooks.ndjson')]).errors, /cooks\.ndjson:1: .*ana/);
  s.ok('import', ['--mode', 'create', s.path('cooks.ndjson')]);
  assert.match(s.fails('import', ['--mode', 'create', s.path('cooks.ndjson')]).errors, /cooks\.ndjson:1: \/id: .*cooks\/ana/);
  assert.equal(s.ok('import', ['--mode', 'update', s.path('cooks.ndjson')]).out, 'cooks: 0 created, 0 updated, 1 unchanged\n');
  assert.equal(s.ok('import', ['--mode', 'upsert', s.path('more.ndjson')]).out, 'cooks: 1 created, 0 updated, 0 unchanged\n');
  assert.match(s.fails('import', ['--mode', 'update', '-'], '{"name":"x","meta":{"collection":"cooks"}}').errors, /-:1: \/id/);
  s.end();
});

test('standard input, ids that are made, states that are loaded', () => {
  const s = scene();
  const rows = [{ name: 'Ana Lü' }, { name: 'Ana Lu' }].map((row) => JSON.stringify({ ...row, meta: { collection: 'cooks' } }));
  rows.push('{"title":"Old","state":"served","meta":{"collection":"orders"}}');
  s.ok('import', ['-'], rows.join('\r\n'));
  assert.deepEqual(s.records().map((r) => r.id), ['ana-lu', 'ana-lu-2', 'old']);
  assert.equal(s.records('orders')[0].state, 'served');
  assert.match(s.fails('import', ['-'], '{"name":"x"}').errors, /-:1: \/meta\/collection/);
  assert.match(s.fails('import', ['-'], '{"name":"x","meta":{"collection":"cats"}}').errors, /no collection "cats"/);
  assert.match(s.fails('import', ['-'], '[1]').errors, /-:1: /);
  s.end();
});

test('a mapping and a match by options; what is wrong is said once, with line, row and column', () => {
  const s = scene({ 'menu.csv': 'Menu;;\n\nCode;Dish\nA1;Soup\nA2;"Pie\nof the day"\nA3;\n', 'dishes.csv': '<dishes/>',
    'map.json': JSON.stringify({ collection: 'dishes', delimiter: ';', header: 3, fields: { Code: 'identifiers.ods', Dish: 'story' } }) });
  const map = ['--map', s.path('map.json'), s.path('menu.csv')];
  assert.match(s.fails('import', [s.path('dishes.csv')]).errors, /^\S+dishes\.csv:1: This is XML[^\n]+\n$/);
  assert.match(s.fails('import', ['--match', 'colour', ...map]).errors, /^Records of dishes cannot be matched by "colour"; they can be by: id, identifiers\.ods, identifiers\.ror, code, label\n/);
  assert.match(s.fails('import', map).errors, /^\S+menu\.csv:4: The table has no column id and no match[^\n]+choose match from identifiers\.ods, or the mode create$/m);
  assert.match(s.fails('import', ['--match', 'identifiers.ods', ...map]).errors, /^\S+menu\.csv:7: \/name: [^\n]+\(row 6\)/m);
  s.write({ 'map.json': [{ collection: 'dishes', delimiter: ';', header: 3, fields: { Code: 'identifiers.ods', Dish: 'story' }, constants: { name: 'Dish' } }] });
  assert.equal(s.ok('import', ['--match', 'identifiers.ods', ...map]).out, 'dishes: 3 created, 0 updated, 0 unchanged\n');
  assert.equal(s.ok('import', ['--match', 'identifiers.ods', ...map]).out, 'dishes: 0 created, 0 updated, 3 unchanged\n');
  s.end();
});

test('files that cannot be read change nothing', () => {
  const s = scene(menu);
  mkdirSync(s.path('empty'));
  assert.match(s.fails('import', [s.path('cooks.ndjson'), s.path('no-such.ndjson')]).errors, /no-such\.ndjson/);
  assert.match(s.fails('import', [s.path('empty')]).errors, /no \*\.ndjson/);
  assert.match(s.fails('export').errors, /There is no register/, 'expected none to be made');
  s.end();
});

test('what is exported comes back, in another register', () => {
  const s = scene(menu), other = scene();
  s.ok('import', [s.path()]);
  s.ok('export', ['--output', s.path('out')]);
  assert.deepEqual(readdirSync(s.path('out')), ['cooks', 'dishes', 'house-rules', 'orders', 'suppliers', 'wishes'].map((name) => `${name}.ndjson`));
  other.ok('import', [s.path('out')]);
  const without = (records) => records.map(({ meta, ...rest }) => ({ ...rest, visibility: meta.visibility }));
  assert.deepEqual(without(other.records()), without(s.records()));
  assert.equal(s.ok('import', ['-'], s.ok('export').out).out.match(/[1-9]\d* (created|updated)/), null, 'expected nothing but unchanged');
  s.end();
  other.end();
});

test('CSV: a header, quotes where they must be, and no formulas', () => {
  const s = scene({
    'dishes.ndjson': [
      { id: 'a', name: '=1+1', story: 'two\nlines, "quoted"', price: 0.5, tags: ['x', 'y'], vegan: true, course: 'main' },
      { id: 'b', name: '+44', story: '@x', margin_note: '-', weight: { value: 1, qualifier: 'exact', unit: 'kg' }, course: 'main' }],
  });
  s.ok('import', [s.path()]);
  const [header, ...rest] = s.ok('export', ['--format', 'csv', 'dishes']).out.split('\r\n');
  const names = header.split(',');
  assert.equal(names[0], 'id');
  assert.equal(names.length, 25);
  assert.equal(rest[0], `a,"'=1+1","two\nlines, ""quoted""",main,true,,0.5,,,,,,,,,,,,"x; y",,,,,,public`);
  assert.equal(rest[1], `b,'+44,'@x,main,,,,,'-,,,,"{""value"":1,""qualifier"":""exact"",""unit"":""kg""}",,,,,,,,,,,,public`);
  assert.equal(rest[2], '');
  assert.match(s.fails('export', ['--format', 'csv']).errors, /one collection/);
  assert.match(s.fails('export', ['cats']).errors, /no collection "cats"/);
  s.ok('export', ['--format', 'csv', '--output', s.path('csv'), 'dishes']);
  assert.equal(readFileSync(s.path('csv/dishes.csv'), 'utf8').split('\r\n')[0], header);
  s.end();
});

let server;
before(async () => { server = await open(); });
after(() => server.stop());

test('an import beside a running server is seen by it at once', async () => {
  const done = run(server.folder, 'import', ['-'], '{"id":"beside","name":"Beside","meta":{"collection":"suppliers"}}');
  assert.equal(done.status, 0, done.errors);
  assert.equal(expect(await server.say('GET', 'suppliers/beside'), 200).json.name, 'Beside');
  const { data } = (await server.say('GET', '-/changes', { as: 'office' })).json;
  assert.deepEqual([data[0].op, data[0].id, data[0].actor], ['create', 'beside', 'ouse import']);
});

test('what only the end of the set finds is told once', async () => {
  const as = 'manager';
  expect(await server.say('POST', 'suppliers', { as, body: { id: 'closed', name: 'Closed' } }), 201);
  expect(await server.say('DELETE', 'suppliers/closed', { as, match: '*' }), 204);
  const done = run(server.folder, 'import', ['-'], '{"name":"x","supplier":"closed","meta":{"collection":"dishes"}}');
  assert.equal(done.status, 1);
  assert.equal(done.errors.split('suppliers/closed was deleted').length, 2, done.errors);
});

// ---- POST /-/import

const as = 'manager';
const CSV = 'text/csv', NDJSON = 'application/x-ndjson';
const load = (query, body, type = CSV, more = {}) => server.say('POST', `-/import?${query}`, { as, body, type, ...more });
const nothing = async (path) => refused(await server.say('GET', path, { as }), 404);

test('HTTP: rows of both kinds, the same from a dry run', async () => {
  const rows = 'id,name,supplier,tags\r\nhttp-1,"Soup, hot",beside,a; b\r\nhttp-2,Pie,,\r\n';
  const told = { collection: 'dishes', rows: 2, created: 2, updated: 0, unchanged: 0 };
  assert.deepEqual(expect(await load('collection=dishes&mode=create&dry_run=true', rows), 200).json, told);
  await nothing('dishes/http-1');
  assert.deepEqual(expect(await load('collection=dishes&mode=create', rows, CSV, { key: 'import-1' }), 200).json, told);
  assert.deepEqual(expect(await load('collection=dishes&mode=create', rows, CSV, { key: 'import-1' }), 200).json, told, 'expected it to be done once');
  const soup = expect(await server.say('GET', 'dishes/http-1'), 200).json;
  assert.deepEqual([soup.name, soup.supplier, soup.tags, soup.course], ['Soup, hot', 'beside', ['a', 'b'], 'main']);
  const lines = '{"id":"http-1","name":"Soup"}\n{"name":"New"}\n{"id":"http-2","name":"Pie"}\n';
  assert.deepEqual(expect(await load('collection=dishes&match=id', lines, NDJSON), 200).json, { collection: 'dishes', rows: 3, created: 1, updated: 1, unchanged: 1 });
  assert.deepEqual(expect(await load('collection=orders&mode=create', 'title,state\nServed,served\n'), 200).json.created, 1, 'expected any state to be loaded');
});

test('HTTP: what was exported can be brought back, with what the register computes in it', async () => {
  assert.equal(expect(await load('collection=cooks', '{"name":"Ida"}\n', NDJSON), 200).json.created, 1);
  for (const suffix of ['ndjson', 'csv']) {
    const { text } = expect(await server.say('GET', `cooks.${suffix}`, { as }), 200);
    assert.equal(text.includes('Chef Ida'), suffix === 'ndjson');
    const { rows, unchanged } = expect(await load('collection=cooks', text, suffix === 'csv' ? CSV : NDJSON), 200).json;
    assert.ok(rows > 0 && unchanged === rows, text);
  }
});

test('HTTP: what a row does not speak of stays, and an empty cell takes out', async () => {
  expect(await server.say('POST', 'dishes', { as, body: { id: 'kept', name: 'Kept', course: 'dessert', serves: 4, cost: 1.5, tags: ['a'], margin_note: 'x', meta: { visibility: 'partner' } } }), 201);
  const now = async () => expect(await server.say('GET', 'dishes/kept', { as }), 200).json;
  expect(await load('collection=dishes&mode=update', 'id,serves\nkept,5\n'), 200);
  const { meta, ...changed } = await now();
  assert.deepEqual(changed, { id: 'kept', name: 'Kept', course: 'dessert', serves: 5, cost: 1.5, tags: ['a'], margin_note: 'x' });
  assert.equal(meta.visibility, 'partner');
  expect(await load('collection=dishes', 'id,name,course,tags,serves\nkept,Kept too,,,\n'), 200);
  assert.deepEqual(Object.keys(await now()), ['id', 'name', 'course', 'cost', 'margin_note', 'meta']);
  expect(await load('collection=dishes&mode=update', '{"id":"kept","cost":null}\n', NDJSON), 200);
  const { course, cost, margin_note: note } = await now();
  assert.deepEqual([course, cost, note], ['dessert', undefined, 'x']);
  const again = await load('collection=dishes', 'id,name,course,story\nkept,Kept too,,\n');
  assert.equal(expect(again, 200).json.unchanged, 1);
});

test('HTTP: every fault has its row and column, and nothing is kept', async () => {
  const rows = 'id,name,serves,supplier\nfine,Fine,4,\nbad,,0,\nworse,Worse,many,no-such\nragged,x\n';
  for (const dry of ['', '&dry_run=true']) {
    const { json } = refused(await load(`collection=dishes${dry}`, rows), 422);
    assert.deepEqual(json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort(),
      ['/rows/3/name required', '/rows/3/serves too_small', '/rows/4/serves type', '/rows/4/supplier not_found', '/rows/5 failed']);
    assert.ok(json.errors.every(({ detail }) => detail));
  }
  await nothing('dishes/fine');
  refused(await load('collection=dishes', 'id,nmae\nx,y\n'), 422, { pointer: '/rows/1/nmae', code: 'unknown_field', detail: 'dishes has no field "nmae"; did you mean "name"' });
  refused(await load('collection=dishes', '{"name":"x"}\n{"name":\n', NDJSON), 422, { pointer: '/rows/2' });
  refused(await load('collection=dishes', '{"name":"x","supplier":"closed"}', NDJSON), 422, { pointer: '/rows/1/supplier', code: 'gone' });
  refused(await load('collection=dishes&mode=update', 'id,name\nno-such,x\n'), 422, { pointer: '/rows/2' });
  const { json } = refused(await load('collection=dishes&mode=create', `serves\n${'0\n'.repeat(600)}`), 422);
  assert.equal(json.errors.length, 1000, 'expected the first thousand');
  assert.match(json.detail, /1200/);
});

test('HTTP: who may, and what must be said', async () => {
  refused(await load('collection=dishes', 'name\nx\n', CSV, { as: 'office' }), 403);
  refused(await load('collection=dishes', 'name\nx\n', CSV, { as: undefined }), 401);
  refused(await load('mode=create', 'name\nx\n'), 400, { detail: 'collection is required' });
  refused(await load('collection=plates', 'name\nx\n'), 400);
  refused(await load('collection=dishes&mode=merge', 'name\nx\n'), 400);
  refused(await load('collection=dishes&match=colour', 'name\nx\n'), 400, { detail: 'cannot be matched by "colour"; they can be by: id' });
  refused(await load('collection=dishes&references=name', 'name\nx\n'), 400);
  refused(await load('collection=dishes&map=%5B%5D', 'name\nx\n'), 400);
  refused(await load('collection=dishes&dry=1', 'name\nx\n'), 400, { detail: 'dry_run' });
  refused(await load('collection=dishes', '<dishes/>', 'application/xml'), 415, { detail: 'saved as CSV' });
  refused(await load('collection=house-rules&mode=create', 'title\nx\n'), 403);
  refused(await load('collection=wishes&mode=update', 'id,text\nx,y\n'), 403);
  refused(await load('collection=dishes', 'name\n' + 'x'.repeat(10 << 20)), 422, { pointer: '/rows/2' });
});

// Says bytes on a connection of its own, and resolves to all that is answered until its end.
function raw(head, ...parts) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const chunks = [];
    const socket = connect(port, hostname, () => { socket.write(head); parts.forEach((part) => socket.write(part)); });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.on('error', (error) => (chunks.length ? resolve(Buffer.concat(chunks).toString()) : reject(error)));
  });
}
const head = (path) => `POST /api/v1/${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.tokens.manager}\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n`;
const chunked = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

// The length alone says it, so the answer does not wait for the body.
test('HTTP: a body of more than 64 MiB is refused', async () => {
  const said = await raw(head('-/import?collection=dishes').replace('Transfer-Encoding: chunked', `Content-Length: ${(64 << 20) + 1}`));
  assert.match(said, /^HTTP\/1\.1 413 /);
  assert.match(said, /at most 67108864 bytes/);
});

test('HTTP: a body in chunks, cut anywhere, is taken as it comes', async () => {
  const rows = 'id,name\nchunk-1,"Soup, ""hot"""\nchunk-2,Crème\n';
  const answer = await raw(head('-/import?collection=dishes'), ...[...rows].map(chunked), '0\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n[^]*"created":2,/i);
  assert.equal(expect(await server.say('GET', 'dishes/chunk-1'), 200).json.name, 'Soup, "hot"');
  assert.equal(expect(await server.say('GET', 'dishes/chunk-2'), 200).json.name, 'Crème');
});

test('HTTP: chunks that end early, are none, or are too many, change nothing', async () => {
  const row = (id) => chunked(`id,name\n${id},x\n`);
  assert.match(await raw(head('-/import?collection=dishes'), row('broken-1'), 'zz\r\n'), /^HTTP\/1\.1 400 /);
  assert.match(await raw(head('-/import?collection=dishes'), row('broken-2'), '-5\r\nhello\r\n0\r\n\r\n'), /^HTTP\/1\.1 400 /);
  for (const id of ['broken-1', 'broken-2']) await nothing(`dishes/${id}`);
  const mebibyte = chunked('x'.repeat(1 << 20));
  assert.match(await raw(head('-/import?collection=dishes'), ...Array(65).fill(mebibyte)), /^HTTP\/1\.1 413 [^]*67108864 bytes/);
  assert.match(await raw(head('dishes'), '0\r\n\r\n'), /^HTTP\/1\.1 411 /);
  assert.match(await raw(head('-/batch'), '0\r\n\r\n'), /^HTTP\/1\.1 411 /);
});

test('HTTP: a dry run says what the real one says, to the byte, of good rows and of bad ones', async () => {
  const cells = ['plain', '"quoted, ""twice"""', '=1+1', 'ü€😀', '', `"${'line\r\n'.repeat(3)}"`];
  const good = cells.map((cell, n) => `same-${n},x${cell.startsWith('"') ? '' : cell},${cell}`).join('\r\n');
  const bad = 'bad-1,,x\r\nbad-2,x\r\nbad-3,x,y,z\r\nbad-4,"x"y,z\r\nbad-5,a"b,z\r\n"bad-6,x\r\n';
  for (const rows of [`id,name,story\r\n${good}\r\n`, `\ufeffid,name,story\n${good}\n${bad}`, bad]) {
    const strip = ({ status, text }) => [status, text.replace(/"request_id":"[^"]*"/, '')];
    const dry = await load('collection=dishes&dry_run=true', rows);
    assert.deepEqual(strip(await load('collection=dishes', rows)), strip(dry));
    assert.ok([200, 422].includes(dry.status), dry.text);
  }
});

test('CSV: rows that are ragged, marks, line ends, and what is too much, are told with the row, and nothing is kept', async () => {
  const cases = [
    ['id,name\nr-1,a,b\n', '/rows/2', 'The header has 2 cells, this row 3'],
    ['id,name\nr-2\n', '/rows/2', 'The header has 2 cells, this row 1'],
    ['id,name\nr-3,a\rr-4,b\n', '/rows/2', 'A line ends with CR LF or LF, not with CR alone'],
    ['id,name\nr-5,"a\n', '/rows/2', 'A quoted cell does not end'],
    [`id,name\nr-6,${'x'.repeat(2 << 20)}\n`, '/rows/2', 'A cell has at most 1 MiB'],
    [`id,name\nr-7,"${'x'.repeat(10 << 20)}"\nr-8,b\n`, '/rows/2', 'A row has at most 4194304 bytes; the rows after this one were not checked'],
    [`id,name,tags\nr-9,x,${';'.repeat(500_000)}\n`, '/rows/2/tags', 'A list has at most 10000 entries; this cell has 500001'],
    ['', '/rows/1', 'The first row must name the columns'],
    ['id;name\nr-10;x\n', '/rows/1', 'This CSV has semicolons between its cells, not commas'],
  ];
  const s = scene();
  for (const [rows, pointer, detail] of cases) {
    const { json } = refused(await load('collection=dishes', `${rows}`), 422, { pointer });
    assert.ok(json.errors.some((error) => error.pointer === pointer && error.detail.startsWith(detail)), `expected "${detail}", got ${JSON.stringify(json).slice(0, 500)}`);
    s.write({ 'dishes.csv': rows });
    const { errors } = s.fails('import', [s.path('dishes.csv')]);
    assert.ok(errors.includes(`dishes.csv:${pointer.split('/')[2]}: `) && errors.includes(detail), errors.slice(0, 500));
    assert.deepEqual(s.records(), []);
  }
  for (let n = 1; n <= 10; n++) await nothing(`dishes/r-${n}`);
  s.end();
});

test('CSV that was exported comes back as the same records', () => {
  const s = scene({ 'dishes.ndjson': [
    { id: 'a', name: '=1+1', story: "two\nlines, \"quoted\"; 'x", price: 0.5, tags: ['x', 'y; z'], vegan: true, serves: 3, meta: { visibility: 'partner' } },
    { id: 'b', name: "'=x", weight: { min: 1, max: 2, qualifier: 'range', unit: 'kg' }, identifiers: [{ scheme: 'ods', value: 'RWK' }], season: '2024-01', inspired_by: 'dishes/a' }] });
  s.ok('import', [s.path()]);
  const before = s.records();
  s.ok('export', ['--format', 'csv', '--output', s.path('csv'), 'dishes']);
  assert.equal(s.ok('import', [s.path('csv')]).out, 'dishes: 0 created, 0 updated, 2 unchanged\n');
  const other = scene();
  other.ok('import', [s.path('csv/dishes.csv')]);
  assert.deepEqual(other.records().map(({ meta, ...record }) => [record, meta.visibility]), before.map(({ meta, ...record }) => [record, meta.visibility]));
  assert.match(s.fails('import', [s.path('csv/dishes.csv'), '--mode', 'create']).errors, /dishes\.csv:2: \/id: .*dishes\/a/);
  s.end();
  other.end();
});
