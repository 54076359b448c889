// A register that can be stopped, killed, reconfigured and started again with other plugins: for
// tests of what plugins live through. OUSE is the program, PROBES the folder of the built plugins.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { OUSE, PROBES } = process.env;
assert.ok(OUSE && PROBES, 'expected OUSE and PROBES, as ctest sets them');

const roles = ['partner', 'office', 'manager'];
const types = { POST: 'application/json', PUT: 'application/json', PATCH: 'application/merge-patch+json' };

// Calls look() until it gives something, for twenty seconds at the most.
export async function eventually(what, look) {
  for (const end = Date.now() + 20000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 10))) {
    const found = await look();
    if (found) return found;
  }
  assert.fail(`expected within twenty seconds: ${what}`);
}

export class Register {
  said = '';

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'ouse-probe-'));
    this.file = join(this.folder, 'ouse.conf');
  }

  // The config file: the plugins, the folder they are in, and further lines.
  configure(plugins, { from = PROBES, further = '' } = {}) {
    writeFileSync(this.file, `plugins = {${plugins}}
plugin_path = "${from}"
data = "${join(this.folder, 'data')}"
listen = "127.0.0.1:0"
access_log = false
${further}
`);
    return this;
  }

  run(...words) {
    const { status, stdout, stderr } = spawnSync(OUSE, [...words, '-c', this.file], { encoding: 'utf8', cwd: this.folder });
    return { status, stdout, stderr };
  }

  #makeTokens() {
    this.tokens = Object.fromEntries(roles.map((role) => {
      const made = this.run('token', 'create', '--role', role, '--name', role);
      assert.equal(made.status, 0, made.stderr);
      return [role, /ouse_[\w-]+/.exec(made.stdout)[0]];
    }));
  }

  async start() {
    if (!this.tokens) this.#makeTokens();
    let out = '';
    this.said = '';
    this.child = spawn(OUSE, ['serve', '-c', this.file], { stdio: ['ignore', 'pipe', 'pipe'], cwd: this.folder });
    this.ended = new Promise((resolve) => this.child.on('close', (code, signal) => resolve(signal ?? code)));
    this.child.stdout.on('data', (chunk) => { out += chunk; });
    this.child.stderr.on('data', (chunk) => { this.said += chunk; });
    let end;
    this.ended.then((how) => { end = how; });
    this.origin = await eventually('an address that is listened on', () => {
      assert.equal(end, undefined, `the server ended with ${end}: ${this.said}`);
      return /http:\/\/\S+/.exec(out)?.[0];
    });
    return this;
  }

  // What a start that is refused says.
  refusal() {
    const { status, stdout, stderr } = this.run('serve');
    assert.deepEqual([status, stdout], [1, ''], stderr);
    return stderr;
  }

  async stop() {
    this.child.kill('SIGTERM');
    assert.equal(await this.ended, 0, `expected a clean end; the server said:\n${this.said}`);
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async end() {
    await this.stop();
    const verified = this.run('verify');
    assert.equal(verified.status, 0, `expected a register without faults: ${verified.stdout}${verified.stderr}`);
    this.remove();
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  // A line of the log with all of these words in it.
  logged(...words) {
    const told = () => this.said.split('\n').some((line) => words.every((word) => line.includes(word)));
    return eventually(`a line of the log with ${words.join(', ')}; it says:\n${this.said}`, told);
  }

  async say(method, path, { as, body, headers = {} } = {}) {
    const reply = await fetch(`${this.origin}${path.startsWith('/') ? '' : '/api/v1/'}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        connection: 'close', // idle connections would hold up the end of the server
        ...(as ? { authorization: `Bearer ${this.tokens[as]}` } : {}),
        ...(body === undefined ? {} : { 'content-type': types[method] }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await reply.text();
    const json = /json$/.test(reply.headers.get('content-type') ?? '') && text ? JSON.parse(text) : undefined;
    return { status: reply.status, headers: reply.headers, text, json };
  }

  async expect(status, method, path, options) {
    const reply = await this.say(method, path, options);
    assert.equal(reply.status, status, `${method} ${path}: expected ${status}, got ${reply.status} ${reply.text}\n${this.said}`);
    return reply;
  }

  get = async (path, as) => (await this.expect(200, 'GET', path, { as })).json;

  create = async (collection, record) => (await this.expect(201, 'POST', collection, { as: 'manager', body: record })).json;

  // With the ETag of the record, whose path it is but for "/move".
  async change(method, path, options = {}) {
    const { headers } = await this.expect(200, 'GET', path.replace(/\/move$/, ''), { as: 'manager' });
    return this.say(method, path, { as: 'manager', ...options, headers: { 'if-match': headers.get('etag') } });
  }

  async patch(path, body) {
    const reply = await this.change('PATCH', path, { body });
    assert.equal(reply.status, 200, `PATCH ${path}: ${reply.text}`);
    return reply.json;
  }
}
