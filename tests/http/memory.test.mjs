// What the server makes of request bodies: bounded for each, bounded for all, and given back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { expect, open, refused } from './kitchen.mjs';
import { eventually } from './ouse.mjs';

const VALUES = 100_000;
let say, server;
// Under AddressSanitizer, freed memory is used again and given back at once, as without it.
process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1:thread_local_quarantine_size_kb=64:allocator_release_to_os_interval_ms=0`;
before(async () => { server = await open('body_memory=32MiB', 'threads=64', 'request_timeout=1min', 'idle_timeout=1min'); say = server.say; });
after(() => server.stop());

const as = 'manager';

// A JSON text of so many values, in lists that are short enough.
function textOf(values) {
  const lists = [];
  for (let left = values - 1; left > 0; left -= Math.min(left, 9_000)) lists.push(`[${'0,'.repeat(Math.min(left, 9_000) - 2)}0]`);
  return `[${lists.join(',')}]`;
}

const resident = async () => Number(/RssAnon:\s*(\d+) kB/.exec(await readFile(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;

test('a JSON text has at most 100,000 values', async () => {
  for (const [path, method] of [['dishes', 'POST'], ['-/batch', 'POST'], ['orders/a/move', 'POST'], ['dishes/a', 'PATCH'], ['suppliers/a/merge', 'POST']]) {
    const fits = await say(method, path, { as, body: textOf(VALUES) });
    assert.ok([400, 404, 422, 428].includes(fits.status), `${path}: ${fits.status} ${fits.text}`);
    refused(await say(method, path, { as, body: textOf(VALUES + 1) }), 413, { detail: 'at most 100000 values' });
  }
});

test('a row of an import has at most as many', async () => {
  const load = (type, body) => say('POST', '-/import?collection=dishes', { as, type, body });
  const many = textOf(VALUES + 1);
  refused(await load('application/x-ndjson', `{"name":"A"}\n${many}\n`), 422, { pointer: '/rows/2', detail: 'at most 100000 values' });
  const cell = `"${textOf(VALUES / 4).replaceAll('"', '""')}"`;
  const row = (n) => `tags,sources,weight,story,name\r\n${[cell, cell, cell, cell, cell].slice(0, n).concat(['', '', '', '', '']).slice(0, 5).join(',')}\r\n`;
  const few = await load('text/csv', row(3));
  assert.ok(!few.text.includes('at most 100000'), few.text);
  refused(await load('text/csv', row(5)), 422, { pointer: '/rows/2', detail: 'at most 100000 values' });
});

test('all bodies at a time are bounded, and their memory is given back', async () => {
  const body = `{"tags":${textOf(VALUES - 10)}}`;
  const before = await resident();
  let most = before, done = false;
  const watch = (async () => { while (!done) most = Math.max(most, await resident()); })();
  const replies = await Promise.all(Array.from({ length: 24 }, () => say('POST', 'dishes', { as, body })));
  done = true;
  await watch;
  for (const reply of replies) {
    assert.ok(reply.status === 422 || reply.status === 429, reply.text);
    if (reply.status === 429) assert.match(reply.header('retry-after'), /^\d+$/);
  }
  assert.ok(replies.some(({ status }) => status === 422), 'expected some to be parsed');
  assert.ok(most - before < 150, `expected less than 150 MiB more for 24 bodies, got ${most - before}`);
  await eventually('the memory is given back', async () => await resident() - before < 40);
  expect(await say('POST', 'dishes', { as, body: { name: 'Still there' } }), 201);
});
