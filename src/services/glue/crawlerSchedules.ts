/** Crawlers by the clock. A time that comes while a crawl runs is let go, as AWS does it. */
import type { Tx } from '../../delivery/context.ts'
import { type Due, worker } from '../../delivery/due.ts'
import { nextAfter, parseSchedule } from '../../engines/schedules/scheduleExpressions.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type Crawler, crawlers, dueCrawlerSchedules } from './crawlerRecords.ts'
import { checkSchedule } from './crawlerSettings.ts'
import { mustGetCrawler } from './crawlers.ts'
import { startCrawl } from './crawls.ts'

const { NoScheduleException, SchedulerNotRunningException, SchedulerRunningException } = awsErrors('glue')

export const crawlerScheduleOperations = operations('glue', {
  async StartCrawlerSchedule(input, ctx) {
    await ctx.commit((tx) => {
      const there = mustGetCrawler(tx, input.CrawlerName)
      if (!there.schedule) throw NoScheduleException(`Crawler with name ${there.name} does not have a schedule`)
      if (there.isScheduled)
        throw SchedulerRunningException(`Scheduler for crawler with name ${there.name} is already running`)
      schedule(tx, { ...there, isScheduled: true })
    })
    return {}
  },

  async StopCrawlerSchedule(input, ctx) {
    await ctx.commit((tx) => {
      const there = mustGetCrawler(tx, input.CrawlerName)
      if (!there.isScheduled)
        throw SchedulerNotRunningException(`Scheduler for crawler with name ${there.name} is not running`)
      schedule(tx, { ...there, isScheduled: false })
    })
    return {}
  },

  async UpdateCrawlerSchedule(input, ctx) {
    if (input.Schedule) checkSchedule(input.Schedule)
    await ctx.commit((tx) => {
      const { schedule: _former, ...there } = mustGetCrawler(tx, input.CrawlerName)
      const isScheduled = Boolean(input.Schedule)
      schedule(tx, { ...there, ...(input.Schedule && { schedule: input.Schedule }), isScheduled })
    })
    return {}
  },
})

/** Starts crawlers at their times. */
export const crawlerScheduleWorker = worker<Due>('glue/crawler-schedules', {
  queue: dueCrawlerSchedules,
  async run({ id }, ctx) {
    await ctx.commit((tx) => {
      const crawler = tx.in(crawlers).get(id)
      if (!crawler?.isScheduled) {
        tx.due(dueCrawlerSchedules).delete(id)
        return
      }
      if (crawler.state === 'READY') startCrawl(tx, { name: id })
      armCrawler(tx, crawler)
    })
  },
})

/** The row that wakes a scheduled crawler, or none. */
export function armCrawler(tx: Tx, { name, schedule: expression, isScheduled }: Crawler): void {
  const next = expression && isScheduled ? nextAfter(parseSchedule(expression), tx.now) : undefined
  if (next === undefined) tx.due(dueCrawlerSchedules).delete(name)
  else tx.due(dueCrawlerSchedules).put({ id: name, dueAt: next })
}

function schedule(tx: Tx, crawler: Crawler): void {
  const changed = { ...crawler, updatedAt: tx.now }
  tx.in(crawlers).put(changed)
  armCrawler(tx, changed)
}
