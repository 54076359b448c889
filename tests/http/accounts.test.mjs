// Accounts: made and changed by `ouse account …`, next to a server and without one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { built, ouse, start } from './ouse.mjs';

describe('accounts', built, () => {
  let register;
  const account = (command, ...words) => ouse('account', command, '-c', register.config, ...words);
  const show = async (email) => Object.fromEntries((await account('show', email)).stdout.trim().split('\n').map((line) => /^(\S.*?\S) {1,}(.*)$/.exec(line).slice(1)));
  const fails = (code, message, ...words) => account(...words).then(({ stdout }) => assert.fail(`expected a failure, got ${stdout}`), (error) => {
    assert.equal(error.code, code, error.stderr);
    assert.match(error.stderr, message);
  });
  const create = (email, ...words) => account('create', '--email', email, '--name', 'Ann Lee', ...words);

  before(async () => {
    register = await start('directory');
    await register.create('organisations', { id: 'luton-council', kind: 'local_authority', name: 'Luton Council' });
    await register.create('people', { id: 'ann-lee', name: 'Ann Lee' });
  });
  after(() => register?.stop());

  test('are made next to the server, with a link that is printed once', async () => {
    const { stdout } = await create(' Ann.Lee@Example.ORG', '--organisation', 'luton-council', '--person', 'ann-lee');
    assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+\/account\/link\/[\w-]{43}\n$/);
    const shown = await show('ann.lee@example.org');
    const { id, created, ...rest } = shown;
    assert.match(id, /^[a-z2-7]{16}$/);
    assert.match(created, /^20\d\d-/);
    assert.deepEqual(rest, {
      email: 'ann.lee@example.org', name: 'Ann Lee', state: 'invited', organisation: 'luton-council', person: 'ann-lee',
      password: 'not set', totp: 'off',
    });
  });

  test('have an address of their own, and refer to records that are there', async () => {
    await fails(1, /There is an account ann\.lee@example\.org already/, 'create', '--email', 'ANN.LEE@example.org', '--name', 'Other');
    await fails(1, /There is no record organisations\/nobody/, 'create', '--email', 'b@example.org', '--name', 'B', '--organisation', 'nobody');
    await fails(1, /There is no record people\/nobody/, 'create', '--email', 'b@example.org', '--name', 'B', '--person', 'nobody');
    await fails(1, /An e-mail address has one "@"/, 'create', '--email', 'b', '--name', 'B');
    await fails(1, /--email and --name are needed/, 'create', '--email', 'b@example.org');
    await fails(1, /There is no account b@example\.org/, 'show', 'b@example.org');
  });

  test('are granted what the server enforces, and nothing else', async () => {
    const email = 'ann.lee@example.org';
    await account('grant', email, '--role', 'office', '--expires', '2099-12-31');
    await account('grant', email, '--role', 'partner', '--collections', '*');
    assert.match((await account('show', email)).stdout, /^grant +office until 2100-01-01T00:00:00\.000Z\ngrant +partner$/m);
    assert.match((await account('list')).stdout, /^invited {4}office {4}20\S+ {2}ann\.lee@example\.org +Ann Lee\n$/);
    await account('revoke', email, '--role', 'office');
    assert.match((await account('list')).stdout, /^invited {4}partner /);
    await fails(1, /does not have the role office/, 'revoke', email, '--role', 'office');
    await fails(1, /"\*", only/, 'grant', email, '--role', 'manager', '--collections', 'projects');
    await fails(1, /all organisations only/, 'grant', email, '--role', 'manager', '--organisation', 'luton-council');
    await fails(2, /--role must be one of partner office manager/, 'grant', email, '--role', 'editor');
    await fails(1, /write a day/, 'grant', email, '--role', 'office', '--expires', 'soon');
    await fails(1, /which is over/, 'grant', email, '--role', 'office', '--expires', '2020-01-31');
  });

  test('go from state to state as commands say, and no other way', async () => {
    const email = 'ann.lee@example.org';
    assert.match((await account('invite', email)).stdout, /\/account\/link\//);
    await fails(1, /is invited, not suspended/, 'restore', email);
    assert.match((await account('suspend', email)).stdout, /is suspended now/);
    await fails(1, /is suspended already/, 'suspend', email);
    await fails(1, /only an invited account/, 'invite', email);
    await fails(1, /is suspended; "ouse account restore"/, 'reset', email);
    assert.match((await account('restore', email)).stdout, /is invited now/);
    assert.match((await account('reset', email)).stdout, /\/account\/link\//);
    assert.match((await account('sign-out', email)).stdout, /sessions ended: 0/);
  });

  test('are verified, backed up and restored', async () => {
    assert.match(await register.run('verify'), /^accounts +1$/m);
    await register.run('backup', join(register.folder, 'backup'));
    const restored = ['--data', join(register.folder, 'restored')];
    await register.run('restore', join(register.folder, 'backup'), ...restored);
    assert.match(await register.run('verify', ...restored), /^accounts +1$[^]*^faults +0$/m);
    assert.equal((await account('list', ...restored)).stdout, (await account('list')).stdout);
  });

  test('are made while no server runs, with the address of the register', async () => {
    await register.end();
    const { stdout } = await create('bob@example.org', '--set', 'address=https://register.example.org', '--set', 'base_path=/r');
    assert.match(stdout, /^https:\/\/register\.example\.org\/r\/account\/link\/[\w-]{43}\n$/);
    await fails(1, /address must be a scheme and a host/, 'list', '--set', 'address=register.example.org');
    register.end = async () => {};
    await register.restart();
    assert.match((await account('list')).stdout, /bob@example\.org/);
  });
});
