// The good client of a soak, in a process of its own. It sends requests at a steady rate, keeps books
// of the writes that were answered, and follows the stream of changes. The parent asks it to
// 'begin', then to 'report', to 'stop' and to 'compare' its books with the store; each gets one answer.
import { setMaxListeners } from 'node:events'
import { Agent, get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { Client, Clients, HOSTS, generator } from '../clients.mjs'
import { Caller } from '../register.mjs'
import { Tally } from './measure.mjs'

const LATE = 10_000, PATIENCE = 30_000, RECORDS = 150
const OWN = /^(person|hub|partner)-\d+-\d+$/

const end = new AbortController()
setMaxListeners(0, end.signal)
let caller, random, settings, ending = false, measured = [], failures = new Tally(), answered = 0
const note = (kind, due, failure) => {
  measured.push([kind, due, performance.now() - due])
  if (failure) failures.add(`${kind}: ${failure}`)
}

// Runs `work` at a rate, on so many workers. Time counts from when a request was due, so that a server
// that stands still is measured with all the requests that it keeps waiting. A request that is more than
// ten seconds late is not sent, and counts as a failure.
function atRate(kind, rate, workers, work) {
  const start = performance.now()
  let n = 0
  const worker = async number => {
    while (!ending) {
      const due = start + 1000 * n++ / rate
      await wait(Math.max(0, due - performance.now()), undefined, { signal: end.signal }).catch(() => {})
      if (ending) return
      if (performance.now() - due > LATE) note(kind, due, 'not sent in time')
      else await work(number).then(failure => note(kind, due, failure), error => note(kind, due, error.message))
    }
  }
  return Array.from({ length: workers }, (_, number) => worker(number))
}

const one = list => list[Math.floor(random() * list.length)]

// Resolves to undefined, or to what was wrong. A connection that the server closed while it was idle
// is no failure: the request is sent again, as browsers do.
async function expect(path, headers, check = () => undefined) {
  const ask = () => caller.ask('GET', path, undefined, headers, PATIENCE)
  const answer = await ask().catch(error => (error.code === 'ECONNRESET' ? ask() : Promise.reject(error)))
  return answer.status === 200 ? check(answer.text) : `status ${answer.status}`
}

const named = [
  () => `groups/group-${Math.floor(random() * settings.groups)}`, () => `organisations/${one(HOSTS)}`,
  () => one(writers.flatMap(({ client }) => client.all('people')))?.path ?? `organisations/${HOSTS[0]}`,
]
const read = async () => {
  const path = one(named)()
  const answer = await expect(path, {}, text => (text.includes(`"id":"${path.split('/')[1]}"`) ? undefined : 'another record'))
  return answer === 'status 404' || answer === 'status 410' ? undefined : answer // a writer removed it in the meantime
}
const lists = ['groups?limit=20&sort=-updated', 'people?limit=50&sort=name', 'groups?q=board&limit=20', 'hubs?facet=state&limit=20', 'partners?limit=100&expand=hub']
const pages = ['/', '/hubs', '/people', '/groups/group-1', '/organisations/trust', '/search?q=care', '/programmes']
const list = () => expect(one(lists))
const page = () => expect(one(pages), { accept: 'text/html' })

// An export is whole: it has every record.
const exported = async () => expect('groups.ndjson', {}, text => {
  const lines = text.split('\n').length - 1
  return lines >= settings.groups ? undefined : `${lines} lines, expected at least ${settings.groups}`
})

// ---- Writes ---------------------------------------------------------------------

// Each writer writes to records of its own, one write at a time. If the outcome of a write is unknown, the
// writer reads the records before it writes again.
const writers = []

class Writer {
  unknown = 0

  constructor(number) {
    this.client = new Client(number, random)
  }

  draw() {
    const people = this.client.all('people')
    return this.client.records.size > RECORDS && people.length ? this.client.remove(one(people)) : this.client.draw()
  }

  async settle() {
    const stored = new Map()
    for (const [path] of this.client.unanswered.changes) {
      const { status, body, etag } = await caller.say('GET', path, undefined, {}, PATIENCE)
      if (status === 200) stored.set(path, body)
      else if (status !== 404 && status !== 410) return `status ${status} while settling`
      if (this.client.records.has(path)) this.client.records.get(path).etag = etag
    }
    if (this.client.settle(stored)) for (const path of stored.keys()) this.client.records.get(path).etag = '*'
    return undefined
  }

  async write() {
    if (this.client.unanswered) {
      const failure = await this.settle()
      if (failure) return failure
    }
    const write = this.draw()
    const answer = await caller.say(write.method, write.path, write.body, write.headers, PATIENCE)
      .catch(error => ({ status: `no answer (${error.message})` }))
    if (answer.status === write.status) {
      this.client.apply(write, answer.etag)
      answered += write.changes.length
      return undefined
    }
    this.client.unanswered = write
    this.unknown++
    return `${write.method} ${write.path.split('/')[0]}: status ${answer.status} ${answer.body?.detail ?? ''}`
  }
}

// Compares the books with the store; resolves to the records that are not as they were answered.
async function compare(port) {
  caller = new Caller(settings.token, port)
  const stored = new Map(), lost = []
  for (const collection of ['people', 'hubs', 'partners'])
    for (const record of await caller.all(collection)) if (OWN.test(record.id)) stored.set(`${collection}/${record.id}`, record)
  if (settings.mutants.includes('lost')) writers[0].client.apply({ changes: [['people/person-0-0', { id: 'person-0-0', name: 'Never sent' }]] })
  for (const { client } of writers) client.settle(stored)
  const expected = new Map(writers.flatMap(({ client }) => [...client.records]))
  for (const [path, { fields, revision }] of expected)
    if (!Client.agrees(stored.get(path), fields, revision)) lost.push(`${path}: expected revision ${revision} ${JSON.stringify(fields)}, got ${JSON.stringify(stored.get(path))}`)
  for (const path of stored.keys()) if (!expected.has(path)) lost.push(`${path}: removed, and there`)
  caller.agent.destroy()
  return { lost, records: expected.size, answered, unknown: writers.reduce((sum, { unknown }) => sum + unknown, 0) }
}

// ---- Streams --------------------------------------------------------------------

// Follows the stream of changes, from the last sequence after each interruption; notes any gap.
async function follow() {
  const agent = new Agent()
  for (let last = settings.since; !ending; await wait(500)) {
    await new Promise(resolve => {
      const asked = get({
        agent, host: '127.0.0.1', port: settings.port, path: '/api/v1/-/changes',
        headers: { accept: 'text/event-stream', authorization: `Bearer ${settings.token}`, 'last-event-id': `${last}` },
      }, answer => {
        if (answer.statusCode !== 200) failures.add(`streams: status ${answer.statusCode}`)
        let text = ''
        answer.setEncoding('utf8').on('data', chunk => {
          const events = (text + chunk).split('\n\n')
          text = events.pop()
          for (const event of events) {
            const seq = Number(/^id: ?(\d+)/m.exec(event)?.[1] ?? NaN)
            if (!/^data:/m.test(event)) continue
            if (seq !== last + 1) failures.add(`streams: ${seq} after ${last}`)
            last = seq
            followed++
          }
        }).on('close', resolve)
      })
      following.add(asked)
      asked.on('error', () => {}).on('close', () => {
        following.delete(asked)
        resolve()
      })
    })
  }
}
const following = new Set()
let followed = 0

// ---- Messages -------------------------------------------------------------------

let working
async function begin(given) {
  settings = given
  random = generator(settings.seed)
  caller = new Caller(settings.token, settings.port)
  await Clients.prepare(caller)
  settings.since = (await caller.say('GET', '-/changes?sort=-seq&limit=1')).body?.data?.[0]?.seq ?? settings.since
  const { rate } = settings
  for (let n = 0; n < 8; n++) writers.push(new Writer(n))
  working = Promise.all([
    ...atRate('reads', 20 * rate, 8, read), ...atRate('lists', 4 * rate, 4, list), ...atRate('pages', 4 * rate, 4, page),
    ...atRate('exports', 0.2 * rate, 1, exported), ...atRate('writes', 6 * rate, writers.length, number => writers[number].write()),
    ...Array.from({ length: 3 }, follow),
  ])
  return { now: performance.now() }
}

function report() {
  const result = { measured, failures: [...failures], answered, followed, cpu: process.cpuUsage() }
  measured = []
  failures = new Tally()
  return result
}

async function stop() {
  ending = true
  end.abort()
  for (const asked of following) asked.destroy()
  await working
  caller.agent.destroy()
  return report()
}

const messages = { begin: ({ settings: given }) => begin(given), report, stop, compare: ({ port }) => compare(port) }
process.on('message', async message => process.send({ to: message.what, ...await messages[message.what](message) }))
process.on('disconnect', () => process.exit(1))
