// What a caller may not see is in no answer, good or bad: not in lists, records, history, lookups,
// computed endpoints, formats, the feed or headers, and not in what a refusal says.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { merge, open, patch, secrets } from './bad.mjs';
import { built } from './ouse.mjs';

let bad;
before(async () => { if (!built.skip) bad = await open(); });
after(() => bad?.stop());

// By whom, and what must not be in any answer.
const callers = { public: [...secrets.office, ...secrets.partner], partner: secrets.office };

// Every path to read, of records that are there, hidden, gone, merged and none; and lists with whatever narrows them.
async function paths() {
  const { collections } = JSON.parse((await bad.say('GET', '-/schema')).text);
  const found = ['/healthz', '/readyz', '/version', '/api/v1', '-/whoami', '-/schema', '-/changes?limit=200', '-/changes?since=0', '-/changes?since=40&limit=200', 'cooks/-/by/orcid/0000-0002-1825-0097',
    'people/rupert-marquand/roles', 'organisations/elft/involvement', 'areas/luton/overview', 'hubs/blmk-research-innovation-hub/portfolio', 'hubs/blmk-research-innovation-hub/network',
    'dishes?margin_note=hush-margin', 'dishes?margin_note=x', 'dishes?cost=4711.17', 'people?email=r.marquand@qmul.ac.uk', 'people?sort=email', 'dishes?fields=margin_note', 'dishes?expand=margin_note', 'dishes.menu', 'dishes/soup.menu', 'dishes/soup.json'];
  const words = ['hush', 'hush-', 'margin', 'hush-margin', 'marquand', 'r.marquand@qmul.ac.uk', 'qmul', 'wish', 'office', 'cook', '4711.17'];
  for (const word of words) {
    found.push(`-/search?q=${word}`, `-/suggest?q=${word}`, `dishes?margin_note[contains]=${word}`, `dishes?cost[contains]=${word}`, `people?email[contains]=${word}`);
    for (const { name } of collections) found.push(`${name}?q=${word}`, `${name}/-/summary?q=${word}`, `${name}?q=${word}&count=exact&facet=id`, `-/search?q=${word}&collection=${name}`);
  }
  for (const { name } of collections) {
    found.push(name, `${name}?limit=1`, `${name}?limit=200`, `${name}/nobody`);
    const { data } = JSON.parse((await bad.say('GET', `${name}?limit=200`, { as: 'manager' })).text);
    for (const { id } of data) found.push(`${name}/${id}`, `${name}/${id}/revisions`, `${name}/${id}/revisions/1`, `${name}/${id}?x=1`);
  }
  return found;
}

// The request itself may have named a secret: what it named is not told by the answer.
const told = (answer, path) => JSON.stringify(answer.headers) + answer.text.replaceAll(decodeURIComponent(path), '').replaceAll(decodeURIComponent(path.split('=').at(-1)), '');

describe('what is hidden', built, () => {
  for (const [as, hidden] of Object.entries(callers)) {
    test(`is in no answer that the ${as} reads`, async () => {
      for (const path of await paths())
        for (const headers of [{}, { Accept: 'text/x-menu' }, { 'If-None-Match': '*' }]) {
          const answer = await bad.say('GET', path, { as, headers });
          assert.ok(answer.status < 500, `${path}: ${answer.status} ${answer.text}`);
          for (const secret of hidden) {
            const asked = path.includes(secret) ? told(answer, `/${secret}`).replaceAll(secret, '') : told(answer, path);
            assert.ok(!asked.includes(secret), `GET ${path} by the ${as}: expected nothing of "${secret}", got ${answer.status} ${answer.text}`);
          }
        }
    });

    test(`is in no refusal of what the ${as} writes`, async () => {
      const last = await bad.sequence();
      const records = ['dishes/soup', 'wishes/quiet', 'cooks/hush-office-cook', 'cooks/hush-partner-cook', 'people/rupert-marquand'];
      const writes = [['PUT', '', '{"name":"x"}'], ['PATCH', '', '{"name":7}', merge], ['PATCH', '', '[{"op":"test","path":"/margin_note","value":"x"}]', patch], ['DELETE', ''], ['POST', '/move', '{"to":"x"}'], ['POST', '/merge', '{"into":"x"}']];
      for (const record of records)
        for (const [method, tail, body, type] of writes)
          for (const match of ['*', '"0"', null]) {
            const path = `${record}${tail}`, answer = await bad.say(method, path, { as, body, type, headers: { 'If-Match': match } });
            assert.ok([401, 403, 404, 405].includes(answer.status), `${method} ${path} by the ${as}: expected a refusal, got ${answer.status} ${answer.text}`);
            for (const secret of hidden) assert.ok(!answer.text.replaceAll(record, '').includes(secret), `${method} ${path} by the ${as}: expected nothing of "${secret}", got ${answer.text}`);
          }
      for (const body of ['{"text":7}', '{"text":"a","nonsense":1}', '{"id":"quiet","text":"x"}', '{"text":"x","meta":{"visibility":"public"},"sources":7}'])
        for (const secret of hidden) {
          const answer = await bad.say('POST', 'wishes', { as, body });
          assert.ok(answer.status >= 400 && !answer.text.includes(secret), `POST wishes ${body} by the ${as}: got ${answer.status} ${answer.text}`);
        }
      await bad.untouched(last, 'the writes');
    });
  }

  test('is not found by its words, and not counted', async () => {
    const found = async (path, as) => JSON.parse((await bad.say('GET', path, { as })).text);
    for (const [collection, words, sees] of [['dishes', 'hush', 'office'], ['dishes', 'margin', 'office'], ['wishes', 'wish', 'office'], ['cooks', 'office', 'office'], ['cooks', 'partner', 'partner']])
      for (const as of ['public', 'partner', 'office', 'manager']) {
        const seen = ['public', 'partner', 'office', 'manager'].indexOf(as) >= ['public', 'partner', 'office'].indexOf(sees) ? 1 : 0;
        const { data } = await found(`-/search?q=${words}&collection=${collection}`, as);
        if (collection === 'wishes' && !seen) continue; // a collection that is hidden is none
        assert.equal(data.length, seen, `search for ${words} in ${collection} by the ${as}`);
        assert.equal((await found(`-/search?q=${words}`, as)).data.filter((hit) => hit.collection === collection).length, seen, `search for ${words} by the ${as}`);
        const list = await found(`${collection}?q=${words}&count=exact`, as);
        assert.deepEqual([list.data.length, list.page.count], [seen, seen], `${collection}?q=${words} by the ${as}`);
        assert.equal((await found(`${collection}/-/summary?q=${words}`, as)).total.count, seen, `summary of ${collection} with ${words} by the ${as}`);
      }
  });

  test('is told of in the same words as what is not there', async () => {
    const plain = ({ status, text }, id) => `${status} ${text.replaceAll(id, 'ID').replace(/"request_id":"[^"]*"/, '')}`;
    for (const tail of ['', '/revisions', '/revisions/1', '.json']) {
      const hidden = await bad.say('GET', `cooks/hush-office-cook${tail}`), none = await bad.say('GET', `cooks/hush-nobody-cook${tail}`);
      assert.equal(plain(hidden, 'hush-office-cook'), plain(none, 'hush-nobody-cook'), tail);
    }
  });

  test('is seen by those who may', async () => {
    for (const [path, secret] of [['dishes/soup', 'hush-margin'], ['wishes', 'hush-wish'], ['people/rupert-marquand', 'r.marquand@qmul.ac.uk'], ['cooks', 'hush-office-cook']])
      assert.ok((await bad.say('GET', path, { as: 'office' })).text.includes(secret), `GET ${path} by the office: expected "${secret}"`);
    assert.ok((await bad.say('GET', 'dishes/soup', { as: 'partner' })).text.includes('4711.17'));
  });
});
