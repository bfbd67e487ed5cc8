/** Answers that are streams of events, read by the real clients. */
import { CloudWatchLogsClient, StartLiveTailCommand } from '@aws-sdk/client-cloudwatch-logs'
import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { S3Client, SelectObjectContentCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { awsErrors } from '../../src/wire/errors.ts'
import { startWireServer, type WireServer } from './server.ts'

let wire: WireServer
beforeAll(async () => {
  wire = await startWireServer()
})
afterAll(() => wire.close())

const settings = () => ({
  endpoint: wire.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
  disableHostPrefix: true,
  forcePathStyle: true,
})

async function all<T>(events: AsyncIterable<T> | undefined): Promise<T[]> {
  const found: T[] = []
  for await (const event of events ?? []) found.push(event)
  return found
}

test("a function's answer comes in parts", async () => {
  wire.answer = () => ({
    StatusCode: 200,
    EventStream: (async function* () {
      yield { PayloadChunk: { Payload: Buffer.from('olá, ') } }
      yield { PayloadChunk: { Payload: Buffer.from('mundo') } }
      yield { InvokeComplete: { LogResult: 'bG9n' } }
    })(),
  })

  const answer = await new LambdaClient(settings()).send(new InvokeWithResponseStreamCommand({ FunctionName: 'f' }))

  const events = await all(answer.EventStream)
  const text = Buffer.concat(events.flatMap(({ PayloadChunk }) => PayloadChunk?.Payload ?? [])).toString()
  expect(text).toBe('olá, mundo')
  expect(events.at(-1)?.InvokeComplete?.LogResult).toBe('bG9n')
})

test('S3 Select answers records, statistics and the end', async () => {
  const Details = { BytesScanned: 10, BytesProcessed: 10, BytesReturned: 4 }
  wire.answer = () => ({
    Payload: (async function* () {
      yield { Records: { Payload: Buffer.from('a,b\n') } }
      yield { Stats: { Details } }
      yield { End: {} }
    })(),
  })
  const command = new SelectObjectContentCommand({
    Bucket: 'b',
    Key: 'k',
    Expression: 'SELECT * FROM s3object',
    ExpressionType: 'SQL',
    InputSerialization: { CSV: {} },
    OutputSerialization: { CSV: {} },
  })

  const [records, stats, end] = await all((await new S3Client(settings()).send(command)).Payload)

  expect(Buffer.from(records?.Records?.Payload ?? []).toString()).toBe('a,b\n')
  expect(stats?.Stats?.Details).toEqual(Details)
  expect(end).toHaveProperty('End')
})

test('a live tail begins, goes on, and ends with an error as its own class', async () => {
  const { SessionTimeoutException } = awsErrors('cloudwatch-logs')
  wire.answer = () => ({
    responseStream: (async function* () {
      yield { sessionStart: { sessionId: 's', requestId: 'r' } }
      yield {
        sessionUpdate: { sessionMetadata: { sampled: false }, sessionResults: [{ message: 'ERRO', timestamp: 5 }] },
      }
      throw SessionTimeoutException('The session is over.')
    })(),
  })
  const command = new StartLiveTailCommand({ logGroupIdentifiers: ['arn:aws:logs:us-east-1:000000000000:log-group:g'] })

  const { responseStream } = await new CloudWatchLogsClient(settings()).send(command)

  const seen: unknown[] = []
  const reading = (async () => {
    for await (const event of responseStream ?? []) seen.push(event)
  })()
  await expect(reading).rejects.toMatchObject({ name: 'SessionTimeoutException' })
  expect(seen).toEqual([
    { sessionStart: { sessionId: 's', requestId: 'r' } },
    { sessionUpdate: { sessionMetadata: { sampled: false }, sessionResults: [{ message: 'ERRO', timestamp: 5 }] } },
  ])
})
