// The site over the sample register, with all plugins: every page that can be reached is there, says what the
// API says, and shows texts as texts.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { built, eventually, source, start, startWith } from './ouse.mjs';
import { html, linksOf, textOf, walk } from './walk.mjs';

const sampleFolder = fileURLToPath(new URL('../../conf/sample', import.meta.url));
const allPlugins = async () => /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', ');
const importSample = (register) => promisify(execFile)(process.env.OUSE_BIN, ['import', '-c', register.config, sampleFolder]);

describe('the site', built, () => {
  let register;
  const get = (path, headers = html, method = 'GET') => fetch(register.origin + path, { method, headers, redirect: 'manual' });
  const page = async (path, status = 200) => {
    const response = await get(path), text = await response.text();
    assert.equal(response.status, status, `${path}: ${text}`);
    assert.match(response.headers.get('content-type'), /^text\/html/, path);
    return text;
  };

  before(async () => {
    register = await start(...await allPlugins());
    await importSample(register);
  });
  after(() => register?.stop());

  test('has no dead link, and everything is reached from the home page', async () => {
    const seen = await walk(register.origin, '/');
    for (const { name } of (await register.get('-/schema')).collections)
      for (const { id } of (await register.get(`${name}?limit=200`)).data)
        for (const path of [`/${name}/${id}`, `/${name}/${id}/history`]) assert.ok(seen.has(path), `expected a way to ${path}`);
  });

  test('a list shows what the API answers to the same question', async () => {
    const query = 'pillar=new-ways-of-working&sort=-title', text = await page(`/projects?${query}`);
    const { data } = await register.get(`projects?${query}`);
    const rows = [...text.matchAll(/<th scope="row"[^>]*>\s*<a href="\/projects\/([a-z0-9-]+)"/g)].map(([, id]) => id);
    assert.deepEqual(rows, data.map(({ id }) => id));
    assert.ok(linksOf(text).includes(`/api/v1/projects.csv?${query}`), 'expected the same question as CSV');
    for (const { title } of data) assert.ok(textOf(text).includes(title), title);
  });

  test('what a form sends is understood: nothing chosen, several chosen', async () => {
    const text = await page('/projects?title%5Bprefix%5D=&state=&pillar=safeguarding&pillar=inclusive-workforce');
    const rows = [...text.matchAll(/<th scope="row"[^>]*>\s*<a href="\/projects\/([a-z0-9-]+)"/g)].map(([, id]) => id);
    assert.deepEqual(rows.sort(), (await register.get('projects?pillar[in]=safeguarding,inclusive-workforce')).data.map(({ id }) => id).sort());
    const links = linksOf(text).map((link) => decodeURIComponent(link));
    for (const left of ['safeguarding', 'inclusive-workforce']) assert.ok(links.includes(`/projects?pillar[in]=${left}`), `expected a way to ${left} alone`);
  });

  test('pages go on, and come back to the first', async () => {
    const first = await page('/people?limit=10&sort=name'), next = linksOf(first).find((link) => link.includes('cursor='));
    assert.ok(next, 'expected a next page');
    const second = await page(next);
    assert.ok(linksOf(second).includes('/people?limit=10&sort=name'), 'expected a way back to the first page');
    const named = (text) => [...text.matchAll(/<th scope="row"[^>]*>\s*<a href="\/people\/([a-z0-9-]+)"/g)].map(([, id]) => id);
    assert.deepEqual([...named(first), ...named(second)], (await register.get('people?sort=name&limit=200')).data.map(({ id }) => id));
  });

  test('a record shows its fields, its relations both ways, its sources', async () => {
    const text = textOf(await page('/projects/ageing-well'));
    for (const said of ['Ageing well', 'Frailty & Sarcopenia', 'David Hewson', 'Nicky Poulain', 'New ways of working', 'overseen by Professor David Hewson'])
      assert.ok(text.includes(said), `expected "${said}" in ${text}`);
    assert.ok(linksOf(await page('/people/david-hewson')).includes('/projects/ageing-well'), 'expected the way back');
    assert.ok(textOf(await page('/awards/nhs-england-blmk-hub')).includes('£3,000,000'));
  });

  test('what people call a record has choices in words, wherever it is called so', async () => {
    const called = 'Paul Calaminus, Chief executive', record = 'paul-calaminus-chief-executive';
    assert.deepEqual((await register.get(`-/labels?of=appointments/${record}`)).data, { [`appointments/${record}`]: called });
    assert.deepEqual((await register.get('-/labels?of=people/nobody,nothings/a,people,/,people/')).data, {}, 'what is not there is left out')
    for (const path of [`/appointments/${record}`, `/appointments/${record}/history`, '/appointments?limit=50'])
      assert.ok(textOf(await page(path)).includes(called), `${path}: expected "${called}"`);
    const { label } = (await register.get('-/search?q=calaminus&limit=20')).data.find(({ collection }) => collection === 'appointments') ?? { label: called };
    assert.equal(label, called);
    assert.ok(textOf(await page('/organisations')).includes('NHS trust'), 'expected the spelling that the plugin declares');
  });

  test('the home page says what is not disclosed, and leads to all of it', async () => {
    const part = (text) => textOf(/id="undisclosed"[^]*?<\/section>/.exec(text)?.[0] ?? '');
    const text = await page('/'), all = '/awards?amount%5Bexists%5D=false';
    assert.match(part(text), /Awards Amount not disclosed Luton Council funding for a mapping study/);
    assert.match(part(text), /Funds Amount not disclosed Incentives for primary care homes/);
    assert.ok(!part(text).includes('NHS England award'), 'expected only what is not disclosed');
    assert.ok(linksOf(text).includes(all), `expected a way to ${all}`);
    assert.match(textOf(await page(all)), /1 award/);
    await register.create('awards', { id: 'quiet', title: 'Quiet', kind: 'grant', funder: 'nhs-england', description: 'Hidden', meta: { visibility: 'office' } });
    assert.ok(!part(await page('/')).includes('Quiet'));
  });

  test('a computed answer is asked by a form, of the past too', async () => {
    const text = await page('/cohorts/-/open?as_of=2026-01-31T12:00:00Z');
    for (const [part, value] of [['day', '31'], ['month', '1'], ['year', '2026']]) assert.match(text, new RegExp(`<input[^>]* name="as_of-${part}" value="${value}">`));
    assert.doesNotMatch(text, /id="ask-as_of"/, 'expected it to be asked for once');
    await page('/cohorts/-/open?audience=&area=&on=&as_of=');
  });

  test('what is hidden from the public is on no page', async () => {
    await register.create('people', { id: 'hidden-person', name: 'Hidden Person', email: 'hidden@example.org', meta: { visibility: 'office' } });
    const [contact] = (await register.get('people?limit=200', 'office')).data.filter(({ email, meta }) => email && meta.visibility === 'public');
    await page('/people/hidden-person', 404);
    assert.ok(!(await page('/people')).includes('Hidden Person'));
    if (contact) assert.ok(!(await page(`/people/${contact.id}`)).includes(contact.email));
    const seen = await get('/people/hidden-person', { ...html, authorization: `Bearer ${register.tokens.office}` });
    assert.equal(seen.status, 200);
    assert.equal(seen.headers.get('cache-control'), 'private, no-store');
    assert.ok((await seen.text()).includes('hidden@example.org'));
    await page('/expressions', 404);
  });

  test('history shows what each revision changed', async () => {
    await register.create('projects', { id: 'changing', title: 'Before', pillar: 'safeguarding' });
    await register.patch('projects/changing', { title: 'After', leads: ['david-hewson'] });
    const text = textOf(await page('/projects/changing/history'));
    assert.match(text, /Revision 2.*Before.*After.*Revision 1/);
    assert.equal((text.match(/Safeguarding/g) ?? []).length, 1, 'expected what did not change only where it came to be');
    await register.remove('projects/changing');
    assert.match(textOf(await page('/projects/changing', 410)), /removed/i);
    assert.match(textOf(await page('/projects/changing/history')), /Revision 3/);
  });

  test('a merged record leads to the one it went into', async () => {
    await register.create('people', { id: 'double', name: 'Double' });
    const { headers } = await register.say('GET', 'people/double', { as: 'manager' });
    await register.expect(200, 'POST', 'people/double/merge', { as: 'manager', body: { into: 'david-hewson' }, headers: { 'if-match': headers.get('etag') } });
    const response = await get('/people/double');
    assert.deepEqual([response.status, response.headers.get('location')], [308, '/people/david-hewson']);
  });

  test('a slash at the end leads to the address without it, as it was written', async () => {
    for (const [path, to] of [['/people/', '/people'], ['/people/%C3%A9%3Fx/?name=a%26b&page=2', '/people/%C3%A9%3Fx?name=a%26b&page=2']]) {
      const response = await get(path);
      assert.deepEqual([response.status, response.headers.get('location')], [308, to]);
    }
  });

  const computed = [
    ['/hubs/blmk-research-innovation-hub', ['Ageing well', 'Yannis Pappas']], ['/awards/nhs-england-blmk-hub/breakdown', ['£3,000,000', 'Safeguarding']],
    ['/strategies/health-services-strategy-2040/timeline', ['Cancer']], ['/hubs/blmk-research-innovation-hub/network', ['Yannis Pappas']],
    ['/networks/-/coverage', []], ['/cohorts/-/open', []], ['/areas/blmk/overview', ['Luton']],
  ];
  for (const [path, said] of computed)
    test(`shows ${path}`, async () => {
      const text = textOf(await page(path));
      for (const words of said) assert.ok(text.includes(words), `expected "${words}" in ${text}`);
    });

  test('the main answer of a record is on its page, and its own page leads there', async () => {
    for (const [path, to] of [['/hubs/blmk-research-innovation-hub/portfolio', '/hubs/blmk-research-innovation-hub'],
      ['/hubs/blmk-research-innovation-hub/portfolio?as_of=2026-01-31', '/hubs/blmk-research-innovation-hub?as_of=2026-01-31']]) {
      const response = await get(path);
      assert.deepEqual([response.status, response.headers.get('location')], [308, to]);
    }
    assert.equal((await register.get('hubs/blmk-research-innovation-hub/portfolio')).hub.id, 'blmk-research-innovation-hub');
  });

  test('says what is wrong, to people and to programs', async () => {
    assert.match(textOf(await page('/projects?colour=red', 400)), /There is no parameter "colour"/);
    assert.match(textOf(await page('/nowhere', 404)), /no such page/i);
    assert.match(textOf(await page('/projects/nowhere', 404)), /no project at this address/);
    assert.match(textOf(await page('/%00', 400)), /control characters/);
    assert.match(textOf(await page('/api/v1/nowhere', 404)), /no such page/i);
    for (const path of ['/%00', '/api/v1/nowhere', '/api/nowhere'])
      assert.equal((await get(path, {})).headers.get('content-type'), 'application/problem+json', path);
    assert.equal((await get('/projects', html, 'POST')).status, 405);
    assert.equal((await get('/projects/', html)).headers.get('location'), '/projects');
  });

  test('pages carry a policy without exceptions', async () => {
    for (const path of ['/', '/projects', '/nowhere', '/%00']) {
      const policy = (await get(path)).headers.get('content-security-policy');
      assert.match(policy, /^default-src 'none'; /, path);
      assert.ok(!/unsafe|http|\*|data:/.test(policy), policy);
    }
    const head = await get('/projects', html, 'HEAD');
    assert.deepEqual([head.status, await head.text()], [200, '']);
  });

  test('static files: for ever, compressed, by their whole name only', async () => {
    const styles = linksOf(await page('/')).find((link) => link.endsWith('.css'));
    const raw = (encoding, more = {}) => new Promise((resolve, reject) => {
      request(register.origin + styles, { headers: { 'accept-encoding': encoding, ...more }, agent: false }, (reply) => {
        const pieces = [];
        reply.on('data', (piece) => pieces.push(piece));
        reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, body: Buffer.concat(pieces) }));
      }).on('error', reject).end();
    });
    const identity = await raw('identity'), gzip = await raw('gzip, br;q=0');
    assert.equal(identity.headers['content-type'], 'text/css; charset=utf-8');
    assert.equal(identity.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(identity.headers.vary, 'Accept-Encoding');
    assert.equal(gzip.headers['content-encoding'], 'gzip');
    assert.deepEqual(gunzipSync(gzip.body), identity.body);
    assert.notEqual(gzip.headers.etag, identity.headers.etag);
    const best = await raw('gzip, br');
    if (best.headers['content-encoding'] === 'br') assert.deepEqual(brotliDecompressSync(best.body), identity.body);
    assert.equal((await raw('identity', { 'if-none-match': identity.headers.etag })).status, 304);
    for (const path of ['/static/site.css', '/static/', '/static/../conf', `${styles}/x`, '/static/%2e%2e/site.css'])
      assert.ok([400, 404].includes((await get(path)).status), path);
  });

  const nasty = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", '{{site.name}} {{{x}}}', '</title></textarea><b>',
    'javascript:alert(1)', 'שלום \u202eevil\u202c', '🎉 é ﷽', '&amp; &lt;b&gt;', '<!-- -->', ']]>'];
  test('texts are texts, whatever is in them, on every page', async () => {
    for (const [i, text] of nasty.entries()) {
      const name = `${text} ${i}`;
      await register.create('organisations', { id: `nasty-${i}`, name, kind: 'other', aliases: [text] });
      await register.create('publications', { id: `nasty-${i}`, title: name, publisher: text, url: 'https://example.org/?a=%22&c=\'1' });
      await register.create('hubs', { id: `nasty-${i}`, name, kind: 'research_hub', purpose: `${text}\n\n${text}`, themes: [text], host: `nasty-${i}`,
        sources: [{ publication: `nasty-${i}`, quote: text, fields: ['/name'] }] });
      await register.create('pillars', { id: `nasty-${i}`, hub: `nasty-${i}`, number: 1, name });
      await register.create('projects', { id: `nasty-${i}`, pillar: `nasty-${i}`, title: name, summary: text });
      await register.patch(`projects/nasty-${i}`, { summary: `${text}!` });
      const paths = ['organisations', 'hubs', 'pillars', 'projects', 'publications'].flatMap((collection) =>
        [`/${collection}`, `/${collection}/nasty-${i}`, `/${collection}/nasty-${i}/history`]);
      for (const path of [...paths, `/hubs/nasty-${i}/portfolio`, `/hubs/nasty-${i}/network`, '/', '/changes', `/search?q=${encodeURIComponent(text)}`,
        `/projects?title%5Bprefix%5D=${encodeURIComponent(text)}`, `/nowhere/${encodeURIComponent(text.replaceAll('/', ''))}`]) {
        const response = await get(path), answer = await response.text();
        const tags = (answer.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""'));
        for (const tag of tags) assert.doesNotMatch(tag, /^<(script>|img|b>|!--)|'| on\w+=/, path);
        assert.ok(linksOf(answer).every((link) => !/^javascript:/i.test(link)), path);
        assert.doesNotMatch(answer.replace(/<[^>]*>/g, '').replaceAll('{{site.name}} {{{x}}}', ''), /{{/, path);
        if (path.endsWith(`/nasty-${i}`)) assert.ok(textOf(answer).includes(name.replace(/\s+/g, ' ')), `${path}: expected ${name} as it is`);
      }
    }
  });
});

describe('the site under a prefix', built, () => {
  const options = 'site { name = "Wessex & <Co>" colour = "#123456" contact = "register@example.org" address = "https://register.example.org" footer = "Published by us" accent = "#7a1f1f" '
    + 'short_name = "Wessex" licence = "Licence <A>" licence_address = "https://licence.example.org/a?b=1&c=2" }';
  let register;
  const page = async (path) => {
    const response = await fetch(register.origin + path, { headers: html });
    assert.equal(response.status, 200, path);
    return response.text();
  };
  before(async () => {
    register = await startWith(['base_path = "/register"', options], ...await allPlugins());
    await importSample(register);
  });
  after(() => register?.stop());

  test('every link has the prefix', async () => {
    const { origin, pathname } = new URL(register.origin), pages = await walk(origin, `${pathname}/`);
    assert.ok(pages.size > 100, `expected the whole site, got ${pages.size} pages`);
    for (const [path, text] of pages)
      for (const link of linksOf(text)) assert.match(link, /^(\/register\/|#|mailto:|https?:\/\/(?!127))/, path);
  });

  test('options are on the pages', async () => {
    const text = await page('/');
    for (const said of ['Wessex & <Co>', 'Published by us']) assert.ok(textOf(text).includes(said), said);
    assert.ok(textOf(await page('/accessibility')).includes('register@example.org'));
    const styles = linksOf(text).find((link) => link.endsWith('.css'));
    const sheet = await (await fetch(new URL(styles, register.origin))).text();
    assert.match(sheet, /:root\{--brand:#123456;--accent:#7a1f1f\}\s*$/);
    for (const path of ['/', '/data'])
      assert.match(await page(path), /<a rel="license" href="https:\/\/licence\.example\.org\/a\?b=1&amp;c=2">Licence &lt;A&gt;<\/a>/, path);
    assert.match(text, /<\/svg>Wessex<\/a>/);
    assert.ok(sheet.includes('var(--brand)'), 'expected the styles to use the colour');
  });

  test('search engines are told where to look', async () => {
    const robots = await page('/robots.txt');
    assert.match(robots, /^Disallow: \/register\/api\/$/m);
    const sitemap = /^Sitemap: (.*)$/m.exec(robots)[1];
    assert.equal(sitemap, 'https://register.example.org/register/sitemap.xml');
    const files = [...(await page('/sitemap.xml')).matchAll(/<sitemap><loc>https:\/\/register\.example\.org\/register([^<]+)<\/loc><\/sitemap>/g)].map(([, path]) => path);
    assert.deepEqual(files, ['/sitemap/pages.xml', '/sitemap/1.xml']);
    const texts = await Promise.all(files.map((path) => page(path)));
    const urls = texts.flatMap((text) => [...text.matchAll(/<url><loc>([^<]+)<\/loc>(?:<lastmod>\d{4}-\d\d-\d\d<\/lastmod>)?<\/url>/g)].map(([, url]) => url));
    for (const path of ['/', '/projects', '/projects/ageing-well']) assert.ok(urls.includes(`https://register.example.org/register${path}`), path);
    assert.equal(new Set(urls).size, urls.length);
  });

  test('a page as of an instant is of then, and its links are too', async () => {
    const { meta } = await register.create('projects', { id: 'was', title: 'As it was', pillar: 'safeguarding' });
    await register.patch('projects/was', { title: 'As it is' });
    const at = encodeURIComponent(meta.updated), text = await page(`/projects/was?as_of=${at}`);
    assert.ok(textOf(text).includes('As it was') && !textOf(text).includes('As it is '), textOf(text));
    assert.ok(linksOf(text).includes(`/register/pillars/safeguarding?as_of=${at}`), 'expected to stay in the past');
    assert.ok(linksOf(text).includes('/register/projects/was'), 'expected a way back to the present');
    assert.ok(textOf(await page(`/projects?as_of=${at}`)).includes('As it was'));
    assert.ok(!textOf(await page('/projects')).includes('As it was'));
    assert.ok(!textOf(await page(`/pillars/safeguarding?as_of=${at}`)).includes('As it is '), 'expected the label of then');
  });
});

describe('a large collection', built, () => {
  let register;
  const area = (i) => `area-${String(i).padStart(4, '0')}`;
  const records = Array.from({ length: 5100 }, (_, i) => ({ id: area(i), name: `Area ${i}`, kind: i % 60 ? 'county' : 'region' }));
  before(async () => {
    register = await startWith(['site { address = "https://register.example.org" }'], 'directory', 'site');
    await register.import('areas', records);
  });
  after(() => register?.stop());

  test('is counted under filters that leave a few, and as a whole; else choices have no numbers', async () => {
    const page = async (path) => (await fetch(register.origin + path)).text();
    const choices = (text) => [...text.matchAll(/<label class="choice">.*?<span>([^<]+) <span class="quiet">([^<]*)<\/span>/g)].map(([, label, count]) => [label, count]);
    const whole = await eventually('choices of a large collection', async () => {
      const text = await page('/areas');
      return choices(text).length > 0 && text;
    });
    assert.match(whole, /<strong>5,100<\/strong> areas/);
    assert.deepEqual(choices(whole).slice(0, 2), [['County', '5,015'], ['Region', '85']]);
    const few = await page('/areas?kind=region');
    assert.match(few, /<strong>85<\/strong> areas/);
    assert.deepEqual(choices(few), [['Region', '85'], ['County', '']]);
    const many = await page('/areas?kind=county');
    assert.match(many, /<strong>1 to 25<\/strong> of <strong>5,015<\/strong> areas/);
    assert.deepEqual(choices(many).slice(0, 2), [['County', ''], ['Region', '']]);
    assert.deepEqual(await register.get('areas?kind=region&count=few&facet=kind&limit=1&fields=name').then(({ page: { count }, facets }) => ({ count, facets })), { count: 85, facets: { kind: { region: 85 } } });
    const { page: uncounted, facets } = await register.get('areas?count=few&facet=kind&limit=1');
    assert.deepEqual([uncounted.count, facets], [undefined, undefined]);
  });

  test('has each public record once in its sitemaps, in the file of its latest change', async () => {
    const names = async (path) => {
      const response = await fetch(register.origin + path), text = await response.text();
      assert.equal(response.status, 200, `${path}: ${text}`);
      assert.match(text, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<(urlset|sitemapindex) xmlns="http:\/\/www\.sitemaps\.org\/schemas\/sitemap\/0\.9">\n(<(url|sitemap)><loc>[^<&]+<\/loc>(<lastmod>\d{4}-\d\d-\d\d<\/lastmod>)?<\/\3>\n)*<\/\1>\n$/);
      return [...text.matchAll(/<loc>https:\/\/register\.example\.org([^<]*)/g)].map(([, address]) => address);
    };
    assert.deepEqual(await names('/sitemap.xml'), ['/sitemap/pages.xml', '/sitemap/1.xml', '/sitemap/2.xml']);
    const first = await names('/sitemap/1.xml'), second = await names('/sitemap/2.xml');
    assert.deepEqual([first.length, second.length], [5000, 100]);
    assert.deepEqual([...first, ...second].sort(), records.map(({ id }) => `/areas/${id}`));

    await register.patch(`areas/${area(1)}`, { name: 'Changed' });
    await register.remove(`areas/${area(2)}`);
    await register.patch(`areas/${area(3)}`, { meta: { visibility: 'office' } });
    const { headers } = await register.say('GET', `areas/${area(4)}`, { as: 'manager' });
    await register.expect(200, 'POST', `areas/${area(4)}/merge`, { as: 'manager', body: { into: area(5) }, headers: { 'if-match': headers.get('etag') } });
    const all = [...await names('/sitemap/1.xml'), ...await names('/sitemap/2.xml')];
    assert.deepEqual(all.sort(), records.filter((_, i) => ![2, 3, 4].includes(i)).map(({ id }) => `/areas/${id}`));
    assert.ok((await names('/sitemap/2.xml')).includes(`/areas/${area(1)}`), 'expected what was changed in the file of that change');
    for (const path of ['0.xml', '3.xml', '01.xml', '1', '1.xmlx', '-1.xml', 'pages']) assert.equal((await fetch(`${register.origin}/sitemap/${path}`)).status, 404, path);
    assert.deepEqual((await register.get(`-/revisions?of=areas/${area(0)},areas/${area(1)},areas/${area(2)},areas/${area(3)},areas/${area(4)}`)).data, { [`areas/${area(0)}`]: 1, [`areas/${area(1)}`]: 2 });
  });
});

describe('templates of a deployer', built, () => {
  let folder;
  const put = async (name, text) => {
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), text);
  };
  before(async () => { folder = await mkdtemp(join(tmpdir(), 'ouse-site-')); });
  after(() => rm(folder, { recursive: true }));

  test('go before those that came with the plugin, a collection\'s own before all', async (t) => {
    await put('templates/list.mustache', '<!DOCTYPE html><title>{{page.title}}</title>{{#list.rows}}<p>{{label}}</p>{{/list.rows}}');
    await put('templates/people/list.mustache', '<!DOCTYPE html><title>People of ours</title>');
    await put('static/own.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
    await put('static/logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
    await put('templates/accessibility.mustache', '{{site.assets.own_svg}}');
    const register = await startWith([`site { folder = "${folder}" }`], 'directory', 'site');
    t.after(() => register.stop());
    await register.create('areas', { id: 'ours', name: 'Ours <&>', kind: 'county' });
    const page = async (path) => (await fetch(register.origin + path)).text();
    assert.equal(await page('/areas'), '<!DOCTYPE html><title>Areas</title><p>Ours &lt;&amp;&gt;</p>');
    assert.equal(await page('/people'), '<!DOCTYPE html><title>People of ours</title>');
    assert.match(await page('/areas/ours'), /Ours/, 'expected the other templates to be there');
    assert.match(await page('/'), /<img src="\/static\/logo-[0-9a-f]{16}\.svg" alt="">Partnership register<\/a>/);
    assert.equal((await fetch(register.origin + await page('/accessibility'))).headers.get('content-type'), 'image/svg+xml');
  });

  test('that are wrong stop the start, with the line', async () => {
    await put('templates/list.mustache', 'one\n{{#list.rows}}\n');
    await assert.rejects(startWith([`site { folder = "${folder}" }`], 'directory', 'site'), /list:3: the section list\.rows is not closed/);
    await put('templates/list.mustache', '{{> nowhere}}');
    await assert.rejects(startWith([`site { folder = "${folder}" }`], 'directory', 'site'), /list: there is no template nowhere/);
    await put('templates/list.mustache', '');
    await assert.rejects(startWith([`site { folder = "${folder}" colour = "blue" }`], 'directory', 'site'), /site\.colour is "blue"; it is written as "#005a9c"/);
    await assert.rejects(startWith([`site { folder = "${folder}" accent = "#ffd84d" }`], 'directory', 'site'), /site\.accent is "#ffd84d", which has a contrast with white of 1\.4; text needs 4\.5/);
  });
});
