/** Application logs: the day's counters at once, and a minute later the day in the lake. */
import { basename } from 'node:path'
import { count, paint, table } from '../terminal.ts'
import { askAthena } from './athena.ts'
import { type Check, check, type DemoFile, type Example } from './example.ts'
import { bodyOf, generated } from './fileBodies.ts'
import { indented, type Pipeline } from './pipeline.ts'

const day = '2025-10-20'
const events = 100_000
const seed = 7
const sql = 'SELECT date, hour, error_type, errors FROM critical_by_hour ORDER BY errors DESC, hour LIMIT 5'

export const logs: Example = {
  name: 'logs',
  about: 'JSON logs become counters within two seconds, and the whole day in the lake',
  stack: 'Logs',
  bucket: 'app-logs',
  movesClock: true,

  async files(exampleFolder, own) {
    if (own !== undefined)
      return [{ key: nameOf(own), name: 'app.log', body: bodyOf(own, 'a file of JSON events, one a line'), note: own }]
    const body = await generated(exampleFolder, [day, String(events), String(seed)])
    return [{ key: `app.log.${day}.json`, name: 'app.log', body, note: `${count(events)} events of a day` }]
  },

  async play(pipeline) {
    await pipeline.drop(pipeline.files, "Drop the day's log")
    await pipeline.follow()
    await pipeline.advance('1m', 'a minute has passed: files that came together are aggregated together')
    await pipeline.follow()

    const [file] = pipeline.files as [DemoFile]
    const wanted = countsOf(file)
    const counters = await countersOf(pipeline, file)
    showCounters(pipeline, counters)
    const rows = await askAthena(pipeline.aws, sql, 'logs')
    pipeline.story.heading('The hours with the most critical errors')
    pipeline.story.line(indented(paint.dim(sql)))
    pipeline.story.line(indented(table(['date', 'hour', 'error type', 'errors'], rows)))
    const [total = []] = await askAthena(pipeline.aws, 'SELECT sum(errors) FROM errors_by_hour', 'logs')
    return [
      ...checkCounters(counters, wanted),
      check(
        'the lake has every error',
        total[0] === String(wanted.errors),
        `wanted ${wanted.errors}, found ${total[0]}`,
      ),
      await pipeline.checkUndelivered('logs-undelivered'),
      await pipeline.checkWay(file, ['s3', 'eventbridge', 'lambda', 'glue']),
    ]
  },

  next: (bucket) => [
    `aws s3 cp examples/logs/data/app.log.${day}.json s3://${bucket}/app.log.2025-10-21.json`,
    `aws dynamodb get-item --table-name log-counters --key '{"date":{"S":"2025-10-21"}}'`,
    'aws logs tail /aws/lambda/extract_metrics',
  ],
  more: ['clock advance 5m', 'mail', 'explain logs-file-arrived'],
}

function nameOf(path: string): string {
  const name = basename(path)
  return /^app\.log\.\d{4}-\d{2}-\d{2}.*\.json$/.test(name) ? name : `app.log.${day}.json`
}

/** Counted from the file itself, by other code than the pipeline's. */
function countsOf({ body }: DemoFile): { total: number; critical: number; errors: number } {
  const lines = body.toString().split('\n').filter(Boolean)
  const critical = lines.filter((line) => line.includes('"level":"CRITICAL"')).length
  const errors = lines.filter((line) => line.includes('"level":"ERROR"')).length
  return { total: lines.length, critical, errors: errors + critical }
}

async function countersOf({ aws }: Pipeline, { key }: DemoFile): Promise<Record<string, number>> {
  const { Item = {} } = await aws.call<{ Item?: Record<string, { N?: string }> }>('DynamoDB_20120810', 'GetItem', {
    TableName: 'log-counters',
    Key: { date: { S: key.slice('app.log.'.length, 'app.log.2025-10-20'.length) } },
    ConsistentRead: true,
  })
  return Object.fromEntries(
    Object.entries(Item).flatMap(([name, { N }]) => (N === undefined ? [] : [[name, Number(N)]])),
  )
}

function showCounters({ story }: Pipeline, counters: Record<string, number>): void {
  story.heading('The counters of the day, in DynamoDB')
  const rows = Object.entries(counters).sort(([left], [right]) => left.localeCompare(right))
  story.line(
    indented(
      table(
        ['counter', 'count'],
        rows.map(([name, value]) => [name, count(value)]),
      ),
    ),
  )
}

function checkCounters(counters: Record<string, number>, wanted: { total: number; critical: number }): Check[] {
  return (['total', 'critical'] as const).map((name) =>
    check(`the counter ${name} is ${count(wanted[name])}`, counters[name] === wanted[name], `it is ${counters[name]}`),
  )
}
