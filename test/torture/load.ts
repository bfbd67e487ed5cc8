/**
 * What the torture of a real process adds to the simulation's writes: bodies that are files, uploads in parts, deletions,
 * topics, logs and tables. Each says how to see afterwards that it stood.
 */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { CreateDatabaseCommand, CreateTableCommand, GetTablesCommand, GlueClient } from '@aws-sdk/client-glue'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { idsIn, type Played, queueArn } from './world.ts'

const bucket = 'torture'
const topicArn = 'arn:aws:sns:us-east-1:000000000000:vendas'
const fileBytes = 300_000
const partBytes = 5 * 2 ** 20

export async function buildLoad(server: Played): Promise<void> {
  await server.client(S3Client).send(new CreateBucketCommand({ Bucket: bucket }))
  await server.client(SNSClient).send(new CreateTopicCommand({ Name: 'vendas' }))
  await server.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'published' }))
  await server
    .client(SNSClient)
    .send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn('published') }))
  const logs = server.client(CloudWatchLogsClient)
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'vendas' }))
  await logs.send(new CreateLogStreamCommand({ logGroupName: 'vendas', logStreamName: 'loja' }))
  await server.client(GlueClient).send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'vendas' } }))
}

/** Bytes that only this id has, so that half an object cannot pass for a whole one. */
function bytesOf(id: string, length: number): Buffer {
  return Buffer.alloc(length, `${id};`)
}

const put = (server: Played, Key: string, Body: Buffer) =>
  server.client(S3Client).send(new PutObjectCommand({ Bucket: bucket, Key, Body }))

/** By kind: does one write, and resolves only when it was acknowledged. */
export const load: Record<string, (server: Played, id: string) => Promise<unknown>> = {
  file: (server, id) => put(server, `file/${id}`, bytesOf(id, fileBytes)),

  async parts(server, id) {
    const s3 = server.client(S3Client)
    const place = { Bucket: bucket, Key: `parts/${id}` }
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(place))
    const whole = bytesOf(id, partBytes + 1000)
    const Parts = await Promise.all(
      [whole.subarray(0, partBytes), whole.subarray(partBytes)].map(async (Body, at) => {
        const { ETag } = await s3.send(new UploadPartCommand({ ...place, UploadId, PartNumber: at + 1, Body }))
        return { ETag, PartNumber: at + 1 }
      }),
    )
    await s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }))
  },

  async deleted(server, id) {
    await put(server, `deleted/${id}`, bytesOf(id, 100))
    await server.client(S3Client).send(new DeleteObjectCommand({ Bucket: bucket, Key: `deleted/${id}` }))
  },

  published: (server, id) =>
    server.client(SNSClient).send(new PublishCommand({ TopicArn: topicArn, Message: `<${id}>` })),

  logged: (server, id) =>
    server.client(CloudWatchLogsClient).send(
      new PutLogEventsCommand({
        logGroupName: 'vendas',
        logStreamName: 'loja',
        logEvents: [{ timestamp: Date.now(), message: id }],
      }),
    ),

  table: (server, id) =>
    server
      .client(GlueClient)
      .send(new CreateTableCommand({ DatabaseName: 'vendas', TableInput: { Name: id.toLowerCase() } })),
}

/** What there is of each kind, by id. A thing that is there in part only is told in `broken`. */
export async function findLoad(
  server: Played,
): Promise<{ found: Record<string, Map<string, number>>; broken: string[] }> {
  const keys = await listKeys(server)
  const broken: string[] = []
  const whole = async (kind: string, length: number) => {
    const ids = keys.filter((key) => key.startsWith(`${kind}/`)).map((key) => key.slice(kind.length + 1))
    for (const id of ids) {
      const { Body } = await server
        .client(S3Client)
        .send(new GetObjectCommand({ Bucket: bucket, Key: `${kind}/${id}` }))
      const bytes = Buffer.from((await Body?.transformToByteArray()) ?? [])
      if (!bytes.equals(bytesOf(id, length))) broken.push(`${kind}/${id}`)
    }
    return counted(ids)
  }
  const found = {
    file: await whole('file', fileBytes),
    parts: await whole('parts', partBytes + 1000),
    published: await idsIn(server, 'published'),
    logged: counted(await loggedIds(server)),
    table: counted(await tableNames(server)),
  }
  return { found, broken }
}

function counted(ids: string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

/** What was deleted and is there again. */
export async function findDeleted(server: Played): Promise<Set<string>> {
  const keys = await listKeys(server)
  return new Set(keys.filter((key) => key.startsWith('deleted/')).map((key) => key.slice('deleted/'.length)))
}

async function listKeys(server: Played): Promise<string[]> {
  const keys: string[] = []
  let ContinuationToken: string | undefined
  do {
    const page = await server.client(S3Client).send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken }))
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key as string))
    ContinuationToken = page.NextContinuationToken
  } while (ContinuationToken)
  return keys
}

async function loggedIds(server: Played): Promise<string[]> {
  const ids: string[] = []
  let nextToken: string | undefined
  do {
    const page = await server
      .client(CloudWatchLogsClient)
      .send(new FilterLogEventsCommand({ logGroupName: 'vendas', nextToken }))
    ids.push(...(page.events ?? []).map(({ message }) => message as string))
    nextToken = page.nextToken
  } while (nextToken)
  return ids
}

async function tableNames(server: Played): Promise<string[]> {
  const names: string[] = []
  let NextToken: string | undefined
  do {
    const page = await server.client(GlueClient).send(new GetTablesCommand({ DatabaseName: 'vendas', NextToken }))
    names.push(...(page.TableList ?? []).map(({ Name }) => Name as string))
    NextToken = page.NextToken
  } while (NextToken)
  return names
}
