/** Tumbling windows over a table's stream: records by window, state from one invocation to the next, an end for each window. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  GetEventSourceMappingCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { drainedQueue } from '../drainedQueue.ts'
import { test } from '../fixture.ts'
import { makeFunction } from './samples.ts'

const TableName = 'pedidos'

/**
 * Sums up in its state, and says what it was given by a message to the queue. `mudo` returns no state, `cheio` one that is too
 * large, and `falha` fails; the last invocation of a window fails while the environment is told so.
 */
const summing = `
  const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')
  const sqs = new SQSClient({})
  exports.handler = async (event) => {
    const QueueUrl = process.env.AWS_ENDPOINT_URL + '/000000000000/seen.fifo'
    const words = event.Records.map((record) => record.dynamodb.Keys.id.S)
    const { Records, ...rest } = event
    if (JSON.stringify(rest).length > 1000) rest.state = 'large'
    const MessageBody = JSON.stringify({ ...rest, words })
    const MessageDeduplicationId = crypto.randomUUID()
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: 'seen', MessageDeduplicationId }))
    if (words.some((word) => word.startsWith('falha'))) throw new Error('falhou')
    if (event.isFinalInvokeForWindow && process.env.FINAL === 'fails') throw new Error('falhou')
    if (words.some((word) => word.startsWith('mudo'))) return {}
    const text = words.some((word) => word.startsWith('cheio')) ? 'x'.repeat(1100000) : ''
    return { state: { count: (event.state.count ?? 0) + words.length, ...(text && { text }) } }
  }`

interface Given {
  window: { start: string; end: string }
  state: unknown
  words: string[]
  shardId: string
  eventSourceARN: string
  isFinalInvokeForWindow: boolean
  isWindowTerminatedEarly: boolean
}

async function prepared(igarape: Igarape, settings: Partial<CreateEventSourceMappingCommandInput> = {}) {
  const dynamodb = igarape.client(DynamoDBClient)
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  )
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }))
  const queue = { QueueName: 'seen.fifo', Attributes: { FifoQueue: 'true' } }
  await igarape.client(SQSClient).send(new CreateQueueCommand(queue))
  await makeFunction(igarape, 'worker', summing, { MemorySize: 512, Timeout: 20 })
  await toWindowStart(igarape)
  const { UUID } = await igarape.client(LambdaClient).send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'worker',
      EventSourceArn: Table?.LatestStreamArn,
      StartingPosition: 'TRIM_HORIZON',
      TumblingWindowInSeconds: 60,
      ...settings,
    }),
  )
  return { id: UUID as string, streamArn: Table?.LatestStreamArn as string }
}

/** So that a test knows which window it is in. */
async function toWindowStart(igarape: Igarape) {
  await igarape.clock.advance({ milliseconds: 60_000 - (igarape.clock.now().getTime() % 60_000) })
}

async function put(igarape: Igarape, ...ids: string[]) {
  for (const id of ids) {
    await igarape.client(DynamoDBClient).send(new PutItemCommand({ TableName, Item: { id: { S: id } } }))
  }
  await igarape.settled()
}

async function given(igarape: Igarape): Promise<Given[]> {
  await igarape.settled()
  return drainedQueue(igarape.client(SQSClient), `${igarape.endpoint}/000000000000/seen.fifo`)
}

/** `words | state | final`, `early` where it is. */
function lines(events: readonly Given[]): string[] {
  return events.map(({ words, state, isFinalInvokeForWindow: final, isWindowTerminatedEarly: early }) => {
    const kind = [...(final ? ['final'] : []), ...(early ? ['early'] : [])].join(' ')
    return `${words.join(' ')} | ${JSON.stringify(state)} | ${kind}`
  })
}

test('state goes from one invocation to the next, and each window ends with one that has no records', async ({
  igarape,
}) => {
  const { streamArn, id } = await prepared(igarape)
  const start = igarape.clock.now().toISOString().replace('.000', '')
  await put(igarape, 'a')
  await put(igarape, 'b')
  const during = await given(igarape)
  await igarape.clock.advance({ seconds: 60 })
  const end = await given(igarape)
  await put(igarape, 'c')
  await igarape.clock.advance({ minutes: 5 })
  const next = await given(igarape)

  expect(lines(during)).toEqual(['a | {} | ', 'b | {"count":1} | '])
  expect(lines(end)).toEqual([' | {"count":2} | final'])
  expect(lines(next)).toEqual(['c | {} | ', ' | {"count":1} | final'])
  expect(during[0]).toEqual({
    words: ['a'],
    window: { start, end: expect.stringMatching(/:00Z$/) },
    state: {},
    shardId: expect.stringMatching(/^shardId-/),
    eventSourceARN: streamArn,
    isFinalInvokeForWindow: false,
    isWindowTerminatedEarly: false,
  })
  expect(Date.parse(during[0]?.window.end ?? '') - Date.parse(start)).toBe(60_000)
  const mapping = await igarape.client(LambdaClient).send(new GetEventSourceMappingCommand({ UUID: id }))
  expect(mapping.TumblingWindowInSeconds).toBe(60)
})

test('records of two windows never come together, however late they are read', async ({ igarape }) => {
  const { id } = await prepared(igarape, { Enabled: false })
  await put(igarape, 'a', 'b')
  await igarape.clock.advance({ seconds: 60 })
  await put(igarape, 'c')
  await igarape.client(LambdaClient).send(new UpdateEventSourceMappingCommand({ UUID: id, Enabled: true }))

  expect(lines(await given(igarape))).toEqual(['a b | {} | ', ' | {"count":2} | final', 'c | {} | '])
})

test('an answer without a state is a failure, and the batch comes again', async ({ igarape }) => {
  await prepared(igarape, { MaximumRetryAttempts: 1 })
  await put(igarape, 'a')
  await put(igarape, 'mudo')
  await igarape.clock.advance({ seconds: 5 })
  await put(igarape, 'b')
  await igarape.clock.advance({ seconds: 60 })

  expect(lines(await given(igarape))).toEqual([
    ...['a | {} | ', 'mudo | {"count":1} | ', 'mudo | {"count":1} | '],
    ...['b | {"count":1} | ', ' | {"count":2} | final'],
  ])
})

test('a state beyond a megabyte ends the window early, and it goes on from nothing', async ({ igarape }) => {
  await prepared(igarape)
  await put(igarape, 'cheio')
  await put(igarape, 'a')
  await igarape.clock.advance({ seconds: 60 })

  expect(lines(await given(igarape))).toEqual([
    ...['cheio | {} | ', ' | "large" | early', 'a | {} | ', ' | {"count":1} | final'],
  ])
})

test('a lane does not go on before the last invocation of its window succeeded', async ({ igarape }) => {
  await prepared(igarape)
  const lambda = igarape.client(LambdaClient)
  const setFinal = (FINAL: string) =>
    lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: 'worker', Environment: { Variables: { FINAL } } }),
    )
  await setFinal('fails')
  await put(igarape, 'a')
  await igarape.clock.advance({ seconds: 61 })
  await put(igarape, 'b')
  const failing = lines(await given(igarape))
  await setFinal('works')
  await igarape.clock.advance({ seconds: 60 })
  const after = lines(await given(igarape))

  expect(failing[0]).toBe('a | {} | ')
  expect(new Set(failing.slice(1))).toEqual(new Set([' | {"count":1} | final']))
  expect(after.slice(0, 2)).toEqual([' | {"count":1} | final', 'b | {} | '])
})

test('a window and its state outlive the server', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-windows-'))
  let igarape = await startIgarape({ data })
  try {
    await prepared(igarape)
    await put(igarape, 'a')
    const before = lines(await given(igarape))
    await igarape.stop()
    igarape = await startIgarape({ data })
    await put(igarape, 'b')
    await igarape.clock.advance({ seconds: 60 })

    expect(before).toEqual(['a | {} | '])
    expect(lines(await given(igarape))).toEqual(['b | {"count":1} | ', ' | {"count":2} | final'])
  } finally {
    await igarape.stop()
    rmSync(data, { recursive: true })
  }
})
