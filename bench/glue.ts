/** The Data Catalog with a million partitions, and a crawler over many objects. */
import {
  BatchCreatePartitionCommand,
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  GetCrawlerCommand,
  GetPartitionsCommand,
  GlueClient,
  StartCrawlerCommand,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { bench, percentile } from './report.ts'
import { clientSettings, startBenchServer } from './server.ts'

/** Years, months, days, hours and stores: 10 · 12 · 28 · 24 · 13. */
const sizes = [10, 12, 28, 24, 13]
const keys = ['ano', 'mes', 'dia', 'hora', 'loja']
const perRequest = 100
const requestsAtOnce = 8
const runs = 15
const objects = 2000

const place = { DatabaseName: 'loja', TableName: 'vendas' }

export const partitions = bench('Glue: expressions over 1,048,320 partitions', async (report) => {
  const server = await startBenchServer()
  const glue = new GlueClient(clientSettings(server))
  try {
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja' } }))
    const PartitionKeys = keys.map((Name) => ({ Name, Type: Name === 'loja' ? 'string' : 'int' }))
    await glue.send(new CreateTableCommand({ DatabaseName: 'loja', TableInput: { Name: 'vendas', PartitionKeys } }))
    const start = performance.now()
    const count = await fill(glue)
    report({ what: 'BatchCreatePartition, 100 each', value: (count / (performance.now() - start)) * 1000, unit: '/s' })
    const wanted: [string, string, string?][] = [
      ['a day of all its hours and stores (312)', 'ano = 2024 AND mes = 7 AND dia = 15', '≤ 200 ms'],
      ['one partition', "ano = 2024 AND mes = 7 AND dia = 15 AND hora = 3 AND loja = '5'", '≤ 200 ms'],
      ['the last three hours of a day', 'ano = 2024 AND mes = 7 AND dia = 15 AND hora >= 21', '≤ 200 ms'],
      ['an hour of a day of each month and year (1,560)', 'dia = 15 AND hora = 3', '≤ 200 ms'],
      ['a store of every hour (80,640, the first page)', "loja = '5'"],
    ]
    for (const [what, Expression, goal] of wanted) {
      const value = percentile(await timed(glue, Expression), 0.5)
      report({ what: `GetPartitions, ${what}, p50`, value, unit: 'ms', ...(goal && { goal }) })
    }
  } finally {
    glue.destroy()
    await server.stop()
  }
})

async function fill(glue: GlueClient): Promise<number> {
  const total = sizes.reduce((product, size) => product * size, 1)
  let next = 0
  const sender = async () => {
    while (next < total) {
      const first = next
      next += perRequest
      const numbers = Array.from({ length: Math.min(perRequest, total - first) }, (_, at) => first + at)
      const PartitionInputList = numbers.map((number) => ({
        Values: valuesOf(number),
        StorageDescriptor: { Location: `s3://lago/vendas/${valuesOf(number).join('/')}/` },
      }))
      await glue.send(new BatchCreatePartitionCommand({ ...place, PartitionInputList }))
    }
  }
  await Promise.all(Array.from({ length: requestsAtOnce }, sender))
  return total
}

function valuesOf(number: number): string[] {
  const values: string[] = []
  let left = number
  for (const size of sizes.toReversed()) {
    values.unshift(String((left % size) + 1))
    left = Math.floor(left / size)
  }
  values[0] = String(2019 + Number(values[0]) - 1)
  return values
}

async function timed(glue: GlueClient, Expression: string): Promise<number[]> {
  const millis: number[] = []
  for (let run = 0; run < runs; run++) {
    const start = performance.now()
    await glue.send(new GetPartitionsCommand({ ...place, Expression, ExcludeColumnSchema: true }))
    millis.push(performance.now() - start)
  }
  return millis
}

export const crawl = bench('Glue: a crawler over 2,000 CSV objects in 200 folders', async (report) => {
  const server = await startBenchServer()
  const glue = new GlueClient(clientSettings(server))
  const s3 = new S3Client(clientSettings(server))
  try {
    await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
    const rows = Array.from({ length: 200 }, (_, n) => `${n},P-${n % 50},${n}.50,2025-10-20`).join('\n')
    const Body = `venda_id,produto_id,valor,data\n${rows}\n`
    for (let n = 0; n < objects; n++)
      await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: `vendas/dia=${n % 200}/${n}.csv`, Body }))
    const Targets = { S3Targets: [{ Path: 's3://lago/vendas/' }] }
    await glue.send(new CreateCrawlerCommand({ Name: 'vendas', Role: 'glue', DatabaseName: 'lago', Targets }))
    report({ what: 'the first crawl', value: await crawled(glue), unit: 'ms' })
    report({ what: 'the second, which changes nothing', value: await crawled(glue), unit: 'ms' })
  } finally {
    glue.destroy()
    s3.destroy()
    await server.stop()
  }
})

async function crawled(glue: GlueClient): Promise<number> {
  const start = performance.now()
  await glue.send(new StartCrawlerCommand({ Name: 'vendas' }))
  for (;;) {
    const { Crawler } = await glue.send(new GetCrawlerCommand({ Name: 'vendas' }))
    if (Crawler?.State === 'READY') return performance.now() - start
    await new Promise((done) => setTimeout(done, 10))
  }
}
