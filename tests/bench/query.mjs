// Compares lists of a small register with those of a large one: a page costs what it shows.
//   node tests/bench/query.mjs             builds the release preset; some ten minutes
//   node tests/bench/query.mjs --quick     only whether all of it works
//   --build DIR                            a build folder that is there already
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const { values: { quick, build: given } } = parseArgs({ options: { quick: { type: 'boolean' }, build: { type: 'string' } } })
const size = quick ? { few: 500, many: 2_000, piece: 1_000, asked: 20, rounds: 1 } : { few: 10_000, many: 1_000_000, piece: 100_000, asked: 200, rounds: 3 }
const build = given ?? join(root, 'build/release')
const children = new Set()
const scratch = await mkdtemp(join(tmpdir(), 'ouse-bench-'))
const kinds = ['nhs_trust', 'icb', 'university', 'school', 'industry', 'charity', 'gp_practice', 'other']
const states = ['planned', 'open', 'open', 'open', 'closed']

// The same shares of each value and word, whatever the size: "many" is in every record, "aspect7" in one of a hundred.
function organisation(i) {
  const mixed = (i * 7919) % 104729
  return { aliases: [`Aspect${mixed % 100} and theme${mixed % 10}`], id: `organisation-${i}`, name: `Organisation ${mixed} of many`, kind: kinds[mixed % 8], status: states[mixed % 5], opened: `${1948 + (mixed % 77)}-${String(1 + (mixed % 12)).padStart(2, '0')}` }
}

async function registerOf(n) {
  const config = join(scratch, 'ouse.conf')
  const options = ['-c', config, '--data', join(scratch, `data-${n}`), '--set', `plugin_path=${join(build, 'plugins')}`, '--set', 'log_level=warn']
  await mkdir(join(scratch, 'import'), { recursive: true })
  for (let from = 0; from < n; from += size.piece) {
    const path = join(scratch, 'import/organisations.ndjson'), file = await open(path, 'w')
    for (let i = from; i < Math.min(n, from + size.piece); i++) await file.write(`${JSON.stringify(organisation(i))}\n`)
    await file.close()
    await run(join(build, 'ouse'), ['import', ...options, path])
  }
  const child = spawn(join(build, 'ouse'), ['serve', ...options, '--set', 'listen=127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  const ended = new Promise((resolve) => child.on('close', resolve))
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => { const found = /listening on (http:\S+)/.exec(line); if (found) resolve(found[1]) })
    ended.then((code) => reject(new Error(`the server ended with ${code}`)))
  })
  return { url, stop: () => (child.kill('SIGTERM'), ended) }
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
function ask(url) {
  return new Promise((resolve, reject) => get(encodeURI(url), { agent }, (reply) => {
    let text = ''
    reply.setEncoding('utf8').on('data', (chunk) => { text += chunk }).on('end', () => {
      assert.equal(reply.statusCode, 200, `${url}: ${text.slice(0, 200)}`)
      resolve(text)
    })
  }).on('error', reject))
}

// Milliseconds of one request, one after the other over one connection.
async function time(url) {
  const begun = performance.now()
  for (let i = 0; i < size.asked; i++) await ask(url)
  return (performance.now() - begun) / size.asked
}

const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]
const asked = [
  ['a page of 50', ''],
  ['filtered by one indexed field', 'kind=icb'],
  ['filtered by two', 'kind=icb&status=closed'],
  ['filtered by a range', 'opened[gte]=2015'],
  ['sorted by another', 'sort=-opened'],
  ['filtered by one, sorted by another', 'kind=icb&sort=-opened'],
  ['filtered by two, sorted by two', 'kind=icb&status=open&sort=opened,-name'],
  ['a common word', 'q=many '],
  ['a word of one in a hundred', 'q=aspect7 '],
  ['two words', 'q=theme7 many '],
  ['a beginning', 'q=asp'],
  ['a common word, filtered by one', 'q=many &kind=icb'],
  ['a common word, sorted by a field', 'q=many &sort=-opened'],
  ['a word of one in a hundred, sorted', 'q=aspect7 &sort=-opened'],
  ['search: a common word', '-/search?q=many '],
  ['search: a word of one in a hundred', '-/search?q=aspect7 '],
  ['search: two words', '-/search?q=theme7 many '],
  ['suggest: a beginning', '-/suggest?q=organisation 1'],
]
const path = (query) => `/api/v1/${query.startsWith('-/') ? `${query}&limit=${query.includes('suggest') ? 10 : 50}` : `organisations?limit=50&${query}`}`

try {
  if (!given) {
    await run('cmake', ['--preset', 'release'], { cwd: root })
    await run('ninja', ['-C', build], { cwd: root, maxBuffer: 1 << 26 })
  }
  await writeFile(join(scratch, 'ouse.conf'), 'plugins = {directory, search}\n')
  const registers = [await registerOf(size.few), await registerOf(size.many)]
  const rows = []
  for (const [what, query] of asked) {
    const times = registers.map(() => [])
    for (const { url } of registers) {
      const { data } = JSON.parse(await ask(`${url}${path(query)}`))
      assert.ok(quick ? data.length : data.length === (query.includes('suggest') ? 10 : 50), `${what}: expected a whole page, got ${data.length}`)
    }
    for (let round = 0; round < size.rounds; round++)
      for (const [i, { url }] of registers.entries()) times[i].push(await time(`${url}${path(query)}`))
    const [few, many] = times.map(median)
    rows.push({ what, [`ms of ${size.few}`]: few.toFixed(2), [`ms of ${size.many}`]: many.toFixed(2), ratio: (many / few).toFixed(2), goal: '<= 2' })
  }
  console.table(rows)
  for (const register of registers) assert.equal(await register.stop(), 0, 'expected a clean end of the server')
} finally {
  agent.destroy()
  for (const child of children) child.kill('SIGKILL')
  await rm(scratch, { recursive: true })
}
