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

/** Missing fields, nulls, letters beyond ASCII, escapes, whole numbers among fractions; files of any size are scanned as large ones are. */
const events = `
import json, os
from pathlib import Path
from igarape_jobs import csv_as_it_lies, json_as_it_lies
csv_as_it_lies.bytes_min = 1
place = 'file://' + os.getcwd()
def event(n):
    found = {'id': n, 'texto': 'ação "x" \\\\ \\n' + '/v1/vendas' * 5 + str(n % 997), 'valor': n if n % 3 else n / 7, 'novo': n % 2 == 0, 'vazio': None}
    return {name: value for name, value in found.items() if n % 5 or name != 'valor'}
with open('eventos.json', 'w') as out:
    out.writelines(json.dumps(event(n), ensure_ascii=n % 2 == 0) + '\\n' for n in range(20_000))
lines = open('eventos.json').read()
def read(name, last, **options):
    with open(name, 'w') as out:
        out.write(lines + last)
    return spark.read.json(f'{place}/{name}', **options)
`

test('JSON lines that are scanned as they lie have the rows of those that are parsed first', async ({ jobs }) => {
  const { output } = await jobs.run(`${session}${events}
scanned = read('plain.json', '')
parsed = read('reordered.json', '{"texto": "outra ordem", "id": -1}\\n').where('id >= 0')
print([json_as_it_lies.read([(Path(name), name)], None) is not None for name in ('plain.json', 'reordered.json')])
print(scanned.schema == parsed.schema, scanned.schema.simpleString())
print(scanned.count(), scanned.exceptAll(parsed).count(), parsed.exceptAll(scanned).count())
print(scanned.where('valor is null').count(), scanned.select('texto').distinct().count(), scanned.where(F.col('novo')).agg(F.max('id')).first()[0])
given = read('given.json', '', schema='valor double, id int, falta string')
print(given.columns, given.where('falta is null').agg(F.max('id'), F.count('valor')).first())
`)

  expect(output.split('\n')).toEqual([
    '[True, False]',
    'True struct<id:bigint,novo:boolean,texto:string,valor:double,vazio:string>',
    '20000 0 0',
    '4000 997 19998',
    "['valor', 'id', 'falta'] Row(max(id)=19999, count(valor)=16000)",
    '',
  ])
})

test('one JSON line of another shape at the end is read as Spark reads it', async ({ jobs }) => {
  const { output } = await jobs.run(`${session}${events}
print(read('wider.json', '{"id": 9.5, "depois": "x"}\\n').where('depois is not null').select('id', 'depois').collect())
print(read('text.json', '{"id": "nove"}\\n').where("id = 'nove' or id = '7'").count())
print(read('nested.json', '{"id": 1, "dentro": {"a": [1]}}\\n').where('dentro is not null').select('dentro.a').collect())
print(read('vast.json', '{"id": 99999999999999999999}\\n').schema['id'].dataType.simpleString())
print(read('twice.json', '{"id": 1, "id": -5}\\n').agg(F.min('id')).first()[0])
print(read('broken.json', '{"id": 1\\n').where('_corrupt_record is not null').select('_corrupt_record').collect())
`)

  expect(output.split('\n')).toEqual([
    "[Row(id=9.5, depois='x')]",
    '2',
    '[Row(a=[1])]',
    'decimal(20,0)',
    '-5',
    `[Row(_corrupt_record='{"id": 1')]`,
    '',
  ])
})

test('a large frame with timestamps, and one that is not partitioned, are written by several tasks', async ({
  jobs,
}) => {
  const { end, output } = await jobs.run(`${session}
from igarape_jobs import staging
# Frames of any size are written as large ones are, some rows of a table at a time.
staging.rows_min, staging.table_rows = 1, 100
with open('vendas.csv', 'w') as out:
    out.write('id,loja\\n')
    out.writelines(f'{n},Loja {n % 7}\\n' for n in range(2_000))
raw = spark.read.csv('file://' + __import__('os').getcwd() + '/vendas.csv', header=True)
frame = raw.withColumn('quando', F.timestamp_seconds(F.col('id').cast('long'))).withColumn('mes', F.lit(9))
frame.write.partitionBy('mes').parquet('s3://lago/times')
frame.write.json('s3://lago/lines')
back = spark.read.parquet('s3://lago/times')
print(back.exceptAll(frame).count(), back.count(), back.schema['mes'].dataType.simpleString(), spark.read.json('s3://lago/lines').count())
raw.where('id < 0').write.parquet('s3://lago/none')
print(spark.read.parquet('s3://lago/none').columns)
`)

  expect(end).toMatchObject({ kind: 'succeeded', counts: { rowsWritten: 4000 } })
  expect(output.split('\n')).toEqual(['0 2000 int 2000', "['id', 'loja']", ''])
})
