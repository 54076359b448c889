// One plugin at several times of its life, on one store: what is brought over, and what is refused.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Register } from './register.mjs';

const build = (name) => ({ from: join(process.env.PROBES, name) });
const at = (register, name) => register.configure('shelf', build(name)).start();

// A register that was served by version 1, with these books.
async function first(...books) {
  const register = await at(new Register(), '1');
  for (const book of books) await register.create('books', book);
  await register.stop();
  return register;
}

// Side by side: what takes long is the end of a server.
describe('a store', { concurrency: true }, () => {
  test('what is added needs no migration', async () => {
    const register = await first({ id: 'emma', title: 'Emma', pages: '474' });
    await at(register, '1-added');
    const { meta, ...emma } = await register.get('books/emma');
    assert.deepEqual([emma, meta.revision], [{ id: 'emma', title: 'Emma', pages: '474' }, 1]);
    await register.patch('books/emma', { colour: 'red' });
    assert.equal((await register.get('books?colour=red')).data.length, 1);
    await register.end();
  });

  test('a collection that is renamed keeps its records, their ids and their histories', async () => {
    const register = await at(new Register(), '1');
    await register.create('books', { id: 'emma', title: 'Emma', pages: '474' });
    await register.patch('books/emma', { pages: '475' });
    await register.stop();
    await at(register, '1-renamed');
    const { meta, ...emma } = await register.get('volumes/emma');
    assert.deepEqual([emma, meta.collection, meta.revision], [{ id: 'emma', title: 'Emma', pages: '475' }, 'volumes', 2]);
    assert.equal((await register.get('volumes/emma/revisions/1', 'manager')).pages, '474');
    assert.equal((await register.get('volumes?limit=5')).data.length, 1);
    await register.create('volumes', { id: 'persuasion', title: 'Persuasion' });
    await register.stop();
    await at(register, '1-renamed');
    assert.equal((await register.get('volumes?limit=5')).data.length, 2);
    await register.end();
  });

  test('a migration brings every record over, as a revision', async () => {
    const register = await first({ id: 'emma', title: 'Emma', pages: '474' }, { id: 'bare', title: 'Bare' });
    await at(register, '2');
    const emma = await register.get('books/emma');
    assert.deepEqual([emma.pages, emma.meta.revision], [474, 2]);
    assert.equal((await register.get('books/bare')).meta.revision, 1, 'expected no revision where nothing changed');
    const { data } = await register.get('-/changes?limit=200', 'manager');
    assert.ok(data.some(({ op, id, revision }) => op === 'update' && id === 'emma' && revision === 2), JSON.stringify(data));
    assert.equal((await register.get('books/emma/revisions/1', 'manager')).pages, '474', 'expected the past to stay as it was');
    await register.end();
  });

  test('two steps at once', async () => {
    const register = await first({ id: 'emma', title: 'Emma', pages: '474' });
    await at(register, '3');
    const emma = await register.get('books/emma');
    assert.deepEqual([emma.leaves, emma.pages, emma.meta.revision], [237, undefined, 2]);
    await register.end();
  });

  test('a step that is not there is named, and nothing is changed', async () => {
    const register = await first({ id: 'emma', title: 'Emma', pages: '474' });
    assert.equal(register.configure('shelf', build('3-short')).refusal(),
      'books: the store has schema version 1, plugin shelf declares 3 and brings no migration from 2 to 3\n');
    await at(register, '1');
    assert.equal((await register.get('books/emma')).pages, '474');
    await register.end();
  });

  test('a record that cannot be brought over stops the start, and nothing is changed', async () => {
    const register = await first({ id: 'emma', title: 'Emma', pages: '474' }, { id: 'huge', title: 'Huge', pages: 'many' });
    const said = register.configure('shelf', build('2')).refusal();
    assert.match(said, /huge: "many" is no number/);
    await at(register, '1');
    assert.equal((await register.get('books/emma')).meta.revision, 1);
    await register.end();
  });

  test('an older build is refused', async () => {
    const register = await first({ id: 'emma', title: 'Emma', pages: '474' });
    await at(register, '2');
    await register.stop();
    assert.equal(register.configure('shelf', build('1')).refusal(),
      'books: the store has schema version 2, plugin shelf is older and declares 1; use the plugin that wrote it\n');
    await at(register, '2');
    await register.end();
  });
});
