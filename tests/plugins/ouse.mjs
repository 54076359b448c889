// Runs `ouse` in a folder of its own, on fixtures copied there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { OUSE, FIXTURES } = process.env;
assert.ok(OUSE && FIXTURES, 'expected OUSE and FIXTURES, as ctest sets them');

export const fixture = (name) => join(FIXTURES, `${name}.so`);

// A folder with ouse.conf and plugins/, gone when the test is over. Commands run in it, so that
// messages have short paths: "plugins/good.so", "ouse.conf:3".
export function place(test, ...names) {
  const folder = mkdtempSync(join(tmpdir(), 'ouse-plugins-'));
  test.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'plugins'), { mode: 0o755 });
  const here = {
    folder,
    plugin: (name) => join(folder, 'plugins', `${name}.so`),
    add(name, from = fixture(name)) {
      copyFileSync(from, here.plugin(name));
      chmodSync(here.plugin(name), 0o644);
    },
    config: (text) => writeFileSync(join(folder, 'ouse.conf'), text),
    run(...words) {
      const { status, signal, stdout, stderr } = spawnSync(OUSE, words, { cwd: folder, encoding: 'utf8' });
      return { status, signal, stdout, stderr };
    },
    // `ouse check` with these plugins enabled, and further lines of config.
    check(enabled, further = '') {
      here.config(`plugins = {${enabled.join(', ')}}\nplugin_path = "plugins"\ndata = "data"\n${further}`);
      return here.run('check', '-c', './ouse.conf');
    },
  };
  for (const name of names) here.add(name);
  return here;
}

// The command has failed, with these lines on standard error and nothing else.
export function refused(result, ...lines) {
  assert.equal(result.stderr, lines.map((line) => `${line}\n`).join(''));
  assert.deepEqual([result.status, result.stdout], [1, '']);
}

export function accepted(result) {
  assert.deepEqual([result.status, result.stderr], [0, '']);
  return result.stdout;
}
