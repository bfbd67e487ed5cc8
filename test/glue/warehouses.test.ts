/** Jobs that read from this server's Redshift and load into it, as AWS's connection does: by files in S3 and COPY. */
import { CreateConnectionCommand, GlueClient } from '@aws-sdk/client-glue'
import { ExecuteStatementCommand, GetStatementResultCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data'
import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  GetWorkgroupCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { jobBench } from './runs.ts'

async function warehouse(igarape: Igarape) {
  const serverless = igarape.client(RedshiftServerlessClient)
  await serverless.send(new CreateNamespaceCommand({ namespaceName: 'vendas', dbName: 'loja' }))
  await serverless.send(new CreateWorkgroupCommand({ workgroupName: 'vendas', namespaceName: 'vendas' }))
  const { workgroup } = await serverless.send(new GetWorkgroupCommand({ workgroupName: 'vendas' }))
  const data = igarape.client(RedshiftDataClient)
  return {
    url: `jdbc:redshift://${workgroup?.endpoint?.address}:5439/loja`,
    async sql(Sql: string) {
      const place = { WorkgroupName: 'vendas', Database: 'loja' }
      const { Id } = await data.send(new ExecuteStatementCommand({ ...place, Sql }))
      await igarape.settled()
      const { Records = [] } = await data.send(new GetStatementResultCommand({ Id })).catch(() => ({ Records: [] }))
      return Records.map((row) => row.map((field) => ('isNull' in field ? null : Object.values(field)[0])))
    },
  }
}

const script = `import sys, json
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from pyspark.context import SparkContext
glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
own = json.loads(sys.argv[sys.argv.index('--own') + 1])
rows = spark.sql("select 1L as id, 'ação, \\"x\\"' as nome, cast(10.5 as decimal(10,2)) as valor, date'2025-10-20' as dia, timestamp'2025-10-20 10:11:12' as em union all select 2, null, null, null, null")
frame = DynamicFrame.fromDF(rows, glue, 'vendas')
glue.write_dynamic_frame.from_options(frame, connection_type='redshift', connection_options={**own, 'dbtable': 'public.vendas', 'redshiftTmpDir': 's3://lago/tmp/',
    'preactions': "create table if not exists historia (o varchar(20)); insert into historia values ('antes; já')", 'postactions': "insert into historia values ('depois')"})
glue.write_dynamic_frame.from_jdbc_conf(frame, catalog_connection='armazem', connection_options={'dbtable': 'public.vendas', 'database': 'loja'}, redshift_tmp_dir='s3://lago/tmp/')
read = glue.create_dynamic_frame.from_options(connection_type='redshift', connection_options={**own, 'dbtable': 'public.vendas', 'redshiftTmpDir': 's3://lago/tmp/'})
print(read.toDF().dtypes)
print([tuple(map(str, row)) for row in read.toDF().orderBy('id').collect()])
query = glue.create_dynamic_frame.from_options('redshift', {**own, 'query': 'select count(*) as n from vendas', 'redshiftTmpDir': 's3://lago/tmp/'})
print(query.toDF().collect()[0].n)
try:
    glue.write_dynamic_frame.from_options(frame, 'redshift', {**own, 'dbtable': 'vendas', 'redshiftTmpDir': 's3://lago/tmp/', 'postactions': 'select nada from nenhures'})
except RuntimeError as error:
    print('nenhures' in str(error))
`

test('a frame is loaded by COPY, with its actions in the same transaction, and read back in its types', async ({
  igarape,
}) => {
  const { url, sql } = await warehouse(igarape)
  const ConnectionProperties = { JDBC_CONNECTION_URL: url, USERNAME: 'awsuser', PASSWORD: 'x' }
  const ConnectionInput = { Name: 'armazem', ConnectionType: 'JDBC' as const, ConnectionProperties }
  await igarape.client(GlueClient).send(new CreateConnectionCommand({ ConnectionInput }))
  const jobs = await jobBench(igarape)
  await jobs.job('carga', script)

  const { run, lines } = await jobs.run('carga', { '--own': JSON.stringify({ url, user: 'awsuser', password: 'x' }) })

  expect(run.ErrorMessage).toBeUndefined()
  expect(lines).toEqual([
    "[('id', 'bigint'), ('nome', 'string'), ('valor', 'decimal(10,2)'), ('dia', 'date'), ('em', 'timestamp')]",
    "[('1', 'ação, \"x\"', '10.50', '2025-10-20', '2025-10-20 10:11:12'), ('1', 'ação, \"x\"', '10.50', '2025-10-20', '2025-10-20 10:11:12'), ('2', 'None', 'None', 'None', 'None'), ('2', 'None', 'None', 'None', 'None')]",
    '4',
    'True',
  ])
  expect(await sql('select o from historia order by o')).toEqual([['antes; já'], ['depois']])
  expect(await sql('select count(*) from vendas')).toEqual([[4]])
  expect(await jobs.keys('tmp/')).toEqual([])
})
