// Clients that keep the server waiting for a request must not keep others from being served.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { connect, expectProblem, killAll, say, start } from './raw.mjs';

const serve = (...args) => start(process.env.HYGIENE_SERVER, ['127.0.0.1:0', ...args]);
const get = (target, ...headers) => `${[`GET ${target} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`;
const many = (n, make) => Array.from({ length: n }, (_, i) => make(i));
const MINUTE = 60_000;
const CLOSE = 'Connection: close';

after(killAll);

const open = (connections) => connections.filter((connection) => !connection.closed()).length;
const connected = (connections) => Promise.all(connections.map(({ socket }) =>
  (socket.connecting ? new Promise((resolve) => { socket.once('connect', resolve); }) : undefined)));
const end = (connection) => (connection.closed() ? undefined : new Promise((resolve) => { connection.socket.once('close', resolve); }));
const closeAll = (connections) => { for (const connection of connections) connection.close(); };

// One request on a connection of its own; nothing if there is no answer in time.
async function ask(port, { from, target = '/', within = 30_000 } = {}) {
  const connection = connect(port, from);
  connection.write(get(target, CLOSE));
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, within); });
  const response = await Promise.race([connection.next(), late]);
  clearTimeout(timer);
  connection.close();
  return response;
}

// What the server counted: "name label" -> value.
async function counts(port) {
  const { body } = await ask(port, { target: '/counts' });
  return Object.fromEntries(JSON.parse(body).flatMap(({ name, samples }) =>
    samples.map(({ labels, value }) => [[name, ...labels].join(' '), value])));
}

test('connections that send nothing keep no worker, and are closed after two seconds', async () => {
  const server = await serve(4, 0, MINUTE, MINUTE);
  const began = performance.now();
  const silent = many(64, () => connect(server.port, '127.0.0.2'));
  await connected(silent);
  assert.equal((await ask(server.port))?.status, 200, 'expected an answer for a client that asks');
  assert.equal((await counts(server.port)).http_connections_waiting, 64);
  assert.equal(open(silent), 64, 'expected the answer while all of them are still open');
  await Promise.all(silent.map(end));
  const took = performance.now() - began;
  assert.ok(took > 1900 && took < 20_000, `expected two seconds, it took ${took} ms`);
  assert.equal((await counts(server.port))['http_connections_closed silent'], 64);
  await server.stop();
});

test('heads that arrive slowly keep no worker', async () => {
  const server = await serve(4, 0, MINUTE, MINUTE);
  const slow = many(64, () => connect(server.port, '127.0.0.2'));
  const head = get('/', 'X-A: b');
  for (const connection of slow) connection.write(head.slice(0, 30));
  for (let at = 30; at < 36; at++) {
    assert.equal((await ask(server.port))?.status, 200, 'expected an answer for a client that asks');
    for (const connection of slow) connection.write(head[at]);
  }
  assert.equal(open(slow), 64);
  for (const connection of slow) connection.write(head.slice(36));
  for (const connection of slow) assert.equal((await connection.next()).status, 200, 'expected an answer for slow clients in the end');
  closeAll(slow);
  await server.stop();
});

test('a head that does not arrive in time is refused, and the connection closed', async () => {
  const server = await serve(4, 0, MINUTE, 300);
  const slow = many(16, () => connect(server.port));
  for (const connection of slow) connection.write('GET / HTTP/1.1\r\nHos');
  for (const connection of slow) {
    const found = await connection.rest();
    assert.equal(found.length, 1);
    expectProblem(found[0], 408, 'half a head');
  }
  await server.stop();
});

test('a head that ends in the middle is refused', async () => {
  const server = await serve(4, 0, MINUTE, MINUTE);
  const found = await say(server.port, 'GET / HTTP/1.1\r\nHos');
  assert.equal(found.length, 1);
  expectProblem(found[0], 400, 'half a head');
  assert.deepEqual(await say(server.port, ''), [], 'expected no answer to nothing');
  await server.stop();
});

test('when workers run short, the connection that has been silent longest is closed', async () => {
  const server = await serve(8, 0, MINUTE, MINUTE);
  const idle = [];
  for (let i = 0; i < 6; i++) {
    idle.push(connect(server.port, '127.0.0.2'));
    idle[i].write(get('/'));
    assert.equal((await idle[i].next()).headers.connection, undefined, 'expected a connection that is kept');
  }
  const busy = many(2, () => connect(server.port, '127.0.0.3'));
  for (const connection of busy) connection.write(get('/slow'));
  assert.deepEqual([await server.line(), await server.line()], ['waiting 1', 'waiting 2']);
  assert.equal((await ask(server.port))?.status, 200, 'expected an answer for a newcomer');
  await end(idle[0]);
  assert.equal(open(idle), 5, 'expected one connection to be closed, and no other');
  assert.equal(open(busy), 2, 'expected requests that are worked on to go on');
  closeAll(idle);
  await server.command('release');
  for (const connection of busy) assert.equal((await connection.next()).status, 200);
  await server.stop();
});

test('when workers run short, bodies that arrive slowly give way', async () => {
  const server = await serve(4, 0, MINUTE, MINUTE);
  const slow = [];
  for (let i = 0; i < 4; i++) {
    slow.push(connect(server.port, '127.0.0.2'));
    slow[i].write('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n');
  }
  const drip = setInterval(() => { for (const connection of slow) if (!connection.closed()) connection.write('x'); }, 50);
  const answers = await Promise.all(many(8, () => ask(server.port)));
  clearInterval(drip);
  assert.deepEqual(answers.map((answer) => answer?.status), many(8, () => 200));
  closeAll(slow);
  await server.stop();
});

test('many slow and idle clients do not delay those who ask', async () => {
  const server = await serve(16, 0, MINUTE, MINUTE);
  const crowd = many(300, (i) => connect(server.port, `127.0.0.${2 + (i % 8)}`));
  crowd.forEach((connection, i) => connection.write(i % 2 ? get('/') : 'GET / HTTP/1.1\r\nHost:'));
  const drip = setInterval(() => { crowd.forEach((connection, i) => { if (i % 2 === 0 && !connection.closed()) connection.write('a'); }); }, 50);
  for (let round = 0; round < 5; round++)
    for (const answer of await Promise.all(many(16, () => ask(server.port, { within: 2000 }))))
      assert.equal(answer?.status, 200, `round ${round}: expected an answer within two seconds`);
  clearInterval(drip);
  closeAll(crowd);
  await server.stop();
});

test('connections of an address count from accept on', async () => {
  const server = await serve(32, 4, MINUTE, MINUTE);
  const silent = many(4, () => connect(server.port, '127.0.0.2'));
  await connected(silent);
  expectProblem(await ask(server.port, { from: '127.0.0.2' }), 429, 'the fifth');
  assert.equal((await ask(server.port, { from: '127.0.0.3' })).status, 200, 'expected an answer for another address');
  const more = many(32, () => connect(server.port, '127.0.0.2'));
  await connected(more);
  await Promise.all(more.slice(8).map(end));
  assert.equal(open(silent), 4, 'expected the first ones to stay');
  closeAll([...silent, ...more]);
  let status = 429;
  while (status === 429) ({ status } = await ask(server.port, { from: '127.0.0.2' }));
  assert.equal(status, 200, 'expected room after they have gone');
  await server.stop();
});

// Hundredths of a second of CPU that a process has used.
async function cpu(pid) {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

const limited = (files, ...args) => start('sh', ['-c', `ulimit -n ${files}; exec "$@"`, 'sh', process.env.HYGIENE_SERVER, '127.0.0.1:0', ...args]);

test('without descriptors for more, silent connections give way to those who ask', async () => {
  const server = await limited(64, 8, 0, MINUTE, MINUTE);
  const silent = many(200, () => connect(server.port, '127.0.0.2'));
  await connected(silent);
  for (let i = 0; i < 5; i++) assert.equal((await ask(server.port))?.status, 200, 'expected an answer for a client that asks');
  const displaced = (await counts(server.port))['http_connections_closed displaced'];
  assert.ok(displaced >= 140, `expected silent ones to be closed, not ${displaced}`);
  closeAll(silent);
  await server.stop();
});

test('without any descriptor the server logs one line and waits, and goes on when there are some', async () => {
  const server = await limited(256, 8, 0, MINUTE, MINUTE);
  await server.command('exhaust');
  const before = await cpu(server.pid);
  const waiting = connect(server.port);
  waiting.write(get('/'));
  while (!/cannot accept connections/.test(server.errors())) await new Promise((resolve) => { setTimeout(resolve, 20); });
  await new Promise((resolve) => { setTimeout(resolve, 1000); });
  const used = await cpu(server.pid) - before;
  assert.ok(used < 30, `expected the server to wait; it used ${used} hundredths of a second of CPU in a second`);
  assert.equal(server.errors().match(/cannot accept connections/g).length, 1, server.errors());
  assert.match(server.errors(), /cannot accept connections: Too many open files .* 256: .*LimitNOFILE/);
  await server.command('relent');
  assert.equal((await waiting.next()).status, 200, 'expected an answer when there are descriptors again');
  waiting.close();
  await server.stop();
});
