// Clients that take answers slowly, and clients that want every place.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connect, expectProblem, killAll, start } from './raw.mjs';

const serve = (...args) => start(process.env.HYGIENE_SERVER, ['127.0.0.1:0', ...args]);
const get = (target, ...headers) => `${[`GET ${target} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`;
const MINUTE = 60_000, LARGE = 24 << 20;

after(killAll);

// Asks for more than the system takes in for a client, and reads `bytes` of it every so many ms.
function read(port, bytes, every) {
  const { socket } = connect(port);
  socket.removeAllListeners('data');
  socket.pause();
  socket.write(get('/large', 'Connection: close'));
  const reader = { n: 0 };
  const take = setInterval(() => { reader.n += socket.read(Math.min(bytes, socket.readableLength))?.length ?? 0; }, every);
  reader.end = new Promise((resolve) => { socket.once('close', () => { clearInterval(take); resolve(reader.n); }); });
  reader.leave = () => { socket.destroy(); };
  return reader;
}

async function counted(port, name) {
  const connection = connect(port);
  connection.write(get('/counts', 'Connection: close'));
  const { body } = await connection.next();
  const values = JSON.parse(body).flatMap(({ name: family, samples }) => samples.map(({ labels, value }) => [[family, ...labels].join(' '), value]));
  return Object.fromEntries(values)[name];
}

async function until(look) {
  while (!await look()) await new Promise((resolve) => { setTimeout(resolve, 20); });
}

test('a client that does not read an answer is cut off', async () => {
  const server = await serve(4, 0, MINUTE, 300);
  const { socket } = connect(server.port);
  socket.pause();
  socket.write(get('/large'));
  await until(async () => await counted(server.port, 'http_connections_closed slow') === 1);
  socket.destroy();
  await server.stop();
});

test('a client that reads slower than the minimum rate is cut off, one that reads faster is not', async () => {
  const server = await serve(4, 0, MINUTE, 1000);
  const slow = read(server.port, 1000, 100), fast = read(server.port, 1 << 20, 20);
  assert.ok(await fast.end > LARGE, `expected the whole answer, got ${fast.n} bytes`);
  await until(async () => await counted(server.port, 'http_connections_closed slow') === 1);
  assert.ok(slow.n < LARGE, `expected a part of the answer, got ${slow.n} bytes`);
  slow.leave();
  await server.stop();
});

test('a client that does not read does not delay a stop beyond its limit', async () => {
  const server = await serve(4, 0, MINUTE, MINUTE, '', 300);
  const connection = connect(server.port);
  connection.socket.once('readable', () => {});
  connection.write(get('/large'));
  await new Promise((resolve) => { connection.socket.once('data', resolve); });
  connection.socket.pause();
  const began = performance.now();
  await server.stop();
  const took = performance.now() - began;
  assert.ok(took >= 250 && took < 10_000, `expected about 300 ms, it took ${took} ms`);
  assert.match(server.errors(), /1 requests were not answered 300 ms after the stop/);
  connection.close();
});

// Takes a place in a lane: a connection that has it.
async function enter(server, from, ...headers) {
  const connection = connect(server.port, from);
  connection.write(get('/lane', ...headers));
  assert.match(await server.line(), /^waiting/);
  return connection;
}

// Gets none: the detail of the refusal.
async function refused(server, from, ...headers) {
  const connection = connect(server.port, from);
  connection.write(get('/lane', ...headers));
  const answer = await connection.next();
  connection.close();
  assert.equal(answer.headers['retry-after'], '2');
  return expectProblem(answer, 429, `${from} ${headers}`).detail;
}

async function release(server, inside) {
  await server.command('release');
  for (const connection of inside) {
    assert.equal((await connection.next()).status, 200);
    connection.close();
  }
  await server.stop();
}

const FULL = 'There are too many concurrent streams of changes.';
const SHARE = 'Your address has too many concurrent streams of changes.';

test('one address has a share of the places of a lane', async () => {
  const server = await serve(16, 0, MINUTE, MINUTE); // 4 places, of which an address may have 2
  const inside = [await enter(server, '127.0.0.2'), await enter(server, '127.0.0.2')];
  assert.equal(await refused(server, '127.0.0.2'), SHARE);
  assert.equal(await refused(server, '127.0.0.2', 'X-Forwarded-For: 192.0.2.1'), SHARE, 'expected no trust in other addresses');
  inside.push(await enter(server, '127.0.0.3'), await enter(server, '127.0.0.3'));
  assert.equal(await refused(server, '127.0.0.4'), FULL);
  await release(server, inside);
});

test('clients of a trusted proxy have a share each', async () => {
  const server = await serve(32, 0, MINUTE, MINUTE); // 8 places, of which a client may have 2
  const via = (...clients) => ['127.0.0.1', `X-Forwarded-For: ${clients.join(', ')}`];
  const inside = [await enter(server, ...via('192.0.2.1')), await enter(server, ...via('192.0.2.1', '127.0.0.1'))];
  assert.equal(await refused(server, ...via('192.0.2.9', '192.0.2.1')), SHARE, 'expected what the proxy says, not what the client claims');
  inside.push(await enter(server, ...via('192.0.2.2')), await enter(server, ...via('192.0.2.2')));
  inside.push(await enter(server, ...via('2001:db8:0:1::1')), await enter(server, ...via('2001:db8:0:1::2')));
  assert.equal(await refused(server, ...via('2001:db8:0:1::3')), SHARE, 'expected an IPv6 network to be one client');
  inside.push(await enter(server, ...via('2001:db8:0:2::1')), await enter(server, ...via('nonsense')));
  assert.equal(await refused(server, ...via('192.0.2.3')), FULL);
  await release(server, inside);
});
