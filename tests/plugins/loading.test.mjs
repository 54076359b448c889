// Which files become part of the server, and what is said of the others: one line that names the
// file, what it has, what the host has, and what to do.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { accepted, fixture, place, refused, serve } from './ouse.mjs';

test('a good plugin is accepted', (t) => {
  const here = place(t, 'good');
  assert.equal(accepted(here.check(['good'])), [
    'config       ./ouse.conf',
    'data         ./data (not there yet; serve makes it)',
    'listen       127.0.0.1:8080',
    'plugins      1: good 1.2.3',
    'collections  1',
    '',
  ].join('\n'));
});

// What is wrong with a build, by the name of the fixture.
const builds = {
  silent: 'it has no function ouse_plugin; define it with OUSE_PLUGIN(…) of <ouse/plugin.h>',
  'wrong-magic': 'ouse_plugin() returns something that begins with 0x12345678, not with 0x4553554f; define it with OUSE_PLUGIN(…) of <ouse/plugin.h>',
  'foreign-major': "it is built for plugin ABI 2.0, this server has 1.0; build it with this server's headers",
  'newer-minor': 'it needs plugin ABI 1.7, this server has 1.0; update Ouse, or install an older build of it',
  'short-size': 'its description says it has 16 bytes, that of ABI 1.0 has 224; define it with OUSE_PLUGIN(…) of <ouse/plugin.h>',
  'wrong-version': 'its version is "1.0"; it must be semantic, as in 1.4.0',
  'wrong-name': 'the plugin in it is called "other"; name the file other.so',
  'no-stride': 'its tasks have rows of 0 bytes; those of ABI 1.0 have 40; write them with OUSE_ROWS(…)',
  'table-no-rows': 'its hooks are 3 rows at the address NULL; write them with OUSE_ROWS(…)',
  'table-many': 'its hooks are 4294967295 rows; at most 4096 are accepted',
  'table-short-stride': 'its hooks have rows of 8 bytes; those of ABI 1.0 have 32; write them with OUSE_ROWS(…)',
  'table-large-stride': 'its hooks have rows of 1048576 bytes; at most 65536 are accepted; write them with OUSE_ROWS(…)',
  'table-no-format-function': 'row 0 of its formats has no fn; every row needs one',
  'table-no-media-type': 'row 0 of its formats has no media_type; every row needs one',
  'table-fields-null': 'the fields of row 0 of its collections are 2 rows at the address NULL; write them with OUSE_ROWS(…)',
  'table-fields-short': 'the fields of row 0 of its collections have rows of 16 bytes; those of ABI 1.0 have 96; write them with OUSE_ROWS(…)',
  'table-moves-short': 'the moves of row 0 of the flows of row 0 of its collections have rows of 8 bytes; those of ABI 1.0 have 40; write them with OUSE_ROWS(…)',
  'table-parameters-many': 'the parameters of row 0 of its routes are 5000 rows; at most 4096 are accepted',
  'table-no-field-name': 'row 0 of the fields of row 0 of its collections has no name; every row needs one',
  'table-step': 'migration 0 of things goes from version 1 to 3; each goes to the next version, from 1',
  'table-foreign': 'migration 0 is of the collection others, which it does not declare',
  'table-too-far': 'migration 0 of things goes to version 3; the collection has version 2',
  'table-twice': 'two migrations of things go from version 1 to 2; remove one of them',
  'option-type': 'option 1 (pages): this host does not know its type; update Ouse',
  'option-place': 'option 1 (pages): its member lies outside of the struct (self_size)',
  'option-default': 'the default of an option: option-default.pages must be a whole number; it is "many"',
  'option-pin': 'option 1 (sha256): that name is the host\'s (it pins the build)',
};
for (const [name, why] of Object.entries(builds))
  test(`a build is refused: ${name}`, (t) => {
    refused(place(t, name).check([name]), `./plugins/${name}.so: ${why}`);
  });

test('rows that are not aligned', (t) => {
  const { status, stderr } = place(t, 'table-odd-stride').check(['table-odd-stride']);
  assert.match(stderr, /^\.\/plugins\/table-odd-stride\.so: its hooks have rows of 44 bytes from the address 0x[0-9a-f]+; both must be multiples of 8; write them with OUSE_ROWS\(…\)\n$/);
  assert.equal(status, 1);
});

test('tables that are right', (t) => accepted(place(t, 'table-right').check(['table-right'])));

test('several plugins that are refused', (t) => {
  refused(place(t, 'wrong-magic', 'table-many', 'good').check(['wrong-magic', 'good', 'table-many', 'absent']),
    `./plugins/wrong-magic.so: ${builds['wrong-magic']}`, `./plugins/table-many.so: ${builds['table-many']}`,
    './ouse.conf:1: absent is enabled, but ./plugins/absent.so: No such file or directory; install it there, set plugin_path, or take it out of "plugins"');
});

test('a plugin that is not there', (t) => {
  refused(place(t).check(['good']),
    './ouse.conf:1: good is enabled, but ./plugins/good.so: No such file or directory; install it there, set plugin_path, or take it out of "plugins"');
});

test('a plugin under the name of another', (t) => {
  const here = place(t);
  here.add('other', fixture('good'));
  refused(here.check(['other']), './plugins/other.so: the plugin in it is called "good"; name the file good.so');
});

test('a text file', (t) => {
  const here = place(t);
  writeFileSync(here.plugin('good'), '#!/bin/sh\n', { mode: 0o644 });
  refused(here.check(['good']),
    './plugins/good.so: it is not a shared object (ELF); build it with cc -shared -fPIC');
});

test('a file that was cut off', (t) => {
  const here = place(t, 'good');
  truncateSync(here.plugin('good'), 40);
  refused(here.check(['good']),
    './plugins/good.so: it is cut off: 40 bytes, less than its header; copy it again');
  here.add('good');
  truncateSync(here.plugin('good'), 5000);
  const { status, stderr } = here.check(['good']);
  assert.match(stderr, /^\.\/plugins\/good\.so: it is cut off: 5000 bytes of \d+; copy it again\n$/);
  assert.equal(status, 1);
});

// Changes bytes of the ELF header.
function patched(here, changes) {
  const bytes = readFileSync(here.plugin('good'));
  for (const [at, value] of changes) bytes[at] = value;
  writeFileSync(here.plugin('good'), bytes);
}

test('a build for another machine', { skip: process.arch !== 'x64' }, (t) => {
  const here = place(t, 'good');
  patched(here, [[4, 1], [18, 3]]); // ELFCLASS32, EM_386
  refused(here.check(['good']),
    './plugins/good.so: it is built for 32-bit x86, this server runs on x86-64; build it for that');
  patched(here, [[4, 2], [18, 183]]); // ELFCLASS64, EM_AARCH64
  refused(here.check(['good']),
    './plugins/good.so: it is built for ARM 64, this server runs on x86-64; build it for that');
});

test('an object that is not shared', (t) => {
  const here = place(t, 'good');
  patched(here, [[16, 1]]); // ET_REL
  refused(here.check(['good']),
    './plugins/good.so: it is ELF, but not a shared object; build it with cc -shared -fPIC');
});

test('a file or folder that others can write', (t) => {
  const here = place(t, 'good');
  chmodSync(here.plugin('good'), 0o666);
  refused(here.check(['good']),
    './plugins/good.so: others than its owner can write it (mode 0666); run chmod go-w ./plugins/good.so');
  chmodSync(here.plugin('good'), 0o644);
  chmodSync(`${here.folder}/plugins`, 0o775);
  refused(here.check(['good']),
    './plugins/: others than its owner can write it (mode 0775); run chmod go-w ./plugins/');
});

test('a link that leads to where others can write', (t) => {
  const here = place(t);
  const loose = place(t, 'good');
  chmodSync(`${loose.folder}/plugins`, 0o777);
  symlinkSync(loose.plugin('good'), here.plugin('good'));
  refused(here.check(['good']),
    `${loose.folder}/plugins/: others than its owner can write it (mode 0777); run chmod go-w ${loose.folder}/plugins/`);
});

test('a file of another user', { skip: process.getuid() !== 0 && 'needs root' }, (t) => {
  const here = place(t, 'good');
  chownSync(here.plugin('good'), 12345, 0);
  refused(here.check(['good']),
    './plugins/good.so: it belongs to the user 12345, but only root and the server\'s user (0) are trusted; run chown root ./plugins/good.so');
});

test('a pinned build', (t) => {
  const here = place(t, 'good');
  const sha256 = createHash('sha256').update(readFileSync(here.plugin('good'))).digest('hex');
  const pin = (digits) => here.check(['good'], `good { sha256 = "${digits}" }\n`);
  accepted(pin(sha256));
  const other = sha256.replace(/./, (first) => (first === '0' ? '1' : '0'));
  refused(pin(other),
    `./plugins/good.so: its sha256 is ${sha256}, but ./ouse.conf:4 pins ${other}; install the pinned build, or pin this one`);
});

test('needs that are not met', (t) => {
  const here = place(t, 'lonely', 'demanding', 'good', 'circle-a', 'circle-b', 'circle-c');
  refused(here.check(['good', 'lonely']),
    'lonely needs absent>=1, which is not enabled; add it: plugins = {absent, good, lonely}');
  refused(here.check(['demanding', 'good']), 'demanding needs good>=2, but good is 1.2.3; install a later good');
  refused(here.check(['good', 'circle-b', 'circle-c', 'circle-a']),
    'plugins need each other in a circle: circle-b -> circle-c -> circle-a -> circle-b; one of them has to do without');
});

test('a collection that two plugins declare', (t) => {
  const { status, stderr } = place(t, 'twin-one', 'twin-two').check(['twin-one', 'twin-two']);
  assert.equal(status, 1);
  assert.equal(stderr.trimEnd().split('\n').length, 1, `expected one line, got ${stderr}`);
  for (const word of ['twin-one', 'twin-two', 'twins']) assert.match(stderr, new RegExp(`\\b${word}\\b`));
});

test('what words are is said by one plugin, with a version', (t) => {
  const here = place(t, 'words-one', 'words-two', 'words-none');
  accepted(here.check(['words-one']));
  for (const [plugins, told] of [
    [['words-one', 'words-two'], 'words-two: the words of texts are what the plugin words-one says already; enable one of the two'],
    [['words-none'], 'words-none: it has analyse without analysis; versions begin with 1']]) {
    const { status, stderr } = here.check(plugins);
    assert.equal(status, 1);
    assert.ok(stderr.trimEnd().endsWith(told), `expected "${told}", got ${stderr}`);
  }
});

// What a host reads of the plugin "generation", whichever headers it was built with.
const generation = {
  version: '3.0.0',
  threads: 'serial',
  options: [
    { name: 'first', type: 'text', default: 'a', flags: [] },
    { name: 'second', type: 'int', default: '2', flags: [] },
    { name: 'third', type: 'bool', default: 'true', flags: [] },
  ],
  routes: [
    { method: 'GET', path: 'doors/-/knock', role: 'public', access: 'none', flags: [], summary: 'Knocks' },
    { method: 'GET', path: 'rooms/-/knock', role: 'public', access: 'none', flags: [], summary: 'Knocks too' },
  ],
  hooks: [
    { collection: 'doors', phase: 'check', operations: ['create'] },
    { collection: 'rooms', phase: 'settle', operations: ['remove'] },
  ],
  tasks: [],
};
for (const [name, abi] of [['frozen', '1.0'], ['future', '1.9']])
  test(`a plugin built for ABI ${abi} is read right`, (t) => {
    const here = place(t, name);
    assert.match(accepted(here.check([name], `${name} { second = 7 }\n`)), /^collections {2}2$/m);
    const shown = JSON.parse(accepted(here.run('plugin', 'show', here.plugin(name), '--json')));
    assert.equal(shown.abi, abi);
    const read = Object.fromEntries(Object.keys(generation).map((key) => [key, shown[key]]));
    assert.deepEqual(read, generation);
    assert.deepEqual(shown.collections.map((one) => one.name), ['doors', 'rooms']);
    assert.deepEqual(shown.collections[0].fields.map((field) => field.name), ['title', 'pages', 'state']);
    assert.deepEqual(shown.collections[0].flows[0].moves.map((move) => move.title), ['Shut', 'Open']);
  });

for (const name of ['frozen', 'future'])
  test(`the plugin ${name} is served`, { timeout: 30000 }, async (t) => {
    const here = place(t, name);
    here.config(`plugins = ${name}\nplugin_path = "plugins"\ndata = "data"\nlisten = "127.0.0.1:0"\n`);
    const server = await serve(t, here);
    for (const collection of ['doors', 'rooms']) {
      const reply = await fetch(`${server.origin}/api/v1/${collection}/-/knock`);
      assert.deepEqual([reply.status, await reply.text()], [200, 'come in']);
    }
    server.child.kill('SIGTERM');
    assert.deepEqual(await server.ended, [0, null]);
  });
