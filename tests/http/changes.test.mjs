// What the change feed tells to whom.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { built, start } from './ouse.mjs';

test('the public hears that a record was withdrawn from it, and nothing afterwards', built, async (t) => {
  const register = await start('directory');
  t.after(() => register.stop());
  const since = (await register.get('-/changes?limit=200')).page.next;
  const told = async (role) => (await register.get(`-/changes?since=${since}`, role)).data.map(({ op, id, revision }) => `${op} ${id} ${revision}`);

  await register.create('people', { id: 'ada-example', name: 'Ada Example' });
  await register.patch('people/ada-example', { meta: { visibility: 'office' } });
  await register.patch('people/ada-example', { honorific: 'Dr' });

  const all = ['create ada-example 1', 'update ada-example 2', 'update ada-example 3'];
  assert.deepEqual(await told('office'), all);
  assert.deepEqual(await told('public'), ['hide ada-example 2'], 'a copy of the public register must lose the record');
  await register.expect(404, 'GET', 'people/ada-example');
  await register.expect(404, 'GET', 'people/ada-example/revisions');
});
