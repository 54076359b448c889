// Clients that write all the time, each to records of its own, and remember what was answered. What
// was sent and not answered may have been done whole, or not at all.
import assert from 'node:assert/strict'

// A small generator with a seed, so that the order of writes can be had again (mulberry32).
export function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const HOSTS = ['trust', 'university', 'council', 'charity']
const flow = { proposed: 'awarded', awarded: 'established' }
const roles = ['lead', 'partner', 'collaborator', 'contributor']

// What can be done, how often, and what becomes of which records: [path, fields or null]. Each answers
// undefined where the client has no record to do it to.
const operations = [
  [4, function createPerson() {
    const id = this.next('person')
    return this.create('people', { id, name: `Person ${id}`, given_name: 'Ann' })
  }],
  [3, function patchPerson() {
    const person = this.pick('people')
    return person && this.change('PATCH', person, { given_name: `Patched ${++this.count}` })
  }],
  [2, function replacePerson() {
    const person = this.pick('people')
    const fields = { id: person?.fields.id, name: `Replaced ${++this.count}` }
    return person && { ...this.change('PUT', person, fields), changes: [[person.path, fields]] }
  }],
  [1, function removePerson() {
    return this.remove(this.pick('people'))
  }],
  [2, function createHub() {
    const id = this.next('hub')
    return this.create('hubs', { id, name: `Hub ${id}`, kind: 'research_hub', host: this.one(HOSTS) }, { state: 'proposed' })
  }],
  [3, function createPartner() {
    const hub = this.pick('hubs')
    return hub && this.create('partners', { id: this.next('partner'), hub: hub.fields.id, organisation: this.one(HOSTS), role: this.one(roles) })
  }],
  [2, function moveHub() {
    const hub = this.pick('hubs')
    const to = flow[hub?.fields.state]
    return to && {
      method: 'POST', path: `${hub.path}/move`, body: { to }, headers: { 'if-match': hub.etag }, status: 200,
      changes: [[hub.path, { ...hub.fields, state: to }]],
    }
  }],
  [1, function removeHub() { // its partners go with it
    const hub = this.pick('hubs')
    return this.remove(hub, this.all('partners').filter(({ fields }) => fields.hub === hub?.fields.id))
  }],
  [1, function removePartner() {
    return this.remove(this.pick('partners'))
  }],
]
const weighted = operations.flatMap(([weight, draw]) => Array(weight).fill(draw))

export class Client {
  records = new Map() // path → { path, fields, revision, etag }
  count = 0

  constructor(name, random) {
    Object.assign(this, { name, random })
  }

  one(list) {
    return list[Math.floor(this.random() * list.length)]
  }

  next(what) {
    return `${what}-${this.name}-${++this.count}`
  }

  all(collection) {
    return [...this.records.values()].filter(({ path }) => path.startsWith(`${collection}/`))
  }

  pick(collection) {
    return this.one(this.all(collection))
  }

  create(collection, record, more = {}) {
    return { method: 'POST', path: collection, body: record, status: 201, changes: [[`${collection}/${record.id}`, { ...record, ...more }]] }
  }

  change(method, record, fields) {
    return {
      method, path: record.path, body: fields, headers: { 'if-match': record.etag }, status: 200,
      changes: [[record.path, { ...record.fields, ...fields }]],
    }
  }

  remove(record, others = []) {
    return record && {
      method: 'DELETE', path: record.path, headers: { 'if-match': record.etag }, status: 204,
      changes: [record, ...others].map(({ path }) => [path, null]),
    }
  }

  // The next write, as the records are.
  draw() {
    for (;;) {
      const write = this.one(weighted).call(this)
      if (write) return write
    }
  }

  apply({ changes }, etag) {
    for (const [path, fields] of changes)
      if (fields) this.records.set(path, { path, fields, revision: (this.records.get(path)?.revision ?? 0) + 1, etag })
      else this.records.delete(path)
  }

  // Writes until the server is told to end; what fails before that is a failure.
  async write(server, answered) {
    while (!server.ending) {
      const write = this.draw()
      const answer = await server.say(write.method, write.path, write.body, write.headers).catch(error => {
        if (!server.ending) throw error
      })
      if (!answer || (answer.status === 503 && server.ending)) { // cut off, or too late
        this.unanswered = write
        return
      }
      assert.equal(answer.status, write.status, `${write.method} ${write.path}: ${JSON.stringify(answer.body)}`)
      this.apply(write, answer.etag)
      answered.push(...write.changes.map(([path]) => `${path} ${this.records.get(path)?.revision ?? 'removed'}`))
    }
  }

  // Whether a record of the store is as it should be.
  static agrees(stored, fields, revision) {
    if (!stored || !fields) return !stored && !fields
    const { meta, ...rest } = stored
    return JSON.stringify(Object.entries(rest).sort()) === JSON.stringify(Object.entries(fields).sort()) && meta.revision === revision
  }

  // Finds out from the store what became of the write that was not answered; says whether it was done.
  settle(stored) {
    const write = this.unanswered
    if (!write) return false
    const before = ([path]) => Client.agrees(stored.get(path), this.records.get(path)?.fields, this.records.get(path)?.revision)
    const after = ([path, fields]) => Client.agrees(stored.get(path), fields, (this.records.get(path)?.revision ?? 0) + 1)
    const done = write.changes.every(after)
    assert.ok(done || write.changes.every(before), `${write.method} ${write.path} was done in part: ${JSON.stringify(write.changes)}`)
    if (done) this.apply(write)
    this.unanswered = undefined
    return done
  }
}

export class Clients {
  constructor(n, random) {
    this.all = Array.from({ length: n }, (_, i) => new Client(i, random))
  }

  static async prepare(server) {
    for (const id of HOSTS) {
      const { status, body } = await server.say('POST', 'organisations', { id, name: id, kind: 'other' })
      assert.equal(status, 201, JSON.stringify(body))
    }
  }

  // Resolves to the answered changes, "path revision", once the server has ended. They are also appended to
  // `answered` as they come.
  async write(server, answered = []) {
    await Promise.all(this.all.map(client => client.write(server, answered)))
    return answered
  }

  // Holds the register to what was answered; returns how many unanswered writes were done.
  async compare(server) {
    const stored = new Map()
    for (const collection of ['people', 'hubs', 'partners'])
      for (const record of await server.all(collection)) stored.set(`${collection}/${record.id}`, record)
    const done = this.all.filter(client => client.settle(stored)).length
    const expected = new Map(this.all.flatMap(client => [...client.records]))
    for (const [path, { fields, revision }] of expected)
      assert.ok(Client.agrees(stored.get(path), fields, revision),
        `${path}: expected revision ${revision} ${JSON.stringify(fields)}, got ${JSON.stringify(stored.get(path))}`)
    for (const path of stored.keys()) assert.ok(expected.has(path), `${path} is there, and should not be`)
    for (const record of expected.values()) record.etag ??= '*' // of a change that was not answered
    return done
  }
}
