/** Column statistics by a table's own schedule. */
import {
  CreateColumnStatisticsTaskSettingsCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteTableCommand,
  GetColumnStatisticsForTableCommand,
  GetColumnStatisticsTaskRunsCommand,
  GetColumnStatisticsTaskSettingsCommand,
  GlueClient,
  StartColumnStatisticsTaskRunScheduleCommand,
  StopColumnStatisticsTaskRunScheduleCommand,
  UpdateColumnStatisticsTaskSettingsCommand,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

const place = { DatabaseName: 'loja', TableName: 'vendas' }
const serde = 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe'

test('a table with settings gets its statistics at the times of its schedule, until that is stopped', async ({
  igarape,
}) => {
  const glue = igarape.client(GlueClient)
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'vendas/a.csv', Body: '1,a\n2,b\n2,\n' }))
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja' } }))
  const StorageDescriptor = {
    Columns: [
      { Name: 'id', Type: 'int' },
      { Name: 'nome', Type: 'string' },
    ],
    Location: 's3://lago/vendas/',
    InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
    SerdeInfo: { SerializationLibrary: serde, Parameters: { 'field.delim': ',' } },
  }
  const TableInput = { Name: 'vendas', StorageDescriptor, Parameters: { classification: 'csv' } }
  await glue.send(new CreateTableCommand({ DatabaseName: 'loja', TableInput }))
  const runs = async () =>
    (await glue.send(new GetColumnStatisticsTaskRunsCommand(place))).ColumnStatisticsTaskRuns?.length
  const settings = async () =>
    (await glue.send(new GetColumnStatisticsTaskSettingsCommand(place))).ColumnStatisticsTaskSettings

  const wanted = { ...place, Role: 'glue', Schedule: 'cron(0 * * * ? *)', ColumnNameList: ['id'] }
  await glue.send(new CreateColumnStatisticsTaskSettingsCommand(wanted))
  const again = glue.send(new CreateColumnStatisticsTaskSettingsCommand(wanted))
  await expect(again).rejects.toMatchObject({ name: 'AlreadyExistsException' })
  await igarape.clock.advance({ hours: 2 })

  expect(await runs()).toBe(2)
  expect(await settings()).toMatchObject({
    ColumnNameList: ['id'],
    ScheduleType: 'CRON',
    Schedule: { ScheduleExpression: 'cron(0 * * * ? *)', State: 'SCHEDULED' },
    LastExecutionAttempt: { Status: 'STARTED' },
  })
  const found = await glue.send(new GetColumnStatisticsForTableCommand({ ...place, ColumnNames: ['id'] }))
  expect(found.ColumnStatisticsList?.[0]?.StatisticsData?.LongColumnStatisticsData).toMatchObject({
    MinimumValue: 1,
    MaximumValue: 2,
    NumberOfDistinctValues: 2,
  })

  await glue.send(new StopColumnStatisticsTaskRunScheduleCommand(place))
  await igarape.clock.advance({ hours: 2 })
  expect(await runs()).toBe(2)
  expect((await settings())?.Schedule?.State).toBe('NOT_SCHEDULED')
  await glue.send(new UpdateColumnStatisticsTaskSettingsCommand({ ...place, SampleSize: 50 }))
  await glue.send(new StartColumnStatisticsTaskRunScheduleCommand(place))
  await igarape.clock.advance({ hours: 1 })
  expect(await runs()).toBe(3)
  expect(await settings()).toMatchObject({ SampleSize: 50, ColumnNameList: ['id'] })

  await glue.send(new DeleteTableCommand({ DatabaseName: 'loja', Name: 'vendas' }))
  await glue.send(new CreateTableCommand({ DatabaseName: 'loja', TableInput }))
  await expect(settings()).rejects.toMatchObject({ name: 'EntityNotFoundException' })
})
