/** Crawlers over other formats and other stores, what they tell the bus, and what templates make of them. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateClassifierCommand,
  CreateDatabaseCommand,
  CreateTableCommand as CreateGlueTableCommand,
  GetClassifierCommand,
  GetCrawlerCommand,
  GetCrawlersCommand,
  GetPartitionsCommand,
  GetTagsCommand,
} from '@aws-sdk/client-glue'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { columnsOf, lakeOfFiles } from './lakeOfFiles.ts'

test('ORC is read by its footer, and Athena reads the table', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, {})
  await lake.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lago' } }))
  await lake.query(
    "CREATE TABLE origem WITH (format = 'ORC', external_location = 's3://lago/orc/') AS SELECT 1 AS id, 'a' AS nome, ARRAY[1.5e0] AS notas",
  )
  await lake.query('DROP TABLE origem')

  await lake.crawl('orc/')

  const table = await lake.table('orc')
  expect(columnsOf(table)).toEqual(['id int', 'nome string', 'notas array<double>'])
  expect(table.Parameters).toMatchObject({ classification: 'orc', recordCount: '1' })
  expect(await lake.query('SELECT id, nome, notas[1] FROM orc')).toEqual([['1', 'a', '1.5']])
})

test('Avro is read by its header, and Athena reads the table', async ({ igarape }) => {
  const schema = JSON.stringify({
    type: 'record',
    name: 'venda',
    fields: [
      { name: 'Id', type: 'long' },
      { name: 'nome', type: ['null', 'string'] },
    ],
  })
  const text = (value: string) => [value.length * 2, ...Buffer.from(value)]
  const long = (value: number) => (value < 64 ? [value * 2] : [((value * 2) & 127) | 128, (value * 2) >> 7])
  const sync = Array.from({ length: 16 }, (_, n) => n)
  const header = [
    ...Buffer.from('Obj\u0001'),
    2,
    ...text('avro.schema'),
    ...long(schema.length),
    ...Buffer.from(schema),
    0,
    ...sync,
  ]
  const record = [14, 2, ...text('Ana')]
  const avro = Uint8Array.from([...header, 2, ...long(record.length), ...record, ...sync])
  const lake = await lakeOfFiles(igarape, { 'avro/a.avro': avro })

  await lake.crawl('avro/')

  const table = await lake.table('avro')
  expect(columnsOf(table)).toEqual(['id bigint', 'nome string'])
  expect(table.Parameters).toMatchObject({ classification: 'avro', recordCount: '1', 'avro.schema.literal': schema })
  expect(await lake.query('SELECT id, nome FROM avro')).toEqual([['7', 'Ana']])
})

test('lines that a Grok pattern cuts are a table that Athena reads', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, {
    'app/a.log': '2025-10-20T10:00:00Z ERROR loja-123 [37] caiu\n2025-10-20T10:00:01Z info loja-7 [8] voltou ao ar\n',
  })
  const GrokClassifier = {
    Name: 'app',
    Classification: 'app',
    GrokPattern:
      '%{TIMESTAMP_ISO8601:quando} %{LOGLEVEL:nivel} %{LOJA:loja} \\[%{INT:codigo:int}\\] %{GREEDYDATA:texto}',
    CustomPatterns: 'LOJA loja-[0-9]+',
  }
  await lake.glue.send(new CreateClassifierCommand({ GrokClassifier }))

  await lake.crawl('app/', { Classifiers: ['app'] })

  expect((await lake.table('app')).StorageDescriptor?.SerdeInfo?.SerializationLibrary).toBe(
    'com.amazonaws.glue.serde.GrokSerDe',
  )
  expect(await lake.query('SELECT nivel, loja, codigo + 1, texto FROM app ORDER BY codigo')).toEqual([
    ['info', 'loja-7', '9', 'voltou ao ar'],
    ['ERROR', 'loja-123', '38', 'caiu'],
  ])
})

test('a DynamoDB table is scanned', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, {})
  const dynamodb = igarape.client(DynamoDBClient)
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'Contadores',
      KeySchema: [{ AttributeName: 'tipo', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'tipo', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  const Item = {
    tipo: { S: 'ERROR' },
    total: { N: '3' },
    loja: { M: { uf: { S: 'AM' } } },
    dias: { L: [{ N: '1.5' }] },
  }
  await dynamodb.send(new PutItemCommand({ TableName: 'Contadores', Item }))

  await lake.crawl('', { Targets: { DynamoDBTargets: [{ Path: 'Contadores' }] } })

  const table = await lake.table('contadores')
  expect(columnsOf(table).toSorted()).toEqual([
    'dias array<double>',
    'loja struct<uf:string>',
    'tipo string',
    'total bigint',
  ])
  expect(table.Parameters).toMatchObject({ classification: 'dynamodb', typeOfData: 'table', hashKey: 'tipo' })
  expect(table.StorageDescriptor?.Location).toBe('arn:aws:dynamodb:us-east-1:000000000000:table/Contadores')
})

test('a table of the Catalog is looked through where it lies', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, {
    'dados/d=1/a.csv': 'id,total\n1,2.5\n',
    'dados/d=2/a.csv': 'id,total\n2,3.5\n',
  })
  await lake.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lago' } }))
  const TableInput = {
    Name: 'meus_dados',
    PartitionKeys: [{ Name: 'dia', Type: 'int' }],
    StorageDescriptor: { Location: 's3://lago/dados/' },
  }
  await lake.glue.send(new CreateGlueTableCommand({ DatabaseName: 'lago', TableInput }))

  await lake.crawl('', {
    Targets: { CatalogTargets: [{ DatabaseName: 'lago', Tables: ['meus_dados'] }] },
    SchemaChangePolicy: { DeleteBehavior: 'LOG' },
  })

  expect(await lake.tables()).toEqual(['meus_dados'])
  expect(columnsOf(await lake.table('meus_dados'))).toEqual(['id bigint', 'total double'])
  const { Partitions } = await lake.glue.send(
    new GetPartitionsCommand({ DatabaseName: 'lago', TableName: 'meus_dados' }),
  )
  expect(Partitions?.map(({ Values }) => Values)).toEqual([['1'], ['2']])
  expect(await lake.query('SELECT total FROM meus_dados WHERE dia = 2')).toEqual([['3.5']])
})

test('the bus hears of the beginning and the end', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'vendas/a.csv': 'id,total\n1,2.5\n' })
  const [events, sqs] = [igarape.client(EventBridgeClient), igarape.client(SQSClient)]
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'estados' }))
  const EventPattern = '{"source":["aws.glue"],"detail-type":["Glue Crawler State Change"]}'
  await events.send(new PutRuleCommand({ Name: 'estados', EventPattern }))
  const Arn = 'arn:aws:sqs:us-east-1:000000000000:estados'
  await events.send(new PutTargetsCommand({ Rule: 'estados', Targets: [{ Id: 'q', Arn }] }))

  await lake.crawl('vendas/')

  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
  const details = Messages.map(({ Body }) => JSON.parse(Body ?? '{}').detail)
  expect(details.map(({ state }) => state).toSorted()).toEqual(['Started', 'Succeeded'])
  expect(details.find(({ state }) => state === 'Succeeded')).toMatchObject({
    accountId: '000000000000',
    crawlerName: 'rastreador',
    message: 'Crawler Succeeded',
    tablesCreated: '1',
    partitionsCreated: '0',
  })
})

test('more tables than the threshold end the crawl', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'm/a/a.csv': 'id,nome\n1,Ana\n', 'm/b/b.json': '{"x":1}' })
  const Configuration = '{"Version":1.0,"CrawlerOutput":{"Tables":{"TableThreshold":1}}}'
  await lake.crawl('m/', { Configuration })

  const { Crawler } = await lake.glue.send(new GetCrawlerCommand({ Name: 'rastreador' }))
  expect(Crawler?.LastCrawl).toMatchObject({
    Status: 'FAILED',
    ErrorMessage:
      'The number of tables detected by the crawler: 2 is greater than the table threshold value provided: 1.',
  })
})

const template = (schedule: string) =>
  JSON.stringify({
    Resources: {
      Csv: {
        Type: 'AWS::Glue::Classifier',
        Properties: { CsvClassifier: { Name: 'csv-br', Delimiter: ';', ContainsHeader: 'PRESENT' } },
      },
      Crawler: {
        Type: 'AWS::Glue::Crawler',
        Properties: {
          Role: 'glue',
          DatabaseName: 'lago',
          Targets: { S3Targets: [{ Path: 's3://lago/vendas/', SampleSize: '2' }] },
          Classifiers: [{ Ref: 'Csv' }],
          Schedule: { ScheduleExpression: schedule },
          Tags: { equipe: 'dados' },
        },
      },
    },
  })

test('a template makes, changes and deletes a crawler with its classifier', async ({ igarape }) => {
  const { glue } = await lakeOfFiles(igarape, {})
  const cloudformation = igarape.client(CloudFormationClient)
  const StackName = 'lago'
  await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody: template('cron(0 8 * * ? *)') }))
  await igarape.settled()
  const { StackResources } = await cloudformation.send(new DescribeStackResourcesCommand({ StackName }))
  const Name =
    StackResources?.find(({ LogicalResourceId }) => LogicalResourceId === 'Crawler')?.PhysicalResourceId ?? ''
  const { Tags } = await glue.send(
    new GetTagsCommand({ ResourceArn: `arn:aws:glue:us-east-1:000000000000:crawler/${Name}` }),
  )
  const { Classifier } = await glue.send(new GetClassifierCommand({ Name: 'csv-br' }))
  expect(Tags).toMatchObject({ equipe: 'dados' })
  expect(Classifier?.CsvClassifier).toMatchObject({ Delimiter: ';', ContainsHeader: 'PRESENT', Version: 1 })

  await cloudformation.send(new UpdateStackCommand({ StackName, TemplateBody: template('cron(0 9 * * ? *)') }))
  await igarape.settled()
  const { Crawler } = await glue.send(new GetCrawlerCommand({ Name }))
  expect(Crawler).toMatchObject({
    Schedule: { ScheduleExpression: 'cron(0 9 * * ? *)', State: 'SCHEDULED' },
    Targets: { S3Targets: [{ Path: 's3://lago/vendas/', SampleSize: 2, Exclusions: [] }], JdbcTargets: [] },
  })

  await cloudformation.send(new DeleteStackCommand({ StackName }))
  await igarape.settled()
  expect((await glue.send(new GetCrawlersCommand({}))).Crawlers).toEqual([])
})
