// web/dist is kept in the repository, so that nobody needs node to serve it: here it is built anew, from web/src and the
// packages of the lock file, in a folder of its own, and must be the same bytes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const web = fileURLToPath(new URL('../../web/', import.meta.url));
const npm = await run('npm', ['--version']).then(() => true, () => false);

const files = async (folder) => Object.fromEntries(await Promise.all((await readdir(folder)).sort()
  .map(async (name) => [name, await readFile(join(folder, name))])));

test('web/dist is what web/src makes', { skip: npm ? false : 'npm is missing' }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ouse-web-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const name of ['package.json', 'package-lock.json', 'src']) await cp(join(web, name), join(folder, name), { recursive: true });
  await mkdir(join(folder, 'dist'));
  await run('npm', ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });
  await run('npm', ['run', 'build'], { cwd: folder });
  const made = await files(join(folder, 'dist')), kept = await files(join(web, 'dist'));
  assert.deepEqual(Object.keys(kept), Object.keys(made), 'expected the files of a build and no others');
  for (const [name, bytes] of Object.entries(kept))
    assert.ok(bytes.equals(made[name]), `dist/${name} (${bytes.length} bytes) is not what its sources make (${made[name].length}): npm ci && npm run build in web/`);
});
