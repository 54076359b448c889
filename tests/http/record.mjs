// Keeps every answer that a test gets by fetch, for tests/openapi/answers.test.mjs: one line of JSON
// each, in a file of the test's own in OUSE_ANSWERS. Without that nothing is kept.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { OUSE_ANSWERS } = process.env;
const { fetch } = globalThis;
const roles = new Map(); // by token

// Whose tokens these are; who brings another one is the public.
export function remember(tokens) {
  for (const [role, token] of Object.entries(tokens)) roles.set(`Bearer ${token}`, role);
}

if (OUSE_ANSWERS) {
  const [, name] = /([^/]+\/[^/]+)\.test\.mjs$/.exec(process.argv[1]);
  const file = join(OUSE_ANSWERS, `${name.replace('/', '-')}.ndjson`);
  mkdirSync(OUSE_ANSWERS, { recursive: true });
  writeFileSync(file, '');

  globalThis.fetch = async (address, options = {}) => {
    const response = await fetch(address, options);
    const { pathname, search } = new URL(response.redirected ? response.url : address);
    const type = response.headers.get('content-type') ?? '';
    appendFileSync(file, `${JSON.stringify({
      method: options.method ?? 'GET',
      path: pathname + search,
      role: roles.get(new Headers(options.headers).get('authorization')) ?? 'public',
      status: response.status,
      type,
      text: /[/+]json$/.test(type) ? await response.clone().text() : '',
    })}\n`);
    return response;
  };
}
