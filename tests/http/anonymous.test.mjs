// What a caller without a token may send: little, and only what it may decide.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { expect, open, refused } from './kitchen.mjs';

const KIB = 1024;
let say, server;
before(async () => { server = await open(); say = server.say; });
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
