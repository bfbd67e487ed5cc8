/**
 * Runs due crawls. All that a crawl wrote is found again by its location, so one that was killed at any line is simply
 * run again by the next start, and its row is deleted by the commit that ends it.
 */
import { stopwatch } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { UserError } from '../../userError.ts'
import { AwsError } from '../../wire/errors.ts'
import { classifiers, customClassifier } from './classifiers.ts'
import { type Crawl, type Crawler, crawlers, crawls, type DueCrawl, dueCrawls } from './crawlerRecords.ts'
import { configurationOf } from './crawlerSettings.ts'
import { crawlCatalog } from './crawling/catalogCrawl.ts'
import { crawlerName, databaseOf, ensureDatabase, putTable, type Writer } from './crawling/catalogWriting.ts'
import { crawlDatabase } from './crawling/databaseCrawl.ts'
import { dynamodbTable } from './crawling/dynamodbTable.ts'
import { crawlS3, TooManyTables } from './crawling/s3Crawl.ts'
import { CrawlStopped } from './crawling/s3Files.ts'
import { CrawlLog } from './crawlLog.ts'
import { type CrawlEnd, finishCrawl } from './crawls.ts'
import { tables } from './tables.ts'

export const crawlWorker = worker<DueCrawl>('glue/crawls', {
  queue: dueCrawls,
  concurrency: 2,
  async run({ id, crawler: name, number }, ctx) {
    const crawl = ctx.in(crawls).get(name, number)
    const crawler = ctx.in(crawlers).get(name)
    const end = crawl && crawler && (await endOf(ctx, crawler, crawl))
    await ctx.commit((tx) => {
      if (crawl && end) finishCrawl(tx, crawl, end)
      else tx.due(dueCrawls).delete(id)
    })
  },
})

async function endOf(ctx: Context, crawler: Crawler, crawl: Crawl): Promise<CrawlEnd> {
  const began = stopwatch.now()
  const log = new CrawlLog(ctx, crawl)
  const changes = {
    tables: { added: [], updated: [], deleted: [] },
    partitions: { added: 0, updated: 0, deleted: 0 },
  }
  const writer = { ctx, crawler, configuration: configurationOf(crawler.settings), changes, log: log.line }
  const outcome = await outcomeOf(writer)
  if (outcome.errorMessage) log.line(`ERROR : ${outcome.errorMessage}`)
  log.line('BENCHMARK : Crawler has finished running and is in state READY')
  await log.flush()
  const seconds = Math.round(stopwatch.now() - began) / 1000
  return { ...outcome, ...changes, seconds, isWhole: outcome.state === 'COMPLETED' }
}

async function outcomeOf(writer: Writer): Promise<Pick<CrawlEnd, 'state' | 'errorMessage'>> {
  const { ctx, crawler } = writer
  const isStopped = () => ctx.in(crawlers).get(crawler.name)?.state === 'STOPPING'
  try {
    await crawlTargets(writer, isStopped)
    return { state: isStopped() ? 'STOPPED' : 'COMPLETED' }
  } catch (error) {
    if (error instanceof CrawlStopped) return { state: 'STOPPED' }
    const isTold = error instanceof AwsError || error instanceof UserError || error instanceof TooManyTables
    if (!isTold) throw error
    const fix = error instanceof UserError ? ` ${error.fix}` : ''
    return { state: 'FAILED', errorMessage: `${error.message}${fix}` }
  }
}

async function crawlTargets(writer: Writer, isStopped: () => boolean): Promise<void> {
  const { ctx, crawler, log } = writer
  const { S3Targets = [], DynamoDBTargets = [], JdbcTargets = [], CatalogTargets = [] } = crawler.settings.Targets ?? {}
  const policy = { UpdateBehavior: 'UPDATE_IN_DATABASE', DeleteBehavior: 'DEPRECATE_IN_DATABASE' }
  log(`BENCHMARK : Running Start Crawl for Crawler ${crawler.name}`)
  log(
    `INFO : Crawler configured with SchemaChangePolicy ${JSON.stringify({ ...policy, ...crawler.settings.SchemaChangePolicy })}.`,
  )
  const custom = (crawler.settings.Classifiers ?? []).flatMap((name) => {
    const classifier = ctx.in(classifiers).get(name)
    return classifier ? [customClassifier(classifier)] : []
  })
  if (CatalogTargets.length === 0) await ensureDatabase(writer)
  for (const target of S3Targets) await crawlS3(writer, { target, classifiers: custom, isStopped })
  for (const target of DynamoDBTargets) {
    const name = crawlerName(crawler, target.Path ?? '')
    const wanted = await dynamodbTable(ctx, target, { name, crawler: crawler.name })
    await putTable(writer, wanted, ctx.in(tables).get(databaseOf(writer), name))
  }
  for (const target of JdbcTargets) await crawlDatabase(writer, target, isStopped)
  for (const target of CatalogTargets) await crawlCatalog(writer, target, { classifiers: custom, isStopped })
  log('BENCHMARK : Finished writing to Catalog')
}
