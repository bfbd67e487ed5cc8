/** A run's output on its way to CloudWatch Logs: lines are gathered for a moment, then put in batches. */
import { stopwatch } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import { AwsError } from '../../wire/errors.ts'
import { isAsked } from './jobParameters.ts'
import type { JobRun } from './jobRunRecords.ts'

const gatherMilliseconds = 100
const batchCharactersMax = 250_000
const batchEventsMax = 5_000
/** CloudWatch's longest event, with room for bytes beyond ASCII. */
const messageCharactersMax = 60_000

type Stream = 'output' | 'error'

export const jobLogs = singleton('job logs', () => ({
  open: (ctx: Context, run: JobRun) => new RunLog(ctx, placesOf(run)),
}))

interface Place {
  logGroupName: string
  logStreamName: string
}

/** AWS's groups of a run's output and errors, and that of its continuous log, which has both. */
function placesOf({ id, arguments: given, settings }: JobRun): Record<Stream, Place[]> {
  const group = given['--continuous-log-logGroup']
  const isContinuous = isAsked(given['--enable-continuous-cloudwatch-log'])
  // From Glue 5.0 on a continuous log is the ordinary one, unless it has a group of its own.
  const hasOwn = isContinuous && (group !== undefined || Number(settings.GlueVersion ?? '0.9') < 5)
  const logGroupName = group ?? '/aws-glue/jobs/logs-v2'
  const own = { logGroupName, logStreamName: `${given['--continuous-log-logStreamPrefix'] ?? id}-driver` }
  const placeOf = (stream: Stream) => ({ logGroupName: `/aws-glue/jobs/${stream}`, logStreamName: id })
  return {
    output: [placeOf('output'), ...(hasOwn ? [own] : [])],
    error: [placeOf('error'), ...(hasOwn ? [own] : [])],
  }
}

class RunLog {
  readonly #ctx: Context
  readonly #places: Record<Stream, Place[]>
  readonly #partial: Record<Stream, string> = { output: '', error: '' }
  readonly #lines: Record<Stream, { timestamp: number; message: string }[]> = { output: [], error: [] }
  readonly #made = new Set<string>()
  #flushing: Promise<void> | undefined

  constructor(ctx: Context, places: Record<Stream, Place[]>) {
    this.#ctx = ctx
    this.#places = places
  }

  write(stream: Stream, text: string): void {
    const lines = (this.#partial[stream] + text).split('\n')
    this.#partial[stream] = lines.pop() ?? ''
    for (const line of lines) this.#add(stream, line)
    this.#flushing ??= this.#flushSoon()
  }

  /** Everything is stored when this resolves. */
  async close(): Promise<void> {
    for (const stream of ['output', 'error'] as const) {
      if (this.#partial[stream]) this.#add(stream, this.#partial[stream])
      this.#partial[stream] = ''
    }
    await this.#flushing
    await this.#flush()
  }

  #add(stream: Stream, line: string): void {
    const timestamp = this.#ctx.clock.now()
    // An empty line is no event in CloudWatch.
    for (let at = 0; at === 0 || at < line.length; at += messageCharactersMax)
      this.#lines[stream].push({ timestamp, message: line.slice(at, at + messageCharactersMax) || ' ' })
  }

  async #flushSoon(): Promise<void> {
    await stopwatch.pause(gatherMilliseconds)
    await this.#flush()
    this.#flushing = undefined
  }

  async #flush(): Promise<void> {
    for (const stream of ['output', 'error'] as const) {
      while (this.#lines[stream].length > 0) await this.#put(stream, this.#takeBatch(stream))
    }
  }

  #takeBatch(stream: Stream) {
    let characters = 0
    const lines = this.#lines[stream]
    const tooMany = lines.findIndex(({ message }, index) => {
      characters += message.length + 26
      return index > 0 && (characters > batchCharactersMax || index >= batchEventsMax)
    })
    return lines.splice(0, tooMany < 0 ? lines.length : tooMany)
  }

  async #put(stream: Stream, logEvents: { timestamp: number; message: string }[]): Promise<void> {
    const logs = this.#ctx.call('cloudwatch-logs')
    for (const place of this.#places[stream]) {
      const name = `${place.logGroupName}:${place.logStreamName}`
      if (!this.#made.has(name)) {
        await unlessThere(logs.CreateLogGroup({ logGroupName: place.logGroupName }))
        await unlessThere(logs.CreateLogStream(place))
        this.#made.add(name)
      }
      await logs.PutLogEvents({ ...place, logEvents })
    }
  }
}

async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ResourceAlreadyExistsException')) throw error
  }
}
