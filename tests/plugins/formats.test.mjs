// Formats of lists: none answers a part of the list as if it was the whole. And what claims to be text is UTF-8.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Register } from './register.mjs';

const NOTES = 120;
const titles = Array.from({ length: NOTES }, (_, n) => `n${String(n).padStart(3, '0')}`);
const list = (names, next = 0) => `BEGIN notes next ${next}\n${names.map((name) => `${name}\n`).join('')}END\n`;
let register;
const text = async (path, headers = {}) => (await register.expect(200, 'GET', path, { headers })).text;

before(async () => {
  register = await new Register().configure('scribe').start();
  await register.expect(200, 'POST', 'notes/-/fill', { as: 'manager' });
});
after(() => register.end());

describe('a list of three pages', () => {
  for (const format of ['unsaid', 'whole'])
    test(`is whole in a format that is ${format}`, async () => {
      assert.equal(await text(`notes.${format}`), list(titles));
      assert.equal(await text('notes', { accept: `text/x-${format}` }), list(titles));
      assert.equal(await text(`notes.${format}?sort=-title`), list([...titles].reverse()));
    });

  test('is whole in a format that is sent in pieces', async () => {
    const reply = await register.expect(200, 'GET', 'notes.wide');
    assert.equal(reply.headers.get('transfer-encoding'), 'chunked');
    assert.equal(reply.text.replace(/ {20000}/g, ''), list(titles));
  });

  test('has a next page in a format that is paged', async () => {
    const got = [];
    let at = '/api/v1/notes.paged';
    for (let n = 0; at; n++) {
      const reply = await register.expect(200, 'GET', at);
      const [head, ...lines] = reply.text.trim().split('\n');
      assert.equal(lines.pop(), 'END');
      at = /<([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1];
      assert.equal(head, `BEGIN notes next ${at ? 1 : 0}`);
      got.push(...lines);
      assert.ok(n < 3);
    }
    assert.deepEqual(got, titles);
  });

  test('is a page if one is asked for, which names the next one', async () => {
    const reply = await register.expect(200, 'GET', 'notes.unsaid?limit=2');
    assert.equal(reply.text, list(titles.slice(0, 2), 1));
    assert.match(reply.headers.get('link'), /notes\.unsaid\?.*cursor=/);
    const refused = await register.expect(400, 'GET', 'notes.whole?limit=2');
    assert.equal(refused.json.detail, 'This format has the whole list: limit is for pages');
  });

  test('has a tag if it is one piece', async () => {
    const { headers } = await register.expect(200, 'GET', 'notes.whole');
    await register.expect(304, 'GET', 'notes.whole', { headers: { 'if-none-match': headers.get('etag') } });
  });
});

describe('what is not UTF-8', () => {
  const refused = {
    'notes/-/reply?what=text': 'GET notes/-/reply: the reply is text/plain, but it is not UTF-8',
    'notes/-/reply?what=json': 'GET notes/-/reply: the reply is application/geo+json, but it is not UTF-8',
    'notes/-/reply?what=document': 'GET notes/-/reply: a text of a document is not UTF-8',
    'notes.latin': 'text/x-latin: it wrote text that is not UTF-8',
    'notes/n001.latin': 'text/x-latin: it wrote text that is not UTF-8',
  };
  for (const [path, words] of Object.entries(refused))
    test(path, async () => {
      await register.expect(500, 'GET', path);
      await register.logged('error', `scribe: ${words}`);
    });

  test('is no fault of bytes, of what is compressed, and of texts with another charset', async () => {
    assert.equal((await text('notes/-/reply?what=encoded')).trim(), 'end');
    for (const path of ['notes/-/reply?what=bytes', 'notes/-/reply?what=latin', 'notes/n001.bytes'])
      await register.expect(200, 'GET', path);
  });

  test('is not stored', async () => {
    await register.expect(500, 'POST', 'notes', { as: 'manager', body: { id: 'latin', title: 'latin' } });
    await register.logged('error', 'scribe: hook 0: a text of a document is not UTF-8');
    await register.expect(404, 'GET', 'notes/latin');
  });

  test('is repaired in a message', async () => {
    const { json } = await register.expect(409, 'GET', 'notes/-/reply?what=failure');
    assert.equal(json.errors[0].detail, 'It says caf?');
  });
});
