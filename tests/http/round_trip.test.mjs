// A register that is exported and brought into an empty one is the same register: its export is the
// same to the byte, with revisions and times. Histories stay behind.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { built, source, start } from './ouse.mjs';

const sample = fileURLToPath(new URL('../../conf/sample', import.meta.url));

describe('a register that is exported and imported', built, () => {
  let register, folder;
  const ouse = (command, ...words) => promisify(execFile)(process.env.OUSE_BIN, [command, '-c', register.config, ...words], { maxBuffer: 1 << 26 });
  const fails = (...words) => ouse(...words).then(({ stdout }) => assert.fail(`expected a failure, got ${stdout}`), ({ stderr }) => stderr);
  const exportOf = async (...words) => (await ouse('export', ...words)).stdout;
  const file = async (name, text) => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };

  before(async () => {
    register = await start(.../^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', '));
    folder = dirname(register.config);
    await ouse('import', sample);
    await register.patch('projects/ageing-well', { summary: 'Changed once' });
    await register.patch('projects/ageing-well', { summary: 'Changed "twice", §' });
    await register.patch('people/rima-makarem', { given_name: 'Rima', meta: { visibility: 'partner' } });
    await register.move('projects/building-resilience', 'withdrawn');
    await register.create('schemes', { id: 'course', title: 'A course', provider: 'elft', state: 'published' });
    await register.create('cohorts', { id: 'spring', scheme: 'course', places: 2 });
    for (const name of ['Ann', 'Bob']) await register.create('expressions', { id: name.toLowerCase(), cohort: 'spring', name, contact: 'a@example.org' });
    await register.move('expressions/ann', 'offered');
    await register.move('expressions/ann', 'accepted');
    await register.create('people', { id: 'gone', name: 'Gone' });
    await register.remove('people/gone');
    await register.create('people', { id: 'gone', name: 'Back again' });
  });
  after(() => register?.stop());

  test('gives the same export, to the byte', async () => {
    const copy = ['--data', join(folder, 'copy')];
    const first = await exportOf();
    assert.ok(first.split('\n').length > 100 && /"id":"ageing-well".*"revision":3/.test(first), 'expected the edits in the export');
    await ouse('import', '--mode', 'exact', ...copy, await file('all.ndjson', first));
    assert.equal(await exportOf(...copy), first);
    assert.match((await ouse('verify', ...copy)).stdout, /^faults +0$/m);
  });

  test('and so does a folder of files', async () => {
    const copy = ['--data', join(folder, 'copy-2')];
    await ouse('export', '--output', join(folder, 'files'));
    await ouse('import', '--mode', 'exact', ...copy, join(folder, 'files'));
    await ouse('export', ...copy, '--output', join(folder, 'files-2'));
    const names = await readdir(join(folder, 'files'));
    assert.ok(names.length > 20);
    for (const name of names)
      assert.equal(await readFile(join(folder, 'files-2', name), 'utf8'), await readFile(join(folder, 'files', name), 'utf8'), name);
  });

  test('a record goes on from where it was, and has the history that it came with: none', async () => {
    const data = join(folder, 'goes-on');
    const line = '{"id":"x","name":"X","meta":{"collection":"people","revision":7,"created":"2020-01-01T00:00:00.000Z","updated":"2021-01-01T00:00:00.000Z"}}';
    await ouse('import', '--data', data, '--mode', 'exact', await file('one.ndjson', line));
    await ouse('import', '--data', data, await file('people.ndjson', '{"id":"x","name":"Y"}'));
    assert.match(await exportOf('--data', data, 'people'), /"name":"Y".*"revision":8,"created":"2020-01-01T00:00:00.000Z"/);
    assert.match((await ouse('verify', '--data', data)).stdout, /^faults +0$/m);
  });

  test('what is there, or is no such meta, is refused, and nothing is kept', async () => {
    const data = join(folder, 'refused');
    const refused = async (meta, expected) => {
      const line = JSON.stringify({ id: 'x', name: 'X', meta });
      assert.match(await fails('import', '--data', data, '--mode', 'exact', await file('people.ndjson', `{"name":"Good"}\n${line}\n`)), expected);
      assert.equal(await exportOf('--data', data), '');
    };
    await refused({ revision: 0 }, /people\.ndjson:2: \/meta\/revision: revision is a whole number from 1 on/);
    await refused({ revision: 1.5 }, /\/meta\/revision/);
    await refused({ created: 'yesterday' }, /\/meta\/created: created is an instant such as "2026-11-21T23:17:00\.123Z"/);
    await refused({ created: '2026-01-02T00:00:00.000Z', updated: '2026-01-01T00:00:00.000Z' }, /\/meta\/updated: updated is before created/);
    assert.match(await fails('import', '--mode', 'exact', await file('hubs.ndjson', '{"id":"elft-cambridge-hub","name":"E","kind":"research_hub"}')),
      /hubs\/elft-cambridge-hub is there already/);
  });

  test('a plain import takes no revision and no times', async () => {
    const line = '{"id":"new","name":"New","meta":{"revision":9,"created":"2020-01-01T00:00:00.000Z"}}';
    await register.import('people', [JSON.parse(line)]);
    const { meta } = await register.get('people/new');
    assert.equal(meta.revision, 1);
    assert.ok(meta.created > '2026');
  });
});
