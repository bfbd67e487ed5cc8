/** The logs example, deployed: how long after a file's arrival the counters that a live dashboard reads have changed. */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { deploy } from '../src/cli/demo/deployment.ts'
import { readOptions } from '../src/options.ts'
import { bench, percentile } from './report.ts'
import { clientSettings, startBenchServer } from './server.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const files = 200
const eventsPerFile = 1000
const day = '2025-10-20'

export const liveDashboard = bench('Log file → counters of the live dashboard', async (report) => {
  const server = await startBenchServer()
  const options = readOptions({ data: server.folder })
  const settings = { ...clientSettings(server), region: options.region }
  const s3 = new S3Client(settings)
  const dynamodb = new DynamoDBClient(settings)
  try {
    mkdirSync(options.cache, { recursive: true })
    await deploy({
      ...{ root, exampleFolder: `${root}examples/logs`, endpoint: server.endpoint, options },
      progress: () => undefined,
    })
    const millis: number[] = []
    for (let file = 1; file <= files; file++) {
      const Key = `app.log.${day}.${file}.json`
      const Bucket = `app-logs-${options.account}-${options.region}`
      const start = performance.now()
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: log(file) }))
      while ((await totalOf(dynamodb)) < file * eventsPerFile) await pause(2)
      millis.push(performance.now() - start)
    }
    // The first file waits for the first function instance, as a person's first file does.
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      report({
        what: `PUT of ${eventsPerFile} events → counters changed, ${name} of ${files}`,
        value: percentile(millis, share),
        unit: 'ms',
        ...(name === 'p99' && { goal: '≤ 2000 ms' }),
      })
    }
  } finally {
    s3.destroy()
    dynamodb.destroy()
    await server.stop()
  }
})

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

function log(file: number): string {
  const event = (number: number) => ({
    timestamp: `${day}T08:00:00.${String(number % 1000).padStart(3, '0')}Z`,
    level: number % 50 === 0 ? 'CRITICAL' : number % 10 === 0 ? 'ERROR' : 'INFO',
    user: `u-${(file * number) % 5000}`,
    ...(number % 10 === 0 && { error_type: `Falha${number % 7}` }),
    message: 'pedido recebido',
  })
  return Array.from({ length: eventsPerFile }, (_, number) => `${JSON.stringify(event(number))}\n`).join('')
}

async function totalOf(dynamodb: DynamoDBClient): Promise<number> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: 'log-counters', Key: { date: { S: day } }, ConsistentRead: true }),
  )
  return Number(Item?.total?.N ?? 0)
}
