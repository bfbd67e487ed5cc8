/** S3 at 64 connections: PUT, GET and HEAD of 1 KB, and a page of a large listing. Reference: bare Node http + lmdb. */
import { type Load, rate, startBare } from './lanes.ts'
import { bench, type Figure } from './report.ts'
import { startBenchServer } from './server.ts'

const connections = 64
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
  const bare = await startBare(bareServer)
  try {
    await once(server.endpoint, 'PUT', '/medidas')
    for (const method of ['PUT', 'GET', 'HEAD'] as const) {
      const what = method === 'PUT' ? `PUT 1 KB durable at ${connections} connections` : `${method} 1 KB`
      const figure: Figure = { what, value: await rate(server.endpoint, load(method)), unit: '/s' }
      if (method !== 'HEAD')
        figure.reference = { what: 'bare Node http + lmdb', value: await rate(bare.endpoint, load(method)) }
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

function load(method: 'PUT' | 'GET' | 'HEAD'): Load {
  const isPut = method === 'PUT'
  return {
    connections,
    hasBody: method !== 'HEAD',
    request(lane, count) {
      const length = isPut ? `content-length: ${body.length}\r\n` : ''
      const head = `${method} /medidas/k${lane}-${isPut ? count : count % 100} HTTP/1.1\r\nhost: 127.0.0.1\r\n${length}\r\n`
      return isPut ? Buffer.concat([Buffer.from(head), body]) : Buffer.from(head)
    },
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
