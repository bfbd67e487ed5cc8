/** A crawl's lines in CloudWatch Logs: the crawler's stream, each line with the crawl's id before it. */
import type { Context } from '../../delivery/context.ts'
import { AwsError } from '../../wire/errors.ts'
import type { Crawl } from './crawlerRecords.ts'

const logGroupName = '/aws-glue/crawlers'
const eventsPerPut = 1000

export class CrawlLog {
  readonly #ctx: Context
  readonly #crawl: Crawl
  #events: { timestamp: number; message: string }[] = []

  constructor(ctx: Context, crawl: Crawl) {
    this.#ctx = ctx
    this.#crawl = crawl
  }

  readonly line = (text: string): void => {
    this.#events.push({ timestamp: this.#ctx.clock.now(), message: `[${this.#crawl.id}] ${text}` })
  }

  /** The lines are stored when this resolves. */
  async flush(): Promise<void> {
    const logs = this.#ctx.call('cloudwatch-logs')
    const place = { logGroupName, logStreamName: this.#crawl.crawler }
    await unlessThere(logs.CreateLogGroup({ logGroupName }))
    await unlessThere(logs.CreateLogStream(place))
    for (let start = 0; start < this.#events.length; start += eventsPerPut)
      await logs.PutLogEvents({ ...place, logEvents: this.#events.slice(start, start + eventsPerPut) })
    this.#events = []
  }
}

async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ResourceAlreadyExistsException')) throw error
  }
}
