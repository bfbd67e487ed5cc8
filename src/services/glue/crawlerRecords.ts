/** Crawlers and their crawls, as they are kept. */
import type { CrawlerHistoryState, CrawlerState, CreateCrawlerCommandInput } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import type { TraceRef } from '../../observe/traces.ts'
import { collection } from '../../store/collection.ts'

export type CrawlerSettings = Omit<CreateCrawlerCommandInput, 'Name' | 'Tags' | 'Schedule'>

export interface Crawler {
  name: string
  settings: CrawlerSettings
  /** A cron expression, also while it is not scheduled. */
  schedule?: string
  isScheduled: boolean
  state: CrawlerState
  /** The crawl that runs. */
  crawlId?: string
  /** Crawls so far: each has its number, for two may begin in one millisecond. */
  crawlCount: number
  lastCrawl?: number
  /** A whole crawl succeeded: from then on, new folders or events can be enough. */
  knowsTargets: boolean
  createdAt: Millis
  updatedAt: Millis
  version: number
}

export const crawlers = collection<Crawler>('glue/crawlers', { version: 1, key: (crawler) => [crawler.name] })

export interface ChangeCounts {
  added: string[]
  updated: string[]
  deleted: string[]
}

export interface Crawl {
  crawler: string
  number: number
  id: string
  state: CrawlerHistoryState
  startedAt: Millis
  completedAt?: Millis
  /** By the stopwatch: how long it worked. */
  seconds?: number
  errorMessage?: string
  tables: ChangeCounts
  partitions: { added: number; updated: number; deleted: number }
  triggerName?: string
  workflow?: { name: string; runId: string }
  trace: TraceRef
}

export const crawls = collection<Crawl>('glue/crawls', {
  version: 1,
  key: (crawl) => [crawl.crawler, crawl.number],
})

export interface DueCrawl extends Due {
  crawler: string
  number: number
}

export const dueCrawls = dueQueue<DueCrawl>('glue/crawls')

export const dueCrawlerSchedules = dueQueue<Due>('glue/crawler-schedules')
