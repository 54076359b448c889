// The command line: help, mistakes, tokens, plugins shown.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { accepted, place, refused } from './ouse.mjs';

const usage = (result, line) =>
  assert.deepEqual(result, { status: 2, signal: null, stdout: '', stderr: `${line}\n` });

test('what cannot be called is told, with what was meant', (t) => {
  const here = place(t);
  usage(here.run('chekc'), 'ouse: there is no command "chekc"; did you mean "check"?');
  usage(here.run('frobnicate'), 'ouse: there is no command "frobnicate"; "ouse --help" lists them');
  usage(here.run('check', '--dat', 'x'), 'ouse check: there is no option --dat; did you mean --data?');
  usage(here.run('check', '-x'), 'ouse check: there is no option -x; see "ouse check --help"');
  usage(here.run('check', '--data'), 'ouse check: a value is missing after --data; see "ouse check --help"');
  usage(here.run('check', 'x'), 'ouse check: too many arguments: x; see "ouse check --help"');
  usage(here.run('token', 'revoke'), 'ouse token revoke: missing: NAME; see "ouse token revoke --help"');
  usage(here.run('plugin', 'show', 'x', '--json=1'),
    'ouse plugin show: this option has no value: --json; see "ouse plugin show --help"');
  usage(here.run('token', 'create', '--role', 'king'), 'ouse token create: --role must be one of partner office manager');
  usage(here.run('import', '--mode', 'replace', 'x'), 'ouse import: --mode must be one of create update upsert exact');
  usage(here.run('export', '--format', 'xml'), 'ouse export: --format must be one of ndjson csv');
  assert.equal(here.run('token').status, 2);
  assert.equal(here.run().status, 2);
});

test('help lists every command, and every command has help', (t) => {
  const here = place(t);
  const help = accepted(here.run('--help'));
  const names = [...help.matchAll(/^ {2}([a-z]+(?: [a-z-]+)?) /gm)].map((found) => found[1].split(' '));
  assert.ok(names.length >= 8, `expected the commands in:\n${help}`);
  for (const name of names) {
    const own = accepted(here.run(...name, '--help'));
    assert.ok(own.startsWith(`usage: ouse ${name.join(' ')} `), own);
  }
});

test('keys lists what may be in the config file', (t) => {
  assert.match(accepted(place(t).run('keys')), /^threads +256 +concurrent connections$/m);
});

test('a token is created, listed and revoked', (t) => {
  const here = place(t);
  const token = (...words) => here.run('token', ...words, '--data', 'data');
  assert.match(accepted(token('create', '--role', 'manager', '--name', 'desk')), /^ouse_[\w-]{43}\n$/);
  refused(token('create', '--role', 'office', '--name', 'desk'),
    'There is a token "desk" already; revoke it, or take another name');
  accepted(token('create', '--role', 'partner', '--name', 'site', '--expires', '90d'));
  const listed = accepted(token('list')).trimEnd().split('\n').sort();
  assert.match(listed[0], /^manager +\S+Z +never +desk$/);
  assert.match(listed[1], /^partner +\S+Z +\S+Z +site$/);
  accepted(token('revoke', 'desk'));
  refused(token('revoke', 'desk'), 'There is no token "desk"');
  assert.equal(accepted(token('list')).trimEnd().split('\n').length, 1);
  assert.equal(statSync(`${here.folder}/data`).mode & 0o777, 0o700);
});

test('what only reads makes no register', (t) => {
  const here = place(t, 'good');
  here.check(['good']);
  for (const words of [['verify'], ['export'], ['token', 'list'], ['token', 'revoke', 'desk']])
    refused(here.run(...words, '-c', 'ouse.conf', '--data', 'typo'),
      'There is no register in typo; name its folder with --data ("ouse import" and "ouse serve" create one)');
  assert.deepEqual(readdirSync(here.folder).sort(), ['ouse.conf', 'plugins']);
});

test('check leaves nothing behind', (t) => {
  const here = place(t);
  accepted(here.check([]));
  assert.deepEqual(readdirSync(here.folder).sort(), ['ouse.conf', 'plugins']);
});

test('plugin list tells what is installed and enabled', (t) => {
  const here = place(t, 'good', 'twin-one');
  here.check(['good']);
  assert.equal(accepted(here.run('plugin', 'list', '-c', 'ouse.conf')),
    'good                 enabled\ntwin-one             installed\n');
});

test('plugin show is for people, too', (t) => {
  const here = place(t, 'good');
  here.check([]);
  const text = accepted(here.run('plugin', 'show', 'good', '-c', 'ouse.conf'));
  for (const line of ['name         good', 'abi          1.0', 'threads      parallel',
    '  GET  songs/-/sing  public  none  Sings', '  songs  check  create update move'])
    assert.ok(text.split('\n').includes(line), `expected the line "${line}" in:\n${text}`);
});

test('who has read enough of what is shown may leave', (t) => {
  const here = place(t, 'good');
  const left = 'mkfifo pipe; : <pipe & exec 3>pipe; wait; "$0" plugin show plugins/good.so --json >&3';
  const { status, stderr } = spawnSync('sh', ['-c', left, process.env.OUSE], { cwd: here.folder, encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
});

test('a file beside is a file, without a slash, too', (t) => {
  const here = place(t, 'good');
  assert.match(accepted(here.runIn('plugins', 'plugin', 'show', 'good.so')), /^name         good$/m);
});

test('a plugin that crashes at loading does not take the command with it', (t) => {
  const here = place(t, 'crashing');
  refused(here.run('plugin', 'show', 'plugins/crashing.so'), 'plugins/crashing.so: loading it crashes: Aborted');
});

test('a plugin that is refused is refused with the same line', (t) => {
  const here = place(t, 'silent');
  refused(here.run('plugin', 'show', 'plugins/silent.so'),
    'plugins/silent.so: it has no function ouse_plugin; define it with OUSE_PLUGIN(…) of <ouse/plugin.h>');
});
