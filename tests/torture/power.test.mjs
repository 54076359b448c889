// The power goes while a server is written to: whatever the disk then has, each answered write is in the store,
// each other one is there as a whole or not at all, and `ouse verify` finds no fault. The server runs once, with
// power_record.c loaded; power.mjs makes the images. OUSE_SEED replays a run, OUSE_POWER_IMAGES sets how many
// images are looked at, OUSE_POWER_RECORD is the library.
import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { generator } from './clients.mjs'
import { Disk, HOWS, OPENED, SENT, SYNCED, WRITTEN, readRecord } from './power.mjs'
import { Folder } from './register.mjs'

const { OUSE_POWER_RECORD, OUSE_POWER_IMAGES = 40 } = process.env
const seed = Number(process.env.OUSE_SEED ?? Math.floor(Math.random() * 2 ** 31))
const WRITERS = 3, WRITES = 25, KEPT = 4

const idOf = (writer, n) => `hub-${writer}-${n}`
const purposeOf = (writer, n) => `Write ${n} of ${writer}. `.repeat(1 + (n * 131 + writer * 17) % 700) // up to 12 KB: pages of its own

// One write: a batch that must be there as a whole. It counts, adds a record and removes an older one.
function batchOf(writer, n) {
  const counter = { id: `counter-${writer}`, name: `Count ${n}`, kind: 'research_hub' }
  const operations = [
    n === 1 ? { op: 'create', collection: 'hubs', data: counter } : { op: 'patch', collection: 'hubs', id: counter.id, data: { name: counter.name }, if_match: '*' },
    { op: 'create', collection: 'hubs', data: { id: idOf(writer, n), name: `Hub ${n}`, kind: 'research_hub', purpose: purposeOf(writer, n) } },
  ]
  if (n > KEPT) operations.push({ op: 'remove', collection: 'hubs', id: idOf(writer, n - KEPT), if_match: '*' })
  return { operations }
}

// The hubs of a writer after its write n, as text.
function expectedOf(writer, n) {
  const lines = n ? [`counter-${writer} Count ${n} `] : []
  for (let k = Math.max(1, n - KEPT + 1); k <= n; k++) lines.push(`${idOf(writer, k)} Hub ${k} ${purposeOf(writer, k)}`)
  return lines.sort().join('\n')
}

// The sequence of each answered write, by the requests' ids: [writer, n].
const answerOf = ({ kind, data }) => {
  const [, status, writer, n] = (kind === SENT && /^HTTP\/1\.1 (\d+)[^]*\r\nx-request-id: w-(\d+)-(\d+)\r\n/i.exec(data.toString('latin1'))) || []
  return status === '200' ? [Number(writer), Number(n)] : undefined
}

// Makes the record: a token, which makes the store; a server and its clients; an end. Resolves to the number
// of entries until the token was printed.
async function run(folder, log) {
  Object.assign(process.env, { LD_PRELOAD: OUSE_POWER_RECORD, OUSE_POWER_FOLDER: folder.path, OUSE_POWER_LOG: log })
  process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`
  try {
    await folder.makeToken()
    const tokenAt = readRecord(log).length
    const server = await folder.serve()
    await Promise.all(Array.from({ length: WRITERS }, async (_, writer) => {
      for (let n = 1; n <= WRITES; n++) {
        const { status, body } = await server.say('POST', '-/batch', batchOf(writer, n), { 'x-request-id': `w-${writer}-${n}` })
        assert.equal(status, 200, JSON.stringify(body))
      }
    }))
    assert.equal(await server.end('SIGTERM'), 0, server.said.join('\n'))
    return tokenAt
  } finally {
    delete process.env.LD_PRELOAD
  }
}

const pause = () => new Promise(resolve => { setImmediate(resolve) })

// Looks at images of the disk; resolves to [how many, the faults]. It ends after `most` faults.
async function look({ folder, entries, tokenAt }, { images, ignores = [], most = Infinity }) {
  const random = generator(seed), disk = new Disk(folder.path, ignores), faults = []
  const last = new Array(WRITERS).fill(0) // answered
  const places = entries.flatMap(({ kind }, n) => (kind === WRITTEN || kind === SYNCED || kind === OPENED ? [n] : []))
  const chosen = new Map() // entry → number of images
  for (let n = 0; n < images; n++) {
    // A quarter of the images is of the time in which the store is made.
    const place = places[Math.floor((n % 4 ? random() : random() ** 3 * 0.3) * places.length)]
    chosen.set(place, (chosen.get(place) ?? 0) + 1)
  }
  let looked = 0
  for (const [n, entry] of entries.entries()) {
    disk.begin(entry)
    for (let left = chosen.get(n) ?? 0; left > 0 && faults.length < most; left--) {
      const how = HOWS[looked++ % HOWS.length]
      const fault = await judge(folder, disk, how, random, last, n >= tokenAt).catch(error => error.stderr || error.message)
      if (fault) faults.push(`after entry ${n} of ${entries.length}, ${how}: ${fault}`)
      await pause()
    }
    disk.finish(entry)
    const answer = answerOf(entry)
    if (answer) last[answer[0]] = answer[1]
  }
  return [looked, faults]
}

// Writes an image, and holds it to what was answered. Resolves to undefined if it is as it should be.
async function judge(folder, disk, how, random, last, hasToken) {
  const image = await mkdtemp(join(tmpdir(), 'ouse-image-')), data = join(image, 'data')
  try {
    disk.write(image, how, random)
    if (!await stat(join(data, 'data.mdb')).catch(() => undefined)) return hasToken ? 'the store is not there' : undefined
    if (last.every(n => n === 0)) await begins(folder, data)
    else await folder.run('verify', '--data', data)
    const { stdout: tokens } = await folder.run('token', 'list', '--data', data)
    if (hasToken && !/torture/.test(tokens)) return `the token is not there: ${tokens}`
    const { stdout } = await folder.run('export', 'hubs', '--data', data)
    const hubs = stdout.split('\n').filter(Boolean).map(line => JSON.parse(line))
    for (let writer = 0; writer < WRITERS; writer++) {
      const own = hubs.filter(({ id }) => id === `counter-${writer}` || id.startsWith(`hub-${writer}-`))
        .map(({ id, name, purpose = '' }) => `${id} ${name} ${purpose}`).sort().join('\n')
      if (own !== expectedOf(writer, last[writer]) && own !== expectedOf(writer, last[writer] + 1))
        return `writer ${writer} was answered ${last[writer]} writes, and the store has\n${own.slice(0, 400)}`
    }
    return undefined
  } finally {
    await rm(image, { recursive: true })
  }
}

// A store that was never served, and one whose making was interrupted, are good if a server can begin with them.
async function begins(folder, data) {
  const server = await folder.serve('--data', data)
  assert.equal(await server.end('SIGTERM'), 0, server.said.join('\n'))
  await folder.run('verify', '--data', data)
}

describe('the power goes', () => {
  let folder, log, entries, tokenAt
  const cleaning = []
  before(async () => {
    folder = await Folder.make({ after: clean => cleaning.push(clean) }, '', undefined, { token: false })
    log = join(await mkdtemp(join(tmpdir(), 'ouse-power-')), 'record')
    cleaning.push(() => rm(join(log, '..'), { recursive: true }))
    tokenAt = await run(folder, log)
    entries = readRecord(log)
  })
  after(async () => { for (const clean of cleaning) await clean() })

  test('and nothing that was answered is lost', async t => {
    assert.equal(entries.filter(answerOf).length, WRITERS * WRITES, 'expected each answer in the record')
    const [looked, faults] = await look({ folder, entries, tokenAt }, { images: Number(OUSE_POWER_IMAGES) })
    t.diagnostic(`OUSE_SEED=${seed}: ${entries.length} entries, ${looked} images`)
    assert.deepEqual(faults, [], `OUSE_SEED=${seed}`)
  })

  // Controls: on a disk that does not do what it was asked, the same looks must find faults.
  for (const ignored of ['syncs', 'folders'])
    test(`on a disk that ignores syncs of ${ignored}: faults are found`, async () => {
      const [, faults] = await look({ folder, entries, tokenAt }, { images: Number(OUSE_POWER_IMAGES), ignores: [ignored], most: 1 })
      assert.equal(faults.length, 1, `OUSE_SEED=${seed}: expected a fault`)
    })
})
