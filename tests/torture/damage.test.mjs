// A store file that is cut short or has changed bytes: each command reports it with exit code 1, and none
// ends by a signal. OUSE_DAMAGE_SEED repeats a run.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Folder } from './register.mjs'

const PAGE = 4096
const seed = Number(process.env.OUSE_DAMAGE_SEED ?? 20261130)

// mulberry32: the same numbers for the same seed.
function random(state) {
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

// How a command on a copy of the register ends: { code, signal, said }.
function end(folder, data, ...words) {
  const child = spawn(process.env.OUSE_BIN, [...words, '-c', folder.config, '--data', data], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', bytes => { said += bytes })
  return new Promise(resolve => child.on('close', (code, signal) => resolve({ code, signal, said })))
}

async function filled(t) {
  const folder = await Folder.make(t)
  const rows = (from, step, more) => Array.from({ length: 300 }, (_, i) => i).filter(i => i % step === from)
    .map(i => `${JSON.stringify({ id: `person-${i}`, name: `Person ${i} of many`, ...more })}\n`).join('')
  const file = join(folder.path, 'people.ndjson')
  for (const text of [rows(0, 1, {}), rows(0, 3, { given_name: 'Given' })]) {
    await writeFile(file, text)
    await folder.run('import', file)
  }
  folder.bytes = await readFile(join(folder.path, 'data', 'data.mdb'))
  return folder
}

async function withFile(folder, bytes, fn) {
  const data = join(folder.path, 'damaged')
  await rm(data, { recursive: true, force: true })
  await mkdir(data)
  await writeFile(join(data, 'data.mdb'), bytes)
  return fn(data)
}

test('a file that is cut short is refused by every command, which names it and says what to do', async t => {
  const folder = await filled(t)
  const pick = random(seed)
  const sizes = Array.from({ length: 16 }, (_, i) => (i % 2 ? pick(folder.bytes.length - 3 * PAGE) + 3 * PAGE : (3 + pick(folder.bytes.length / PAGE - 3)) * PAGE))
  for (const size of [...sizes, folder.bytes.length - 1])
    await withFile(folder, folder.bytes.subarray(0, size), async data => {
      for (const words of [['verify'], ['export', 'people'], ['serve'], ['backup', join(folder.path, `copy-${size}`)]]) {
        const { code, signal, said } = await end(folder, data, ...words)
        assert.deepEqual({ code, signal }, { code: 1, signal: null }, `${words[0]} of ${size} bytes, seed ${seed}: ${said}`)
        assert.match(said, /damaged\/data\.mdb is (cut short|damaged): .*restore a backup/, `${words[0]} of ${size} bytes`)
      }
    })
})

test('changed bytes: an answer, or exit code 1 with a reason', async t => {
  const folder = await filled(t)
  const pick = random(seed)
  let found = 0
  for (let i = 0; i < 60; i++) {
    const bytes = Buffer.from(folder.bytes)
    const at = pick(bytes.length / PAGE) * PAGE + [pick(16), pick(96), pick(PAGE)][i % 3]
    bytes[at] ^= 1 << pick(8)
    await withFile(folder, bytes, async data => {
      for (const words of [['verify'], ['export', 'people']]) {
        const { code, signal, said } = await end(folder, data, ...words)
        assert.equal(signal, null, `${words[0]} with byte ${at} changed, seed ${seed}: ${said}`)
        assert.ok(code === 0 || (code === 1 && said), `${words[0]} with byte ${at} changed, seed ${seed}: ${code} ${said}`)
        found += code
      }
    })
  }
  assert.ok(found > 10, `expected some of the changes to be found, got ${found}`)
})

test('bytes of a stored version: verify names the first change that does not match', async t => {
  const folder = await filled(t)
  const bytes = Buffer.from(folder.bytes)
  let at = -1, changed = 0
  while ((at = bytes.indexOf('"name":"Person 7 of many"', at + 1)) >= 0) {
    bytes[at + 15] = '8'.charCodeAt(0)
    changed += 1
  }
  assert.ok(changed > 0)
  await withFile(folder, bytes, async data => {
    const { code, signal, said } = await end(folder, data, 'verify')
    assert.deepEqual({ code, signal }, { code: 1, signal: null })
    assert.match(said, /people\/person-7: revision 1 was changed in the store after change 8 had written it/)
    assert.match(said, /journal: the first change that does not match its hashes is 8$/m)
  })
})
