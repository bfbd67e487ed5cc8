/**
 * Every operation gets inputs that nobody should send, in its protocol's own bytes. The answer is AWS's refusal (or a
 * success, where the input happens to be allowed), never a bug's 500, never a broken connection; what is refused
 * changes nothing. `SWEEP_SEED=7 SWEEP_COUNT=200` replays or widens it.
 */
import { Agent, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/clock.ts'
import { allServices } from '../../src/services/all.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { loadModel, type Operation, type ServiceName } from '../../src/wire/model.ts'
import { SimulatedDisk } from '../simulation/disk.ts'
import { seeded } from '../wire/random.ts'
import { hostileInputs } from './hostileInputs.ts'
import { type RawRequest, rawRequest } from './rawRequests.ts'
import { WatchedDisk } from './watchedDisk.ts'

const seed = Number(process.env.SWEEP_SEED ?? 1)
const count = Number(process.env.SWEEP_COUNT ?? 14)
const answerMillisMax = 15_000

/** Long polls and started work belong to time that passes; here it stands still. */
const waitsByDesign = new Set(['sqs:ReceiveMessage', 'cloudwatch-logs:StartLiveTail'])

const known: Record<string, unknown> = {
  Bucket: 'swept',
  QueueUrl: 'http://127.0.0.1/000000000000/swept',
  QueueName: 'swept',
  TopicArn: 'arn:aws:sns:us-east-1:000000000000:swept',
  RoleName: 'swept',
  UserName: 'swept',
  GroupName: 'swept',
  DatabaseName: 'swept',
  logGroupName: '/swept',
  EventBusName: 'default',
  Endpoint: 'http://127.0.0.1:1/nobody',
}

let igarape: Igarape
let disk: WatchedDisk
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

beforeAll(async () => {
  disk = new WatchedDisk(new SimulatedDisk(seededRandom(seed)).parts().table)
  igarape = await startIgarape({ parts: { backend: disk.backend } })
})

afterAll(async () => {
  agent.destroy()
  await igarape.stop()
})

describe.each(allServices.map(({ name, operations }) => [name, [...operations.keys()]] as const))(
  '%s',
  (name, names) => {
    test('refuses what is hostile, changes nothing by it, and lives', async () => {
      const failures: string[] = []
      for (const created of beginnings[name] ?? [])
        await answerTo(rawRequest(name, operationOf(name, created[0]), created[1]))
      for (const operationName of endingsLast(names)) {
        if (waitsByDesign.has(`${name}:${operationName}`)) continue
        failures.push(...(await sweep(name, operationOf(name, operationName))))
      }

      expect(failures).toEqual([])
      expect((await fetch(`${igarape.endpoint}/_igarape/health`)).status).toBe(200)
    }, 600_000)
  },
)

const beginnings: Partial<Record<ServiceName, [string, Record<string, unknown>][]>> = {
  s3: [['CreateBucket', { Bucket: 'swept' }]],
  sqs: [['CreateQueue', { QueueName: 'swept' }]],
  sns: [['CreateTopic', { Name: 'swept' }]],
  iam: [
    ['CreateRole', { RoleName: 'swept', AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' }],
    ['CreateUser', { UserName: 'swept' }],
    ['CreateGroup', { GroupName: 'swept' }],
  ],
  glue: [['CreateDatabase', { DatabaseInput: { Name: 'swept' } }]],
  'cloudwatch-logs': [['CreateLogGroup', { logGroupName: '/swept' }]],
}

async function sweep(service: ServiceName, operation: Operation): Promise<string[]> {
  const failures: string[] = []
  const chance = seeded(seed * 7919 + operation.name.length * 31 + service.length)
  for (const { what, input } of hostileInputs(operation, known, chance, count)) {
    const raw = rawRequest(service, operation, input)
    const problem = await problemOf(raw)
    if (problem) failures.push(`${service}:${operation.name} (${what}) ${problem}`)
  }
  const raw = rawRequest(service, operation, {})
  for (const body of ['{', '<', '[[[[', '%', '\0', '{"a":', '\ufeff', '['.repeat(50_000)]) {
    if (raw.method === 'GET' || raw.method === 'HEAD') break
    const problem = await problemOf({ ...raw, body })
    if (problem) failures.push(`${service}:${operation.name} (body ${JSON.stringify(body.slice(0, 9))}) ${problem}`)
  }
  return failures
}

/** A refused request that seems to write is sent again when nothing else runs: then the write is its own. */
async function problemOf(raw: RawRequest): Promise<string | undefined> {
  disk.touched()
  let answer = await answerTo(raw)
  if (answer.status >= 400 && disk.touched().length > 0) {
    await igarape.settled()
    disk.touched()
    answer = await answerTo(raw)
    const touched = disk.touched()
    if (answer.status >= 400 && touched.length > 0)
      return `was refused with ${answer.status} and wrote ${touched}: ${answer.body}`
  }
  const isBad = answer.status === 0 || (answer.status >= 500 && answer.status !== 501)
  return isBad ? `${answer.status} ${answer.body.slice(0, 300)}` : undefined
}

function answerTo({ method, path, headers, body }: RawRequest): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const bytes = Buffer.from(body, 'utf8')
    const length = bytes.length > 0 || method !== 'GET' ? { 'content-length': String(bytes.length) } : {}
    const host = { hostname: '127.0.0.1', port: igarape.port }
    const sent = request({ ...host, agent, method, path, headers: { ...headers, ...length } }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }),
      )
      response.on('error', (error) => resolve({ status: 0, body: String(error) }))
    })
    sent.setTimeout(answerMillisMax, () => sent.destroy(new Error('no answer came')))
    sent.on('error', (error) => resolve({ status: 0, body: String(error) }))
    sent.end(bytes)
  })
}

function operationOf(service: ServiceName, name: string): Operation {
  return loadModel(service).operation(name) as Operation
}

/** What ends things comes last, so that the others find them. */
function endingsLast(names: readonly string[]): string[] {
  const isEnding = (name: string) => /^(?:Delete|Remove|Terminate|Purge)/.test(name)
  return [...names.filter((name) => !isEnding(name)), ...names.filter(isEnding)]
}
