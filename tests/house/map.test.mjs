// core/ARCHITECTURE.md must stay true: it is short, each file and function in it exists, and the files that it asks a
// newcomer to read stay few and short.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const map = readFileSync(join(root, 'core/ARCHITECTURE.md'), 'utf8');
const lines = (text) => text.replace(/\n$/, '').split('\n').length;
const sources = readdirSync(join(root, 'core'), { recursive: true })
  .filter((path) => path.endsWith('.c')).map((path) => readFileSync(join(root, 'core', path), 'utf8')).join('\n');

describe('core/ARCHITECTURE.md', () => {
  test('has at most 250 lines', () => assert.ok(lines(map) <= 250, `${lines(map)} lines`));

  const files = [...new Set(map.match(/[a-z_]+(?:\/[a-z_]+)+\.[ch]\b/g))];
  test('names only files that exist', () => {
    assert.ok(files.length > 25, `${files.length} files`);
    assert.deepEqual(files.filter((path) => !existsSync(join(root, path)) && !existsSync(join(root, 'core', path))), []);
  });

  const functions = [...new Set(map.match(/\b[a-z]+_[a-z_]+\b(?=[: ,;`\n])/g))].filter((name) => !/_$/.test(name));
  test('names only functions and tables that exist', () => {
    assert.ok(functions.length > 20, `${functions.length} names`);
    assert.deepEqual(functions.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources)
      && !files.some((path) => path.endsWith(`/${name}.c`))), []);
  });

  test('asks to read twelve files with at most 3,000 lines', () => {
    const spine = [...map.matchAll(/^\d+\. `(.*)`/gm)].map(([, path]) => path);
    assert.equal(spine.length, 12);
    const total = spine.reduce((sum, path) => sum + lines(readFileSync(join(root, path), 'utf8')), 0);
    assert.ok(total <= 3000, `${total} lines`);
  });
});
