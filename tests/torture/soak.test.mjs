// The short form of the soak, and its controls: with a lost write and a leak in its own books, it must fail.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

// Resolves to [exit code, output, the names of the assertions that failed]. Limits on memory are those of a
// program with sanitizers, which keeps freed memory for a while.
function soak(...options) {
  const words = [fileURLToPath(new URL('soak.mjs', import.meta.url)), '--scale', '0.1', '--groups', '200', '--failures', '0.05', '--stop', '30', ...options]
  return new Promise(resolve => execFile(process.execPath, words, { maxBuffer: 1 << 26 }, (error, out, errors) =>
    resolve([error?.code ?? 0, out + errors, [...out.matchAll(/^FAILED: ([^:(]*[^:( ])/gm)].map(([, name]) => name)])))
}

test('a short soak, with hostile clients', async () => {
  const [code, out] = await soak('--minutes', '0.4', '--slack', '400')
  assert.equal(code, 0, out)
})

test('a soak that loses a write and leaks fails', async () => {
  const [code, out, failed] = await soak('--minutes', '0.2', '--slack', '20', '--hostile', 'none', '--mutant', 'lost', '--mutant', 'leak')
  assert.equal(code, 1, out)
  assert.deepEqual(failed, ['memory is flat', 'descriptors are flat', 'no write is lost'], out)
})
