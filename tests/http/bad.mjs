// Requests that are wrong, byte for byte, against a register with the plugins directory, hubs and
// kitchen; and what every refusal must look like, whatever it refuses.
import assert from 'node:assert/strict';
import { sample, start } from './ouse.mjs';
import { connect } from './raw.mjs';

export const json = 'application/json';
export const merge = 'application/merge-patch+json';
export const patch = 'application/json-patch+json';

// A body or a target is text (UTF-8), or bytes; what goes over the wire is kept in latin1.
export const bytes = (text) => (Buffer.isBuffer(text) ? text : Buffer.from(text)).toString('latin1');

// The bytes of a request. A header whose value is null is left out.
export function wire(method, target, { headers = {}, body } = {}) {
  const length = body === undefined ? {} : { 'Content-Length': bytes(body).length };
  const lines = Object.entries({ Host: 'localhost', ...length, ...headers })
    .filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => `${name}: ${bytes(String(value))}\r\n`);
  return `${method} ${bytes(target)} HTTP/1.1\r\n${lines.join('')}\r\n${body === undefined ? '' : bytes(body)}`;
}

// What no answer may hold: paths of the host, source files, shared objects, addresses.
const inner = [/\/(?:tmp|work|home|root|usr|var|proc|build)\//, /\b[a-z_]+\.[ch]:\d/, /\.so\b/, /\b0x[0-9a-f]{6,}/, /Sanitizer/, /\bat line \d/];

const slugs = {
  400: 'bad-request', 401: 'unauthenticated', 403: 'forbidden', 404: 'not-found', 405: 'method-not-allowed', 406: 'not-acceptable', 408: 'timeout',
  409: 'conflict', 410: 'gone', 411: 'length-required', 412: 'precondition-failed', 413: 'too-large', 414: 'target-too-long', 415: 'unsupported-media-type',
  417: 'expectation-failed', 422: 'validation', 428: 'precondition-required', 429: 'too-many-requests', 431: 'head-too-large', 501: 'not-implemented', 503: 'unavailable', 505: 'http-version',
};
const members = ['type', 'title', 'status', 'detail', 'request_id', 'errors', 'current', 'moves', 'referrers'];
const brings = { 401: ['www-authenticate', /^Bearer/], 405: ['allow', /OPTIONS/], 429: ['retry-after', /^\d+$/], 503: ['retry-after', /^\d+$/] };

// Expects an answer to be a whole problem document with nothing of the inside of the server.
export function expectRefusal(answer, what) {
  const about = `${what}: ${answer.status} ${answer.text.slice(0, 600)}`;
  assert.equal(answer.headers['content-type'], 'application/problem+json', about);
  const problem = JSON.parse(answer.text);
  assert.equal(problem.status, answer.status, about);
  assert.equal(problem.type, `/problems/${slugs[answer.status]}`, about);
  assert.ok(problem.title, about);
  assert.ok(problem.detail, about);
  assert.equal(problem.request_id, answer.headers['x-request-id'], about);
  assert.deepEqual(Object.keys(problem).filter((name) => !members.includes(name)), [], about);
  for (const error of problem.errors ?? []) {
    assert.deepEqual(Object.keys(error).sort(), ['code', 'detail', 'pointer'], about);
    assert.match(error.pointer, /^(?:\/(?:[^~/]|~[01])*)*$/, about);
    assert.match(error.code, /^[a-z][a-z0-9_]*$/, about);
    assert.ok(error.detail, about);
  }
  const [header, form] = brings[answer.status] ?? [];
  if (header) assert.match(answer.headers[header] ?? '', form, `${about}: expected the header ${header}`);
  return problem;
}

// A request that is not answered in ten seconds has hung the server.
function inTime(answer, text) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`no answer in ten seconds to ${JSON.stringify(text.slice(0, 300))}`)), 10_000); });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

export class Bad {
  constructor(register) {
    this.register = register;
    this.port = Number(new URL(register.origin).port);
  }

  // The answer to some bytes, on a connection that is kept while the server keeps it.
  async ask(text, head = false) {
    for (let tries = 0; tries < 2; tries++) {
      const fresh = !this.connection;
      this.connection ??= connect(this.port);
      this.connection.write(text);
      const answer = await inTime(this.connection.next(head), text);
      if (!answer || answer.headers.connection === 'close') this.close();
      if (answer) return { ...answer, text: Buffer.from(answer.body, 'latin1').toString() };
      assert.ok(!fresh, `no answer to ${JSON.stringify(text.slice(0, 300))}; the server said:\n${this.register.said.join('\n')}`);
    }
  }

  // All answers to some bytes on a connection of their own, which the client ends behind them.
  async sayOnce(text, head = false) {
    const connection = connect(this.port), answers = [];
    connection.socket.end(text, 'latin1');
    for (let answer; (answer = await inTime(connection.next(head && !answers.length), text));)
      answers.push({ ...answer, text: Buffer.from(answer.body, 'latin1').toString() });
    return answers;
  }

  say(method, path, { as, headers, body, type } = {}) {
    const target = typeof path === 'string' && !path.startsWith('/') ? `/api/v1/${path}` : path;
    const all = { Authorization: as && as !== 'public' ? `Bearer ${this.register.tokens[as]}` : null, 'Content-Type': body === undefined ? null : type ?? json, ...headers };
    return this.ask(wire(method, target, { headers: all, body }), method === 'HEAD');
  }

  // A request that must be refused with a status, and by an error at a pointer, where one is named.
  async refuse(status, method, path, { pointer, code, ...request } = {}, about = '') {
    const what = `${method} ${path} ${about}`;
    const answer = await this.say(method, path, request);
    assert.equal(answer.status, status, `${what}: expected ${status}, got ${answer.status} ${answer.text.slice(0, 600)}`);
    const problem = expectRefusal(answer, what);
    for (const form of inner) assert.doesNotMatch(answer.text.replaceAll(path.toString(), ''), form, `${what}: expected nothing of the host`);
    if (pointer !== undefined || code !== undefined)
      assert.ok((problem.errors ?? []).some((e) => (pointer === undefined || e.pointer === pointer) && (code === undefined || e.code === code)),
        `${what}: expected ${code ?? 'an error'} at "${pointer ?? 'any place'}", got ${answer.text}`);
    return { ...answer, problem };
  }

  async sequence() {
    for (let since = 0; ;) {
      const { page } = JSON.parse((await this.say('GET', `-/changes?since=${since}&limit=200`, { as: 'manager' })).text);
      if (page.next === since) return since;
      since = page.next;
    }
  }

  // Expects the server to live, and the journal to end where it did.
  async untouched(last, what) {
    assert.equal((await this.say('GET', '/healthz')).status, 200, `expected the server to live after ${what}`);
    assert.equal(await this.sequence(), last, `expected nothing to be kept by ${what}`);
  }

  close() {
    this.connection?.close();
    this.connection = undefined;
  }

  // Expects a register without faults, and a clean end of the server.
  async stop() {
    this.close();
    await this.register.run('verify');
    await this.register.stop();
  }
}

// A register with the sample's people, and one record of all that the kitchen hides.
export const secrets = { office: ['r.marquand@qmul.ac.uk', 'hush-margin', 'hush-wish', 'hush-office-cook'], partner: ['4711.17', 'hush-partner-cook'] };

export async function open() {
  const register = await start('directory', 'hubs', 'kitchen', 'search');
  for (const collection of ['areas', 'organisations', 'people', 'hubs', 'partners', 'pillars', 'projects'])
    for (const { sources, ...record } of await sample(collection)) await register.create(collection, record);
  await register.create('suppliers', { id: 'farm', name: 'Farm' });
  await register.create('suppliers', { id: 'mill', name: 'Mill' });
  await register.create('suppliers', { id: 'old-farm', name: 'Old farm' });
  await register.expect(200, 'POST', 'suppliers/old-farm/merge', { as: 'manager', body: { into: 'farm' } });
  await register.create('cooks', { id: 'ana', name: 'Ana', orcid: '0000-0002-1825-0097' });
  await register.create('cooks', { id: 'hush-partner-cook', name: 'hush-partner-cook', meta: { visibility: 'partner' } });
  await register.create('cooks', { id: 'hush-office-cook', name: 'hush-office-cook', meta: { visibility: 'office' } });
  await register.create('dishes', { id: 'gone', name: 'Gone' });
  await register.remove('dishes/gone');
  await register.create('dishes', { id: 'soup', name: 'Soup', cost: 4711.17, margin_note: 'hush-margin', tags: ['a', 'b'], code: 'AB-1', serves: 4, supplier: 'farm', tasters: ['ana'] });
  await register.create('orders', { id: 'lunch', title: 'Lunch', dish: 'soup' });
  await register.create('wishes', { id: 'quiet', text: 'hush-wish' });
  return new Bad(register);
}

// What a program of numbers draws from a seed: the same for the same seed.
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (n) => next() % n;
  return { below, pick: (list) => list[below(list.length)], chance: (n) => below(n) === 0 };
}
