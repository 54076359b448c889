// The disk fails under a server: writes are 503 and leave nothing half done, reads go on, /readyz says
// so, and after a restart the register is without faults. OUSE_BIN is fault_serve.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { Folder } from './register.mjs'

const { EIO, ENOSPC } = constants.errno

// Kinds are those of fault.h. `heals`: whether the server writes again by itself once the disk does.
const faults = [
  { name: 'an error, nothing written', how: `0 ${EIO}`, heals: false },
  { name: 'an error, half written', how: `2 ${EIO}`, heals: false },
  { name: 'an error, all written', how: `1 ${EIO}`, heals: false },
  { name: 'a disk without room', how: `0 ${ENOSPC}`, heals: true },
  { name: 'a disk whose room ends in the middle', how: `4 ${ENOSPC}`, heals: true },
]

function expectUnavailable({ status, headers, body }, what) {
  assert.equal(status, 503, `${what}: expected 503, got ${status} ${JSON.stringify(body)}`)
  assert.equal(headers['content-type'], 'application/problem+json', what)
  assert.equal(body.type, '/problems/unavailable', what)
  assert.match(headers['retry-after'] ?? '', /^\d+$/, `${what}: expected Retry-After`)
  assert.doesNotMatch(JSON.stringify(body), /\/tmp\/|\.mdb/, `${what}: expected no path of the host`)
}

// The disk begins to fail, or ends.
async function turn(server) {
  const turned = server.hears(/the disk has turned/)
  server.child.kill('SIGUSR2')
  await turned
}

const person = id => ({ id, name: `Person ${id}` })

// Every kind of write, and sixteen creates at once.
async function expectNoWrites(server, before) {
  const any = { 'if-match': '*' }
  const writes = [['POST', 'people', person('new')], ['PATCH', 'people/kept', { name: 'Other' }, any], ['PUT', 'people/kept', { name: 'Other' }, any], ['DELETE', 'people/kept', undefined, any],
    ['POST', 'organisations/one/merge', { into: 'two' }], ['POST', 'people?dry_run=false', person('other')]]
  for (const [method, path, body, headers] of writes) expectUnavailable(await server.say(method, path, body, headers), `${method} ${path}`)
  const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => server.say('POST', 'people', person(`many-${n}`))))
  answers.forEach((answer, n) => expectUnavailable(answer, `create ${n}`))
  expectUnavailable(await server.say('GET', '/readyz'), '/readyz')
  assert.equal((await server.say('GET', '/healthz')).status, 200)
  assert.deepEqual(await server.all('people'), before, 'expected reads to go on, and to see no write')
}

describe('the disk fails under a server', { concurrency: true }, () => {
  for (const { name, how, heals } of faults)
    test(name, async t => {
      const folder = await Folder.make(t)
      process.env.OUSE_FAULT = how // the next child's
      let server = await folder.serve()
      for (const id of ['one', 'two']) assert.equal((await server.say('POST', 'organisations', { id, name: id, kind: 'other' })).status, 201)
      assert.equal((await server.say('POST', 'people', person('kept'))).status, 201)
      const before = await server.all('people')
      await turn(server)
      await expectNoWrites(server, before)
      await turn(server)

      if (heals) {
        assert.equal((await server.say('POST', 'people', person('later'))).status, 201, 'expected writes to go on once there is room')
        assert.equal((await server.say('GET', '/readyz')).status, 200)
      } else {
        expectUnavailable(await server.say('POST', 'people', person('later')), 'a write after a failed sync')
        expectUnavailable(await server.say('GET', '/readyz'), '/readyz after a failed sync')
      }
      assert.equal(await server.end('SIGTERM'), 0, server.said.join('\n'))

      await assert.doesNotReject(folder.run('verify'), ({ stderr }) => assert.fail(`expected no faults, got\n${stderr}`))
      server = await folder.serve()
      assert.equal((await server.say('GET', '/readyz')).status, 200)
      assert.equal((await server.say('POST', 'people', person('last'))).status, 201)
      const { body } = await server.say('GET', '-/changes?limit=200')
      assert.deepEqual(body.data.map(({ seq }) => seq), body.data.map((_, n) => n + 1), 'expected a sequence without gaps')
      const kept = await server.all('people')
      assert.deepEqual(kept.find(({ id }) => id === 'kept')?.name, 'Person kept', 'expected what was answered before')
      assert.equal(await server.end('SIGTERM'), 0)
    })
})

// A backup is under its name when all of it is on the disk, the name too, and not before.
test('a backup whose disk fails is not there', async t => {
  const folder = await Folder.make(t)
  const server = await folder.serve()
  assert.equal((await server.say('POST', 'people', person('kept'))).status, 201)
  assert.equal(await server.end('SIGTERM'), 0)
  const file = join(folder.path, 'backup')
  const backUp = async at => {
    process.env.OUSE_FAULT = `0 ${EIO} ${at}`
    return folder.run('backup', file).then(() => 0, ({ code, stderr }) => {
      assert.match(stderr, /cannot be written.*: Input\/output error/)
      return code
    })
  }
  let failed = 0
  while (await backUp(failed + 1)) {
    failed++
    assert.deepEqual((await readdir(folder.path)).filter(name => name.startsWith('backup')), [], `after failure ${failed}`)
  }
  assert.equal(failed, 2, 'expected the file to be synced, and the folder that its name stands in')
  assert.ok(existsSync(file))
})
