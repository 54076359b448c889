// A mixed soak: a good client, hostile clients, exports, streams, backups and SIGHUPs on one server, for as
// long as you like. See README.md in this folder; `node soak.mjs --help` lists the options. Exit code 0: every
// assertion held; 1: at least one did not, and the last lines say which.
import { fork } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setTimeout as wait } from 'node:timers/promises'
import { generator } from './clients.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const options = {
  build: { type: 'string', default: process.env.OUSE_BIN ? undefined : join(root, 'build/release') },
  minutes: { type: 'string', default: '10' },
  seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 31)}` },
  hostile: { type: 'string', default: 'all' },
  scale: { type: 'string', default: '1' },
  groups: { type: 'string', default: '8000' },
  set: { type: 'string', multiple: true, default: [] },
  memory: { type: 'string', default: '1024' },
  slack: { type: 'string', default: '24' },
  failures: { type: 'string', default: '0.01' },
  stop: { type: 'string', default: '15' },
  mutant: { type: 'string', multiple: true, default: [] },
  help: { type: 'boolean', default: false },
}
const help = `usage: node soak.mjs [OPTION…]
  --build DIR        build folder of the server (build/release); OUSE_BIN and OUSE_PLUGINS name another one
  --minutes N        how long (10); 120 is the long form
  --seed N           seed of all that is random; printed at the start
  --hostile A,B      which hostile clients: all, none, or some of creates, bodies, queries, silent, slow,
                     idle, streams, readers
  --scale X          share of the connections and requests (1)
  --groups N         records that the costly queries examine (8000)
  --set KEY=VALUE    a line of the server's config file; may be repeated
  --memory MIB       most memory that the server may allocate at any time (1024)
  --slack MIB        growth of memory that counts as flat, on top of a tenth (24)
  --failures X       share of the good client's requests that may fail (0.01)
  --stop SECONDS     how long the server may take to stop (15)
  --mutant NAME      a fault of the soak itself, which an assertion must find: lost, leak; may be repeated`
const { values } = parseArgs({ options })
if (values.help) {
  console.log(help)
  process.exit(0)
}
if (values.build) Object.assign(process.env, { OUSE_BIN: join(values.build, 'ouse'), OUSE_PLUGINS: join(values.build, 'plugins') })
const { Folder } = await import('./register.mjs') // reads the environment
const { KINDS, MEETS } = await import('./soak/hostile.mjs')
const { MIB, Tally, drift, percentile, sample } = await import('./soak/measure.mjs')
const { PLUGINS, fill } = await import('./soak/register.mjs')

const seed = Number(values.seed), scale = Number(values.scale), random = generator(seed)
const duration = Number(values.minutes) * 60_000, cycle = Math.min(Math.max(duration / 10, 2_000), 120_000)
const names = { all: KINDS, none: [] }[values.hostile] ?? values.hostile.split(',')
const attacks = names.map(name => ({ name, from: 0.3 * random(), until: 0.5 + 0.25 * random() }))
const isCalm = at => attacks.length === 0 || (at > 0.8 && at < 0.98) // no kind attacks in the last part of a cycle
const failed = [] // [assertion, what is wrong]
const say = (...words) => console.log(...words)
const check = (name, wrong) => (wrong ? failed.push([name, wrong]) : say(`ok: ${name}`))

// ---- Child processes --------------------------------------------------------------

// `ask` resolves to the answer; answers to one kind of question come in order.
class Child {
  #asked = []

  constructor(file) {
    this.process = fork(fileURLToPath(new URL(`soak/${file}`, import.meta.url)))
    this.process.on('message', answer => this.#asked.splice(this.#asked.findIndex(({ what }) => what === answer.to), 1)[0].resolve(answer))
    this.process.on('exit', code => code && !this.ending && fail(`${file} ended with ${code}`))
  }

  ask(what, more) {
    this.process.send({ what, ...more })
    return new Promise(resolve => { this.#asked.push({ what, resolve }) })
  }

  end() {
    this.ending = true
    if (this.process.connected) this.process.disconnect()
  }
}

function fail(reason) {
  console.error(`soak: ${reason}`)
  process.exitCode = 1
  cleanUp().finally(() => process.exit(1))
}

const cleaning = []
const cleanUp = async () => { for (const clean of cleaning.splice(0)) await clean() }
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => fail(`stopped by ${signal}`))

// ---- The run ------------------------------------------------------------------------

const settings = level => `log_level = ${level}\n${values.set.map(line => line.replace('=', ' = ')).join('\n')}`
const folder = await Folder.make({ after: clean => cleaning.push(clean) }, settings('warn'), PLUGINS)
const tokenOf = async name => /ouse_\S+/.exec((await folder.run('token', 'create', '--role', 'manager', '--name', name)).stdout)[0]
const hostileToken = await tokenOf('hostile')
await fill(folder, random, Number(values.groups))
let server = await folder.serve()
const { pid } = server.child, store = join(folder.path, 'data/data.mdb')
say(`seed ${seed}; ${values.minutes} minutes in cycles of ${cycle / 1000} s; the server is ${process.env.OUSE_BIN}, process ${pid}`)
for (const { name, from, until } of attacks) say(`${name.padEnd(8)} from ${(from * cycle / 1000).toFixed(0)} s to ${(until * cycle / 1000).toFixed(0)} s of each cycle`)

const good = new Child('good.mjs'), hostile = new Child('hostile.mjs')
cleaning.unshift(() => good.end(), () => hostile.end())
const since = (await server.say('GET', '-/changes?sort=-seq&limit=1')).body.data[0].seq
const begun = await good.ask('begin', { settings: { port: server.port, token: folder.token, seed, rate: scale, since, groups: Number(values.groups), mutants: values.mutant } })
const skew = Date.now() - begun.now, start = Date.now() // of the good client's clock
await hostile.ask('begin', { settings: { port: server.port, token: hostileToken, scale, start, cycle, attacks } })

const samples = [], latencies = {}, failures = new Tally(), backups = new Tally()
let running = true, answered = 0, followed = 0, requests = 0, goodCpu, hups = 0

const timed = (kind, part) => (latencies[kind] ??= { calm: [], attacked: [] })[part]
const figures = values_ => `${percentile(values_, 0.5).toFixed(1)}/${percentile(values_, 0.99).toFixed(1)}`

function collect({ measured, failures: failing, answered: writes, followed: events, cpu }) {
  const period = {}
  for (const [kind, due, took] of measured) {
    const at = (due + skew - start) % cycle / cycle
    timed(kind, isCalm(at) ? 'calm' : 'attacked').push(took);
    (period[kind] ??= []).push(took)
  }
  requests += measured.length
  for (const [name, n] of failing) failures.add(name, n)
  answered = writes
  followed = events
  goodCpu = cpu
  return period
}

// One line for each cycle: time, p50/p99 of the good client in milliseconds, and the server's figures.
async function reportPeriods() {
  let last = await sample(pid, store)
  for (let n = 1; running; n++) {
    await wait(Math.max(0, start + n * cycle - Date.now()), undefined, { ref: false })
    if (!running) return
    const period = collect(await good.ask('report')), now = samples.at(-1)
    const failing = [...failures.values()].reduce((a, b) => a + b, 0)
    say(`${((Date.now() - start) / 1000).toFixed(0).padStart(5)} s  ${Object.entries(period).sort().map(([kind, took]) => `${kind} ${figures(took)}`).join('  ')} ms  ` +
      `failed ${failing}  memory ${now.anonymous.toFixed(0)}+${(now.resident - now.anonymous).toFixed(0)} MiB  descriptors ${now.descriptors}  threads ${now.threads}  ` +
      `file ${now.file.toFixed(0)} MiB  cpu ${(100 * (now.cpu - last.cpu) / ((now.at - last.at) / 1000)).toFixed(0)} %`)
    last = now
  }
}

async function takeSamples() {
  const every = Math.min(5000, cycle / 20)
  while (running) {
    const now = await sample(pid, store)
    if (values.mutant.includes('leak')) {
      now.anonymous += samples.length * 4
      now.descriptors += samples.length * 4
    }
    samples.push(now)
    if (now.anonymous > 4 * Number(values.memory)) return fail(`the server has ${now.anonymous.toFixed(0)} MiB of memory, four times the limit; giving up`)
    await wait(every, undefined, { ref: false })
  }
}

async function sendHups() {
  while (running) {
    await wait(Math.min(15_000, cycle / 3) * (0.5 + random()), undefined, { ref: false })
    if (!running) return
    await folder.configure(settings(hups % 2 ? 'warn' : 'error'))
    server.child.kill('SIGHUP')
    hups++
    server.said.splice(0, Math.max(0, server.said.length - 200)) // the last lines are enough
  }
}

// Backs the register up; every third backup is restored and verified, and must have every change that was
// answered before the backup began.
async function backUp() {
  for (let n = 0; running; n++) {
    const file = join(folder.path, `backup-${n}`), data = join(folder.path, `restored-${n}`), expected = answered
    try {
      await folder.run('backup', file)
      backups.add('made')
      if (n % 3 === 0) {
        await folder.run('restore', file, '--data', data)
        const { stdout } = await folder.run('verify', '--data', data)
        const changes = Number(/^changes +(\d+)$/m.exec(stdout)?.[1])
        if (!(changes >= expected)) throw new Error(`the backup has ${changes} changes, expected at least ${expected}`)
        backups.add('verified')
      }
    } catch (error) {
      backups.add('failed')
      failures.add(`backup: ${error.message.slice(0, 300)}`)
    }
    await Promise.all([rm(file, { force: true }), rm(data, { recursive: true, force: true })])
    await wait(cycle / 3, undefined, { ref: false })
  }
}

// ---- The end ------------------------------------------------------------------------

async function stopServer() {
  collect(await good.ask('report'))
  const { outcomes, cpu } = await hostile.ask('report')
  const stopped = good.ask('stop'), began = Date.now()
  const late = setTimeout(() => server.child.kill('SIGKILL'), 4000 * Number(values.stop))
  const ended = await server.end('SIGTERM'), took = (Date.now() - began) / 1000
  clearTimeout(late)
  await stopped
  hostile.end()
  return { outcomes: new Map(outcomes), hostileCpu: cpu, ended, took }
}

function print({ outcomes, hostileCpu, took }) {
  say('\ngood client            p50/p99 ms, while calm   while attacked')
  for (const [kind, { calm, attacked }] of Object.entries(latencies).sort())
    say(`  ${kind.padEnd(10)} ${`${calm.length + attacked.length}`.padStart(8)} requests   ${figures(calm).padEnd(18)} ${figures(attacked)}`)
  say('hostile clients, by how their connections ended')
  for (const [name, tally] of outcomes) say(`  ${name.padEnd(10)} ${new Tally(tally)}`)
  const of = name => samples.map(one => one[name])
  say(`server: memory at most ${Math.max(...of('anonymous')).toFixed(0)} MiB allocated, ${Math.max(...of('resident')).toFixed(0)} MiB resident; ` +
    `at most ${Math.max(...of('descriptors'))} descriptors, ${Math.max(...of('threads'))} threads; file ${samples.at(-1).file.toFixed(0)} MiB; stopped in ${took.toFixed(1)} s`)
  say(`${requests} good requests, ${answered} changes answered, ${followed} events followed, ${hups} SIGHUPs, backups: ${backups}`)
  const share = ({ user, system }) => `${((user + system) / 1e4 / ((Date.now() - start) / 1000)).toFixed(0)} %`
  say(`processor time of the soak: good ${share(goodCpu)}, hostile ${share(hostileCpu)}, rest ${share(process.cpuUsage())}`)
  if (failures.size) say(`failures:\n${[...failures].map(([name, n]) => `  ×${n} ${name}`).join('\n')}`)
  say('')
}

const tasks = Promise.all([reportPeriods(), takeSamples(), sendHups(), backUp()].map(task => task.catch(error => running && fail(error.stack))))
server.ended.then(code => running && fail(`the server ended with ${code}:\n${server.said.slice(-40).join('\n')}`))
await wait(Math.max(1, Math.floor(duration / cycle)) * cycle + 0.4 * cycle) // in the middle of the attacks
running = false
const end = await stopServer()
const said = server.said.slice(-20)
await Promise.race([tasks, wait(60_000)])
print(end)

// What is held while nobody attacks is judged: memory and descriptors are to be given back.
const calm = samples.filter(({ at }) => isCalm((at - start) % cycle / cycle)), series = name => calm.map(one => one[name])
check('memory is flat', drift('memory', series('anonymous'), { share: 0.1, slack: Number(values.slack) }))
check('descriptors are flat', drift('descriptors', series('descriptors'), { share: 0.1, slack: 16 }))
check('threads are flat', drift('threads', series('threads'), { share: 0.1, slack: 16 }))
const most = Math.max(...samples.map(({ anonymous }) => anonymous))
check('memory is bounded', most > Number(values.memory) && `the server had ${most.toFixed(0)} MiB, at most ${values.memory} allowed`)
const failing = [...failures.values()].reduce((a, b) => a + b, 0)
check('the good client is served', failing > Number(values.failures) * requests && `${failing} of ${requests} requests failed`)
check('backups are good', (!backups.get('verified') || backups.get('failed')) && `${backups}; ${[...failures.keys()].filter(name => name.startsWith('backup')).join('; ')}`)
const idle = [...end.outcomes].filter(([name, tally]) => !MEETS[name].some(end => new Map(tally).has(end)) || new Map(tally).has('308'))
check('the hostile clients attack', idle.length > 0 && idle.map(([name, tally]) => `${name}: ${MEETS[name].join(' or ')} expected, got ${new Tally(tally)}`).join('; '))
check('the server stops in time', (end.ended !== 0 || end.took > Number(values.stop)) && `it ended with ${end.ended} after ${end.took.toFixed(1)} s; it said:\n${said.join('\n')}`)
check('verify finds no fault', await folder.run('verify').then(() => undefined, error => error.stderr || error.message))
server = await folder.serve()
const { lost, records, unknown } = await good.ask('compare', { port: server.port })
check(`no write is lost (${answered} changes answered, ${unknown} writes with an unknown outcome, ${records} records left)`, lost.length > 0 && `${lost.length} lost:\n${lost.slice(0, 10).join('\n')}`)
await server.end('SIGTERM')
await cleanUp()
for (const [name, wrong] of failed) say(`FAILED: ${name}: ${wrong}`)
process.exit(failed.length ? 1 : 0)
