// The language of comments and documents, so that it cannot slide back into a dialect: how often some words occur
// in the comments of core, include and plugins, per 1,000 words, against the range of nbdkit, varnish, redis and
// knot-resolver; and the width of the prose in the reference pages.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

// Comments that describe behaviour state conditions with "if" and results with "returns". The other words mark
// sentences without a subject: "what is told", "who asks", "where there is none".
const ROWS = [
  { words: ['tell', 'tells', 'told', 'telling'], most: 0.6 },
  { words: ['ask', 'asks', 'asked', 'asking'], most: 0.6 },
  { words: ['say', 'says', 'said', 'saying'], most: 0.8 },
  { words: ['what', 'whatever'], most: 1.5 },
  { words: ['who', 'whoever', 'whom', 'whose'], most: 0.5 },
  { words: ['behind'], most: 0.3 },
  { words: ['none'], most: 0.6 },
  { words: ['anew'], most: 0.05 },
  { words: ['return', 'returns', 'returned'], least: 4 },
  { words: ['if'], least: 6 },
];

const WIDTH = 80;

function* walk(folder, wanted) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* walk(path, wanted);
    else if (entry.isFile() && wanted(entry.name)) yield path;
  }
}

const read = (path) => readFileSync(join(root, path), 'utf8');

// The words of all comments of a source, without those in strings.
function commentWords(source) {
  const parts = source.matchAll(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\*([^]*?)\*\//g);
  return [...parts].flatMap(([, comment]) => comment?.replace(/\n\s*\*/g, ' ').toLowerCase().match(/[a-z']+/g) ?? []);
}

describe('comments', () => {
  const places = new Map(); // word -> files
  let total = 0;
  for (const folder of ['core', 'include', 'plugins'])
    for (const path of walk(folder, (name) => /\.[ch]$/.test(name)))
      for (const word of commentWords(read(path))) {
        total++;
        places.set(word, [...places.get(word) ?? [], path]);
      }

  for (const { words, least = 0, most = Infinity } of ROWS)
    test(`"${words[0]}" is within ${least} and ${most} per 1,000 words`, () => {
      const found = words.flatMap((word) => places.get(word) ?? []);
      const rate = 1000 * found.length / total;
      assert.ok(total > 50000, `expected many comments, found ${total} words`);
      assert.ok(rate >= least && rate <= most, `${words.join(', ')}: ${rate.toFixed(2)} per 1,000 words, in ${[...new Set(found)].join(' ')}`);
    });
});

describe('reference pages', () => {
  const pages = ['README.md', ...['core', 'plugins', 'conf'].flatMap((folder) => [...walk(folder, (name) => name === 'README.md')])];

  // Code, tables, links and long examples have their own width.
  const isProse = (line) => !/^(\||    |\s*<)/.test(line) && !/https?:\S{40}|`[^`]{50,}`/.test(line);

  for (const page of pages)
    test(`the prose of ${relative('.', page)} wraps at ${WIDTH} columns`, () => {
      const lines = read(page).replace(/^```[^]*?^```$/gm, '').split('\n').filter(isProse);
      assert.deepEqual(lines.filter((line) => [...line].length > WIDTH), []);
    });
});
