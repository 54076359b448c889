// The pages by which people sign in, and those of an account, in a browser: without scripts, at three widths, light and
// dark; axe-core finds nothing wrong, the HTML is valid, and each page keeps the policy of the site.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ouse } from '../http/ouse.mjs';
import { launch, ready, sampleRegister, schemes, Visit, widths } from './browser.mjs';

const pictures = process.env.OUSE_PICTURES;
const email = 'ann.lee@example.org', password = 'reeds along the slow Ouse', again = 'pelicans over Priory Park';

const html = {
  extends: ['html-validate:recommended'],
  rules: { 'no-trailing-whitespace': 'off', 'require-sri': 'off', 'long-title': 'off', 'form-dup-name': ['error', { shared: ['checkbox', 'submit'] }] },
};

function codeOf(key) {
  const bits = [...key].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const hash = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))).update(message).digest(), at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0');
}

describe('the pages of an account', { ...ready, concurrency: 1 }, () => {
  let register, browser, axe, validator;
  const account = (command, ...words) => ouse('account', command, '-c', register.config, ...words);

  before(async () => {
    if (pictures) await mkdir(pictures, { recursive: true });
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const { HtmlValidate } = await import('html-validate');
    validator = new HtmlValidate(html);
    [register, browser] = await Promise.all([sampleRegister(), launch()]);
  });

  after(async () => {
    await browser?.close();
    await register?.stop();
  });

  // Looks at the page that a visit is at, at each width and in each scheme.
  async function hold(visit, name) {
    const report = await validator.validateString(visit.html);
    assert.deepEqual(report.results.flatMap(({ messages }) => messages.map(({ ruleId, message, line }) => `${line}: ${ruleId}: ${message}`)), [], name);
    assert.equal(await visit.page.locator('h1').count(), 1, name);
    for (const scheme of schemes) {
      for (const width of widths) {
        await visit.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await visit.page.setViewportSize({ width, height: 900 });
        await visit.holdWidth(`${name} at ${width}`);
        const { violations } = await visit.page.evaluate(`${axe}; axe.run(document, { resultTypes: ['violations'] })`);
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${name} at ${width}, ${scheme}`);
        if (pictures) await visit.page.screenshot({ path: join(pictures, `account-${name}-${width}-${scheme}.png`), fullPage: true });
      }
    }
  }

  const open = async (visit, path) => {
    visit.html = await (await visit.open(path)).text();
  };

  // Presses a button and waits for the page that it leads to.
  async function press(visit, name, status) {
    const arrived = visit.page.waitForEvent('response', (response) => response.request().isNavigationRequest() && response.status() !== 303);
    await visit.page.getByRole('button', { name, exact: true }).first().click();
    const response = await arrived;
    await visit.page.waitForLoadState('load');
    assert.equal(response.status(), status, `"${name}" leads to ${response.url()}`);
    visit.html = await response.text();
  }

  // axe-core needs scripts in the page, which the pages do not: the policy of the site stays in force for them.
  const begin = () => Visit.begin(browser, register.origin);

  test('lead an invited person from the link to the account, and out again', async () => {
    const { stdout } = await account('create', '--email', email, '--name', 'Ann Lee', '--organisation', 'luton-council', '--person', 'david-hewson');
    await account('grant', email, '--role', 'office', '--expires', '2099-12-31');
    const visit = await begin();
    await open(visit, new URL(stdout.trim()).pathname);
    await hold(visit, 'link');
    await visit.page.getByLabel('New password').fill('password1234');
    await press(visit, 'Set your password', 422);
    await hold(visit, 'link-mistake');
    await visit.page.getByLabel('New password').fill(password);
    await press(visit, 'Set your password', 200);
    await hold(visit, 'password-set');

    await visit.page.getByLabel('E-mail address').fill(email);
    await visit.page.getByLabel('Password').fill('wrong');
    await press(visit, 'Sign in', 401);
    await hold(visit, 'sign-in-mistake');
    assert.equal(await visit.page.getByLabel('E-mail address').inputValue(), email);
    assert.equal(await visit.page.getByLabel('Password').inputValue(), '', 'expected the password not to be sent back');
    await visit.page.getByLabel('Password').fill(password);
    await press(visit, 'Sign in', 200);
    await hold(visit, 'account');
    assert.match(await visit.text(), /Luton Council[^]*David Hewson/);
    assert.match(await visit.text(), /read everything \(office, until 1 January 2100, 00:00 UTC\)/);

    await open(visit, '/account/password');
    await hold(visit, 'password');
    await visit.page.getByLabel('Your password now').fill(password);
    await visit.page.getByLabel('New password').fill(again);
    await press(visit, 'Change your password', 200);
    assert.match(await visit.text(), /Your password is changed/);

    await open(visit, '/account/codes');
    await hold(visit, 'codes');
    const key = (await visit.text('.prose code')).replaceAll(' ', '');
    await visit.page.getByLabel('Code from the app').fill('000000');
    await press(visit, 'Turn one-time codes on', 422);
    await hold(visit, 'codes-mistake');
    await visit.page.getByLabel('Code from the app').fill(codeOf((await visit.text('.prose code')).replaceAll(' ', '')));
    await press(visit, 'Turn one-time codes on', 200);
    await hold(visit, 'recovery-codes');
    const [recovery] = (await visit.text('main ol')).split('\n');
    assert.notEqual(key, '');

    await open(visit, '/sign-out');
    await hold(visit, 'sign-out');
    await press(visit, 'Sign out', 200);
    assert.equal(new URL(visit.page.url()).pathname, '/');

    await visit.page.getByRole('link', { name: 'Sign in' }).click();
    await visit.page.waitForURL('**/sign-in');
    await visit.page.getByLabel('E-mail address').fill(email);
    await visit.page.getByLabel('Password').fill(again);
    await press(visit, 'Sign in', 200);
    await hold(visit, 'code');
    await visit.page.getByLabel('One-time code').fill('111111');
    await press(visit, 'Continue', 401);
    await hold(visit, 'code-mistake');
    await visit.page.getByLabel('One-time code').fill(recovery);
    await press(visit, 'Continue', 200);
    assert.match(await visit.text(), /9 recovery codes left/);
    await visit.end();
  });

  test('work without scripts', async () => {
    const visit = await Visit.begin(browser, register.origin, { scripts: false });
    const { stdout } = await account('create', '--email', 'bob@example.org', '--name', 'Bob');
    await open(visit, new URL(stdout.trim()).pathname);
    await visit.page.getByLabel('New password').fill(password);
    await press(visit, 'Set your password', 200);
    await visit.page.getByLabel('E-mail address').fill('bob@example.org');
    await visit.page.getByLabel('Password').fill(password);
    await press(visit, 'Sign in', 200);
    assert.match(await visit.text(), /Bob[^]*read what is public/);
    await visit.page.getByRole('button', { name: 'Sign out' }).click();
    await visit.page.waitForURL(`${register.origin}/`);
    await visit.end();
  });
});
