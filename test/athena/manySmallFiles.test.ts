/** Where very many small files of text lie, their lines are read from one: nothing about them is otherwise. */
import { gzipSync } from 'node:zlib'
import { CopyObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

/** Every way in which a small file may end its lines, begin and be empty. */
const odd: Record<string, string> = {
  'returns.csv': 'id,nome\r\n1001,cr\r\n1002,lf',
  'oldMac.csv': 'id,nome\r1003,mac\r',
  'mark.csv': '\ufeffid,nome\n1004,marca\n',
  'blank.csv': 'id,nome\n\n1005,vazia\n\n\n',
  'headerOnly.csv': 'id,nome\n',
  'nothing.csv': '',
  'quotes.csv': 'id,nome\n1006,"a ""b"" c"\n',
  'blanks.csv': 'id,nome\n1007,  dois  \n',
  '_hidden.csv': 'id,nome\n2001,escondida\n',
  '.dotted.csv': 'id,nome\n2002,escondida\n',
  'large.csv': `id,nome\n${numbers(900)
    .map((n) => `${3000 + n},${'x'.repeat(40)}`)
    .join('\n')}\n`,
}

const table = (name: string, more = '') => `CREATE EXTERNAL TABLE ${name} (id int, nome string) ${more}
  ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lago/${name}/' TBLPROPERTIES ('skip.header.line.count'='1')`

test('the lines of many small files are those of few, whatever the files look like', async ({ igarape }) => {
  const small = numbers(40).map((n) => [`m/${n}.csv`, `id,nome\n${n},nome ${n}\n`])
  const objects = Object.entries(odd).flatMap(([name, body]) => [
    [`m/odd/${name}`, body],
    [`few/${name}`, body],
  ])
  const lake = await lakeOf(igarape, Object.fromEntries([...small, ...objects]))
  const packed = { Bucket: 'lago', Key: 'm/odd/packed.csv.gz', Body: gzipSync('id,nome\n1008,gzip\n') }
  await igarape.client(S3Client).send(new PutObjectCommand(packed))
  for (const sql of ['CREATE DATABASE vendas', table('m'), table('few')]) await lake.run(sql)

  const oddRows = await lake.rows('SELECT * FROM few ORDER BY id')
  const found = await lake.rows('SELECT * FROM m ORDER BY id')

  expect(oddRows).toHaveLength(907)
  expect(found).toEqual([
    ...numbers(40).map((n) => [`${n}`, `nome ${n}`]),
    ...oddRows.slice(0, 7),
    ['1008', 'gzip'],
    ...oddRows.slice(7),
  ])
  expect(await lake.rows(`SELECT id, "$path" FROM m WHERE id IN (7, 1006, 3500) ORDER BY 1`)).toEqual([
    ['7', 's3://lago/m/7.csv'],
    ['1006', 's3://lago/m/odd/quotes.csv'],
    ['3500', 's3://lago/m/odd/large.csv'],
  ])
})

test('small files keep the partition that they lie in, and others stay out', async ({ igarape }) => {
  const objects = numbers(70).flatMap((n) => [
    [`p/dia=${n}/a.csv`, `id,nome\n${n},a\n`],
    [`p/dia=${n}/b.csv`, `id,nome\n${n},b\n`],
  ])
  const lake = await lakeOf(igarape, Object.fromEntries(objects))
  for (const sql of ['CREATE DATABASE vendas', table('p', 'PARTITIONED BY (dia int)'), 'MSCK REPAIR TABLE p'])
    await lake.run(sql)
  await lake.run('ALTER TABLE p DROP PARTITION (dia = 3)')

  expect(await lake.rows('SELECT count(*), count_if(id = dia), count(DISTINCT dia), sum(dia) FROM p')).toEqual([
    ['138', '138', '69', `${((69 * 70) / 2 - 3) * 2}`],
  ])
  expect(await lake.rows('SELECT id, nome FROM p WHERE dia = 7 ORDER BY 2')).toEqual([
    ['7', 'a'],
    ['7', 'b'],
  ])
})

test('one small file that is no text fails the query as it does among few', async ({ igarape }) => {
  const small = numbers(40).map((n) => [`m/${n}.csv`, `id,nome\n${n},nome ${n}\n`])
  const lake = await lakeOf(igarape, { ...Object.fromEntries(small), 'few/a.csv': 'id,nome\n1,a\n' })
  const s3 = igarape.client(S3Client)
  const Body = Buffer.from([...Buffer.from('id,nome\n1,'), 0xff, 0xfe, 10])
  for (const Key of ['m/broken.csv', 'few/broken.csv'])
    await s3.send(new PutObjectCommand({ Bucket: 'lago', Key, Body }))
  for (const sql of ['CREATE DATABASE vendas', table('m'), table('few')]) await lake.run(sql)

  const [many, few] = [await lake.run('SELECT max(nome) FROM m'), await lake.run('SELECT max(nome) FROM few')]

  expect([many.state, few.state]).toEqual(['FAILED', 'FAILED'])
})

test('many small Parquet files of one schema, and of two, are matched by their columns’ names', async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await lake.run('CREATE DATABASE vendas')
  const made = async (name: string, query: string) => {
    await lake.run(
      `CREATE TABLE ${name} WITH (format = 'PARQUET', external_location = 's3://lago/${name}/') AS ${query}`,
    )
    return `lago/${(await lake.keys(`${name}/`))[0]}`
  }
  const s3 = igarape.client(S3Client)
  const copies = async (source: string, folder: string, count: number) => {
    for (const n of numbers(count))
      await s3.send(
        new CopyObjectCommand({ Bucket: 'lago', CopySource: encodeURI(source), Key: `${folder}/${n}.parquet` }),
      )
  }
  const columns = `(id int, nome string) STORED AS PARQUET LOCATION 's3://lago/all/'`
  await copies(await made('uma', `SELECT 1 AS id, 'a' AS nome`), 'all/first', 20)
  await lake.run(`CREATE EXTERNAL TABLE todas ${columns}`)
  const count = 'SELECT id, nome, count(*) FROM todas GROUP BY id, nome ORDER BY id'

  expect(await lake.rows(count)).toEqual([['1', 'a', '20']])
  await copies(await made('outra', `SELECT 'b' AS nome, DATE '2025-10-20' AS dia, 2 AS id`), 'all/then', 3)
  expect(await lake.rows(count)).toEqual([
    ['1', 'a', '20'],
    ['2', 'b', '3'],
  ])
})
