/** What a script on Apache Spark does to tables is done to the Catalog, or refused: Spark's session has but copies of them. */
import { CreateDatabaseCommand, GetPartitionsCommand, GlueClient } from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { jobBench } from './runs.ts'
import { installed } from './standaloneSpark.ts'

if (!installed)
  console.warn('Apache Spark is not installed (`igarape install spark`): its SQL over the Catalog is not tried.')

const script = `from pyspark.sql import SparkSession
spark = SparkSession.builder.enableHiveSupport().getOrCreate()
spark.createDataFrame([(1, 'x'), (2, 'y')], 'id int, k string').write.partitionBy('k').saveAsTable('loja.t')
table = spark.table('loja.t')
spark.sql("WITH novo AS (SELECT 3 AS id) SELECT * FROM novo, loja.t").collect()
spark.sql("INSERT INTO loja.t VALUES (3, 'z')")
spark.sql('CREATE TEMP VIEW vista AS SELECT * FROM loja.t')
print(sorted(tuple(row) for row in table.collect()), spark.table('vista').count(), spark.read.table('loja.t').count())
print([row.col_name for row in spark.sql('DESCRIBE loja.t').collect()][:2], [row.partition for row in spark.sql('SHOW PARTITIONS loja.t').collect()])
changes = ["ALTER TABLE loja.t ADD PARTITION (k = 'w')", 'TRUNCATE TABLE loja.t', 'CREATE VIEW loja.v AS SELECT 1', 'MSCK REPAIR TABLE loja.t',
           "WITH novo AS (SELECT 4 AS id) INSERT INTO loja.t SELECT id, 'w' FROM novo"]
others = [lambda: table.writeTo('loja.u').create(), lambda: spark.catalog.createTable('loja.u', schema=table.schema),
          lambda: table.write.bucketBy(2, 'id').saveAsTable('loja.u'), lambda: table.write.mode('overwrite').saveAsTable('loja.t'),
          lambda: spark.sql('SELECT * FROM loja.nada').collect()]
for change in [lambda text=text: spark.sql(text) for text in changes] + others:
    try:
        change()
        print('done')
    except Exception as error:
        print(type(error).__name__)
spark.catalog.refreshTable('loja.t')
print(spark.table('loja.t').count())
`

test.runIf(installed)(
  'statements reach the Catalog or are refused, a frame follows its table, and a table is not lost by being written over itself',
  async ({ igarape }) => {
    const glue = igarape.client(GlueClient)
    const jobs = await jobBench(igarape)
    const LocationUri = 's3://lago/loja'
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja', LocationUri } }))
    await jobs.job('muda', script)

    const { run, lines } = await jobs.run('muda', { '--igarape-engine': 'spark' })

    expect(run.ErrorMessage).toBeUndefined()
    expect(lines.slice(0, 2)).toEqual(["[(1, 'x'), (2, 'y'), (3, 'z')] 3 3", "['id', 'k'] ['k=x', 'k=y', 'k=z']"])
    const refused = Array(8).fill('NotImplementedError')
    expect(lines.slice(2)).toEqual([...refused, 'AnalysisException', 'AnalysisException', '3'])
    const { Partitions = [] } = await glue.send(new GetPartitionsCommand({ DatabaseName: 'loja', TableName: 't' }))
    expect(Partitions.map(({ Values }) => Values?.[0]).sort()).toEqual(['x', 'y', 'z'])
  },
  600_000,
)
