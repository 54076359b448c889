// Bad input, against a register with directory, hubs and kitchen: each request has one right answer,
// a whole problem document that tells nothing of the inside, and leaves nothing behind.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { expectRefusal, json, merge, open, patch, wire } from './bad.mjs';
import { built } from './ouse.mjs';
import { connect } from './raw.mjs';

const as = 'manager';
let bad;

// A group of requests that all must be refused, and leave the register as it was.
function refusals(title, cases) {
  describe(title, built, () => {
    let last;
    before(async () => { last = await bad.sequence(); });
    after(() => bad.untouched(last, title));
    for (const { what, status, method, path, ...request } of cases)
      test(`${what} is ${status}`, () => bad.refuse(status, method, path, request, what));
  });
}

before(async () => { if (!built.skip) bad = await open(); });
after(() => bad?.stop());

const raw = (...parts) => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
const deep = (n, open = '[', close = ']') => `{"name":${open.repeat(n)}${close.repeat(n)}}`;
const text = (value) => JSON.stringify(value);
const many = (n, make) => Array.from({ length: n }, (_, i) => make(i));
const members = (n) => text(Object.fromEntries(many(n, (i) => [`f${i}`, i])));

// Bodies that are no JSON of ours, whoever takes them.
const bodies = [
  ['nothing', ''], ['white space', ' \r\n\t'], ['half an object', '{"name":"x"'], ['half a text', '{"name":"x'], ['half an escape', '{"name":"\\u00'],
  ['two values', '{"name":"x"}{}'], ['a word', 'nope'], ['NaN', '{"name":NaN}'], ['Infinity', '{"serves":-Infinity}'], ['a comment', '{/**/"name":"x"}'],
  ['a comma too many', '{"name":"x",}'], ['single quotes', "{'name':'x'}"], ['a name without quotes', '{name:"x"}'], ['hexadecimal', '{"serves":0x10}'],
  ['a leading zero', '{"serves":01}'], ['a leading plus', '{"serves":+1}'], ['a bare point', '{"serves":.5}'], ['a point at the end', '{"serves":5.}'],
  ['an exponent without digits', '{"serves":1e}'], ['1e309', '{"serves":1e309}'], ['-1e309', '{"price":-1e309}'], ['400 digits', `{"serves":${'9'.repeat(400)}}`],
  ['400 digits behind the point', `{"price":0.${'1'.repeat(400)}}`], ['a line feed in a text', '{"name":"a\nb"}'], ['a NUL in a text', '{"name":"a\0b"}'],
  ['a NUL behind', '{"name":"x"}\0'], ['an escaped NUL', '{"name":"a\\u0000b"}'], ['an escaped NUL in a key', '{"na\\u0000me":"x"}'], ['a bad escape', '{"name":"\\x41"}'],
  ['a lone high surrogate', '{"name":"\\ud800"}'], ['a lone low surrogate', '{"name":"\\udc00"}'], ['swapped surrogates', '{"name":"\\udc00\\ud800"}'],
  ['a high surrogate and a letter', '{"name":"\\ud800x"}'], ['a lone surrogate in a key', '{"\\ud800":1}'],
  ['a byte order mark', '\ufeff{"name":"x"}'], ['UTF-16', raw([0xff, 0xfe], Buffer.from('{"name":"x"}', 'utf16le'))],
  ['a stray byte in a text', raw('{"name":"', [0xff], '"}')], ['latin1 in a text', raw('{"name":"caf', [0xe9], '"}')], ['a stray byte in a key', raw('{"na', [0x80], 'me":"x"}')],
  ['an overlong slash', raw('{"name":"', [0xc0, 0xaf], '"}')], ['an overlong NUL', raw('{"name":"', [0xc0, 0x80], '"}')], ['a surrogate in UTF-8', raw('{"name":"', [0xed, 0xa0, 0x80], '"}')],
  ['beyond Unicode', raw('{"name":"', [0xf4, 0x90, 0x80, 0x80], '"}')], ['a cut character', raw('{"name":"', [0xe2, 0x82], '"}')], ['a stray byte outside', raw('{"name":"x"}', [0xfe])],
  ['32 lists in an object', deep(32)], ['33 lists', '['.repeat(33) + ']'.repeat(33)], ['100,000 lists', '['.repeat(100_000)], ['100,000 lists, closed', deep(100_000)],
  ['100,000 objects', '{"a":'.repeat(100_000)], ['a key twice', '{"name":"a","name":"b"}'], ['a key twice, one escaped', '{"name":"a","n\\u0061me":"b"}'],
  ['a key twice, deep down', '{"name":"a","weight":{"value":1,"value":2}}'], ['the same key 10,000 times', `{${'"a":1,'.repeat(10_000)}"a":1}`],
  ['1,001 members', members(1001)], ['60,000 members', members(60_000)], ['10,001 entries', `{"name":"x","tags":[${'1,'.repeat(10_000)}1]}`], ['500,000 entries', `{"text":[${'1,'.repeat(500_000)}1]}`],
  ['10,000 members deep down', `{"name":"x","weight":${members(10_000)}}`],
];
const takers = [['POST', 'dishes', json], ['PUT', 'dishes/soup', json], ['PATCH', 'dishes/soup', merge], ['PATCH', 'dishes/soup', patch], ['POST', 'orders/lunch/move', json]];
refusals('bodies that are no JSON', bodies.flatMap(([what, body]) => takers.map(([method, path, type]) =>
  ({ what: `${method} ${path} (${type}) with ${what}`, status: 400, method, path, type, as, body, headers: { 'If-Match': '*' } }))));
refusals('a plugin\'s action with bodies that are no JSON', bodies.filter(([, body]) => body.length).map(([what, body]) =>
  ({ what: `merge with ${what}`, status: 400, method: 'POST', path: 'suppliers/mill/merge', as, body })));

// JSON that is no record.
const dish = (fields) => text({ name: 'x', ...fields });
const withCode = (body) => body.replace('{"name"', '{"code":"AB-1","name"');
const records = [
  ['a list', '[]', ''], ['a text', '"name"', ''], ['a number', '7', ''], ['null', 'null', ''], ['true', 'true', ''], ['a list of a record', '[{"name":"x"}]', ''],
  ['31 lists in a field', deep(31), '/name'], ['2^53+1', '{"name":"x","serves":9007199254740993}', '/serves'], ['2^63', '{"name":"x","serves":9223372036854775808}', '/serves'],
  ['1e300', '{"name":"x","serves":1e300}', '/serves'], ['1.0000001', '{"name":"x","serves":1.0000001}', '/serves'], ['a tiny number', '{"name":"x","serves":1e-300}', '/serves'], ['-0', '{"name":"x","serves":-0}', '/serves'],
  ['2^53+1 of money', '{"name":"x","price":9007199254740993}', '/price'], ['a tenth of a penny', dish({ price: 1.001 }), '/price'], ['1e300 of money', '{"name":"x","price":1e300}', '/price'],
  ['a number as text', dish({ serves: '4' }), '/serves'], ['an unknown field', dish({ nonsense: 1 }), '/nonsense'], ['an unknown field that is null', dish({ nonsense: null }), '/nonsense'],
  ['a field in capitals', dish({ Name: 'x' }), '/Name'], ['a field with a slash and a tilde', dish({ 'a/b~c': 1 }), '/a~1b~0c'], ['a field without a name', dish({ '': 1 }), '/'],
  ['a prototype', '{"name":"x","__proto__":{"a":1}}', '/__proto__'], ['a system field', dish({ rating: 5 }), '/rating'], ['1,000 fields', text(Object.fromEntries([['name', 'x'], ...many(990, (i) => [`f${i}`, i])])), '/f0'],
  ['a field with a name of 100,000 characters', dish({ ['n'.repeat(100_000)]: 1 })], ['a list of 1001', dish({ tags: many(1001, (i) => `t${i}`) }), '/tags'],
  ['a list of 10,000 numbers', dish({ tags: many(10_000, (i) => i) })], ['1001 references', dish({ tasters: many(1001, (i) => `t${i}`) }), '/tasters'], ['a text of 100,000 characters', dish({ name: 'x'.repeat(100_000) }), '/name'],
  ['blank text', dish({ name: ' \t ' }), '/name'], ['a control character', dish({ name: 'a\u0007' }), '/name'], ['a tab', dish({ name: 'a\tb' }), '/name'], ['DEL', dish({ name: 'a\x7f' }), '/name'],
  ...['', 'A', 'a--b', '-a', 'a-', 'a_b', 'a b', 'a/b', 'é', '../x', 'a.b', 'x'.repeat(81), 'x'.repeat(10_000)].map((id) => [`the id ${text(id.slice(0, 20))}`, dish({ id }), '/id']),
  ...[7, true, [], {}, ['a']].map((id) => [`the id ${text(id)}`, dish({ id }), '/id']),
  ...[7, 'x', [], true].map((meta) => [`the meta ${text(meta)}`, dish({ meta }), '/meta']),
  ...['all', 7, [], '', 'PUBLIC'].map((visibility) => [`the visibility ${text(visibility)}`, dish({ meta: { visibility } }), '/meta/visibility']),
  ...[7, 'x', {}, [7], [[]], [null]].map((sources) => [`the sources ${text(sources)}`, dish({ sources })]),
  ['a reference to nothing', dish({ supplier: 'nobody' }), '/supplier', 'not_found'], ['a reference with a collection', dish({ supplier: 'suppliers/farm' }), '/supplier'],
  ['a reference without its collection', dish({ inspired_by: 'ana' }), '/inspired_by'], ['a reference to another collection', dish({ inspired_by: 'suppliers/farm' }), '/inspired_by'],
  ['a reference to what is gone', dish({ inspired_by: 'dishes/gone' }), '/inspired_by'], ['a reference with a path in it', dish({ supplier: '../cooks/ana' }), '/supplier'],
  ['a reference of 10,000 characters', dish({ supplier: 'x'.repeat(10_000) }), '/supplier'],
];
refusals('JSON that is no record', records.flatMap(([what, body, pointer, code]) => [
  { what: `POST dishes: ${what}`, status: 422, method: 'POST', path: 'dishes', as, body, pointer, code },
  { what: `PUT dishes/soup: ${what}`, status: 422, method: 'PUT', path: 'dishes/soup', as, body: withCode(body), pointer, code, headers: { 'If-Match': '*' } },
]));

refusals('sizes', [
  { what: 'a body of 1 MiB and a byte', status: 413, method: 'POST', path: 'dishes', as, body: dish({ story: 'x'.repeat((1 << 20) - 22) }) },
  { what: 'a body of 2 MiB', status: 413, method: 'PATCH', path: 'dishes/soup', as, type: merge, headers: { 'If-Match': '*' }, body: text({ story: 'x'.repeat(2 << 20) }) },
  { what: 'a body of 1 MiB and a byte for a plugin', status: 413, method: 'POST', path: 'suppliers/mill/merge', as, body: ' '.repeat((1 << 20) + 1) },
  { what: 'a body of exactly 1 MiB that is no dish', status: 422, method: 'POST', path: 'dishes', as, body: `{"name":"x","nonsense":"${'x'.repeat((1 << 20) - 26)}"}`, pointer: '/nonsense' },
  { what: 'a text that is too long in exactly 1 MiB', status: 422, method: 'POST', path: 'dishes', as, body: `{"name":"x","story":"${'x'.repeat((1 << 20) - 23)}"}`, pointer: '/story' },
]);

// Each field of each collection with each kind of JSON that its type is not.
const kinds = { text: 'x', number: 1.5, flag: true, list: [], 'list of lists': [[]], object: {}, 'object of an object': { a: {} } };
const accepts = { text: ['text'], long: ['text'], enum: ['text'], date: ['text'], pdate: ['text'], url: ['text'], email: ['text'], ref: ['text'], bool: ['flag'], int: [], money: ['number'], qty: [], list: ['list'], refs: ['list'], ids: ['list'], series: ['list'] };
describe('every field with every kind of JSON', built, () => {
  test('is told apart', { timeout: 60_000 }, async () => {
    const { collections } = JSON.parse((await bad.say('GET', '-/schema')).text);
    const last = await bad.sequence();
    let tried = 0;
    for (const { name: collection, fields } of collections.filter(({ verbs }) => verbs?.includes('create')))
      for (const { name, type } of fields)
        for (const [kind, value] of Object.entries(kinds)) {
          assert.ok(accepts[type], `the test does not know the type ${type}`);
          if (accepts[type].includes(kind)) continue;
          const what = `${collection}.${name} (${type}) with a ${kind}`;
          const { problem } = await bad.refuse(422, 'POST', collection, { as, body: text({ [name]: value }) }, what);
          assert.ok(problem.errors.some(({ pointer }) => pointer === `/${name}` || pointer.startsWith(`/${name}/`)), `${what}: expected an error there, got ${text(problem)}`);
          tried++;
        }
    assert.ok(tried > 300, `expected hundreds of fields and kinds, got ${tried}`);
    await bad.untouched(last, 'the matrix');
  });
});

// Patches: [what, status, body, pointer]
const op = (...ops) => text(ops);
const patches = [
  ['an object', 400, '{}'], ['a text', 400, '"x"'], ['null', 400, 'null'], ['a number as operation', 400, '[7]'], ['null as operation', 400, '[null]'], ['a list as operation', 400, '[[]]'],
  ['no op', 400, op({ path: '/name', value: 'x' }), '/0'], ['an unknown op', 400, op({ op: 'nop', path: '/name' }), '/0'], ['op in capitals', 400, op({ op: 'ADD', path: '/name', value: 'x' })],
  ['op that is no text', 400, op({ op: 7, path: '/name' })], ['no path', 400, op({ op: 'remove' }), '/0'], ['a path that is no text', 400, op({ op: 'remove', path: 7 })], ['a path that is null', 400, op({ op: 'remove', path: null })],
  ['a path without slash', 400, op({ op: 'remove', path: 'name' })], ['a path with ~2', 400, op({ op: 'remove', path: '/na~2me' })], ['a path with ~ at the end', 400, op({ op: 'remove', path: '/name~' })],
  ['a URI fragment as path', 400, op({ op: 'remove', path: '#/name' })], ['a path of 10,000 characters', 400, op({ op: 'remove', path: `/${'x'.repeat(10_000)}` })],
  ['add without a value', 400, op({ op: 'add', path: '/name' })], ['replace without a value', 400, op({ op: 'replace', path: '/name' })], ['test without a value', 400, op({ op: 'test', path: '/name' })],
  ['move without from', 400, op({ op: 'move', path: '/name' })], ['copy without from', 400, op({ op: 'copy', path: '/name' })], ['from that is no pointer', 400, op({ op: 'copy', path: '/name', from: 'story' })],
  ['remove of nothing', 409, op({ op: 'remove', path: '/nothing' }), '/0'], ['replace of nothing', 409, op({ op: 'replace', path: '/nothing', value: 1 })], ['copy of nothing', 409, op({ op: 'copy', path: '/name', from: '/nothing' })],
  ['move of nothing', 409, op({ op: 'move', path: '/name', from: '/nothing' })], ['add into nothing', 409, op({ op: 'add', path: '/nothing/x', value: 1 })], ['add into a text', 409, op({ op: 'add', path: '/name/x', value: 1 })],
  ['add behind the end', 409, op({ op: 'add', path: '/tags/3', value: 'x' })], ['add far behind', 409, op({ op: 'add', path: '/tags/99999999999999999999', value: 'x' })], ['add at -1', 409, op({ op: 'add', path: '/tags/-1', value: 'x' })],
  ['add at 00', 409, op({ op: 'add', path: '/tags/00', value: 'x' })], ['add at 1e0', 409, op({ op: 'add', path: '/tags/1e0', value: 'x' })], ['add at +1', 409, op({ op: 'add', path: '/tags/+1', value: 'x' })], ['add at a space', 409, op({ op: 'add', path: '/tags/ 1', value: 'x' })],
  ['remove behind the end', 409, op({ op: 'remove', path: '/tags/2' })], ['remove at -', 409, op({ op: 'remove', path: '/tags/-' })], ['a test that fails', 409, op({ op: 'test', path: '/name', value: 'Stew' }), '/0'],
  ['a test of another type', 409, op({ op: 'test', path: '/serves', value: '4' })], ['a second operation that fails', 409, op({ op: 'add', path: '/serves', value: 5 }, { op: 'remove', path: '/nothing' }), '/1'],
  ['move into itself', 409, op({ op: 'move', from: '/tags', path: '/tags/0' })], ['remove of all', 422, op({ op: 'remove', path: '' }), ''], ['all replaced by a list', 422, op({ op: 'replace', path: '', value: [] }), ''],
  ['all replaced by nothing', 422, op({ op: 'replace', path: '', value: null }), ''], ['another id', 422, op({ op: 'replace', path: '/id', value: 'stew' }), '/id'], ['no name', 422, op({ op: 'remove', path: '/name' }), '/name'],
  ['an unknown field', 422, op({ op: 'add', path: '/nonsense', value: 1 }), '/nonsense'], ['a field without a name', 422, op({ op: 'add', path: '/', value: 1 }), '/'], ['a wrong type', 422, op({ op: 'add', path: '/serves', value: 'x' }), '/serves'],
  ['a fixed field', 422, op({ op: 'replace', path: '/code', value: 'AB-2' }), '/code'], ['a system field', 422, op({ op: 'add', path: '/rating', value: 5 }), '/rating'], ['an entry that is a record', 422, op({ op: 'copy', from: '', path: '/tags/0' }), '/tags/0'],
  ['1001 operations', 413, text(many(1001, () => ({ op: 'test', path: '/name', value: 'Soup' })))],
  ['copies that double 40 times', 409, text(many(40, (i) => ({ op: 'copy', from: '', path: `/x${i}` })))],
  ['copies of a long text', 409, text([{ op: 'add', path: '/story', value: 'x'.repeat(100_000) }, ...many(900, (i) => ({ op: 'copy', from: '/story', path: `/x${i}` }))])],
  ['copies that deepen', 409, text(many(200, () => ({ op: 'copy', from: '', path: '/x' })))],
  ['copies that double the depth', 409, text([{ op: 'add', path: '/x', value: {} }, ...many(15, (i) => ({ op: 'copy', from: '/x', path: '/x'.repeat(2 ** i) + '/x' }))])],
  ['values that deepen', 409, text(many(10, (i) => ({ op: 'add', path: `/x${'/0'.repeat(29 * i)}`, value: JSON.parse('['.repeat(29) + ']'.repeat(29)) })))],
];
refusals('JSON Patches', patches.map(([what, status, body, pointer]) => ({ what, status, method: 'PATCH', path: 'dishes/soup', type: patch, as, body, pointer, headers: { 'If-Match': '*' } })));

const merges = [
  ['a list', 400, '[]'], ['a text', 400, '"x"'], ['null', 400, 'null'], ['no name', 422, '{"name":null}', '/name'], ['another id', 422, '{"id":"stew"}', '/id'], ['an id that is a number', 422, '{"id":7}', '/id'],
  ['an unknown field', 422, '{"nonsense":1}', '/nonsense'], ['an object where a text belongs', 422, '{"name":{"a":null}}', '/name'], ['a list where an object belongs', 422, '{"weight":[]}', '/weight'],
  ['a fixed field', 422, '{"code":"AB-2"}', '/code'], ['a fixed field taken out', 422, '{"code":null}', '/code'], ['a meta that is none', 422, '{"meta":7}', '/meta'], ['a visibility that is none', 422, '{"meta":{"visibility":"x"}}', '/meta/visibility'],
  ['1,000 unknown fields', 422, members(1000), '/f0'], ['1,000 members in a field', 422, `{"weight":${members(1000)}}`],
];
refusals('merge patches', merges.map(([what, status, body, pointer]) => ({ what, status, method: 'PATCH', path: 'dishes/soup', type: merge, as, body, pointer, headers: { 'If-Match': '*' } })));

const moves = [
  ['a list', 422, '[]'], ['a text', 422, '"placed"'], ['null', 422, 'null'], ['no state', 422, '{}', '/to'], ['a number', 422, '{"to":7}', '/to'], ['a list of states', 422, '{"to":["placed"]}', '/to'], ['null', 422, '{"to":null}', '/to'],
  ['an unknown state', 409, '{"to":"eaten"}', '/state'], ['no text', 409, '{"to":""}', '/state'], ['capitals', 409, '{"to":"Placed"}', '/state'], ['a state that is not next', 409, '{"to":"served"}', '/state'],
  ['a state of 100,000 characters', 409, text({ to: 'x'.repeat(100_000) })], ['an unknown field', 422, '{"to":"placed","nonsense":1}', '/nonsense'], ['a wrong field', 422, '{"to":"placed","table":"x"}', '/table'], ['a required field taken out', 422, '{"to":"placed","title":null}', '/title'],
  ['another id', 422, '{"to":"placed","id":"dinner"}'], ['a visibility', 422, '{"to":"placed","meta":{"visibility":"office"}}'], ['the state itself', 422, '{"to":"placed","state":"served"}', '/state'],
];
refusals('moves', moves.map(([what, status, body, pointer]) => ({ what: `${what} (${body.slice(0, 40)})`, status, method: 'POST', path: 'orders/lunch/move', as, body, pointer, headers: { 'If-Match': '*' } })));

const merging = [
  ['nothing', undefined, 4], ['no body', ''], ['no target', '{}'], ['a number', '{"into":7}'], ['nobody', '{"into":"nobody"}'], ['itself', '{"into":"mill"}'], ['a path', '{"into":"suppliers/farm"}'], ['a list', '[]'], ['another collection', '{"into":"ana"}'],
  ['a record that was merged', '{"into":"old-farm"}'], ['10,000 characters', text({ into: 'x'.repeat(10_000) })],
];
describe('merges', built, () => {
  for (const [what, body] of merging)
    for (const path of ['suppliers/mill/merge', 'organisations/elft/merge'])
      test(`${path} into ${what} is refused`, async () => {
        const last = await bad.sequence();
        const answer = await bad.say('POST', path, { as, body });
        assert.ok([400, 404, 409, 410, 422].includes(answer.status), `expected a refusal, got ${answer.status} ${answer.text}`);
        expectRefusal(answer, path);
        await bad.untouched(last, path);
      });
});

const conditions = ['x', '', '"', '""', '"x', 'x"', '"a" "b"', ',', '*,*', 'W/"x"', '"é"', `"${'x'.repeat(4000)}"`, Array(500).fill('"x"').join(','), '"x", *', '\\"x\\"'];
refusals('If-Match that is none', conditions.flatMap((value) => [['PUT', 'dishes/soup', text({ name: 'x' }), json], ['PATCH', 'dishes/soup', '{"name":"x"}', merge], ['DELETE', 'dishes/soup'], ['POST', 'orders/lunch/move', '{"to":"placed"}', json]]
  .map(([method, path, body, type]) => ({ what: `${method} ${path} with If-Match: ${value.slice(0, 30)}`, status: 412, method, path, as, body, type, headers: { 'If-Match': value } }))));

// What looks like the record's own ETag, and is not; and what is, however the list is written.
describe('If-Match beside the ETag', built, () => {
  const say = (match) => bad.say('PATCH', 'dishes/soup?dry_run=true', { as, type: merge, body: '{"serves":6}', headers: { 'If-Match': match } });
  const sequence = async (path = 'dishes/soup', who = as) => (await bad.say('GET', path, { as: who })).headers.etag.slice(1, -1);
  const others = [(n) => `"${n}`, (n) => `${n}"`, (n) => n, (n) => `"${n}"x`, (n) => `"${n}x"`, (n) => `"${n}r0"`, (n) => `"${n}-"`, (n) => `"${n}-0"`, (n) => `"0${n}"`, (n) => `"1${n.padStart(16, '0')}"`, (n) => `"${n}" "${n}"`, (n) => `"x" "${n}"`, (n) => `"x, "${n}"`, (n) => `W/"${n}"`, (n) => `w/"${n}"`, (n) => `x, "${n}"`, (n) => `"${n}0"`];
  for (const make of others)
    test(`${make('ETAG')} is 412`, async () => {
      const answer = await say(make(await sequence()));
      assert.equal(answer.status, 412, answer.text);
      expectRefusal(answer, make('ETAG'));
    });
  for (const make of [(n) => `"${n}"`, (n) => `"${n}r"`, (n) => `"x", "${n}"`, (n) => `,, "${n}" ,`, (n) => `"a,b","${n}"`, (n) => `W/"x", "${n}"`])
    test(`${make('ETAG')} is taken`, async () => assert.equal((await say(make(await sequence()))).status, 200));
  test('the ETags of other representations are taken', async () => {
    for (const [path, who] of [['dishes/soup.menu', as], ['dishes/soup', 'public'], ['dishes/soup.menu', 'partner']]) assert.equal((await say(`"${await sequence(path, who)}"`)).status, 200, `${path} by ${who}`);
  });
});

// Paths. A record's id is refused as such, or not found; nothing is normalised.
const ids = [['Soup', 404], ['soup.', 404], ['soup..', 404], ['.soup', 404], ['soup.json.json', 404], ['soup.exe', 404], ['SOUP', 404], ['so%75pp', 404], ['s%6Fup%2e', 404], ['soup%20', 404], ['soup%2Fmove', 400], ['soup%5cx', 400], ['soup%00', 400],
  ['soup%0d%0aX-Evil:%20x', 400], ['..', 400], ['%2e%2e', 400], ['.', 400], ['%2e%2e%2f%2e%2e%2fetc%2fpasswd', 400], ['soup%', 400], ['soup%f', 400], ['soup%zz', 400], ['%ff', 400], ['%c0%af', 400], ['%ed%a0%80', 400], ['%e2%82', 400],
  ['caf%c3%a9', 404], ['%f0%9f%8d%b2', 404], ['x'.repeat(80), 404], ['x'.repeat(81), 404], ['x'.repeat(4000), 404], ['a--b', 404], ['-', 404], ['--', 404], ['*', 404], ["'%20or%201=1", 404], ['%7b%7d', 404], ['soup;x=1', 404], ['soup%3b', 404], ['%25s%25n', 404], ['%s%n', 400]];
refusals('ids in paths', ids.flatMap(([id, status]) => ['', '/revisions', '/revisions/1'].map((tail) => ({ what: `GET dishes/${id.slice(0, 40)}${tail}`, status, method: 'GET', path: `dishes/${id}${tail}` }))
  .concat({ what: `PATCH dishes/${id.slice(0, 40)}`, status, method: 'PATCH', path: `dishes/${id}`, as, type: merge, body: '{}', headers: { 'If-Match': '*' } },
    { what: `DELETE dishes/${id.slice(0, 40)}`, status, method: 'DELETE', path: `dishes/${id}`, as, headers: { 'If-Match': '*' } })));
const ofPaths = [
  ['/', 404], ['/api', 404], ['/api/', 404], ['/api/v1/', 404], ['/api/v2/dishes', 404], ['/api/v1/Dishes', 404], ['/api/v1/dish', 404], ['/api/v1/dishes/', 404], ['/api/v1//dishes', 400], ['/api/v1/dishes//', 400], ['//api/v1/dishes', 400], ['/api/v1/dishes/soup/', 404],
  ['/api/v1/dishes/soup/nothing', 404], ['/api/v1/dishes/soup/move', 404], ['/api/v1/dishes/-/by', 404], ['/api/v1/dishes/-/by/ods', 404], ['/api/v1/dishes/-/by/nothing/x', 404], ['/api/v1/dishes/-/by/ods/%ff', 400], ['/api/v1/dishes/-/by/ods/..', 400],
  ['/api/v1/cooks/-/by/orcid/x', 400], ['/api/v1/cooks/-/by/orcid/0000-0002-1825-0098', 400], [`/api/v1/cooks/-/by/orcid/${'9'.repeat(3000)}`, 400], ['/api/v1/cooks/-/by/orcid/0000-0002-1694-233X', 404], [`/api/v1/cooks/-/by/${'x'.repeat(3000)}/x`, 404], ['/api/v1/dishes/soup/revisions/0', 400], ['/api/v1/dishes/soup/revisions/-1', 400],
  ['/api/v1/dishes/soup/revisions/x', 400], ['/api/v1/dishes/soup/revisions/1.0', 400], ['/api/v1/dishes/soup/revisions/2', 404], ['/api/v1/dishes/soup/revisions/4294967295', 404], ['/api/v1/dishes/soup/revisions/4294967296', 400], [`/api/v1/dishes/soup/revisions/${'9'.repeat(300)}`, 400],
  ['/api/v1/dishes/gone', 410], ['/api/v1/-', 404], ['/api/v1/-/', 404], ['/api/v1/-/nothing', 404], ['/api/v1/-/schema/nothing', 404], ['/api/v1/-/schema/%00', 400], ['/api/v1/-/schema/dishes/fields', 404], ['/healthz/', 404], ['/healthz/x', 404], ['/etc/passwd', 404],
  ['/.htpasswd', 404], [`/${'a/'.repeat(50)}`, 404], [`/api/v1/${'x'.repeat(8300)}`, 414], ['/api/v1/people/nobody/roles', 404], ['/api/v1/people/Nobody!/roles', 404], ['/api/v1/hubs/nobody/portfolio', 404], ['/api/v1/hubs/nobody/network', 404], ['/api/v1/organisations/nobody/involvement', 404],
  ['/api/v1/areas/%ff/overview', 400],
];
refusals('paths', ofPaths.map(([path, status]) => ({ what: path.slice(0, 60), status, method: 'GET', path })));

// Queries: where, and what is wrong with them.
const lists = ['dishes', 'people', 'projects'];
const ofLists = ['limit=0', 'limit=201', 'limit=-1', 'limit=1e3', 'limit=', 'limit', 'limit=5.0', 'limit=+5', 'limit=%205', 'limit=0x10', 'limit=99999999999999999999', 'limit=5&limit=5', 'limit=١', 'Limit=5', 'nonsense=1', '=1', '=', 'nonsense', 'id=soup', 'meta=x',
  'cursor=', 'cursor=A', 'cursor=AAAA', 'cursor=AAAAAAAAAAAA', 'cursor=%ff', 'cursor=%00', 'cursor=!!!!', `cursor=${'A'.repeat(5000)}`, 'cursor=a&cursor=b', 'name=%zz', 'name=%', 'name=%f', 'name=%00', 'name=%0a', 'name=%7f', 'name=%ff', 'name=%c0%80', 'name=%ed%a0%80',
  '%ff=x', '%00=x', 'name%5Bgte%5D=x%ff', 'sort=', 'sort=nothing', 'sort=-', 'fields=nothing', 'expand=nothing', many(65, (i) => `name=${i}`).join('&'), many(70, (i) => `p${i}=1`).join('&')];
refusals('queries of lists', lists.flatMap((list) => ofLists.map((query) => ({ what: `GET ${list}?${query.slice(0, 50)}`, status: 400, method: 'GET', path: `${list}?${query}` }))));
const typed = ['vegan=perhaps', 'vegan=', 'vegan=1', 'course=soup', 'course=', 'course=main%20', 'serves=x', 'serves=', 'serves=1.5', 'serves=99999999999999999999', 'price=x', 'price=1.005', 'price=1e400', 'price=NaN', 'price=inf', 'price=0x1p3',
  'season=x', 'season=2024-13', 'season=24', 'season=', 'story=x', 'cost=1', 'identifiers=x', 'identifiers=isbn:1', 'identifiers=', 'weight=1', 'supplier=', 'inspired_by=soup', 'margin_note=x', 'code=', 'name=', 'tags='];
refusals('filters', typed.map((query) => ({ what: query, status: 400, method: 'GET', path: `dishes?${query}` })));
const elsewhere = ['dishes/soup?x=1', 'dishes/soup?dry_run=true', 'dishes/soup?=', 'dishes/soup/revisions?n=1', 'dishes/soup/revisions?limit=0', 'dishes/soup/revisions?cursor=x', 'dishes/soup/revisions/1?limit=1', 'dishes/-/by/ods/RWK?x=1', '-/whoami?x', '-/schema?x=1',
  '-/schema/dishes?limit=1', '-/changes?since=-1', '-/changes?since=', '-/changes?since=x', '-/changes?since=1e3', '-/changes?since=99999999999999999999', '-/changes?since=0&since=1', '-/changes?limit=0', '-/changes?limit=201', '-/changes?cursor=x', '/healthz?x=1', '/readyz?x', '/version?x=1',
  'people/rupert-marquand/roles?on=yesterday', 'people/rupert-marquand/roles?on=', 'people/rupert-marquand/roles?on=2024-02-30', 'people/rupert-marquand/roles?nothing=1', 'people/rupert-marquand/roles?on=2024&on=%ff', 'hubs/elft-cambridge-hub/portfolio?x=1'];
refusals('queries elsewhere', elsewhere.map((path) => ({ what: path, status: 400, method: 'GET', path })));
refusals('dry runs that are none', ['yes', '1', '', 'TRUE', 'true&dry_run=true'].map((value) => ({ what: value, status: 400, method: 'POST', path: `dishes?dry_run=${value}`, as, body: '{"name":"x"}' })));

// Media types, and what is accepted of them.
const types = [['nothing', null], ['text', 'text/plain'], ['a form', 'application/x-www-form-urlencoded'], ['parts', 'multipart/form-data; boundary=x'], ['XML', 'application/xml'], ['JSON with another charset', 'application/json; charset=utf-16'], ['JSON in latin1', 'application/json;charset="iso-8859-1"'],
  ['a suffix', 'application/problem+json'], ['a longer name', 'application/jsonx'], ['a shorter name', 'application/jso'], ['no subtype', 'application'], ['empty', ''], ['only parameters', '; charset=utf-8'], ['any', '*/*'], ['1,000 characters', `application/json; x=${'y'.repeat(1000)}; charset=x`]];
refusals('media types', types.flatMap(([what, type]) => takers.filter(([, , own]) => own !== patch).map(([method, path]) => ({ what: `${method} ${path} with ${what}`, status: 415, method, path, as, body: '{"name":"x","to":"placed"}', headers: { 'Content-Type': type, 'If-Match': '*' } }))).concat([
  { what: 'a merge patch for a create', status: 415, method: 'POST', path: 'dishes', as, type: merge, body: '{"name":"x"}' }, { what: 'JSON for a patch', status: 415, method: 'PATCH', path: 'dishes/soup', as, type: json, body: '{}', headers: { 'If-Match': '*' } }]));
refusals('Accept', ['image/png', 'text/html', 'application/json;q=0', '*/*;q=0', 'application/xml, image/*;q=0.5', 'text/x-menus'].flatMap((accept) => ['cooks', 'cooks/ana', 'dishes/-/by/ods/x'].slice(0, 2).map((path) => ({ what: `${path} as ${accept}`, status: 406, method: 'GET', path, headers: { Accept: accept } }))));

// Credentials.
const token = `ouse_${'A'.repeat(43)}`;
const credentials = [token, 'Bearer', 'Bearer ', `Bearer ${token}`, `Bearer  ${token}`, `Bearer ${token} x`, `Bearer ${token.slice(0, -1)}`, `Bearer ${token}A`, 'Bearer ouse_', `Basic ${Buffer.from('a:b').toString('base64')}`, `bearer,${token}`, `Digest username="x"`, '', 'x'.repeat(4000),
  `Bearer OUSE_${'A'.repeat(43)}`, `Bearer ouse_${'%41'.repeat(14)}A`, `Bearer ${'ouse_'}${'é'.repeat(21)}A`, `Bearer ouse_${'A'.repeat(42)}"`];
refusals('Authorization that is none', credentials.flatMap((value) => [['GET', 'dishes'], ['GET', '/healthz'], ['GET', 'dishes/nothing'], ['POST', 'dishes', '{"name":"x"}'], ['DELETE', 'dishes/soup']]
  .map(([method, path, body]) => ({ what: `${method} ${path} as ${value.slice(0, 30)}`, status: 401, method, path, body, headers: { Authorization: value, 'If-Match': '*' } }))));

// Each role at each write. Whoever may not write is told so before anything else.
const may = { 'POST wishes': 'public', 'POST orders/x/move': 'partner' };
const ranks = ['public', 'partner', 'office', 'manager'];
describe('each role at each write', built, () => {
  test('401 without a token, 403 with too little of one', async () => {
    const { collections } = JSON.parse((await bad.say('GET', '-/schema')).text);
    const last = await bad.sequence();
    for (const { name, verbs = [], flows } of collections)
      for (const [verb, method, path] of [['create', 'POST', name], ['change', 'PUT', `${name}/x`], ['change', 'PATCH', `${name}/x`], ['remove', 'DELETE', `${name}/x`], ['move', 'POST', `${name}/x/move`]]) {
        if (!(verb === 'move' ? flows.length : verbs.includes(verb))) continue;
        for (const role of ranks.slice(0, ranks.indexOf(may[`${method} ${path}`] ?? 'manager')))
          for (const body of ['{"name":"x"}', '{', undefined])
            await bad.refuse(role === 'public' ? 401 : 403, method, path, { as: role, body, headers: { 'If-Match': '*' } }, `by ${role}`);
      }
    for (const path of ['organisations/elft/merge', 'people/x/merge', 'areas/x/merge', 'sites/x/merge', 'suppliers/mill/merge'])
      for (const role of ranks.slice(0, 3)) await bad.refuse(role === 'public' ? 401 : 403, 'POST', path, { as: role, body: '{"into":"farm"}' }, `by ${role}`);
    await bad.refuse(403, 'POST', 'orders/lunch/move', { as: 'partner', body: '{"to":"cancelled"}', headers: { 'If-Match': '*' } });
    await bad.untouched(last, 'those who may not write');
  });
});

// Every route with every method: 405 with what there is, and HEAD and OPTIONS everywhere.
describe('every route with every method', built, () => {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  const ofVerbs = { POST: 'create', PUT: 'change', PATCH: 'change', DELETE: 'remove' };

  async function routes() {
    const { collections } = JSON.parse((await bad.say('GET', '-/schema')).text);
    const one = (path, ...has) => ({ path, has });
    const found = ['/healthz', '/readyz', '/version', '/api/v1', '-/whoami', '-/schema', '-/schema/dishes', '-/changes', 'people/x/roles', 'organisations/x/involvement', 'areas/x/overview', 'hubs/x/portfolio', 'hubs/x/network'].map((path) => one(path, 'GET'));
    found.push(...['organisations/x/merge', 'people/x/merge', 'suppliers/x/merge'].map((path) => one(path, 'POST')), one('dishes.json', 'GET'), one('dishes.menu', 'GET'));
    for (const { name, verbs = [], flows } of collections) {
      const with_ = (...wanted) => ['GET', ...wanted.filter((method) => verbs.includes(ofVerbs[method]))];
      found.push(one(name, ...with_('POST')), one(`${name}/x`, ...with_('PUT', 'PATCH', 'DELETE')), one(`${name}/x/revisions`, 'GET'), one(`${name}/x/revisions/1`, 'GET'), one(`${name}/-/by/ods/x`, 'GET'));
      if (flows.length) found.push(one(`${name}/x/move`, 'POST'));
    }
    return found;
  }

  test('405 brings Allow', async () => {
    for (const { path, has } of await routes()) {
      const all = [...has, ...(has.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort();
      const allowed = (answer, what) => assert.deepEqual((answer.headers.allow ?? '').split(', ').sort(), all, what);
      for (const method of methods.filter((method) => !has.includes(method)))
        allowed(await bad.refuse(405, method, path, { as, body: method === 'GET' ? undefined : '{}' }), `${method} ${path}`);
      const options = await bad.say('OPTIONS', path);
      assert.equal(options.status, 204, `OPTIONS ${path}`);
      allowed(options, `OPTIONS ${path}`);
      const head = await bad.say('HEAD', path);
      assert.equal(head.status, has.includes('GET') ? (await bad.say('GET', path)).status : 405, `HEAD ${path}`);
    }
  });
});

// Bodies that do not come as announced: the connection is ended by the client.
describe('bodies that do not come as announced', built, () => {
  for (const [what, length, body] of [['a byte short', 13, '{"name":"x"}'], ['nothing of it', 12, ''], ['nearly 1 MiB short', (1 << 20) - 1, '{"name":"x"}']])
    test(`${what}: 400, and nothing is kept`, async () => {
      const last = await bad.sequence();
      const headers = { 'Content-Length': length, 'Content-Type': json, Authorization: `Bearer ${bad.register.tokens.manager}` };
      const [answer] = await bad.sayOnce(wire('POST', '/api/v1/dishes', { headers, body }));
      assert.equal(answer?.status, 400, `expected 400, got ${answer?.status}`);
      await bad.untouched(last, what);
    });
  test('over 1 MiB announced, and nothing sent: 413 at once', async () => {
    const connection = connect(bad.port);
    connection.write(wire('POST', '/api/v1/dishes', { headers: { 'Content-Length': (1 << 20) + 1, 'Content-Type': json, Authorization: `Bearer ${bad.register.tokens.manager}` } }));
    assert.equal((await connection.next()).status, 413);
    connection.close();
  });
  test('a client that vanishes in the middle of its body', async () => {
    const last = await bad.sequence();
    for (let n = 0; n < 20; n++) {
      const connection = connect(bad.port);
      connection.write(wire('POST', '/api/v1/dishes', { headers: { 'Content-Length': 100, 'Content-Type': json, Authorization: `Bearer ${bad.register.tokens.manager}` } }) + '{"name":"x"');
      connection.close();
    }
    await bad.untouched(last, 'clients that vanish');
  });
});
