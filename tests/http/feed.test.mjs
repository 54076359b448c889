// Lists, records and changes as Atom. What is served is read by a strict reader of XML, below, which takes nothing that is
// not well-formed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { built, ouse, source, start, startWith } from './ouse.mjs';

const namespace = 'http://www.w3.org/2005/Atom';
const illegal = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text) {
  assert.doesNotMatch(text, illegal, 'a character that XML does not have');
  assert.doesNotMatch(text, /\]\]>/, 'the end of a section that has none');
  return text.replace(/&([^;&]*;?)/g, (all, name) => {
    const number = /^#(\d+);$/.exec(name);
    const plain = number ? String.fromCodePoint(Number(number[1])) : name.endsWith(';') && entities[name.slice(0, -1)];
    assert.ok(plain, `expected a reference, got ${all}`);
    return plain;
  });
}

// { name, attributes, children, text } of a document; it fails where that is not well-formed.
function parse(text) {
  const declaration = '<?xml version="1.0" encoding="utf-8"?>\n';
  assert.ok(text.startsWith(declaration), text.slice(0, 60));
  const top = { children: [], text: '' }, open = [top];
  let at = declaration.length;
  const tag = /<(\/?)([a-z]+)((?: [a-z:]+="[^"<]*")*)(\/?)>/y;
  while (at < text.length) {
    const next = text.indexOf('<', at), end = next < 0 ? text.length : next;
    open.at(-1).text += decode(text.slice(at, end));
    if (next < 0) break;
    tag.lastIndex = next;
    const found = tag.exec(text);
    assert.ok(found, `expected a tag at ${text.slice(next, next + 80)}`);
    const [all, closing, name, rest, empty] = found;
    at = next + all.length;
    if (closing) {
      assert.equal(open.pop().name, name, 'expected the end of what is open');
      continue;
    }
    const pairs = [...rest.matchAll(/ ([a-z:]+)="([^"]*)"/g)].map(([, key, value]) => [key, decode(value)]);
    const attributes = Object.fromEntries(pairs);
    assert.equal(Object.keys(attributes).length, pairs.length, `an attribute twice in ${all}`);
    const element = { name, attributes, children: [], text: '' };
    open.at(-1).children.push(element);
    if (!empty) open.push(element);
  }
  assert.deepEqual([open.length, top.children.length, top.text.trim()], [1, 1, ''], 'expected one element, closed');
  return top.children[0];
}

const all = (element, name) => element.children.filter((child) => child.name === name);
const one = (element, name) => {
  assert.equal(all(element, name).length, 1, `expected one ${name} in ${element.name}`);
  return all(element, name)[0].text;
};
const link = (element, rel, type = 'application/atom+xml') =>
  all(element, 'link').map(({ attributes }) => attributes).find((is) => is.rel === rel && is.type === type)?.href;
const page = (element) => link(element, 'alternate', 'text/html');

// What RFC 4287 asks of each.
function holdEntry(entry) {
  assert.match(one(entry, 'id'), /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(one(entry, 'updated'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(one(entry, 'title').length > 0);
  assert.ok(all(entry, 'summary').length <= 1);
  assert.ok(page(entry) && link(entry, 'alternate', 'application/json'));
}

function holdFeed(text) {
  const feed = parse(text);
  assert.deepEqual([feed.name, feed.attributes], ['feed', { xmlns: namespace }]);
  for (const name of ['id', 'title', 'updated', 'author']) one(feed, name);
  assert.equal(one(all(feed, 'author')[0], 'name'), 'Partnership register');
  const entries = all(feed, 'entry');
  entries.forEach(holdEntry);
  assert.equal(new Set(entries.map((entry) => one(entry, 'id'))).size, entries.length, 'ids are unique');
  const newest = entries.map((entry) => one(entry, 'updated')).sort().at(-1);
  assert.equal(one(feed, 'updated'), newest ?? '1970-01-01T00:00:00Z');
  return { feed, entries };
}

describe('feeds', built, () => {
  let register;
  const fetchAs = (path, headers = {}) => fetch(new URL(path, `${register.origin}/api/v1/`), { headers });
  const get = async (path, headers, status = 200) => {
    const response = await fetchAs(path, headers), text = await response.text();
    assert.equal(response.status, status, `${path}: ${text}`);
    return { response, text };
  };
  const feed = async (path, headers) => {
    const { response, text } = await get(path, headers);
    assert.equal(response.headers.get('content-type'), 'application/atom+xml', path);
    return holdFeed(text);
  };
  const token = (role) => ({ authorization: `Bearer ${register.tokens[role]}` });

  before(async () => {
    register = await start(.../^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', '));
    await ouse('import', '-c', register.config, fileURLToPath(new URL('../../conf/sample', import.meta.url)));
    for (const id of ['street-activities', 'ageing-well']) await register.patch(`projects/${id}`, { subtitle: 'Changed' });
  });
  after(() => register?.stop());

  test('a list is a feed of what it lists, in its order', async () => {
    const query = 'pillar.hub=blmk-research-innovation-hub&state=confirmed&sort=-updated';
    const { data } = await register.get(`projects?${query}`), told = await feed(`projects.atom?${query}`);
    assert.ok(data.length > 2, 'expected something to compare');
    assert.deepEqual(told.entries.map(page), data.map(({ id }) => `/projects/${id}`));
    assert.deepEqual(told.entries.map((entry) => one(entry, 'title')), data.map(({ title }) => title));
    assert.deepEqual(told.entries.map((entry) => one(entry, 'updated')), data.map(({ meta }) => meta.updated));
    assert.deepEqual(told.entries.map((entry) => one(entry, 'published')), data.map(({ meta }) => meta.created));
    assert.equal(one(told.feed, 'title'), 'Projects – Partnership register');
    assert.equal(link(told.feed, 'self'), `/api/v1/projects.atom?${query}`);
    assert.equal(page(told.feed), `/projects?${query}`);
    assert.equal(link(told.feed, 'next'), undefined);
    assert.equal(link(told.entries[0], 'alternate', 'application/json'), `/api/v1/projects/${data[0].id}`);
    const accepted = await feed(`projects?${query}`, { accept: 'application/atom+xml' });
    assert.deepEqual(accepted, told);
  });

  test('a summary says the first fields, in words', async () => {
    const { entries } = await feed('appointments.atom?person=yannis-pappas&sort=role');
    const [first] = entries;
    assert.equal(one(first, 'title'), 'Yannis Pappas, Director');
    assert.match(one(first, 'summary'), /^Person: Yannis Pappas · Role: Director · Job title: Director of the ICS Research & Innovation Hub · At: BLMK ICS Research & Innovation Hub$/);
    const [ageing] = (await feed('projects.atom?title[prefix]=Ageing')).entries;
    assert.match(one(ageing, 'summary'), /Leads: David Hewson, Nicky Poulain/);
  });

  test('next pages lead to the end, and have each record once', async () => {
    const ids = [], feeds = new Set();
    let path = 'people.atom?sort=-name&limit=7', pages = 0;
    for (; path; pages++) {
      const { feed: is, entries } = await feed(path);
      ids.push(...entries.map((entry) => page(entry).replace('/people/', '')));
      feeds.add(one(is, 'id'));
      path = link(is, 'next');
    }
    const { data } = await register.get('people?sort=-name&limit=200');
    assert.deepEqual(ids, data.map(({ id }) => id));
    assert.ok(pages > 2, `expected several pages, got ${pages}`);
    assert.equal(feeds.size, 1, 'a feed has one id, however many pages');
  });

  test('ids stay: for other callers, other questions, and after a change', async () => {
    const idOf = async (path, headers) => one((await feed(path, headers)).entries.find((entry) => page(entry) === '/projects/ageing-well'), 'id');
    const id = await idOf('projects.atom');
    assert.equal(await idOf('projects.atom?sort=-title&limit=100', token('office')), id);
    await register.patch('projects/ageing-well', { subtitle: 'Another' });
    assert.equal(await idOf('projects.atom'), id);
    const { text } = await get('projects/ageing-well.atom'), entry = parse(text);
    assert.deepEqual([entry.name, entry.attributes, one(entry, 'id')], ['entry', { xmlns: namespace }, id]);
    holdEntry(entry);
    assert.equal(one(all(entry, 'author')[0], 'name'), 'Partnership register');
    assert.equal(link(entry, 'self'), '/api/v1/projects/ageing-well.atom');
    assert.ok(one((await feed('projects.atom')).feed, 'id') !== one((await feed('projects.atom?state=confirmed')).feed, 'id'));
  });

  test('as of an instant it is of then, and so are its links', async () => {
    const { meta } = await register.create('organisations', { id: 'was', name: 'As it was', kind: 'other' });
    await register.patch('organisations/was', { name: 'As it is' });
    const at = encodeURIComponent(meta.updated), { feed: is, entries } = await feed(`organisations.atom?as_of=${at}&limit=200`);
    const entry = entries.find((one) => page(one).startsWith('/organisations/was?'));
    assert.equal(one(entry, 'title'), 'As it was');
    assert.equal(page(entry), `/organisations/was?as_of=${meta.updated}`);
    assert.equal(page(is), `/organisations?as_of=${at}`);
  });

  test('what is hidden is in no feed', async () => {
    await register.create('people', { id: 'hidden-person', name: 'Hidden Person', email: 'hidden@example.org', meta: { visibility: 'office' } });
    await register.create('people', { id: 'seen-person', name: 'Seen Person', email: 'seen@example.org' });
    for (const path of ['people.atom?limit=200', '-/changes.atom?sort=-seq', 'people/seen-person.atom']) {
      const { text } = await get(path);
      assert.doesNotMatch(text, /[Hh]idden.[Pp]erson|@example\.org/, path);
    }
    await get('people/hidden-person.atom', {}, 404);
    const office = await get('people.atom?limit=200', token('office'));
    assert.match(office.text, /Hidden Person/);
    assert.match(office.text, /seen@example\.org/);
    assert.equal(office.response.headers.get('cache-control'), 'private, no-store');
  });

  const nasty = ['<script>alert(1)</script>', ']]>', '"><b attr=\'x\'>', '&amp; &#0; &bogus;', '<![CDATA[x]]>', '<?xml?><!-- -->', '\u202eright to left\u202c שלום', '🎉 é ﷽', 'x'.repeat(200)];
  test('texts are texts, whatever is in them', async () => {
    for (const [i, name] of nasty.entries())
      await register.create('organisations', { id: `nasty-${i}`, name, kind: 'other', aliases: [name] });
    await register.create('hubs', { id: 'nasty', name: 'Nasty', kind: 'research_hub', purpose: `${nasty.join('\n\n')}\r\n\tend`, host: 'nasty-0' });
    const { entries } = await feed('organisations.atom?limit=200');
    const titles = new Map(entries.map((entry) => [page(entry), one(entry, 'title')]));
    for (const [i, name] of nasty.entries())
      assert.equal(titles.get(`/organisations/nasty-${i}`), name);
    const [hub] = (await feed('hubs.atom?name=Nasty')).entries;
    assert.ok(one(hub, 'summary').includes('<script>alert(1)</script>'));
    assert.ok(one(hub, 'summary').includes('Host: <script>alert(1)</script>'));
    const { feed: is } = await feed(`organisations.atom?${new URLSearchParams({ 'name[prefix]': '"><x>&' })}`);
    assert.equal(page(is), '/organisations?name%5Bprefix%5D=%22%3E%3Cx%3E%26');
  });

  test('a feed that brings its tag is not sent again; one that takes gzip has it', async () => {
    const { response } = await get('projects.atom'), tag = response.headers.get('etag');
    assert.match(tag, /^W\/"[0-9a-f]{16}"$/);
    const same = await fetchAs('projects.atom', { 'if-none-match': tag });
    assert.deepEqual([same.status, await same.text()], [304, '']);
    await register.patch('projects/ageing-well', { subtitle: 'Once more' });
    assert.equal((await fetchAs('projects.atom', { 'if-none-match': tag })).status, 200);
    const packed = await new Promise((resolve, reject) => {
      request(`${register.origin}/api/v1/projects.atom`, { headers: { 'accept-encoding': 'gzip' }, agent: false }, (reply) => {
        const pieces = [];
        reply.on('data', (piece) => pieces.push(piece)).on('end', () => resolve({ headers: reply.headers, body: Buffer.concat(pieces) }));
      }).on('error', reject).end();
    });
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.match(packed.headers.etag, /^W\//);
    holdFeed(gunzipSync(packed.body).toString());
  });

  test('an empty list is a feed without entries, and a wrong question is refused as ever', async () => {
    assert.deepEqual((await feed('projects.atom?state=withdrawn')).entries, []);
    for (const path of ['projects.atom?colour=red', 'projects.atom?facet=state', 'projects.atom?cursor=x', '-/changes.atom?before=3', '-/changes.atom?sort=-seq&since=1', '-/changes.atom?sort=up'])
      await get(path, {}, 400);
    await get('projects.atomic', {}, 404);
  });

  test('changes come the latest first where that is asked for, in JSON and as a feed', async () => {
    const { data: onwards, page: { last } } = await register.get('-/changes?limit=200');
    const { data, page: { next } } = await register.get('-/changes?limit=20&sort=-seq');
    assert.deepEqual(data.map(({ seq }) => seq), onwards.map(({ seq }) => seq).reverse().slice(0, 20));
    assert.equal(data[0].seq, last);
    assert.equal(next, data.at(-1).seq);
    const seqs = [], titles = [];
    for (let path = '-/changes.atom?limit=20&sort=-seq'; path;) {
      const { feed: is, entries } = await feed(path);
      seqs.push(...entries.map((entry) => Number(/change (\d+) of/.exec(one(entry, 'summary'))[1])));
      titles.push(...entries.map((entry) => one(entry, 'title')));
      path = link(is, 'next');
    }
    assert.deepEqual(seqs, onwards.map(({ seq }) => seq).reverse());
    assert.ok(titles.some((title) => /^Ageing well.*: changed$/.test(title)), titles.join('\n'));
    const { entries: [first] } = await feed('-/changes.atom?limit=1&since=0');
    assert.match(one(first, 'title'), /: added$/);
    const { entries: only } = await feed('-/changes.atom?sort=-seq&collection=projects');
    assert.ok(only.length > 4 && only.every((entry) => /^\/projects\/.*\/history$/.test(page(entry))));
    assert.deepEqual((await register.get('-/changes?sort=-seq&before=1')).data, []);
  });

  test('the pages offer it, and announce it', async () => {
    const html = async (path) => (await fetch(register.origin + path, { headers: { accept: 'text/html' } })).text();
    const query = 'state=confirmed&amp;sort=-updated', text = await html('/projects?state=confirmed&sort=-updated');
    assert.ok(text.includes(`<link rel="alternate" type="application/atom+xml" title="Projects" href="/api/v1/projects.atom?${query}">`), text.slice(0, 1500));
    assert.match(text, new RegExp(`<a href="/api/v1/projects\\.atom\\?${query}">atom</a>`));
    const changes = await html('/changes');
    assert.ok(changes.includes('<link rel="alternate" type="application/atom+xml" title="What changed" href="/api/v1/-/changes.atom?sort=-seq">'));
    assert.match(changes, /<a href="\/api\/v1\/-\/changes\.atom\?sort=-seq">atom<\/a>/);
    assert.match(await html('/projects/ageing-well'), /<a href="\/api\/v1\/projects\/ageing-well\.atom">atom<\/a>/);
  });

  test('it outlives a restart: ids are the register\'s', async () => {
    const ids = async () => (await feed('projects.atom')).entries.map((entry) => one(entry, 'id'));
    const known = await ids();
    await register.restart();
    assert.deepEqual(await ids(), known);
  });
});

test('a feed of a register without pages leads to JSON; options are in it', built, async (t) => {
  const register = await startWith(['feed { name = "Wessex & <Co>" address = "https://register.example.org" rights = "CC0 & more" }', 'base_path = "/register"'], 'directory', 'feed');
  t.after(() => register.stop());
  const response = await fetch(`${register.origin.replace(/\/register$/, '')}/register/api/v1/people.atom`), feed = parse(await response.text());
  assert.equal(one(feed, 'title'), 'People – Wessex & <Co>');
  assert.equal(one(feed, 'rights'), 'CC0 & more');
  assert.equal(link(feed, 'self'), 'https://register.example.org/register/api/v1/people.atom');
  assert.equal(page(feed), undefined);
  assert.equal(link(feed, 'alternate', 'application/json'), 'https://register.example.org/register/api/v1/people');
});
