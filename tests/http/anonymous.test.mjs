// What a caller without a token may send: little, and only what it may decide.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { expect, open, refused } from './kitchen.mjs';
import { eventually } from './ouse.mjs';

const KIB = 1024;
let say, server;
before(async () => { server = await open('anonymous_writes=5', 'threads=16'); say = server.say; });
after(() => server.stop());

const wishes = async () => expect(await say('GET', 'wishes?limit=200', { as: 'manager' }), 200).json.data;

// A wish of exactly so many bytes.
function wishOf(bytes) {
  const empty = JSON.stringify({ text: 'Of size', note: '' });
  return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
}

// Sends the head of a request and waits for the answer, without a byte of the body.
function headOnly(length) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(port, hostname);
    let said = '';
    socket.on('data', (bytes) => { said += bytes; });
    socket.on('end', () => resolve(said));
    socket.on('error', reject);
    socket.write(`POST /api/v1/wishes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`);
  });
}

test('at most 16 KiB without a token', async () => {
  const fits = await say('POST', 'wishes', { body: wishOf(16 * KIB) });
  assert.notEqual(fits.status, 413, fits.text);
  refused(await say('POST', 'wishes', { body: wishOf(16 * KIB + 1) }), 413, { detail: '16384 bytes' });
  refused(await say('POST', 'wishes?dry_run=true', { body: wishOf(16 * KIB + 1) }), 413);
  const withToken = await say('POST', 'wishes', { as: 'partner', body: wishOf(100 * KIB) });
  assert.notEqual(withToken.status, 413, withToken.text);
});

test('more is refused before it is read', async () => {
  assert.match(await headOnly(16 * KIB + 1), /^HTTP\/1\.1 413 /, 'expected no 100 Continue');
});

test('sources, visibility and owner are not theirs to set', async () => {
  const before = (await wishes()).length;
  const cases = [
    [{ sources: [{ publication: 'p' }] }, ['/sources']],
    [{ sources: [] }, ['/sources']],
    [{ meta: { visibility: 'public' } }, ['/meta/visibility']],
    [{ meta: { visibility: 'office' } }, ['/meta/visibility']],
    [{ meta: { owner: 'somebody' } }, ['/meta/owner']],
    [{ sources: [{}], meta: { visibility: 'public', owner: 'x' } }, ['/sources', '/meta/visibility', '/meta/owner']],
  ];
  for (const query of ['', '?dry_run=true']) {
    for (const [more, pointers] of cases) {
      const { json } = refused(await say('POST', `wishes${query}`, { body: { text: 'Mine', ...more } }), 403);
      assert.deepEqual(json.errors.map(({ pointer, code }) => [pointer, code]), pointers.map((it) => [it, 'forbidden']));
    }
  }
  assert.equal((await wishes()).length, before);
  expect(await say('POST', 'wishes', { as: 'manager', body: { text: 'Hers', meta: { visibility: 'office' } } }), 201);
});

// One wish without a token from an address of the loopback network: { status, headers, json }.
const wish = (localAddress, body, { query = '', headers = {} } = {}) => new Promise((resolve, reject) => {
  request(`${server.url}/api/v1/wishes${query}`, { method: 'POST', localAddress, headers: { 'Content-Type': 'application/json', ...headers } }, (reply) => {
    let text = '';
    reply.on('data', (bytes) => { text += bytes; });
    reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, json: JSON.parse(text) }));
  }).on('error', reject).end(JSON.stringify(body));
});

test('a quota for each address and hour', async () => {
  const from = '127.1.0.1';
  for (let n = 0; n < 10; n++) {
    assert.equal((await wish(from, { text: 'Dry' }, { query: '?dry_run=true' })).status, 200, 'expected dry runs not to count');
    assert.equal((await wish(from, { nonsense: 1 })).status, 422, 'expected refused records not to count');
  }
  for (let left = 4; left >= 0; left--) {
    const { status, headers } = await wish(from, { text: `Wish ${left}` }, { headers: { 'Idempotency-Key': `wish-${left}` } });
    assert.equal(status, 201);
    assert.equal(headers['ratelimit-policy'], '"anonymous";q=5;w=3600');
    assert.match(headers.ratelimit, new RegExp(`^"anonymous";r=${left};t=3[56]\\d\\d$`));
  }
  const before = (await wishes()).length;
  const { status, headers, json } = await wish(from, { text: 'One more' });
  assert.deepEqual([status, json.type], [429, '/problems/too-many-requests']);
  assert.match(headers.ratelimit, /^"anonymous";r=0;t=3[56]\d\d$/);
  assert.equal(headers['retry-after'], /t=(\d+)$/.exec(headers.ratelimit)[1]);
  assert.equal((await wishes()).length, before);
  assert.equal((await wish(from, { text: 'Wish 0' }, { headers: { 'Idempotency-Key': 'wish-0' } })).headers['idempotency-replayed'], 'true');
  assert.equal((await wish(from, { text: 'Dry' }, { query: '?dry_run=true' })).status, 200);
  assert.equal((await wish('127.1.0.2', { text: 'Of another' })).status, 201);
  expect(await say('POST', 'wishes', { as: 'partner', body: { text: 'With a token' } }), 201);
});

test('a dry run and a refusal do not wait for the writer, and say what a write would', async (t) => {
  const from = '127.1.0.3';
  expect(await say('POST', 'dishes', { as: 'manager', body: { id: 'soup', name: 'Soup' } }), 201);
  expect(await say('POST', 'wishes', { as: 'manager', body: { text: 'Taken', voucher: 'V-1' } }), 201);
  const holder = spawn(process.env.HOLD_WRITER, [join(server.folder, 'data')], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => holder.kill());
  await once(holder.stdout, 'data');
  const dry = { query: '?dry_run=true' };
  assert.equal((await wish(from, { text: 'Soup again', dish: 'soup' }, dry)).status, 200);
  for (const more of [dry, {}]) {
    const missing = await wish(from, { text: 'x', dish: 'none' }, more);
    assert.deepEqual([missing.status, missing.json.errors[0].pointer], [422, '/dish']);
    const taken = await wish(from, { text: 'x', voucher: 'V-1' }, more);
    assert.deepEqual([taken.status, taken.json.errors[0].code], [409, 'unique']);
    assert.equal((await wish(from, { text: 'x', id: 'mine' }, more)).json.errors[0].code, 'given');
  }
  let written = false;
  const real = wish(from, { text: 'Waits' }).then((reply) => { written = true; return reply; });
  assert.equal((await wish(from, { text: 'Does not' }, dry)).status, 200);
  assert.ok(!written, 'expected the writer to be held');
  holder.stdin.end();
  assert.equal((await real).status, 201);
});

test('many at a time share a lane of a quarter of the threads', async (t) => {
  const holder = spawn(process.env.HOLD_WRITER, [join(server.folder, 'data')], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => holder.kill());
  await once(holder.stdout, 'data');
  const answered = [];
  const replies = Array.from({ length: 8 }, (_, n) => wish(`127.2.0.${n}`, { text: `At a time ${n}` }).then((reply) => { answered.push(reply.status); return reply; }));
  await eventually('four are refused while four wait for the writer', () => answered.length === 4);
  assert.deepEqual(answered, [429, 429, 429, 429]);
  expect(await say('GET', 'dishes'), 200);
  holder.stdin.end();
  const all = await Promise.all(replies);
  assert.deepEqual(all.map(({ status }) => status).sort(), [201, 201, 201, 201, 429, 429, 429, 429]);
  for (const { status, headers } of all) if (status === 429) assert.match(headers['retry-after'], /^\d+$/);
});
