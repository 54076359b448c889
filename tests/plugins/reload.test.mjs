// SIGHUP: a good file takes effect where it can, a bad one changes nothing, and the log says which.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { place, serve } from './ouse.mjs';

test('the config is read again on SIGHUP', { timeout: 30000 }, async (t) => {
  const here = place(t, 'good');
  const config = (further) => here.config(
    `plugins = good\nplugin_path = "plugins"\ndata = "data"\nlisten = "127.0.0.1:0"\n${further}`);
  config('good { every = 1min }\n');
  const server = await serve(t, here);

  config('threads = 8\ngood { every = 2min room = 2MiB }\n');
  server.child.kill('SIGHUP');
  await server.line(/ warn {2}config: threads: changed in the file, takes effect at restart$/);
  await server.line(/ warn {2}config: good\.room: changed in the file, takes effect at restart$/);
  await server.line(/ config: read again$/);

  config('log_level = debug\ngood {\n  every = never\n}\n');
  server.child.kill('SIGHUP');
  await server.line(/ error config: nothing was changed: ouse\.conf:7: good\.every must be a duration .*it is "never"$/);

  server.child.kill('SIGTERM');
  assert.deepEqual(await server.ended, [0, null]);
});

// Two plugins, the first before the second; text(name) is what is in force in each.
async function two(t) {
  const here = place(t, 'reload-one', 'reload-two');
  const config = (one, two, further = '') => here.config(`plugins = {reload-one, reload-two}\nplugin_path = "plugins"
data = "data"\nlisten = "127.0.0.1:0"\n${further}reload-one { text = ${one} }\nreload-two { text = ${two} }\n`);
  config('one', 'two');
  const server = await serve(t, here);
  const texts = () => Promise.all(['reload-one', 'reload-two'].map(async (name) =>
    (await fetch(`${server.origin}/${name}`, { headers: { connection: 'close' } })).text()));
  const reload = (...words) => {
    config(...words);
    server.child.kill('SIGHUP');
  };
  return { server, texts, reload };
}

test('if one plugin finds its options invalid, none takes effect', { timeout: 30000 }, async (t) => {
  const { server, texts, reload } = await two(t);
  reload('other', 'invalid', 'log_level = error\n');
  await server.line(/ error config: nothing was changed: plugin reload-two: reload-two\.text is "invalid"; any other text will do$/);
  await server.line(/ error config: the old options stay in force$/);
  assert.deepEqual(await texts(), ['one', 'two']);
  reload('invalid', 'invalid');
  await server.line(/ error config: nothing was changed: plugin reload-one: /);
  await server.line(/ error config: nothing was changed: plugin reload-two: /);
  reload('other', 'another');
  await server.line(/ info {2}reload-one: takes other$/); // log_level is still what it was
  await server.line(/ config: read again$/);
  assert.deepEqual(await texts(), ['other', 'another']);
  server.child.kill('SIGTERM');
  assert.deepEqual(await server.ended, [0, null]);
});

test('if one plugin refuses to take over, those before it go back', { timeout: 30000 }, async (t) => {
  const { server, texts, reload } = await two(t);
  reload('other', 'refused');
  await server.line(/ info {2}reload-one: takes other$/);
  await server.line(/ info {2}reload-one: takes one$/);
  await server.line(/ error config: nothing was changed: The plugin reload-two refuses to be reconfigured$/);
  await server.line(/ error config: nothing was changed: It cannot change now$/);
  await server.line(/ error config: the old options stay in force$/);
  assert.deepEqual(await texts(), ['one', 'two']);
  server.child.kill('SIGTERM');
  assert.deepEqual(await server.ended, [0, null]);
});

test('options that a plugin finds invalid stop the start, all of them named', (t) => {
  const here = place(t, 'reload-one', 'reload-two');
  here.config('plugins = {reload-one, reload-two}\nplugin_path = "plugins"\ndata = "data"\nreload-one { text = invalid }\n'
    + 'reload-two { text = invalid }\n');
  const { status, stderr } = here.run('serve', '-c', 'ouse.conf', '--listen', '127.0.0.1:0');
  assert.deepEqual([status, stderr.split('\n')], [1, [
    'plugin reload-one: reload-one.text is "invalid"; any other text will do',
    'plugin reload-two: reload-two.text is "invalid"; any other text will do', '']]);
});
