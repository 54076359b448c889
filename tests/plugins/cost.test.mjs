// Derived fields that cost too much end with 503. Those of one record may take as much as a whole request.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Register } from './register.mjs';

let register;

before(async () => {
  register = new Register().configure('unruly', { further: 'cpu_budget = 30ms' });
  const file = join(register.folder, 'all.ndjson');
  writeFileSync(file, ['cheap', 'costly'].map((title) => `${JSON.stringify({ id: title, title, meta: { collection: 'faults' } })}\n`).join(''));
  const { status, stderr } = register.run('import', file);
  assert.equal(status, 0, stderr);
  await register.start();
});
after(async () => {
  await register.stop();
  register.remove();
});

test('a record whose derived field costs too much is 503, others are answered', async () => {
  for (const path of ['faults/costly', 'faults', 'faults.csv']) {
    const { status, json } = await register.say('GET', path);
    assert.equal(status, 503, path);
    if (path !== 'faults') continue;
    assert.equal(json.detail, 'The answer takes more than 30 ms of processor time (cpu_budget); add a filter, or request less');
  }
  assert.equal((await register.get('faults/cheap')).title, 'cheap');
});

test('a change whose record cannot be shown is not made', async () => {
  const { status, json } = await register.say('POST', 'faults', { as: 'manager', body: { id: 'new', title: 'costly' } });
  assert.equal(status, 503);
  assert.equal(json.detail, 'The change takes more than 30 ms of processor time (cpu_budget); nothing was changed; change less at a time');
  assert.equal((await register.say('GET', 'faults/new')).status, 404);
});
