/** Crawlers: what looks through data and writes the Catalog. How one runs is in crawls.ts and crawlWorker.ts. */
import type { CrawlerMetrics, Crawler as CrawlerOutput, LastCrawlInfo } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { classifiers } from './classifiers.ts'
import {
  type Crawl,
  type Crawler,
  type CrawlerSettings,
  crawlers,
  crawls,
  dueCrawlerSchedules,
} from './crawlerRecords.ts'
import { armCrawler } from './crawlerSchedules.ts'
import { checkCrawler, checkSchedule } from './crawlerSettings.ts'
import { crawlLogGroup } from './crawls.ts'
import { dateOf, glueArn } from './names.ts'
import { pageOf } from './pages.ts'
import { putTags, tagSets } from './tags.ts'

const { AlreadyExistsException, CrawlerRunningException, EntityNotFoundException } = awsErrors('glue')

export const crawlerOperations = operations('glue', {
  async CreateCrawler(input, ctx) {
    const { Name: name, Tags, Schedule, ...settings } = input
    checkCrawler(settings)
    if (Schedule) checkSchedule(Schedule)
    await ctx.commit((tx) => {
      if (tx.in(crawlers).has(name)) throw AlreadyExistsException(`Crawler with name ${name} already exists`)
      mustHaveClassifiers(tx, settings)
      const now = ctx.clock.now()
      const crawler: Crawler = {
        name,
        settings,
        ...(Schedule && { schedule: Schedule }),
        isScheduled: Boolean(Schedule),
        state: 'READY',
        crawlCount: 0,
        knowsTargets: false,
        createdAt: now,
        updatedAt: now,
        version: 1,
      }
      tx.in(crawlers).put(crawler)
      armCrawler(tx, crawler)
      putTags(tx, glueArn(ctx, 'crawler', name), Tags ?? {})
    })
    return {}
  },

  async UpdateCrawler(input, ctx) {
    const { Name: name, Schedule, ...changes } = input
    await ctx.commit((tx) => {
      const there = mustGetCrawler(tx, name)
      if (there.state !== 'READY')
        throw CrawlerRunningException(`Crawler with name ${name} is running. It cannot be updated.`)
      const settings = { ...there.settings, ...changes } as CrawlerSettings
      checkCrawler(settings)
      if (Schedule) checkSchedule(Schedule)
      mustHaveClassifiers(tx, settings)
      const { schedule: _former, ...rest } = there
      const schedule = Schedule === undefined ? there.schedule : Schedule || undefined
      const crawler: Crawler = {
        ...rest,
        settings,
        ...(schedule && { schedule }),
        isScheduled: Schedule === undefined ? there.isScheduled : Boolean(Schedule),
        // Other targets must be crawled whole again.
        knowsTargets: there.knowsTargets && changes.Targets === undefined,
        updatedAt: ctx.clock.now(),
        version: there.version + 1,
      }
      tx.in(crawlers).put(crawler)
      armCrawler(tx, crawler)
    })
    return {}
  },

  async GetCrawler(input, ctx) {
    return { Crawler: crawlerOutput(ctx, mustGetCrawler(ctx, input.Name)) }
  },

  async GetCrawlers(input, ctx) {
    const { items, next } = pageOf(ctx.in(crawlers).list(), input)
    return { Crawlers: items.map((crawler) => crawlerOutput(ctx, crawler)), ...next }
  },

  async BatchGetCrawlers(input, ctx) {
    const found = input.CrawlerNames.flatMap((name) => ctx.in(crawlers).get(name) ?? [])
    return {
      Crawlers: found.map((crawler) => crawlerOutput(ctx, crawler)),
      CrawlersNotFound: input.CrawlerNames.filter((name) => !found.some((crawler) => crawler.name === name)),
    }
  },

  async ListCrawlers(input, ctx) {
    const wanted = Object.entries(input.Tags ?? {})
    const all = [...ctx.in(crawlers).list()].filter(({ name }) => {
      const tags = ctx.in(tagSets).get(glueArn(ctx, 'crawler', name))?.tags ?? {}
      return wanted.every(([key, value]) => tags[key] === value)
    })
    const { items, next } = pageOf(all, input)
    return { CrawlerNames: items.map(({ name }) => name), ...next }
  },

  async DeleteCrawler(input, ctx) {
    await ctx.commit((tx) => {
      const { state } = mustGetCrawler(tx, input.Name)
      if (state !== 'READY')
        throw CrawlerRunningException(`Crawler with name ${input.Name} is running. It cannot be deleted.`)
      for (const crawl of [...tx.in(crawls).list({ prefix: [input.Name] })])
        tx.in(crawls).delete(crawl.crawler, crawl.number)
      tx.in(crawlers).delete(input.Name)
      tx.due(dueCrawlerSchedules).delete(input.Name)
      putTags(tx, glueArn(ctx, 'crawler', input.Name), undefined)
    })
    return {}
  },

  async GetCrawlerMetrics(input, ctx) {
    const names = input.CrawlerNameList ?? []
    const all = [...ctx.in(crawlers).list()].filter(({ name }) => names.length === 0 || names.includes(name))
    const { items, next } = pageOf(all, input)
    return { CrawlerMetricsList: items.map((crawler) => metricsOf(ctx, crawler)), ...next }
  },
})

/** Errors: EntityNotFoundException. */
export function mustGetCrawler(ctx: Pick<Context | Tx, 'in'>, name: string): Crawler {
  const crawler = ctx.in(crawlers).get(name)
  if (!crawler) throw EntityNotFoundException(`Crawler with name ${name} does not exist`)
  return crawler
}

function mustHaveClassifiers(tx: Tx, { Classifiers = [] }: CrawlerSettings): void {
  const missing = Classifiers.find((name) => !tx.in(classifiers).has(name))
  if (missing !== undefined) throw EntityNotFoundException(`Classifier with name ${missing} does not exist`)
}

function crawlerOutput(ctx: Context, crawler: Crawler): CrawlerOutput {
  const { name, settings, schedule, isScheduled, state, crawlId, createdAt, updatedAt, version } = crawler
  const last = lastCrawlOf(ctx, crawler)
  const running = crawlId ? ctx.in(crawls).get(name, crawler.crawlCount) : undefined
  return {
    Name: name,
    ...settings,
    Targets: targetsOutput(settings),
    Classifiers: settings.Classifiers ?? [],
    RecrawlPolicy: { RecrawlBehavior: 'CRAWL_EVERYTHING', ...settings.RecrawlPolicy },
    SchemaChangePolicy: {
      UpdateBehavior: 'UPDATE_IN_DATABASE',
      DeleteBehavior: 'DEPRECATE_IN_DATABASE',
      ...settings.SchemaChangePolicy,
    },
    LineageConfiguration: { CrawlerLineageSettings: 'DISABLE', ...settings.LineageConfiguration },
    LakeFormationConfiguration: {
      UseLakeFormationCredentials: false,
      AccountId: '',
      ...settings.LakeFormationConfiguration,
    },
    State: state,
    ...(schedule && {
      Schedule: { ScheduleExpression: schedule, State: isScheduled ? 'SCHEDULED' : 'NOT_SCHEDULED' },
    }),
    CrawlElapsedTime: running ? ctx.clock.now() - running.startedAt : 0,
    CreationTime: dateOf(createdAt),
    LastUpdated: dateOf(updatedAt),
    ...(last && { LastCrawl: lastCrawlOutput(last) }),
    Version: version,
  }
}

/** Every kind of target is listed, empty or not: Terraform compares. */
function targetsOutput({ Targets = {} }: CrawlerSettings): NonNullable<CrawlerOutput['Targets']> {
  const { S3Targets = [], DynamoDBTargets = [], JdbcTargets = [], CatalogTargets = [] } = Targets
  return {
    S3Targets: S3Targets.map((target) => ({ Exclusions: [], ...target })),
    JdbcTargets: JdbcTargets.map((target) => ({ Exclusions: [], ...target })),
    MongoDBTargets: [],
    DynamoDBTargets,
    CatalogTargets,
    DeltaTargets: [],
    IcebergTargets: [],
    HudiTargets: [],
  }
}

function lastCrawlOf(ctx: Pick<Context, 'in'>, { name, lastCrawl }: Crawler): Crawl | undefined {
  return lastCrawl === undefined ? undefined : ctx.in(crawls).get(name, lastCrawl)
}

const lastStatus = { COMPLETED: 'SUCCEEDED', FAILED: 'FAILED', STOPPED: 'CANCELLED' } as const

function lastCrawlOutput({ state, errorMessage, crawler, id, startedAt }: Crawl): LastCrawlInfo {
  return {
    Status: lastStatus[state as keyof typeof lastStatus],
    ...(errorMessage && { ErrorMessage: errorMessage }),
    LogGroup: crawlLogGroup,
    LogStream: crawler,
    MessagePrefix: id,
    StartTime: dateOf(startedAt),
  }
}

function metricsOf(ctx: Context, crawler: Crawler): CrawlerMetrics {
  const ended = [...ctx.in(crawls).list({ prefix: [crawler.name] })].filter(({ state }) => state === 'COMPLETED')
  const seconds = ended.map((crawl) => crawl.seconds ?? 0)
  const last = ended.at(-1)
  const middle = [...seconds].sort((a, b) => a - b)[Math.floor(seconds.length / 2)] ?? 0
  return {
    CrawlerName: crawler.name,
    TimeLeftSeconds: 0,
    StillEstimating: crawler.state === 'RUNNING',
    LastRuntimeSeconds: last?.seconds ?? 0,
    MedianRuntimeSeconds: middle,
    TablesCreated: last?.tables.added.length ?? 0,
    TablesUpdated: last?.tables.updated.length ?? 0,
    TablesDeleted: last?.tables.deleted.length ?? 0,
  }
}
