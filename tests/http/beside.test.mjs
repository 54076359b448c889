// Commands that work on a register while it is served.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { built, start } from './ouse.mjs';

const ouse = (...words) => promisify(execFile)(process.env.OUSE_BIN, words);

test('what a command writes, the server reads', built, async (t) => {
  const register = await start('directory');
  t.after(() => register.stop());
  const { stdout } = await ouse('token', 'create', '--role', 'manager', '--name', 'beside', '-c', register.config);
  register.tokens.beside = /ouse_[\w-]+/.exec(stdout)[0];
  const body = { name: 'Ada Example' };
  await register.expect(201, 'POST', 'people', { as: 'beside', body });
  await ouse('token', 'revoke', 'beside', '-c', register.config);
  await register.expect(401, 'POST', 'people', { as: 'beside', body });
});

test('a server whose collections another process declared anew writes nothing and says so', built, async (t) => {
  const register = await start('directory');
  t.after(() => register.stop());
  await register.create('people', { id: 'ada-example', name: 'Ada Example' });
  const ready = () => fetch(new URL('/readyz', register.origin));
  assert.equal((await ready()).status, 200);

  await ouse('import', '-c', register.config, '--set', 'plugins=directory,hubs', '--set', `plugin_path=${process.env.OUSE_PLUGINS}`,
    new URL('../../conf/sample/people.ndjson', import.meta.url).pathname);

  const { body } = await register.expect(503, 'POST', 'people', { as: 'manager', body: { name: 'Late' } });
  assert.match(body.detail, /restart the server/);
  const response = await ready();
  assert.equal(response.status, 503);
  assert.match((await response.json()).detail, /restart the server/);
  await register.get('people/ada-example');
});
