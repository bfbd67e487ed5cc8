/** Frames that are too large to be handed over row by row: the engine writes them itself, and nothing about them is otherwise. */
import { expect } from 'vitest'
import { test } from './engine.ts'

const session = 'from pyspark.sql import SparkSession, functions as F\nspark = SparkSession.builder.getOrCreate()\n'

/** 250,000 lines, of which 50,000 say something else of a number that was there. */
const input = `
import os
place = 'file://' + os.getcwd()
kinds = ['pix', '', 'a/b', 'ação', '100%']
with open('vendas.csv', 'w') as out:
    out.write('id,loja,tipo\\n')
    out.writelines(f'{n % 200_000},Loja {n:0120d},{kinds[n % 200_000 % 5]}\\n' for n in range(250_000))
raw = spark.read.csv(place + '/vendas.csv', header=True)
`

test('a large frame without its duplicates is written in the folders and with the names that Spark gives', async ({
  jobs,
}) => {
  const { end, output } = await jobs.run(`${session}${input}
kept = raw.dropDuplicates(['id'])
kept.write.partitionBy('tipo').parquet('s3://lago/out')
back = spark.read.parquet('s3://lago/out')
print(back.count(), back.select('id').distinct().count(), back.where('tipo is null').count(), back.columns)
print(back.where("loja like '%' || id or loja like '%' || cast(cast(id as int) + 200000 as string)").count())
print(kept.where('id < 3').orderBy('id').select('id').collect(), kept.count())
`)

  expect(end).toMatchObject({ kind: 'succeeded', counts: { rowsRead: 450_000, rowsWritten: 200_000 } })
  expect(output.split('\n')).toEqual([
    "200000 200000 40000 ['id', 'loja', 'tipo']",
    '200000',
    "[Row(id='0'), Row(id='1'), Row(id='2')] 200000",
    '',
  ])
  const folders = jobs
    .keys('lago')
    .map((key) => key.replace(/part-\d{5}-[0-9a-f-]{36}\.c000\.snappy\.parquet$/, 'part'))
  expect([...new Set(folders)]).toEqual([
    'out/_SUCCESS',
    'out/tipo=100%25/part',
    'out/tipo=__HIVE_DEFAULT_PARTITION__/part',
    'out/tipo=a%2Fb/part',
    'out/tipo=ação/part',
    'out/tipo=pix/part',
  ])
})

test('a large frame whose order or files were asked for keeps them', async ({ jobs }) => {
  const { end } = await jobs.run(`${session}${input}
raw.orderBy(F.col('id').cast('int').desc()).write.csv('s3://lago/sorted')
raw.coalesce(1).write.parquet('s3://lago/one')
raw.repartition(3).write.parquet('s3://lago/three')
`)

  const parts = (folder: string) => jobs.keys('lago').filter((key) => key.startsWith(`${folder}/part-`)).length
  expect([end.kind, parts('one'), parts('three'), parts('sorted')]).toEqual(['succeeded', 1, 3, 1])
  const sorted = jobs.keys('lago').find((key) => key.startsWith('sorted/part-')) ?? ''
  const ids = jobs
    .read('lago', sorted)
    .trim()
    .split('\n')
    .map((line) => Number.parseInt(line, 10))
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([250_000, 199_999, 0])
})

test('a CSV file with one odd line anywhere is read line by line, with the same rows', async ({ jobs }) => {
  const { output } = await jobs.run(`${session}${input}
lines = open('vendas.csv').read()
def read(name, text, **options):
    with open(name, 'w', newline='') as out:
        out.write(text)
    frame = spark.read.csv(f'{place}/{name}', header=True, **options)
    return frame.count(), frame.where("tipo is null").count(), frame.where("tipo = 'x'").count()
print(read('plain.csv', lines))
print(read('short.csv', lines + '7,Loja 7\\n'))
print(read('quoted.csv', lines + '7,"Loja, 7",x\\n'))
print(read('blank.csv', lines + '   \\n7,Loja,x'))
print(read('returns.csv', lines.replace('\\n', '\\r\\n') + '7,Loja,x\\r\\n'))
print(read('dropped.csv', lines + '7,Loja 7\\n', mode='DROPMALFORMED'))
`)

  expect(output.split('\n')).toEqual([
    '(250000, 50000, 0)',
    '(250001, 50001, 0)',
    '(250001, 50000, 1)',
    '(250001, 50000, 1)',
    '(250001, 50000, 1)',
    '(250000, 50000, 0)',
    '',
  ])
})
