// Each plugin of the domains stands alone: its tests start it with what it needs, as it says itself
// and the harness holds it to, and with nothing else. What plugins do together is told elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { built, source, startAlone } from './ouse.mjs';

const domains = ['clusters', 'directory', 'evidence', 'funding', 'hubs', 'networks', 'programmes', 'services', 'training'];

for (const plugin of domains)
  test(`the tests of ${plugin} start it alone`, async () => {
    const text = await source(`tests/http/${plugin}.test.mjs`);
    const started = [...text.matchAll(/\bstart(?:Alone)?\(.*?\)/g)].map(([call]) => call);
    assert.ok(started.length > 0, 'expected a register');
    assert.deepEqual([...new Set(started)], [`startAlone('${plugin}')`]);
  });

test('alone is with what it needs', built, async () => {
  const register = await startAlone('hubs');
  const served = await register.get('-/plugins').finally(() => register.stop());
  assert.deepEqual(served.data.map(({ name }) => name), ['directory', 'hubs']);
});
