// `cmake --install`: what it puts where works from there: the program, its plugins and pages, the headers for authors of
// plugins, the unit. Into a DESTDIR, so nothing of it touches the system.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';

const { OUSE_BUILD, CMAKE } = process.env;
const skip = OUSE_BUILD && CMAKE ? undefined : 'OUSE_BUILD and CMAKE are not set';
const missing = (program, ...words) => (spawnSync(program, words).error ? `${program} is missing` : undefined);

describe('installed', { skip }, () => {
  let root, prefix, config;
  const install = () => execFileSync(CMAKE, ['--install', OUSE_BUILD], { env: { ...process.env, DESTDIR: root }, encoding: 'utf8' });
  const ouse = (...words) => execFileSync(join(prefix, 'bin/ouse'), [...words, '-c', config, '--data', join(root, 'data')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  // Serves what is installed; `use` gets its origin.
  async function serving(settings, use) {
    const child = spawn(join(prefix, 'bin/ouse'), ['serve', '-c', config, '--data', join(root, 'data'), '--listen', '127.0.0.1:0', ...settings.flatMap((one) => ['--set', one])], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [], ended = new Promise((resolve) => child.on('close', resolve));
    createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
    const origin = await Promise.race([
      new Promise((resolve) => createInterface({ input: child.stdout }).on('line', (line) => resolve(/http:\S+/.exec(line)[0]))),
      ended.then((code) => assert.fail(`the server ended with ${code}:\n${said.join('\n')}`)),
    ]);
    try {
      await use(origin);
    } finally {
      child.kill('SIGTERM');
      assert.equal(await ended, 0, said.join('\n'));
    }
  }

  before(() => {
    process.umask(0o022);
    root = mkdtempSync(join(tmpdir(), 'ouse-install-'));
    install();
    prefix = join(root, '/usr/local');
    config = join(root, '/etc/ouse/ouse.conf');
  });
  after(() => rmSync(root, { recursive: true }));

  test('has its files where they belong', () => {
    for (const file of ['bin/ouse', 'lib/ouse/plugins/hubs.so', 'lib/ouse/plugins/site/templates/home.mustache', 'lib/ouse/plugins/site/static/site.css', 'include/ouse/plugin.h', 'lib/pkgconfig/ouse.pc',
      'lib/systemd/system/ouse.service', 'lib/systemd/system/ouse-backup.service', 'lib/systemd/system/ouse-backup.timer', 'lib/sysusers.d/ouse.conf', 'share/doc/ouse/nginx.conf.example', 'share/doc/ouse/sample/hubs.ndjson',
      'share/doc/ouse/README.md', 'share/doc/ouse/core/api/README.md', 'share/doc/ouse/conf/README.md', 'share/doc/ouse/plugins/README.md', 'share/doc/ouse/plugins/hubs/README.md'])
      assert.ok(existsSync(join(prefix, file)), `expected ${file}`);
    const built = readdirSync(join(OUSE_BUILD, 'plugins')).filter((name) => name.endsWith('.so'));
    assert.deepEqual(readdirSync(join(prefix, 'lib/ouse/plugins')).filter((name) => name.endsWith('.so')).sort(), built.sort());
    assert.equal(statSync(join(prefix, 'lib/ouse/plugins')).mode & 0o022, 0);
  });

  test('serves its pages, and loads the sample register', async () => {
    ouse('import', join(prefix, 'share/doc/ouse/sample'));
    await serving([], async (origin) => {
      const page = await (await fetch(`${origin}/`, { headers: { accept: 'text/html' } })).text();
      const styles = /href="([^"]+\.css)"/.exec(page);
      assert.equal((await fetch(new URL(styles[1], origin))).status, 200);
      assert.equal((await fetch(`${origin}/projects/ageing-well`, { headers: { accept: 'text/html' } })).status, 200);
      assert.equal((await fetch(`${origin}/api/v1/hubs`)).status, 200);
    });
  });

  test('again, leaves the configuration as it was changed', () => {
    appendFileSync(config, '# ours\n');
    install();
    assert.match(readFileSync(config, 'utf8'), /^# ours$/m);
    assert.doesNotMatch(readFileSync(join(prefix, 'share/doc/ouse/ouse.conf'), 'utf8'), /^# ours$/m);
  });

  test('has what the smallest plugin is built with', { skip: missing('pkg-config', '--version') ?? missing('cc', '--version') }, async () => {
    const env = { ...process.env, PKG_CONFIG_PATH: join(prefix, 'lib/pkgconfig') };
    const ask = (...words) => execFileSync('pkg-config', [...words, 'ouse'], { env, encoding: 'utf8' }).trim();
    assert.equal(ask('--modversion'), ouse('version').match(/\d+\.\d+\.\d+/)[0]);
    assert.equal(execFileSync('realpath', [ask('--variable=plugindir')], { encoding: 'utf8' }).trim(), join(prefix, 'lib/ouse/plugins'));
    const [, source] = /^```c library\.c\n([^]*?)^```$/m.exec(readFileSync(new URL('../../plugins/README.md', import.meta.url), 'utf8'));
    const folder = join(root, 'own');
    mkdirSync(folder);
    writeFileSync(join(folder, 'library.c'), source);
    execFileSync('cc', ['-std=c11', '-Wall', '-Wextra', '-Werror', '-fPIC', '-shared', '-fvisibility=hidden', ...ask('--cflags').split(' '), '-o', join(folder, 'library.so'), join(folder, 'library.c')]);
    chmodSync(join(folder, 'library.so'), 0o644);
    const own = join(root, 'own.conf');
    writeFileSync(own, 'plugins = {library}\n');
    config = own;
    try {
      await serving([`plugin_path=${folder}`, `data=${join(root, 'library')}`], async (origin) => {
        assert.equal((await fetch(`${origin}/api/v1/books`)).status, 200);
      });
    } finally {
      config = join(root, '/etc/ouse/ouse.conf');
    }
  });

  test('has units that name what is installed, and that systemd takes', { skip: missing('systemd-analyze', '--version') }, () => {
    const unit = readFileSync(join(prefix, 'lib/systemd/system/ouse.service'), 'utf8');
    const [, program, file] = /^ExecStart=(\S+) serve -c (\S+)$/m.exec(unit);
    for (const path of [program, file]) assert.ok(existsSync(join(root, path)), path);
    // Programs are looked for on this machine, where they are not.
    const here = join(root, 'units');
    mkdirSync(here);
    const units = ['ouse.service', 'ouse-backup.service', 'ouse-backup.timer'].map((name) => {
      const text = readFileSync(join(prefix, 'lib/systemd/system', name), 'utf8');
      writeFileSync(join(here, name), text.replace(/^ExecStart=\S+\/ouse /gm, `ExecStart=${join(prefix, 'bin/ouse')} `));
      return join(here, name);
    });
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', ...units], { encoding: 'utf8' });
    assert.deepEqual([status, stderr.split('\n').filter((line) => line.includes(here))], [0, []], stderr);
  });
});
