// Holds plugins/README.md to what it shows: every example is compiled by the command of the page and
// served, every request is made and answered as shown, every refusal is one that another test has seen.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Register } from './register.mjs';

const root = new URL('../../', import.meta.url).pathname;
const page = readFileSync(join(root, 'plugins/README.md'), 'utf8');

// The blocks of the page: { kind, title, text }, the kind and title being what is behind the fence.
const blocks = [...page.matchAll(/^```(\w+) ?(.*)\n([^]*?)^```$/gm)].map(([, kind, title, text]) => ({ kind, title, text }));
const of = (kind, title = () => true) => blocks.filter((block) => block.kind === kind && title(block.title));

const examples = of('c').map(({ title, text }) => {
  const [, name, second] = /^([a-z]+)\.c( version 2)?$/.exec(title);
  return { name, text, folder: second ? 'second' : 'first' };
});
const [command] = of('sh').map(({ text }) => text.trim().split(' '));
const register = new Register();

// By the command of the page, which is about library.c.
function build({ name, text, folder }) {
  const place = join(register.folder, folder);
  mkdirSync(place, { recursive: true, mode: 0o755 });
  writeFileSync(join(place, `${name}.c`), text);
  const words = command.map((word) => word.replace('library.', `${name}.`).replace(/^-Iinclude$/, `-I${root}include`));
  return promisify(execFile)(words[0], words.slice(1), { cwd: place });
}

// Whether an answer has all that is shown of it.
function holds(answer, shown, path) {
  if (shown === null || typeof shown !== 'object') return assert.deepEqual(answer, shown, path);
  if (Array.isArray(shown)) assert.equal(answer?.length, shown.length, `${path} has ${JSON.stringify(answer)}`);
  for (const [name, value] of Object.entries(shown)) holds(answer?.[name], value, `${path}/${name}`);
}

async function ask({ text }) {
  const [, method, path, head, body, status, answer] = /^(\w+) (\S+)\n((?:[\w-]+: .*\n)*)([^]*?)\n?\n(\d+)\n([^]*)$/.exec(text);
  const headers = Object.fromEntries(head.split('\n').filter(Boolean).map((line) => line.split(': ')));
  const reply = await register.expect(Number(status), method, path, { as: 'manager', headers, body: body ? JSON.parse(body) : undefined });
  if (reply.json) holds(reply.json, JSON.parse(answer), `${method} ${path}`);
  else assert.equal(reply.text, answer, path);
}

describe('the page', () => {
  before(() => Promise.all(examples.map(build)));
  after(() => register.end());

  test('shows a smallest plugin of under thirty lines', () => {
    assert.ok(examples[0].text.split('\n').length < 30, examples[0].text);
  });

  test('shows plugins that serve, and what they answer', async () => {
    const names = examples.filter(({ folder }) => folder === 'first').map(({ name }) => name);
    assert.deepEqual(names, ['library', 'readers', 'loans', 'desk', 'citations', 'reminders']);
    const [, section] = of('conf').map(({ text }) => text);
    await register.configure(names.join(', '), { from: join(register.folder, 'first'), further: section }).start();
    const requests = of('http', (title) => title === '');
    assert.ok(requests.length >= 9, `expected requests in the page, found ${requests.length}`);
    for (const request of requests) await ask(request);
    await register.logged('info', 'loans: Ana took a book');
    await register.stop();
  });

  test('shows a migration, and what it makes', async () => {
    await register.configure('library', { from: join(register.folder, 'second') }).start();
    for (const request of of('http', (title) => title === 'version 2')) await ask(request);
  });

  test('tells of the probes of `ouse plugin check`', () => {
    const [, table] = /## Checking a plugin\n([^]*?)\n## /.exec(page);
    const told = [...table.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, what]) => ({ name, what }));
    const { stdout } = register.run('plugin', 'check', 'first/library.so', '--json', '--set', 'plugin_path=first');
    assert.deepEqual(told, JSON.parse(stdout).probes.map(({ name, what }) => ({ name, what })));
  });

  test('shows plugins that pass `ouse plugin check`', () => {
    for (const { name, folder } of examples) {
      const { stdout } = register.run('plugin', 'check', `${folder}/${name}.so`, '--set', 'plugin_path=first');
      assert.match(stdout, / 0 fail\n$/, `${name}:\n${stdout}`);
    }
  });

  test('quotes what plugins are refused with', () => {
    const seen = ['loading', 'migrations', 'probe'].map((name) => readFileSync(join(root, `tests/plugins/${name}.test.mjs`), 'utf8')).join('\n');
    const [, table] = /## Refusals at the start\n([^]*?)\n## /.exec(page);
    const refusals = [...table.matchAll(/^\|.*\| `(.*)` \|$/gm)].map(([, said]) => said);
    assert.ok(refusals.length >= 8, `expected refusals in the page, found ${refusals.length}`);
    for (const said of refusals) assert.ok(seen.replaceAll("\\'", "'").includes(said), `expected a test that sees: ${said}`);
  });
});
