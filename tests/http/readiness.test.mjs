// /readyz reports whether writes succeed now: it names the reason and since when, and does not outlive it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { built, startWith } from './ouse.mjs';

const ouse = (...words) => promisify(execFile)(process.env.OUSE_BIN, words).catch((error) => error);
const long = 'a long story, '.repeat(320);
const ready = async (register) => {
  const response = await fetch(new URL('/readyz', register.origin));
  return { status: response.status, body: await response.json() };
};
const until = async (register, status) => {
  for (;;) {
    const answer = await ready(register);
    if (answer.status === status) return answer;
    await sleep(50);
  }
};
const expectFull = (response) => {
  assert.equal(response.status, 503, response.text);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.match(response.headers.get('retry-after'), /^\d+$/);
  assert.equal(response.body.code, 'store_full');
  assert.equal(response.body.errors[0].code, 'store_full');
};

test('an import that does not fit is 503 store_full, and the server stays ready for changes that do', built, async (t) => {
  const register = await startWith(['map_size = "4MiB"'], 'kitchen');
  t.after(() => register.stop());
  const rows = Array.from({ length: 1000 }, (_, n) => `${JSON.stringify({ id: `p-${n}`, name: `P ${n}`, story: long })}\n`).join('');
  const response = await fetch(new URL('/api/v1/-/import?collection=dishes', register.origin), {
    method: 'POST', body: rows, headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${register.tokens.manager}` },
  });
  const text = await response.text();
  expectFull({ status: response.status, headers: response.headers, text, body: JSON.parse(text) });
  assert.deepEqual(await ready(register), { status: 200, body: { status: 'ready' } });
  await register.create('dishes', { id: 'soup', name: 'Soup' });
  assert.match(await register.import('dishes', Array.from({ length: 500 }, (_, n) => ({ id: `q-${n}`, name: `Q ${n}`, story: long })), 1), /The store is full/);
  assert.deepEqual(await ready(register), { status: 200, body: { status: 'ready' } });
});

test('a full store: changes are 503 store_full, /readyz says since when, reading goes on', built, async (t) => {
  const register = await startWith(['map_size = "2MiB"'], 'kitchen');
  t.after(() => register.stop());
  const began = Date.now();
  let n = 0, refused;
  for (let size = long.length; size; size = Math.floor(size / 4))
    for (;;) {
      const response = await register.say('POST', 'dishes', { as: 'manager', body: { id: `p-${n}`, name: `P ${n}`, story: long.slice(0, size) } });
      if (response.status !== 201) { refused = response; break; }
      n += 1;
    }
  expectFull(refused);
  const { status, body } = await ready(register);
  assert.equal(status, 503);
  const [reason] = body.reasons;
  assert.equal(reason.code, 'store_full');
  assert.match(reason.detail, /map_size/);
  assert.equal(body.detail, reason.detail);
  assert.ok(Date.parse(reason.since) >= began && Date.parse(reason.since) <= Date.now(), reason.since);
  assert.equal((await register.get('dishes/p-0')).name, 'P 0');
});

test('writes that wait for another process: /readyz says so and since when', built, async (t) => {
  const register = await startWith([], 'kitchen');
  t.after(() => register.stop());
  const other = spawn(process.env.HOLD_WRITER, [join(register.folder, 'data')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(other, 'close');
  await once(other.stdout, 'data');
  const began = Date.now();
  const write = register.create('dishes', { id: 'soup', name: 'Soup' });
  const { body } = await until(register, 503);
  const [reason] = body.reasons;
  assert.equal(reason.code, 'writer_waits');
  assert.match(reason.detail, /another process/);
  assert.ok(Date.parse(reason.since) >= began - 1 && Date.parse(reason.since) <= Date.now() - 2000, reason.since);
  await register.get('dishes');
  other.stdin.end();
  await gone;
  await write;
  assert.deepEqual(await ready(register), { status: 200, body: { status: 'ready' } });
});

test('a second server of one register is refused and names the first; commands are not', built, async (t) => {
  const register = await startWith([], 'kitchen');
  t.after(() => register.stop());
  const lock = join(register.folder, 'data', 'serve.lock');
  const pid = (await readFile(lock, 'utf8')).trim();
  const second = await ouse('serve', '-c', register.config);
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`served by process ${pid} already`));
  assert.equal((await readFile(lock, 'utf8')).trim(), pid);
  await register.import('dishes', [{ id: 'soup', name: 'Soup' }]);
  await register.run('verify');
  await register.run('backup', join(register.folder, 'copy'));
  await register.restart();
  assert.notEqual((await readFile(lock, 'utf8')).trim(), pid);
});

test('another process grows the store while an export is open: reads go on, and the export is whole', built, async (t) => {
  const register = await startWith(['map_size = "16MiB"'], 'kitchen');
  t.after(() => register.stop());
  const story = 'a long story, '.repeat(960);
  const rows = (name, n) => Array.from({ length: n }, (_, i) => ({ id: `${name}-${i}`, name: `${name} ${i}`, story }));
  const file = join(register.folder, 'dishes.ndjson');
  const grow = async (size, more) => {
    await writeFile(file, more.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const done = await ouse('import', '-c', register.config, '--set', `map_size=${size}`, file);
    assert.equal(done.code ?? 0, 0, done.stderr);
  };
  await grow('16MiB', rows('first', 600));
  const exported = await fetch(new URL('/api/v1/dishes.ndjson', register.origin));
  const reader = exported.body.getReader();
  let text = Buffer.from((await reader.read()).value).toString();
  await grow('64MiB', rows('second', 500));
  for (let i = 0; i < 3; i += 1) assert.equal((await register.get('dishes/second-499')).name, 'second 499');
  const early = await register.say('POST', 'dishes', { as: 'manager', body: { name: 'Too early' } });
  assert.equal(early.status, 503);
  assert.match(early.body.detail, /^Another process has enlarged the store, and an export or another read that began before it is still open;/);
  const { body: { reasons: [reason] } } = await until(register, 503);
  assert.deepEqual([reason.code, Date.parse(reason.since) < Date.now() - 2000], ['store_enlarged', true]);
  for (let piece; !(piece = await reader.read()).done;) text += Buffer.from(piece.value).toString();
  assert.equal(text.trimEnd().split('\n').length, 600, 'expected the export to be of its snapshot');
  await register.create('dishes', { name: 'Written after it' });
  assert.deepEqual(await ready(register), { status: 200, body: { status: 'ready' } });
});
