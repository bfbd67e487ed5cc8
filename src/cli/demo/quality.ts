/** The data quality gate: one file passes, one fails the function's checks, one the job's own rules. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { paint, table } from '../terminal.ts'
import { askAthena } from './athena.ts'
import { type Check, check, type DemoFile, type Example } from './example.ts'
import { bodyOf } from './fileBodies.ts'
import { indented, type Pipeline } from './pipeline.ts'

const sql =
  'SELECT day, city, count(*) AS orders, sum(amount) AS amount FROM orders GROUP BY day, city ORDER BY day, city'
const samples = [
  ['2025-10-20', 'as it should be'],
  ['2025-10-21', 'four in ten customers are missing'],
  ['2025-10-22', 'some amounts are negative'],
] as const

export const quality: Example = {
  name: 'quality',
  about: 'a Parquet file is checked before, and within, the job that loads it',
  stack: 'Quality',
  bucket: 'orders-incoming',

  async files(exampleFolder, own) {
    if (own !== undefined)
      return [{ key: nameOf(own), name: 'orders', body: bodyOf(own, 'a Parquet file of orders'), note: own }]
    return samples.map(([day, note]) => {
      const key = `orders_${day}.parquet`
      return { key, name: day, body: readFileSync(`${exampleFolder}/data/${key}`), note }
    })
  },

  async play(pipeline) {
    await pipeline.drop(pipeline.files, `Drop ${pipeline.files.length} files`)
    await pipeline.follow()
    pipeline.showMails(await pipeline.mails())

    const rows = await askAthena(pipeline.aws, sql, 'quality')
    pipeline.story.heading('The orders in the lake')
    pipeline.story.line(indented(paint.dim(sql)))
    pipeline.story.line(indented(table(['day', 'city', 'orders', 'amount'], rows)))
    const [first] = pipeline.files as [DemoFile]
    if (pipeline.files.length === 1) return [await pipeline.checkUndelivered('quality-undelivered')]
    return [
      ...(await checkSamples(pipeline, rows)),
      await pipeline.checkUndelivered('quality-undelivered'),
      await pipeline.checkWay(first, ['s3', 'eventbridge', 'lambda', 'glue']),
    ]
  },

  next: (bucket) => [
    `aws s3 cp examples/quality/data/orders_2025-10-20.parquet s3://${bucket}/orders_2025-10-23.parquet`,
    'aws logs tail /aws/lambda/check_quality',
    'aws glue get-job-runs --job-name load_orders',
  ],
  more: ['trace orders_2025-10-20.parquet', 'mail', 'explain quality-check-passed'],
}

function nameOf(path: string): string {
  const name = basename(path)
  return /^orders_\d{4}-\d{2}-\d{2}\.parquet$/.test(name) ? name : 'orders_2025-10-20.parquet'
}

async function checkSamples(pipeline: Pipeline, rows: string[][]): Promise<Check[]> {
  const [passed, refused, broken] = pipeline.files as [DemoFile, DemoFile, DemoFile]
  const days = [...new Set(rows.map(([day]) => day))]
  const loaded = rows.reduce((sum, [, , orders]) => sum + Number(orders), 0)
  const quarantined = await pipeline.aws.listKeys(pipeline.bucket, 'quarantine/')
  const mails = await pipeline.mails()
  const mailAbout = ({ key }: DemoFile, words: string) =>
    mails.some(({ body }) => body.includes(key) && body.includes(words))
  return [
    check(
      `${passed.key} is in the lake, and nothing else`,
      String(days) === passed.name && loaded === 500,
      `the lake has ${loaded} orders of ${days}`,
    ),
    check(`${refused.key} is in quarantine`, String(quarantined) === `quarantine/${refused.key}`, String(quarantined)),
    check(`an e-mail says why ${refused.key} failed`, mailAbout(refused, 'customer_id is null'), 'there is none'),
    check(`an e-mail says which rule ${broken.key} broke`, mailAbout(broken, 'ColumnValues'), 'there is none'),
  ]
}
