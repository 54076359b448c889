// A plugin that does everything a plugin can do, in a running server: what its callbacks see, when
// they run, and what becomes of what they do.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually, Register } from './register.mjs';

const section = (...lines) => ({ further: `probe {\n${lines.join('\n')}\n}` });
const as = 'manager';
const [CREATE, UPDATE, MOVE, REMOVE, MERGE] = [1, 2, 4, 8, 16];

let register;
const get = (...words) => register.get(...words);
const create = (...words) => register.create(...words);
const expect = (...words) => register.expect(...words);
const trail = () => get('probe/trail');
const errors = (reply) => reply.json.errors.map(({ pointer, code }) => `${code} ${pointer}`);
const nothing = async (path) => assert.deepEqual((await get(path)).data, [], `expected ${path} to be empty`);

// A mistake of the plugin: nothing of it in the answer, all of it in the log.
function internal(reply) {
  const { type, status, detail, errors: told } = reply.json;
  assert.deepEqual({ type, status, detail, told },
    { type: '/problems/internal', status: 500, detail: 'The server could not do this', told: undefined }, reply.text);
}

before(async () => { register = await new Register().configure('probe').start(); });
after(() => register.end());

describe('hooks', () => {
  const line = (phase, id, op, revision, was, is) =>
    `${phase} steps/${id} op ${op} revision ${revision} before ${was} after ${is} by manager`;
  // Without deliveries: those come when they come.
  const steps = async () => (await trail()).filter((said) => / steps\//.test(said) && !said.startsWith('deliver'));

  test('run in the order of their phases, whatever the order of the table', async () => {
    await trail();
    const made = await create('steps', { id: 'one', title: 'One' });
    assert.equal(made.length, 3, 'expected what FILL has completed');
    assert.deepEqual(await steps(), ['fill', 'check', 'follow', 'settle'].map((phase) => line(phase, 'one', CREATE, 1, '-', 'One')));
    await register.patch('steps/one', { title: 'One more' });
    assert.deepEqual(await steps(), ['fill', 'check', 'follow', 'settle'].map((phase) => line(phase, 'one', UPDATE, 2, 'One', 'One more')));
    assert.equal((await register.change('POST', 'steps/one/move', { body: { to: 'done' } })).status, 200);
    assert.deepEqual(await steps(), ['fill', 'check', 'follow', 'settle'].map((phase) => line(phase, 'one', MOVE, 3, 'One more', 'One more')));
    await create('steps', { id: 'other', title: 'Other' });
    await steps();
    await expect(204, 'POST', 'probe/merge', { as, body: { collection: 'steps', id: 'other', into: 'one' } });
    assert.deepEqual(await steps(), ['check', 'follow', 'settle'].map((phase) => line(phase, 'other', MERGE, 2, 'Other', '-')));
    assert.equal((await register.change('DELETE', 'steps/one')).status, 204);
    assert.deepEqual(await steps(), ['check', 'follow', 'settle'].map((phase) => line(phase, 'one', REMOVE, 4, 'One more', '-')));
  });

  test('SETTLE sees once what the whole set did to a record', async () => {
    await create('steps', { id: 'kept', title: 'Kept' });
    await create('steps', { id: 'lost', title: 'Lost' });
    await trail();
    const reply = await expect(204, 'POST', 'steps/-/several', { as, body: { title: 'Made' } });
    assert.equal(reply.headers.get('location'), 'made');
    assert.deepEqual((await steps()).filter((said) => said.startsWith('settle')), [
      line('settle', 'made', CREATE | UPDATE, 2, '-', 'Made 2'),
      line('settle', 'kept', UPDATE | MOVE, 3, 'Kept', 'Kept 3'),
      line('settle', 'lost', REMOVE, 2, 'Lost', '-'),
    ]);
  });

  test('SETTLE for some operations sees what the others did too', async () => {
    await expect(204, 'POST', 'whirls/-/whirl', { as, body: { title: 'Made and changed' } });
    assert.ok((await trail()).includes(`settle whirls/made-and-changed op ${CREATE | UPDATE} revision 2 before - after Made and changed by manager`));
  });

  test('FOLLOW writes further records in the same transaction', async () => {
    const since = (await get('-/changes?limit=200', as)).page.next;
    await create('steps', { id: 'marked', title: 'Marked', marks: 3 });
    const { data } = await get(`-/changes?since=${since}&limit=200`, as);
    assert.deepEqual(data.map(({ collection }) => collection), ['steps', 'marks', 'marks', 'marks']);
    const marks = (await get('marks?step=marked')).data;
    assert.deepEqual(marks.map(({ id }) => id), ['mark-1', 'mark-2', 'mark-3']);
  });

  test('a failure in FOLLOW takes everything back', async () => {
    const reply = await expect(422, 'POST', 'steps', { as, body: { id: 'undone', title: 'Undone', marks: 3, spoilt: 3 } });
    assert.deepEqual(errors(reply), ['required /title']);
    await expect(404, 'GET', 'steps/undone');
    assert.deepEqual((await get('marks')).data.filter(({ step }) => step === 'undone'), []);
    await create('steps', { id: 'undone', title: 'Done', marks: 1 });
  });

  test('a failed write fails the change set, whatever the plugin makes of it', async () => {
    assert.deepEqual(errors(await expect(422, 'POST', 'probe/ignore', { as })).sort(), ['required /title', 'unknown_field /name', 'unknown_field /number']);
  });

  test('that write in a circle end with 500, and the server goes on', async () => {
    internalOfTheHost(await expect(500, 'POST', 'echoes', { as, body: { title: 'Echo' } }));
    await register.logged('error', 'hooks of echoes', '16 deep');
    await nothing('echoes');
    const whirl = await create('whirls', { title: 'Whirl' });
    internalOfTheHost(await register.change('PATCH', `whirls/${whirl.id}`, { body: { turns: 1 } }));
    await register.logged('error', 'hooks settle whirls/whirl again and again');
    assert.equal((await get('whirls/whirl')).turns, undefined);
    await create('steps', { title: 'Still there' });
  });

  const internalOfTheHost = ({ json }) =>
    assert.deepEqual([json.type, json.detail], ['/problems/internal', 'The store could not do it; nothing was changed.']);
});

describe('CHECK', () => {
  before(async () => {
    await create('hosts', { id: 'inn', title: 'Inn', quota: 1 });
    await create('guests', { id: 'ana', title: 'Ana', host: 'inn' });
    await create('guests', { id: 'ben', title: 'Ben', host: 'inn' });
  });

  test('refuses, and all errors are told', async () => {
    const reply = await expect(409, 'POST', 'guests', { as, body: { title: 'Banned', host: 'inn' } });
    assert.deepEqual(reply.json.errors, [
      { pointer: '/host', code: 'not_welcome', detail: 'inn does not let them in' },
      { pointer: '/title', code: 'banned', detail: 'Banned is not let in anywhere' },
    ]);
    await nothing('guests?title=Banned');
  });

  test('that fails without saying why is a mistake of the plugin', async () => {
    internal(await expect(500, 'POST', 'guests', { as, body: { title: 'Silent', host: 'inn' } }));
    await register.logged('error', 'probe: hook 5 returned status 70');
  });

  test('does not change what it checks', async () => {
    internal(await expect(500, 'POST', 'guests', { as, body: { title: 'Meddler', host: 'inn' } }));
    await register.logged('error', 'probe: hook 5: a record may be changed in FILL only');
    assert.equal((await register.change('PATCH', 'guests/ana', { body: { title: 'Selfish' } })).status, 500);
    await register.logged('error', 'a FILL or CHECK hook wrote guests/ana');
    assert.equal((await get('guests/ana')).title, 'Ana');
  });

  test('warns, and warns anew when another record changes', async () => {
    const crowded = { code: 'crowded', field: '/host', detail: 'inn has room for 1' };
    const first = await expect(200, 'GET', 'guests/ben', { as });
    assert.deepEqual(first.json.meta.warnings, [crowded]);
    const since = (await get('-/changes?limit=200', as)).page.next;
    await register.patch('hosts/inn', { quota: 5 });
    const second = await expect(200, 'GET', 'guests/ben', { as });
    assert.deepEqual(second.json.meta.warnings, [], 'expected no warning any more');
    assert.equal(second.json.meta.revision, first.json.meta.revision, 'expected no revision');
    assert.equal(second.json.meta.updated, first.json.meta.updated);
    assert.notEqual(second.headers.get('etag'), first.headers.get('etag'), 'expected another ETag');
    const { data } = await get(`-/changes?since=${since}&limit=200`, as);
    assert.deepEqual(data.map(({ collection, id, op }) => `${op} ${collection}/${id}`), ['update hosts/inn', 'recheck guests/ben']);
    assert.deepEqual((await get('guests/ben/revisions', as)).data.length, 1);
    await register.patch('hosts/inn', { quota: 1 });
    assert.deepEqual((await get('guests/ben', as)).meta.warnings, [crowded]);
  });

  test('a hook that was built before an operation guards against it', async () => {
    await create('guarded', { id: 'a', title: 'A' });
    await create('guarded', { id: 'b', title: 'B' });
    const reply = await expect(409, 'POST', 'probe/merge', { as, body: { collection: 'guarded', id: 'a', into: 'b' } });
    assert.equal(reply.json.detail, 'The plugin probe guards guarded and was built before there was such an operation; a newer build of it may allow this');
    await get('guarded/a');
  });
});

describe('DELIVER', () => {
  let letters;
  const file = () => join(letters.folder, 'letters.txt');
  const lines = () => (existsSync(file()) ? readFileSync(file(), 'utf8').trim().split('\n') : []);
  const delivered = (n) => eventually(`${n} deliveries; there were\n${lines().join('\n')}`, () => lines().length >= n && lines());
  const line = (id, op, revision, was, is) =>
    `deliver letters/${id} op ${op} revision ${revision} before ${was} after ${is} by manager`;

  before(async () => { letters = await new Register().configure('probe').start(); });
  after(() => letters.end());

  test('in the order of the journal, a change by a FOLLOW hook included', async () => {
    for (const n of [1, 2, 3]) await letters.create('letters', { id: `l${n}`, title: `L${n}` });
    await letters.change('DELETE', 'letters/l2');
    assert.deepEqual(await delivered(7), [
      ...[1, 2, 3].flatMap((n) => [line(`l${n}`, CREATE, 1, '-', `L${n}`), line(`l${n}`, UPDATE, 2, `L${n}`, `L${n}`)]),
      line('l2', REMOVE, 3, 'L2', '-'),
    ]);
  });

  test('what cannot be delivered is logged and passed over', async () => {
    await letters.create('letters', { id: 'bad', title: 'Undeliverable' });
    await letters.create('letters', { id: 'good', title: 'Good' });
    assert.deepEqual((await delivered(9)).slice(7), [line('good', CREATE, 1, '-', 'Good'), line('good', UPDATE, 2, 'Good', 'Good')]);
    await letters.logged('error', 'delivery of bad failed and is dropped', 'Nobody of that name');
  });

  test('waits while the other side is not available, and outlives the server', async () => {
    writeFileSync(`${file()}.closed`, '');
    await letters.create('letters', { id: 'late', title: 'Late' });
    await letters.logged('warn', 'probe', 'The letter box is closed');
    await letters.kill();
    rmSync(`${file()}.closed`);
    await letters.start();
    assert.deepEqual((await delivered(11)).slice(9), [line('late', CREATE, 1, '-', 'Late'), line('late', UPDATE, 2, 'Late', 'Late')]);
  });

  test('is tried again without a restart', async () => {
    writeFileSync(`${file()}.closed`, '');
    await letters.create('letters', { id: 'again', title: 'Again' });
    await letters.logged('warn', 'probe', 'The letter box is closed');
    rmSync(`${file()}.closed`);
    await delivered(13);
  });

  test('at least once: again, when the server died before it could take note', async () => {
    writeFileSync(`${file()}.fatal`, '');
    await letters.create('letters', { id: 'twice', title: 'Twice' });
    assert.equal(await letters.ended, 'SIGKILL');
    rmSync(`${file()}.fatal`);
    await letters.start();
    const first = line('twice', CREATE, 1, '-', 'Twice');
    assert.deepEqual((await delivered(16)).slice(13), [first, first, line('twice', UPDATE, 2, 'Twice', 'Twice')]);
  });
});

describe('a route', () => {
  const wrong = [
    ['kind=blue', 'kind: "blue" is not one of red green'], ['truth=1', 'truth: "1" is not true or false'],
    ['number=1.5', 'number: "1.5" is not a whole number'], ['number=-', 'number: "-" is not a whole number'],
    ['day=2024-02-30', 'day: "2024-02-30" is not a date, YYYY-MM-DD'], ['day=2024-02', 'day: "2024-02" is not a date, YYYY-MM-DD'],
    ['span=2024-13', 'span: "2024-13" is not a date: YYYY, YYYY-MM or YYYY-MM-DD'], ['host=A', 'host: "A" is not an id'],
    ['text=b', 'The parameter text is given twice'],
    ['nunber=1', 'There is no parameter "nunber" here; did you mean "number"; known: text, kind, truth, number, day, span, host'],
  ];
  for (const [given, detail] of wrong)
    test(`refuses the parameter ${given}`, async () => {
      const { json } = await expect(400, 'GET', `probe/parameters?text=a&${given}`);
      assert.ok(json.errors.some((error) => error.detail === detail), JSON.stringify(json.errors));
    });

  test('gets parameters of every type', async () => {
    const seen = await get('probe/parameters?text=a%20%C3%A9&kind=red&truth=false&number=-12&day=2024-02-29&span=2024&host=inn');
    assert.deepEqual(seen, { text: 'a é', kind: 'red', truth: 'false', number: '-12', day: '2024-02-29', span: '2024', host: 'inn',
      undeclared: null, path: '/api/v1/probe/parameters' });
    assert.equal((await get('probe/parameters?text=a')).kind, null);
    const { json } = await expect(400, 'GET', 'probe/parameters?kind=red');
    assert.deepEqual(json.errors, [{ pointer: '', code: 'required', detail: 'The parameter text is required' }]);
    const empty = await expect(400, 'GET', 'probe/parameters?text=');
    assert.equal(empty.json.errors[0].detail, 'text: "" is not some text');
    await expect(400, 'GET', 'probe/options?any=1');
  });

  test('gets a whole query, where it takes any, and headers', async () => {
    const headers = { 'accept-language': 'en-GB' };
    const { json, headers: told } = await expect(200, 'GET', 'probe/anything?undeclared=a%20b&kind=red&x[in]=1', { headers });
    assert.deepEqual(json, { query: 'undeclared=a%20b&kind=red&x[in]=1', undeclared: 'a b', language: 'en-GB' });
    assert.deepEqual([told.get('etag'), told.get('cache-control')], ['"as-it-was"', 'max-age=60']);
    assert.equal((await get('probe/anything')).query, null);
    await expect(400, 'GET', 'probe/anything?kind=green');
    const again = await expect(304, 'GET', 'probe/anything', { headers: { 'if-none-match': '"as-it-was"' } });
    assert.equal(again.text, '');
  });

  test('has the id where its path says, and all the rest of a path', async () => {
    const { id, rest, role, collection } = await get('probe/some/of/thing');
    assert.deepEqual({ id, rest, role, collection }, { id: 'thing', rest: null, role: 0, collection: null });
    assert.equal((await get('/probe/a/b')).rest, 'a/b');
  });

  test('is for those who may', async () => {
    await expect(401, 'GET', 'probe/office');
    await expect(403, 'GET', 'probe/office', { as: 'partner' });
    const { json } = await expect(200, 'GET', 'probe/office', { as: 'office', headers: { 'if-match': '"7"' } });
    assert.deepEqual(json, { role: 20, same: true, rest: null, id: null, if_match: '"7"', collection: null });
    assert.equal((await get('probe/office', 'manager')).role, 30);
    assert.equal((await expect(405, 'POST', 'probe/office', { as, body: {} })).headers.get('allow'), 'GET, HEAD, OPTIONS');
  });

  test('takes JSON', async () => {
    const post = (headers, body) => fetch(`${register.origin}/api/v1/probe/ignore`, { method: 'POST', body,
      headers: { authorization: `Bearer ${register.tokens.manager}`, ...headers } });
    assert.equal((await post({ 'content-type': 'application/json' }, '{"a":')).status, 400);
    assert.equal((await post({ 'content-type': 'text/plain' }, '{}')).status, 415);
    assert.equal((await post({ 'content-type': 'application/json' }, `"${'x'.repeat(1 << 20)}"`)).status, 413);
  });

  test('replies with headers, statuses and other media types', async () => {
    const headers = await expect(202, 'GET', 'probe/reply?how=headers');
    assert.equal(headers.headers.get('x-probe'), 'seen');
    assert.equal(headers.headers.get('x-split'), null);
    assert.equal(headers.headers.get('x-evil'), null);
    const bytes = await expect(201, 'GET', 'probe/reply?how=bytes');
    assert.deepEqual([bytes.headers.get('content-type'), bytes.text], ['text/csv', 'a,b\n']);
    const twice = await expect(200, 'GET', 'probe/reply?how=twice');
    assert.deepEqual([twice.headers.get('content-type'), twice.text], ['application/json', '[]']);
    const empty = await expect(204, 'GET', 'probe/reply?how=nothing');
    assert.deepEqual([empty.headers.get('content-type'), empty.text], [null, '']);
    const failed = await expect(410, 'GET', 'probe/reply?how=then-fail');
    assert.deepEqual(failed.json.errors, [{ pointer: '/there', code: 'moved_on', detail: 'It was here 5 minutes ago' }]);
  });

  const mistakes = [
    ['reply', 'no-status', '42 is no status of a reply'], ['reply', 'silently', 'returned status 70 without calling ouse_fail'],
    ['reply', 'without-status', 'ouse_fail: 0 is no failure'],
    ['mistake', 'filter', 'the filter "colour=red" of hosts'], ['mistake', 'filter-then-fail', 'the filter "colour=red" of hosts'],
    ['mistake', 'field', 'guests has no field landlord'], ['mistake', 'write', 'ouse_create: nothing can be written here'],
    ['mistake', 'recheck', 'ouse_recheck: nothing can be written here'], ['mistake', 'warn', 'only a CHECK hook warns'],
    ['mistake', 'bytes', 'only a format writes'], ['mistake', 'circle', 'a value cannot be put into itself'],
    ['mistake', 'ask', 'ouse_ask: only a route or task with OUSE_NONE'],
  ];
  for (const [route, how, line] of mistakes)
    test(`makes a mistake: ${how}`, async () => {
      internal(await expect(500, 'GET', `probe/${route}?how=${how}`));
      await register.logged('error', `probe: GET probe/${route}`, line);
    });

  test('finds nothing in collections that are not there', () => expect(200, 'GET', 'probe/mistake?how=none'));

  describe('that asks the API', () => {
    const ask = (path, role) => get(`probe/ask?how=${encodeURIComponent(path)}`, role);
    before(async () => {
      await create('hosts', { id: 'asked', title: 'Asked é', quota: 3, diary: 'secret' });
      await create('hosts', { id: 'asked-hidden', title: 'Asked hidden', meta: { visibility: 'office' } });
    });

    test('has what the caller would have', async () => {
      const known = ({ request_id, ...answer }) => answer;
      for (const role of [undefined, 'office'])
        for (const path of ['hosts/asked', 'hosts?limit=1&count=exact', 'hosts?title=nobody', 'hosts/asked/guests', 'hosts?limit=x', '-/whoami']) {
          const { status, json } = await register.say('GET', path, { as: role }), asked = await ask(path, role);
          assert.deepEqual([asked.status, known(asked.answer)], [status, known(json)], path);
        }
      assert.deepEqual((await ask('hosts/asked', 'office')).answer.diary, 'secret');
      assert.equal((await ask('hosts/asked-hidden', 'office')).status, 200);
    });

    test('has problems as documents', async () => {
      const { status, answer } = await ask('hosts/asked-hidden');
      assert.deepEqual([status, answer.status, answer.type, answer.detail], [404, 404, '/problems/not-found', 'There is no hosts/asked-hidden']);
      assert.match((await ask('hosts?limit=x')).answer.detail, /limit/);
      for (const path of ['hosts/../tokens', 'hosts/%2e%2e', 'hosts/a%2Fb', 'hosts//a', 'hosts/%00'])
        assert.deepEqual([path, (await ask(path)).answer.status], [path, 400]);
      assert.equal((await ask('no-such-things')).status, 404);
      assert.equal((await ask('probe/office')).status, 401);
    });

    test('is told where a record went, and nothing of what is no JSON', async () => {
      await create('hosts', { id: 'asked-before', title: 'Asked before' });
      await expect(204, 'POST', 'probe/merge', { as, body: { collection: 'hosts', id: 'asked-before', into: 'asked' } });
      assert.deepEqual(await ask('hosts/asked-before'), { status: 308, answer: { location: '/api/v1/hosts/asked' } });
      assert.deepEqual(await ask('hosts.csv'), { status: 200, answer: null });
      assert.deepEqual(await ask('probe/reply?how=bytes'), { status: 201, answer: null });
    });

    test('asks as a role that is at most the caller\'s', async () => {
      const as_partner = 'probe/ask-as-partner?how=-/whoami';
      for (const caller of ['office', 'partner']) {
        const { role, actor, grants } = (await get(as_partner, caller)).answer;
        assert.deepEqual([role, actor, grants.map((grant) => grant.role)], ['partner', caller, ['partner']]);
      }
      internal(await expect(500, 'GET', as_partner));
      await register.logged('error', 'probe: GET probe/ask-as-partner', 'ouse_ask: the role must not be above that of the caller');
    });

    test('is not asked by what it asks', async () => {
      const { status, answer } = await ask('probe/ask?how=hosts');
      assert.deepEqual([status, answer.type], [500, '/problems/internal']);
      await register.logged('error', 'probe: GET probe/ask', 'ouse_ask: only a route or task with OUSE_NONE');
    });
  });

  test('without a store reads none', async () => {
    internal(await expect(500, 'GET', 'hosts/any/storeless'));
    await register.logged('error', 'ouse_get needs a store');
  });
});

describe('a route about a record', () => {
  before(async () => {
    for (const id of ['here', 'gone', 'merged']) await create('hosts', { id, title: id, quota: 9, diary: 'secret' });
    await create('guests', { id: 'open', title: 'Open', host: 'here' });
    await create('guests', { id: 'hidden', title: 'Hidden', host: 'here', meta: { visibility: 'office' } });
    await create('guests', { id: 'veiled', title: 'Veiled', secret_host: 'here' });
    assert.equal((await register.change('DELETE', 'hosts/gone')).status, 204);
    await expect(204, 'POST', 'probe/merge', { as, body: { collection: 'hosts', id: 'merged', into: 'here' } });
  });

  test('is asked only for one that is there', async () => {
    await expect(404, 'GET', 'hosts/never/guests');
    await expect(410, 'GET', 'hosts/gone/guests');
    for (const path of ['hosts/merged/guests', 'hosts/%6Derged/guests', 'h%6Fsts/merged/guests'])
      assert.equal((await expect(308, 'GET', path)).headers.get('location'), '/api/v1/hosts/here/guests', path);
    await expect(404, 'POST', 'places/never/book', { as });
  });

  test('sees what the public may see', async () => {
    const seen = await get('hosts/here/guests');
    assert.deepEqual([seen.record.diary, seen.got.diary], [undefined, undefined]);
    assert.deepEqual(seen.record, seen.got);
    assert.equal(seen.hidden, undefined);
    assert.equal(seen.label, 'here', 'expected a merged id to lead to what it went into');
    assert.deepEqual([seen.queried, seen.through_host, seen.through_any], [['open'], ['open'], ['open']]);
    assert.deepEqual(seen.through_secret, []);
  });

  test('sees what the office may see', async () => {
    const seen = await get('hosts/here/guests', 'office');
    assert.equal(seen.record.diary, 'secret');
    assert.equal(seen.hidden.id, 'hidden');
    assert.deepEqual([seen.queried, seen.through_host, seen.through_secret, seen.through_any],
      [['hidden', 'open'], ['hidden', 'open'], ['veiled'], ['hidden', 'open', 'veiled']]);
  });

  test('finds what refers to a merged record at the one that it went into', async () => {
    for (const [who, guests] of [[undefined, ['open']], ['office', ['hidden', 'open']]]) {
      const seen = await get('hosts/here/guests', who);
      assert.deepEqual([seen.of_merged, seen.merged, seen.through_merged, seen.of_nobody],
        [guests, ['here'], guests, []]);
    }
  });

  test('that writes: one of 32 gets the last place', async () => {
    await create('places', { id: 'boat', title: 'Boat', seats: 1 });
    const replies = await Promise.all(Array.from({ length: 32 }, () => register.say('POST', 'places/boat/book', { as })));
    assert.deepEqual(replies.map(({ status }) => status).sort(), [201, ...Array(31).fill(409)]);
    const { json } = replies.find(({ status }) => status === 201);
    assert.deepEqual([json.taken, json.meta.revision], [1, 2], 'expected the reply to show what was written');
    assert.equal((await get('places/boat')).taken, 1);
    await expect(401, 'POST', 'places/boat/book');
    await expect(403, 'POST', 'places/boat/book', { as: 'office' });
  });
});

test('documents', async () => {
  const rows = (...all) => all.map(([name, number]) => (number ? { name, number } : { name }));
  assert.deepEqual(await get('probe/documents'), {
    moved: { filled: 'in the first only' }, copied: { filled: 'afterwards' }, replaced: 'old', no_text: null,
    pounds: 10.1, pence: 1010, no_pence: -1,
    ascending: rows(['odd', 1], ['even', 2], ['odd', 3], ['even', 4], ['none']),
    descending: rows(['even', 4], ['odd', 3], ['even', 2], ['odd', 1], ['none']),
    stable: rows(['even', 4], ['even', 2], ['none'], ['odd', 3], ['odd', 1]),
    picked: { no_pence: -1, pence: 1010, pounds: 10.1 }, shown: { pence: 1010, absent: null },
    equal: true, null_is_nothing: true, differs: false, members: 3, second: 'pence', behind: 0, of_nothing: false,
  });
});

describe('representations', () => {
  before(async () => {
    await create('hosts', { id: 'lodge', title: 'Lodge', quota: 9 });
    await create('marks', { id: 'm', title: 'Unspeakable' });
  });

  const expectText = async (path, headers, type, text) => {
    const reply = await expect(200, 'GET', path, { headers });
    assert.deepEqual([reply.headers.get('content-type'), reply.text], [type, text], path);
  };

  test('of a record and a list, by Accept and by suffix', async () => {
    const accept = { accept: 'text/x-titles' }, list = 'BEGIN places 50 role 0\nBoat\nEND\n';
    await expectText('hosts/lodge', accept, 'text/x-titles', 'Lodge\n');
    await expectText('hosts/lodge.titles', {}, 'text/x-titles', 'Lodge\n');
    await expectText('places?limit=50', accept, 'text/x-titles', list);
    await expectText('places.titles?limit=50', {}, 'text/x-titles', list);
    await expectText('guests/open.guest', {}, 'text/x-guest', 'Open\n');
    await expect(406, 'GET', 'guests', { headers: { accept: 'text/x-guest' } });
    await expect(406, 'GET', 'hosts/lodge', { headers: { accept: 'text/x-guest' } });
  });

  test('a format that fails without saying why', async () => {
    internal(await expect(500, 'GET', 'marks/m.titles'));
    await register.logged('error', 'probe: text/x-titles returned status 120');
  });

  test('a derived value that fails, fails the write that it would answer', async () => {
    const { json } = await expect(500, 'POST', 'hosts', { as, body: { id: 'many', title: 'Uncountable' } });
    assert.equal(json.errors[0].detail, 'Nobody can count these');
    await expect(404, 'GET', 'hosts/many');
  });

  test('derived values change the ETag when the record does not', async () => {
    const first = await expect(200, 'GET', 'hosts/lodge');
    assert.equal(first.json.guests, 0);
    await expect(304, 'GET', 'hosts/lodge', { headers: { 'if-none-match': first.headers.get('etag') } });
    await create('guests', { title: 'Late', host: 'lodge', meta: { visibility: 'office' } });
    await expect(304, 'GET', 'hosts/lodge', { headers: { 'if-none-match': first.headers.get('etag') } });
    const office = await expect(200, 'GET', 'hosts/lodge', { as });
    assert.deepEqual([office.json.guests, office.json.meta.revision], [1, 1]);
    await create('guests', { title: 'Later', host: 'lodge' });
    const second = await expect(200, 'GET', 'hosts/lodge', { headers: { 'if-none-match': first.headers.get('etag') } });
    assert.deepEqual([second.json.guests, second.json.meta.revision], [1, 1]);
    assert.equal((await get('hosts?title=Lodge')).data[0].guests, 1);
  });
});

test('tasks', async () => {
  await create('clocks', { id: 'wall', title: 'Wall' });
  await eventually('a clock that a task turned twice', async () => (await get('clocks/wall')).turns >= 2);
  await eventually('a task that looked', async () => (await trail()).includes('looked at wall'));
  await create('clocks', { id: 'broken', title: 'Broken' });
  await register.logged('error', 'probe: task turn: The clock is broken');
  assert.equal((await get('clocks/broken')).turns, undefined, 'expected all of the task to be taken back');
});

test('tasks that ask the API, as any role', async () => {
  const seen = [];
  const says = (line) => async () => { seen.push(...await trail()); return seen.includes(line); };
  await create('clocks', { id: 'locked-away', title: 'Locked away', meta: { visibility: 'office' } });
  const { count } = (await get('clocks?count=exact', 'office')).page;
  await eventually('a task that asked as two roles', says(`asked for clocks: 1 hidden, of ${count}`));
  await eventually('a task that asked as itself', says('asked as manager probe, and was told 404'));
});

describe('options', () => {
  let other;
  const options = () => other.get('probe/options');
  const reload = async (...lines) => {
    other.configure('probe', section(...lines));
    other.said = '';
    other.child.kill('SIGHUP');
    await eventually(`a word about the reload; the log says ${other.said}`, () => /config: (read again|nothing was changed)/.test(other.said));
  };
  const given = ['text = "one"', 'secret = "hush"', 'number = 3', 'patience = 250ms', 'room = 4KiB', 'truth = true'];
  const seen = { text: 'one', secret: 'hush', number: 3, patience: 250, room: 4096, truth: true };

  before(async () => { other = await new Register().configure('probe', section(...given)).start(); });
  after(() => other.end());

  test('have their defaults', async () => assert.deepEqual(await get('probe/options'),
    { text: 'plain', secret: null, number: 7, patience: 15000, room: 64 << 20, truth: false }));

  test('of every type reach the plugin', async () => assert.deepEqual(await options(), seen));

  test('are read again on SIGHUP', async () => {
    let over = false;
    const texts = new Set(), watching = (async () => {
      while (!over) {
        const { text, number } = await options();
        texts.add(`${text} ${number}`);
      }
    })();
    await reload('text = "two"', 'secret = "changed"', 'number = 4', 'patience = 2s', 'room = 8KiB', 'truth = false');
    over = true;
    await watching;
    assert.ok([...texts].every((one) => ['one 3', 'two 4'].includes(one)), `expected one file or the other, got ${[...texts]}`);
    assert.deepEqual(await options(), { ...seen, text: 'two', number: 4, patience: 2000, truth: false }, 'expected those that are reloadable to be new');
    await other.logged('warn', 'probe.secret, probe.room: changed in the file, takes effect at restart');
    assert.ok((await other.get('probe/trail')).includes('reconfigured 1: two'));
  });

  test('stay as they are when the file is bad', async () => {
    const now = await options();
    await reload('text = "three"', 'number = 11');
    await other.logged('error', 'config: nothing was changed', 'probe.number');
    assert.deepEqual(await options(), now);
    await reload('text = "two"', 'number = 4', 'patience = 2s');
    assert.deepEqual((await other.get('probe/trail')).filter((line) => /^reconf/.test(line)), [], 'expected no call where nothing changed');
  });

  test('that the plugin refuses change nothing, and the log says why', async () => {
    await reload('text = "bad"', 'number = 4', 'patience = 2s');
    await other.logged('error', 'config: nothing was changed: ', '"bad" is not to its taste');
    assert.equal((await options()).text, 'two');
  });
});

// What the start of a register says that is never served.
function refusalOf(...configuration) {
  const never = new Register().configure(...configuration);
  try {
    return never.refusal();
  } finally {
    never.remove();
  }
}

describe('a start', () => {
  const refusal = (how) => refusalOf('probe', section(`refuse = "${how}"`));

  test('may be refused', () => {
    const said = refusal('start');
    assert.match(said, /^The plugin probe refuses to start\nIt is Sunday today\n$/m);
    assert.doesNotMatch(said, /stopped|listening/);
  });
  test('may be refused when all have started', () => {
    const said = refusal('ready');
    assert.match(said, /^The plugin probe refuses to be ready\nIt is not ready\n$/m);
    assert.match(said, /probe: started\n(.*\n)*.*probe: stopped/, 'expected what had started to be stopped');
  });
  test('may be refused without a word', () => assert.match(refusal('silently'), /probe: start returned status 160 without calling ouse_fail/));
  test('has no store', () => assert.match(refusal('recheck'), /probe: start: ouse_recheck: nothing can be written here/));
});

// What loads, and cannot be served: by the name of the build.
describe('a plugin is refused', () => {
  const route = 'needs a method (GET POST PUT PATCH DELETE), a path, a function and an access of this ABI';
  const task = 'task 0 needs a name, a function, every_ms of at least 1000 and an access of this ABI';
  const builds = {
    phase: 'hook 1 has a phase that this host does not know; rebuild it against this host',
    ops: 'hook 1 names no operation, or one that this host does not know (OUSE_ON_…)',
    fn: 'hook 1 has no function',
    method: `the route wrong/-/answer ${route}`,
    path: 'the route GET wrong//answer is malformed',
    schema: 'the reply_schema of the route GET wrong/-/answer is no JSON object',
    taken: 'the route GET -/plugins is taken by another plugin or by the server; rename it',
    parameter: 'parameter 1 of the route GET wrong/-/answer needs a name and a type of OUSE_TEXT ENUM (with choices) BOOL INT DATE PDATE REF',
    every: task,
    access: task,
  };
  for (const [name, why] of Object.entries(builds))
    test(name, () => {
      const from = join(process.env.PROBES, `wrong-${name}`);
      assert.equal(refusalOf('wrong', { from }), `${from}/wrong.so: ${why}\n`);
    });
});

describe('threads', () => {
  const most = async (name) => (await get(`/${name}/most`)).most;
  let both;
  before(async () => {
    both = register;
    register = await new Register().configure('turns-serial, turns-parallel').start();
  });
  after(async () => {
    await register.end();
    register = both;
  });

  test('SERIAL: one at a time', async () => {
    const turns = Array.from({ length: 24 }, (_, i) => expect(200, i % 3 ? 'GET' : 'POST', 'turns-serial/turn'));
    await Promise.all(turns);
    assert.equal(await most('turns-serial'), 1);
  });

  test('PARALLEL: several at a time', async () => {
    await Promise.all([expect(200, 'GET', 'turns-parallel/meet'), expect(200, 'GET', 'turns-parallel/meet')]);
    assert.equal(await most('turns-parallel'), 2);
  });
});
