// `ouse plugin check`: every plugin of the tree passes, and each probe fails on a plugin that has
// the mistake it looks for. BUILT is the folder of the built plugins.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { place, refused } from './ouse.mjs';

const { OUSE, BUILT } = process.env;
assert.ok(BUILT, 'expected BUILT, as ctest sets it');

// What the command says: { status, probes: { name: { verdict, findings } } }.
function check(folder, file, ...words) {
  const asked = ['plugin', 'check', file, '--json', '--set', 'plugin_path=plugins', ...words];
  return new Promise((resolve) => execFile(OUSE, asked, { cwd: folder, env: { ...process.env, TMPDIR: folder } }, (error, stdout, stderr) => {
    assert.equal(stderr, '');
    const { probes, failed } = JSON.parse(stdout);
    assert.equal(failed, probes.filter(({ verdict }) => verdict === 'fail').length);
    resolve({ status: error?.code ?? 0, probes: Object.fromEntries(probes.map((probe) => [probe.name, probe])) });
  }));
}

const told = ({ findings }) => findings.map(({ verdict, text }) => `${verdict}: ${text}`);
const failing = (probes) => Object.values(probes).filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);

describe('the plugins of the tree pass', { concurrency: 2 }, () => {
  for (const file of readdirSync(BUILT).filter((name) => name.endsWith('.so')))
    test(file, async (t) => {
      const { status, probes } = await check(place(t).folder, join(BUILT, file), '--set', `plugin_path=${BUILT}`);
      assert.deepEqual(failing(probes), [], Object.values(probes).flatMap(told).join('\n'));
      assert.equal(status, 0);
      assert.equal(probes.words.verdict, 'pass', told(probes.words).join('\n'));
      assert.ok(['pass', 'skip', 'warn'].includes(probes.records.verdict));
    });
});

// By fixture: the probes that must fail, and what the first must say. Others pass, or need these.
const mistakes = {
  'broken-exports': ['symbols', 'it exports helper; make that static, or build with -fvisibility=hidden'],
  'broken-undefined': ['symbols', 'mdb_version is defined neither in it nor in its libraries; link with -Wl,-z,defs'],
  'broken-summary': ['words', 'GET things/-/number has no summary'],
  'broken-index': ['declaration', /collection things: index by_size: .*"?size/],
  'broken-refuses': ['start', 'It is too cold to start'],
  'broken-aborts': ['start', 'it crashes: Aborted'],
  'broken-exits': ['start', 'it ends the process with 0'],
  'broken-hangs': ['start', 'it takes longer than 3 s', '--seconds', '3'],
  'broken-file': ['start', 'each start leaves 1 open files; close them in stop'],
  'broken-thread': ['start', 'each start leaves 1 threads; join them in stop'],
  'broken-reload': ['reload', /^it cannot be reconfigured: The plugin broken-reload refuses to be reconfigured: .*The step cannot change now$/],
  'broken-empty': ['empty routes', /^GET \/api\/v1\/things\/-\/number is answered with 500: error broken-empty: GET things\/-\/number returned status 150/],
  'broken-silent': ['records', /^POST \/api\/v1\/things\/specimen-0001\/move \{"to":"shut"\} is answered with 500: error broken-silent: hook 0 returned status 70/],
  'broken-trusts': ['refusals', /^it (crashes: Segmentation fault|ends the process with \d+; its output: .*)$/],
  'broken-counts': ['replay', /^a record of things, created twice by the same request, is \{.*"made":\d.*; a hook stores something outside the transaction$/],
  'broken-promises': ['routes', 'GET /api/v1/things/-/number: by its reply_schema /n is of type "integer"'],
  'broken-migration': ['migrations', 'the migration of things from version 1 gives another record if it runs again; it stores something outside the record'],
  'broken-task': ['tasks', /^task work fails: error broken-task: work returned status 70/],
  'broken-format': ['records formats', /^GET \/api\/v1\/things\.list is answered with 500: error broken-format: text\/x-list: it wrote text that is not UTF-8$/],
  'wrong-magic': ['load', /^\S+ ouse_plugin\(\) returns something that begins with 0x12345678/],
  crashing: ['load', 'it crashes: Aborted'],
};

describe('a mistake is found', { concurrency: 2 }, () => {
  for (const [name, [found, words, ...further]] of Object.entries(mistakes))
    test(`${name}: ${found}`, async (t) => {
      const { folder } = place(t, name);
      const { status, probes } = await check(folder, `plugins/${name}.so`, ...further);
      assert.deepEqual(failing(probes), found.split(' '), Object.values(probes).flatMap(told).join('\n'));
      const { findings } = probes[found.split(' ')[0]];
      assert.ok(findings.some(({ text }) => (words.test ? words.test(text) : words === text)), told({ findings }).join('\n'));
      assert.equal(status, 1);
      assert.deepEqual(readdirSync(folder), ['plugins'], 'expected nothing to be left behind');
    });
});

test('a probe that dies names the callback and the record, and has the whole log', async (t) => {
  const { folder } = place(t, 'broken-trusts');
  const { probes: { refusals: { findings } } } = await check(folder, 'plugins/broken-trusts.so');
  const log = findings.map(({ text }) => text).find((text) => text.startsWith('the log:\n'));
  assert.match(log, /^\S+Z error broken-trusts: hook 0 on things\/\S+ (crashed: SIGSEGV, address 0x0|was stopped by the sanitizer)$/m);
  if (/sanitizer/.test(log)) assert.match(log, /broken\.c:\d+:\d+: runtime error: load of null pointer/);
});

test('lost memory is found', async (t) => {
  const { folder } = place(t, 'broken-leaks');
  const { status, probes } = await check(folder, 'plugins/broken-leaks.so');
  assert.equal(status, 1);
  assert.ok(failing(probes).includes('leaks'), Object.values(probes).flatMap(told).join('\n'));
  assert.match(told(probes.leaks).join('\n'), /more bytes stay in use|broken\.c/);
});

test('a probe alone runs in the process itself', (t) => {
  const here = place(t, 'broken-not', 'broken-task');
  const passed = here.run('plugin', 'check', 'plugins/broken-not.so', '--set', 'plugin_path=plugins', '--probe', 'records');
  assert.deepEqual([passed.status, passed.stdout], [0, 'pass  records\n'], passed.stderr);
  const failed = here.run('plugin', 'check', 'plugins/broken-task.so', '--set', 'plugin_path=plugins', '--probe', 'tasks');
  assert.equal(failed.status, 1);
  assert.match(failed.stdout, /^fail: task work fails: .*\n(.*\n)*fail  tasks\n$/);
  assert.match(failed.stderr, /error broken-task: work returned status 70/);
  refused(here.run('plugin', 'check', 'plugins/broken-not.so', '--probe', 'nothing'),
    'There is no probe nothing; the probes are: load, symbols, words, declaration, neighbours, start, reload, empty, records, refusals, replay, routes, migrations, formats, tasks, leaks');
});

test('a correct plugin in C++ passes', async (t) => {
  const { folder, add } = place(t);
  add('unruly', join(BUILT, '../tests/plugins/probe/cxx/unruly.so'));
  const { probes } = await check(folder, 'plugins/unruly.so');
  assert.deepEqual(failing(probes), [], Object.values(probes).flatMap(told).join('\n'));
});

test('without a mistake, every probe passes', async (t) => {
  const { folder } = place(t, 'broken-not');
  const { status, probes } = await check(folder, 'plugins/broken-not.so');
  assert.deepEqual(Object.values(probes).flatMap(told), []);
  assert.equal(status, 0);
});

test('a clash with an installed plugin is found, and not that of two others', async (t) => {
  const { folder, add } = place(t, 'broken-not', 'twin-one', 'twin-two');
  const alone = await check(folder, 'plugins/broken-not.so');
  assert.deepEqual(failing(alone.probes), []);
  add('broken-also');
  const { probes } = await check(folder, 'plugins/broken-not.so');
  assert.deepEqual(told(probes.neighbours), ['fail: broken-also: collection things: the name is taken by plugin broken-not; collections have global names']);
});

test('the options of a plugin are those of the config file and of --set', async (t) => {
  const { folder, config } = place(t, 'good');
  const words = async (...further) => {
    const { probes } = await check(folder, 'plugins/good.so', ...further);
    return told(probes.declaration).join('\n');
  };
  assert.match(await words('--set', 'good.pages=many'), /^fail: --set: good\.pages must be a whole number/);
  config('good {\n    pages = some\n}\n');
  assert.match(await words('-c', 'ouse.conf'), /^fail: \S*ouse\.conf:2: good\.pages must be a whole number/);
});

test('it is for people, too, and what it needs lies beside it', (t) => {
  const here = place(t, 'good');
  const { status, stdout } = here.run('plugin', 'check', 'plugins/good.so', '--set', 'plugin_path=absent');
  assert.match(stdout, /^pass  load         the server accepts the file/m);
  assert.match(stdout, /^skip  neighbours   no plugins are installed; set plugin_path to their folder$/m);
  assert.match(stdout, /^16 probes: \d+ pass, \d+ warn, \d+ skip, \d+ fail\n$/m);
  assert.equal(status, / 0 fail/.test(stdout) ? 0 : 1);
  refused(here.run('plugin', 'check', 'x', '--seconds', 'soon'), '--seconds must be a number from 1 to 3600');
});
