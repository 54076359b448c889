// What was answered is there: after kill -9 in the middle of sixteen clients writing, after SIGTERM,
// beside a second server, and when there is no room left. OUSE_SEED replays the order of writes,
// and OUSE_KILL_ROUNDS sets how often the server is killed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Clients, generator } from './clients.mjs'
import { Folder } from './register.mjs'

const rounds = Number(process.env.OUSE_KILL_ROUNDS ?? 20)
const seed = Number(process.env.OUSE_SEED ?? Math.floor(Math.random() * 2 ** 31))
const random = generator(seed)

async function verify(folder) {
  await assert.doesNotReject(folder.run('verify'), error => assert.fail(`expected no faults, got\n${error.stderr}`))
}

// The changes behind a sequence, which must be without gaps: [last sequence, "path revision" of each].
async function changesSince(server, since) {
  const changes = new Set()
  for (let last = -1; last !== since;) {
    last = since
    const { body } = await server.say('GET', `-/changes?since=${since}&limit=200`)
    for (const { seq, op, collection, id, revision } of body.data) {
      assert.equal(seq, since + 1, 'expected a sequence without gaps')
      changes.add(`${collection}/${id} ${op === 'remove' ? 'removed' : revision}`)
      since = seq
    }
  }
  return [since, changes]
}

// Lets the clients write for a moment, on a slow disk until one is answered, then ends the server; resolves to [how it ended, what was answered].
async function writeUntil(signal, clients, server) {
  const answered = [], writing = clients.write(server, answered)
  await Promise.race([wait(300 + 400 * random()), writing])
  for (const last = Date.now() + 10_000; answered.length === 0 && Date.now() < last;) await wait(50)
  server.ending = true
  const ended = await server.end(signal)
  return [ended, await writing]
}

test(`what was answered survives kill -9, ${rounds} times`, { timeout: 12_000 * rounds }, async t => {
  t.diagnostic(`OUSE_SEED=${seed}`)
  const folder = await Folder.make(t)
  const clients = new Clients(16, random)
  let server = await folder.serve(), sequence = 0, total = 0, unanswered = 0, done = 0
  await Clients.prepare(server)
  for (let round = 1; round <= rounds; round++) {
    const [ended, answered] = await writeUntil('SIGKILL', clients, server)
    assert.equal(ended, 'SIGKILL')
    assert.ok(answered.length > 0, 'expected writes to be answered')
    total += answered.length
    unanswered += clients.all.filter(client => client.unanswered).length
    await verify(folder)
    server = await folder.serve()
    done += await clients.compare(server)
    const [last, changes] = await changesSince(server, sequence)
    for (const change of answered) assert.ok(changes.has(change), `round ${round}: the journal lacks ${change}`)
    sequence = last
  }
  assert.equal(await server.end('SIGTERM'), 0)
  t.diagnostic(`${total} changes were answered, ${unanswered} writes were not; ${done} of these had been done`)
})

test('SIGTERM answers what was accepted, and ends with 0', async t => {
  t.diagnostic(`OUSE_SEED=${seed}`)
  const folder = await Folder.make(t)
  const clients = new Clients(16, random)
  let server = await folder.serve()
  await Clients.prepare(server)
  for (let round = 1; round <= 3; round++) {
    const [ended, answered] = await writeUntil('SIGTERM', clients, server)
    assert.equal(ended, 0, server.said.join('\n'))
    assert.ok(answered.length > 0)
    server = await folder.serve()
    assert.equal(await clients.compare(server), 0, 'expected no write to be done and not answered')
  }
  assert.equal(await server.end('SIGTERM'), 0)
  await verify(folder)
})

test('a bad file changes nothing on SIGHUP, a good one does', async t => {
  const folder = await Folder.make(t, 'log_level = "info"')
  const server = await folder.serve()
  const hup = async (settings, pattern) => {
    await folder.configure(settings)
    const heard = server.hears(pattern)
    server.child.kill('SIGHUP')
    return heard
  }
  const refused = await hup('log_level = "debug"\nnonsense = 1', /nothing was changed/)
  assert.match(refused, /ouse\.conf:\d+.*nonsense/, 'expected the file and line to be named')
  assert.equal((await server.say('GET', 'people')).status, 200)
  await hup('log_level = "info"', /read again/)
  assert.equal((await server.say('GET', 'people')).status, 200)
  assert.equal(await server.end('SIGTERM'), 0)
})

test('one server has a folder, also after another was killed in it', async t => {
  const folder = await Folder.make(t)
  const one = await folder.serve()
  await assert.rejects(folder.serve(), /is served by process \d+ already/)
  assert.equal((await one.say('POST', 'people', { id: 'first', name: 'First' })).status, 201)
  await one.end('SIGKILL')
  const two = await folder.serve()
  assert.equal((await two.say('POST', 'people', { id: 'second', name: 'Second' })).status, 201)
  assert.equal((await two.all('people')).length, 2)
  assert.equal(await two.end('SIGTERM'), 0)
  await verify(folder)
})

test('a full store says so, and is read on', async t => {
  const folder = await Folder.make(t, 'map_size = "1MiB"')
  let server = await folder.serve()
  assert.equal((await server.say('GET', '/readyz')).status, 200)
  let answer, n = -1
  const purpose = 'long '.repeat(2000)
  do {
    n++
    answer = await server.say('POST', 'hubs', { id: `hub-${n}`, name: `Hub ${n}`, kind: 'research_hub', purpose })
  } while (answer.status === 201)
  assert.ok(n > 3, `expected some hubs before the store was full, got ${n}`)
  assert.equal(answer.status, 503, JSON.stringify(answer.body))
  assert.equal(answer.headers['content-type'], 'application/problem+json')
  assert.match(answer.headers['retry-after'], /^\d+$/)
  assert.equal((await server.all('hubs')).length, n, 'expected reads to go on')
  const ready = await server.say('GET', '/readyz')
  assert.equal(ready.status, 503)
  assert.match(ready.body.detail, /room|full/)
  assert.equal(await server.end('SIGTERM'), 0)

  await folder.configure('map_size = "64MiB"')
  await verify(folder)
  server = await folder.serve()
  assert.equal((await server.say('GET', '/readyz')).status, 200)
  assert.equal((await server.say('POST', 'hubs', { name: 'There is room', kind: 'research_hub' })).status, 201)
  assert.equal((await server.all('hubs')).length, n + 1)
  assert.equal(await server.end('SIGTERM'), 0)
})
