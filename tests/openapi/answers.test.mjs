// Every answer that the other tests got, held to the OpenAPI document; and whether there was one of
// each operation and status that the document has. OUSE_ANSWERS is where record.mjs keeps answers,
// OUSE_TESTS names the tests that get them.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { built, source, start } from '../http/ouse.mjs';

const packages = fileURLToPath(new URL('node_modules/ajv', import.meta.url));
const skip = built.skip ?? (existsSync(packages) ? undefined : 'npm packages are missing: npm ci --prefix tests/openapi');
const { OUSE_ANSWERS, OUSE_TESTS } = process.env;
const roles = ['public', 'partner', 'office', 'manager'];

// What is not seen here, and why: a status, or one of an operation.
const unseen = {
  429: 'too many connections or streams at a time: http/hygiene',
  500: 'a defect; a test that finds one fails',
  503: 'the store takes no writes, or the server stops: torture/fault_http',
  'register.import 413': 'asked without the body, which no fetch can: http/import',
  '*.summary 413': 'a thousand groups of the longest texts',
  'post.areas.id.merge 409': 'no rule stands against it',
  'post.people.id.merge 409': 'no rule stands against it',
  'post.sites.id.merge 409': 'no rule stands against it',
};

describe('answers', { skip }, () => {
  const readers = {}, seen = new Set(), flaws = new Map();
  let register, kind, operations;

  before(async () => {
    const { Reader, ...document } = await import('./document.mjs');
    ({ kind, operations } = document);
    const [, plugins] = /^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'));
    register = await start(...plugins.split(', '), 'kitchen');
    for (const as of roles) readers[as] = new Reader(await register.get('openapi.json', as));
    const lines = OUSE_TESTS.split(' ').flatMap((name) => readFileSync(join(OUSE_ANSWERS, `${name}.ndjson`), 'utf8').split('\n'));
    for (const line of new Set(lines.filter(Boolean))) judge(JSON.parse(line));
  });

  after(() => register.stop());

  // Some tests have a register without the plugin whose path they ask, or under another path.
  function judge(answer) {
    if (answer.status === 404 && /"(Nothing is at this path\.?|Everything here is under .*)"/.test(answer.text)) return;
    const operation = readers[answer.role].operation(answer.method, answer.path);
    const known = operation ?? readers.manager.operation(answer.method, answer.path);
    if (!known) {
      if (answer.status < 300 && answer.method !== 'OPTIONS' && answer.path.startsWith('/api/v1/'))
        flaws.set(`${answer.method} ${answer.path.replace(/\?.*/, '')}: not in the document`, answer);
      return;
    }
    const { code, flaw } = operation ? readers[answer.role].judge(operation, answer) : {};
    if (code) seen.add(`${kind(known)} ${code}`);
    if (flaw) flaws.set(`${known.operationId} ${answer.status}: ${flaw}`, answer);
  }

  test('are as the document says', () => {
    const told = [...flaws].map(([flaw, { method, path, role, text }]) => `${flaw}\n  ${method} ${path} (${role}) ${text.slice(0, 300)}`);
    assert.deepEqual(told, []);
  });

  // Records go into others where that is an operation; what test plugins add is not documented for anybody.
  const happens = (status, path, ids) =>
    !(status in unseen) && (status !== '308' || !path.includes('/{id}/') || ids.has(`post.${path.split('/')[3]}.id.merge`));

  test('were seen of every operation and status', () => {
    const all = operations(readers.manager.document).filter(({ operationId }) => !operationId.startsWith('post.suppliers.'));
    const ids = new Set(all.map(({ operationId }) => operationId));
    const missing = new Set(all.flatMap((operation) =>
      Object.keys(operation.responses).filter((status) => happens(status, operation.path, ids)).map((status) => `${kind(operation)} ${status}`)));
    for (const one of [...seen, ...Object.keys(unseen)]) missing.delete(one);
    assert.deepEqual([...missing].sort(), []);
  });
});
