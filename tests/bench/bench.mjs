// Measures Ouse against bare programs with the same libraries, and prints ratios.
//   node tests/bench/bench.mjs             builds the release preset; some five minutes
//   node tests/bench/bench.mjs --quick     only whether all of it works
//   --build DIR                            a build folder that is there already
//   reads creates sizes memory             only these parts
// See README.md for what the figures mean.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'

const run = promisify(execFile)
const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../', import.meta.url))
const { values: { quick, build: given }, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, build: { type: 'string' } },
})
const size = quick
  ? { seconds: 0.5, rounds: 1, few: 100, many: 1_000, piece: 1_000 }
  : { seconds: 4, rounds: 5, few: 1_000, many: 1_000_000, piece: 100_000 }
const build = given ?? join(root, 'build/release')
const scratch = await mkdtemp(join(tmpdir(), 'ouse-bench-'))
const children = new Set()

async function make() {
  if (given) return
  await run('cmake', ['--preset', 'release'], { cwd: root })
  await run('ninja', ['-C', build], { cwd: root, maxBuffer: 1 << 26 })
}

// Starts a program; resolves to the first match of a pattern in what it says.
function start(program, args, pattern) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  children.add(child)
  const ended = new Promise(resolve => child.on('close', resolve))
  child.stop = async () => {
    child.stdin.end()
    child.kill('SIGTERM')
    await ended
    children.delete(child)
  }
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', line => {
      const found = pattern.exec(line)
      if (found) resolve([child, found[1]])
    })
    ended.then(code => reject(new Error(`${program} ended with ${code}`)))
  })
}

// ---- A register ----------------------------------------------------------------

class Register {
  constructor(name, config = join(scratch, 'ouse.conf')) {
    const settings = { plugin_path: join(build, 'plugins'), access_log: false, log_level: 'warn' }
    this.options = ['-c', config, '--data', join(scratch, name), ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])]
  }

  ouse(command, ...words) {
    return run(join(build, 'ouse'), [...command.split(' '), ...this.options, ...words], { maxBuffer: 1 << 26 })
  }

  async serve() {
    const [child, port] = await start(join(build, 'ouse'), ['serve', ...this.options, '--set', 'listen=127.0.0.1:0'], /listening on http:.*:(\d+)/)
    return Object.assign(child, { url: `http://127.0.0.1:${port}` })
  }
}

async function importLines(register, collection, records) {
  const folder = join(scratch, 'import')
  await mkdir(folder, { recursive: true })
  const file = createWriteStream(join(folder, `${collection}.ndjson`))
  for (const record of records) {
    if (!file.write(`${JSON.stringify(record)}\n`)) await new Promise(resolve => file.once('drain', resolve))
  }
  await new Promise(resolve => file.end(resolve))
  await register.ouse('import', join(folder, `${collection}.ndjson`))
}

function* people(from, to) {
  for (let i = from; i < to; i++)
    yield { id: `person-${i}`, name: `Person ${i} of many`, family_name: `Family ${i % 1000}`, given_name: 'Given', honorific: 'Dr' }
}

let made = 0
async function registerOf(n) {
  const register = new Register(`people-${n}-${++made}`)
  for (let from = 0; from < n; from += size.piece)
    await importLines(register, 'people', people(from, Math.min(n, from + size.piece)))
  return register
}

// ---- Measuring -------------------------------------------------------------------

const median = list => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]

// Requests per second; every answer must be a good one.
async function wrk(script, connections, url, ...args) {
  const words = ['-t1', `-c${connections}`, `-d${Math.ceil(size.seconds)}s`, '-s', join(here, script), url, '--', ...args.map(String)]
  const { stdout } = await run('wrk', words)
  const [, rate, errors] = /RESULT ([\d.]+) (\d+)/.exec(stdout)
  assert.equal(errors, '0', `expected no errors of wrk ${words.join(' ')}`)
  return Number(rate)
}

// Runs the measurements in turn, A B A B …, and resolves to the median of each.
async function inTurn(...measurements) {
  const rates = measurements.map(() => [])
  for (let round = 0; round < size.rounds; round++)
    for (const [i, measure] of measurements.entries()) rates[i].push(await measure())
  return rates.map(median)
}

// One row of the table.
function report(what, ours, theirs, goal) {
  for (const figure of [ours, theirs]) assert.ok(Number.isFinite(figure) && figure > 0, `${what}: expected figures, got ${ours} and ${theirs}`)
  console.log(what.padEnd(64), ours.toFixed(0).padStart(8), theirs.toFixed(0).padStart(8), (ours / theirs).toFixed(2).padStart(8), ` ${goal}`)
}

// ---- What is measured --------------------------------------------------------------

// The same answer from a bare program, with the bytes that Ouse sends.
async function bareOf(server, path, n) {
  const answer = await fetch(server.url + path)
  assert.equal(answer.status, 200)
  const body = Buffer.from(await answer.arrayBuffer())
  const hidden = new Set(['connection', 'keep-alive'])
  const head = `HTTP/1.1 200 OK\r\n${[...answer.headers].filter(([name]) => !hidden.has(name)).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  const folder = join(scratch, 'bare')
  await mkdir(folder)
  await writeFile(join(scratch, 'head'), head)
  await writeFile(join(scratch, 'body'), body)
  const [child, port] = await start(join(build, 'tests/bench/bare'), [folder, '256', join(scratch, 'head'), join(scratch, 'body'), String(n)], /^(\d+)$/)
  return Object.assign(child, { url: `http://127.0.0.1:${port}` })
}

async function reads() {
  const few = await registerOf(size.few)
  const server = await few.serve()
  const bare = await bareOf(server, '/api/v1/people/person-1', size.few)
  const read = ({ url }) => () => wrk('read.lua', 32, url, '/api/v1/people/person-', size.few)
  const [ours, theirs] = await inTurn(read(server), read(bare))
  report('reads by id a second, 32 connections: Ouse, bare', ours, theirs, '>= 0.85')
  await bare.stop()
  await server.stop()
}

async function sizes() {
  const [small, large] = [await (await registerOf(size.few)).serve(), await (await registerOf(size.many)).serve()]
  const read = ({ url }, n) => () => wrk('read.lua', 32, url, '/api/v1/people/person-', n)
  const [ofFew, ofMany] = await inTurn(read(small, size.few), read(large, size.many))
  report(`reads by id a second: of ${size.few} records, of ${size.many}`, ofFew, ofMany, '<= 1.5')
  await small.stop()
  await large.stop()
}

async function creates() {
  const register = new Register('creates')
  await importLines(register, 'people', people(0, 3))
  await importLines(register, 'hubs', [{ id: 'hub', name: 'Hub', kind: 'research_hub' }])
  await importLines(register, 'pillars', [{ id: 'pillar', hub: 'hub', number: 1, name: 'Pillar' }])
  const token = /ouse_\S+/.exec((await register.ouse('token create', '--role', 'manager')).stdout)[0]
  const server = await register.serve()
  let n = 0
  const create = connections => () => wrk('create.lua', connections, server.url, token, ++n)
  const commit = async records => {
    const folder = await mkdtemp(join(scratch, 'commit-'))
    return Number((await run(join(build, 'tests/bench/bare_commit'), [folder, String(size.seconds), String(records)])).stdout)
  }
  const [many, one, bareMany, bareOne] = await inTurn(create(32), create(1), () => commit(32), () => commit(1))
  report('durable creates a second: 32 clients, 1 client', many, one, '>= 5')
  report('durable creates a second: Ouse 32 clients, bare commits of 32', many, bareMany, '')
  report('durable creates a second: Ouse 1 client, bare commits of 1', one, bareOne, '')
  await server.stop()
  await register.ouse('verify')
}

// The register that `./run` serves.
async function memory() {
  const register = new Register('sample', join(root, 'conf/ouse.conf'))
  await register.ouse('import', join(root, 'conf/sample'))
  const server = await register.serve()
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8')
  const megabytes = name => Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)[1]) / 1024
  report('megabytes with the sample: own, with mapped files',
    megabytes('RssAnon') + megabytes('RssShmem'), megabytes('VmRSS'), 'own < 30')
  await server.stop()
}

const parts = { reads, creates, sizes, memory }

try {
  await make()
  await writeFile(join(scratch, 'ouse.conf'), 'plugins = {directory, hubs}\n')
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0].model}${quick ? ', quick: figures mean nothing' : ''}`)
  for (const name of chosen.length ? chosen : Object.keys(parts)) await parts[name]()
} finally {
  for (const child of children) child.kill('SIGKILL')
  await rm(scratch, { recursive: true })
}
