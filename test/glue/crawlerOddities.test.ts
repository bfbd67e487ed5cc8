/** Files that are broken, hostile or strange: the crawl ends, tells of them, and finds what is to be found. */
import { gzipSync } from 'node:zlib'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateCrawlerCommand, CreateDatabaseCommand, GetCrawlerCommand } from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { columnsOf, lakeOfFiles } from './lakeOfFiles.ts'

test('what cannot be read is a table of no known format, and the log names it', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, {
    'ruim/parquet/a.parquet': Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(500, 7)]),
    'ruim/orc/a.orc': Buffer.concat([Buffer.from('ORC'), Buffer.alloc(500, 7)]),
    'ruim/avro/a.avro': Buffer.from('Obj\u0001 broken'),
    'ruim/bytes/a': Buffer.alloc(5000, 0),
    'ruim/deep/a.json': `${'['.repeat(100_000)}`,
    'ruim/vazio/a.csv': '',
    'ruim/bom/a.csv': 'id,nome\n1,Ana\n',
  })

  await lake.crawl('ruim/')

  const { Crawler } = await lake.glue.send(new GetCrawlerCommand({ Name: 'rastreador' }))
  const { events = [] } = await igarape
    .client(CloudWatchLogsClient)
    .send(new FilterLogEventsCommand({ logGroupName: '/aws-glue/crawlers', filterPattern: '"No classifier knows"' }))
  expect(Crawler?.LastCrawl?.Status).toBe('SUCCEEDED')
  expect(events).toHaveLength(5)
  expect((await lake.table('parquet')).Parameters?.classification).toBe('UNKNOWN')
  expect(columnsOf(await lake.table('bom'))).toEqual(['id bigint', 'nome string'])
})

test('a packed file that would unpack to a gigabyte is looked into no further than others', async ({ igarape }) => {
  const bomb = gzipSync(Buffer.concat([Buffer.from('id,nome\n1,Ana\n'), Buffer.alloc(300 * 2 ** 20, '2,Bia\n')]))
  const lake = await lakeOfFiles(igarape, { 'bomba/a.csv.gz': bomb })

  await lake.crawl('bomba/')

  expect(columnsOf(await lake.table('bomba'))).toEqual(['id bigint', 'nome string'])
})

test('a table of fifty thousand columns is a table', async ({ igarape }) => {
  const header = Array.from({ length: 50_000 }, (_, n) => `c${n}`).join(',')
  const row = Array.from({ length: 50_000 }, (_, n) => n % 10).join(',')
  const lake = await lakeOfFiles(igarape, { 'larga/a.csv': `${header}\n${row}\n` })

  await lake.crawl('larga/')

  expect(columnsOf(await lake.table('larga'))).toHaveLength(50_000)
})

test('names beyond letters become names of tables, and a name that is taken gets a digest', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, {
    'Vendas 2025-Ação/a.csv': 'id,nome\n1,Ana\n',
    'x/vendas/a.csv': 'id,nome\n1,Ana\n',
    'y/vendas/a.csv': 'id,nome\n1,Ana\n',
  })
  const Targets = {
    S3Targets: ['Vendas 2025-Ação/', 'x/vendas', 'y/vendas/'].map((path) => ({ Path: `s3://lago/${path}` })),
  }
  await lake.crawl('', { Targets })

  expect(await lake.tables()).toEqual(['vendas', expect.stringMatching(/^vendas_[0-9a-f]{32}$/), 'vendas_2025_a__o'])
})

test('one object may be a target, and the database may be there already', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, { 'um/a.csv': 'id,nome\n1,Ana\n', 'um/b.csv': 'x,y\n1,2\n3,4\n' })
  await lake.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lago', Description: 'meu' } }))

  await lake.crawl('um/a.csv')

  expect((await lake.table('a_csv')).StorageDescriptor?.Location).toBe('s3://lago/um/a.csv')
  expect(await lake.tables()).toEqual(['a_csv'])
})

test('a configuration that no crawler knows is refused', async ({ igarape }) => {
  const { glue } = await lakeOfFiles(igarape, {})
  const refused = async (Configuration: string) => {
    const Targets = { S3Targets: [{ Path: 's3://lago/' }] }
    const made = glue.send(new CreateCrawlerCommand({ Name: 'c', Role: 'glue', Targets, Configuration }))
    await expect(made).rejects.toMatchObject({ name: 'InvalidInputException' })
  }

  await refused('nada')
  await refused('{"Version":2.0}')
  await refused('{"Version":1.0,"Grouping":{"TableGroupingPolicy":"Outra"}}')
})
