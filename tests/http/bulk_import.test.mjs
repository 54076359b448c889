// Imports that are larger than a transaction should be: into a draft of the register, which takes its
// place when every row is good, and leaves no trace otherwise, were it by SIGKILL.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { expect, newFolder, open, options, run } from './kitchen.mjs';

const N = 2000;
const long = 'a long story, '.repeat(320);
const row = (n) => `{"id":"dish-${n * 7919 % 10007}-${n}","name":"Dish ${n}","story":"${long}","inspired_by":"dishes/dish-${(n + 1) % N * 7919 % 10007}-${(n + 1) % N}"}\n`;
const rows = Array.from({ length: N }, (_, n) => row(n)).join('');

let folder, file, data;
before(() => {
  folder = newFolder();
  data = join(folder, 'data');
  file = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  assert.ok(rows.length > 8 << 20, `expected more than goes into one transaction, got ${rows.length}`);
});
after(() => rmSync(folder, { recursive: true }));

const ouse = (status, command, ...args) => {
  const done = run(folder, command, args);
  assert.equal(done.status, status, `${command}: ${done.out}${done.errors}`);
  return done;
};
const store = () => readFileSync(join(data, 'data.mdb'));
const only = () => assert.deepEqual(readdirSync(data), ['data.mdb', 'lock.mdb']);

test('into a register that is there: all of it, verified, and what was there before', () => {
  ouse(0, 'import', file('cooks.ndjson', '{"id":"ana","name":"Ana"}\n'));
  assert.equal(ouse(0, 'import', file('dishes.ndjson', rows)).out, `dishes: ${N} created, 0 updated, 0 unchanged\n`);
  only();
  assert.match(ouse(0, 'verify').out, new RegExp(`^records +${N + 1}$[^]*^faults +0$`, 'm'));
});

test('a dry run, or a bad row and a reference to nothing at the end: the store is the same to the byte', () => {
  const before = store();
  assert.equal(ouse(0, 'import', '--dry-run', file('dishes.ndjson', rows)).out, `dishes: 0 created, 0 updated, ${N} unchanged\ndry run: nothing was stored\n`);
  const bad = '{"serves":0}\n{"name":"x","supplier":"no-such"}\n';
  const { errors } = ouse(1, 'import', file('dishes.ndjson', rows.replaceAll('Dish', 'Plate') + bad));
  assert.match(errors, new RegExp(`dishes\\.ndjson:${N + 1}: /serves`));
  assert.match(errors, new RegExp(`dishes\\.ndjson:${N + 2}: /supplier: There is no suppliers/no-such`));
  assert.match(errors, /^Nothing was imported; faults: 3$/m);
  assert.deepEqual(store(), before);
  only();
});

test('killed in the middle: the register is as it was, and what was left behind goes with the next import', async () => {
  const before = store();
  const child = spawn(process.env.OUSE_BIN, ['import', ...options(folder), file('dishes.ndjson', rows.replaceAll('Dish', 'Plate'))]);
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal)));
  const draft = join(data, 'draft', 'data.mdb');
  const begun = () => existsSync(draft) && readFileSync(draft).length >= before.length;
  while (child.exitCode === null && !begun()) await new Promise((resolve) => setImmediate(resolve));
  const { errors } = ouse(1, 'export');
  assert.match(errors, /data is being replaced by another process/);
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL');
  assert.deepEqual(store(), before);
  assert.ok(existsSync(draft), 'expected what was begun to be left behind');
  assert.match(ouse(0, 'verify').out, /^faults +0$/m);
  assert.equal(ouse(0, 'import', join(folder, 'dishes.ndjson')).out, `dishes: 0 created, ${N} updated, 0 unchanged\n`);
  only();
});

test('beside a server it goes into the store that is served', async () => {
  const server = await open();
  const done = run(server.folder, 'import', [file('dishes.ndjson', rows)]);
  assert.equal(done.status, 0, done.errors);
  assert.equal(expect(await server.say('GET', 'dishes?count=exact&limit=1'), 200).json.page.count, N);
  await server.stop();
});
