// A register in a folder of its own that may be killed, restarted and looked at from outside: for the
// tests that try to break the store's promises. OUSE_BIN is the program, OUSE_PLUGINS its plugins.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const { OUSE_BIN, OUSE_PLUGINS } = process.env

export class Folder {
  #servers = []

  // Lasts until the test ends, however it does.
  static async make(t, settings = '', plugins = 'directory, hubs', { token = true } = {}) {
    const folder = new Folder()
    folder.plugins = plugins
    t.after(() => folder.#remove())
    folder.path = await mkdtemp(join(tmpdir(), 'ouse-torture-'))
    folder.config = join(folder.path, 'ouse.conf')
    await folder.configure(settings)
    if (token) await folder.makeToken()
    return folder
  }

  // Makes the store, too.
  async makeToken() {
    this.token = /ouse_\S+/.exec((await this.run('token', 'create', '--role', 'manager', '--name', 'torture')).stdout)[0]
  }

  // Replaces the config file at once: a command that reads it meanwhile finds the old one or the new one.
  async configure(settings) {
    await writeFile(`${this.config}.new`, `
plugins = {${this.plugins}}
plugin_path = "${OUSE_PLUGINS}"
data = "${join(this.path, 'data')}"
listen = "127.0.0.1:0"
access_log = false
${settings}
`)
    await rename(`${this.config}.new`, this.config)
  }

  // A command on this folder; rejects when its exit code is not 0.
  run(...words) {
    return promisify(execFile)(OUSE_BIN, [...words, '-c', this.config], { maxBuffer: 1 << 28 })
  }

  async serve(...words) {
    const server = new Server(this.token)
    this.#servers.push(server)
    await server.start(this.config, words)
    return server
  }

  async #remove() {
    await Promise.all(this.#servers.map(server => server.end('SIGKILL')))
    await rm(this.path, { recursive: true })
  }
}

// Sends requests as one caller.
export class Caller {
  agent = new Agent({ keepAlive: true })

  constructor(token, port) {
    Object.assign(this, { token, port })
  }

  // { status, headers, etag, text }; rejects if no whole answer came within `timeout` milliseconds.
  // A path that begins without a slash is relative to /api/v1/.
  ask(method, path, body, headers = {}, timeout = 0) {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const options = {
      agent: this.agent, host: '127.0.0.1', port: this.port, method, path: path.startsWith('/') ? path : `/api/v1/${path}`,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
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
          clearTimeout(late)
          resolve({ status: answer.statusCode, headers: answer.headers, etag: answer.headers.etag, text: Buffer.concat(chunks).toString() })
        })
      })
      const late = timeout && setTimeout(() => asked.destroy(new Error(`no answer in ${timeout} ms`)), timeout)
      asked.on('error', error => {
        clearTimeout(late)
        reject(error)
      })
      asked.end(text)
    })
  }

  // The same with the parsed body.
  async say(...request) {
    const { text, ...answer } = await this.ask(...request)
    return { ...answer, body: text ? JSON.parse(text) : undefined }
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

class Server extends Caller {
  said = []
  #awaited = []

  async start(config, words) {
    this.child = spawn(OUSE_BIN, ['serve', '-c', config, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
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
    return this.ended.finally(() => this.agent.destroy())
  }
}
