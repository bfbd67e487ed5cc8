/** Application logs, deployed by the CDK: counters that agree with the files, whatever comes twice, and the day in the lake. */
import { readFileSync } from 'node:fs'
import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askAthena } from '../../src/cli/demo/athena.ts'
import { awsClient } from '../../src/cli/demo/awsClient.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { deployedExample, exampleFolder, mailsOf } from './deployed.ts'

const folder = exampleFolder('logs')
const bucket = 'app-logs-000000000000-us-east-1'

let igarape: Igarape

beforeAll(async () => {
  igarape = await deployedExample('logs')
}, 180_000)
afterAll(() => igarape?.stop())

test('a day’s log becomes counters at once, and rows by type, hour and user within the minute', async () => {
  await drop('app.log.2025-10-20.json', readFileSync(`${folder}/data/app.log.2025-10-20.json`, 'utf8'))
  await igarape.settled()

  expect(await counters('2025-10-20')).toMatchObject({
    total: 200,
    critical: 11,
    'level:INFO': 160,
    'level:ERROR': 21,
  })
  expect(await criticalErrors('2025-10-20')).toHaveLength(11)

  await igarape.clock.advance({ minutes: 2 })
  await igarape.settled()
  expect(await lake("SELECT sum(errors), count_if(level = 'CRITICAL') FROM errors_by_hour")).toEqual([['32', '11']])
  expect(await lake('SELECT sum(errors), min(date) FROM critical_by_hour')).toEqual([['11', '2025-10-20']])
  expect(await lake('SELECT sum(errors) FROM users_most_affected')).toEqual([['32']])
})

test('more than one critical error in a hundred events is an alarm that reaches the operators', async () => {
  await igarape.clock.advance({ minutes: 10 })
  await igarape.settled()

  const messages = await mailsOf(igarape)
  const alarms = messages.filter(({ subject }) => subject.startsWith('ALARM: "logs-critical-errors"'))
  expect(alarms).toHaveLength(1)
  expect(alarms[0]?.body).toContain('[5.5')
})

test('an event that is delivered twice counts its file once', async () => {
  const key = 'app.log.2025-10-21.json'
  await drop(key, log(['CRITICAL', 'INFO', 'ERROR']))
  await igarape.settled()
  const again = await deliverAgain(key)

  expect(again.verdict).toBe('counted before')
  expect(await counters('2025-10-21')).toEqual({
    total: 3,
    critical: 1,
    'level:CRITICAL': 1,
    'level:INFO': 1,
    'level:ERROR': 1,
    'type:Falha': 2,
  })
})

test('a file that has grown adds what is new, and a corrected one takes back what was wrong', async () => {
  const key = 'app.log.2025-10-22.json'
  await drop(key, log(['ERROR', 'INFO']))
  await igarape.settled()
  await drop(key, log(['ERROR', 'INFO', 'INFO', 'CRITICAL']))
  await igarape.settled()
  expect(await counters('2025-10-22')).toMatchObject({ total: 4, critical: 1, 'level:INFO': 2, 'type:Falha': 2 })

  await drop(key, log(['INFO']))
  await igarape.settled()
  expect(await counters('2025-10-22')).toMatchObject({ total: 1, critical: 0, 'level:INFO': 1, 'type:Falha': 0 })
})

test('forty files at once: the day’s counters are exact, and its rows are written by few runs', async () => {
  const files = Array.from({ length: 40 }, (_, number) => `app.log.2025-10-23.${number}.json`)
  await Promise.all(files.map((key) => drop(key, log(['INFO', 'CRITICAL', 'ERROR']))))
  await igarape.settled()
  // What lost a race for the counters is tried again a minute later, in AWS time.
  await igarape.clock.advance({ minutes: 10 })
  await igarape.settled()

  expect(await counters('2025-10-23')).toMatchObject({ total: 120, critical: 40, 'type:Falha': 80 })
  expect(await lake("SELECT sum(errors) FROM errors_by_hour WHERE date = DATE '2025-10-23'")).toEqual([['80']])
})

test('a line that is cut short is counted as unreadable, and stops nothing', async () => {
  await drop('app.log.2025-10-24.json', `${log(['INFO'])}{"level": "ERR`)
  await igarape.settled()

  expect(await counters('2025-10-24')).toMatchObject({ total: 2, unreadable: 1, 'level:INFO': 1 })
})

async function drop(key: string, body: string): Promise<void> {
  await igarape.client(S3Client).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))
}

function log(levels: string[]): string {
  const event = (level: string, number: number) => ({
    timestamp: `2025-10-20T08:00:${String(number).padStart(2, '0')}.000Z`,
    level,
    user: 'u-1',
    ...(level !== 'INFO' && { error_type: 'Falha' }),
  })
  return levels.map((level, number) => `${JSON.stringify(event(level, number))}\n`).join('')
}

async function counters(date: string): Promise<Record<string, number>> {
  const dynamodb = igarape.client(DynamoDBClient)
  const { Item = {} } = await dynamodb.send(
    new GetItemCommand({ TableName: 'log-counters', Key: { date: { S: date } }, ConsistentRead: true }),
  )
  const counted = Object.entries(Item).filter(([name]) => name !== 'date')
  return Object.fromEntries(counted.map(([name, { N }]) => [name, Number(N)]))
}

async function criticalErrors(date: string) {
  const { Items = [] } = await igarape.client(DynamoDBClient).send(
    new QueryCommand({
      TableName: 'log-critical-errors',
      KeyConditionExpression: '#date = :date',
      ExpressionAttributeNames: { '#date': 'date' },
      ExpressionAttributeValues: { ':date': { S: date } },
    }),
  )
  return Items
}

async function lake(sql: string): Promise<string[][]> {
  return askAthena(awsClient(igarape.endpoint, 'us-east-1'), sql, 'logs')
}

/** Calls the function once more as EventBridge would, with the sequencer of the version that is counted. */
async function deliverAgain(key: string): Promise<{ verdict: string }> {
  const { ETag = '' } = await igarape.client(S3Client).send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
  const { Item } = await igarape
    .client(DynamoDBClient)
    .send(new GetItemCommand({ TableName: 'log-files', Key: { file: { S: key } } }))
  const object = { key, etag: ETag.replaceAll('"', ''), sequencer: Item?.sequencer?.S?.replace(/^0+/, '') }
  const { Payload } = await igarape.client(LambdaClient).send(
    new InvokeCommand({
      FunctionName: 'extract_metrics',
      Payload: Buffer.from(JSON.stringify({ detail: { bucket: { name: bucket }, object } })),
    }),
  )
  return JSON.parse(Buffer.from(Payload ?? []).toString())
}
