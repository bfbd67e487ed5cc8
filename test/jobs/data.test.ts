/** What scripts read and write: Spark's answers, checked against Spark 3.5.4, or a refusal that names itself. */
import { expect } from 'vitest'
import { test } from './engine.ts'

const session = 'from pyspark.sql import SparkSession, functions as F\nspark = SparkSession.builder.getOrCreate()\n'
const csv = 'id,nome,valor\n1,"a ""b""",1.5\n2,"q,r",abc\n3,,7,extra\n4,curto\n'

test('a CSV file is read by the rules of each mode', async ({ jobs }) => {
  jobs.put('lago', 'raw/vendas.csv', csv)

  const { output, end } = await jobs.run(`${session}
def read(mode):
    reader = spark.read.option('escape', '"').schema('id int, nome string, valor double').option('mode', mode)
    return [tuple(row) for row in reader.csv('s3://lago/raw/', header=True).collect()]
print(read('PERMISSIVE'))
print(read('DROPMALFORMED'))
try:
    read('FAILFAST')
except Exception as error:
    print(str(error).split(' (in ')[0])
`)

  expect(end.kind).toBe('succeeded')
  expect(output.split('\n')).toEqual([
    `[(1, 'a "b"', 1.5), (2, 'q,r', None), (3, None, 7.0), (4, 'curto', None)]`,
    `[(1, 'a "b"', 1.5)]`,
    '[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] Malformed records are detected in record parsing: 2,q,r,abc',
    '',
  ])
})

test('partitions are typed from folder names, hidden files are skipped, and an equals sign in a name is no obstacle', async ({
  jobs,
}) => {
  jobs.put('lago', 'vendas/data=2025-10-20/loja=7/a=b.csv', 'x\n1\n')
  jobs.put('lago', 'vendas/data=2025-10-21/loja=__HIVE_DEFAULT_PARTITION__/c.csv', 'x\n2\n')
  jobs.put('lago', 'vendas/data=2025-10-21/loja=8/_hidden.csv', 'x\n3\n')

  const { output } = await jobs.run(`${session}
frame = spark.read.csv('s3://lago/vendas', header=True)
print(frame.dtypes)
print(sorted(map(tuple, frame.collect())))
try:
    spark.read.csv('s3://lago/nada')
except Exception as error:
    print(type(error).__name__, error)
`)

  expect(output.split('\n')).toEqual([
    "[('x', 'string'), ('data', 'date'), ('loja', 'int')]",
    "[('1', datetime.date(2025, 10, 20), 7), ('2', datetime.date(2025, 10, 21), None)]",
    'AnalysisException [PATH_NOT_FOUND] Path does not exist: s3://lago/nada.',
    '',
  ])
})

test('a dynamic partition overwrite leaves the other partitions, a static one replaces all', async ({ jobs }) => {
  const { output, end } = await jobs.run(`${session}
rows = spark.createDataFrame([(1, 'a'), (2, 'b')], ['v', 'p'])
path = 's3://lago/tabela'
rows.write.partitionBy('p').parquet(path)
spark.conf.set('spark.sql.sources.partitionOverwriteMode', 'dynamic')
spark.createDataFrame([(3, 'b')], ['v', 'p']).write.mode('overwrite').partitionBy('p').parquet(path)
print(sorted(map(tuple, spark.read.parquet(path).collect())))
spark.conf.set('spark.sql.sources.partitionOverwriteMode', 'static')
spark.createDataFrame([(4, 'c')], ['v', 'p']).write.mode('overwrite').partitionBy('p').parquet(path)
print(sorted(map(tuple, spark.read.parquet(path).collect())))
for attempt in (lambda: rows.write.parquet(path), lambda: spark.read.parquet(path).write.mode('overwrite').parquet(path)):
    try:
        attempt()
    except Exception as error:
        print(str(error).split(']')[0])
`)

  expect(end).toMatchObject({ kind: 'succeeded', counts: { rowsWritten: 4 } })
  expect(output.split('\n')).toEqual([
    "[(1, 'a'), (3, 'b')]",
    "[(4, 'c')]",
    '[PATH_ALREADY_EXISTS',
    '[UNSUPPORTED_OVERWRITE.PATH',
    '',
  ])
  expect(jobs.keys('lago').map((key) => key.replace(/(part-\d{5})-[0-9a-f-]{36}/, '$1'))).toEqual([
    'tabela/_SUCCESS',
    'tabela/p=c/part-00000.c000.snappy.parquet',
  ])
})

test('text is written as Spark writes it', async ({ jobs }) => {
  await jobs.run(`${session}
rows = spark.sql("""select 1 i, 'a,b' s, 1e10D d, timestamp'2025-10-20 10:11:12.5' t
  union all select 2, 'q"x', 1e-4D, null union all select 3, '', null, null""").coalesce(1)
rows.write.csv('s3://lago/csv', header=True)
rows.write.json('s3://lago/json')
`)

  const text = (name: string) => {
    const key = jobs.keys('lago').find((candidate) => candidate.startsWith(`${name}/part-`)) ?? ''
    return jobs.read('lago', key).trimEnd().split('\n').sort()
  }
  expect(text('csv')).toEqual(['1,"a,b",1.0E10,2025-10-20T10:11:12.500Z', '2,"q\\"x",1.0E-4,', '3,"",,', 'i,s,d,t'])
  expect(text('json')).toEqual([
    '{"i":1,"s":"a,b","d":1.0E10,"t":"2025-10-20T10:11:12.500Z"}',
    '{"i":2,"s":"q\\"x","d":1.0E-4}',
    '{"i":3,"s":""}',
  ])
})

test('what the engine would do differently from Spark is refused by name', async ({ jobs }) => {
  const { output } = await jobs.run(`${session}
frame = spark.createDataFrame([('1.5',)], ['s']).withColumn('d', F.col('s').cast('decimal(10,2)'))
attempts = [
    lambda: frame.select(F.col('d') / 3).collect(),
    lambda: spark.read.format('binaryFile').load('s3://lago/x'),
    lambda: spark.read.format('xml').load('s3://lago/x'),
    lambda: spark.conf.set('spark.sql.ansi.enabled', True),
    lambda: spark.sparkContext.parallelize([1]),
    lambda: spark.sql('create table t as select 1'),
]
for attempt in attempts:
    try:
        print(attempt())
    except NotImplementedError as error:
        print('refused')
print(spark.createDataFrame([('12abc',), ('7',)], ['s']).select(F.col('s').cast('double')).collect())
`)

  expect(output).toBe(`${'refused\n'.repeat(6)}[Row(s=None), Row(s=7.0)]\n`)
})

test('awsglue maps, filters and joins, and what it does not have says so', async ({ jobs }) => {
  jobs.put('lago', 'raw/vendas.csv', 'id,valor\n1,10.5\n2,20\n')

  const { output, end } = await jobs.run(`
from awsglue.context import GlueContext
from awsglue.transforms import *
from pyspark.context import SparkContext
glue = GlueContext(SparkContext())
frame = glue.create_dynamic_frame.from_options('s3', {'paths': ['s3://lago/raw/']}, 'csv', {'withHeader': True})
frame = ApplyMapping.apply(frame=frame, mappings=[('id', 'string', 'id', 'long'), ('valor', 'string', 'valor', 'double')])
doubled = Map.apply(frame=frame, f=lambda record: {**record, 'dobro': record['valor'] * 2})
print(sorted(map(tuple, Filter.apply(frame=doubled, f=lambda record: record['dobro'] > 30).toDF().collect())))
print(Join.apply(frame, doubled, ['id'], ['id']).toDF().columns, frame.count())
print(DropFields.apply(frame, ['valor']).toDF().columns, RenameField.apply(frame, 'valor', 'total').toDF().columns)
print(frame.resolveChoice(specs=[('valor', 'cast:string')]).toDF().dtypes)
FindMatches.apply(frame)
`)

  expect(output.split('\n')).toEqual([
    '[(2, 20.0, 40.0)]',
    "['id', 'valor', '.id', '.valor', 'dobro'] 2",
    "['id'] ['id', 'total']",
    "[('id', 'bigint'), ('valor', 'string')]",
    '',
  ])
  expect(end).toMatchObject({
    errorMessage: expect.stringContaining(
      'awsglue: transforms.FindMatches, which is machine learning of AWS, is not implemented',
    ),
  })
})
