/** Backups, tables restored from them or to a moment, and exports, through the SDK. */
import { gunzipSync, gzipSync } from 'node:zlib'
import {
  CreateBackupCommand,
  DeleteBackupCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeBackupCommand,
  DescribeContinuousBackupsCommand,
  DescribeExportCommand,
  DescribeImportCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  ImportTableCommand,
  ListBackupsCommand,
  ListExportsCommand,
  ListImportsCommand,
  PutItemCommand,
  QueryCommand,
  RestoreTableFromBackupCommand,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { keyOf, withTable } from './fixture.ts'

const TableName = 'vendas'
const TargetTableName = 'de-novo'
const byDay = {
  AttributeDefinitions: [
    { AttributeName: 'loja', AttributeType: 'S' as const },
    { AttributeName: 'venda', AttributeType: 'N' as const },
    { AttributeName: 'dia', AttributeType: 'S' as const },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'porDia',
      KeySchema: [{ AttributeName: 'dia', KeyType: 'HASH' as const }],
      Projection: { ProjectionType: 'ALL' as const },
    },
  ],
}

function put(dynamodb: DynamoDBClient, venda: number, valor: string) {
  const Item = { ...keyOf('1', venda), valor: { S: valor }, dia: { S: 'seg' }, imagem: { B: new Uint8Array([1, 2]) } }
  return dynamodb.send(new PutItemCommand({ TableName, Item }))
}

/** What a table holds: sale, value. */
async function values(dynamodb: DynamoDBClient, name: string) {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: name }))
  return Items.map((item) => [Number(item.venda?.N), item.valor?.S])
}

function recoverable(dynamodb: DynamoDBClient, PointInTimeRecoveryEnabled = true) {
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled }
  return dynamodb.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }))
}

test('a backup has the items of its moment, though they change while it is made, and outlives its table', async ({
  igarape,
}) => {
  const dynamodb = await withTable(igarape, byDay)
  await Promise.all(Array.from({ length: 1200 }, (_, venda) => put(dynamodb, venda, 'antes')))
  const { BackupDetails } = await dynamodb.send(new CreateBackupCommand({ TableName, BackupName: 'noite' }))
  const BackupArn = BackupDetails?.BackupArn as string
  await Promise.all([
    put(dynamodb, 0, 'depois'),
    put(dynamodb, 1199, 'depois'),
    put(dynamodb, 5000, 'depois'),
    dynamodb.send(new DeleteItemCommand({ TableName, Key: keyOf('1', 600) })),
  ])
  await igarape.settled()
  const { BackupDescription } = await dynamodb.send(new DescribeBackupCommand({ BackupArn }))
  await dynamodb.send(new DeleteTableCommand({ TableName }))

  await dynamodb.send(new RestoreTableFromBackupCommand({ BackupArn, TargetTableName }))
  await igarape.settled()

  expect(BackupDescription?.BackupDetails).toMatchObject({ BackupStatus: 'AVAILABLE', BackupName: 'noite' })
  expect(BackupDescription?.SourceTableDetails).toMatchObject({ TableName, ItemCount: 1200 })
  const found = await values(dynamodb, TargetTableName)
  expect(found).toEqual(Array.from({ length: 1200 }, (_, venda) => [venda, 'antes']))
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: TargetTableName }))
  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    RestoreSummary: { SourceBackupArn: BackupArn, RestoreInProgress: false },
  })
  const query = { KeyConditionExpression: 'dia = :d', ExpressionAttributeValues: { ':d': { S: 'seg' } } }
  const ofDay = new QueryCommand({ TableName: TargetTableName, IndexName: 'porDia', Select: 'COUNT', ...query })
  expect((await dynamodb.send(ofDay)).Count).toBe(1200)
  expect((await dynamodb.send(new ListBackupsCommand({ TableName }))).BackupSummaries).toHaveLength(1)
  await dynamodb.send(new DeleteBackupCommand({ BackupArn }))
  await expect(dynamodb.send(new DescribeBackupCommand({ BackupArn }))).rejects.toMatchObject({
    name: 'BackupNotFoundException',
  })
})

test('a table is restored to any moment since recovery was switched on', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  await put(dynamodb, 1, 'a')
  const restoreTo = (RestoreDateTime: Date, target = TargetTableName) =>
    dynamodb.send(
      new RestoreTableToPointInTimeCommand({ SourceTableName: TableName, TargetTableName: target, RestoreDateTime }),
    )
  const longAgo = new Date(igarape.clock.now().getTime() - 1000)
  await expect(restoreTo(longAgo)).rejects.toMatchObject({ name: 'PointInTimeRecoveryUnavailableException' })
  await recoverable(dynamodb)
  await igarape.clock.advance({ minutes: 1 })
  await put(dynamodb, 2, 'b')
  await igarape.clock.advance({ minutes: 1 })
  const moment = new Date(Math.floor(igarape.clock.now().getTime() / 1000) * 1000)
  await igarape.clock.advance({ minutes: 1 })
  await put(dynamodb, 1, 'z')
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: keyOf('1', 2) }))
  await put(dynamodb, 3, 'c')
  await put(dynamodb, 1, 'zz')

  await restoreTo(moment)
  const latest = { SourceTableName: TableName, TargetTableName: 'agora', UseLatestRestorableTime: true }
  await dynamodb.send(new RestoreTableToPointInTimeCommand(latest))
  await igarape.settled()

  expect(await values(dynamodb, TargetTableName)).toEqual([
    [1, 'a'],
    [2, 'b'],
  ])
  expect(await values(dynamodb, 'agora')).toEqual(await values(dynamodb, TableName))
  await expect(restoreTo(longAgo, 'outra')).rejects.toMatchObject({ name: 'InvalidRestoreTimeException' })
  await expect(restoreTo(moment)).rejects.toMatchObject({ name: 'TableAlreadyExistsException' })
})

test('recovery reaches back as many days as it is asked to, on the clock', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const described = async () => {
    const { ContinuousBackupsDescription } = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }))
    return ContinuousBackupsDescription
  }
  expect(await described()).toEqual({
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
  })
  await recoverable(dynamodb)
  await put(dynamodb, 1, 'a')

  await igarape.clock.advance({ days: 40 })

  const recovery = (await described())?.PointInTimeRecoveryDescription
  expect(recovery).toMatchObject({ PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 35 })
  const earliest = recovery?.EarliestRestorableDateTime?.getTime() as number
  expect(igarape.clock.now().getTime() - earliest).toBeLessThan(35 * 86_400_000 + 1000)
  await recoverable(dynamodb, false)
  expect((await described())?.PointInTimeRecoveryDescription).toEqual({ PointInTimeRecoveryStatus: 'DISABLED' })
})

async function putObject(igarape: Igarape, Key: string, Body: string | Uint8Array) {
  await igarape.client(S3Client).send(new PutObjectCommand({ Bucket: 'lago', Key, Body }))
}

test('a table is imported from the files of an export, and from CSV', async ({ igarape }) => {
  await igarape.client(S3Client).send(new CreateBucketCommand({ Bucket: 'lago' }))
  const dynamodb = igarape.client(DynamoDBClient)
  const item = { ...keyOf('1', 1), imagem: { B: 'AQI=' }, m: { M: { n: { N: '5' } } } }
  await putObject(igarape, 'json/a.json.gz', gzipSync(`${JSON.stringify({ Item: item })}\n{"Item": 5}\n\n`))
  await putObject(igarape, 'json/b.json.gz', gzipSync(JSON.stringify({ Item: keyOf('2', 2) })))
  await putObject(igarape, 'csv/a.csv', 'loja,venda,texto\r\n1,10,"um, ""dois""\ntrês"\r\n2,x,y\r\n3,30,\r\n')
  const begin = async (name: string, source: string, more: object) => {
    const { ImportTableDescription } = await dynamodb.send(
      new ImportTableCommand({
        S3BucketSource: { S3Bucket: source === 'nada' ? 'nao-ha' : 'lago', S3KeyPrefix: `${source}/` },
        TableCreationParameters: {
          TableName: name,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: byDay.AttributeDefinitions.slice(0, 2),
          KeySchema: [
            { AttributeName: 'loja', KeyType: 'HASH' },
            { AttributeName: 'venda', KeyType: 'RANGE' },
          ],
        },
        InputFormat: 'DYNAMODB_JSON',
        ...more,
      }),
    )
    await igarape.settled()
    const ImportArn = ImportTableDescription?.ImportArn
    return (await dynamodb.send(new DescribeImportCommand({ ImportArn }))).ImportTableDescription
  }

  const json = await begin('de-json', 'json', { InputCompressionType: 'GZIP' })
  const csv = await begin('de-csv', 'csv', { InputFormat: 'CSV' })
  const none = await begin('de-nada', 'nada', {})

  expect(json).toMatchObject({ ImportStatus: 'COMPLETED', ImportedItemCount: 2, ErrorCount: 1 })
  expect(csv).toMatchObject({ ImportStatus: 'COMPLETED', ProcessedItemCount: 3, ImportedItemCount: 2, ErrorCount: 1 })
  expect(none).toMatchObject({ ImportStatus: 'FAILED', FailureCode: 'S3NoSuchBucket' })
  const scan = async (name: string) => (await dynamodb.send(new ScanCommand({ TableName: name }))).Items
  expect(await scan('de-json')).toEqual([{ ...item, imagem: { B: new Uint8Array([1, 2]) } }, keyOf('2', 2)])
  expect(await scan('de-csv')).toEqual([{ ...keyOf('1', 10), texto: { S: 'um, "dois"\ntrês' } }, keyOf('3', 30)])
  expect((await dynamodb.send(new ListImportsCommand({}))).ImportSummaryList).toHaveLength(3)
})

async function objects(igarape: Igarape, Prefix: string) {
  const s3 = igarape.client(S3Client)
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'lago', Prefix }))
  const bodies = Contents.map(async ({ Key = '' }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'lago', Key }))
    const bytes = Buffer.from((await Body?.transformToByteArray()) as Uint8Array)
    return [Key, (Key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()] as const
  })
  return new Map(await Promise.all(bodies))
}

test('an export is the table at a moment, as lines of JSON with manifests', async ({ igarape }) => {
  await igarape.client(S3Client).send(new CreateBucketCommand({ Bucket: 'lago' }))
  const dynamodb = await withTable(igarape)
  await recoverable(dynamodb)
  await put(dynamodb, 1, 'a')
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }))
  const TableArn = Table?.TableArn as string
  const ExportTime = new Date(Math.ceil(igarape.clock.now().getTime() / 1000) * 1000)
  await igarape.clock.advance({ minutes: 1 })
  await put(dynamodb, 1, 'depois')

  const { ExportDescription } = await dynamodb.send(
    new ExportTableToPointInTimeCommand({ TableArn, S3Bucket: 'lago', S3Prefix: 'saida', ExportTime }),
  )
  await igarape.settled()

  const ExportArn = ExportDescription?.ExportArn as string
  const done = (await dynamodb.send(new DescribeExportCommand({ ExportArn }))).ExportDescription
  const files = await objects(igarape, 'saida/')
  const summary = JSON.parse(files.get(done?.ExportManifest as string) as string)
  const manifest = JSON.parse(files.get(summary.manifestFilesS3Key) as string)
  expect(ExportDescription?.ExportStatus).toBe('IN_PROGRESS')
  expect(done).toMatchObject({ ExportStatus: 'COMPLETED', ItemCount: 1, ExportFormat: 'DYNAMODB_JSON' })
  expect(summary).toMatchObject({ exportArn: ExportArn, itemCount: 1, outputFormat: 'DYNAMODB_JSON' })
  expect(JSON.parse(files.get(manifest.dataFileS3Key) as string)).toEqual({
    Item: { ...keyOf('1', 1), valor: { S: 'a' }, dia: { S: 'seg' }, imagem: { B: 'AQI=' } },
  })
  const refused = dynamodb.send(
    new ExportTableToPointInTimeCommand({ TableArn, S3Bucket: 'lago', ExportFormat: 'ION' }),
  )
  await expect(refused).rejects.toMatchObject({ name: 'NotImplemented' })
  await dynamodb.send(new ExportTableToPointInTimeCommand({ TableArn, S3Bucket: 'nao-ha' }))
  await igarape.settled()
  const { ExportSummaries = [] } = await dynamodb.send(new ListExportsCommand({ TableArn }))
  expect(ExportSummaries.map(({ ExportStatus }) => ExportStatus).sort()).toEqual(['COMPLETED', 'FAILED'])
})
