// Bodies in gzip: for those who take it, where it is worth it, and never under an entity tag.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { expect, open } from './kitchen.mjs';

let server;
before(async () => {
  server = await open();
  for (let i = 0; i < 20; i++)
    expect(await server.say('POST', 'dishes', { as: 'manager', body: { id: `dish-${i}`, name: `Dish ${i}`, story: 'Long ago. '.repeat(20) } }), 201);
});
after(() => server.stop());

// The answer as it came over the wire.
function get(path, headers, method = 'GET') {
  return new Promise((resolve, reject) => {
    request(`${server.url}/api/v1/${path}`, { method, headers, agent: false }, (reply) => {
      const pieces = [];
      reply.on('data', (piece) => pieces.push(piece));
      reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, body: Buffer.concat(pieces) }));
    }).on('error', reject).end();
  });
}

const takes = (value) => ({ 'accept-encoding': value });

test('a list comes in gzip to those who take it', async () => {
  const plain = await get('dishes', {}), packed = await get('dishes', takes('br, gzip;q=0.8'));
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(packed.headers['content-length'], String(packed.body.length));
  assert.ok(packed.body.length < plain.body.length / 5, `expected few bytes, got ${packed.body.length} of ${plain.body.length}`);
  assert.deepEqual(gunzipSync(packed.body), plain.body);
  for (const { headers } of [plain, packed]) assert.equal(headers.vary, 'Authorization, Cookie, Accept, Accept-Encoding');
});

for (const none of ['', 'identity', 'gzip;q=0', 'br', 'gzi'])
  test(`not with Accept-Encoding "${none}"`, async () => {
    assert.equal((await get('dishes', takes(none))).headers['content-encoding'], undefined);
  });

test('HEAD says what GET would', async () => {
  const head = await get('dishes', takes('gzip'), 'HEAD'), whole = await get('dishes', takes('gzip'));
  assert.equal(head.body.length, 0);
  for (const name of ['content-encoding', 'content-length']) assert.equal(head.headers[name], whole.headers[name], name);
});

test('what is small, or has an entity tag, comes as it is', async () => {
  for (const path of ['-/whoami', 'dishes/dish-1', 'dishes?limit=1&fields=name']) {
    const reply = await get(path, takes('gzip'));
    assert.deepEqual([path, reply.status, reply.headers['content-encoding']], [path, 200, undefined]);
  }
});
