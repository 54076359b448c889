// The register behind nginx, by the very example that is shipped; names, ports, paths and certificates are put in, as a
// deployer does. nginx runs as an ordinary process on loopback.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { built, ouse, source, startWith } from '../http/ouse.mjs';
import { linksOf, walk } from '../http/walk.mjs';

const NGINX = ['/usr/sbin/nginx', 'nginx'].find((program) => !spawnSync(program, ['-v']).error);
const skip = built.skip ?? (NGINX ? undefined : 'nginx is missing: apt-get install nginx-light');
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // the certificate is ours
process.removeAllListeners('warning');

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

class Proxy {
  // Before a server at `origin`; `change` puts further things into the example.
  static async start(origin, change = (text) => text) {
    const proxy = new Proxy();
    const folder = proxy.folder = mkdtempSync(join(tmpdir(), 'ouse-nginx-'));
    const at = (name) => join(folder, name);
    [proxy.http, proxy.https] = [await freePort(), await freePort()];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-keyout', at('key.pem'), '-out', at('cert.pem')], { stdio: 'pipe' });
    const site = change(await source('conf/nginx.conf.example'))
      .replace('server 127.0.0.1:8080;', `server ${new URL(origin).host};`)
      .replace(/^ *listen \[::\].*\n/gm, '')
      .replace('listen 80;', `listen 127.0.0.1:${proxy.http};`).replace('listen 443 ssl', `listen 127.0.0.1:${proxy.https} ssl`)
      .replaceAll('register.example.org;', '127.0.0.1;')
      .replace(/\S+\/fullchain\.pem/, at('cert.pem')).replace(/\S+\/privkey\.pem/, at('key.pem'))
      .replace('/var/cache/nginx/ouse', at('cache'));
    writeFileSync(at('site.conf'), site);
    writeFileSync(at('nginx.conf'), `
daemon off; pid ${at('pid')}; worker_processes 1; error_log ${at('error.log')} notice; ${process.getuid() === 0 ? 'user root;' : ''}
events { worker_connections 512; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${at(name)};`).join(' ')}
  include ${at('site.conf')};
}
`);
    const tried = spawnSync(NGINX, ['-t', '-q', '-e', at('error.log'), '-c', at('nginx.conf')], { encoding: 'utf8' });
    assert.deepEqual([tried.status, tried.stderr], [0, ''], 'expected nginx to take the example');
    proxy.child = spawn(NGINX, ['-e', at('error.log'), '-c', at('nginx.conf')], { stdio: 'inherit' });
    proxy.ended = once(proxy.child, 'exit');
    proxy.origin = `https://127.0.0.1:${proxy.https}`;
    while (await fetch(`${proxy.origin}/`).catch(() => undefined) === undefined)
      assert.equal(proxy.child.exitCode, null, 'expected nginx to run');
    return proxy;
  }

  async stop() {
    this.child.kill('SIGTERM');
    await this.ended;
    rmSync(this.folder, { recursive: true });
  }
}

const plugins = async () => /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', ');
const sample = fileURLToPath(new URL('../../conf/sample', import.meta.url));
const unlimited = (text) => text.replace('rate=100r/s', 'rate=10000r/s');

describe('behind nginx, under a prefix', { skip }, () => {
  let register, proxy, api;
  before(async () => {
    register = await startWith(['base_path = "/register"', 'site { address = "https://register.example.org" }'], ...await plugins());
    await ouse('import', '-c', register.config, sample);
    proxy = await Proxy.start(register.origin, unlimited);
    api = `${proxy.origin}/register/api/v1`;
  });
  after(async () => {
    await proxy?.stop();
    await register?.stop();
  });
  const as = (role) => ({ authorization: `Bearer ${register.tokens[role]}` });

  test('no link is dead, and none leaves the prefix', async () => {
    const pages = await walk(proxy.origin, '/register/');
    assert.ok(pages.size > 100, `expected the whole site, got ${pages.size} pages`);
    for (const [path, text] of pages)
      for (const link of linksOf(text)) assert.match(link, /^(\/register\/|#|mailto:|https?:\/\/(?!127))/, path);
  });

  test('the prefix itself leads into it, and plain HTTP to TLS', async () => {
    const to = async (address) => {
      const response = await fetch(address, { redirect: 'manual' });
      return [response.status, response.headers.get('location')];
    };
    const [status, location] = await to(`${proxy.origin}/register?x=1`);
    assert.deepEqual([status, new URL(location, proxy.origin).href], [308, `${proxy.origin}/register/?x=1`]);
    assert.deepEqual(await to(`http://127.0.0.1:${proxy.http}/register/hubs?x=1`), [308, 'https://127.0.0.1/register/hubs?x=1']);
    assert.equal((await fetch(`${proxy.origin}/elsewhere`)).status, 404);
  });

  test('answers keep their headers, and are not stored with a token', async () => {
    const open = await fetch(`${api}/hubs`), own = await fetch(`${api}/hubs`, { headers: as('office') });
    assert.match(open.headers.get('strict-transport-security'), /^max-age=\d+$/);
    assert.equal(open.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(open.headers.get('server'), 'nginx');
    assert.match(open.headers.get('x-request-id'), /^[0-9a-f]{32}$/, 'expected the request id of nginx');
    assert.match(own.headers.get('cache-control'), /no-store/);
    const { status } = await fetch(`${api}/hubs`, { headers: { 'if-none-match': open.headers.get('etag') ?? '' } });
    assert.ok(status === 304 || !open.headers.get('etag'));
  });

  test('changes are pushed at once', async () => {
    const aborting = new AbortController();
    const stream = await fetch(`${api}/-/changes`, { headers: { accept: 'text/event-stream', ...as('manager') }, signal: aborting.signal });
    assert.equal(stream.headers.get('content-type'), 'text/event-stream');
    const made = await fetch(`${api}/people`, { method: 'POST', headers: { ...as('manager'), 'content-type': 'application/json' }, body: '{"id":"pushed","name":"Pushed"}' });
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('location'), '/register/api/v1/people/pushed');
    let text = '';
    for await (const piece of stream.body.pipeThrough(new TextDecoderStream())) {
      text += piece;
      if (text.includes('"pushed"')) break;
    }
    aborting.abort();
  });

  test('an import of some megabytes, and an export of it, go through', async () => {
    const rows = Array.from({ length: 4000 }, (_, i) => `${JSON.stringify({ id: `many-${i}`, title: `Project ${i}`, pillar: 'safeguarding', summary: 'word '.repeat(150) })}\n`).join('');
    assert.ok(rows.length > 3e6);
    const send = (path, body) => fetch(`${api}/${path}`, { method: 'POST', headers: { ...as('manager'), 'content-type': 'application/x-ndjson' }, body });
    const response = await send('-/import?collection=projects&mode=create', rows), said = await response.text();
    assert.equal(response.status, 200, said.slice(0, 500));
    const exported = (await (await fetch(`${api}/projects.ndjson`)).text()).trim().split('\n');
    assert.ok(exported.length >= 4000, `expected them all, got ${exported.length}`);
    assert.equal((await send('projects', rows)).status, 413, 'expected other bodies to be small');
  });

  test('metrics are shown to nobody there, and by the server to nobody who comes through a proxy', async () => {
    assert.equal((await fetch(`${proxy.origin}/register/metrics`)).status, 404);
    assert.equal((await fetch(`${register.origin}/metrics`)).status, 200);
    assert.equal((await fetch(`${register.origin}/metrics`, { headers: { 'x-forwarded-for': '127.0.0.1' } })).status, 403);
  });
});

describe('behind nginx, with a host to itself, limits and the cache', { skip }, () => {
  let register, proxy;
  before(async () => {
    register = await startWith([], 'directory');
    proxy = await Proxy.start(register.origin, (text) => text.replaceAll('/register/', '/').replace(/^( *)#cache /gm, '$1').replace('rate=100r/s', 'rate=1r/m').replace('burst=200', 'burst=20'));
  });
  after(async () => {
    await proxy?.stop();
    await register?.stop();
  });
  const status = async (path, headers = {}) => (await fetch(proxy.origin + path, { headers })).status;

  test('what everybody may read is kept for a while, and what needs a token never', async () => {
    const name = async (headers) => (await (await fetch(`${proxy.origin}/api/v1/people/ann`, { headers })).json()).name;
    const own = { authorization: `Bearer ${register.tokens.manager}` };
    await register.create('people', { id: 'ann', name: 'Ann' });
    assert.equal(await name(), 'Ann');
    await register.patch('people/ann', { name: 'Anne' });
    assert.deepEqual([await name(), await name(own)], ['Ann', 'Anne']);
  });

  test('who asks too much is told so', async () => {
    const found = await Promise.all(Array.from({ length: 30 }, () => status('/api/v1/people')));
    assert.deepEqual([...new Set(found)].sort(), [200, 429]);
  });
});
