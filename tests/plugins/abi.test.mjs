// What plugin and server are to each other as files: headers that every compiler takes alone, and
// one symbol. BUILT are the folders of built plugins, separated by colons.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const { OUSE, BUILT } = process.env;
assert.ok(OUSE && BUILT, 'expected OUSE and BUILT, as ctest sets them');
const include = new URL('../../include', import.meta.url).pathname;

const strict = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Werror', '-fsyntax-only', `-I${include}`];
const c = ['-x', 'c', '-std=c11', '-Wstrict-prototypes'];
const compilers = [['gcc', c], ['clang', c], ['g++', ['-x', 'c++', '-std=c++17']], ['clang++', ['-x', 'c++', '-std=c++17']]];

const plugin = `#include <ouse/plugin.h>
static const ouse_field fields[] = {{.name = "title", .type = OUSE_TEXT}};
static const ouse_collection collections[] = {{.name = "books", .singular = "book", .fields = OUSE_ROWS(fields)}};
static ouse_rc show(ouse_ctx *ctx, const ouse_request *)
{
    OUSE_EACH(ctx, book, ouse_query(ctx, "books", nullptr))
        ouse_log(ctx, OUSE_LOG_INFO, "%.*s", OUSE_F(ouse_text(ctx, book, "title")));
    return OUSE_OK;
}
static const ouse_route routes[] = {{.method = "GET", .path = "books/-/all", .access = OUSE_READ, .fn = show}};
OUSE_PLUGIN(.name = "books", .version = "1.0.0", .collections = OUSE_ROWS(collections), .routes = OUSE_ROWS(routes))
`;

function compiles(compiler, words, input) {
  const { error, status, stderr } = spawnSync(compiler, [...words, '-'], { input, encoding: 'utf8' });
  if (error?.code === 'ENOENT') return { skipped: `${compiler} is not installed` };
  assert.equal(status, 0, stderr);
  return {};
}

describe('headers', () => {
  for (const [compiler, words] of compilers)
    for (const header of ['abi', 'host', 'schema', 'plugin'])
      test(`${header}.h alone, by ${compiler}`, (t) => {
        const { skipped } = compiles(compiler, [...words, ...strict], `#include <ouse/${header}.h>\n#include <ouse/${header}.h>\n`);
        if (skipped) t.skip(skipped);
      });

  for (const compiler of ['g++', 'clang++'])
    test(`a plugin in C++20, by ${compiler}`, (t) => {
      const words = ['-x', 'c++', '-std=c++20', '-Wno-missing-field-initializers', '-fsyntax-only', '-Wall', '-Wextra', '-Werror', `-I${include}`];
      const { skipped } = compiles(compiler, words, plugin);
      if (skipped) t.skip(skipped);
    });
});

// The names in a dynamic symbol table.
function symbols(file, which) {
  const { status, stdout, stderr } = spawnSync('nm', ['-D', which, file], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.split('\n').filter(Boolean).map((line) => line.split(' ').at(-1).replace(/@.*/, ''));
}

describe('symbols', () => {
  const files = BUILT.split(':').flatMap((folder) =>
    readdirSync(folder).filter((name) => name.endsWith('.so')).map((name) => join(folder, name)));
  assert.ok(files.length > 4, `expected plugins in ${BUILT}`);
  for (const file of files)
    test(`of ${file}: one, and none of the server's`, () => {
      assert.deepEqual(symbols(file, '--defined-only'), ['ouse_plugin']);
      assert.deepEqual(symbols(file, '--undefined-only').filter((name) => name.startsWith('ouse')), []);
    });

  // core/http/gate.c replaces these two calls of the C library for CivetWeb.
  test('of the server: none but accept and listen', (t) => {
    const exported = symbols(OUSE, '--defined-only');
    if (exported.some((name) => /^__[at]san_/.test(name))) return t.skip('a sanitizer that is linked in exports its own');
    assert.deepEqual(exported.sort(), ['accept', 'listen']);
  });
});
