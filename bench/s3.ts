/** S3 at 64 connections: PUT, GET and HEAD of 1 KB, and a page of a large listing. Reference: bare Node http + lmdb. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bench, type Figure } from './report.ts'
import { startBenchServer } from './server.ts'

const connections = 64
const measuredMillis = 4_000
const warmMillis = 1_500
const listedKeys = 100_000

const body = Buffer.alloc(1024, 'igarape ')

/** Commits each body under its path, and answers when it is on disk: what no server over this store can beat. */
const bareServer = `
const { open } = require('lmdb')
const { createHash } = require('node:crypto')
const settings = { encoding: 'binary', overlappingSync: false, eventTurnBatching: false, commitDelay: 0 }
const database = open({ path: process.argv[1] + '/store.mdb', ...settings })
require('node:http').createServer((request, response) => {
  if (request.method === 'GET') return response.end(database.get(request.url))
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', async () => {
    const body = Buffer.concat(parts)
    await database.put(request.url, body)
    response.setHeader('etag', '"' + createHash('md5').update(body).digest('hex') + '"')
    response.end()
  })
}).listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port) })`

export const objects = bench('S3', async (report) => {
  const server = await startBenchServer()
  const bare = await startBare()
  try {
    await once(server.endpoint, 'PUT', '/medidas')
    for (const method of ['PUT', 'GET', 'HEAD'] as const) {
      const what = method === 'PUT' ? `PUT 1 KB durable at ${connections} connections` : `${method} 1 KB`
      const figure: Figure = { what, value: await rate(server.endpoint, method), unit: '/s' }
      if (method !== 'HEAD')
        figure.reference = { what: 'bare Node http + lmdb', value: await rate(bare.endpoint, method) }
      if (method === 'PUT') figure.goal = '≥ 0.5x'
      report(figure)
    }
    report({
      what: `a page of 1,000 out of ${listedKeys} keys`,
      value: await listingMillis(server.endpoint),
      unit: 'ms',
    })
  } finally {
    await server.stop()
    bare.stop()
  }
})

/** Requests answered in a second, each connection sending the next when the one before is answered. */
async function rate(endpoint: string, method: 'PUT' | 'GET' | 'HEAD'): Promise<number> {
  let counted = 0
  let until = performance.now() + warmMillis
  const lanes = Array.from({ length: connections }, (_, index) => new Lane(endpoint, method, index))
  const run = () =>
    Promise.all(
      lanes.map(async (lane) => {
        while (performance.now() < until) {
          await lane.next()
          counted++
        }
      }),
    )
  await run()
  counted = 0
  const start = performance.now()
  until = start + measuredMillis
  await run()
  const seconds = (performance.now() - start) / 1000
  for (const lane of lanes) lane.close()
  return counted / seconds
}

/** One connection, on bare sockets: a client of Node's own would take more time than the servers. */
class Lane {
  readonly #socket
  readonly #method: string
  readonly #host: string
  readonly #index: number
  #count = 0
  #answered: () => void = () => undefined
  #held = ''
  #left = 0

  constructor(endpoint: string, method: string, index: number) {
    const { hostname, port, host } = new URL(endpoint)
    this.#method = method
    this.#host = host
    this.#index = index
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true })
    this.#socket.on('data', (part: Buffer) => this.#take(part))
  }

  next(): Promise<void> {
    const key = `/medidas/k${this.#index}-${this.#method === 'PUT' ? this.#count++ : this.#count++ % 100}`
    const isPut = this.#method === 'PUT'
    const head = `${this.#method} ${key} HTTP/1.1\r\nhost: ${this.#host}\r\n${isPut ? `content-length: ${body.length}\r\n` : ''}\r\n`
    const answered = new Promise<void>((done) => {
      this.#answered = done
    })
    this.#socket.write(isPut ? Buffer.concat([Buffer.from(head), body]) : head)
    return answered
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(part: Buffer): void {
    if (this.#left > 0) {
      this.#left -= part.length
      if (this.#left <= 0) this.#answered()
      return
    }
    this.#held += part.toString('latin1')
    const end = this.#held.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#held.slice(0, end)
    const status = Number(head.slice(9, 12))
    if (status >= 300) throw new Error(`the server answered ${head}`)
    const length = this.#method === 'HEAD' ? 0 : Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
    this.#left = length - (this.#held.length - end - 4)
    this.#held = ''
    if (this.#left <= 0) this.#answered()
  }
}

async function once(endpoint: string, method: string, path: string): Promise<void> {
  const answer = await fetch(endpoint + path, { method })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
}

/** The median of pages from the middle of many keys. */
async function listingMillis(endpoint: string): Promise<number> {
  await once(endpoint, 'PUT', '/muitas')
  const numbers = Array.from({ length: listedKeys }, (_, index) => index)
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let index = numbers.pop(); index !== undefined; index = numbers.pop()) {
        await fetch(`${endpoint}/muitas/${String(index).padStart(8, '0')}`, { method: 'PUT', body: 'x' })
      }
    }),
  )
  const taken: number[] = []
  for (let round = 0; round < 20; round++) {
    const start = performance.now()
    await (await fetch(`${endpoint}/muitas?list-type=2&start-after=${String(round * 4000).padStart(8, '0')}`)).text()
    taken.push(performance.now() - start)
  }
  return taken.sort((a, b) => a - b)[10] as number
}

async function startBare(): Promise<{ endpoint: string; stop(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bare-'))
  const child: ChildProcess = spawn(process.execPath, ['-e', bareServer, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const endpoint = await new Promise<string>((done) =>
    child.stdout?.once('data', (line: Buffer) => done(line.toString().trim())),
  )
  return {
    endpoint,
    stop() {
      child.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
