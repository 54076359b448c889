// What good clients notice of silent, slow and greedy ones, and how long a stop takes.
//
//     node tests/bench/clients.mjs BUILD ...      folders with ouse and plugins/
//
// Prints a row for each build and case. Figures of an older build say what has become better.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const seconds = (began) => `${((performance.now() - began) / 1000).toFixed(2)} s`;
const GET = (path, ...headers) => [`GET ${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');

async function serve(build) {
  const folder = mkdtempSync(join(tmpdir(), 'clients-')), config = join(folder, 'ouse.conf'), bin = join(build, 'ouse');
  writeFileSync(config, `plugins = {directory, evidence}\nplugin_path = "${join(build, 'plugins')}"\ndata = "${join(folder, 'data')}"\nlisten = "127.0.0.1:0"\n`);
  // 200 records of 40 KB: a page of 8 MiB.
  const people = Array.from({ length: 200 }, (_, i) => ({ id: `p${i}`, name: `P ${i}`, sources: Array.from({ length: 45 }, (__, k) => ({ publication: 'paper', quote: `${k} ${'word '.repeat(180)}`.trim() })) }));
  for (const [name, rows] of [['publications', [{ id: 'paper', title: 'Paper' }]], ['people', people]]) {
    writeFileSync(join(folder, `${name}.ndjson`), rows.map((one) => `${JSON.stringify(one)}\n`).join(''));
    execFileSync(bin, ['import', '-c', config, join(folder, `${name}.ndjson`)], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const child = spawn(bin, ['serve', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  const port = await new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => { const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line); if (found) resolve(Number(found[1])); });
  });
  return { port, stop: async () => { child.kill('SIGTERM'); await ended; rmSync(folder, { recursive: true }); } };
}

const sockets = new Set();
function connect(port, from, bytes) {
  const socket = net.connect({ port, host: '127.0.0.1', localAddress: from });
  sockets.add(socket);
  socket.on('error', () => {});
  if (bytes) socket.write(bytes);
  return socket;
}
const open = (n, ...args) => Promise.all(Array.from({ length: n }, () => new Promise((resolve) => { const socket = connect(...args); socket.once('connect', () => resolve(socket)); })));
const closeAll = () => { for (const socket of sockets) socket.destroy(); sockets.clear(); };

const ask = (port, from = '127.0.0.9', path = '/healthz', headers = {}) => new Promise((resolve) => {
  http.get({ port, host: '127.0.0.1', localAddress: from, path, headers, agent: false }, (response) => { response.resume(); resolve(response.statusCode); }).on('error', () => resolve(0));
});

async function silent({ port }, n) {
  await open(n, port, '127.0.0.2');
  await sleep(100);
  const began = performance.now();
  const status = await ask(port);
  return `${status} after ${seconds(began)}`;
}

async function crowd({ port }) {
  const slow = await open(300, port, '127.0.0.2', 'GET / HTTP/1.1\r\nX: ');
  const drip = setInterval(() => { for (const socket of slow) if (!socket.destroyed) socket.write('a'); }, 500);
  await open(300, port, '127.0.0.3', GET('/healthz'));
  await sleep(100);
  const until = performance.now() + 5000, times = [];
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (performance.now() < until) {
      const began = performance.now();
      const status = await Promise.race([ask(port), sleep(until - began)]);
      if (status === 200) times.push(performance.now() - began);
      await sleep(50);
    }
  }));
  clearInterval(drip);
  return `${times.length} answers in 5 s, the slowest after ${(Math.max(0, ...times) / 1000).toFixed(2)} s`;
}

// How many streams of changes one address gets, and whether another one finds a place.
async function streams({ port }) {
  const stream = (from) => new Promise((resolve) => { connect(port, from, GET('/api/v1/-/changes', 'Accept: text/event-stream')).once('data', (bytes) => resolve(Number(bytes.toString().slice(9, 12)))); });
  const got = await Promise.all(Array.from({ length: 80 }, () => stream('127.0.0.2')));
  return `${got.filter((status) => status === 200).length} for one address; another one gets ${await stream('127.0.0.3')}`;
}

async function stop(server) {
  const socket = connect(server.port, '127.0.0.2', GET('/api/v1/people?limit=200').repeat(3)); // the first one fits into the system's buffers
  await new Promise((resolve) => { socket.once('readable', resolve); });
  const take = setInterval(() => { socket.read(Math.min(6000, socket.readableLength)); }, 100);
  await sleep(500);
  const began = performance.now();
  await server.stop();
  clearInterval(take);
  return `ends after ${seconds(began)}`;
}

const cases = [
  ['256 silent connections', (server) => silent(server, 256)], ['1,500 silent connections', (server) => silent(server, 1500)],
  ['300 slow and 300 idle clients, 16 good ones', crowd], ['80 streams of one address', streams],
];

for (const build of process.argv.slice(2)) {
  console.log(build);
  for (const [name, run] of cases) {
    const server = await serve(build);
    console.log(`  ${name}: ${await run(server)}`);
    closeAll();
    await server.stop();
  }
  console.log(`  SIGTERM while a client reads 8 MiB at 60 KB/s: ${await stop(await serve(build))}`);
  closeAll();
}
