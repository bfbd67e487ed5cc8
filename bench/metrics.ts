/**
 * CloudWatch: values put at 16 connections, durable before the answer; a day of them read; a day of alarms on the virtual clock.
 * Reference of the puts: bare Node http + lmdb that keeps each request.
 */
import {
  CloudWatchClient,
  GetMetricDataCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch'
import { type Load, rate, startBare } from './lanes.ts'
import { bench, percentile } from './report.ts'
import { clientSettings, startBenchServer } from './server.ts'

const connections = 16
const dayMinutes = 24 * 60
const quietAlarms = 200
const busyAlarms = 10

/** Keeps the body under the next number; durable before it answers. */
const bareServer = `
const { open } = require('lmdb')
const settings = { overlappingSync: false, eventTurnBatching: false, commitDelay: 0 }
const database = open({ path: process.argv[1] + '/store.mdb', ...settings })
let next = 0
require('node:http').createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', async () => {
    await database.put(next++, Buffer.concat(parts).toString())
    response.end('{}')
  })
}).listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port) })`

const body = (lane: number, count: number) =>
  JSON.stringify({
    Namespace: 'bench',
    MetricData: Array.from({ length: 10 }, (_, index) => ({
      MetricName: `m${index}`,
      Dimensions: [{ Name: 'Lane', Value: String(lane) }],
      Value: count % 50,
    })),
  })

const load: Load = {
  connections,
  request(lane, count) {
    const text = body(lane, count)
    const target =
      'x-amz-target: GraniteServiceVersion20100801.PutMetricData\r\ncontent-type: application/x-amz-json-1.0\r\n'
    const length = `content-length: ${Buffer.byteLength(text)}\r\n`
    return Buffer.from(`POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n${target}${length}\r\n${text}`)
  },
}

export const metrics = bench('CloudWatch: values put and read, and a day of alarms', async (report) => {
  const bare = await startBare(bareServer)
  const reference = await rate(bare.endpoint, load)
  bare.stop()
  const server = await startBenchServer()
  try {
    report({
      what: 'PutMetricData, 10 values a request, 16 connections',
      value: await rate(server.endpoint, load),
      unit: '/s',
      reference: { what: 'bare Node http + lmdb', value: reference },
    })
    const client = new CloudWatchClient(clientSettings(server))
    report({ what: 'GetMetricData, 1,440 minutes of p99, p50', value: await readDay(client), unit: 'ms' })
    client.destroy()
  } finally {
    await server.stop()
  }
  report({ what: `a day of ${quietAlarms} alarms without values`, value: await alarmDay(quietAlarms, 0), unit: 's' })
  report({
    what: `a day of ${busyAlarms} alarms, each by a value a minute`,
    value: await alarmDay(busyAlarms, dayMinutes),
    unit: 's',
  })
})

async function putDay(
  client: CloudWatchClient,
  start: number,
  minutes: number,
  names: readonly string[],
): Promise<void> {
  const all = names.flatMap((MetricName) =>
    Array.from({ length: minutes }, (_, index) => ({
      MetricName,
      Value: index % 7,
      Timestamp: new Date(start + index * 60_000),
    })),
  )
  for (let at = 0; at < all.length; at += 1_000) {
    await client.send(new PutMetricDataCommand({ Namespace: 'bench', MetricData: all.slice(at, at + 1_000) }))
  }
}

async function readDay(client: CloudWatchClient): Promise<number> {
  const start = Date.now() - dayMinutes * 60_000
  await putDay(client, start, dayMinutes, ['day'])
  const Metric = { Namespace: 'bench', MetricName: 'day' }
  const MetricDataQueries = [{ Id: 'm', MetricStat: { Metric, Period: 60, Stat: 'p99' } }]
  const millis: number[] = []
  for (let round = 0; round < 50; round++) {
    const began = performance.now()
    await client.send(new GetMetricDataCommand({ MetricDataQueries, StartTime: new Date(start), EndTime: new Date() }))
    millis.push(performance.now() - began)
  }
  return percentile(millis, 0.5)
}

/** Values lie up to two hours ahead of the clock, so the day goes on in steps of that. */
async function alarmDay(count: number, minutes: number): Promise<number> {
  const server = await startBenchServer(['--clock', 'virtual'])
  const client = new CloudWatchClient(clientSettings(server))
  try {
    const names = Array.from({ length: count }, (_, index) => `alarm-${index}`)
    for (const AlarmName of names) {
      const metric = { Namespace: 'bench', MetricName: AlarmName, Statistic: 'Sum', Period: 60 } as const
      const rule = { EvaluationPeriods: 3, Threshold: 4, ComparisonOperator: 'GreaterThanThreshold' } as const
      await client.send(new PutMetricAlarmCommand({ AlarmName, ...metric, ...rule }))
    }
    const began = performance.now()
    let now = Date.parse((await clock(server.endpoint)).now)
    for (let hour = 0; hour < 24; hour++) {
      if (minutes > 0) await putDay(client, now, 60, names)
      now = Date.parse((await clock(server.endpoint, '1h')).now)
    }
    return (performance.now() - began) / 1000
  } finally {
    client.destroy()
    await server.stop()
  }
}

async function clock(endpoint: string, advance?: string): Promise<{ now: string }> {
  const post = advance && { method: 'POST', body: JSON.stringify({ advance }) }
  return (await (await fetch(`${endpoint}/_igarape/clock`, post || undefined)).json()) as { now: string }
}
