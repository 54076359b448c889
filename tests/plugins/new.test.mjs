// `ouse plugin new`: what it writes is a plugin that every compiler takes, that passes `plugin check`
// and its own test, outside of the source tree; and it never writes over anything.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { accepted, place, refused } from './ouse.mjs';

const { OUSE } = process.env;
const include = new URL('../../include', import.meta.url).pathname;
const strict = ['-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wvla', '-Wstrict-prototypes', '-Wconversion', '-Werror'];
const shared = ['-O2', '-fPIC', '-shared', '-fvisibility=hidden', '-Wl,-z,defs', `-I${include}`];

for (const compiler of ['gcc', 'clang'])
  test(`a new plugin is taken by ${compiler}, and its test passes`, (t) => {
    if (spawnSync(compiler, ['--version']).error) return t.skip(`${compiler} is not installed`);
    const here = place(t);
    const said = accepted(here.run('plugin', 'new', 'reading-groups'));
    assert.equal(said, [...['CMakeLists.txt', 'reading-groups.c', 'README.md', 'sample/reading-groups.ndjson', 'tests/reading-groups.test.mjs']
      .map((file) => `reading-groups/${file}\n`), '\nreading-groups/README.md describes how to build, test and serve it.\n'].join(''));
    const folder = join(here.folder, 'reading-groups');
    execFileSync(compiler, [...strict, ...shared, '-o', 'reading-groups.so', 'reading-groups.c'], { cwd: folder });
    const checked = accepted(here.run('plugin', 'check', 'reading-groups/reading-groups.so', '--set', 'plugin_path=plugins'));
    assert.match(checked, /^(pass .*\n){16}16 probes: 16 pass, 0 warn, 0 skip, 0 fail\n$/);
    const { status, stdout } = spawnSync(process.execPath, ['--test', 'tests/reading-groups.test.mjs'],
      { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH, OUSE, PLUGIN: join(folder, 'reading-groups.so') } });
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^# pass [4-9]/m);
  });

test('its build file works outside of the source tree', (t) => {
  if (spawnSync('cmake', ['--version']).error) return t.skip('cmake is not installed');
  const here = place(t);
  accepted(here.run('plugin', 'new', 'people', 'made', '--singular', 'person'));
  const run = (...words) => execFileSync('cmake', words, { cwd: join(here.folder, 'made'), stdio: ['ignore', 'pipe', 'pipe'] });
  run('-B', 'build', `-DOUSE_INCLUDE=${include}`, `-DOUSE=${OUSE}`, '-DCMAKE_C_FLAGS=-Werror');
  run('--build', 'build');
  const shown = JSON.parse(accepted(here.run('plugin', 'show', 'made/build/people.so', '--json')));
  assert.equal(shown.collections[0].singular, 'person');
  const tests = execFileSync('ctest', ['--test-dir', 'build', '-N'], { cwd: join(here.folder, 'made'), encoding: 'utf8' });
  assert.match(tests, /#1: check\n.*#2: serve\n/);
});

test('it is installed where pkg-config says that plugins are', (t) => {
  if (spawnSync('cmake', ['--version']).error) return t.skip('cmake is not installed');
  const here = place(t);
  accepted(here.run('plugin', 'new', 'studies'));
  writeFileSync(join(here.folder, 'ouse.pc'), `plugindir=${here.folder}/plugins\nName: ouse\nDescription: Ouse\nVersion: 1\nCflags: -I${include}\n`);
  const options = { cwd: join(here.folder, 'studies'), stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PKG_CONFIG_PATH: here.folder } };
  for (const words of [['-B', 'build', `-DOUSE=${OUSE}`], ['--build', 'build'], ['--install', 'build']]) execFileSync('cmake', words, options);
  here.config('plugins = {studies}\nplugin_path = "plugins"\n');
  assert.match(accepted(here.run('check', '-c', 'ouse.conf')), /^plugins      1: studies 0\.1\.0$/m);
});

test('what its page says to try, can be tried', (t) => {
  const here = place(t);
  accepted(here.run('plugin', 'new', 'reading-groups'));
  const folder = join(here.folder, 'reading-groups'), page = readFileSync(join(folder, 'README.md'), 'utf8');
  execFileSync('gcc', [...shared, '-o', 'reading-groups.so', 'reading-groups.c'], { cwd: folder });
  const [, command] = /^ouse (import .*)$/m.exec(page);
  assert.match(accepted(here.run(...command.replace('=build', '=reading-groups').replace(/sample$/, 'reading-groups/sample').split(' '))), /^reading-groups: 2 created/);
  const [, section] = /```conf\n([^]*?)```/.exec(page);
  here.config(`${section}\nplugin_path = "reading-groups"\n`);
  accepted(here.run('check', '-c', 'ouse.conf'));
});

test('its page tells of its fields, moves and codes, and none of its places is left open', (t) => {
  const here = place(t);
  accepted(here.run('plugin', 'new', 'reading-groups'));
  const read = (file) => readFileSync(join(here.folder, 'reading-groups', file), 'utf8');
  const [page, code] = [read('README.md'), read('reading-groups.c')];
  for (const [, name] of code.matchAll(/\{\.name = "([a-z]+)",\n +\.type = OUSE_(?!OPTION)/g))
    assert.match(page, new RegExp(`^\\| \`${name}\` `, 'm'));
  for (const [, from, to, title] of code.matchAll(/\.from = "(.*?)", \.to = "(.*?)", \.title = "(.*?)"/g))
    assert.ok(page.includes(`| ${from.replaceAll(' ', ', ')} | ${to} | ${title} |`), `expected the move to ${to}`);
  for (const [, name] of code.matchAll(/ouse_(?:fail|warn)\([^;]*?"([a-z_]+)",\s*"/g)) assert.ok(page.includes(`| \`${name}\` |`), name);
  for (const file of readdirSync(join(here.folder, 'reading-groups'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()))
    assert.doesNotMatch(readFileSync(join(file.path, file.name), 'utf8'), /@[A-Z]+@/, file.name);
});

const plurals = { 'reading-groups': 'reading-group', studies: 'study', processes: 'process', branches: 'branch', boxes: 'box', houses: 'house' };
test('the singular is told by the plural', (t) => {
  const here = place(t);
  for (const [plural, singular] of Object.entries(plurals)) {
    accepted(here.run('plugin', 'new', plural));
    assert.ok(readFileSync(join(here.folder, plural, `${plural}.c`), 'utf8').includes(`.singular = "${singular}",`), plural);
  }
});

test('a bad name is refused, with what would be right', (t) => {
  const here = place(t);
  const form = (name, right) => refused(here.run('plugin', 'new', name),
    `"${name}" is no name of a collection: it must be kebab-case of at most 40 characters, such as ${right}`);
  form('Reading Groups', 'reading-groups');
  form('reading_groups', 'reading-groups');
  form('9-lives', 'lives');
  form('../x', 'x');
  form('é', 'reading-groups');
  for (const name of ['person', 'address', 'analysis'])
    refused(here.run('plugin', 'new', name), `"${name}" is not a plural, as the name of a collection must be, such as reading-groups; if it is one, give its singular: --singular NAME`);
  assert.deepEqual(readdirSync(here.folder), ['plugins']);
});

test('nothing is written over, and nothing half', (t) => {
  const here = place(t);
  writeFileSync(join(here.folder, 'file'), 'kept');
  mkdirSync(join(here.folder, 'full'));
  mkdirSync(join(here.folder, 'empty'));
  writeFileSync(join(here.folder, 'full', 'notes'), 'kept');
  for (const folder of ['file', 'full/'])
    refused(here.run('plugin', 'new', 'reading-groups', folder), `${folder.replace('/', '')} is there already; nothing was written. Name another folder`);
  refused(here.run('plugin', 'new', 'reading-groups', 'absent/x'), 'absent/x cannot be written: No such file or directory');
  accepted(here.run('plugin', 'new', 'reading-groups', 'empty'));
  assert.deepEqual(readdirSync(here.folder).sort(), ['empty', 'file', 'full', 'plugins']);
  assert.deepEqual(readdirSync(join(here.folder, 'full')), ['notes']);
});
