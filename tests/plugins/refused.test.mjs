// What `ouse serve` refuses, `ouse check` refuses, too, with the same lines and without a change of
// the register; and it reports all of it at once.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Register } from './register.mjs';

const { PROBES, FIXTURES, BUILT } = process.env;
const installed = BUILT.split(':').at(-1);
const probe = (name) => ({ from: join(PROBES, name) });

// The lines that are no lines of the log.
const reasons = (text) => text.split('\n').filter((line) => line && !/^\d{4}-\d\d-\d\dT/.test(line));

// Both commands refuse, for these reasons.
function refusedByBoth(register, ...words) {
  const check = register.run('check', ...words), serve = register.run('serve');
  assert.deepEqual([check.status, check.stdout, serve.status], [1, '', 1], check.stderr + serve.stderr);
  assert.deepEqual(reasons(check.stderr), reasons(serve.stderr));
  return reasons(check.stderr);
}

function never(t, plugins, configuration) {
  const register = new Register().configure(plugins, configuration);
  t.after(() => register.remove());
  return register;
}

// A register that the first version of shelf has served, with these books.
async function shelf(t, ...books) {
  const register = await new Register().configure('shelf', probe('1')).start();
  t.after(() => register.remove());
  for (const book of books) await register.create('books', book);
  await register.stop();
  return register;
}

describe('refused by check and by serve', { concurrency: 2 }, () => {
  for (const name of ['phase', 'ops', 'fn', 'method', 'path', 'schema', 'taken', 'parameter', 'every', 'access'])
    test(`a plugin: wrong-${name}`, (t) => {
      const [line, ...others] = refusedByBoth(never(t, 'wrong', probe(`wrong-${name}`)));
      assert.match(line, new RegExp(`^${PROBES}/wrong-${name}/wrong\\.so: `));
      assert.deepEqual(others, []);
    });

  test('options of plugins', (t) => {
    const register = never(t, 'directory, site, metrics', { from: installed,
      further: 'site { colour = "#ffffff" }\nmetrics { allow = everybody }' });
    assert.deepEqual(refusedByBoth(register), [
      'plugin site: site.colour is "#ffffff", which has a contrast with white of 1.0; text needs 4.5: use a darker one',
      'plugin metrics: metrics.allow has "everybody"; it is loopback, everyone, or addresses and networks with commas between them, such as "127.0.0.1, 10.1.0.0/16, fd00::/8"',
    ]);
  });

  test('a template', (t) => {
    const register = never(t, 'directory, site', { from: installed, further: '' });
    mkdirSync(join(register.folder, 'own', 'templates'), { recursive: true });
    writeFileSync(join(register.folder, 'own', 'templates', 'home.mustache'), 'one\n{{#open}}\n');
    register.configure('directory, site', { from: installed, further: `site { folder = "${register.folder}/own" }` });
    assert.match(refusedByBoth(register).join('\n'), /^The plugin site refuses to start\nhome:3: the section open is not closed in /);
  });

  test('a data folder that cannot be made', (t) => {
    const register = never(t, 'directory', { from: installed });
    writeFileSync(register.file, `plugins = directory\nplugin_path = "${installed}"\ndata = "${register.folder}/a/b"\n`);
    assert.deepEqual(refusedByBoth(register), [`${register.folder}/a/b cannot be made: No such file or directory`]);
  });

  test('a file in the place of the data folder', (t) => {
    const register = never(t, 'directory', { from: installed });
    writeFileSync(join(register.folder, 'data'), '');
    assert.deepEqual(refusedByBoth(register), [`${register.folder}/data cannot be opened: Not a directory`]);
  });

  test('a migration that is not there', async (t) => {
    const register = await shelf(t, { id: 'emma', title: 'Emma', pages: '474' });
    register.configure('shelf', probe('3-short'));
    assert.deepEqual(refusedByBoth(register),
      ['books: the store has schema version 1, plugin shelf declares 3 and brings no migration from 2 to 3']);
  });

  test('a plugin that is older than the store', async (t) => {
    const register = await shelf(t, { id: 'emma', title: 'Emma', pages: '474' });
    await register.configure('shelf', probe('2')).start();
    await register.stop();
    register.configure('shelf', probe('1'));
    assert.deepEqual(refusedByBoth(register),
      ['books: the store has schema version 2, plugin shelf is older and declares 1; use the plugin that wrote it']);
  });

  test('a record that a migration cannot bring over, with --migrate', async (t) => {
    const register = await shelf(t, { id: 'huge', title: 'Huge', pages: 'many' });
    register.configure('shelf', probe('2'));
    assert.equal(register.run('check').status, 0, 'expected no migration to run without --migrate');
    assert.match(refusedByBoth(register, '--migrate').join('\n'), /huge: "many" is no number/);
    assert.deepEqual(readdirSync(join(register.folder, 'data')).filter((name) => name.startsWith('ouse-check')), []);
  });
});

test('check --migrate changes a draft, and not the register', async (t) => {
  const register = await shelf(t, { id: 'emma', title: 'Emma', pages: '474' }, { id: 'bare', title: 'Bare' });
  register.configure('shelf', probe('2'));
  const { status, stdout, stderr } = register.run('check', '--migrate');
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^migrations {3}[12] changes, made on a draft$/m);
  assert.deepEqual(readdirSync(join(register.folder, 'data')).filter((name) => name.startsWith('ouse-check')), []);
  await register.configure('shelf', probe('1')).start(); // which the migrated register would refuse
  assert.equal((await register.get('books/emma')).meta.revision, 1);
  await register.stop();
});

test('check runs beside the server', async (t) => {
  const register = await new Register().configure('shelf', probe('1')).start();
  t.after(() => register.remove());
  await register.create('books', { id: 'emma', title: 'Emma' });
  register.configure('shelf', probe('2'));
  assert.deepEqual([register.run('check').status, register.run('check', '--migrate').status], [0, 0]);
  await register.stop();
});

test('check reports the mistakes of all steps at once', async (t) => {
  const register = await shelf(t, { id: 'emma', title: 'Emma', pages: '474' });
  const folder = mkdtempSync(join(tmpdir(), 'ouse-refused-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { cpSync } = await import('node:fs');
  cpSync(join(PROBES, '3-short', 'shelf.so'), join(folder, 'shelf.so'));
  cpSync(join(PROBES, 'wrong-fn', 'wrong.so'), join(folder, 'wrong.so'));
  cpSync(join(installed, 'metrics.so'), join(folder, 'metrics.so'));
  register.configure('shelf, wrong, metrics', { from: folder, further: 'metrics { allow = everybody }' });
  const { status, stderr } = register.run('check');
  assert.equal(status, 1);
  const found = reasons(stderr);
  assert.match(found[0], /brings no migration from 2 to 3/);
  assert.match(found[1], /wrong\.so: hook 1 has no function/);
  assert.match(found[2], /^plugin metrics: metrics\.allow has "everybody"/);
  assert.equal(found.length, 3, stderr);
});

describe('a plugin that does not let the check come to its end', () => {
  const broken = (t, name) => reasons(never(t, name, { from: FIXTURES }).run('check').stderr).at(-1);
  test('because it crashes when it is loaded', (t) => assert.equal(broken(t, 'crashing'), 'the start of the plugins crashes: Aborted'));
  test('because it crashes when it starts', (t) => assert.equal(broken(t, 'broken-aborts'), 'the start of the plugins crashes: Aborted'));
  test('because it ends the process', (t) => assert.match(broken(t, 'broken-exits'), /^a plugin ends the process, with status \d+, while it starts$/));
});

test('a register without plugins is warned of', (t) => {
  const register = never(t, '', {});
  const { status, stdout } = register.run('check');
  assert.equal(status, 0);
  assert.match(stdout, /^warning {6}.*ouse\.conf: no plugin is enabled, so the register has no collections; write plugins = \{first, second\}/m);
});
