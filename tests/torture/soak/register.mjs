// The register that a soak runs on: the sample, and groups that make the costly requests costly.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const PLUGINS = 'directory, hubs, evidence, funding, networks, services, programmes, clusters, training, search, openapi, feed, site, metrics'
const letters = 'bcdefghijklmnopqrstuvwxyz'

// Every record has words that begin with each of 22 letters, from a vocabulary so large that one letter
// resolves to too many words to use the index. No record has words with both `w` and `x`, so a query
// for all 23 letters examines every record and finds none.
function text(one, n, size) {
  const word = first => `${first}${one('aeiou')}${one(letters)}${one('aeiou')}${one(letters)}${one('aeo')}`
  const words = Array.from(`${letters.slice(0, 21)}${n % 2 ? 'w' : 'x'}`)
  let written = ''
  while (written.length < size) written += `${words.map(word).join(' ')} `
  return written.trim()
}

export const WEAK_WORDS = Array.from(letters.slice(0, 23), letter => `q=${letter}`).join('&')

export async function fill(folder, random, groups) {
  const one = list => list[Math.floor(random() * list.length)]
  const lines = []
  for (let n = 0; n < groups; n++) lines.push({ id: `group-${n}`, name: `Group ${n}`, kind: 'board', remit: text(one, n, 600) })
  // A page of 200 of these is 8 MiB: their text repeats, so that the index stays small.
  for (let n = 0; n < Math.min(200, groups / 40); n++) lines.push({ id: `large-${n}`, name: `Large ${n}`, kind: 'joint_board', remit: `${text(one, n, 640)} `.repeat(60).trim() })
  const file = join(folder.path, 'groups.ndjson')
  await writeFile(file, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  await folder.run('import', fileURLToPath(new URL('../../../conf/sample', import.meta.url)))
  await folder.run('import', file)
  const scheme = join(folder.path, 'schemes.ndjson'), cohort = join(folder.path, 'cohorts.ndjson')
  await writeFile(scheme, `${JSON.stringify({ id: 'soak', title: 'Soak', state: 'published' })}\n`)
  await writeFile(cohort, `${JSON.stringify({ id: 'soak', scheme: 'soak', opens: '2020-01-01', closes: '2090-01-01' })}\n`)
  await folder.run('import', scheme, cohort)
}


