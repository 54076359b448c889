// Accounts: made and changed by `ouse account …`, next to a server and without one; and people who sign in with a browser.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { built, eventually, ouse, start, startWith } from './ouse.mjs';

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

// The form of a page: its hidden inputs, by name.
const hidden = (page) => Object.fromEntries([...page.matchAll(/<input type="hidden" name="([^"]+)"[^>]* value="([^"]*)">/g)].map(([, name, value]) => [name, value]));

const hotp = (key, counter) => {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const hash = createHmac('sha1', key).update(message).digest(), at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0');
};
const base32 = (text) => Buffer.from([...text].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('').match(/.{8}/g).map((byte) => parseInt(byte, 2)));

describe('people who sign in', built, () => {
  const email = 'ann@example.org', password = 'reeds along the slow Ouse';
  let register, secrets;

  const account = (command, ...words) => ouse('account', command, '-c', register.config, ...words);
  const metric = async (name) => Number(new RegExp(`^ouse_${name.replace(/[{}]/g, '\\$&')} (\\d+)$`, 'm').exec(await (await fetch(`${register.origin}/metrics`)).text())[1]);
  const runs = () => metric('account_password_runs_total');

  // A browser: it keeps a cookie, and says where its forms come from.
  class Browser {
    constructor(address = '192.0.2.1') {
      Object.assign(this, { address, cookie: undefined });
    }

    async go(path, form, headers = {}) {
      const response = await fetch(new URL(path, register.origin), {
        method: form ? 'POST' : 'GET',
        redirect: 'manual',
        headers: {
          accept: 'text/html',
          'x-forwarded-for': this.address,
          ...(this.cookie ? { cookie: this.cookie } : {}),
          ...(form ? { 'content-type': 'application/x-www-form-urlencoded', origin: register.origin } : {}),
          ...headers,
        },
        body: form ? new URLSearchParams(form).toString() : undefined,
      });
      const set = response.headers.get('set-cookie');
      if (set) this.cookie = /^([^;]*)/.exec(set)[1];
      return { status: response.status, headers: response.headers, location: response.headers.get('location'), set, page: await response.text() };
    }

    async expect(status, ...words) {
      const answer = await this.go(...words);
      assert.equal(answer.status, status, `${words[0]}: expected ${status}, got ${answer.status} ${answer.page.slice(-1500)}`);
      return answer;
    }

    signIn(form = {}) {
      return this.expect(303, '/sign-in', { email, password, ...form });
    }

    async whoami() {
      return JSON.parse((await this.expect(200, '/api/v1/-/whoami', undefined, { accept: 'application/json' })).page);
    }
  }

  const linkOf = async (command, ...words) => {
    const [, path, secret] = /(\/account\/link\/([\w-]{43}))\n$/.exec((await account(command, ...words)).stdout);
    secrets.push(secret);
    return path;
  };

  async function signedIn(...words) {
    const browser = new Browser(...words);
    await browser.signIn();
    return browser;
  }

  before(async () => {
    secrets = [password];
    register = await start('directory', 'site', 'metrics');
    await writeFile(register.config, (await readFile(register.config, 'utf8')).replace('access_log = false', 'access_log = true'));
    register.reload();
    await eventually('the log is on', () => register.said.some((line) => line.includes('config: read again')));
    await register.create('organisations', { id: 'luton-council', kind: 'local_authority', name: 'Luton Council' });
  });
  after(() => register?.stop());

  test('set their password by a link, once', async () => {
    const link = await linkOf('create', '--email', email, '--name', 'Ann Lee', '--organisation', 'luton-council');
    const browser = new Browser();
    await account('grant', email, '--role', 'manager');
    await browser.expect(200, link);
    await browser.expect(200, link); // to look at it uses nothing up
    for (const [bad, why] of [['short', /12 characters or more/], ['password1234', /harder to guess/], ['ann@example.org', /harder to guess/], ['', /12 characters/]])
      assert.match((await browser.expect(422, link, { password: bad })).page, why);
    await browser.expect(403, link, { password }, { origin: 'https://evil.example' });
    await browser.expect(403, link, { password }, { 'sec-fetch-site': 'cross-site' });
    const done = await browser.expect(303, link, { password });
    assert.equal(done.location, '/sign-in?done=password');
    assert.equal(done.set, null, 'expected a link to sign nobody in');
    assert.match((await browser.expect(200, done.location)).page, /Your password is set/);
    for (const form of [undefined, { password: 'another long password of mine' }])
      assert.match((await browser.expect(404, link, form)).page, /has been used, or is older than 24 hours/);
    await browser.expect(404, `${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`);
  });

  test('sign in, and are who they are to pages and API', async () => {
    const browser = new Browser();
    const form = await browser.expect(200, '/sign-in');
    assert.equal(form.set, null);
    const done = await browser.signIn({ email: ' ANN@Example.org' });
    assert.equal(done.location, '/account');
    assert.match(done.set, /^ouse_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const page = await browser.expect(200, '/account');
    for (const text of ['Ann Lee', 'ann@example.org', '<a href="/organisations/luton-council">Luton Council</a>', 'read and change everything (manager)', '(this one)'])
      assert.ok(page.page.includes(text), `expected ${text} in ${page.page}`);
    const { actor, ...who } = await browser.whoami();
    assert.match(actor, /^account\/[a-z2-7]{16}$/);
    assert.deepEqual(who, {
      role: 'manager', account: email, name: 'Ann Lee', organisation: 'luton-council',
      grants: [{ role: 'manager', collections: ['*'], organisation: null, expires: null }],
    });
    const own = { origin: register.origin, 'content-type': 'application/json', cookie: browser.cookie };
    const created = await register.expect(201, 'POST', 'people', { body: { id: 'made-by-ann', name: 'Made' }, headers: own });
    assert.equal(created.headers.get('cache-control'), 'private, no-store');
    assert.equal((await register.get('-/changes?limit=200', 'office')).data.at(-1).actor, actor);
  });

  test('go on to where they came from, on this site only', async () => {
    const browser = new Browser();
    assert.equal((await browser.expect(303, '/account')).location, '/sign-in?next=/account');
    assert.equal((await browser.signIn({ next: '/people?sort=name' })).location, '/people?sort=name');
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', 'evil'])
      assert.equal((await new Browser().signIn({ next })).location, '/account', next);
  });

  test('leave public pages as they are: no cookie, cacheable', async () => {
    for (const path of ['/', '/people', '/sign-in', '/api/v1/people']) {
      for (const cookie of [undefined, 'other=1', 'ouse_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'ouse_session=short; ouse_session']) {
        const browser = Object.assign(new Browser(), { cookie });
        const { headers } = await browser.expect(200, path, undefined, { accept: '*/*' });
        assert.equal(headers.get('set-cookie'), null, path);
        if (path !== '/sign-in') assert.equal(headers.get('cache-control'), 'no-cache', `${path} with ${cookie}`);
        assert.match(headers.get('vary'), /^Authorization, Cookie, Accept/);
      }
    }
    const browser = await signedIn();
    for (const path of ['/', '/people', '/api/v1/people']) {
      const { headers } = await browser.expect(200, path, undefined, { accept: '*/*' });
      assert.equal(headers.get('cache-control'), 'private, no-store', path);
      assert.equal(headers.get('access-control-allow-origin'), null, path);
    }
  });

  test('get a new session at each sign-in, and the old one ends', async () => {
    const browser = new Browser();
    browser.cookie = `ouse_session=${'x'.repeat(43)}`; // fixed by somebody else
    await browser.signIn();
    assert.notEqual(browser.cookie, `ouse_session=${'x'.repeat(43)}`);
    const first = Object.assign(new Browser(), { cookie: browser.cookie });
    await browser.signIn();
    assert.notEqual(browser.cookie, first.cookie);
    assert.equal((await first.whoami()).account, null, 'expected the session before to have ended');
    assert.equal((await browser.whoami()).account, email);
  });

  test('sign out: the cookie is good for nothing afterwards', async () => {
    const browser = await signedIn();
    const kept = Object.assign(new Browser(), { cookie: browser.cookie });
    const form = hidden((await browser.expect(200, '/sign-out')).page);
    await browser.expect(403, '/sign-out', {}); // without the token of the form
    await browser.expect(403, '/sign-out', { token: form.token.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) });
    const done = await browser.expect(303, '/sign-out', form);
    assert.match(done.set, /^ouse_session=; Path=\/; HttpOnly; SameSite=Lax; Max-Age=0$/);
    assert.equal(done.location, '/');
    assert.equal((await kept.whoami()).role, 'public');
    assert.equal((await kept.expect(303, '/account')).location, '/sign-in?next=/account');
  });

  test('cannot be made to write by other sites', async () => {
    const browser = await signedIn(), other = await signedIn();
    const before = await metric('account_sign_ins_total{result="foreign"}');
    const body = JSON.stringify({ id: 'forged', name: 'Forged' });
    const post = (headers) => fetch(`${register.origin}/api/v1/people`, { method: 'POST', body, headers: { 'content-type': 'application/json', cookie: browser.cookie, ...headers } });
    for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }, { origin: `${register.origin}.evil.example` }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site', origin: register.origin }, { 'sec-fetch-site': 'none' }])
      assert.equal((await post(headers)).status, 403, JSON.stringify(headers));
    assert.equal((await post({ 'sec-fetch-site': 'same-origin' })).status, 201);
    const { token } = hidden((await other.expect(200, '/account')).page);
    await browser.expect(403, '/account/sessions', { token, session: 'others' }); // of another session
    await browser.expect(403, '/sign-in', { email, password }, { origin: 'https://evil.example' });
    assert.equal(await metric('account_sign_ins_total{result="foreign"}') - before, 9);
  });

  test('see their sessions and end them', async () => {
    const [here, there] = [await signedIn(), new Browser('198.51.100.7')];
    await there.expect(303, '/sign-in', { email, password }, { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0' });
    const page = (await here.expect(200, '/account')).page;
    assert.match(page, /Firefox on Windows[^]*198\.51\.100\.7/);
    const { token } = hidden(page);
    const [, session] = /198\.51\.100\.7[^]*?name="session" value="([0-9a-f]{16})"/.exec(page);
    assert.equal((await here.expect(303, '/account/sessions', { token, session })).location, '/account?done=sessions');
    assert.equal((await there.whoami()).account, null);
    await there.signIn();
    await here.expect(303, '/account/sessions', { token, session: 'others' });
    assert.equal((await there.whoami()).account, null);
    assert.equal((await here.whoami()).account, email);
    assert.equal((await account('show', email)).stdout.match(/^session /gm).length, 1);
  });

  test('lose their sessions when they are suspended, reset or signed out', async () => {
    const link = await linkOf('create', '--email', 'cy@example.org', '--name', 'Cy');
    await new Browser().expect(303, link, { password });
    const signIn = async () => { const browser = new Browser(); await browser.signIn({ email: 'cy@example.org' }); return browser; };
    for (const [command, ...then] of [['sign-out'], ['suspend', 'restore']]) {
      const browser = await signIn();
      assert.equal((await browser.whoami()).account, 'cy@example.org');
      await account(command, 'cy@example.org');
      assert.equal((await browser.whoami()).account, null, command);
      if (command === 'suspend') await new Browser().expect(401, '/sign-in', { email: 'cy@example.org', password });
      for (const next of then) await account(next, 'cy@example.org');
      assert.equal((await browser.whoami()).account, null, `after ${then}`);
    }
    const browser = await signIn();
    const again = await linkOf('reset', 'cy@example.org');
    assert.equal((await browser.whoami()).account, null);
    await new Browser('203.0.113.1').expect(401, '/sign-in', { email: 'cy@example.org', password });
    await new Browser().expect(303, again, { password: 'quite another sentence' });
    await new Browser('203.0.113.2').expect(303, '/sign-in', { email: 'cy@example.org', password: 'quite another sentence' });
  });

  test('have the roles of their grants, from the next request on', async () => {
    const browser = await signedIn();
    await account('revoke', email, '--role', 'manager');
    assert.deepEqual([(await browser.whoami()).role, (await browser.whoami()).grants], ['public', []]);
    const own = { origin: register.origin, cookie: browser.cookie };
    await register.expect(403, 'POST', 'people', { body: { id: 'x', name: 'X' }, headers: own });
    await account('grant', email, '--role', 'office', '--expires', '2099-01-01');
    assert.equal((await browser.whoami()).role, 'office');
    await account('grant', email, '--role', 'manager');
    assert.equal((await browser.whoami()).role, 'manager');
  });

  test('change their password: other sessions end', async () => {
    const [here, there] = [await signedIn(), await signedIn()];
    const { token } = hidden((await here.expect(200, '/account/password')).page);
    const next = 'pelicans over Priory Park';
    assert.match((await here.expect(422, '/account/password', { token, current: 'wrong', password: next })).page, /Enter the password that you sign in with/);
    assert.match((await here.expect(422, '/account/password', { token, current: password, password: 'password1234' })).page, /harder to guess/);
    await here.expect(303, '/account/password', { token, current: password, password: next });
    assert.equal((await there.whoami()).account, null);
    assert.equal((await here.whoami()).account, email);
    await new Browser().expect(401, '/sign-in', { email, password });
    await here.expect(303, '/account/password', { token, current: next, password });
    secrets.push(next);
  });

  test('use one-time codes and recovery codes, each once', async () => {
    const browser = await signedIn('203.0.113.50');
    let form = hidden((await browser.expect(200, '/account/codes')).page);
    assert.match((await browser.expect(422, '/account/codes', { ...form, code: '000000' })).page, /six digits that your app shows/);
    const page = (await browser.expect(200, '/account/codes')).page;
    form = hidden(page);
    const key = base32(/secret=([A-Z2-7]{32})"/.exec(page)[1]);
    secrets.push(/secret=([A-Z2-7]{32})"/.exec(page)[1]);
    const step = Math.floor(Date.now() / 30000);
    const on = await browser.expect(200, '/account/codes', { ...form, code: hotp(key, step - 1) });
    const codes = [...on.page.matchAll(/<code>([a-z2-7-]{19})<\/code>/g)].map(([, code]) => code);
    assert.equal(new Set(codes).size, 10);
    secrets.push(...codes);
    assert.doesNotMatch((await browser.expect(200, '/account/codes')).page, new RegExp(codes[0]));

    const second = new Browser('203.0.113.51');
    const asked = await second.expect(200, '/sign-in', { email, password, next: '/people' });
    assert.equal(asked.set, null);
    const ticket = hidden(asked.page);
    assert.match((await second.expect(401, '/sign-in', { ...ticket, code: hotp(key, step - 1) })).page, /wrong, or was used before/); // replayed
    assert.equal((await second.expect(303, '/sign-in', { ...ticket, code: hotp(key, step) })).location, '/people');
    assert.equal((await second.whoami()).account, email);
    await new Browser('203.0.113.52').expect(401, '/sign-in', { ...ticket, code: hotp(key, step) });

    const third = new Browser('203.0.113.53');
    await third.expect(303, '/sign-in', { ...ticket, code: codes[4].toUpperCase() });
    await new Browser('203.0.113.54').expect(401, '/sign-in', { ...ticket, code: codes[4] });
    assert.match((await third.expect(200, '/account')).page, /9 recovery codes left/);
    assert.match((await new Browser('203.0.113.55').expect(401, '/sign-in', { ticket: `x${ticket.ticket}`, code: codes[5] })).page, /took too long/);

    const { token } = hidden((await third.expect(200, '/account/codes')).page);
    await third.expect(422, '/account/codes/off', { token, current: 'wrong' });
    assert.equal((await third.expect(303, '/account/codes/off', { token, current: password })).location, '/account?done=totp');
    await signedIn('203.0.113.56');
  });

  test('are delayed after wrong passwords from many addresses, known or not, at the same cost', async () => {
    const cost = {};
    await linkOf('create', '--email', 'dee@example.org', '--name', 'Dee').then((link) => new Browser().expect(303, link, { password }));
    for (const target of ['dee@example.org', 'nobody@example.org']) {
      const before = await runs();
      const statuses = [];
      for (let i = 1; i <= 6; i++) statuses.push((await new Browser(`198.51.100.${i}`).go('/sign-in', { email: target, password: 'wrong' })).status);
      assert.deepEqual(statuses, [401, 401, 401, 429, 429, 429], target);
      cost[target] = await runs() - before;
      const late = await new Browser('198.51.100.99').expect(429, '/sign-in', { email: target, password });
      assert.match(late.headers.get('retry-after'), /^[12]$/);
      assert.match(late.page, /too many failed attempts/i);
    }
    assert.deepEqual(cost, { 'dee@example.org': 3, 'nobody@example.org': 3 });
    await new Browser('198.51.100.99').signIn(); // another account is not delayed
  });

  test('are delayed by address, whatever accounts it tries', async () => {
    const browser = new Browser('203.0.113.99');
    const statuses = [];
    for (let i = 0; i < 12; i++) statuses.push((await browser.go('/sign-in', { email: `guess-${i}@example.org`, password: 'wrong' })).status);
    assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429]);
    await browser.expect(429, '/sign-in', { email, password });
    await signedIn('203.0.113.98');
  });

  test('have their sign-ins counted, and no secret is in the log', async () => {
    assert.ok(await metric('account_sign_ins_total{result="signed_in"}') >= 15);
    assert.ok(await metric('account_sign_ins_total{result="failed"}') >= 20);
    assert.ok(await metric('account_sign_ins_total{result="delayed"}') >= 10);
    const log = register.said.join('\n');
    assert.match(log, /accounts: signed in: account\/[a-z2-7]{16}, from 192\.0\.2\.1$/m);
    assert.match(log, /accounts: sign-in failed: an address without an account, from 198\.51\.100\.1$/m);
    assert.match(log, /GET \/account\/link\/ 200 /);
    for (const secret of secrets) assert.ok(!log.includes(secret), `the log has ${secret}`);
    assert.doesNotMatch(log, /ouse_session=|nobody@example/);
  });

  test('keep their sessions over a restart, and lose them by a restore', async () => {
    const browser = await signedIn('203.0.113.97');
    await register.run('backup', join(register.folder, 'backup'));
    const link = await linkOf('reset', 'cy@example.org');
    await register.restart();
    assert.equal((await browser.whoami()).account, email);
    await browser.expect(200, link);
    await register.end();
    await rename(join(register.folder, 'data'), join(register.folder, 'lost'));
    await register.run('restore', join(register.folder, 'backup'));
    register.end = async () => {};
    await register.restart();
    assert.equal((await browser.whoami()).account, null);
    await browser.signIn();
    assert.match(await register.run('verify'), /^faults +0$/m);
  });
});

describe('a register that people reach by https', built, () => {
  test('has a cookie for TLS alone, and accepts its own address as origin', async () => {
    const register = await startWith(['base_path = "/r"', 'site { address = "https://register.example.org" }'], 'directory', 'site');
    try {
      const { stdout } = await ouse('account', 'create', '--email', 'a@example.org', '--name', 'A', '-c', register.config);
      const link = stdout.trim();
      assert.match(link, /^https:\/\/register\.example\.org\/r\/account\/link\//);
      const post = (url, form, headers = {}) => fetch(url, {
        method: 'POST', redirect: 'manual', body: new URLSearchParams(form),
        headers: { origin: 'https://register.example.org', accept: 'text/html', ...headers },
      });
      const password = 'reeds along the slow Ouse';
      const here = (path) => `${new URL(register.origin).origin}${path}`;
      assert.equal((await post(here(new URL(link).pathname), { password })).status, 303);
      const signed = await post(here('/r/sign-in'), { email: 'a@example.org', password });
      assert.equal(signed.headers.get('location'), '/r/account');
      const set = signed.headers.get('set-cookie');
      assert.match(set, /^__Host-ouse_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
      const [cookie] = set.split(';');
      const account = async (value) => (await (await fetch(here('/r/api/v1/-/whoami'), { headers: { cookie: value } })).json()).account;
      assert.equal(await account(cookie), 'a@example.org');
      assert.equal(await account(cookie.replace('__Host-', '')), null, 'expected the other name to be ignored');
    } finally {
      await register.stop();
    }
  });
});
