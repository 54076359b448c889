// What an audience can observe is a function of what it may see: here the names that are hidden from it. The test
// plugin has a collection and fields above the public's role.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { open } from './kitchen.mjs';

let kitchen, say;
const as = 'manager';
before(async () => {
  kitchen = await open();
  say = kitchen.say;
  for (const [collection, body] of [['dishes', { id: 'soup', name: 'Soup', cost: 3, margin_note: 'a secret' }], ['orders', { id: 'lunch', title: 'Lunch', dish: 'soup', remark: 'a secret' }]])
    assert.equal((await say('POST', collection, { as, body })).status, 201);
});
after(() => kitchen?.stop());

const hidden = { public: ['cost', 'margin_note', 'remark'], partner: ['margin_note', 'remark'], office: [] };
const role = (who) => (who === 'public' ? undefined : who);
const all = hidden.public;

describe('the names of fields above the role', () => {
  for (const who of Object.keys(hidden))
    for (const path of ['-/schema', '-/schema/dishes', '-/schema/orders', '-/plugins', '/api/v1', 'dishes', 'dishes.csv', 'dishes/soup', 'dishes/soup/revisions', 'dishes/soup/revisions/1'])
      test(`are not in ${path}, as ${who}`, async () => {
        const { status, text } = await say('GET', path, { as: role(who) });
        assert.equal(status, 200, text);
        for (const name of hidden[who]) assert.ok(!text.includes(name), `${name} is in ${path}`);
      });

  test('are in the schema for those who may see them', async () => {
    const names = async (who) => (await say('GET', '-/schema/dishes', { as: role(who) })).json.fields.map(({ name }) => name).filter((name) => all.includes(name));
    assert.deepEqual([await names('public'), await names('partner'), await names('office')], [[], ['cost'], ['cost', 'margin_note']]);
    const { indexes } = (await say('GET', '-/schema/dishes')).json;
    assert.ok(indexes.some(({ name }) => name === 'serves') && !indexes.some(({ name }) => name === 'margin_note'));
  });

  // The same answer for a hidden name as for one that does not exist, but for the name itself.
  const questions = ['dishes?NAME=x', 'dishes?NAME[exists]=true', 'dishes?NAME[contains]=x', 'dishes?sort=NAME', 'dishes?sort=-NAME', 'dishes?fields=NAME', 'dishes?facet=NAME', 'dishes?expand=NAME', 'dishes?count=exact&NAME[in]=a,b',
    'dishes/-/summary?group=NAME', 'dishes/-/summary?sum=NAME', 'dishes.csv?fields=NAME', 'dishes.ndjson?NAME=x', 'dishes/soup?fields=NAME', 'dishes/soup?expand=NAME', 'orders?dish.NAME=x'];
  for (const question of questions)
    test(`are answered like unknown names: ${question}`, async () => {
      const ask = async (name) => {
        const { status, json } = await say('GET', question.replace('NAME', name));
        delete json.request_id;
        return { status, text: JSON.stringify(json).replaceAll(name, 'NAME') };
      };
      const unknown = await ask('quite_unknown');
      assert.equal(unknown.status, 400);
      for (const name of ['cost', 'margin_note']) assert.deepEqual(await ask(name), unknown, name);
      for (const near of ['cst', 'margin_not', 'margin_notes']) {
        const { status, text } = await ask(near);
        assert.equal(status, 400);
        for (const name of hidden.public) assert.ok(!text.includes(name), `${near} is answered with ${name}: ${text}`);
      }
    });

  test('are answered like unknown names where a guest writes', async () => {
    const errors = async (method, path, who, body) => {
      const etag = (await say('GET', path.replace('/move', ''), { as: who })).header('etag');
      const reply = await say(method, path, { as: who, body, match: etag });
      assert.equal(reply.status, 422, reply.text);
      return reply.json.errors.map(({ pointer, code, detail }) => [pointer, code, detail]);
    };
    for (const [name, detail] of [['remark', 'there is no "remark" here'], ['remarc', 'there is no "remarc" here'], ['tabel', 'there is no "tabel" here; did you mean table']])
      assert.deepEqual(await errors('POST', 'orders/lunch/move', 'partner', { to: 'placed', [name]: 'x' }), [[`/${name}`, 'unknown_field', detail]]);
    assert.equal((await say('GET', 'orders/lunch', { as })).json.remark, 'a secret');
  });
});
