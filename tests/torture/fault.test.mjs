// The disk fails at each call in turn, in each way. Whatever happens: a write that was answered ok is there after
// reopening, one that failed is there whole or not at all, and reads go on.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const victim = process.env.OUSE_FAULT_VICTIM
const { EIO, ENOSPC } = constants.errno
const jobs = 5
const most = 200 // calls; a run makes far fewer

// The kinds are those of fault.h. `harmless`: how the engine takes it when it strikes before the meta page.
const faults = [
  { name: 'an error, nothing written', kind: 0, error: EIO, harmless: false },
  { name: 'an error, all written', kind: 1, error: EIO, harmless: false },
  { name: 'an error, half written', kind: 2, error: EIO, harmless: false },
  { name: 'a short write', kind: 3, error: EIO, harmless: false },
  { name: 'no room, nothing written', kind: 0, error: ENOSPC, harmless: true },
  { name: 'no room, half written', kind: 2, error: ENOSPC, harmless: true },
  { name: 'no room, told by a short write', kind: 4, error: ENOSPC, harmless: true },
]

async function run(...args) {
  const { stdout } = await promisify(execFile)(victim, args.map(String), { timeout: 20_000 })
  return stdout.split('\n').filter(Boolean).map(line => line.split(' '))
}

const events = (lines, name) => lines.filter(([event]) => event === name)

async function strike(fault, call, lasting) {
  const directory = await mkdtemp(join(tmpdir(), 'ouse-fault-'))
  try {
    const told = await run(directory, 'write', fault.kind, fault.error, call, lasting)
    const found = await run(directory, 'check')
    return { told, found, fired: events(told, 'fired').length > 0 }
  } finally {
    await rm(directory, { recursive: true })
  }
}

function judge({ told, found, fired }, fault, lasting) {
  assert.deepEqual(events(told, 'reads').filter(([, how]) => how !== 'ok'), [], 'reads go on')
  assert.deepEqual(events(found, 'writes'), [['writes', 'ok']], 'a restart takes writes again')
  const has = new Map(events(found, 'has').map(([, job, how]) => [job, how]))
  for (const [job, how] of has)
    assert.equal(how, 'whole', `job ${job} is there whole or not at all`)

  const answers = events(told, 'job').map(([, job, answer]) => ({ job, ok: answer === 'ok' }))
  for (const { job, ok } of answers)
    if (ok) assert.ok(has.has(job), `job ${job} was answered ok, so it is there`)

  const opened = events(told, 'refused').length === 0
  if (!opened) return 'refused to open'
  assert.equal(answers.length, jobs)
  const failed = answers.filter(({ ok }) => !ok)
  const poisoned = events(told, 'poisoned').length > 0
  assert.equal(failed.length > 0, fired, 'a write that failed is answered so, and no other')
  if (poisoned || (lasting && fired))
    assert.deepEqual(answers.slice(-failed.length), failed, 'no write is taken after it')
  else
    assert.ok(failed.length <= 1, 'only the write that met it was refused')
  if (fired && !fault.harmless) assert.ok(poisoned, 'the engine says that it is poisoned')
  return poisoned ? 'poisoned' : fired ? 'refused one' : 'sound'
}

for (const lasting of [0, 1])
  for (const fault of faults)
    test(`${fault.name}, ${lasting ? 'from then on' : 'once'}, at each call`, async t => {
      const outcomes = {}
      for (let call = 1; ; call++) {
        assert.ok(call < most, 'the run ends')
        const struck = await strike(fault, call, lasting)
        let outcome
        try {
          outcome = judge(struck, fault, lasting)
        } catch (error) {
          error.message += `\ncall ${call}: ${JSON.stringify(struck)}`
          throw error
        }
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
        if (!struck.fired) break
      }
      if (fault.harmless) assert.equal(outcomes.poisoned, jobs, 'the meta page of each job poisons, and no other call')
      else assert.equal(outcomes['refused one'], undefined, 'each call poisons')
      t.diagnostic(JSON.stringify(outcomes))
    })
