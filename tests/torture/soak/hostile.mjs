// The hostile clients of a soak, in a process of their own. Each kind has a fixed number of connections,
// comes from loopback addresses of its own, and pauses between requests: what they cost is the server's
// doing, not the number of requests. The parent asks it to 'begin', then to 'report'; it ends when the
// parent disconnects.
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Tally } from './measure.mjs'
import { WEAK_WORDS } from './register.mjs'

let settings
const outcomes = new Map()

// One connection. Sends `bytes`; resolves to how it ended: the status of the response, or "closed", "refused",
// "given up". It ends by itself after `patience` milliseconds, and with its kind's part of the cycle. `during`
// gets the socket once it is connected; if `keep` is set, the connection stays after the response has begun.
function exchange({ host, left }, bytes, { patience = 30_000, keep = false, during = () => {} } = {}) {
  return new Promise(resolve => {
    let outcome, head = ''
    const socket = connect({ host: '127.0.0.1', port: settings.port, localAddress: `127.0.0.${host}` })
    const late = setTimeout(() => {
      outcome ??= 'given up'
      socket.destroy()
    }, Math.min(patience, left))
    socket.on('connect', () => {
      if (bytes) socket.write(bytes)
      during(socket)
    })
    socket.on('data', chunk => {
      if (outcome === undefined) head += chunk.subarray(0, 32).toString('latin1')
      outcome ??= /^HTTP\/1\.1 (\d+)/.exec(head)?.[1]
      if (outcome && !keep) socket.destroy()
    })
    socket.on('error', error => { outcome ??= error.code === 'ECONNREFUSED' ? 'refused' : undefined })
    socket.on('close', () => {
      clearTimeout(late)
      resolve(outcome ?? 'closed')
    })
  })
}

const token = () => `Authorization: Bearer ${settings.token}\r\n`
const request = (method, path, headers = '') => `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}`
const post = (path, body, headers = '') => Buffer.concat([
  Buffer.from(`${request('POST', path, headers)}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`), body])
const json = value => Buffer.from(JSON.stringify(value))

const interest = { cohort: 'soak', name: 'A soak', contact: 'soak@example.org' }
const sources = Array.from({ length: 100 }, (_, n) => ({ publication: 'health-services-strategy', quote: `${n} `.padEnd(1000, 'x') }))
const large = json({ ...interest, sources }), small = json(interest)
const middling = json({ ...interest, sources: sources.slice(0, 10) }), hidden = json({ ...interest, meta: { visibility: 'public' } })
const zeros = Buffer.from(`[${'0,'.repeat((1 << 19) - 2)}0]`)
const get = (path, headers = '') => `${request('GET', path, headers)}\r\n`
const GREAT_PAGE = '/api/v1/groups?kind=joint_board&limit=200'

// Each kind: connections at scale 1, the addresses they share, the pause after each of them in
// milliseconds, how some of its exchanges end if it attacks (one of these is enough), and one exchange. `n` of a
// turn counts the exchanges of the kind.
const kinds = {
  // Point 1: anonymous creates with large bodies. Those that are kept are limited, as each may take megabytes.
  creates: { connections: 8, hosts: [2, 3], pause: 400, meets: ['413'], run: turn => {
    const body = [large, large, large, middling, hidden, small][turn.n % 6]
    const dry = body === large && (turn.n % 18 !== 0 || turn.n > 18 * 100)
    return exchange(turn, post(`/api/v1/expressions${dry ? '?dry_run=true' : ''}`, body))
  } },
  // Point 2: a mebibyte of zeros, from strangers and from a client with a token.
  bodies: { connections: 40, hosts: [4], pause: 8000, meets: ['413'], run: turn =>
    exchange(turn, turn.n % 2 ? post('/api/v1/people', zeros, token()) : post('/api/v1/expressions', zeros)) },
  // Point 3: queries that examine each record, half of them by clients that do not wait for the answer.
  queries: { connections: 4, hosts: [5], pause: 1000, meets: ['200'], run: turn =>
    exchange(turn, get(`/api/v1/groups?${WEAK_WORDS}`), { patience: turn.n % 2 ? 300 : 30_000 }) },
  // Point 4: connections that send nothing, those that send a byte a second, and those that sent one request.
  silent: { connections: 300, hosts: [6, 7], pause: 1500, meets: ['closed', 'given up'], run: turn => exchange(turn, '') },
  slow: { connections: 150, hosts: [8], pause: 1000, meets: ['408', 'given up'], run: turn => exchange(turn, 'GET ', { during: socket => drip(socket) }) },
  idle: { connections: 150, hosts: [9], pause: 1000, meets: ['200'], run: turn => exchange(turn, get('/api/v1/groups/group-1'), { keep: true }) },
  // Point 5: one address that takes all streams, and readers of 8 MiB pages at 60 KiB a second.
  streams: { connections: 100, hosts: [10], pause: 1000, meets: ['200', '429'], run: turn =>
    exchange(turn, get('/api/v1/-/changes', 'Accept: text/event-stream\r\n'), { keep: true, patience: 300_000 }) },
  readers: { connections: 16, hosts: [11], pause: 1000, meets: ['200'], run: turn =>
    exchange(turn, get(GREAT_PAGE), { keep: true, patience: 180_000, during: sip }) },
}
export const KINDS = Object.keys(kinds)
export const MEETS = Object.fromEntries(Object.entries(kinds).map(([name, { meets }]) => [name, meets]))

// A byte of a request head each second.
function drip(socket) {
  const timer = setInterval(() => socket.write('/'), 1000)
  socket.on('close', () => clearInterval(timer))
}

// Reads one chunk, which is at most 64 KiB, each second.
function sip(socket) {
  const timer = setInterval(() => socket.resume(), 1000)
  socket.on('data', () => socket.pause())
  socket.on('close', () => clearInterval(timer))
}

// A kind is at work from one point of each cycle until another one, and ends its connections then.
function attack(name, from, until) {
  const { connections, hosts, pause, run } = kinds[name]
  const tally = new Tally()
  let n = 0
  outcomes.set(name, tally)
  const client = async slot => {
    for (;;) {
      const at = (Date.now() - settings.start) % settings.cycle / settings.cycle
      if (at < from || at >= until) {
        await wait(((at < from ? from : from + 1) - at) * settings.cycle + slot % 50)
        continue
      }
      const turn = { host: hosts[slot % hosts.length], n: n++, left: (until - at) * settings.cycle }
      tally.add(await run(turn))
      await wait(pause)
    }
  }
  for (let slot = 0; slot < Math.ceil(connections * settings.scale); slot++) client(slot)
}

if (process.send) {
  process.on('message', ({ what, settings: given }) => {
    if (what === 'begin') {
      settings = given
      for (const { name, from, until } of settings.attacks) attack(name, from, until)
    }
    process.send({ to: what, outcomes: [...outcomes].map(([name, tally]) => [name, [...tally]]), cpu: process.cpuUsage() })
  })
  process.on('disconnect', () => process.exit(0))
}
