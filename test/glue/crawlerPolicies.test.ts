/** What a crawler does when it comes again: its schema change policy, new folders, events, schedules, stops. */
import {
  CreateClassifierCommand,
  DeleteCrawlerCommand,
  GetCrawlerCommand,
  GetPartitionsCommand,
  GetTableVersionsCommand,
  ListCrawlsCommand,
  StartCrawlerCommand,
  StopCrawlerCommand,
  StopCrawlerScheduleCommand,
  UpdateCrawlerCommand,
} from '@aws-sdk/client-glue'
import { PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { columnsOf, type FileLake, lakeOfFiles } from './lakeOfFiles.ts'

const day = (value: number, more = '') => `id,total${more && ',loja'}\n${value},1.5${more}\n${value + 1},2.5${more}\n`
const place = { DatabaseName: 'lago', TableName: 'dias' }

async function values(lake: FileLake): Promise<string[]> {
  const { Partitions } = await lake.glue.send(new GetPartitionsCommand(place))
  return (Partitions ?? []).map(({ Values }) => Values?.join('/') ?? '')
}

async function lastSummary(lake: FileLake) {
  const { Crawls } = await lake.glue.send(new ListCrawlsCommand({ CrawlerName: 'rastreador' }))
  const { TABLE, PARTITION } = JSON.parse(Crawls?.[0]?.Summary ?? '{}')
  const counts = (kind: Record<string, { COUNT: number }>) => Object.values(kind).map(({ COUNT }) => COUNT)
  return { tables: counts(TABLE), partitions: counts(PARTITION) }
}

test('a second crawl changes nothing where nothing changed, and adds what is new', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'dias/d=1/a.csv': day(1), 'dias/d=2/a.csv': day(3) })
  await lake.crawl('dias/')
  await lake.again()
  expect(await lastSummary(lake)).toEqual({ tables: [0, 0, 0], partitions: [0, 0, 0] })

  await lake.put({ 'dias/d=3/a.csv': day(5, ',norte') })
  await lake.again()

  expect(await lastSummary(lake)).toEqual({ tables: [0, 1, 0], partitions: [1, 0, 0] })
  expect(columnsOf(await lake.table('dias'))).toEqual(['id bigint', 'total double', 'loja string'])
  const { TableVersions } = await lake.glue.send(new GetTableVersionsCommand(place))
  expect(TableVersions?.map(({ VersionId }) => VersionId)).toEqual(['1', '0'])
})

test('with the policy LOG a schema stays, and new partitions come all the same', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'dias/d=1/a.csv': day(1) })
  await lake.crawl('dias/', { SchemaChangePolicy: { UpdateBehavior: 'LOG', DeleteBehavior: 'LOG' } })
  await lake.put({ 'dias/d=2/a.csv': day(3, ',norte') })
  await lake.again()

  expect(columnsOf(await lake.table('dias'))).toEqual(['id bigint', 'total double'])
  expect(await values(lake)).toEqual(['1', '2'])
})

test('what is gone is deprecated, or deleted', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, {
    'dias/d=1/a.csv': day(1),
    'dias/d=2/a.csv': day(3),
    'outra/x.json': '{"x":1}\n',
  })
  await lake.crawl('', { Targets: { S3Targets: [{ Path: 's3://lago/dias/' }, { Path: 's3://lago/outra/' }] } })
  await lake.remove('outra/x.json', 'dias/d=2/a.csv')
  await lake.again()
  expect((await lake.table('outra')).Parameters?.DEPRECATED_BY_CRAWLER).toMatch(/^\d+$/)
  expect(await values(lake)).toEqual(['1', '2'])

  const SchemaChangePolicy = { DeleteBehavior: 'DELETE_FROM_DATABASE' as const }
  await lake.glue.send(new UpdateCrawlerCommand({ Name: 'rastreador', SchemaChangePolicy }))
  await lake.again()

  expect(await lake.tables()).toEqual(['dias'])
  expect(await values(lake)).toEqual(['1'])
})

test('columns that are merged are never taken away, and partitions inherit them', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'dias/d=1/a.csv': day(1, ',norte') })
  const Configuration = JSON.stringify({
    Version: 1.0,
    CrawlerOutput: {
      Tables: { AddOrUpdateBehavior: 'MergeNewColumns' },
      Partitions: { AddOrUpdateBehavior: 'InheritFromTable' },
    },
  })
  await lake.crawl('dias/', { Configuration })
  await lake.put({ 'dias/d=1/a.csv': day(1), 'dias/d=2/a.csv': day(1) })
  await lake.again()

  expect(columnsOf(await lake.table('dias'))).toEqual(['id bigint', 'total double', 'loja string'])
  const { Partitions } = await lake.glue.send(new GetPartitionsCommand(place))
  expect(Partitions?.[1]?.StorageDescriptor?.Columns?.map(({ Name }) => Name)).toEqual(['id', 'total', 'loja'])
})

test('a crawler of new folders leaves alone what it knows', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'dias/d=1/a.csv': day(1), 'dias/d=2/a.csv': day(1) })
  const RecrawlPolicy = { RecrawlBehavior: 'CRAWL_NEW_FOLDERS_ONLY' as const }
  await expect(lake.crawl('dias/', { RecrawlPolicy })).rejects.toMatchObject({ name: 'InvalidInputException' })
  await lake.crawl('dias/', { RecrawlPolicy, SchemaChangePolicy: { UpdateBehavior: 'LOG', DeleteBehavior: 'LOG' } })
  await lake.put({ 'dias/d=2/b.csv': '{"other": true}', 'dias/d=3/a.csv': day(7) })
  await lake.again()

  expect(await values(lake)).toEqual(['1', '2', '3'])
  expect(await lake.tables()).toEqual(['dias'])
})

test('a crawler of events reads the folders that a queue tells of', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'dias/d=1/a.csv': day(1), 'dias/d=2/a.csv': day(1) })
  const sqs = igarape.client(SQSClient)
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'chegadas' }))
  const QueueArn = 'arn:aws:sqs:us-east-1:000000000000:chegadas'
  const S3Targets = [{ Path: 's3://lago/dias/', EventQueueArn: QueueArn }]
  await lake.crawl('', {
    Targets: { S3Targets },
    RecrawlPolicy: { RecrawlBehavior: 'CRAWL_EVENT_MODE' },
    SchemaChangePolicy: { DeleteBehavior: 'DELETE_FROM_DATABASE' },
  })
  const Events = ['s3:ObjectCreated:*' as const, 's3:ObjectRemoved:*' as const]
  const NotificationConfiguration = { QueueConfigurations: [{ QueueArn, Events }] }
  await igarape
    .client(S3Client)
    .send(new PutBucketNotificationConfigurationCommand({ Bucket: 'lago', NotificationConfiguration }))
  await lake.put({ 'dias/d=3/com espaço.csv': day(9) })
  await lake.remove('dias/d=1/a.csv')
  await lake.again()

  expect(await values(lake)).toEqual(['2', '3'])
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  )
  expect(Object.values(Attributes ?? {})).toEqual(['0', '0'])
})

test('a schedule starts a crawler at its times until it is stopped', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'dias/a.csv': day(1) })
  await lake.crawl('dias/', { Schedule: 'cron(0 * * * ? *)' })
  const crawls = async () => {
    await igarape.settled()
    const { Crawls = [] } = await lake.glue.send(new ListCrawlsCommand({ CrawlerName: 'rastreador' }))
    return Crawls.length
  }

  await igarape.clock.advance({ hours: 2 })
  expect(await crawls()).toBe(3)
  await lake.glue.send(new StopCrawlerScheduleCommand({ CrawlerName: 'rastreador' }))
  await igarape.clock.advance({ hours: 2 })
  expect(await crawls()).toBe(3)
  const { Crawler } = await lake.glue.send(new GetCrawlerCommand({ Name: 'rastreador' }))
  expect(Crawler?.Schedule).toEqual({ ScheduleExpression: 'cron(0 * * * ? *)', State: 'NOT_SCHEDULED' })
})

test('a crawl that is stopped ends as cancelled', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'dias/a.csv': day(1) })
  await lake.crawl('dias/')
  const idle = lake.glue.send(new StopCrawlerCommand({ Name: 'rastreador' }))
  await expect(idle).rejects.toMatchObject({ name: 'CrawlerNotRunningException' })

  await lake.glue.send(new StartCrawlerCommand({ Name: 'rastreador' }))
  const stopped = await lake.glue.send(new StopCrawlerCommand({ Name: 'rastreador' })).then(
    () => true,
    () => false,
  )
  await igarape.settled()

  const { Crawler } = await lake.glue.send(new GetCrawlerCommand({ Name: 'rastreador' }))
  expect(Crawler).toMatchObject({ State: 'READY', LastCrawl: { Status: stopped ? 'CANCELLED' : 'SUCCEEDED' } })
  await lake.glue.send(new DeleteCrawlerCommand({ Name: 'rastreador' }))
})

test("a crawler's own classifiers come first", async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'dias/a.csv': 'x#y\nz#w\n', 'quoted/a.csv': 'id,texto\n1,"a,b"\n2,"c"\n' })
  const CsvClassifier = { Name: 'cerquilha', Delimiter: '#', Header: ['um', 'dois'], ContainsHeader: 'ABSENT' as const }
  await lake.glue.send(new CreateClassifierCommand({ CsvClassifier }))
  const OpenCsv = {
    Name: 'aspas',
    Serde: 'OpenCSVSerDe' as const,
    CustomDatatypeConfigured: true,
    CustomDatatypes: ['STRING'],
  }
  await lake.glue.send(new CreateClassifierCommand({ CsvClassifier: { ...OpenCsv, ContainsHeader: 'PRESENT' } }))

  await lake.crawl('dias/', { Classifiers: ['cerquilha'] })
  await lake.crawl('quoted/', {
    Name: 'aspas',
    Classifiers: ['aspas'],
    Targets: { S3Targets: [{ Path: 's3://lago/quoted/' }] },
  })

  expect(columnsOf(await lake.table('dias'))).toEqual(['um string', 'dois string'])
  expect(await lake.query('SELECT um, dois FROM dias ORDER BY 1')).toEqual([
    ['x', 'y'],
    ['z', 'w'],
  ])
  expect(await lake.query('SELECT id, texto FROM quoted ORDER BY 1')).toEqual([
    ['1', 'a,b'],
    ['2', 'c'],
  ])
})
