// What pages cost: the sample register and 100,000 organisations beside it, as a browser asks for them.
//   node tests/bench/site.mjs              builds the release preset; a minute or two
//   node tests/bench/site.mjs --quick      only whether all of it works
//   --build DIR                            a build folder that is there already
// Milliseconds of the processor that the server spends on a page, over one connection, in gzip; milliseconds that the first
// visitor after the start waits for it; bytes as they are sent, with styles and scripts; requests of a first visit.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const { values: { quick, build: given } } = parseArgs({ options: { quick: { type: 'boolean' }, build: { type: 'string' } } })
const size = quick ? { records: 2_000, asked: 5 } : { records: 100_000, asked: 400 }
const build = given ?? join(root, 'build/release')
const scratch = await mkdtemp(join(tmpdir(), 'ouse-bench-'))
const kinds = ['nhs_trust', 'icb', 'university', 'school', 'industry', 'charity', 'gp_practice', 'other']
const goals = { ms: 2, kb: 60, requests: 4 }

function organisation(i) {
  const mixed = (i * 7919) % 104729
  return { id: `organisation-${i}`, name: `Organisation ${mixed} of many`, kind: kinds[mixed % 8], opened: `${1948 + (mixed % 77)}-01-01`, area: 'luton',
    part_of: i ? `organisation-${Math.floor(i / 10)}` : undefined }
}

async function serve() {
  const config = join(scratch, 'ouse.conf'), options = ['-c', config, '--data', join(scratch, 'data'), '--set', `plugin_path=${join(build, 'plugins')}`, '--set', 'log_level=warn']
  await writeFile(config, /^plugins = .*$/m.exec(await readFile(join(root, 'conf/ouse.conf'), 'utf8'))[0])
  await run(join(build, 'ouse'), ['import', ...options, join(root, 'conf/sample')])
  const path = join(scratch, 'organisations.ndjson'), file = await open(path, 'w')
  for (let i = 0; i < size.records; i++) await file.write(`${JSON.stringify(organisation(i))}\n`)
  await file.close()
  await run(join(build, 'ouse'), ['import', ...options, path])
  const child = spawn(join(build, 'ouse'), ['serve', ...options, '--set', 'listen=127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.on('close', resolve))
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => { const found = /listening on (http:\S+)/.exec(line); if (found) resolve(found[1]) })
    ended.then((code) => reject(new Error(`the server ended with ${code}`)))
  })
  return { url, pid: child.pid, stop: () => (child.kill('SIGTERM'), ended) }
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const ask = (url) => new Promise((resolve, reject) => get(url, { agent, headers: { accept: 'text/html', 'accept-encoding': 'gzip' } }, (reply) => {
  const pieces = []
  reply.on('data', (piece) => pieces.push(piece)).on('end', () => {
    const body = Buffer.concat(pieces)
    assert.equal(reply.statusCode, 200, url)
    resolve({ bytes: body.length, text: () => (reply.headers['content-encoding'] ? gunzipSync(body) : body).toString() })
  })
}).on('error', reject))

// Milliseconds of the processor that a process has had.
const spent = async (pid) => {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const pages = ['/', '/organisations', '/organisations?kind=icb', '/organisations?sort=-opened', '/organisations/organisation-7', '/areas/luton', '/organisations?kind=icb&opened%5Bgte%5D=1990',
  '/projects', '/projects?pillar.hub=blmk-research-innovation-hub', '/people', '/strategies/health-services-strategy-2040/timeline', '/changes?since=2026-01-01',
  '/organisations/organisation-7/history', '/hubs/blmk-research-innovation-hub', '/hubs/blmk-research-innovation-hub/network',
  '/awards/nhs-england-blmk-hub/breakdown', '/changes', '/search?q=frailty', '/search?q=many', '/data', '/data/api', '/data/api/projects']

// A page as it is seen for the first time after the start: what it weighs, and how long that took.
async function visit(page) {
  const begun = performance.now(), { bytes, text } = await ask(server.url + page), first = performance.now() - begun
  const parts = [...new Set([...text().matchAll(/<(?:script[^>]* src|link rel="(?:stylesheet|icon)"[^>]* href)="([^"]+)"/g)].map(([, address]) => address))]
  const weights = await Promise.all(parts.map(async (address) => (await ask(server.url + address)).bytes))
  return { page, first: first.toFixed(1), kB: (weights.reduce((sum, weight) => sum + weight, bytes) / 1000).toFixed(1), html: (bytes / 1000).toFixed(1), requests: 1 + parts.length }
}

async function measure(page) {
  const before = await spent(server.pid)
  for (let i = 0; i < size.asked; i++) await ask(server.url + page)
  return ((await spent(server.pid) - before) / size.asked).toFixed(2)
}

// Figures are worked out behind the answers, and the processor has to do with that, too, until it rests.
async function rest() {
  for (let before = 0, now = await spent(server.pid); now - before > 20; [before, now] = [now, await spent(server.pid)])
    await new Promise((resolve) => { setTimeout(resolve, 1500) })
}

const server = await serve()
try {
  const rows = []
  for (const page of pages) rows.push(await visit(page))
  await rest()
  for (const row of rows) row.ms = await measure(row.page)
  console.table(rows)
  for (const { page, kB, requests } of rows) assert.ok(kB <= goals.kb && requests <= goals.requests, `${page}: expected at most ${goals.kb} kB in ${goals.requests} requests`)
  console.log(`goals: ${goals.ms} ms, ${goals.kb} kB, ${goals.requests} requests; above ${goals.ms} ms: ${rows.filter(({ ms }) => ms > goals.ms).map(({ page }) => page).join(' ') || 'none'}`)
} finally {
  agent.destroy()
  await server.stop()
  await rm(scratch, { recursive: true })
}
