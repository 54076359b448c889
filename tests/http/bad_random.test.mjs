// Requests that were good, changed at random: only statuses that the API knows, never one of 500 and
// up, whole problem documents, and a register without faults at the end. BAD_SEED repeats a run,
// BAD_ROUNDS sets how many requests there are.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bytes, expectRefusal, json, merge, open, patch, random, wire } from './bad.mjs';
import { built } from './ouse.mjs';

const seed = Number(process.env.BAD_SEED ?? 20261122), rounds = Number(process.env.BAD_ROUNDS ?? 5000);
const known = [200, 201, 204, 304, 308, 400, 401, 403, 404, 405, 406, 409, 410, 411, 412, 413, 414, 415, 417, 422, 428, 431, 501, 505];
const unread = [501, 505]; // told of requests whose method, encoding or version is not HTTP as we speak it
const { below, pick, chance } = random(seed);

let bad;
before(async () => { if (!built.skip) bad = await open(); });
after(() => bad?.stop());

const dish = { name: 'Stew', story: 'a\nb', course: 'dessert', vegan: false, serves: 4, price: 12.34, cost: 0.1, first_served: '2024-02-29', last_served: '2024-03-01', season: '2031-05', weight: { value: 200, qualifier: 'over', unit: 'g' },
  page: 'https://example.org/a?b=c', contact: 'chef@example.org', supplier: 'farm', tasters: ['ana'], inspired_by: 'cooks/ana', tags: ['b', 'a'], allergens: ['nuts'], identifiers: [{ scheme: 'ods', value: 'RWK' }], meta: { visibility: 'partner' } };
const operations = [{ op: 'test', path: '/name', value: 'Soup' }, { op: 'add', path: '/tags/0', value: 'c' }, { op: 'copy', from: '/tags', path: '/allergens' }, { op: 'move', from: '/serves', path: '/rating' }, { op: 'remove', path: '/story' }, { op: 'replace', path: '/supplier', value: 'mill' }];
// "@" stands for the number of the turn: deletions and merges come through, and each turn has its own records.
const good = [
  ...['dishes?limit=2', 'dishes?tags=a&course=main&vegan=true', 'dishes?serves=4&price=1.50&season=2024-02&supplier=farm', 'dishes/soup@', 'dishes/soup@.menu', 'dishes/soup@/revisions?limit=1', 'dishes/soup@/revisions/1', 'dishes.menu', 'dishes/gone', 'suppliers/old-farm', 'cooks/-/by/orcid/0000-0002-1825-0097',
    '-/changes?since=3&limit=5', '-/schema/dishes', '-/whoami', '/healthz', '/version', 'people/rupert-marquand/roles?on=2026', 'hubs/blmk-research-innovation-hub/portfolio', 'hubs/blmk-research-innovation-hub/network', 'organisations/elft/involvement', 'areas/luton/overview', 'projects?limit=1',
    'organisations/-/by/ods/RWK'].map((path) => ({ method: 'GET', path })),
  { method: 'POST', path: 'dishes', body: dish }, { method: 'POST', path: 'dishes?dry_run=true', body: dish }, { method: 'POST', path: 'wishes', body: { text: 'Less salt' } }, { method: 'POST', path: 'people', body: { name: 'A B', orcid: '0000-0002-1825-0097', email: 'a@b.example' } },
  { method: 'PUT', path: 'dishes/soup@', body: dish }, { method: 'PUT', path: 'dishes/new', body: dish, headers: { 'If-None-Match': '*' } }, { method: 'PATCH', path: 'dishes/soup@', body: { serves: 5, weight: { unit: null }, tags: ['x'] }, type: merge },
  { method: 'PATCH', path: 'dishes/soup@', body: operations, type: patch }, { method: 'PATCH', path: 'hubs/blmk-research-innovation-hub', body: { themes: ['x'], sources: [{ publication: 'x', quote: 'y', fields: ['/purpose'] }] }, type: merge },
  { method: 'POST', path: 'orders/lunch@/move', body: { to: 'placed', table: 3 } }, { method: 'POST', path: 'suppliers/mill@/merge', body: { into: 'farm' } }, { method: 'POST', path: 'projects', body: { pillar: 'safeguarding', title: 'T', leads: ['rupert-marquand'], state: 'proposed' } },
  { method: 'POST', path: 'appointments', body: { person: 'rupert-marquand', role: 'director', body: 'organisations/elft', starts: '2024', ends: '2023-12' } }, { method: 'DELETE', path: 'orders/lunch@' },
];

const odd = ['', '\0', '%00', '%', '%ff', '"', '\\', '/', '//', '..', '~', '~2', '?', '&', '=', '#', ';', '\r', '\n', '\r\n', '\t', ' ', '{', '}', '[', ']', ':', ',', '*', '-', '-1', '0', '1e999', '9'.repeat(40), 'null', 'true', '\\u0000', '\\ud800', '\xff', '\xc0\xaf', '\xef\xbb\xbf', 'é', '🍲', 'A'.repeat(90), 'A'.repeat(5000), '${x}', '%n%s', "' or 1=1"];
const strange = [null, true, -1, 0, 1.5, 1e300, 9007199254740993, '', 'x', '\u0000', '\ud800', '2024-02-30', '9999', 'farm', 'cooks/ana', '/tags/-', '', '/', '/x~2', 'x'.repeat(300), [], {}, [[]], [null], [1, 'a', {}], { a: { b: [] } }, { value: 1, min: 2 }];

// Edits of a text, as bytes.
const edits = [
  (text, at) => text.slice(0, at), (text, at) => text.slice(at), (text, at) => text.slice(0, at) + text.slice(at + 1 + below(5)), (text, at) => text.slice(0, at) + bytes(pick(odd)) + text.slice(at),
  (text, at) => text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1), (text, at) => text.slice(0, at) + text.slice(at, at + 20).repeat(1 + below(30)) + text.slice(at), (text) => text + bytes(pick(odd)), (text, at) => text.slice(at) + text.slice(0, at),
];
const edited = (text, times = 1 + below(3)) => { for (; times > 0; times--) text = pick(edits)(text, below(text.length + 1)); return text; };

// A value with one thing in it changed: replaced, taken out, put twice, under another name, or deeper.
function reshaped(value) {
  if (value === null || typeof value !== 'object' || chance(6)) return pick([pick(strange), [value], { value }, String(value)]);
  const copy = structuredClone(value), key = pick(Object.keys(copy).concat('x'));
  if (chance(4)) return (delete copy[key], Array.isArray(copy) ? copy.filter(() => true) : copy);
  if (chance(6)) copy[pick([...Object.keys(dish), 'id', 'op', 'path', 'from', 'to', 'into', '', '__proto__'])] = pick(strange);
  copy[key] = reshaped(copy[key] ?? null);
  return copy;
}

const headers = ['If-Match', 'If-None-Match', 'Accept', 'Content-Type', 'Authorization', 'Content-Length', 'Transfer-Encoding', 'Expect', 'Connection', 'Host', 'X-Request-ID', 'Range', 'Accept-Encoding', 'Idempotency-Key', 'X-Odd'];
const values = ['*', '"x"', 'W/"x"', 'application/json', 'text/x-menu', 'text/html;q=0.1, */*;q=0', merge, patch, 'close', 'keep-alive', '0', '5', '-1', 'chunked', 'bytes=0-1', 'gzip', ...odd.filter((text) => !/[\r\n\0]/.test(text))];
const changes = {
  body: (r) => { if (r.body !== undefined) r.body = edited(r.body); },
  shape: (r) => { if (r.value !== undefined) r.body = bytes(JSON.stringify(reshaped(r.value)) ?? ''); },
  path: (r) => { const [path, query] = r.path.split('?'); r.path = edited(path) + (query ? `?${query}` : ''); },
  query: (r) => { const [path, query = 'limit=1'] = r.path.split('?'); r.path = `${path}?${edited(query)}`; },
  header: (r) => { r.headers[pick(headers)] = chance(8) ? null : pick(values); },
  method: (r) => { r.method = pick(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'get']); },
  role: (r) => { r.as = pick(['public', 'partner', 'office']); },
};

const turn = 100; // rounds

async function begin(n) {
  const { register } = bad;
  await register.create('dishes', { id: `soup${n}`, name: 'Soup', tags: ['a', 'b'], serves: 4, supplier: 'farm', tasters: ['ana'] });
  await register.create('orders', { id: `lunch${n}`, title: 'Lunch', dish: `soup${n}` });
  await register.create('suppliers', { id: `mill${n}`, name: 'Mill' });
}

function request(n) {
  const { method, path: where, body, type = json, headers: own } = pick(good), as = 'manager', path = where.replace('@', n);
  const r = { method, path: path.startsWith('/') ? path : `/api/v1/${path}`, value: body, body: body && bytes(JSON.stringify(body)), as, headers: { 'Content-Type': body && type, 'If-Match': own || method === 'GET' ? null : '*', ...own } };
  for (let times = chance(3) ? 2 : 1; times > 0; times--) changes[pick(['body', 'shape', 'shape', 'shape', 'path', 'query', 'header', 'header', 'method', 'role'])](r);
  const token = bad.register.tokens[r.as];
  const text = wire(r.method, Buffer.from(r.path, 'latin1'), { headers: { ...(token && { Authorization: `Bearer ${token}` }), ...r.headers }, body: r.body === undefined ? undefined : Buffer.from(r.body, 'latin1') });
  return { text, head: r.method === 'HEAD' };
}

describe(`${rounds} requests changed at random, seed ${seed}`, built, () => {
  test('are answered as the API says, or refused as no HTTP', { timeout: 120_000 }, async () => {
    const counts = {};
    for (let round = 0; round < rounds; round++) {
      if (round % turn === 0) await begin(round / turn);
      const { text, head } = request(Math.floor(round / turn));
      const answers = await bad.sayOnce(text, head);
      for (const [n, answer] of answers.entries()) {
        const what = `seed ${seed}, round ${round}: ${JSON.stringify(text.slice(0, 700))}`;
        counts[answer.status] = (counts[answer.status] ?? 0) + 1;
        assert.ok(known.includes(answer.status), `${what}: expected one of ${known}, got ${answer.status} ${answer.text}`);
        assert.ok(answer.status < 500 || unread.includes(answer.status), `${what}: got ${answer.status} ${answer.text}`);
        if (answer.status >= 400 && !(head && n === 0)) expectRefusal(answer, what);
      }
    }
    assert.equal((await bad.say('GET', '/healthz')).status, 200, 'expected the server to live');
    for (const status of [200, 201, 400, 404, 409, 412, 415, 422]) assert.ok(counts[status], `expected some answers of ${status}, got ${JSON.stringify(counts)}`);
    console.log(`# seed ${seed}: ${JSON.stringify(counts)}`);
  });
});
