// A register with the test plugin "kitchen", and how the tests talk to it.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { remember } from './record.mjs';

const OUSE = process.env.OUSE_BIN;
const PLUGINS = process.env.OUSE_PLUGINS;

// The options by which every command opens the register of a folder.
export function options(folder) {
  return ['--data', join(folder, 'data'), '--set', `plugin_path=${PLUGINS}`, '--set', 'plugins=kitchen'];
}

export function newFolder() {
  return mkdtempSync(join(tmpdir(), 'ouse-kitchen-'));
}

// Runs a command of ouse, beside the server or without one: { status, out, errors }.
export function run(folder, command, args = [], input = '') {
  const { status, stdout, stderr } = spawnSync(OUSE, [command, ...options(folder), ...args], { encoding: 'utf8', input });
  return { status, out: stdout, errors: stderr };
}

// The first line on standard output or error that names an address.
function listening(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    const look = (chunk) => {
      said += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) resolve(found[0]);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
}

function token(folder, role) {
  const said = execFileSync(OUSE, ['token', 'create', ...options(folder), '--role', role, '--name', role],
    { encoding: 'utf8' });
  return /\bouse_\S+/.exec(said)[0];
}

// Starts the server, with further settings ("base_path=/register"): { url, say, stop, folder }.
export async function open(...settings) {
  const folder = newFolder();
  const tokens = Object.fromEntries(['partner', 'office', 'manager'].map((role) => [role, token(folder, role)]));
  remember(tokens);
  const child = spawn(OUSE, ['serve', ...options(folder), ...['listen=127.0.0.1:0', ...settings].flatMap((it) => ['--set', it])], { stdio: ['ignore', 'pipe', 'pipe'] });
  const url = await listening(child);
  return {
    url,
    pid: child.pid,
    folder,
    tokens,
    say: (method, path, more) => say(url, tokens, method, path, more),
    async stop() {
      const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
      child.kill('SIGTERM');
      assert.equal(await ended, 0, 'expected the server to end by itself, without a finding of the sanitizers');
      const verified = run(folder, 'verify');
      assert.equal(verified.status, 0, `expected a register without faults: ${verified.out}${verified.errors}`);
      rmSync(folder, { recursive: true });
    },
  };
}

const TYPES = { POST: 'application/json', PUT: 'application/json', PATCH: 'application/merge-patch+json' };

// One request: `as` a role (default: nobody), with a JSON or text `body`.
async function say(url, tokens, method, path, { as, body, type, match, none, accept, key } = {}) {
  const headers = {};
  if (key !== undefined) headers['Idempotency-Key'] = key;
  if (as) headers.Authorization = `Bearer ${tokens[as] ?? as}`;
  if (body !== undefined) headers['Content-Type'] = type ?? TYPES[method];
  if (match) headers['If-Match'] = match;
  if (none) headers['If-None-Match'] = none;
  if (accept) headers.Accept = accept;
  const reply = await fetch(url + (path.startsWith('/') ? path : `/api/v1/${path}`), {
    method, headers, redirect: 'manual', body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await reply.text();
  const json = /[/+]json$/.test(reply.headers.get('content-type') ?? '') && text ? JSON.parse(text) : undefined;
  return { status: reply.status, header: (name) => reply.headers.get(name), text, json, what: `${method} ${path}` };
}

// Expects a status, and says what came instead.
export function expect(reply, status) {
  assert.equal(reply.status, status, `${reply.what}: expected ${status}, got ${reply.status} ${reply.text.slice(0, 500)}`);
  return reply;
}

const SLUGS = {
  400: 'bad-request', 401: 'unauthenticated', 403: 'forbidden', 404: 'not-found', 405: 'method-not-allowed', 406: 'not-acceptable',
  409: 'conflict', 410: 'gone', 412: 'precondition-failed', 413: 'too-large', 415: 'unsupported-media-type',
  422: 'validation', 428: 'precondition-required',
};

// Expects a problem document; `pointer` and `code` of one of its errors, `detail` as a part of what it tells.
export function refused(reply, status, { pointer, code, detail } = {}) {
  expect(reply, status);
  assert.equal(reply.header('content-type'), 'application/problem+json', reply.what);
  assert.equal(reply.json.type, `/problems/${SLUGS[status]}`, reply.what);
  assert.equal(reply.json.status, status, reply.what);
  assert.equal(reply.json.request_id, reply.header('x-request-id'), reply.what);
  assert.ok(reply.json.title, `${reply.what}: expected a title`);
  if (pointer !== undefined || code !== undefined) {
    const found = (reply.json.errors ?? []).some((e) => (pointer === undefined || e.pointer === pointer) &&
      (code === undefined || e.code === code) && e.detail);
    assert.ok(found, `${reply.what}: expected an error ${code ?? ''} at ${pointer ?? 'any place'}, got ${reply.text}`);
  }
  if (detail) assert.ok(reply.text.includes(JSON.stringify(detail).slice(1, -1)), `${reply.what}: expected "${detail}" in ${reply.text}`);
  return reply;
}
