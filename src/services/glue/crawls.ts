/** Crawls: a crawler's runs, their history, their beginning and their end. The work is in crawlWorker.ts. */
import type { CrawlerHistory, CrawlsFilter } from '@aws-sdk/client-glue'
import type { Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type Crawl, crawlers, crawls, dueCrawls } from './crawlerRecords.ts'
import { mustGetCrawler } from './crawlers.ts'
import { fireAfterCrawl } from './firing.ts'
import { dateOf } from './names.ts'
import { pageOf } from './pages.ts'

const { CrawlerNotRunningException, CrawlerRunningException, CrawlerStoppingException, InvalidInputException } =
  awsErrors('glue')

export const crawlLogGroup = '/aws-glue/crawlers'

export const crawlOperations = operations('glue', {
  async StartCrawler(input, ctx) {
    await ctx.commit((tx) => {
      startCrawl(tx, { name: input.Name })
    })
    return {}
  },

  async StopCrawler(input, ctx) {
    await ctx.commit((tx) => stopCrawl(tx, input.Name))
    return {}
  },

  async ListCrawls(input, ctx) {
    mustGetCrawler(ctx, input.CrawlerName)
    const wanted = (input.Filters ?? []).map(filterOf)
    const all = [...ctx.in(crawls).list({ prefix: [input.CrawlerName], reverse: true })]
    const { items, next } = pageOf(
      all.filter((crawl) => wanted.every((passes) => passes(crawl))),
      input,
    )
    return { Crawls: items.map(historyOutput), ...next }
  },
})

export interface CrawlRequest {
  name: string
  triggerName?: string
  workflow?: { name: string; runId: string }
}

/** Errors: EntityNotFoundException, CrawlerRunningException. */
export function startCrawl(tx: Tx, { name, triggerName, workflow }: CrawlRequest): Crawl {
  const crawler = mustGetCrawler(tx, name)
  if (crawler.state !== 'READY') throw CrawlerRunningException(`Crawler with name ${name} has already started`)
  const id = tx.random.uuid()
  const trace = tx.hop({
    service: 'glue',
    action: 'Crawl',
    resource: name,
    status: 'running',
    logs: { group: crawlLogGroup, stream: name },
    subjects: [id],
  })
  const number = crawler.crawlCount + 1
  const crawl: Crawl = {
    crawler: name,
    number,
    id,
    state: 'RUNNING',
    startedAt: tx.now,
    tables: { added: [], updated: [], deleted: [] },
    partitions: { added: 0, updated: 0, deleted: 0 },
    ...(triggerName && { triggerName }),
    ...(workflow && { workflow }),
    trace,
  }
  tx.in(crawls).put(crawl)
  tx.in(crawlers).put({ ...crawler, state: 'RUNNING', crawlId: id, crawlCount: number })
  tx.due(dueCrawls).put({ id, crawler: name, number, dueAt: tx.now, trace })
  announce(tx, crawl, { state: 'Started', message: 'Crawler Started', startTime: secondsText(tx.now) })
  return crawl
}

/** Errors: EntityNotFoundException, CrawlerNotRunningException, CrawlerStoppingException. */
export function stopCrawl(tx: Tx, name: string): void {
  const crawler = mustGetCrawler(tx, name)
  if (crawler.state === 'STOPPING') throw CrawlerStoppingException(`Crawler with name ${name} is stopping`)
  if (crawler.state !== 'RUNNING') throw CrawlerNotRunningException(`Crawler with name ${name} isn't running`)
  // The worker looks before each file.
  tx.in(crawlers).put({ ...crawler, state: 'STOPPING' })
}

export type CrawlEnd = Pick<Crawl, 'state' | 'errorMessage' | 'tables' | 'partitions' | 'seconds'> & {
  /** All targets were looked through. */
  isWhole: boolean
}

/** The end of a crawl: its record, its crawler ready again, its event, and what watched it. */
export function finishCrawl(tx: Tx, crawl: Crawl, { isWhole, ...end }: CrawlEnd): void {
  const finished: Crawl = { ...crawl, ...end, completedAt: tx.now }
  tx.in(crawls).put(finished)
  tx.due(dueCrawls).delete(crawl.id)
  const there = tx.in(crawlers).get(crawl.crawler)
  if (there) {
    const { crawlId: _running, ...crawler } = there
    const knowsTargets = there.knowsTargets || (isWhole && finished.state === 'COMPLETED')
    tx.in(crawlers).put({ ...crawler, state: 'READY', lastCrawl: crawl.number, knowsTargets })
  }
  const words = { COMPLETED: 'Succeeded', FAILED: 'Failed', STOPPED: 'Stopped', RUNNING: 'Started' }
  const state = words[finished.state]
  announce(tx, finished, { state, message: `Crawler ${state}`, ...figures(finished) })
  tx.endHop(crawl.trace, {
    endedAt: tx.now,
    status: finished.state === 'FAILED' ? 'failed' : 'ok',
    ...(finished.errorMessage && { error: finished.errorMessage }),
  })
  fireAfterCrawl(tx, finished)
}

function announce(tx: Tx, { crawler, trace }: Crawl, detail: Record<string, string>): void {
  tx.at({ trace }).emit({
    source: 'aws.glue',
    'detail-type': 'Glue Crawler State Change',
    detail: { accountId: tx.account, crawlerName: crawler, ...detail },
    resources: [],
  })
}

function figures({ tables, partitions, startedAt, completedAt, seconds, errorMessage }: Crawl): Record<string, string> {
  return {
    startTime: secondsText(startedAt),
    completionDate: secondsText(completedAt ?? startedAt),
    'runningTime (sec)': String(seconds ?? 0),
    tablesCreated: String(tables.added.length),
    tablesUpdated: String(tables.updated.length),
    tablesDeleted: String(tables.deleted.length),
    partitionsCreated: String(partitions.added),
    partitionsUpdated: String(partitions.updated),
    partitionsDeleted: String(partitions.deleted),
    warningMessage: 'N/A',
    ...(errorMessage && { errorMessage }),
  }
}

function secondsText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

function historyOutput(crawl: Crawl): CrawlerHistory {
  const { id, state, startedAt, completedAt, errorMessage, crawler, seconds = 0 } = crawl
  return {
    CrawlId: id,
    State: state,
    StartTime: dateOf(startedAt),
    ...(completedAt !== undefined && { EndTime: dateOf(completedAt) }),
    Summary: summaryOf(crawl),
    ...(errorMessage && { ErrorMessage: errorMessage }),
    LogGroup: crawlLogGroup,
    LogStream: crawler,
    MessagePrefix: id,
    DPUHour: dpuHoursOf(seconds),
  }
}

/** A crawler has two units of processing. */
function dpuHoursOf(seconds: number): number {
  return Number(((seconds * 2) / 3600).toFixed(4))
}

function summaryOf({ tables, partitions }: Crawl): string {
  const named = (names: string[]) => ({ COUNT: names.length, NAMES: names })
  const counted = (count: number) => ({ COUNT: count })
  return JSON.stringify({
    TABLE: { ADD: named(tables.added), UPDATE: named(tables.updated), DELETE: named(tables.deleted) },
    PARTITION: {
      ADD: counted(partitions.added),
      UPDATE: counted(partitions.updated),
      DELETE: counted(partitions.deleted),
    },
  })
}

function filterOf({ FieldName, FilterOperator, FieldValue = '' }: CrawlsFilter): (crawl: Crawl) => boolean {
  const fields: Record<string, (crawl: Crawl) => string | number> = {
    CRAWL_ID: ({ id }) => id,
    STATE: ({ state }) => state,
    START_TIME: ({ startedAt }) => startedAt,
    END_TIME: ({ completedAt }) => completedAt ?? 0,
    DPU_HOUR: ({ seconds = 0 }) => dpuHoursOf(seconds),
  }
  const read = fields[FieldName ?? '']
  if (!read) throw InvalidInputException(`Invalid filter field: ${FieldName}`)
  const isText = FieldName === 'CRAWL_ID' || FieldName === 'STATE'
  const wanted = isText ? FieldValue : Number(FieldValue)
  if (!isText && Number.isNaN(wanted)) throw InvalidInputException(`Invalid filter value: ${FieldValue}`)
  const tests: Record<string, (value: string | number) => boolean> = {
    EQ: (value) => value === wanted,
    NE: (value) => value !== wanted,
    GT: (value) => value > wanted,
    GE: (value) => value >= wanted,
    LT: (value) => value < wanted,
    LE: (value) => value <= wanted,
  }
  const test = tests[FilterOperator ?? '']
  if (!test) throw InvalidInputException(`Invalid filter operator: ${FilterOperator}`)
  return (crawl) => test(read(crawl))
}
