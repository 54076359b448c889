// A register with its site, and Debian's Chromium to look at it. What must be true of whatever a reader opens is held here,
// on every page of every test: it answers as expected, asks no other origin, makes no error, is light, and keeps the
// policy that the browser was given. OUSE_BIN and OUSE_PLUGINS are as for tests/http; packages come by
// `npm ci --prefix tests/browser`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { built, source, start } from '../http/ouse.mjs';

const chromium = '/usr/bin/chromium';
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const missing = [!existsSync(chromium) && 'chromium', !existsSync(here('node_modules/playwright-core')) && 'npm ci --prefix tests/browser'];

// Without these nothing is reported as passed that did not run.
export const ready = built.skip || missing.some(Boolean) ? { skip: built.skip ?? `missing: ${missing.filter(Boolean).join(', ')}` } : {};

export const widths = [360, 768, 1280];
export const schemes = ['light', 'dark'];

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const policy = /^default-src 'none'; /;
const most = { bytes: 60_000, requests: 4 };

// What no article tells, and pictures are drawn of: how money is divided, and when work is due.
async function addFigures(register) {
  const award = 'nhs-england-blmk-hub', programme = 'mental-health-learning-disability-autism';
  const parts = [['inclusive-workforce', 900_000, 'spent'], ['new-ways-of-working', 1_200_000, 'committed'], ['safeguarding', 400_000, 'planned']];
  for (const [pillar, amount, status] of parts) await register.create('allocations', { id: pillar, award, target: `pillars/${pillar}`, amount, status });
  await register.create('workplans', { id: 'first-steps', programme, term: 'short', title: 'First steps', starts: '2025', ends: '2027-06' });
  await register.create('milestones', { id: 'first-report', of: 'workplans/first-steps', title: 'First report', due: '2026-03-01' });
}

// The sample register as it is, with all plugins, served.
export async function bareRegister() {
  const [, plugins] = /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'));
  const register = await start(...plugins.split(', '));
  await promisify(execFile)(process.env.OUSE_BIN, ['import', '-c', register.config, here('../../conf/sample')]);
  return register;
}

// The same with figures.
export async function sampleRegister() {
  const register = await bareRegister();
  await addFigures(register);
  return register;
}

export async function launch() {
  const { chromium: driver } = await import('playwright-core');
  return driver.launch({ executablePath: chromium, args: flags });
}

// A page that a reader opened, and what came over the wire for it.
export class Visit {
  static async begin(browser, origin, { width = 1280, scripts = true, scheme = 'light' } = {}) {
    const context = await browser.newContext({
      baseURL: origin, javaScriptEnabled: scripts, colorScheme: scheme, reducedMotion: 'reduce', viewport: { width, height: 900 },
    });
    return new Visit(context, await context.newPage(), origin);
  }

  // Walks with a visit, which ends however the walk does.
  static async during(browser, origin, options, walk) {
    const visit = await Visit.begin(browser, origin, options);
    try {
      await walk(visit);
    } finally {
      await visit.end();
    }
  }

  constructor(context, page, origin) {
    Object.assign(this, { context, page, origin, requests: [], faults: [] });
    page.on('request', (request) => this.requests.push(request));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.faults.push(message.text());
    });
    page.on('pageerror', (error) => this.faults.push(String(error)));
  }

  // Opens a path and holds it to what every page must be.
  async open(path, status = 200) {
    this.requests.length = this.faults.length = 0;
    const response = await this.page.goto(path, { waitUntil: 'load' });
    assert.equal(response.status(), status, `${path}: expected ${status}`);
    await this.holdAll(path, response);
    return response;
  }

  async holdAll(path, response) {
    const first = this.requests.findLastIndex((request) => request.isNavigationRequest());
    const requests = this.requests.slice(first) // suggestions are asked for by typing
      .filter((request) => request.resourceType() !== 'fetch');
    const others = this.requests.map((request) => request.url()).filter((url) => !url.startsWith(`${this.origin}/`));
    assert.deepEqual(others, [], `${path}: expected requests to ${this.origin} only`);
    const faults = response.ok() ? this.faults : this.faults.filter((text) => !text.startsWith('Failed to load resource'));
    assert.deepEqual(faults, [], `${path}: expected a quiet console`);
    assert.ok(requests.length <= most.requests, `${path}: ${requests.length} requests`);
    const sizes = await Promise.all(requests.map((request) => request.sizes()));
    this.bytes = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
    assert.ok(this.bytes <= most.bytes, `${path}: ${this.bytes} bytes`);
    const said = (await response.allHeaders())['content-security-policy'] ?? '';
    assert.match(said, policy, path);
    assert.doesNotMatch(said, /unsafe-|https?:|\*/, path);
    await this.holdWidth(path);
  }

  // Nothing makes a reader scroll sideways.
  async holdWidth(path) {
    const beyond = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(beyond <= 0, `${path}: ${beyond} pixels wider than the window`);
  }

  // Follows the link, or presses the button, of that name; it must lead to a page that is as all must be.
  async follow(name, { role = 'link', within = this.page, exact = false } = {}) {
    this.requests.length = this.faults.length = 0;
    const arrived = this.page.waitForEvent('response', (response) => response.request().isNavigationRequest());
    await within.getByRole(role, { name, exact }).first().click();
    const response = await arrived;
    await this.page.waitForLoadState('load');
    assert.equal(response.status(), 200, `"${name}" leads to ${response.url()}`);
    await this.holdAll(response.url(), response);
  }

  // What a reader reads.
  text(where = 'main') {
    return this.page.locator(where).innerText();
  }

  end() {
    return this.context.close();
  }
}
