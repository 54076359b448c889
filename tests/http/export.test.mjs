// Lists and records as CSV and NDJSON: whole, streamed, as their reader may see them, and back again.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { expect, open, refused } from './kitchen.mjs';

let say, server;
before(async () => { server = await open(); say = server.say; });
after(() => server.stop());

const as = 'manager';
const make = async (collection, body) => expect(await say('POST', collection, { as, body }), 201);
const load = (collection, type, body, mode = 'upsert') => say('POST', `-/import?collection=${collection}&mode=${mode}`, { as, body, type });
const lines = (reply) => expect(reply, 200).text.trimEnd().split('\n');

test('a list and a record, by suffix and by Accept', async () => {
  await make('dishes', { id: 'a', name: '=Soup', price: 1.5, cost: 0.5, margin_note: 'x', tags: ['hot', 'red'] });
  await make('dishes', { id: 'b', name: 'Pie, with "cream"', course: 'dessert', meta: { visibility: 'office' } });
  const csv = expect(await say('GET', 'dishes.csv'), 200);
  assert.equal(csv.header('content-type'), 'text/csv');
  const [header, ...rows] = csv.text.split('\r\n');
  assert.ok(header.startsWith('id,name,story,course,') && header.endsWith(',sources,meta.visibility'), header);
  assert.ok(!header.includes('cost') && !header.includes('margin_note'), 'expected no column that the caller may not see');
  assert.deepEqual(rows.map((row) => row.split(',').slice(0, 2).join()), ['a,"\'=Soup"', '']);
  assert.ok(rows[0].includes(',"hot; red",'), rows[0]);
  const office = (await say('GET', 'dishes.csv?sort=-name', { as: 'office' })).text.split('\r\n');
  assert.ok(office[0].includes(',cost,margin_note,'), office[0]);
  assert.deepEqual(office.slice(1).map((row) => row[0]), ['b', 'a', undefined], 'expected the order that was asked for');
  assert.equal((await say('GET', 'dishes', { accept: 'text/csv' })).text, csv.text);
  assert.equal((await say('GET', 'dishes.csv?course=dessert', { as })).text.split('\r\n').length, 3);
  assert.deepEqual(lines(await say('GET', 'dishes.ndjson', { as })).map((line) => JSON.parse(line)), (await say('GET', 'dishes', { as })).json.data);
  const one = expect(await say('GET', 'dishes/a.csv', { as }), 200);
  assert.equal(one.text.split('\r\n').length, 3);
  assert.match(one.header('etag'), /^"/);
  assert.deepEqual(JSON.parse((await say('GET', 'dishes/a', { accept: 'application/x-ndjson' })).text), (await say('GET', 'dishes/a')).json);
});

test('of the fields that are asked for', async () => {
  const csv = async (query, more) => expect(await say('GET', `dishes.csv?${query}`, more), 200).text.split('\r\n');
  assert.deepEqual(await csv('fields=tags,name&sort=name'), ['id,name,tags,meta.visibility', 'a,"\'=Soup","hot; red",public', '']);
  assert.deepEqual((await csv('fields=sources,cost', { as })).slice(0, 2), ['id,cost,sources,meta.visibility', 'a,0.5,,public']);
  refused(await say('GET', 'dishes.csv?fields=cost'), 400, { detail: 'is not an accepted value' });
  const [line] = lines(await say('GET', 'dishes.ndjson?fields=name&sort=name', { as }));
  assert.deepEqual(Object.keys(JSON.parse(line)), ['id', 'name', 'meta']);
});

// What a spreadsheet might split, run or drop. RFC 4180 alone would leave the separators unquoted.
const risky = ['a;=1+1', 'a=b', 'a\tb', '=1', '+1', '-1', '@a', '\t=1', ' =1', '\ufeff=1', '\ufeffa', "'=1", "''-1", "'tis", 'a,"b"', 'a\r\n=b', '\n=1', '＝1'];

test('CSV quotes every separator, guards every formula, and imports unchanged', async () => {
  for (const [n, story] of risky.entries()) await make('dishes', { id: `risky-${n}`, name: `Risky ${n}`, story, tags: ['=a', 'b'] });
  const csv = expect(await say('GET', 'dishes.csv?name[prefix]=Risky', { as }), 200).text;
  const cells = csv.match(/"(?:[^"]|"")*"|[^",\r\n]+/g);
  for (const cell of cells.filter((it) => /[;=\t\ufeff]/.test(it))) assert.match(cell, /^"[^]*"$/, `expected quotes around ${cell}`);
  for (const cell of cells.filter((it) => !/^"?[{[]/.test(it))) assert.doesNotMatch(cell, /^"?[ \ufeff]*[=+\-@\t\r\n＝＋－＠]/, 'expected a guard');
  assert.equal(expect(await load('dishes', 'text/csv', csv, 'update'), 200).json.unchanged, risky.length);
  for (const [n, story] of risky.entries()) {
    const { json } = await say('GET', `dishes/risky-${n}`);
    assert.deepEqual([json.story, json.tags], [story, ['=a', 'b']]);
    expect(await say('DELETE', `dishes/risky-${n}`, { as, match: '*' }), 204);
  }
});

test('what is no such list is told as a problem', async () => {
  refused(await say('GET', 'dishes.csv?limit=5'), 400, { detail: 'limit' });
  refused(await say('GET', 'dishes.csv?corse=main'), 400, { detail: 'course' });
  refused(await say('GET', 'plates.csv'), 404);
  assert.equal(expect(await say('HEAD', 'dishes.csv'), 200).text, '');
  assert.deepEqual((await say('GET', 'suppliers.ndjson')).text, '');
});

const N = 4000;
const many = Array.from({ length: N }, (_, i) => ({ id: `cook-${String(i).padStart(5, '0')}`, name: `Cook ${i} ${'ä'.repeat(200)}` }));

test('a list of many pieces is whole, and comes back as it was', async () => {
  const body = many.map((row) => `${JSON.stringify(row)}\n`).join('');
  assert.equal(expect(await load('suppliers', 'application/x-ndjson', body), 200).json.created, N);
  const got = lines(await say('GET', 'suppliers.ndjson')).map((line) => JSON.parse(line));
  assert.deepEqual(got.map(({ id, name }) => ({ id, name })), many);
  const again = expect(await load('suppliers', 'application/x-ndjson', `${got.map((row) => JSON.stringify(row)).join('\n')}`, 'update'), 200);
  assert.deepEqual([again.json.rows, again.json.unchanged], [N, N]);
  const csv = expect(await say('GET', 'suppliers.csv', { as }), 200);
  assert.equal(csv.text.split('\r\n').length, N + 2);
  assert.equal(expect(await load('suppliers', 'text/csv', csv.text, 'update'), 200).json.unchanged, N);
});

// Says one request on a connection of its own, and resolves to all that is sent until its end.
function raw(head, { most = Infinity } = {}) {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const chunks = [];
    let n = 0;
    const socket = connect(port, '127.0.0.1', () => socket.write(head));
    socket.on('data', (chunk) => { chunks.push(chunk); n += chunk.length; if (n > most) socket.destroy(); });
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.on('error', reject);
  });
}

test('HTTP/1.0 gets it without chunks; who hangs up harms nobody', async () => {
  const old = await raw('GET /api/v1/suppliers.csv HTTP/1.0\r\nHost: x\r\n\r\n');
  assert.match(old, /^HTTP\/1\.1 200 /);
  assert.ok(!/transfer-encoding/i.test(old.slice(0, 2000)));
  assert.equal(old.slice(old.indexOf('\r\n\r\n') + 4), (await say('GET', 'suppliers.csv')).text);
  await Promise.all(Array.from({ length: 20 }, () => raw('GET /api/v1/suppliers.csv HTTP/1.1\r\nHost: x\r\n\r\n', { most: 1 })));
  assert.equal(lines(await say('GET', 'suppliers.ndjson')).length, N);
});

test('records that change meanwhile are there once', async () => {
  const [list] = await Promise.all([say('GET', 'suppliers.ndjson'), ...Array.from({ length: 10 }, (_, i) =>
    say('PATCH', `suppliers/cook-0${i % 4}${i}00`, { as, body: { name: 'Changed' }, match: '*' }))]);
  const ids = lines(list).map((line) => JSON.parse(line).id);
  assert.equal(new Set(ids).size, N);
  assert.equal(ids.length, N);
});

// Some eighteen megabytes: more than lies in buffers between the server and a client that does not read.
const story = (word) => `${word} `.repeat(10_000);

test('a list of any length is of one moment', async () => {
  const rows = Array.from({ length: 300 }, (_, n) => JSON.stringify({ id: `long-${String(n).padStart(3, '0')}`, name: 'Then', story: story('then') }));
  expect(await load('dishes', 'application/x-ndjson', rows.join('\n')), 200);
  const { port } = new URL(server.url);
  const socket = connect(port, '127.0.0.1', () => socket.write('GET /api/v1/dishes.ndjson?name[prefix]=Then HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
  let got = '';
  await new Promise((resolve) => socket.once('data', (bytes) => { socket.pause(); got += bytes; resolve(); }));
  expect(await say('PATCH', 'dishes/long-000', { as, body: { name: 'Now' }, match: '*' }), 200);
  expect(await say('PATCH', 'dishes/long-298', { as, body: { story: 'now' }, match: '*' }), 200);
  expect(await say('DELETE', 'dishes/long-299', { as, match: '*' }), 204);
  await make('dishes', { id: 'long-300', name: 'Then', story: 'now' });
  socket.on('data', (bytes) => { got += bytes; });
  socket.resume();
  await new Promise((resolve) => socket.on('close', resolve));
  assert.ok(got.endsWith('0\r\n\r\n'));
  const ids = [...got.matchAll(/"id":"(long-\d+)"/g)].map(([, id]) => id);
  assert.deepEqual(ids, rows.map((row) => JSON.parse(row).id));
  assert.ok(!/now/i.test(got.slice(got.indexOf('\r\n\r\n'))), 'expected nothing of what was written meanwhile');
  assert.equal(lines(await say('GET', 'dishes.ndjson?name[prefix]=Then')).length, 299);
});

test('who is too slow is cut off, and notices', async () => {
  const impatient = await open('export_timeout=1ms');
  const url = new URL(impatient.url);
  for (let n = 0; n < 40; n++)
    expect(await impatient.say('POST', 'dishes', { as, body: { name: `Dish ${n}`, story: story('long') } }), 201);
  const got = await new Promise((resolve) => {
    const chunks = [];
    const socket = connect(url.port, '127.0.0.1', () => socket.write('GET /api/v1/dishes.ndjson HTTP/1.1\r\nHost: x\r\n\r\n'));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
  });
  assert.match(got, /^HTTP\/1\.1 200 /);
  assert.ok(got.length > 1 << 20 && !got.endsWith('0\r\n\r\n'), 'expected the connection to end within the answer');
  assert.equal(expect(await impatient.say('GET', 'dishes?limit=1'), 200).json.data.length, 1);
  await impatient.stop();
});
