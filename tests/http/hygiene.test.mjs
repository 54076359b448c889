// What core/http does with requests that are clean, unclean, slow, cut off or too many.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect, expectProblem, killAll, responses, say, sayAndWait, start } from './raw.mjs';

const serve = (...args) => start(process.env.HYGIENE_SERVER, ['127.0.0.1:0', ...args]);
const head = (line, ...headers) => `${[line, ...headers].join('\r\n')}\r\n\r\n`;
const get = (target, ...headers) => head(`GET ${target} HTTP/1.1`, 'Host: localhost', ...headers);
const post = (body, ...headers) => head('POST /echo HTTP/1.1', 'Host: localhost', ...headers) + body;
const smuggled = get('/smuggled');
const many = (n, make) => Array.from({ length: n }, (_, i) => make(i));

let server;
before(async () => { server = await serve(64, 0, 400, 300); });
after(() => server.stop().finally(killAll));

const refused = [
  // [what, bytes, status]
  ['no Host', head('GET / HTTP/1.1'), 400],
  ['no Host among others', head('GET / HTTP/1.1', 'Accept: */*'), 400],
  ['two Hosts', get('/', 'Host: localhost'), 400],
  ['two Hosts, HTTP/1.0', head('GET / HTTP/1.0', 'Host: a', 'Host: b'), 400],
  ['empty Host', head('GET / HTTP/1.1', 'Host: '), 400],
  ['Host with a path', head('GET / HTTP/1.1', 'Host: a/b'), 400],
  ['Host with a user', head('GET / HTTP/1.1', 'Host: u@a'), 400],
  ['Host with a port out of range', head('GET / HTTP/1.1', 'Host: a:65536'), 400],
  ['Host with two names', head('GET / HTTP/1.1', 'Host: a, b'), 400],

  ['Content-Length +5', post('hello', 'Content-Length: +5') + smuggled, 400],
  ['Content-Length 0x5', post('hello', 'Content-Length: 0x5') + smuggled, 400],
  ['Content-Length 5, 5', post('hello', 'Content-Length: 5, 5') + smuggled, 400],
  ['Content-Length -5', post('hello', 'Content-Length: -5') + smuggled, 400],
  ['Content-Length 5.0', post('hello', 'Content-Length: 5.0') + smuggled, 400],
  ['Content-Length 5 5', post('hello', 'Content-Length: 5 5') + smuggled, 400],
  ['Content-Length nothing', post('hello', 'Content-Length: ') + smuggled, 400],
  ['Content-Length huge', post('hello', `Content-Length: ${'9'.repeat(30)}`) + smuggled, 400],
  ['Content-Length 2^64+5', post('hello', 'Content-Length: 18446744073709551621') + smuggled, 400],
  ['two Content-Lengths, the same', post('hello', 'Content-Length: 5', 'Content-Length: 5') + smuggled, 400],
  ['two Content-Lengths', post('hello', 'Content-Length: 5', 'Content-Length: 0') + smuggled, 400],
  ['CL.TE', post('0\r\n\r\n', 'Content-Length: 5', 'Transfer-Encoding: chunked') + smuggled, 400],
  ['TE.CL', post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding: chunked', 'Content-Length: 3') + smuggled, 400],
  ['identity and CL', post('hello', 'Transfer-Encoding: identity', 'Content-Length: 5') + smuggled, 400],
  ['two Transfer-Encodings', post('', 'Transfer-Encoding: identity', 'Transfer-Encoding: chunked') + smuggled, 400],
  ['chunked in HTTP/1.0', head('POST /echo HTTP/1.0', 'Transfer-Encoding: chunked') + smuggled, 400],
  ['chunked', post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding: chunked') + smuggled, 411],
  ['Chunked, capital', post('0\r\n\r\n', 'Transfer-Encoding: Chunked') + smuggled, 411],
  ['gzip', post('', 'Transfer-Encoding: gzip') + smuggled, 501],
  ['xchunked', post('', 'Transfer-Encoding: xchunked') + smuggled, 501],
  ['identity', post('', 'Transfer-Encoding: identity') + smuggled, 501],

  ['a space before the colon', get('/', 'X-A : b') + smuggled, 400],
  ['a space before the colon of Content-Length', post('hello', 'Content-Length : 5') + smuggled, 400],
  ['a name that is no token', get('/', 'X(A): b') + smuggled, 400],
  ['a name with a slash', get('/', 'X/A: b'), 400],
  ['a name with 8 bits', get('/', 'X\xe9: b'), 400],
  ['a line without colon', get('/', 'nonsense') + smuggled, 400],
  ['an empty name', get('/', ': b') + smuggled, 400],
  ['a folded line', get('/', 'X-A: b', ' Content-Length: 7') + smuggled, 400],
  ['a first line that is folded', head('GET / HTTP/1.1', ' Host: a', 'Host: b') + smuggled, 400],
  ['a tab in front of a line', get('/', 'X-A: b', '\tc'), 400],
  ['bare LF after a header', 'GET / HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n', 400],
  ['bare LF after the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n', 400],
  ['bare CR in a value', get('/', 'X-A: b\rc') + smuggled, 400],
  ['NUL in a value', get('/', 'X-A: b\0c') + smuggled, 400],
  ['a bell in a value', get('/', 'X-A: \x07') + smuggled, 400],
  ['DEL in a value', get('/', 'X-A: \x7f') + smuggled, 400],
  ['two Authorizations', get('/', 'Authorization: Bearer good', 'Authorization: Bearer bad'), 400],
  ['two Content-Types', post('', 'Content-Type: a/b', 'Content-Type: c/d', 'Content-Length: 0'), 400],

  ['HTTP/2.0', head('GET / HTTP/2.0', 'Host: a'), 505],
  ['HTTP/1.2', head('GET / HTTP/1.2', 'Host: a'), 505],
  ['HTTP/0.9', head('GET / HTTP/0.9', 'Host: a'), 505],
  ['HTTP/1.10', head('GET / HTTP/1.10', 'Host: a'), 505],
  ['http/1.1', head('GET / http/1.1', 'Host: a'), 400],
  ['no version', head('GET /', 'Host: a'), 400],
  ['HTTP/1.1x', head('GET / HTTP/1.1x', 'Host: a'), 505],
  ['two spaces', head('GET  / HTTP/1.1', 'Host: a'), 400],
  ['two spaces before the version', head('GET /  HTTP/1.1', 'Host: a'), 400],
  ['a space in the target', head('GET /a b HTTP/1.1', 'Host: a'), 400],
  ['TRACE', head('TRACE / HTTP/1.1', 'Host: a'), 501],
  ['CONNECT', head('CONNECT a:1 HTTP/1.1', 'Host: a:1'), 501],
  ['CONNECT with a path', head('CONNECT / HTTP/1.1', 'Host: a'), 501],
  ['PROPFIND', head('PROPFIND / HTTP/1.1', 'Host: a'), 501],
  ['an unknown method', head('BREW / HTTP/1.1', 'Host: a'), 501],
  ['get', head('get / HTTP/1.1', 'Host: a'), 501],
  ['a method that is no token', head('G(T / HTTP/1.1', 'Host: a'), 400],
  ['Expect something', post('', 'Expect: tea', 'Content-Length: 0'), 417],

  ['%00', get('/echo/a%00b'), 400],
  ['an encoded control character', get('/echo/a%0Ab'), 400],
  ['..', get('/echo/../x'), 400],
  ['.', get('/echo/./x'), 400],
  ['.. at the end', get('/echo/..'), 400],
  ['%2e%2e', get('/echo/%2e%2E/x'), 400],
  ['.%2e', get('/echo/.%2e'), 400],
  ['an encoded slash', get('/echo/a%2fb'), 400],
  ['an encoded backslash', get('/echo/a%5Cb'), 400],
  ['a backslash', get('/echo/..\\x'), 400],
  ['%', get('/echo/%'), 400],
  ['%4', get('/echo/%4'), 400],
  ['%zz', get('/echo/%zz'), 400],
  ['%-1', get('/echo/%-1'), 400],
  ['overlong UTF-8', get('/echo/%c0%af'), 400],
  ['overlong dot', get('/echo/%c0%ae%c0%ae/x'), 400],
  ['a surrogate', get('/echo/%ed%a0%80'), 400],
  ['beyond Unicode', get('/echo/%f4%90%80%80'), 400],
  ['cut UTF-8', get('/echo/%e2%82'), 400],
  ['8 bits in the target', get('/echo/\xe9'), 400],
  ['a fragment', get('/echo#x'), 400],
  ['a fragment behind the query', get('/echo?a#x'), 400],
  ['//', get('//echo'), 400],
  ['// inside', get('/echo//x'), 400],
  ['no slash', get('echo'), 400],
  ['*', get('*'), 400],
  ['absolute form of another host', get('http://elsewhere/echo'), 400],
  ['absolute form with a user', get('http://localhost@elsewhere/echo'), 400],
  ['another scheme', get('ftp://localhost/echo'), 400],
  ['a long target', get(`/${'a'.repeat(9000)}`), 414],
  ['a long query', get(`/echo?${'a'.repeat(9000)}`), 414],
  ['a large head', get('/', `X-A: ${'a'.repeat(17000)}`), 431],
  ['many headers', get('/', ...many(70, (i) => `X-${i}: a`)), 431],
  ['exactly 64 headers', get('/', ...many(63, (i) => `X-${i}: a`)), 431],
];

for (const [what, bytes, status] of refused)
  test(`refused with ${status} and closed: ${what}`, async () => {
    const found = await sayAndWait(server.port, bytes);
    assert.equal(found.length, 1, `expected one response, got ${found.map((r) => r.status)}`);
    expectProblem(found[0], status, what);
    assert.equal(found[0].headers.connection, 'close', 'expected Connection: close');
  });

const accepted = [
  // [what, bytes, status, a line of the body]
  ['plain', get('/'), 200, 'route=root'],
  ['query only', get('/?a=1'), 200, 'a=1'],
  ['HTTP/1.0 without Host', head('GET /echo HTTP/1.0'), 200, 'route=echo'],
  ['HTTP/1.0 with a header', head('GET /echo HTTP/1.0', 'X-A: b'), 200, 'route=echo'],
  ['Host with a port', head('GET / HTTP/1.1', 'Host: a.example:8080'), 200, 'route=root'],
  ['Host with IPv6', head('GET / HTTP/1.1', 'Host: [::1]:80'), 200, 'route=root'],
  ['an empty line in front', `\r\n${get('/')}`, 200, 'route=root'],
  ['an empty value', get('/', 'X-A:'), 200, 'route=root'],
  ['no space after the colon', head('GET / HTTP/1.1', 'Host:a'), 200, 'route=root'],
  ['spaces around a value', post('hello', 'Content-Length:   5  '), 200, 'body=hello'],
  ['62 further headers', get('/', ...many(62, (i) => `X-${i}: a`)), 200, 'route=root'],
  ['absolute form', get('http://localhost/echo/x?a=b'), 200, 'capture=x'],
  ['absolute form, another port', head('GET http://b:99/echo/x?a=b HTTP/1.1', 'Host: b:99'), 200, 'a=b'],
  ['escapes', get('/echo/a%20b%C3%A9'), 200, 'capture=a b\xc3\xa9'],
  ['an escape of an escape is decoded once', get('/echo/%252e%252e'), 200, 'capture=%2e%2e'],
  ['three dots', get('/echo/...'), 200, 'capture=...'],
  ['plus in a path', get('/echo/a+b'), 200, 'capture=a+b'],
  ['plus in a query', get('/echo?a+b=c+d%2B'), 200, 'a b=c d+'],
  ['a question mark in a query', get('/echo?a=?'), 200, 'a=?'],
  ['pieces of a query', get('/echo?&a&b=&=c&'), 200, 'a='],
  ['the rest of a path', get('/files/a/b%20c/d'), 200, 'capture=a/b c/d'],
  ['no rest of a path', get('/files'), 200, 'capture='],
  ['a body', post('hello', 'Content-Length: 5'), 200, 'body=hello'],
  ['no body', post('', 'Content-Length: 0'), 200, 'body='],
  ['a body of 64 KiB', post('x'.repeat(65536), 'Content-Length: 65536'), 200, `body=${'x'.repeat(65536)}`],
  ['a caller', get('/echo', 'Authorization: Bearer good'), 200, 'actor=clerk'],
];

for (const [what, bytes, status, line] of accepted)
  test(`accepted: ${what}`, async () => {
    const found = await say(server.port, bytes);
    assert.deepEqual(found.map((r) => r.status), [status], found[0]?.body);
    assert.ok(found[0].body.split('\n').includes(line), `expected the line ${line} in\n${found[0].body}`);
  });

const answered = [
  // [what, bytes, status]: problems that leave the connection open
  ['unknown path', get('/nope'), 404],
  ['a slash at the end', get('/echo/'), 404],
  ['too many segments', get('/files/1/2/3/4/5/6/7/8/9/10/11/12'), 404],
  ['bad query', get('/echo?a=%zz'), 400],
  ['control character in a query', get('/echo?a=%00'), 400],
  ['bad UTF-8 in a query', get('/echo?a=%ff'), 400],
  ['too many parameters', get(`/echo?${many(65, (i) => `a${i}=1`).join('&')}`), 400],
  ['a token that is not known', get('/echo', 'Authorization: Bearer bad'), 401],
  ['conflict', get('/fail/70'), 409],
  ['busy', get('/fail/140'), 429],
  ['a defect', get('/fail/150'), 500],
  ['unavailable', get('/fail/160'), 503],
];

for (const [what, bytes, status] of answered)
  test(`answered with ${status}, and the connection goes on: ${what}`, async () => {
    const found = await say(server.port, bytes + get('/'));
    assert.deepEqual(found.map((r) => r.status), [status, 200]);
    expectProblem(found[0], status, what);
    assert.equal(found[0].headers['retry-after'] !== undefined, status === 429 || status === 503, 'Retry-After');
    assert.equal(found[0].headers['www-authenticate'], status === 401 ? 'Bearer' : undefined);
  });

test('a problem lists its errors, escaped', async () => {
  const [response] = await say(server.port, get('/fail/120'));
  const problem = expectProblem(response, 422, 'errors');
  assert.equal(problem.type, '/problems/validation');
  assert.equal(problem.detail, '2 errors');
  assert.deepEqual(problem.errors, [
    { pointer: '/a"b', code: 'quoted', detail: 'a "quote", a \\ and a\nline é' },
    { pointer: '/c', code: 'second', detail: 'the second' },
  ]);
});

test('every answer carries the common headers', async () => {
  const [response] = await say(server.port, get('/tagged'));
  const { date, 'x-request-id': id, ...headers } = response.headers;
  assert.ok(Math.abs(Date.parse(date) - Date.now()) < 5000, `expected the time now, got ${date}`);
  assert.equal(new Date(date).toUTCString(), date, 'expected an IMF-fixdate');
  assert.match(id, /^[0-9a-f]{16}-[0-9a-f]+$/);
  assert.deepEqual(headers, {
    'content-type': 'application/json',
    'content-length': '10',
    'cache-control': 'no-cache',
    vary: 'Authorization, Accept, Accept-Encoding',
    etag: '"v1"',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'ETag, Link, Location, Retry-After, X-Request-ID',
    'cross-origin-resource-policy': 'cross-origin',
  });
});

test('with a token nothing is shared or stored', async () => {
  const [{ headers }] = await say(server.port, get('/tagged', 'Authorization: Bearer good'));
  assert.equal(headers['cache-control'], 'private, no-store');
  assert.equal(headers['access-control-allow-origin'], undefined);
  assert.equal(headers['cross-origin-resource-policy'], undefined);
});

test('X-Request-ID is echoed when it is one, else made anew each time', async () => {
  const ids = ['abc.DEF_1-2', 'x'.repeat(64), 'x'.repeat(65), 'a b', 'a"b', ''];
  const found = await say(server.port, ids.map((id) => get('/', `X-Request-ID: ${id}`)).join(''));
  const got = found.map((r) => r.headers['x-request-id']);
  assert.deepEqual(got.slice(0, 2), ids.slice(0, 2));
  for (const id of got.slice(2)) assert.match(id, /^[0-9a-f]{16}-[0-9a-f]+$/);
  assert.equal(new Set(got).size, got.length, `expected different ids: ${got}`);
});

test('HEAD says what GET says, without the body', async () => {
  for (const target of ['/tagged', '/echo?a=b', '/nope', '/fail/120']) {
    const [full] = await say(server.port, get(target, 'X-Request-ID: same'));
    const [bare] = await say(server.port, get(target, 'X-Request-ID: same').replace('GET', 'HEAD'), true);
    delete full.headers.date;
    delete bare.headers.date;
    assert.deepEqual([bare.status, bare.headers], [full.status, full.headers], target);
  }
});

test('HEAD leaves the connection in step', async () => {
  const connection = connect(server.port);
  connection.write(get('/tagged').replace('GET', 'HEAD') + get('/tagged'));
  assert.equal((await connection.next(true)).headers['content-length'], '10');
  assert.equal((await connection.next()).body, '{"id":"a"}');
  connection.close();
});

test('OPTIONS says the methods, of a resource and of the server', async () => {
  const [one, all, none] = [
    await say(server.port, get('/echo/x').replace('GET', 'OPTIONS')),
    await say(server.port, get('*').replace('GET', 'OPTIONS')),
    await say(server.port, get('/nope').replace('GET', 'OPTIONS')),
  ].map(([r]) => r);
  assert.deepEqual([one.status, one.headers.allow], [204, 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS']);
  assert.deepEqual([all.status, all.headers.allow], [204, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']);
  assert.equal(one.headers['access-control-allow-origin'], '*');
  assert.equal(one.headers['access-control-allow-methods'], 'GET, HEAD, OPTIONS');
  assert.equal(one.headers['content-length'], undefined);
  expectProblem(none, 404, 'OPTIONS of nothing');
});

test('405 brings Allow', async () => {
  const [response] = await say(server.port, get('/tagged').replace('GET', 'DELETE'));
  expectProblem(response, 405, 'DELETE');
  assert.equal(response.headers.allow, 'GET, HEAD, OPTIONS');
});

test('If-None-Match is answered by 304', async () => {
  const cases = [
    ['"v1"', 304], ['W/"v1"', 304], ['*', 304], ['"v0", "v1"', 304], ['"a,b" , W/"v1"', 304],
    ['"v2"', 200], ['v1', 200], ['"v1', 200], ['', 200], ['W/"v"', 200],
  ];
  for (const [list, status] of cases) {
    const [response] = await say(server.port, get('/tagged', `If-None-Match: ${list}`));
    assert.equal(response.status, status, `If-None-Match: ${list}`);
    assert.equal(response.headers.etag, '"v1"');
    assert.equal(response.headers['content-length'], status === 304 ? undefined : '10');
  }
  const [second] = await say(server.port, get('/tagged', 'If-None-Match: "v0"', 'If-None-Match: "v1"'));
  assert.equal(second.status, 304, 'expected two lines to be one list');
});

test('a header of a handler cannot break out of its line', async () => {
  const [response] = await say(server.port, get('/inject'));
  assert.equal(response.headers['x-good'], 'kept');
  assert.deepEqual([response.headers['x-bad'], response.headers.etag, response.headers.injected],
    [undefined, undefined, undefined]);
});

test('addresses in headers are sent in ASCII', async () => {
  const [{ headers }] = await say(server.port, get('/inject'));
  assert.equal(headers.location, '/a%20b/caf%C3%A9%20%3Cc%3E?d=%22e%22');
  assert.equal(headers.link, '</caf%C3%A9>; rel="next"');
});

test('pipelined requests are answered in order', async () => {
  const found = await say(server.port, get('/echo/1') + post('two', 'Content-Length: 3') + get('/echo/3'));
  assert.deepEqual(found.map((r) => r.body.match(/(capture|body)=(.+)/)[2]), ['1', 'two', '3']);
});

test('a head that comes byte by byte', async () => {
  const connection = connect(server.port);
  for (const byte of get('/echo/slowly')) {
    connection.write(byte);
    await new Promise(setImmediate);
  }
  assert.equal((await connection.next()).status, 200);
  connection.close();
});

test('a body that nobody read does not become a request', async () => {
  for (const [line, status] of [['POST /tagged', 405], ['POST /nope', 404], ['GET /tagged', 200]]) {
    const bytes = head(`${line} HTTP/1.1`, 'Host: a', `Content-Length: ${smuggled.length}`) + smuggled + get('/');
    const found = await sayAndWait(server.port, bytes);
    assert.deepEqual(found.map((r) => [r.status, r.headers.connection]), [[status, 'close']], line);
  }
});

test('Connection: close, and HTTP/1.0, end the connection', async () => {
  const cases = [
    [get('/', 'Connection: close'), 'close'],
    [get('/', 'Connection: keep-alive, close'), 'close'],
    [get('/', 'Connection: keep-alive, Upgrade', 'Upgrade: websocket'), 'close'],
    [get('/', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c'), 'close'],
    [head('GET / HTTP/1.0', 'Host: a'), 'close'],
  ];
  for (const [bytes, expected] of cases) {
    const found = await sayAndWait(server.port, bytes + get('/'));
    assert.deepEqual(found.map((r) => [r.status, r.headers.connection]), [[200, expected]], bytes);
  }
  const found = await say(server.port, head('GET / HTTP/1.0', 'Connection: keep-alive') + get('/'));
  assert.deepEqual(found.map((r) => r.headers.connection), ['keep-alive', undefined]);
});

test('a body over the cap is refused before it is sent', async () => {
  const [response] = await sayAndWait(server.port, post('', 'Content-Length: 65537', 'Expect: 100-continue'));
  expectProblem(response, 413, 'too large');
  assert.equal(response.headers.connection, 'close');
});

test('a body over the cap that is sent nevertheless gets the answer, not a reset', async () => {
  const [response] = await sayAndWait(server.port, post('x'.repeat(300000), 'Content-Length: 300000'));
  expectProblem(response, 413, 'too large');
});

test('100-continue is said before a body that will be taken', async () => {
  const connection = connect(server.port);
  connection.write(post('', 'Content-Length: 5', 'Expect: 100-continue'));
  assert.equal((await connection.next()).status, 100);
  connection.write('hello');
  const response = await connection.next();
  assert.match(response.body, /^body=hello$/m);
  assert.equal(response.headers.connection, undefined);
  connection.close();
});

test('a body that ends early is 400, one that stalls is 408', async () => {
  const [early, ...none] = await say(server.port, post('hel', 'Content-Length: 5'));
  expectProblem(early, 400, 'ends early');
  const [late, ...nothing] = await sayAndWait(server.port, post('hel', 'Content-Length: 5'));
  expectProblem(late, 408, 'stalls');
  assert.deepEqual([late.headers.connection, none, nothing], ['close', [], []]);
});

test('a head that ends early is 400, one that stalls is 408, silence is closed', async () => {
  const [early] = await say(server.port, 'GET / HTTP/1.1\r\nHost: a');
  expectProblem(early, 400, 'ends early');
  const [late] = await sayAndWait(server.port, 'GET / HTTP/1.1\r\nHost: a');
  expectProblem(late, 408, 'stalls');
  assert.deepEqual(await sayAndWait(server.port, ''), []);
});

test('a head over all bounds ends the connection', async () => {
  const found = await sayAndWait(server.port, get('/', `X-A: ${'a'.repeat(100000)}`)).catch(() => []);
  for (const response of found) expectProblem(response, 400, 'over all bounds');
});

// A generator of pseudo-random numbers, so that a failure can be repeated.
function generator(seed) {
  return (n) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
}

test('mangled requests get whole answers or none, and never a 500', async () => {
  const random = generator(20261122);
  const seeds = [...refused.slice(0, 80), ...accepted.slice(0, 20)].map(([, bytes]) => bytes);
  for (let round = 0; round < 40; round++)
    await Promise.all(many(16, async () => {
      let bytes = seeds[random(seeds.length)];
      for (let edits = 1 + random(4); edits > 0; edits--) {
        const at = random(bytes.length);
        const insert = random(3) ? String.fromCharCode(random(256)) : seeds[random(seeds.length)].slice(0, random(60));
        bytes = bytes.slice(0, at) + insert + bytes.slice(at + random(3));
      }
      for (const response of await say(server.port, bytes, /HEAD/.test(bytes)))
        assert.ok(response.status < 600 && response.status !== 500, `${response.status} for ${JSON.stringify(bytes)}`);
    }));
});

test('parallel clients each get their own answers', async () => {
  await Promise.all(many(32, async (client) => {
    const connection = connect(server.port);
    for (let i = 0; i < 50; i++) {
      connection.write(get(`/echo/${client}-${i}`));
      assert.match((await connection.next()).body, new RegExp(`^capture=${client}-${i}$`, 'm'));
    }
    connection.close();
  }));
});

test('white space in front does not call up what an earlier client left in the buffer', async () => {
  const single = await serve(1, 0, 60000, 60000);
  const first = get('/');
  await sayAndWait(single.port, first + get('/echo/secret', 'Authorization: Bearer good'));
  const found = await say(single.port, `${' '.repeat(first.length - 4)}\r\n\r\n`);
  assert.equal(found.length, 1);
  expectProblem(found[0], 400, 'white space only');
  assert.deepEqual((await say(single.port, `\r\n${first}`)).map((r) => r.status), [200], 'one empty line is allowed');
  await single.stop();
});

// What the server counted, as "name label label …" -> value.
async function counts(port) {
  const [reply] = await say(port, get('/counts', 'Connection: close'));
  return Object.fromEntries(JSON.parse(reply.body).flatMap(({ name, samples }) =>
    samples.map(({ labels, value, count }) => [[name, ...labels].join(' '), value ?? count])));
}

test('requests are counted: by kind of route, method and status, and by why they are refused', async () => {
  const single = await serve(8, 0, 60000, 60000), close = 'Connection: close';
  for (const bytes of [get('/', close), get('/', close), head('HEAD / HTTP/1.1', 'Host: a', close), get('/echo/a?b=c', close),
    post('hello', 'Content-Length: 5', close), get('/fail/150', close), get('/nowhere', close), head('BREW / HTTP/1.1', 'Host: a'), head('GET / HTTP/1.1')])
    await sayAndWait(single.port, bytes, bytes.startsWith('HEAD'));
  const told = await counts(single.port), of = (name) => Object.fromEntries(Object.entries(told).filter(([key]) => key.split(' ')[0] === name));
  assert.deepEqual(of('http_requests'), {
    'http_requests root GET 200': 2, 'http_requests root HEAD 200': 1, 'http_requests echo-id GET 200': 1, 'http_requests echo POST 200': 1,
    'http_requests other GET 500': 1, 'http_requests none GET 404': 1, 'http_requests none other 501': 1, 'http_requests none GET 400': 1,
  });
  assert.deepEqual(of('http_request_duration'), {
    'http_request_duration root': 3, 'http_request_duration echo-id': 1, 'http_request_duration echo': 1, 'http_request_duration other': 1, 'http_request_duration none': 3,
  });
  const refused = { exports: 0, feeds: 0, questions: 0, connections: 0, stopping: 0, unclean: 2 };
  assert.deepEqual(of('http_refused'), Object.fromEntries(Object.entries(refused).map(([reason, n]) => [`http_refused ${reason}`, n])));
  assert.deepEqual([told.http_received, told.http_connections_limit, told.http_lane_limit], [5, 8, 2]);
  assert.ok(told.http_sent > 1000 && told.http_connections >= 1, JSON.stringify(told));
  await single.stop();
});

test('idle clients are let go when workers run short', async () => {
  const crowd = await serve(32, 0, 60000, 60000);
  const connections = [];
  const closed = [];
  for (let i = 0; i < 32; i++) {
    const connection = connect(crowd.port);
    connections.push(connection);
    connection.write(get('/'));
    closed.push((await connection.next()).headers.connection === 'close');
  }
  assert.equal(closed.filter((c) => !c).length, 24, 'expected three quarters of the workers to be kept for them');
  const [newcomer] = await say(crowd.port, get('/'));
  assert.equal(newcomer.status, 200, 'expected the newcomer to be served');
  for (const connection of connections) connection.close();
  await crowd.stop();
});

test('silent clients hold their workers for request_ms at most', async () => {
  const crowd = await serve(8, 0, 60000, 200);
  const connections = many(8, () => connect(crowd.port));
  const [newcomer] = await say(crowd.port, get('/'));
  assert.equal(newcomer.status, 200, 'expected the newcomer to be served');
  for (const connection of connections) connection.close();
  await crowd.stop();
});

test('one address has so many connections and no more', async () => {
  const narrow = await serve(32, 4, 60000, 60000);
  const connections = many(4, () => connect(narrow.port));
  for (const connection of connections) {
    connection.write(get('/'));
    assert.equal((await connection.next()).status, 200);
  }
  const [fifth] = await sayAndWait(narrow.port, get('/'));
  expectProblem(fifth, 429, 'the fifth');
  assert.deepEqual([fifth.headers.connection, fifth.headers['retry-after']], ['close', '2']);
  connections.pop().close();
  let status = 429;
  while (status === 429) [{ status }] = await say(narrow.port, get('/'));
  assert.equal(status, 200, 'expected room after one has gone');
  for (const connection of connections) connection.close();
  await narrow.stop();
});

test('a stop lets requests in flight finish, and takes no more', async () => {
  const stopping = await serve(8, 0, 60000, 60000);
  const slow = connect(stopping.port);
  slow.write(get('/slow'));
  assert.equal(await stopping.line(), 'waiting 1');
  const idle = connect(stopping.port);
  idle.write(get('/'));
  assert.equal((await idle.next()).headers.connection, undefined);
  await stopping.command('stop');
  let status = 200;
  let last;
  while (status === 200) [{ status }] = [last] = await say(stopping.port, get('/'));
  expectProblem(last, 503, 'a newcomer');
  assert.equal(last.headers.connection, 'close');
  idle.write(get('/echo/x'));
  const farewell = await idle.next();
  assert.deepEqual([farewell.status, farewell.headers.connection], [200, 'close'], 'an old connection');
  await stopping.command('release');
  const done = await slow.next();
  assert.deepEqual([done.status, done.body, done.headers.connection], [200, '"done"', 'close']);
  await stopping.stop();
});

test('a handler can see that its client is gone', async () => {
  const watching = await serve(8, 0, 60000, 60000);
  for (const leave of [(client) => client.close(), (client) => client.socket.end(), (client) => client.socket.resetAndDestroy()]) {
    const client = connect(watching.port);
    client.write(get('/watch') + get('/'));
    assert.equal(await watching.line(), 'watching 0', 'expected a client that waits, and has sent more, to be there');
    leave(client);
    assert.equal(await watching.line(), 'gone');
  }
  await watching.stop();
});

test('a stop does not wait for those who say nothing', async () => {
  const quiet = await serve(8, 0, 60000, 60000);
  const idle = [connect(quiet.port), connect(quiet.port)];
  idle[0].write(get('/'));
  assert.equal((await idle[0].next()).status, 200);
  const began = performance.now();
  await quiet.stop();
  assert.ok(performance.now() - began < 1500, 'CivetWeb looks for the end every two seconds');
});

test('under a base path, paths are without it, and nothing is beside it', async () => {
  const based = await serve(8, 0, 60000, 60000, '/register');
  const ask = async (target) => (await say(based.port, get(target)))[0];
  assert.match((await ask('/register/')).body, /^route=root$/m);
  assert.match((await ask('/register/echo/x?a=b')).body, /^capture=x$/m);
  for (const target of ['/', '/echo', '/registers/echo', '/regis']) expectProblem(await ask(target), 404, target);
  const redirect = await ask('/register?a=b');
  assert.deepEqual([redirect.status, redirect.headers.location], [308, '/register/?a=b']);
  await based.stop();
});

test('the access log has the status of every request, however long its target', async () => {
  const logging = await serve(8, 0, 60000, 60000);
  await logging.command('log');
  for (const [target, status] of [['/echo/short', 200], [`/echo/${'a'.repeat(7000)}`, 200], [`/none/${'b'.repeat(900)}`, 404], [`/${'c'.repeat(9000)}`, 414]]) {
    const [{ headers }] = await say(logging.port, get(target, 'Connection: close'));
    const id = headers['x-request-id'], line = () => logging.errors().split('\n').find((text) => text.endsWith(` ${id}`));
    while (!line()) await new Promise((resolve) => { setTimeout(resolve, 5); });
    assert.match(line(), new RegExp(` 127\\.0\\.0\\.1 GET .* ${status} \\d+ \\d+ms ${id}$`));
    assert.ok(line().length < 1024);
  }
  await logging.stop();
});

test('an address that is taken is named', async () => {
  const taken = `127.0.0.1:${server.port}`;
  await assert.rejects(start(process.env.HYGIENE_SERVER, [taken, 8, 0, 100, 100]),
    (error) => error.message.includes(`Cannot listen on ${taken}: `) && error.message.includes('another program listens there'));
});

test('responses() itself notices a cut answer', () => {
  assert.deepEqual(responses('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell').found, []);
});
