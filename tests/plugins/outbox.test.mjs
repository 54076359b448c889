// Deliveries and tasks: none of them waits for another, queues outlive a new version of the plugin, and the time
// of tasks goes on over restarts.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, Register } from './register.mjs';

const { PROBES } = process.env;
const build = (name) => join(PROBES, name);

function place(t, plugins, options) {
  const register = new Register().configure(plugins, options);
  t.after(() => {
    if (register.child && register.child.exitCode === null) register.child.kill('SIGKILL');
    register.remove();
  });
  const file = (name) => join(register.folder, name);
  return Object.assign(register, {
    raise: (name) => writeFileSync(file(name), ''),
    drop: (name) => rmSync(file(name)),
    lines: (name) => (existsSync(file(name)) ? readFileSync(file(name), 'utf8').trim().split('\n') : []),
    has: (name, n) => eventually(`${n} lines in ${name}`, () => register.lines(name).length >= n && register.lines(name)),
  });
}

const note = (register, plugin, id) => register.create(`${plugin}-notes`, { id, title: id });

test('a slow delivery delays no other plugin, and no task', async (t) => {
  const register = await place(t, 'mailer, courier').start();
  register.raise('hold-mailer-one');
  await note(register, 'mailer', 'm');
  for (const id of ['a', 'b']) await note(register, 'courier', id);
  assert.deepEqual(await register.has('courier-one', 2), ['a', 'b']);
  assert.deepEqual(await register.has('courier-two', 2), ['a', 'b']);
  await register.has('courier-task', 1);
  assert.deepEqual(register.lines('mailer-one'), []);
  register.drop('hold-mailer-one');
  assert.deepEqual(await register.has('mailer-one', 1), ['m']);
  assert.deepEqual(await register.has('mailer-two', 1), ['m']);
  await register.end();
});

test('a slow task delays no other plugin', async (t) => {
  const register = await place(t, 'mailer, courier').start();
  register.raise('hold-courier-task');
  await register.has('mailer-task', 1);
  register.drop('hold-courier-task');
  await register.has('courier-task', 1);
  await register.stop();
});

test('a hook that fails waits, and the other hook of its plugin does not', async (t) => {
  const register = await place(t, 'mailer').start();
  register.raise('down-mailer-one');
  for (const id of ['a', 'b', 'c']) await note(register, 'mailer', id);
  assert.deepEqual(await register.has('mailer-two', 3), ['a', 'b', 'c']);
  await register.logged('warn', 'mailer: delivery of a is postponed: mailer-one is down');
  assert.deepEqual(register.lines('mailer-one'), []);
  register.drop('down-mailer-one');
  assert.deepEqual(await register.has('mailer-one', 3), ['a', 'b', 'c']);
  await register.end();
});

test('a slow hook takes its share of the time, and not of the deliveries', async (t) => {
  const register = await place(t, 'mailer').start();
  const ids = [...'abcdefghij'];
  register.raise('slow-mailer-one');
  for (const id of ids) await note(register, 'mailer', id);
  assert.deepEqual(await register.has('mailer-two', ids.length), ids);
  const slow = register.lines('mailer-one').length;
  assert.ok(slow < ids.length / 2, `expected less than half of the deliveries of the slow hook, got ${slow}`);
  register.drop('slow-mailer-one');
  assert.deepEqual(await register.has('mailer-one', ids.length), ids);
  await register.end();
});

// What waits while both hooks are down, as another build of the plugin delivers it.
async function deliverBy(t, first, second, check) {
  const register = await place(t, 'mailer', { from: build(first) }).start();
  for (const hook of ['one', 'two']) register.raise(`down-mailer-${hook}`);
  await note(register, 'mailer', 'a');
  await register.stop();
  register.drop('down-mailer-two');
  if (second !== 'without') register.drop('down-mailer-one');
  register.configure('mailer', { from: build(second) });
  await register.start();
  await register.has('mailer-two', 1);
  await check(register);
  assert.deepEqual(register.lines('mailer-two'), ['a']);
  await register.end();
}

const both = async (register) => assert.deepEqual(await register.has('mailer-one', 1), ['a']);

test('a version with its hooks in another order delivers what waits to the same hooks', async (t) => {
  const register = await place(t, 'mailer').start();
  register.raise('down-mailer-one');
  for (const id of ['a', 'b']) await note(register, 'mailer', id);
  await register.has('mailer-two', 2);
  await register.stop();
  register.drop('down-mailer-one');
  register.configure('mailer', { from: build('swapped') });
  await register.start();
  assert.deepEqual(await register.has('mailer-one', 2), ['a', 'b']);
  assert.deepEqual(register.lines('mailer-two'), ['a', 'b'], 'expected nothing to be delivered to the hook that has it');
  await register.end();
});

test('hooks that get a name keep their queue', (t) => deliverBy(t, 'unnamed', 'swapped', both));
test('hooks without a name', (t) => deliverBy(t, 'unnamed', 'unnamed', both));

test('what waits for a hook that is gone is dropped, and the log says so', (t) =>
  deliverBy(t, '.', 'without', async (register) => {
    await register.logged('warn', 'mailer: 1 deliveries waited for hooks that it does not have any more');
    assert.deepEqual(register.lines('mailer-one'), []);
  }));

test('two hooks of one name are refused', (t) => {
  const register = place(t, 'mailer', { from: build('same') });
  assert.match(register.run('serve').stderr, /mailer\.so: hook 0 and hook 1 are both named "one"/);
});

// Each start is shorter than the time between two runs of the task.
test('a task runs when it is due, however often the server restarts', async (t) => {
  const register = place(t, 'mailer');
  const begun = Date.now();
  let starts = 0;
  for (; !register.lines('mailer-task').length && Date.now() - begun < 30000; starts++) {
    const up = Date.now();
    await register.start();
    if (starts % 2) await register.stop();
    else await register.kill();
    assert.ok(Date.now() - up < 5000, 'expected a start to take less than the time between two runs');
  }
  assert.ok(register.lines('mailer-task').length, `expected a run in ${starts} starts`);
  assert.ok(Date.now() - begun >= 5000, 'expected no run before it is due');
});
