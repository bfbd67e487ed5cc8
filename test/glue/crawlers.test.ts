/** Crawlers read the files of a lake, and what they write into the Catalog Athena can query at once. */
import { gzipSync } from 'node:zlib'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  GetCrawlerCommand,
  GetCrawlerMetricsCommand,
  GetPartitionsCommand,
  ListCrawlsCommand,
  StartCrawlerCommand,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { columnsOf, lakeOfFiles } from './lakeOfFiles.ts'

const sales = `produto_id,valor,data,quantidade,ativo
P-1,10.50,2025-10-20,3,true
P-2,7.25,2025-10-20,1,false
P-3,,2025-10-20,12345678901,true
`

test('a CSV of sales becomes a table with types, which Athena reads', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'vendas/loja-123_2025-10-20.csv': sales })

  await lake.crawl('vendas/', { TablePrefix: 'bruto_' })

  const table = await lake.table('bruto_vendas')
  expect(columnsOf(table)).toEqual([
    'produto_id string',
    'valor double',
    'data string',
    'quantidade bigint',
    'ativo boolean',
  ])
  expect(table.StorageDescriptor).toMatchObject({
    Location: 's3://lago/vendas/',
    InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
    SerdeInfo: {
      SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
      Parameters: { 'field.delim': ',' },
    },
  })
  expect(table.Parameters).toEqual({
    CrawlerSchemaDeserializerVersion: '1.0',
    CrawlerSchemaSerializerVersion: '1.0',
    UPDATED_BY_CRAWLER: 'rastreador',
    areColumnsQuoted: 'false',
    averageRecordSize: String(Math.floor(sales.length / 3)),
    classification: 'csv',
    columnsOrdered: 'true',
    compressionType: 'none',
    delimiter: ',',
    objectCount: '1',
    recordCount: '3',
    sizeKey: String(sales.length),
    'skip.header.line.count': '1',
    typeOfData: 'file',
  })
  expect(await lake.query('SELECT produto_id, valor, quantidade, ativo FROM bruto_vendas ORDER BY 1')).toEqual([
    ['P-1', '10.5', '3', 'true'],
    ['P-2', '7.25', '1', 'false'],
    ['P-3', undefined, '12345678901', 'true'],
  ])
})

test('JSON logs become nested columns, packed or not', async ({ igarape }) => {
  const line = { timestamp: '2025-10-20T10:00:00Z', level: 'ERROR', user: { id: 7, Nome: 'Ana' }, tags: ['a', 'b'] }
  const other = { timestamp: '2025-10-20T10:00:01Z', level: 'INFO', ms: 1.0, user: { id: 5_000_000_000 } }
  const lake = await lakeOfFiles(igarape, {
    'logs/app.log-1.json.gz': gzipSync(`${JSON.stringify(line)}\n`),
    'logs/app.log-2.json.gz': gzipSync(`${JSON.stringify(other).replace('"ms":1', '"ms":1.0')}\n`),
  })

  await lake.crawl('logs')

  const table = await lake.table('logs')
  expect(columnsOf(table)).toEqual([
    'timestamp string',
    'level string',
    'user struct<id:bigint,Nome:string>',
    'tags array<string>',
    'ms double',
  ])
  expect(table.Parameters).toMatchObject({ classification: 'json', compressionType: 'gzip', objectCount: '2' })
  expect(table.StorageDescriptor?.SerdeInfo?.Parameters).toEqual({ paths: 'level,ms,tags,timestamp,user' })
  expect(await lake.query('SELECT level, user.id, user.nome, cardinality(tags) FROM logs ORDER BY 1')).toEqual([
    ['ERROR', '7', 'Ana', '2'],
    ['INFO', '5000000000', undefined, undefined],
  ])
})

test('folders become partitions, by their names or by number', async ({ igarape }) => {
  const day = (value: number) => `id,total\n${value},${value}.5\n${value + 1},2.5\n`
  const lake = await lakeOfFiles(igarape, {
    'dias/year=2025/Month=10/a.csv': day(1),
    'dias/year=2025/Month=11/a.csv': day(3),
    'lojas/norte/manaus/a.csv': day(1),
    'lojas/sul/curitiba/a.csv': day(5),
  })

  await lake.crawl('dias/')
  await lake.crawl('lojas/', { Name: 'lojas', TablePrefix: 'por_' })

  expect((await lake.table('dias')).PartitionKeys).toMatchObject([{ Name: 'year', Type: 'string' }, { Name: 'month' }])
  expect((await lake.table('por_lojas')).PartitionKeys?.map(({ Name }) => Name)).toEqual(['partition_0', 'partition_1'])
  const { Partitions } = await lake.glue.send(new GetPartitionsCommand({ DatabaseName: 'lago', TableName: 'dias' }))
  expect(Partitions?.map(({ Values, StorageDescriptor }) => [Values, StorageDescriptor?.Location])).toEqual([
    [['2025', '10'], 's3://lago/dias/year=2025/Month=10/'],
    [['2025', '11'], 's3://lago/dias/year=2025/Month=11/'],
  ])
  expect(await lake.query("SELECT id, total FROM dias WHERE month = '11' ORDER BY id")).toEqual([
    ['3', '3.5'],
    ['4', '2.5'],
  ])
  expect(await lake.query('SELECT partition_1, count(*) FROM por_lojas GROUP BY 1 ORDER BY 1')).toEqual([
    ['curitiba', '2'],
    ['manaus', '2'],
  ])
})

test('partitioned Parquet is read by its footers', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, {})
  await lake.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lago' } }))
  await lake.query(
    "CREATE TABLE origem WITH (format = 'PARQUET', external_location = 's3://lago/parquet/', partitioned_by = ARRAY['dia']) AS SELECT * FROM (VALUES (1, DECIMAL '1.50', ROW('x', 1.0e0), '2025-10-20'), (2, DECIMAL '2.50', ROW('y', 2.0e0), '2025-10-21')) AS t (id, preco, par, dia)",
  )

  await lake.query('DROP TABLE origem')

  await lake.crawl('parquet/', { TablePrefix: 'lido_' })

  const table = await lake.table('lido_parquet')
  expect(columnsOf(table)).toEqual(['id int', 'preco decimal(3,2)', 'par struct<field0:string,field1:double>'])
  expect(table.Parameters).toMatchObject({ classification: 'parquet', recordCount: '2', objectCount: '2' })
  expect(await lake.query("SELECT preco, par.field0, dia FROM lido_parquet WHERE dia = '2025-10-21'")).toEqual([
    ['2.50', 'y', '2025-10-21'],
  ])
})

test('files of different schemas are tables of their own', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, {
    'misto/a.csv': 'id,nome\n1,Ana\n2,Bia\n',
    'misto/b.json': '{"x": 1}\n{"x": 2}\n',
    'misto/_temporario': 'a,b\n1,2\n',
    'misto/fora/c.csv': 'p,q,r\n1,2,3\n4,5,6\n',
    'misto/c.tmp': 'k,l\n1,2\n3,4\n',
  })

  await lake.crawl('misto/', {
    Targets: { S3Targets: [{ Path: 's3://lago/misto/', Exclusions: ['fora/**', '*.tmp'] }] },
  })

  expect(await lake.tables()).toEqual(['a_csv', 'b_json'])
})

test('a crawl has its history, its metrics and its log', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'vendas/a.csv': sales })
  await lake.crawl('vendas/')
  await lake.crawl('nada', { Name: 'perdido', Targets: { S3Targets: [{ Path: 's3://nao-existe/' }] } })

  const { Crawls } = await lake.glue.send(new ListCrawlsCommand({ CrawlerName: 'rastreador' }))
  const { Crawler } = await lake.glue.send(new GetCrawlerCommand({ Name: 'perdido' }))
  const metrics = await lake.glue.send(new GetCrawlerMetricsCommand({ CrawlerNameList: ['rastreador'] }))
  const { events } = await igarape
    .client(CloudWatchLogsClient)
    .send(new FilterLogEventsCommand({ logGroupName: '/aws-glue/crawlers', logStreamNames: ['rastreador'] }))

  expect(Crawls).toMatchObject([{ State: 'COMPLETED', LogGroup: '/aws-glue/crawlers', LogStream: 'rastreador' }])
  expect(JSON.parse(Crawls?.[0]?.Summary ?? '')).toMatchObject({ TABLE: { ADD: { COUNT: 1, NAMES: ['vendas'] } } })
  expect(metrics.CrawlerMetricsList).toMatchObject([{ TablesCreated: 1, TablesUpdated: 0, StillEstimating: false }])
  expect(Crawler).toMatchObject({
    State: 'READY',
    LastCrawl: { Status: 'FAILED', ErrorMessage: 'The specified bucket does not exist' },
  })
  expect(events?.map(({ message }) => message?.replace(/^\[[^\]]+\] /, ''))).toContain(
    'INFO : Created table vendas in database lago',
  )
})

test('a crawler that is not there, runs, or has targets of another world is refused by name', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'vendas/a.csv': sales })
  await lake.crawl('vendas/')
  const missing = lake.glue.send(new StartCrawlerCommand({ Name: 'outro' }))
  await expect(missing).rejects.toMatchObject({
    name: 'EntityNotFoundException',
    message: 'Crawler with name outro does not exist',
  })
  const Targets = { MongoDBTargets: [{ ConnectionName: 'banco', Path: 'loja/%' }] }
  const mongo = lake.glue.send(new CreateCrawlerCommand({ Name: 'mongo', Role: 'glue', Targets }))
  await expect(mongo).rejects.toMatchObject({
    name: 'NotImplemented',
    message: 'glue: a crawler with MongoDBTargets is not implemented by Igarapé.',
  })
})
