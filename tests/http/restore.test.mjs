// After `ouse restore`, nothing that a client holds from before is taken for something that came after: ETags, positions in
// the changes, ids of events, cursors, idempotency keys and ids of Atom entries. The numbers of changes are used again, so
// each of them contains the epoch of the store.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { built, startWith } from './ouse.mjs';

const detail = /^The register was restored from a backup after position \d+ was issued\. Read the records again, then the changes since \d+$/;
const as = 'manager';

describe('a register that goes back to a backup', built, () => {
  let register, backups = 0;
  const held = {}; // what a client has before the restore

  const changes = (query, as = 'public') => register.get(`-/changes?${query}`, as);
  const read = (path, headers) => register.say('GET', path, { as, headers });
  const atom = async (path) => (await (await fetch(`${register.origin}/api/v1/${path}`)).text());
  const ids = (text) => [...text.matchAll(/<id>([^<]+)<\/id>/g)].map(([, id]) => id);
  const tag = async (path, accept) => (await fetch(`${register.origin}/api/v1/${path}`, { headers: { accept: accept ?? '*/*' } })).headers.get('etag');
  const post = (id, key) => register.say('POST', 'people', { as, body: { id, name: id }, headers: { 'idempotency-key': key } });

  async function goBack(file) {
    await register.end();
    await rename(join(register.folder, 'data'), join(register.folder, `lost-${++backups}`));
    await register.run('restore', file);
    await register.restartEnded();
  }

  before(async () => {
    register = await startWith(['site { address = "https://register.example.org" }'], 'directory', 'feed', 'site');
    register.restartEnded = async () => { register.end = async () => {}; await register.restart(); };
    for (let i = 1; i <= 145; i++) await register.create('people', { id: `p-${i}`, name: `Person ${i}` });
    held.first = await changes('limit=200');
    await post('keyed', 'key-before-backup');
    await register.run('backup', join(register.folder, 'backup'));
  });
  after(() => register?.stop());

  test('issues the sequences themselves as long as it was never restored', () => {
    assert.deepEqual(held.first.page, { limit: 200, next: 145, last: 145 });
    assert.deepEqual(held.first.data.map(({ seq }) => seq), [...Array(145).keys()].map((i) => i + 1));
  });

  test('and is changed three times, restored and changed five times', async () => {
    assert.match((await read('people/p-7')).headers.get('etag'), /^"7"$/);
    await register.patch('people/p-1', { honorific: 'Dr' }); // 147 to 149
    await register.create('people', { id: 'lost', name: 'Lost' });
    await post('lost-too', 'key-after-backup');
    held.position = (await changes('since=146')).page.last;
    assert.equal(held.position, 149);
    held.list = await register.get('people?limit=10', as);
    held.revisions = await register.get('people/p-1/revisions?limit=1', as);
    held.changed = (await read('people/p-1')).headers.get('etag');
    held.unchanged = (await read('people/p-7')).headers.get('etag');
    held.entries = ids(await atom('-/changes.atom?limit=200'));
    held.people = ids(await atom('people.atom'));
    held.tags = [await tag('people.atom'), await tag('people/p-7.atom'), await tag('people/p-7/revisions/1'), await tag('people/p-7?fields=name')];

    await goBack(join(register.folder, 'backup'));
    for (let i = 1; i <= 5; i++) await register.patch('people/p-1', { honorific: `Dr ${i}` });
  });

  test('refuses positions from before, whether they are in the backup or not', async () => {
    const gone = async (query, headers) => {
      const { body } = await register.expect(410, 'GET', `-/changes?${query}`, { headers });
      assert.equal(body.title, 'The register was restored from a backup');
      assert.equal(body.type, '/problems/gone');
      assert.match(body.detail, detail);
    };
    for (const n of [1, 145, 146, 148, held.position, held.position + 2]) await gone(`since=${n}`);
    await gone(`sort=-seq&before=${held.position}`);
    const stream = { accept: 'text/event-stream' };
    await gone('', { ...stream, 'last-event-id': `${held.position}` });
    await gone(`since=${held.position}`, stream);
    const page = await fetch(`${register.origin}/changes?before=${held.position}`);
    assert.equal(page.status, 410);
    assert.match(await page.text(), /The register was restored from a backup/);
  });

  test('tells all of its changes, at positions that can be told from those before', async () => {
    const { data, page } = await changes('since=0&limit=200');
    assert.equal(data.length, 151);
    assert.ok(Number.isSafeInteger(page.epoch) && page.epoch > held.position, `expected an epoch, got ${page.epoch}`);
    assert.equal(page.last, page.epoch + 151);
    assert.deepEqual(data.map(({ seq }) => seq - page.epoch), [...Array(151).keys()].map((i) => i + 1));
    assert.deepEqual(data.slice(146).map(({ op, id, revision }) => `${op} ${id} ${revision}`), [2, 3, 4, 5, 6].map((n) => `update p-1 ${n}`));
    const next = await changes('since=0&limit=50');
    assert.equal(next.page.next, page.epoch + 50);
    assert.equal((await changes(`since=${next.page.next}&limit=1`)).data[0].seq, page.epoch + 51);
    assert.deepEqual((await changes(`since=${page.epoch}&limit=1`)).data[0], data[0]);
    const back = await changes('sort=-seq&limit=1');
    assert.equal(back.data[0].seq, page.last);
    assert.equal((await changes(`sort=-seq&before=${back.page.next}&limit=1`)).data[0].seq, page.last - 1);
    await register.expect(400, 'GET', `-/changes?since=${page.last + 1}`);
    const [event] = await fetch(`${register.origin}/api/v1/-/changes`, { headers: { accept: 'text/event-stream', 'last-event-id': `${page.last - 1}` } })
      .then(async ({ body }) => { for await (const text of body.pipeThrough(new TextDecoderStream())) if (/^id: /m.test(text)) return /^id: \d+/m.exec(text); });
    assert.equal(event, `id: ${page.last}`);
  });

  test('has its records in sitemaps, and the earlier changes on the page of changes', async () => {
    const page = async (path) => (await fetch(`${register.origin}${path}`)).text();
    assert.deepEqual([...(await page('/sitemap.xml')).matchAll(/\/sitemap\/([a-z\d]+\.xml)</g)].map(([, name]) => name), ['pages.xml', '1.xml']);
    assert.equal((await page('/sitemap/1.xml')).match(/\/people\/[^<]+</g).length, 146);
    const cursor = (text) => /href="\/changes\?since=[^"]*cursor=([^"]*)"/.exec(text)?.[1];
    const text = await page('/changes'), next = cursor(text);
    assert.ok(next, 'expected a link to the next page of changes');
    assert.equal((await page(`/changes?since=30d&cursor=${next}`)).match(/<tr><th scope="row">/g), null, 'expected the cursor to belong to its day');
    assert.match(await page(`/changes?since=${new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10)}&cursor=${next}`), /People|Person/);
  });

  test('refuses earlier ETags, of records that changed and of those that did not', async () => {
    for (const [path, etag] of [['people/p-1', held.changed], ['people/p-7', held.unchanged]]) {
      await register.expect(412, 'PATCH', path, { as, body: { honorific: 'X' }, headers: { 'if-match': etag } });
      await register.expect(412, 'DELETE', path, { as, headers: { 'if-match': etag } });
      await register.expect(200, 'GET', path, { as, headers: { 'if-none-match': etag } });
      const now = (await read(path)).headers.get('etag');
      await register.expect(304, 'GET', path, { as, headers: { 'if-none-match': now } });
      const operations = (if_match) => ({ operations: [{ op: 'patch', collection: 'people', id: path.slice(7), data: { honorific: 'Y' }, if_match }] });
      await register.expect(412, 'POST', '-/batch', { as, body: operations(etag) });
      await register.expect(200, 'POST', '-/batch', { as, body: operations(now) });
    }
    const tags = [await tag('people.atom'), await tag('people/p-7.atom'), await tag('people/p-7/revisions/1'), await tag('people/p-7?fields=name')];
    tags.forEach((now, i) => assert.notEqual(now, held.tags[i]));
  });

  test('refuses earlier cursors', async () => {
    for (const [path, { page }] of [['people?limit=10', held.list], ['people/p-1/revisions?limit=1', held.revisions]]) {
      const { body } = await register.expect(400, 'GET', `${path}&cursor=${page.next}`, { as });
      assert.match(body.detail, /cursor/);
      const now = await register.get(path, as);
      await register.get(`${path}&cursor=${now.page.next}`, as);
    }
  });

  test('takes earlier idempotency keys for new ones', async () => {
    const again = await post('lost-too', 'key-after-backup');
    assert.deepEqual([again.status, again.headers.get('idempotency-replayed')], [201, null]);
    assert.equal((await post('keyed', 'key-before-backup')).status, 409, 'expected the request to be made again, not replayed');
    assert.equal((await post('other', 'key-before-backup')).status, 201);
    assert.equal((await post('other', 'key-before-backup')).headers.get('idempotency-replayed'), 'true');
  });

  test('gives feeds and entries other ids', async () => {
    const entries = ids(await atom('-/changes.atom?limit=200')), people = ids(await atom('people.atom'));
    assert.deepEqual([...entries, ...people].filter((id) => [...held.entries, ...held.people].includes(id)), []);
    assert.equal(new Set(entries).size, entries.length);
  });

  test('again and again: each restore is an epoch of its own', async () => {
    const second = (await changes('since=0&limit=1')).page;
    await goBack(join(register.folder, 'backup'));
    const third = (await changes('since=0&limit=1')).page;
    assert.ok(third.epoch > second.last, `expected an epoch after ${second.last}, got ${third.epoch}`);
    await register.expect(410, 'GET', `-/changes?since=${second.last}`);
    await register.expect(410, 'GET', `-/changes?since=${second.epoch + 1}`);
    await register.run('backup', join(register.folder, 'backup-2'));
    await register.run('restore', join(register.folder, 'backup-2'), '--data', join(register.folder, 'elsewhere'));
    assert.match(await register.run('verify', '--data', join(register.folder, 'elsewhere')), /^faults +0$/m);
  });
});
