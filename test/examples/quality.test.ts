/** The data quality gate, deployed by the CDK: what fails either gate is not in the lake, and somebody hears why. */
import { readFileSync } from 'node:fs'
import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue'
import { HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askAthena } from '../../src/cli/demo/athena.ts'
import { awsClient } from '../../src/cli/demo/awsClient.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { deployedExample, exampleFolder, mailsOf } from './deployed.ts'

const folder = exampleFolder('quality')
const bucket = 'orders-incoming-000000000000-us-east-1'

let igarape: Igarape

beforeAll(async () => {
  igarape = await deployedExample('quality')
}, 300_000)
afterAll(() => igarape?.stop())

test('a file that passes starts the job on that very key, and is in the lake', async () => {
  await drop('orders_2025-10-20.parquet', sample('2025-10-20'))
  await igarape.settled()

  expect(await runs()).toEqual([['orders_2025-10-20.parquet', 'SUCCEEDED']])
  expect(await lake('SELECT count(*), count(DISTINCT order_id), min(day) FROM orders')).toEqual([
    ['500', '500', '2025-10-20'],
  ])
})

test('a file with too many nulls is put into quarantine with the reason, and no job is started', async () => {
  await drop('orders_2025-10-21.parquet', sample('2025-10-21'))
  await igarape.settled()

  expect(await keys()).toEqual(['orders_2025-10-20.parquet', 'quarantine/orders_2025-10-21.parquet'])
  const s3 = igarape.client(S3Client)
  const { Metadata } = await s3.send(
    new HeadObjectCommand({ Bucket: bucket, Key: 'quarantine/orders_2025-10-21.parquet' }),
  )
  expect(Metadata?.reasons).toMatch(/^customer_id is null in 4\d\.\d% of the rows$/)
  expect(await mailsAbout('orders_2025-10-21.parquet')).toEqual([
    expect.stringContaining('failed its quality check and is in quarantine: customer_id is null in 4'),
  ])
  expect((await runs()).map(([key]) => key)).not.toContain('orders_2025-10-21.parquet')
})

test('what is no Parquet at all is put into quarantine', async () => {
  await drop('orders_2025-10-25.parquet', Buffer.from('order_id,customer_id\n1,2\n'))
  await igarape.settled()

  expect(await mailsAbout('orders_2025-10-25.parquet')).toEqual([expect.stringContaining('it is not Parquet')])
})

test('a file that breaks the rules of the job itself fails the run, and nothing of it is written', async () => {
  await drop('orders_2025-10-22.parquet', sample('2025-10-22'))
  await igarape.settled()

  expect(await runs()).toContainEqual(['orders_2025-10-22.parquet', 'FAILED'])
  expect(await lake("SELECT count(*) FROM orders WHERE day = DATE '2025-10-22'")).toEqual([['0']])
  const [mail, ...others] = await mailsAbout('orders_2025-10-22.parquet')
  expect(others).toEqual([])
  expect(mail).toContain('breaks 1 rules: ColumnValues \\"amount\\" > 0')
})

async function drop(key: string, body: Uint8Array): Promise<void> {
  await igarape.client(S3Client).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))
}

function sample(day: string): Uint8Array {
  return readFileSync(`${folder}/data/orders_${day}.parquet`)
}

/** Which key each run was for, and how it ended. */
async function runs(): Promise<[string | undefined, string | undefined][]> {
  const { JobRuns = [] } = await igarape.client(GlueClient).send(new GetJobRunsCommand({ JobName: 'load_orders' }))
  return JobRuns.map(({ Arguments, JobRunState }) => [Arguments?.['--key'], JobRunState])
}

async function keys(): Promise<string[]> {
  const { Contents = [] } = await igarape.client(S3Client).send(new ListObjectsV2Command({ Bucket: bucket }))
  return Contents.map(({ Key = '' }) => Key)
}

async function lake(sql: string): Promise<string[][]> {
  return askAthena(awsClient(igarape.endpoint, 'us-east-1'), sql, 'quality')
}

async function mailsAbout(text: string): Promise<string[]> {
  const messages = await mailsOf(igarape)
  return messages.filter(({ body }) => body.includes(text)).map(({ body }) => body)
}
