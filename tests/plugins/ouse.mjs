// Runs `ouse` in a folder of its own, on fixtures copied there.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

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
    run: (...words) => here.runIn('.', ...words),
    runIn(where, ...words) {
      const { status, signal, stdout, stderr } = spawnSync(OUSE, words, { cwd: join(folder, where), encoding: 'utf8' });
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

// Runs `ouse serve` in the folder, and resolves when it listens. `origin` is where; line(pattern)
// resolves to the next line of the log that matches.
export async function serve(test, here) {
  const child = spawn(OUSE, ['serve', '-c', 'ouse.conf'], { cwd: here.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');
  test.after(() => child.exitCode ?? child.kill('SIGKILL'));
  const [listening] = await once(createInterface({ input: child.stdout }), 'line');
  return {
    child,
    ended,
    origin: /http:\/\/\S+/.exec(listening)[0],
    async line(pattern) {
      const said = [];
      for (;;) {
        const { value, done } = await lines.next();
        assert.ok(!done, `expected ${pattern}, but the log ended after:\n${said.join('\n')}`);
        if (pattern.test(value)) return value;
        said.push(value);
      }
    },
  };
}
