// Raw HTTP over a socket, for tests that say bytes and expect bytes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import net from 'node:net';
import { createInterface } from 'node:readline';

const children = new Set();

// Ends what a failed test has left running; to be called when all tests are done.
export function killAll() {
  for (const child of children) child.kill('SIGKILL');
}

// Starts a program that prints "port N" first and obeys lines on its standard
// input, each answered with lines up to "ok".
export async function start(program, args) {
  const child = spawn(program, args.map(String), { stdio: ['pipe', 'pipe', 'pipe'] });
  children.add(child);
  let errors = '';
  child.stderr.on('data', (text) => { errors += text; });
  const exited = new Promise((resolve) => child.on('close', (code, signal) => {
    children.delete(child);
    resolve(signal ?? code);
  }));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) throw new Error(`the program ended with ${await exited}, and said: ${errors}`);
  assert.match(first.value, /^port \d+$/, 'expected the server to say its port first');
  return {
    port: Number(first.value.split(' ')[1]),
    errors: () => errors,
    line: async () => (await lines.next()).value,
    async command(text) {
      child.stdin.write(`${text}\n`);
      const said = [];
      for (;;) {
        const { value, done } = await lines.next();
        if (done || value === 'ok') return said;
        said.push(value);
      }
    },
    // Expects a clean end: status 0, which a sanitizer that found something does not give.
    async stop() {
      child.stdin.end();
      assert.equal(await exited, 0, `expected a clean end of the server; it said:\n${errors}`);
    },
    exited,
    pid: child.pid,
  };
}

const bodiless = (status) => status === 204 || status === 304 || status < 200;

// The body that the headers announce, and what is left behind it; nothing while it is not all there.
function announced(text, headers) {
  if (headers['transfer-encoding'] !== 'chunked') {
    const length = Number(headers['content-length']);
    assert.ok(length >= 0, 'expected a length, or chunks');
    return text.length < length ? undefined : { body: text.slice(0, length), rest: text.slice(length) };
  }
  for (let body = '', at = 0; ;) {
    const line = text.indexOf('\r\n', at);
    const length = parseInt(text.slice(at, line), 16);
    if (line < 0 || text.length < line + length + 4) return undefined;
    body += text.slice(line + 2, line + 2 + length);
    at = line + length + 4;
    if (length === 0) return { body, rest: text.slice(at) };
  }
}

// The responses in a text, and what is left of it. `head`: bodies are announced, but not sent.
export function responses(text, head = false) {
  const found = [];
  for (;;) {
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return { found, rest: text };
    const [line, ...rows] = text.slice(0, end).split('\r\n');
    assert.match(line, /^HTTP\/1\.1 \d{3} /, 'expected a status line');
    const headers = {};
    for (const row of rows) {
      assert.match(row, /^[A-Za-z-]+: /, 'expected a header line');
      headers[row.slice(0, row.indexOf(':')).toLowerCase()] = row.slice(row.indexOf(':') + 2);
    }
    const status = Number(line.slice(9, 12));
    const content = head || bodiless(status) ? { body: '', rest: text.slice(end + 4) } : announced(text.slice(end + 4), headers);
    if (!content) return { found, rest: text };
    found.push({ status, headers, body: content.body });
    text = content.rest;
  }
}

// A connection that is written to and read from step by step.
export function connect(port, from = '127.0.0.1') {
  const socket = net.connect({ port, host: '127.0.0.1', localAddress: from });
  socket.setNoDelay(true);
  const state = { text: '', closed: false, wake: () => {} };
  socket.setEncoding('latin1');
  socket.on('data', (text) => { state.text += text; state.wake(); });
  socket.on('error', () => {});
  socket.on('close', () => { state.closed = true; state.wake(); });
  const change = () => new Promise((resolve) => { state.wake = resolve; });
  return {
    socket,
    closed: () => state.closed,
    write: (bytes) => socket.write(bytes, 'latin1'),
    // The next response; undefined when the connection closes instead.
    async next(head = false) {
      for (;;) {
        const { found } = responses(state.text, head);
        if (found.length) {
          const one = found[0];
          const body = head || bodiless(one.status) ? 0 : one.body.length;
          state.text = state.text.slice(state.text.indexOf('\r\n\r\n') + 4 + body);
          return one;
        }
        if (state.closed) return undefined;
        await change();
      }
    },
    // All that comes until the server closes.
    async rest(head = false) {
      while (!state.closed) await change();
      const { found, rest } = responses(state.text, head);
      assert.equal(rest, '', 'expected whole responses and nothing behind them');
      return found;
    },
    close: () => socket.destroy(),
  };
}

// Says bytes on a new connection, half-closes it, returns all responses.
export async function say(port, bytes, head = false) {
  const connection = connect(port);
  connection.write(bytes);
  connection.socket.end();
  return connection.rest(head);
}

// Says bytes and leaves the connection open: the server has to close it.
export async function sayAndWait(port, bytes, head = false) {
  const connection = connect(port);
  connection.write(bytes);
  return connection.rest(head);
}

export function expectProblem(response, status, about) {
  assert.equal(response.status, status, `${about}: expected ${status}, got ${response.status} ${response.body}`);
  assert.equal(response.headers['content-type'], 'application/problem+json', about);
  const problem = JSON.parse(Buffer.from(response.body, 'latin1').toString('utf8'));
  assert.equal(problem.status, status, `${about}: expected the document to say the status`);
  assert.match(problem.type, /^\/problems\/[a-z-]+$/, about);
  assert.ok(problem.title.length > 0, `${about}: expected a title`);
  assert.equal(problem.request_id, response.headers['x-request-id'], `${about}: expected the same request id`);
  return problem;
}
