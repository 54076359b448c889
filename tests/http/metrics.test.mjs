// What the server counts of itself: as Prometheus reads it, true, and shown to nobody who should not see it.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { parse } from './exposition.mjs';
import { built, source, start, startWith } from './ouse.mjs';

// A GET that is not kept alive, from an address of the loopback network.
const ask = (register, { headers = {}, from = '127.0.0.1', path = '/metrics' } = {}) => new Promise((resolve, reject) => {
  request(register.origin + path, { headers, localAddress: from, agent: false }, (reply) => {
    let text = '';
    reply.on('data', (piece) => { text += piece; });
    reply.on('end', () => resolve({ status: reply.statusCode, type: reply.headers['content-type'], text }));
  }).on('error', reject).end();
});

async function scrape(register, options) {
  const { status, type, text } = await ask(register, options);
  assert.deepEqual([status, type], [200, 'text/plain; version=0.0.4; charset=utf-8'], text);
  return parse(text);
}

// Scrapes until a measure is as expected: what is counted behind an answer may come behind it.
async function becomes(register, series, expected) {
  for (let left = 1000; left > 0; left--) {
    const { values } = await scrape(register);
    if (values.get(series) === expected) return values;
    if (left === 1) assert.equal(values.get(series), expected, series);
  }
}

describe('metrics', built, () => {
  let register;
  before(async () => { register = await startWith(['threads = 8'], 'directory', 'metrics'); });
  after(() => register?.stop());

  test('are what Prometheus reads, with names as it wants them', async () => {
    const { families, values } = await scrape(register);
    for (const [name, { type, help }] of families) {
      assert.match(name, /^(ouse|process)_[a-z_]+$/);
      assert.ok(help.endsWith('.'), `expected ${name} to have help: ${help}`);
      assert.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`);
      assert.doesNotMatch(name, /_(ms|milliseconds|kilobytes|kb|mb|count|sum|bucket)(_|$)/, 'base units, and no suffix of a histogram');
    }
    const { version, abi } = await register.get('../../version');
    assert.equal(values.get(`ouse_build_info{version="${version}",abi="${abi}"}`), 1);
    assert.equal(values.get('ouse_plugin_info{plugin="metrics",version="1.0.0"}'), 1);
    assert.ok(Math.abs(values.get('process_start_time_seconds') - Date.now() / 1000) < 600);
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_open_fds', 'process_max_fds', 'ouse_store_used_bytes'])
      assert.ok(values.get(name) > 0, name);
  });

  test('are those that the reference page has', async () => {
    const { families } = await scrape(register);
    const page = await source('plugins/metrics/README.md');
    const told = [...page.matchAll(/^\| `((?:ouse|process)_\w+)` \|/gm)].map(([, name]) => name);
    assert.deepEqual([...families.keys()].sort(), told.sort());
  });

  test('count requests by kind of route, method and status, and never by path', async () => {
    const one = (labels) => `ouse_http_requests_total{${labels}}`;
    const { values: old } = await scrape(register);
    await register.create('people', { id: 'ann', name: 'Ann' });
    for (let i = 0; i < 5; i++) await register.get('people/ann');
    for (let i = 0; i < 3; i++) await register.expect(404, 'GET', `people/nobody-${i}`);
    await register.expect(401, 'GET', 'people', { headers: { authorization: 'Bearer no' } });
    await register.expect(404, 'GET', `../../no/such/${'path/'.repeat(5)}`);
    const { values } = await scrape(register), more = (series) => values.get(series) - (old.get(series) ?? 0);
    assert.equal(more(one('route="record",method="GET",status="200"')), 5);
    assert.equal(more(one('route="record",method="GET",status="404"')), 3);
    assert.equal(more(one('route="write",method="POST",status="201"')), 1);
    assert.equal(more(one('route="none",method="GET",status="401"')), 1);
    assert.equal(more(one('route="none",method="GET",status="404"')), 1);
    const last = await becomes(register, 'ouse_http_request_duration_seconds_count{route="record"}', 8);
    assert.ok(last.get('ouse_http_request_duration_seconds_sum{route="record"}') > 0);
    assert.ok(last.get('ouse_http_received_bytes_total') >= '{"id":"ann","name":"Ann"}'.length);
    assert.ok(last.get('ouse_http_sent_bytes_total') > old.get('ouse_http_sent_bytes_total'));
  });

  test('count change sets, their commits, and the records there are', async () => {
    const { values: old } = await scrape(register);
    await register.create('organisations', { id: 'one', name: 'One', kind: 'other' });
    await register.create('organisations', { id: 'two', name: 'Two', kind: 'other' });
    await register.create('people', { id: 'bob', name: 'Bob' });
    await register.patch('people/bob', { name: 'Robert' });
    await register.remove('people/bob');
    await register.expect(200, 'POST', 'organisations/one/merge', { as: 'manager', body: { into: 'two' }, headers: { 'if-match': '*' } });
    await register.expect(409, 'POST', 'organisations', { as: 'manager', body: { id: 'two', name: 'Two', kind: 'other' } });
    await register.import('people', [{ id: 'cat', name: 'Cat', meta: { collection: 'people' } }, { id: 'dan', name: 'Dan', meta: { collection: 'people' } }]);
    const { values } = await scrape(register), more = (name) => values.get(name) - old.get(name);
    assert.equal(more('ouse_writer_change_sets_total'), 7);
    assert.equal(more('ouse_writer_change_sets_failed_total'), 1);
    assert.equal(more('ouse_writer_batch_size_sum'), more('ouse_writer_change_sets_total'));
    assert.equal(more('ouse_writer_commit_seconds_count'), more('ouse_writer_commits_total'));
    assert.ok(more('ouse_writer_commit_seconds_sum') > 0);
    assert.equal(more('ouse_last_change'), (await register.get(`-/changes?since=${old.get('ouse_last_change')}&limit=200`, 'manager')).data.length);
    for (const { name } of (await register.get('-/schema')).collections)
      assert.equal(values.get(`ouse_records{collection="${name}"}`), (await register.get(`${name}?count=exact`, 'manager')).page.count, name);
    for (const [name, expected] of [['ouse_ready', 1], ['ouse_store_poisoned', 0], ['ouse_store_full', 0], ['ouse_writer_queue', 0], ['ouse_outbox_entries', 0]])
      assert.equal(values.get(name), expected, name);
  });

  test('count who is in a lane, and who finds it full', async () => {
    const { values: old } = await scrape(register);
    assert.equal(old.get('ouse_http_lane_limit'), 2);
    const feed = () => fetch(`${register.origin}/api/v1/-/changes`, { headers: { accept: 'text/event-stream' }, signal: aborting.signal });
    const aborting = new AbortController();
    const open = [await feed(), await feed()], refused = await feed();
    assert.deepEqual([...open, refused].map(({ status }) => status), [200, 200, 429]);
    const { values } = await scrape(register);
    assert.equal(values.get('ouse_http_lane_requests{lane="feeds"}'), 2);
    assert.equal(values.get('ouse_http_refused_total{reason="feeds"}') - old.get('ouse_http_refused_total{reason="feeds"}'), 1);
    aborting.abort();
  });

  test('are true after a restart, too, when nothing was counted yet', async () => {
    await register.restart();
    const { values } = await scrape(register);
    assert.equal(values.get('ouse_records{collection="people"}'), (await register.get('people?count=exact', 'manager')).page.count);
    assert.equal(values.get('ouse_writer_commit_seconds_count'), 0);
  });
});

describe('who is shown the metrics', built, () => {
  const refused = async (register, options, code) => {
    const { status, text } = await ask(register, options);
    assert.equal(status, 403, text);
    assert.equal(JSON.parse(text).errors[0].code, code);
    assert.doesNotMatch(text, /ouse_/);
  };

  test('by themselves, the machine, and nobody who comes through a proxy', async (t) => {
    const register = await start('metrics');
    t.after(() => register.stop());
    await scrape(register);
    await scrape(register, { from: '127.0.0.9' });
    for (const [name, value] of [['forwarded', 'for=192.0.2.1'], ['x-forwarded-for', '127.0.0.1'], ['x-real-ip', '127.0.0.1'], ['via', '1.1 proxy'], ['x-forwarded-proto', 'https'], ['x-forwarded-host', 'a']])
      await refused(register, { headers: { [name]: value } }, 'proxied');
  });

  test('by configuration: networks; and again when it is reloaded', async (t) => {
    const register = await startWith(['metrics { allow = "127.0.0.8/31, 10.0.0.0/8,::1" }'], 'metrics');
    t.after(() => register.stop());
    for (const from of ['127.0.0.8', '127.0.0.9']) await scrape(register, { from });
    for (const from of ['127.0.0.1', '127.0.0.10', '127.0.1.8']) await refused(register, { from }, 'address');
    await refused(register, { from: '127.0.0.9', headers: { 'x-forwarded-for': '10.0.0.1' } }, 'proxied');
    await writeFile(register.config, (await readFile(register.config, 'utf8')).replace('127.0.0.8/31', '127.0.0.1'));
    register.reload();
    for (let status; status !== 200;) ({ status } = await ask(register));
    await refused(register, { from: '127.0.0.9' }, 'address');
  });

  test('by configuration: everyone', async (t) => {
    const register = await startWith(['base_path = "/register"', 'metrics { allow = "everyone" }'], 'metrics');
    t.after(() => register.stop());
    await scrape(register, { headers: { 'x-forwarded-for': '192.0.2.1' } });
  });

  test('never, where the plugin is not loaded', async (t) => {
    const register = await start('directory');
    t.after(() => register.stop());
    assert.equal((await ask(register)).status, 404);
  });

  for (const [allow, wrong] of [['loopbak', 'loopbak'], ['127.0.0.1/33', '127.0.0.1/33'], ['127.0.0.1, 300.0.0.1', '300.0.0.1'], ['::1/129', '::1/129'], ['10.0.0.0/', '10.0.0.0/'], ['', '']])
    test(`a list that has "${allow}" stops the start`, async () => {
      await assert.rejects(startWith([`metrics { allow = "${allow}" }`], 'metrics'), new RegExp(`metrics\\.allow has "${wrong}"; it is loopback, everyone, or addresses`));
    });
});
