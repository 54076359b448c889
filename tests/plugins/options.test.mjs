// The options of a plugin, from the config file and from --set.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accepted, place, refused } from './ouse.mjs';

test('good values are accepted', (t) => {
  const here = place(t, 'good');
  accepted(here.check(['good'], `
good {
  greeting = "good day"   # a comment
  key = "\${OUSE_TEST_KEY:-none}"
  pages = 9
  every = 15min
  room = 64MiB
  loud = true
}
`));
  accepted(here.run('check', '-c', 'ouse.conf', '--set', 'good.pages=1', '--set=good.every=1s'));
});

const bad = [
  ['greting = "x"', 'unknown key "good.greting"; did you mean "greeting"?'],
  ['colour = "red"', 'unknown key "good.colour"'],
  ['pages = 10', 'good.pages must be a whole number, from 1 to 9'],
  ['pages = "secret 5"', 'good.pages must be a whole number, from 1 to 9'],
  ['every = 999ms', 'good.every must be a duration such as 250ms, 15s, 5min, 24h or 7d, from 1s to 1d; it is "999ms"'],
  ['every = soon', 'good.every must be a duration such as 250ms, 15s, 5min, 24h or 7d, from 1s to 1d; it is "soon"'],
  ['room = 3MB', 'good.room must be a size such as 4096, 64MiB or 16GiB; it is "3MB"'],
  ['loud = maybe', 'good.loud must be true or false; it is "maybe"'],
];
for (const [line, why] of bad)
  test(`a bad value is refused: ${line}`, (t) => {
    const here = place(t, 'good');
    refused(here.check(['good'], `# a comment\ngood {\n\n  # another\n  ${line}\n}\n`), `./ouse.conf:8: ${why}`);
  });

test('--set goes through the same checks', (t) => {
  const here = place(t, 'good');
  here.check(['good']);
  const set = (setting) => here.run('check', '-c', 'ouse.conf', '--set', setting);
  refused(set('good.pages=0'), '--set: good.pages must be a whole number, from 1 to 9');
  refused(set('good.page=1'), '--set: unknown key "good.page"; did you mean "pages"?');
  refused(set('god.pages=1'), '--set: unknown section "god"; did you mean "good"?');
  refused(set('lisen=x'), '--set: unknown key "lisen"; did you mean "listen"?');
});

test('a section of a plugin that is installed and not enabled is left alone', (t) => {
  const here = place(t, 'good', 'twin-one');
  accepted(here.check(['twin-one'], 'good { whatever = 1 }\n'));
  refused(here.check(['twin-one'], 'bad { whatever = 1 }\n'),
    './ouse.conf:4: unknown section "bad": there is no plugin ./plugins/bad.so');
});

test('plugin show tells the options, and no secret', (t) => {
  const here = place(t, 'good');
  const { options } = JSON.parse(accepted(here.run('plugin', 'show', here.plugin('good'), '--json')));
  assert.deepEqual(options[3],
    { name: 'every', type: 'duration', default: '1h', flags: ['reloadable'], help: 'how often' });
  assert.deepEqual(options[1], { name: 'key', type: 'text', flags: ['secret'] });
});
