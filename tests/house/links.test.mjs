// The structure of the core, read from its object files: which file uses a name that another one defines.
// What is not met yet is in allowed.json, which may only become shorter: a row that is not needed fails, too.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { test } from 'node:test';

// A folder uses the folders before it. Features do not use each other.
const ORDER = ['base', 'observe', 'config', 'store', 'schema', 'record', 'query', 'http', 'api', 'host', 'server',
  'features', 'tools', 'tools/plugin', '.'];

// The names that a folder exports begin so. In base, each file has its own prefix.
const PREFIX = {
  observe: ['log', 'crash', 'callback', 'metrics', 'readiness'], config: ['config'], store: ['store'], schema: ['schema'],
  record: ['record'], query: ['query'], http: ['http'], api: ['api'], host: ['host'], server: ['server'],
  tools: ['cli'], 'tools/plugin': ['cli', 'plugin'],
};

const source = process.env.OUSE_SOURCE;
const allowed = JSON.parse(readFileSync(new URL('allowed.json', import.meta.url)));

function readLinks() {
  const objects = readFileSync(process.env.OUSE_OBJECTS, 'utf8').trim().split('\n');
  const fileOf = (object) => object.match(/\.dir\/(?:\.\/)?core\/(.*)\.o$/)[1];
  const defines = new Map();
  const uses = new Map(objects.map((object) => [fileOf(object), new Set()]));
  const listed = execFileSync(process.env.OUSE_NM, ['-A', ...objects], { encoding: 'utf8', maxBuffer: 1 << 27 });
  for (const [, object, kind, name] of listed.matchAll(/^(.*): *[0-9a-f]* *([A-Za-z]) (\S+)$/gm)) {
    if ('TDBRVC'.includes(kind) && !name.startsWith('_'))
      defines.set(name, fileOf(object));
    else if (kind === 'U')
      uses.get(fileOf(object)).add(name);
  }
  const edges = new Map([...uses].map(([file, names]) =>
    [file, new Set([...names].map((name) => defines.get(name)).filter((to) => to && to !== file))]));
  return { defines, uses, edges };
}

const links = readLinks();
const folderOf = (file) => dirname(file);
const ringOf = (file) => ORDER.indexOf(folderOf(file).replace(/^features\/.*/, 'features'));

// Tarjan's algorithm: the sets of files that reach each other.
function circles({ edges }) {
  const index = new Map(), low = new Map(), stack = [], found = [];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const to of edges.get(file)) {
      if (!index.has(to))
        visit(to);
      if (stack.includes(to))
        low.set(file, Math.min(low.get(file), low.get(to)));
    }
    if (low.get(file) === index.get(file)) {
      const circle = stack.splice(stack.indexOf(file));
      if (circle.length > 1)
        found.push(circle.sort());
    }
  };
  for (const file of edges.keys())
    if (!index.has(file))
      visit(file);
  return found;
}

test('the objects are all of core', () => {
  const files = readdirSync(`${source}/core`, { recursive: true }).filter((file) => file.endsWith('.c'));
  assert.deepEqual([...links.edges.keys()].sort(), files.sort());
  assert.ok(links.defines.size > 500 && files.length > 150, 'nm found the names');
});

test('no base name occurs twice', () => {
  const places = new Map();
  for (const file of readdirSync(`${source}/core`, { recursive: true }).filter((name) => /\.[ch]$/.test(name))) {
    const name = basename(file).replace(/\.[ch]$/, '');
    places.set(name, (places.get(name) ?? new Set()).add(dirname(file)));
  }
  assert.deepEqual([...places].filter(([, folders]) => folders.size > 1), []);
});

test('no files depend on each other in a circle', () => {
  assert.deepEqual(circles(links), []);
});

test('folders depend on the folders before them', () => {
  const against = new Set();
  for (const [file, targets] of links.edges)
    for (const to of targets)
      if (folderOf(file) !== folderOf(to) && (ringOf(file) < 0 || ringOf(file) <= ringOf(to)))
        against.add(`${file} -> ${to}`);
  assert.deepEqual([...against].sort(), []);
});

test('only main names features and commands', () => {
  for (const [name, file] of links.defines)
    if (/^feature_|^cli_[a-z_]+$/.test(name) && !/^cli_(main|open|value|fail|plugin_file)$/.test(name))
      for (const [user, names] of links.uses)
        assert.ok(!names.has(name) || user === 'main.c' || user === file, `${user} names ${name}`);
});

test('the exports of a folder begin with its prefix', () => {
  const others = {};
  for (const [name, file] of links.defines) {
    const folder = folderOf(file);
    const prefixes = folder.startsWith('features/')
      ? ['feature', basename(folder)] : folder === 'base' ? [basename(file, '.c').split('_')[0]] : PREFIX[folder] ?? ['main'];
    if (!prefixes.some((prefix) => name === prefix || name.startsWith(`${prefix}_`)))
      others[folder] = (others[folder] ?? 0) + 1;
  }
  for (const [folder, n] of Object.entries(others))
    assert.ok(n <= (allowed.other_prefixes[folder] ?? 0), `${folder} exports ${n} names without its prefix`);
  for (const folder of Object.keys(allowed.other_prefixes))
    assert.ok(others[folder] > 0, `${folder} has its prefix everywhere: remove its row from allowed.json`);
});
