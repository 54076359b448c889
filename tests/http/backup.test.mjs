// `ouse backup` and `ouse restore`: a snapshot of a register that is being written to is one moment of
// it, and what is restored from it is that register, to the byte, with histories and tokens.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { built, start } from './ouse.mjs';

describe('a register that is backed up', built, () => {
  let register, folder;
  const at = (name) => join(folder, name);
  const ouse = async (command, ...words) => (await promisify(execFile)(process.env.OUSE_BIN, [command, '-c', register.config, ...words], { maxBuffer: 1 << 26 })).stdout;
  const fails = (...words) => ouse(...words).then((out) => assert.fail(`expected a failure, got ${out}`), ({ code, stderr }) => { assert.equal(code, 1); return stderr; });

  before(async () => {
    register = await start('directory');
    folder = dirname(register.config);
    for (const [id, name] of [['ann', 'Ann'], ['bob', 'Bob']]) await register.create('people', { id, name });
    await register.patch('people/ann', { name: 'Anne' });
    await register.remove('people/bob');
  });
  after(() => register?.stop());

  test('while it is served and written to', async () => {
    let writing = true, n = 0;
    const writers = Array.from({ length: 8 }, async () => {
      while (writing) await register.create('people', { id: `p-${++n}`, name: `Person ${n}` });
    });
    try {
      for (const name of ['one', 'two', 'three']) await ouse('backup', at(name));
    } finally {
      writing = false;
      await Promise.all(writers);
    }
    for (const name of ['one', 'two', 'three']) {
      const data = ['--data', at(`data-${name}`)];
      await ouse('restore', at(name), ...data);
      const report = await ouse('verify', ...data);
      assert.match(report, /^faults +0$/m);
      assert.ok(Number(/^changes +(\d+)$/m.exec(report)[1]) >= 4, report);
    }
  });

  test('and restored is the same to the byte, histories and tokens too', async () => {
    await ouse('backup', at('all'));
    await ouse('restore', at('all'), '--data', at('again'));
    assert.equal(await ouse('export', '--data', at('again')), await ouse('export'));
    assert.equal(await ouse('verify', '--data', at('again')), await ouse('verify'));
    assert.deepEqual(await readdir(at('again')), ['data.mdb', 'lock.mdb']);
    await ouse('backup', at('again.backup'), '--data', at('again'));
    const [again, all] = [await readFile(at('again.backup')), await readFile(at('all'))];
    const differ = (page) => !again.subarray(page * 4096, (page + 1) * 4096).equals(all.subarray(page * 4096, (page + 1) * 4096));
    assert.equal(again.length, all.length);
    const pages = [...Array(all.length / 4096).keys()].filter(differ);
    assert.ok(pages.length <= 4, `expected the new epoch alone to differ: it is in one page of "meta", which the main page and the two headers lead to; got pages ${pages}`);
  });

  test('nothing that is there is written over', async () => {
    const before = await readFile(at('all'));
    assert.match(await fails('backup', at('all')), /all is there already; name another file/);
    assert.deepEqual(await readFile(at('all')), before);
    assert.match(await fails('restore', at('all'), '--data', at('again')), /There is a register in .*again; move it away, or name another folder with --data/);
    assert.match(await fails('restore', at('all')), /data is in use by another process/);
  });

  test('what is no backup, or not all of one, is refused, and no register is made of it', async () => {
    const refused = async (name, expected) => {
      assert.match(await fails('restore', at(name), '--data', at('no')), expected);
      assert.deepEqual(await readdir(at('no')), []);
    };
    await writeFile(at('text'), 'this is no backup\n'.repeat(1000));
    await refused('text', /text cannot be restored: /);
    await writeFile(at('empty'), '');
    await refused('empty', /empty cannot be restored: .*is not a store/);
    await writeFile(at('short'), await readFile(at('all')));
    await truncate(at('short'), (await readFile(at('all'))).length - 4096);
    await writeFile(at('zeroes'), Buffer.alloc(8192));
    await refused('zeroes', /zeroes cannot be restored: /);
    await refused('short', /short cannot be restored: .*is cut short/);
    await refused('nowhere', /nowhere cannot be read: No such file/);
    assert.match(await fails('backup', join(folder, 'no-such', 'x')), /cannot be written: No such file/);
    assert.match(await fails('backup', at('x'), '--data', at('nothing')), /There is no register in/);
    assert.ok(!existsSync(at('x')) && !existsSync(at('x.part')));
  });
});
