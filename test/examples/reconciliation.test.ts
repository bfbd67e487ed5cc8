/** The bank reconciliation, deployed by the CDK, on days that follow one another by the virtual clock. */
import { readFileSync } from 'node:fs'
import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DescribeReplayCommand, EventBridgeClient, StartReplayCommand } from '@aws-sdk/client-eventbridge'
import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askAthena } from '../../src/cli/demo/athena.ts'
import { awsClient } from '../../src/cli/demo/awsClient.ts'
import type { Mail } from '../../src/cli/mail.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { deployedExample, exampleFolder, mailsOf } from './deployed.ts'

const folder = exampleFolder('reconciliation')
const bucket = 'reconciliation-incoming-000000000000-us-east-1'
const header = 'transaction_id,account,amount,booked_at\n'

let igarape: Igarape

beforeAll(async () => {
  igarape = await deployedExample('reconciliation')
}, 180_000)
afterAll(() => igarape?.stop())

test('the debits come at 8:00, the credits at 9:30: then the day is compared, and the analyst reads why', async () => {
  await drop('debits', '2025-10-20', sample('debits'))
  await igarape.settled()
  expect(await runsOf('2025-10-20')).toHaveLength(0)

  await igarape.clock.advance({ hours: 1, minutes: 30 })
  await drop('credits', '2025-10-20', sample('credits'))
  await igarape.settled()

  expect(await runsOf('2025-10-20')).toEqual(['SUCCEEDED'])
  expect(await discrepancies('2025-10-20')).toEqual([
    ['T-0003', 'missing_credit', '422.50', ''],
    ['T-0005', 'amount_mismatch', '697.50', '707.50'],
    ['T-0007', 'missing_debit', '', '72.50'],
    ['T-0009', 'duplicate_debit', '695.00', '347.50'],
  ])
  const [mail, ...others] = await mailsAbout('Reconciliation of 2025-10-20')
  expect(others).toEqual([])
  expect(mail?.body).toContain('4 discrepancies in 12 transactions')
  expect(mail?.body).toContain('Unexplained: 852.50.')
})

test('whatever the order, and however often a file comes, a date is compared once', async () => {
  for (const side of ['credits', 'credits', 'debits', 'credits', 'debits'] as const) {
    await drop(side, '2025-10-21', sample(side))
  }
  await igarape.settled()
  await drop('debits', '2025-10-21', sample('debits'))
  await igarape.settled()

  expect(await runsOf('2025-10-21')).toEqual(['SUCCEEDED'])
})

test('a day on which the banks agree, or nearly so, is in the lake and in nobody’s mailbox', async () => {
  await drop('debits', '2025-10-22', entries({ 'T-1': '10.00', 'T-2': '20.00', 'T-3': '30.00' }))
  await drop('credits', '2025-10-22', entries({ 'T-1': '10.00', 'T-2': '20.01', 'T-3': '30.00' }))
  await igarape.settled()

  expect(await discrepancies('2025-10-22')).toEqual([['T-2', 'amount_mismatch', '20.00', '20.01']])
  expect(await mailsAbout('2025-10-22')).toEqual([])
})

test('at 10:00 in São Paulo the analyst is told which file of the day has not come', async () => {
  const day = await nextMorning()
  await drop('debits', day, sample('debits'))
  await igarape.clock.advance({ hours: 2 })
  await igarape.settled()

  const [mail, ...others] = await mailsAbout(`files of ${day} had not arrived`)
  expect(others).toEqual([])
  expect(mail?.subject).toBe(`Reconciliation of ${day}: 1 of 2 files missing`)
  expect(mail?.body).toContain(`- credits_${day}.csv (bank B)`)
  expect(mail?.body).not.toContain(`debits_${day}.csv`)
})

test('a bank corrects its file: the archive plays the day again', async () => {
  const start = igarape.clock.now()
  const [debits, wrong, corrected] = [{ 'T-1': '10.00' }, { 'T-1': '99.00' }, { 'T-1': '10.00' }].map(entries)
  await drop('debits', '2025-10-23', debits as string)
  await drop('credits', '2025-10-23', wrong as string)
  await igarape.settled()
  expect(await discrepancies('2025-10-23')).toHaveLength(1)

  await drop('credits', '2025-10-23', corrected as string)
  await igarape.settled()
  expect(await discrepancies('2025-10-23')).toHaveLength(1)
  await igarape
    .client(DynamoDBClient)
    .send(new DeleteItemCommand({ TableName: 'reconciliation-dates', Key: { date: { S: '2025-10-23' } } }))
  await replay(start)

  expect(await runsOf('2025-10-23')).toEqual(['SUCCEEDED', 'SUCCEEDED'])
  expect(await discrepancies('2025-10-23')).toEqual([])
})

async function drop(side: 'debits' | 'credits', date: string, body: string): Promise<void> {
  const request = { Bucket: bucket, Key: `${side}_${date}.csv`, Body: body }
  await igarape.client(S3Client).send(new PutObjectCommand(request))
}

function sample(side: 'debits' | 'credits'): string {
  return readFileSync(`${folder}/data/${side}_2025-10-20.csv`, 'utf8')
}

function entries(amounts: Record<string, string>): string {
  const rows = Object.entries(amounts).map(([id, amount]) => `${id},A-1,${amount},2025-10-20T08:00:00\n`)
  return header + rows.join('')
}

async function runsOf(date: string): Promise<string[]> {
  const { JobRuns = [] } = await igarape.client(GlueClient).send(new GetJobRunsCommand({ JobName: 'reconcile' }))
  return JobRuns.filter(({ Arguments }) => Arguments?.['--date'] === date).map(({ JobRunState = '' }) => JobRunState)
}

async function discrepancies(date: string): Promise<string[][]> {
  const sql = `SELECT transaction_id, kind, debit, credit FROM discrepancies WHERE date = DATE '${date}' ORDER BY 1`
  return askAthena(awsClient(igarape.endpoint, 'us-east-1'), sql, 'reconciliation')
}

async function mailsAbout(text: string): Promise<Mail[]> {
  const messages = await mailsOf(igarape)
  return messages.filter(({ body }) => body.includes(text))
}

/** Moves the clock to the next 8:30 in São Paulo, which is 11:30 UTC, and says which day that is. */
async function nextMorning(): Promise<string> {
  const dayMillis = 24 * 60 * 60 * 1000
  const now = igarape.clock.now().getTime()
  const minutes = (11 * 60 + 30) * 60_000
  const wait = (minutes - (now % dayMillis) + dayMillis) % dayMillis
  await igarape.clock.advance({ milliseconds: wait })
  await igarape.settled()
  return igarape.clock.now().toISOString().slice(0, 10)
}

async function replay(since: Date): Promise<void> {
  const eventBridge = igarape.client(EventBridgeClient)
  const busArn = 'arn:aws:events:us-east-1:000000000000:event-bus/default'
  await igarape.clock.advance({ minutes: 10 })
  await eventBridge.send(
    new StartReplayCommand({
      ReplayName: 'corrected',
      EventSourceArn: 'arn:aws:events:us-east-1:000000000000:archive/reconciliation-arrivals',
      EventStartTime: since,
      EventEndTime: igarape.clock.now(),
      Destination: {
        Arn: busArn,
        FilterArns: ['arn:aws:events:us-east-1:000000000000:rule/reconciliation-file-arrived'],
      },
    }),
  )
  await igarape.settled()
  const { State } = await eventBridge.send(new DescribeReplayCommand({ ReplayName: 'corrected' }))
  expect(State).toBe('COMPLETED')
}
