// The explorer of the API: all of what the API says of itself is on its pages, once, and its forms lead to answers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { built, start, startAlone, startWith } from './ouse.mjs';

const html = { accept: 'text/html' };
const plain = (text) => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, '&');
const textOf = (page) => plain(page.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ');
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => plain(found));
const methods = ['get', 'post', 'put', 'patch', 'delete'];

const get = (register, path, headers = {}) => fetch(register.origin + path, { headers: { ...html, ...headers }, redirect: 'manual' });

async function page(register, path, { status = 200, as } = {}) {
  const response = await get(register, path, as ? { authorization: `Bearer ${register.tokens[as]}` } : {});
  const text = await response.text();
  assert.equal(response.status, status, `${path}: ${text}`);
  return text;
}

// Where a form of a group leads that was filled in so.
async function led(register, group, operation, filled = {}) {
  const query = new URLSearchParams({ '{operation}': operation, ...filled });
  const response = await get(register, `/data/api/${group}?${query}`);
  return [response.status, response.headers.get('location')];
}

const operationsOf = (document) => Object.entries(document.paths)
  .flatMap(([path, item]) => methods.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })));

describe('the explorer of the API', built, () => {
  let register;
  before(async () => {
    register = await start('directory', 'hubs', 'evidence', 'openapi', 'search', 'site');
  });
  after(() => register?.stop());

  // Twice as everybody: pages are kept, for each role its own.
  for (const [who, as] of [['everybody'], ['the office', 'office'], ['everybody, again,']])
    test(`has every operation that ${who} may know of on one page`, async () => {
      const document = await register.get('openapi.json', as), index = await page(register, '/data/api', { as });
      const links = all(index, /href="(\/data\/api\/[^"]*)"/g);
      assert.deepEqual(links, document.tags.map(({ name }) => `/data/api/${name}`));
      const shown = [];
      for (const link of links) {
        const text = await page(register, link, { as });
        for (const part of text.split('<section class="operation"').slice(1))
          shown.push([/<h2 id="([^"]*)"/, /data-method="([^"]*)"/, /data-path="([^"]*)"/].map((pattern) => plain(pattern.exec(part)[1])).join(' '));
        const ids = all(text, / id="([^"]*)"/g);
        assert.equal(new Set(ids).size, ids.length, `${link}: an id twice`);
        for (const to of all(text, /href="#([^"]*)"/g)) assert.ok(ids.includes(to), `${link}: nothing has the id ${to}`);
        const size = gzipSync(text).length;
        assert.ok(size < 60_000, `${link}: ${size} bytes`);
      }
      const told = operationsOf(document).map(({ operationId, method, path }) => `${operationId} ${method.toUpperCase()} ${path}`);
      assert.deepEqual(shown.sort(), told.sort());
    });

  test('tells parameters, bodies, answers and who may', async () => {
    const text = await page(register, '/data/api/people');
    const [, create] = text.split('<h2 id="people.create">'), [said] = create.split('</section>');
    for (const words of ['POST', '/api/v1/people', 'For manager', 'dry_run', 'Idempotency-Key', 'application/json', 'people.new', '"name": "Name"', '201', '415'])
      assert.ok(textOf(said).includes(words), `expected ${words} in ${textOf(said)}`);
    const [, list] = text.split('<h2 id="people.list">'), [listed] = list.split('</section>');
    for (const words of ['For anybody', 'limit', 'at most 200', 'name', '[prefix]', 'people.list', '"data": ['])
      assert.ok(textOf(listed).includes(words), `expected ${words} in ${textOf(listed)}`);
    assert.doesNotMatch(listed, /x-ndjson<\/code><\/p>\s*<pre/);
    assert.match(textOf(text), /Valid credentials are required/);
    assert.ok(all(text, /<pre id="schema-([^"]*)"/g).includes('Problem'));
  });

  test('forms lead to what they ask for', async () => {
    assert.deepEqual(await led(register, 'people', 'people.list', { limit: '2', sort: '', 'name[prefix]': 'a&b' }),
      [308, '/api/v1/people?limit=2&name%5Bprefix%5D=a%26b']);
    assert.deepEqual(await led(register, 'people', 'people.read', { '{id}': 'ada' }), [308, '/api/v1/people/ada']);
    assert.deepEqual(await led(register, 'people', 'people.revision', { '{id}': 'ada', '{n}': '1' }), [308, '/api/v1/people/ada/revisions/1']);
    assert.deepEqual(await led(register, 'people', 'people.read', { '{id}': '../../x?y#z ä' }),
      [308, '/api/v1/people/..%2F..%2Fx%3Fy%23z%20%C3%A4']);
  });

  test('says where there is nothing', async () => {
    assert.equal((await led(register, 'people', 'people.read'))[0], 400);
    for (const operation of ['people.create', 'hubs.list', 'nothing', '<b>'])
      assert.equal((await led(register, 'people', operation))[0], 404, operation);
    for (const path of ['/data/api/nothing', '/data/api/%3Cscript%3E', '/data/api/people/x', '/data/api/people/x/y/z', '/data/nothing'])
      assert.doesNotMatch(await page(register, path, { status: 404 }), /<script>/, path);
  });

  test('names all groups in a message of any length', async () => {
    const { tags } = await register.get('openapi.json'), names = tags.map(({ name }) => name).join(', ');
    const { body } = await register.expect(400, 'GET', `openapi.json?tag=${'x'.repeat(300)}`);
    assert.equal(body.errors?.[0]?.detail ?? body.detail, `tag: there is no group "${'x'.repeat(300)}"; the groups are ${names}`);
  });

  test('is of now on any day', async () => {
    assert.match(await page(register, '/data/api?as_of=2024-01-31'), /href="\/data\/api\/people\?as_of=2024-01-31"/);
    assert.match(await page(register, '/data/api/people?as_of=2024-01-31'), /people\.create/);
    assert.match(await page(register, '/data?as_of=2024-01-31'), /href="\/api\/v1\/openapi\.json"/);
  });
});

describe('the explorer behind a proxy', built, () => {
  test('has its addresses below the path of the proxy', async () => {
    const register = await startWith(['base_path = "/register"'], 'directory', 'openapi', 'site');
    try {
      assert.match(await page(register, '/data'), /href="\/register\/data\/api"/);
      assert.match(await page(register, '/data/api/people'), /data-path="\/register\/api\/v1\/people"/);
      const response = await get(register, '/data/api/people?%7Boperation%7D=people.list');
      assert.equal(response.headers.get('location'), '/register/api/v1/people');
    } finally {
      await register.stop();
    }
  });
});

describe('the explorer without a description of the API', built, () => {
  test('is not there', async () => {
    const register = await startAlone('site');
    try {
      assert.doesNotMatch(await page(register, '/data'), /data\/api/);
      for (const path of ['/data/api', '/data/api/register']) await page(register, path, { status: 404 });
    } finally {
      await register.stop();
    }
  });
});
