/** Streams of tables as event sources: order, batches, filters, retries, and what becomes of records that no function takes. */
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  GetEventSourceMappingCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { drainedQueue } from '../drainedQueue.ts'
import { test } from '../fixture.ts'
import { makeFunction } from './samples.ts'

const TableName = 'pedidos'
const deadArn = 'arn:aws:sqs:us-east-1:000000000000:dead'

/** Says what it got by a message to the queue `seen`, in order; a record that says `poison` fails it, one that says `bad` is reported. */
const reporting = `
  const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')
  const sqs = new SQSClient({})
  exports.handler = async ({ Records }) => {
    const MessageDeduplicationId = crypto.randomUUID()
    const message = { MessageBody: JSON.stringify(Records), MessageGroupId: 'seen', MessageDeduplicationId }
    await sqs.send(new SendMessageCommand({ QueueUrl: process.env.SEEN, ...message }))
    const says = (record, word) => JSON.stringify(record.dynamodb).includes(word)
    if (Records.some((record) => says(record, 'poison'))) throw new Error('poisoned')
    const failed = Records.filter((record) => says(record, 'bad'))
    return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.dynamodb.SequenceNumber })) }
  }`

async function prepared(igarape: Igarape, mapping: Partial<CreateEventSourceMappingCommandInput>) {
  const dynamodb = igarape.client(DynamoDBClient)
  const sqs = igarape.client(SQSClient)
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'n', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'n', KeyType: 'RANGE' },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  )
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }))
  const fifo = { QueueName: 'seen.fifo', Attributes: { FifoQueue: 'true' } }
  const seen = (await sqs.send(new CreateQueueCommand(fifo))).QueueUrl as string
  const dead = (await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }))).QueueUrl as string
  const settings = { Environment: { Variables: { SEEN: seen } }, MemorySize: 512, Timeout: 20 }
  await makeFunction(igarape, 'worker', reporting, settings)
  const begin = async () => {
    const { UUID } = await igarape.client(LambdaClient).send(
      new CreateEventSourceMappingCommand({
        FunctionName: 'worker',
        EventSourceArn: Table?.LatestStreamArn,
        StartingPosition: 'TRIM_HORIZON',
        ...mapping,
      }),
    )
    return UUID as string
  }
  return { seen, dead, begin, streamArn: Table?.LatestStreamArn as string }
}

function put(igarape: Igarape, id: string, n: number, texto = 'x') {
  const Item = { id: { S: id }, n: { N: String(n) }, texto: { S: texto } }
  return igarape.client(DynamoDBClient).send(new PutItemCommand({ TableName, Item }))
}

function putAll(igarape: Igarape, id: string, texts: readonly string[]) {
  const requests = texts.map((texto, n) => ({
    PutRequest: { Item: { id: { S: id }, n: { N: String(n) }, texto: { S: texto } } },
  }))
  return igarape.client(DynamoDBClient).send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }))
}

interface Seen {
  dynamodb: { Keys: { id: { S: string }; n: { N: string } }; SequenceNumber: string }
}

function messages(igarape: Igarape, QueueUrl: string): Promise<unknown[]> {
  return drainedQueue(igarape.client(SQSClient), QueueUrl)
}

/** Each batch that the function saw, by the sort keys in it. */
async function batches(igarape: Igarape, url: string): Promise<number[][]> {
  const found = (await messages(igarape, url)) as Seen[][]
  return found.map((batch) => batch.map((record) => Number(record.dynamodb.Keys.n.N)))
}

test('a function gets the records of a stream in order, in the shape of AWS', async ({ igarape }) => {
  const { seen, begin, streamArn } = await prepared(igarape, { BatchSize: 2 })
  await putAll(igarape, 'a', ['x', 'y', 'z'])
  const id = await begin()
  await igarape.settled()

  const found = (await messages(igarape, seen)) as Seen[][]
  expect(found.map((batch) => batch.length)).toEqual([2, 1])
  expect(found[0]?.[0]).toEqual({
    eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(igarape.clock.now().getTime() / 1000),
      Keys: { id: { S: 'a' }, n: { N: '0' } },
      NewImage: { id: { S: 'a' }, n: { N: '0' }, texto: { S: 'x' } },
      SequenceNumber: expect.stringMatching(/^\d{21}$/),
      SizeBytes: expect.any(Number),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    eventSourceARN: streamArn,
  })
  const mapping = await igarape.client(LambdaClient).send(new GetEventSourceMappingCommand({ UUID: id }))
  expect(mapping).toMatchObject({
    EventSourceArn: streamArn,
    StartingPosition: 'TRIM_HORIZON',
    LastProcessingResult: 'OK',
    ParallelizationFactor: 1,
    MaximumRetryAttempts: -1,
    MaximumRecordAgeInSeconds: -1,
    BisectBatchOnFunctionError: false,
  })
  await put(igarape, 'a', 9)
  await igarape.settled()
  expect(await batches(igarape, seen)).toEqual([[9]])
})

test('a mapping that begins at LATEST sees what comes after it, and what its filter lets through', async ({
  igarape,
}) => {
  const pattern = { eventName: ['INSERT'], dynamodb: { NewImage: { texto: { S: ['sim'] } } } }
  const FilterCriteria = { Filters: [{ Pattern: JSON.stringify(pattern) }] }
  const { seen, begin } = await prepared(igarape, { StartingPosition: 'LATEST', FilterCriteria })
  await putAll(igarape, 'a', ['sim'])
  await begin()

  await putAll(igarape, 'b', ['sim', 'nao', 'sim'])
  await igarape.settled()

  expect(await batches(igarape, seen)).toEqual([[0, 2]])
})

test('only the records from the first one reported on come again, and go to the dead letters in the end', async ({
  igarape,
}) => {
  const { seen, dead, begin, streamArn } = await prepared(igarape, {
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: deadArn } },
  })
  await putAll(igarape, 'a', ['ok', 'ok', 'bad', 'ok'])
  await begin()
  await igarape.settled()
  expect(await batches(igarape, seen)).toEqual([[0, 1, 2, 3]])

  await igarape.clock.advance({ minutes: 5 })

  expect(await batches(igarape, seen)).toEqual([[2, 3]])
  const [letter, ...others] = await messages(igarape, dead)
  expect(others).toEqual([])
  expect(letter).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST' },
    version: '1.0',
    DDBStreamBatchInfo: { batchSize: 2, streamArn, shardId: expect.stringMatching(/^shardId-/) },
  })
})

test('a batch that fails is split until the poisonous record stands alone', async ({ igarape }) => {
  const { seen, dead, begin } = await prepared(igarape, {
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: deadArn } },
  })
  await putAll(igarape, 'a', ['ok', 'ok', 'poison', 'ok'])
  await begin()
  await igarape.settled()

  expect(await batches(igarape, seen)).toEqual([[0, 1, 2, 3], [0, 1], [2, 3], [2], [3]])
  expect(await messages(igarape, dead)).toMatchObject([
    { DDBStreamBatchInfo: { batchSize: 1 }, requestContext: { condition: 'RetryAttemptsExhausted' } },
  ])
})

test('a record that fails holds up those behind it, until it is too old', async ({ igarape }) => {
  const { seen, begin } = await prepared(igarape, {
    BatchSize: 1,
    MaximumRecordAgeInSeconds: 60,
    DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::perdidos' } },
  })
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'perdidos' }))
  await put(igarape, 'a', 1, 'poison')
  const id = await begin()
  await igarape.clock.advance({ seconds: 50 })
  await put(igarape, 'a', 2)
  await igarape.settled()
  expect(new Set((await batches(igarape, seen)).flat())).toEqual(new Set([1]))

  await igarape.clock.advance({ minutes: 1 })

  expect((await batches(igarape, seen)).at(-1)).toEqual([2])
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'perdidos' }))
  const Key = Contents[0]?.Key as string
  expect(Key).toMatch(new RegExp(`^aws/lambda/${id}/shardId-[^/]+/\\d{4}/\\d\\d/\\d\\d/`))
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'perdidos', Key }))
  const letter = JSON.parse((await Body?.transformToString()) as string)
  expect(letter).toMatchObject({ requestContext: { condition: 'RecordAgeExceeded' } })
  expect(JSON.parse(letter.payload).Records[0].dynamodb.Keys).toEqual({ id: { S: 'a' }, n: { N: '1' } })
})

test('a window gathers records until its batch is full, or it ends', async ({ igarape }) => {
  const { seen, begin } = await prepared(igarape, { BatchSize: 3, MaximumBatchingWindowInSeconds: 60 })
  await begin()
  await put(igarape, 'a', 1)
  await igarape.settled()
  await igarape.clock.advance({ seconds: 20 })
  expect(await batches(igarape, seen)).toEqual([])
  await put(igarape, 'a', 2)
  await put(igarape, 'a', 3)
  await igarape.settled()
  expect(await batches(igarape, seen)).toEqual([[1, 2, 3]])

  await put(igarape, 'a', 4)
  await igarape.settled()
  expect(await batches(igarape, seen)).toEqual([])
  await igarape.clock.advance({ seconds: 61 })
  expect(await batches(igarape, seen)).toEqual([[4]])
})

test('lanes run beside each other, and the order of each item holds', async ({ igarape }) => {
  const { seen, begin } = await prepared(igarape, { ParallelizationFactor: 4, BatchSize: 5 })
  const id = await begin()
  const items = ['a', 'b', 'c', 'd', 'e', 'f']
  for (let n = 0; n < 6; n++) await Promise.all(items.map((item) => put(igarape, item, n)))
  await igarape.settled()
  await igarape.client(LambdaClient).send(new UpdateEventSourceMappingCommand({ UUID: id, ParallelizationFactor: 2 }))
  for (const item of items) await put(igarape, item, 6)
  await igarape.settled()

  const records = ((await messages(igarape, seen)) as Seen[][]).flat()
  for (const item of items) {
    const own = records.filter((record) => record.dynamodb.Keys.id.S === item)
    expect(own.map((record) => Number(record.dynamodb.Keys.n.N))).toEqual([0, 1, 2, 3, 4, 5, 6])
  }
})

test.for([
  [{ StartingPosition: undefined }, 'startingPosition'],
  [{ StartingPosition: 'AT_TIMESTAMP' as const }, 'Unsupported starting position'],
  [{ ScalingConfig: { MaximumConcurrency: 2 } }, 'Unsupported ScalingConfig parameter'],
  [{ EventSourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/x/stream/y' }, 'Stream not found'],
  [{ TumblingWindowInSeconds: 901 }, 'tumblingWindowInSeconds'],
] as const)('a mapping with %j is refused', async ([mapping, message], { igarape }) => {
  const { begin } = await prepared(igarape, mapping as never)

  await expect(begin()).rejects.toThrow(message)
})
