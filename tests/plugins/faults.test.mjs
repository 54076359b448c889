// Plugins that hang or end the process: the log and /readyz name the plugin, the callback and the record.
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually, Register } from './register.mjs';

const { PROBES } = process.env;
const limit = 'slow_callback = 200ms';
const create = (register, title) => register.say('POST', 'faults', { as: 'manager', body: { id: 'it', title } });

function place(t, options) {
  const register = new Register().configure('unruly', { further: limit, ...options });
  t.after(() => {
    if (register.child && register.child.exitCode === null) register.child.kill('SIGKILL');
    register.remove();
  });
  return register;
}

test('a hook that does not return is named by the log and by /readyz', async (t) => {
  const register = await place(t).start();
  assert.deepEqual((await register.get('/readyz')), { status: 'ready' });
  writeFileSync(join(register.folder, 'hold'), '');
  const begun = Date.now();
  const created = create(register, 'hold');
  await register.logged(' warn  unruly: hook 0 on faults/it has not returned for 0 s');
  const { status, json: { reasons: [reason] } } = await register.say('GET', '/readyz', { as: 'office' });
  assert.equal(status, 503);
  assert.deepEqual([reason.code, reason.detail], ['slow_callback', 'Changes wait for the plugin unruly: its hook 0 on faults/it has not returned']);
  assert.ok(Math.abs(Date.parse(reason.since) - begun) < 5000, reason.since);
  const shown = await register.say('GET', '/readyz');
  assert.equal(shown.json.detail, 'Changes wait for the plugin unruly: its hook 0 has not returned', 'expected no id of a record for the public');

  rmSync(join(register.folder, 'hold'));
  assert.equal((await created).status, 201);
  await register.logged(' warn  unruly: hook 0 on faults/it has returned after');
  await eventually('a server that is ready', async () => (await register.say('GET', '/readyz')).status === 200);
  await register.stop();
});

test('a slow route is named, and does not make the server unready', async (t) => {
  const register = await place(t).start();
  writeFileSync(join(register.folder, 'hold'), '');
  const acted = register.say('POST', 'faults/-/act', { body: { title: 'hold' } });
  const { callbacks: [callback] } = await eventually('a callback', async () => {
    const ready = await register.get('/readyz');
    return ready.callbacks && ready;
  });
  assert.deepEqual([callback.plugin, callback.callback], ['unruly', 'POST faults/-/act']);
  rmSync(join(register.folder, 'hold'));
  assert.equal((await acted).status, 200);
  await register.stop();
});

test('a derived field that takes long is named, and does not make the server unready', async (t) => {
  const register = await place(t).start();
  assert.equal((await create(register, 'hold-derived')).status, 201);
  writeFileSync(join(register.folder, 'hold-derived'), '');
  const read = register.say('GET', 'faults/it');
  await register.logged(' warn  unruly: derived mood on faults/it has not returned for 0 s');
  const { status, callbacks: [callback] } = await register.get('/readyz');
  assert.deepEqual([status, callback.plugin, callback.callback], ['ready', 'unruly', 'derived mood']);
  rmSync(join(register.folder, 'hold-derived'));
  assert.equal((await read).status, 200);
  await register.logged(' warn  unruly: derived mood on faults/it has returned after');
  await register.stop();
});

const stopped = '(crashed: SIG[A-Z]+|was stopped by the sanitizer)';
const ends = {
  fault: [stopped],
  abort: ['crashed: SIGABRT'],
  arithmetic: [stopped],
  recurse: [stopped],
  exit: ['called exit\\(\\)', 70],
  'quick-exit': ['called exit\\(\\)', 70],
};

describe('what ends the process is named', { concurrency: 2 }, () => {
  for (const [title, [words, status]] of Object.entries(ends))
    for (const [where, ask, about] of [
      ['hook', (register) => create(register, title), 'hook 0 on faults/it'],
      ['route', (register) => register.say('POST', 'faults/-/act', { body: { title } }), 'POST faults/-/act'],
    ])
      test(`${title} in a ${where}`, async (t) => {
        const register = await place(t).start();
        await assert.rejects(ask(register));
        const ended = await register.ended;
        assert.notEqual(ended, 0);
        if (status) assert.equal(ended, status);
        assert.match(register.said, new RegExp(`^\\S+Z error unruly: ${about} ${words}`, 'm'));
      });

  test('a C++ exception', async (t) => {
    const register = await place(t, { from: join(PROBES, 'cxx') }).start();
    await assert.rejects(create(register, 'throw'));
    await register.ended;
    assert.match(register.said, /^\S+Z error unruly: hook 0 on faults\/it crashed: SIGABRT$/m);
    assert.match(register.said, /out of luck/);
  });

  test('the server itself, outside of all plugins', async (t) => {
    const register = await place(t).start();
    register.child.kill('SIGABRT');
    assert.equal(await register.ended, 'SIGABRT');
    assert.match(register.said, /^\S+Z error ouse: outside of all plugins, the program crashed: SIGABRT$/m);
  });
});

for (const signal of ['SIGTERM', 'SIGINT'])
  test(`${signal} ends a server whose plugin starts`, async (t) => {
    const register = place(t);
    writeFileSync(join(register.folder, 'hold-start'), '');
    const started = register.start();
    started.catch(() => {}); // it never listens
    await register.logged(' warn  unruly: start has not returned for');
    assert.ok(existsSync(join(register.folder, 'hold-start')));
    register.child.kill(signal);
    assert.equal(await register.ended, 0);
    assert.match(register.said, / info {2}serve: stopping before the start is complete/);
    await assert.rejects(started);
    rmSync(join(register.folder, 'hold-start'));
    await register.start();
    await register.stop();
  });
