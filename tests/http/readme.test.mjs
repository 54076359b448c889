// Runs the examples of README.md and core/api/README.md: every ```sh block runs in one shell against a
// server of the sample register, and its output contains what the ```json block after it shows.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { access, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { built, ouse, source, startWith } from './ouse.mjs';

const root = new URL('../../', import.meta.url);
const marker = '\u001e';

// The examples of a page: { kind, command, shown }.
const examples = (page) =>
  [...page.matchAll(/^```(sh|sh stream)\n([^]*?)^```\n(?:\n```(?:json|text)\n([^]*?)^```$)?/gm)]
    .map(([, kind, command, shown]) => ({ kind, command, shown }));

// Asserts that a value contains everything that the page shows of it.
function contains(value, shown, path) {
  if (shown === null || typeof shown !== 'object') return assert.deepEqual(value, shown, path);
  if (Array.isArray(shown)) assert.equal(value?.length, shown.length, `${path} is ${JSON.stringify(value)}`);
  for (const [name, member] of Object.entries(shown)) contains(value?.[name], member, `${path}/${name}`);
}

// Asserts that a link of a page leads to a file, and to a heading of it if the link names one.
async function checkLink(name, target) {
  const [path, heading] = target.split('#');
  const at = new URL(path || name.split('/').at(-1), new URL(name, root));
  await access(at);
  if (!heading) return;
  const headings = [...(await readFile(at, 'utf8')).matchAll(/^#+ (.*)$/gm)].map(([, text]) => text);
  const anchors = headings.map((text) => text.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'));
  assert.ok(anchors.includes(heading), `${name} links to ${target}, which has the headings ${anchors}`);
}

for (const name of ['README.md', 'core/api/README.md'])
  describe(name, built, () => {
    let register, page;

    before(async () => {
      page = await source(name);
      const plugins = /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', ');
      register = await startWith([], ...plugins);
      await ouse('import', '-c', register.config, fileURLToPath(new URL('conf/sample', root)));
      await mkdir(join(register.folder, 'build/release'), { recursive: true });
      await symlink(process.env.OUSE_BIN, join(register.folder, 'build/release/ouse'));
    });
    after(() => register?.stop());

    const here = (command) => command.replaceAll('127.0.0.1:8080', new URL(register.origin).host);
    const inFolder = () => ({ cwd: register.folder, encoding: 'utf8' });

    test('commands print what the page shows', async () => {
      const blocks = examples(page).filter(({ kind }) => kind === 'sh');
      assert.ok(blocks.length >= 6, `expected examples, found ${blocks.length}`);
      const script = blocks.map(({ command }) => here(command)).join(`printf '${marker}'\n`);
      const { stdout } = await promisify(execFile)('sh', ['-euc', script], inFolder());
      const printed = stdout.split(marker);
      assert.equal(printed.length, blocks.length);
      for (const [i, { command, shown }] of blocks.entries())
        if (shown) contains(JSON.parse(printed[i]), JSON.parse(shown), command.trim());
    });

    test('streams begin as the page shows', async () => {
      for (const { command, shown } of examples(page).filter(({ kind }) => kind === 'sh stream')) {
        const child = spawn('sh', ['-euc', `exec ${here(command)}`], inFolder());
        const [line] = await new Promise((resolve) => {
          let text = '';
          child.stdout.on('data', (data) => {
            text += data;
            const lines = text.split('\n').filter((each) => each.startsWith('id:'));
            if (lines.length > 0 && text.endsWith('\n')) resolve(lines);
          });
        });
        child.kill();
        assert.equal(`${line}\n`, shown);
      }
    });

  });

for (const name of ['README.md', 'core/api/README.md', 'conf/README.md', 'plugins/README.md'])
  describe(`${name} as a text`, () => {
    test('links lead to files and headings of the tree', async () => {
      for (const [, target] of (await source(name)).matchAll(/\]\(([^)\s]+)\)/g))
        if (!/^https?:/.test(target)) await checkLink(name, target);
    });
  });
