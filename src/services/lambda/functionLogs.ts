/**
 * Functions' log lines on their way to CloudWatch Logs. An invocation does not wait for them: they are gathered for a
 * moment, then put in batches; what is not put yet counts as work under way, so a settled server has all of it.
 */
import { type Millis, stopwatch } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import type { Platform } from '../../delivery/platform.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { Scope } from '../../store/collection.ts'
import { AwsError } from '../../wire/errors.ts'

const gatherMilliseconds = 10
/** Beyond this, lines are dropped and counted: a function that prints without end must not fill the memory. */
const bufferedCharactersMax = 32 * 1024 * 1024
/** PutLogEvents' own limits; 26 bytes are counted for each event. */
const batchEventsMax = 10_000
const batchBytesMax = 1_048_576
const eventOverheadBytes = 26

interface LogEvent {
  timestamp: Millis
  message: string
}

interface Stream extends Scope {
  group: string
  stream: string
  events: LogEvent[]
  dropped: number
  /** Whether the group and the stream are known to be there. */
  made: boolean
}

export const functionLogs = singleton('function logs', (platform) => new FunctionLogs(platform))

export class FunctionLogs {
  readonly #platform: Platform
  readonly #streams = new Map<string, Stream>()
  #bufferedCharacters = 0
  #flushing: Promise<void> | undefined

  constructor(platform: Platform) {
    this.#platform = platform
  }

  get isBusy(): boolean {
    return this.#flushing !== undefined
  }

  append(scope: Scope, line: { group: string; stream: string; message: string }): void {
    const stream = this.#streamOf(scope, line)
    const message = line.message === '' ? ' ' : line.message
    if (this.#bufferedCharacters + message.length > bufferedCharactersMax) stream.dropped++
    else {
      this.#bufferedCharacters += message.length
      stream.events.push({ timestamp: this.#platform.clock.now(), message })
    }
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined
    })
  }

  async close(): Promise<void> {
    while (this.#flushing) await this.#flushing
  }

  reset(): void {
    this.#streams.clear()
    this.#bufferedCharacters = 0
  }

  #streamOf({ account, region }: Scope, { group, stream }: { group: string; stream: string }): Stream {
    const key = `${account}/${region}/${group}/${stream}`
    let found = this.#streams.get(key)
    if (!found) {
      found = { account, region, group, stream, events: [], dropped: 0, made: false }
      this.#streams.set(key, found)
      this.#forgetOldest()
    }
    return found
  }

  /** Streams of instances that are long gone; should one still print, it is made known again. */
  #forgetOldest(): void {
    const streamsMax = 1000
    for (const [key, stream] of this.#streams) {
      if (this.#streams.size <= streamsMax) return
      if (stream.events.length === 0) this.#streams.delete(key)
    }
  }

  async #flush(): Promise<void> {
    do {
      await stopwatch.pause(gatherMilliseconds)
      const waiting = [...this.#streams.values()].filter((stream) => stream.events.length > 0)
      await Promise.all(waiting.map((stream) => this.#put(stream)))
    } while ([...this.#streams.values()].some((stream) => stream.events.length > 0))
  }

  async #put(stream: Stream): Promise<void> {
    const ctx = this.#platform.context(stream)
    const batch = this.#take(stream)
    try {
      if (!stream.made) await makeStream(ctx, stream)
      stream.made = true
      await putEvents(ctx, stream, batch)
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ResourceNotFoundException' && stream.made) {
        // Somebody deleted the group or the stream; Lambda makes them again.
        stream.made = false
        stream.events.unshift(...batch)
        for (const event of batch) this.#bufferedCharacters += event.message.length
        return
      }
      this.#platform.log.error(`Log lines of ${stream.group} were lost`, error)
    }
  }

  #take(stream: Stream): LogEvent[] {
    let bytes = 0
    let count = 0
    for (const event of stream.events) {
      const size = Buffer.byteLength(event.message) + eventOverheadBytes
      if (count > 0 && (bytes + size > batchBytesMax || count >= batchEventsMax)) break
      bytes += size
      count++
    }
    const batch = stream.events.splice(0, count)
    for (const event of batch) this.#bufferedCharacters -= event.message.length
    if (stream.dropped > 0 && stream.events.length === 0) {
      const message = `[igarape] ${stream.dropped} log lines were dropped: they came faster than they could be stored.`
      batch.push({ timestamp: this.#platform.clock.now(), message })
      stream.dropped = 0
    }
    return batch
  }
}

async function putEvents(ctx: Context, { group, stream }: Stream, logEvents: LogEvent[]): Promise<void> {
  await ctx.call('cloudwatch-logs').PutLogEvents({ logGroupName: group, logStreamName: stream, logEvents })
}

async function makeStream(ctx: Context, { group, stream }: Stream): Promise<void> {
  const logs = ctx.call('cloudwatch-logs')
  const makeStreamOnce = () => unlessThere(logs.CreateLogStream({ logGroupName: group, logStreamName: stream }))
  try {
    await makeStreamOnce()
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ResourceNotFoundException')) throw error
    await unlessThere(logs.CreateLogGroup({ logGroupName: group }))
    await makeStreamOnce()
  }
}

async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ResourceAlreadyExistsException')) throw error
  }
}
