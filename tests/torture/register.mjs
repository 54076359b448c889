// A register in a folder of its own that may be killed, restarted and looked at from outside: for the
// tests that try to break the store's promises. OUSE_BIN is the program, OUSE_PLUGINS its plugins.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const { OUSE_BIN, OUSE_PLUGINS } = process.env

export class Folder {
  #servers = []

  // Lasts until the test ends, however it does.
  static async make(t, settings = '') {
    const folder = new Folder()
    t.after(() => folder.#remove())
    folder.path = await mkdtemp(join(tmpdir(), 'ouse-torture-'))
    folder.config = join(folder.path, 'ouse.conf')
    await folder.configure(settings)
    folder.token = /ouse_\S+/.exec((await folder.run('token', 'create', '--role', 'manager', '--name', 'torture')).stdout)[0]
    return folder
  }

  configure(settings) {
    return writeFile(this.config, `
plugins = {directory, hubs}
plugin_path = "${OUSE_PLUGINS}"
data = "${join(this.path, 'data')}"
listen = "127.0.0.1:0"
access_log = false
${settings}
`)
  }

  // A command on this folder; rejects when its exit code is not 0.
  run(...words) {
    return promisify(execFile)(OUSE_BIN, [...words, '-c', this.config], { maxBuffer: 1 << 28 })
  }

  async serve() {
    const server = new Server(this.token)
    this.#servers.push(server)
    await server.start(this.config)
    return server
  }

  async #remove() {
    await Promise.all(this.#servers.map(server => server.end('SIGKILL')))
    await rm(this.path, { recursive: true })
  }
}

class Server {
  said = []
  #awaited = []
  #agent = new Agent({ keepAlive: true })

  constructor(token) {
    this.token = token
  }

  async start(config) {
    this.child = spawn(OUSE_BIN, ['serve', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.ended = new Promise(resolve => this.child.on('close', (code, signal) => resolve(signal ?? code)))
    for (const stream of [this.child.stdout, this.child.stderr])
      createInterface({ input: stream }).on('line', line => this.#hear(line))
    const line = await this.hears(/listening on http:\/\/[^:]+:\d+/)
    this.port = Number(/:(\d+)/.exec(line.slice(line.indexOf('http') + 5))[1])
  }

  #hear(line) {
    this.said.push(line)
    this.#awaited = this.#awaited.filter(({ pattern, resolve }) => !pattern.test(line) || resolve(line))
  }

  // Resolves to the next line of the server's output that matches.
  hears(pattern) {
    return new Promise((resolve, reject) => {
      this.#awaited.push({ pattern, resolve })
      this.ended.then(code => reject(new Error(`expected ${pattern}; the server ended with ${code} and said:\n${this.said.join('\n')}`)))
    })
  }

  // Sends a signal; resolves to how the server ends.
  end(signal) {
    this.child.kill(signal)
    return this.ended.finally(() => this.#agent.destroy())
  }

  // { status, etag, body, … }; rejects when no whole answer came. Paths that begin without a slash are of the API.
  say(method, path, body, headers = {}) {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const options = {
      agent: this.#agent, host: '127.0.0.1', port: this.port, method, path: path.startsWith('/') ? path : `/api/v1/${path}`,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
        ...headers,
      },
    }
    return new Promise((resolve, reject) => {
      const asked = request(options, answer => {
        const chunks = []
        answer.on('data', chunk => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const said = Buffer.concat(chunks).toString()
          resolve({ status: answer.statusCode, headers: answer.headers, etag: answer.headers.etag, body: said ? JSON.parse(said) : undefined })
        })
      })
      asked.on('error', reject)
      asked.end(text)
    })
  }

  // Every record of a collection.
  async all(collection) {
    const records = []
    for (let cursor; cursor !== null;) {
      const { status, body } = await this.say('GET', `${collection}?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
      if (status !== 200) throw new Error(`${collection}: ${status} ${JSON.stringify(body)}`)
      records.push(...body.data)
      cursor = body.page.next ?? null
    }
    return records
  }
}
