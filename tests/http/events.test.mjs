// Changes as a stream of events: pushed when they are made, each once, to those who may know of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { built, start, startWith } from './ouse.mjs';

// Opens a stream; `events` yields { id, data, comment }, and ends when the server ends it.
async function open(register, { since = '', as, last } = {}) {
  const aborting = new AbortController();
  const response = await fetch(`${register.origin}/api/v1/-/changes${since}`, {
    signal: aborting.signal,
    headers: {
      accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': `${last}` }),
      ...(as ? { authorization: `Bearer ${register.tokens[as]}` } : {}),
    },
  });
  assert.equal(response.status, 200, `expected a stream, got ${response.status}`);
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  async function* read() {
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
        const event = {};
        for (const line of text.slice(0, end).split('\n')) {
          const [, name, value] = /^(\w*):? ?(.*)$/.exec(line);
          event[name || 'comment'] = name === 'data' ? JSON.parse(value) : value;
        }
        if (!('retry' in event)) yield event;
      }
    }
  }
  return { events: read(), close: () => aborting.abort() };
}

const next = async (stream) => (await stream.events.next()).value;
const nextData = async (stream) => {
  for (;;) {
    const event = await next(stream);
    if (event.data) return event.data;
  }
};
const person = (id, more = {}) => ({ id, name: id, ...more });

test('a change is pushed when it is made, as the feed has it', built, async (t) => {
  const register = await start('directory');
  t.after(() => register.stop());
  await register.create('people', person('ada'));
  const [first] = (await register.get('-/changes', 'manager')).data;
  const stream = await open(register, { as: 'manager' });
  const from = await open(register, { as: 'manager', since: `?since=${first.seq}` });
  const organisations = await open(register, { since: '?collection=organisations' });

  assert.deepEqual(await next(stream), { id: `${first.seq}`, data: first });
  await register.create('people', person('bob'));
  await register.create('organisations', { id: 'org', name: 'Org', kind: 'other' });
  const { data } = await register.get(`-/changes?since=${first.seq}`, 'manager');
  assert.deepEqual(data.map(({ id }) => id), ['bob', 'org']);
  for (const one of [stream, from])
    assert.deepEqual([await next(one), await next(one)], data.map((it) => ({ id: `${it.seq}`, data: it })));
  assert.deepEqual((await register.get('-/changes?collection=organisations', 'manager')).data, data.slice(1));
  const { actor, ...told } = data[1];
  assert.equal(actor, 'manager');
  assert.deepEqual(await next(organisations), { id: `${told.seq}`, data: told }, 'expected no actor for the public');

  const back = await open(register, { as: 'manager', since: '?since=0', last: data[0].seq });
  assert.deepEqual((await next(back)).data, data[1], 'expected Last-Event-ID before since');
  for (const one of [stream, from, organisations, back]) one.close();
});

test('what a caller may not know of is not told, and looked at once only', built, async (t) => {
  const register = await startWith(['stream_comment = 100ms'], 'directory');
  t.after(() => register.stop());
  const [open_, office] = [await open(register), await open(register, { as: 'office' })];
  await register.create('people', person('hidden', { meta: { visibility: 'office' } }));
  const { seq } = await nextData(office);
  const silent = [await next(open_), await next(open_)];
  assert.ok(silent.every((event) => event.comment === '' && !event.data), 'expected comments alone');
  let event = silent.find(({ id }) => id);
  while (!event?.id) event = await next(open_);
  assert.equal(event.id, `${seq}`, 'expected to go on behind what is hidden');
  await register.create('people', person('seen'));
  assert.equal((await nextData(open_)).id, 'seen');
  assert.equal((await nextData(office)).id, 'seen');

  const beside = await register.import('people', [person('beside')]);
  assert.equal((await nextData(open_)).id, 'beside', `expected what another process wrote: ${beside}`);
  for (const one of [open_, office]) one.close();
});

test('a reader that comes back has each change once, while eight write and the server starts anew', built, async (t) => {
  const register = await startWith(['stream_comment = 100ms'], 'directory');
  t.after(() => register.stop());
  const each = 25;
  const write = async (writer) => {
    for (let i = 0; i < each;) {
      const { status } = await register.say('POST', 'people', { as: 'manager', body: person(`w${writer}-${i}`) }).catch(() => ({}));
      if (status === 201 || status === 409) i++; // 409: it was made, and the answer was lost
    }
  };
  const writers = [...Array(8).keys()].map(write);
  const seen = [];
  let connections = 0;
  const restarted = (async () => {
    while (seen.length < 4 * each) await new Promise(setImmediate);
    await register.restart();
  })();
  while (seen.length < 8 * each) {
    const stream = await open(register, { as: 'manager', last: seen.at(-1)?.seq ?? 0 }).catch(() => undefined);
    if (!stream) continue; // between two servers
    connections++;
    try {
      for (let n = 0; n < 1 + connections * 7 % 23 && seen.length < 8 * each;) {
        const { value, done } = await stream.events.next();
        if (done) break;
        if (value.data) n++, seen.push(value.data);
      }
    } catch { /* the connection broke off with the server */ }
    stream.close();
  }
  await Promise.all([...writers, restarted]);
  const all = [];
  for (let since = 0; ;) {
    const { data, page } = await register.get(`-/changes?since=${since}&limit=200`, 'manager');
    all.push(...data);
    if (page.next === since) break;
    since = page.next;
  }
  assert.deepEqual(seen, all, 'expected the whole sequence, nothing twice');
  assert.ok(connections > 10, `expected to come back often, came ${connections} times`);
});

test('streams leave workers to others, and a client that went away leaves its place', built, async (t) => {
  const register = await startWith(['threads = 8', 'stream_comment = 100ms'], 'directory');
  t.after(() => register.stop());
  const streams = [await open(register), await open(register)];
  const refused = await register.say('GET', '-/changes', { headers: { accept: 'text/event-stream' } });
  assert.equal(refused.status, 429);
  assert.match(refused.body.detail, /too many concurrent streams of changes/);
  assert.ok(refused.headers.get('retry-after'));
  await register.get('people');
  streams[0].close();
  let back;
  while (!back) back = await open(register).catch(() => undefined);
  for (const one of [streams[1], back]) one.close();
});

test('a reader that does not read holds nobody up, and has all in the end', built, async (t) => {
  const register = await start('directory');
  t.after(() => register.stop());
  const slow = await open(register);
  for (let i = 0; i < 5; i++)
    await register.import('people', Array.from({ length: 400 }, (_, k) => person(`p${i}-${k}`)));
  await register.create('people', person('last'));
  const ids = [];
  while (ids.at(-1) !== 'last') ids.push((await nextData(slow)).id);
  assert.equal(new Set(ids).size, 2001);
  slow.close();
});

test('a server that stops ends its streams', built, async () => {
  const register = await start('directory');
  const stream = await open(register);
  const ended = stream.events.next();
  await register.stop();
  assert.deepEqual(await ended, { value: undefined, done: true }, 'expected a whole answer');
});

test('what makes no sense is refused', built, async (t) => {
  const register = await start('directory');
  t.after(() => register.stop());
  await register.create('people', person('ada'));
  const { page: { next: last } } = await register.get('-/changes');
  const accept = 'text/event-stream';
  const cases = [
    ['?limit=5', { accept }, /no pages/], [`?since=${last + 1}`, { accept }, new RegExp(`last change is ${last};`)],
    [`?since=${last + 1}`, {}, new RegExp(`last change is ${last};`)], ['', { accept, 'last-event-id': `${last + 7}` }, /last change/],
    ['', { accept, 'last-event-id': 'x' }, /Last-Event-ID is a whole number/], ['?collection=peeple', {}, /did you mean "people"/],
    ['?collection=peeple', { accept }, /no collection/], ['?from=1', { accept }, /from/],
  ];
  for (const [query, headers, detail] of cases) {
    const { body } = await register.expect(400, 'GET', `-/changes${query}`, { headers });
    assert.match(body.detail, detail, query);
  }
  const { body } = await register.expect(406, 'GET', '-/changes', { headers: { accept: 'text/html' } });
  assert.match(body.detail, /available: application\/json, text\/event-stream/);
  assert.deepEqual((await register.get(`-/changes?since=${last}`)).data, []);
  const head = await fetch(`${register.origin}/api/v1/-/changes`, { method: 'HEAD', headers: { accept } });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-type'), accept);
  assert.equal(await head.text(), '');
});
