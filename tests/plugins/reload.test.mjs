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
