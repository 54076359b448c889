// What a short request may cost: the processor time that the server spends is bounded, lists say when that ended a page
// early, and work stops when the client goes.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { built, eventually, startWith } from './ouse.mjs';

const RECORDS = 8000, WORDS = 1000, EACH = 4;
const letters = [...'bcdefghijklmnoprstuvwyz'], consonants = 'bcdfghjklm';
const word = (letter, n) => letter + [1, 10, 100].map((by) => consonants[Math.floor(n / by) % 10]).join('');

// Each has words that begin with all letters but "y" or "z", and over a thousand words begin with each: so no index finds
// what has all of them, and each text must be looked at.
function group(i) {
  const lacks = i % 2 ? 'y' : 'z', words = [];
  for (let k = 0; k < EACH; k++) {
    for (const [at, letter] of letters.entries()) if (letter !== lacks) words.push(word(letter, (i * 31 + k * 97 + at * 13) % WORDS));
  }
  return { id: `group-${i}`, name: `Group ${i}`, kind: i % 2 ? 'board' : 'joint_board', remit: words.join(' ') };
}

const whole = { id: 'whole', name: 'Whole', kind: 'executive_team', remit: letters.map((letter) => `${letter}ebc`).join(' ') };
const weak = letters.map((letter) => `q=${letter}`).join('&');

describe('what a request may cost', built, () => {
  let register;

  // Milliseconds of the processor that the server has had.
  const spent = async () => {
    const fields = (await readFile(`/proc/${register.pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };
  const costOf = async (path) => {
    const began = await spent(), answer = await register.say('GET', path);
    return { answer, ms: await spent() - began };
  };
  const setBudget = async (budget) => {
    const lines = await readFile(register.config, 'utf8');
    await writeFile(register.config, lines.replace(/^cpu_budget = .*$/m, `cpu_budget = ${budget}`));
    await register.restart();
  };

  before(async () => {
    register = await startWith(['cpu_budget = 10s'], 'directory', 'evidence', 'search', 'metrics', 'site');
    await register.import('groups', [...Array(RECORDS).keys()].map(group).concat(whole));
  });
  after(() => register.stop());

  it('bounds a list that is asked for many weak words, and says that the page was cut', async () => {
    const { answer, ms } = await costOf(`groups?${weak}`);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.page.cut, true);
    assert.equal(typeof answer.body.page.next, 'string');
    assert.ok(ms < 3000, `expected less than 3,000 ms of processor time, it took ${ms}`);
  });

  it('finds on the pages after it what there is', async () => {
    const found = [];
    let page = { next: '' }, pages = 0;
    for (; page.next !== null; pages++) {
      const cursor = page.next, answer = await register.get(`groups?${weak}${cursor && `&cursor=${cursor}`}`);
      found.push(...answer.data.map(({ id }) => id));
      ({ page } = answer);
      assert.notEqual(page.next, cursor, 'expected each page to move on');
    }
    assert.deepEqual(found, ['whole']);
    assert.ok(pages > 3, `expected several pages, got ${pages}`);
    assert.equal(page.cut, undefined, 'expected the last page to be whole');
  });

  it('does not cut a page that is full, or whole', async () => {
    assert.equal((await register.get('groups')).page.cut, undefined);
    assert.equal((await register.get('groups?kind=executive_team')).page.cut, undefined);
    assert.equal((await register.get('groups?q=b&limit=5')).page.cut, undefined);
  });

  it('says so of a search that passes over records, and not of others', async () => {
    assert.equal((await register.get('-/search?q=group+')).page.cut, true);
    assert.equal((await register.get('-/search?q=whole+')).page.cut, undefined);
    assert.equal((await register.get('-/suggest?q=whole')).page.cut, undefined);
  });

  it('says so of changes, where most are of another collection', async () => {
    await register.import('organisations', [...Array(3000).keys()].map((i) => ({ id: `o-${i}`, name: `O ${i}`, kind: 'other' })));
    const { page } = await register.get('-/changes?collection=people');
    assert.equal(page.cut, true);
    assert.ok(page.next < page.last);
    assert.equal((await register.get(`-/changes?collection=people&since=${page.next}`)).page.cut, undefined);
  });

  it('says so on a page for people, in place of that nothing matches', async () => {
    const page = async (path) => (await fetch(`${register.origin}${path}`, { headers: { accept: 'text/html' } })).text();
    const cut = await page('/groups?q=z&kind=joint_board'); // they have no such word
    assert.match(cut, /This page is not complete/);
    assert.doesNotMatch(cut, /No groups match/);
    assert.match(await page('/groups?q=nowhere'), /No groups match/);
    assert.match(await page('/search?q=group+'), /Not all records that may match/);
  });

  it('returns 503 where there is no page to cut', async () => {
    await setBudget('20ms');
    for (const path of [`groups/-/summary?group=kind&${weak}`, `groups?facet=kind&${weak}`]) {
      const { answer, ms } = await costOf(path);
      assert.equal(answer.status, 503, answer.text);
      assert.match(answer.body.detail, /more than 20 ms of processor time/);
      assert.ok(answer.headers.get('retry-after') > 0);
      assert.ok(ms < 2000, `${path}: expected less than 2,000 ms of processor time, it took ${ms}`);
    }
  });

  it('gives each piece of an export a budget of its own', async () => {
    const response = await fetch(`${register.origin}/api/v1/groups.csv`), rows = (await response.text()).trim().split('\n');
    assert.equal(rows.length, RECORDS + 2);
  });

  it('stops when the client goes', async () => {
    await setBudget('10min');
    const path = `groups/-/summary?group=kind&${weak}`, AT_A_TIME = 4;
    const full = (await costOf(path)).ms * AT_A_TIME, began = await spent();
    const requests = [...Array(AT_A_TIME).keys()].map(() => get(`${register.origin}/api/v1/${path}`).on('error', () => {}));
    await eventually('the server at work', async () => await spent() - began > full / 20);
    for (const request of requests) request.destroy();
    const ended = /^ouse_http_requests_total\{.*status="503"\} (\d+)$/m;
    await eventually('all requests to end', async () => {
      const text = await (await fetch(`${register.origin}/metrics`)).text();
      return Number(ended.exec(text)?.[1] ?? 0) === AT_A_TIME;
    });
    const ms = await spent() - began;
    assert.ok(ms < full / 2, `expected less than half of ${full} ms of processor time, it took ${ms}`);
  });
});
