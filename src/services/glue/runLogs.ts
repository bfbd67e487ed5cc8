/**
 * A run's output on its way to CloudWatch Logs: lines are gathered for a moment, then put in batches. What a script prints goes to
 * /aws-glue/jobs/output, its errors and what the engine says to /aws-glue/jobs/error, and the latter with its progress to
 * /aws-glue/jobs/logs-v2 too where the job asks for continuous logging.
 */
import { stopwatch } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { RunCounts } from '../../engines/jobs/jobProcess.ts'
import { AwsError } from '../../wire/errors.ts'
import { costOf, type Outcome } from './finishing.ts'
import { isAsked } from './jobParameters.ts'
import type { JobRun } from './jobRunRecords.ts'
import { capacityOf } from './jobs.ts'

const gatherMilliseconds = 100
const batchCharactersMax = 250_000
const batchEventsMax = 5_000
const waitingCharactersMax = 8_000_000
/** What a run may print in all; the rest of a script that prints without end is left out, and its log says so. */
const printedCharactersMax = 200_000_000
/** CloudWatch's longest event, with room for bytes beyond ASCII. */
const messageCharactersMax = 60_000

type Printed = 'output' | 'error'
type Stream = Printed | 'progress'
const streams: readonly Stream[] = ['output', 'error', 'progress']

export const jobLogs = singleton('job logs', () => ({
  open: (ctx: Context, run: JobRun) => new RunLog(ctx, placesOf(run)),
  /** For a run that is no job's: its output and its errors, in two groups below this one. */
  openBelow: (ctx: Context, { group, stream }: { group: string; stream: string }) => {
    const placesIn = (name: Printed) => [{ logGroupName: `${group}/${name}`, logStreamName: stream }]
    return new RunLog(ctx, { output: placesIn('output'), error: placesIn('error'), progress: [] })
  },
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
  const ownOf = (name: string) => ({
    logGroupName,
    logStreamName: `${given['--continuous-log-logStreamPrefix'] ?? id}-${name}`,
  })
  const placeOf = (stream: Stream) => ({ logGroupName: `/aws-glue/jobs/${stream}`, logStreamName: id })
  return {
    output: [placeOf('output'), ...(hasOwn ? [ownOf('driver')] : [])],
    progress: hasOwn ? [ownOf('progress-bar')] : [],
    error: [placeOf('error'), ...(hasOwn ? [ownOf('driver')] : [])],
  }
}

export class RunLog {
  readonly #ctx: Context
  readonly #places: Record<Stream, Place[]>
  readonly #partial: Record<Printed, string> = { output: '', error: '' }
  readonly #lines: Record<Stream, LogLine[]> = { output: [], error: [], progress: [] }
  readonly #made = new Set<string>()
  #waitingCharacters = 0
  #printedCharacters = 0
  #flushing: Promise<void> | undefined

  constructor(ctx: Context, places: Record<Stream, Place[]>) {
    this.#ctx = ctx
    this.#places = places
  }

  /** A line of the engine's own. */
  tell(line: string): void {
    this.#add('error', `Igarapé: ${line}`)
    this.#flushing ??= this.#flushSoon()
  }

  progress(line: string): void {
    this.#add('progress', line)
    this.#flushing ??= this.#flushSoon()
  }

  /** A promise where so much waits to be stored that the script had better wait too. */
  write(stream: Printed, text: string): Promise<void> | undefined {
    const isFull = this.#printedCharacters > printedCharactersMax
    this.#printedCharacters += text.length
    if (isFull) return undefined
    if (this.#printedCharacters > printedCharactersMax)
      this.tell(`The script printed more than ${printedCharactersMax} characters; what follows is not kept.`)
    const lines = (this.#partial[stream] + text).split('\n')
    this.#partial[stream] = lines.pop() ?? ''
    // A line without an end is cut before it grows beyond measure.
    if (this.#partial[stream].length > messageCharactersMax) lines.push(this.#takePartial(stream))
    for (const line of lines) this.#add(stream, line)
    this.#flushing ??= this.#flushSoon()
    return this.#waitingCharacters > waitingCharactersMax ? this.#flushing : undefined
  }

  /** Everything is stored when this resolves. */
  async close(): Promise<void> {
    for (const stream of ['output', 'error'] as const) {
      if (this.#partial[stream]) this.#add(stream, this.#takePartial(stream))
    }
    await this.#flushing
    await this.#flush()
  }

  #takePartial(stream: Printed): string {
    const text = this.#partial[stream]
    this.#partial[stream] = ''
    return text
  }

  #add(stream: Stream, line: string): void {
    if (this.#places[stream].length === 0) return
    const timestamp = this.#ctx.clock.now()
    this.#waitingCharacters += line.length
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
    for (const stream of streams) {
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

  async #put(stream: Stream, logEvents: LogLine[]): Promise<void> {
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
    this.#waitingCharacters -= logEvents.reduce((sum, { message }) => sum + message.length, 0)
  }
}

interface LogLine {
  timestamp: number
  message: string
}

export function describeCounts(counts: RunCounts): string {
  const read = `read ${counts.rowsRead} rows, ${counts.bytesRead} bytes of ${counts.filesRead} files`
  return `${read}; wrote ${counts.rowsWritten} rows, ${counts.bytesWritten} bytes in ${counts.filesWritten} files`
}

/** What a run came to, and what it would have cost on AWS. */
export function summaryOf(run: JobRun, outcome: Outcome): string {
  const seconds = outcome.executionSeconds ?? 0
  const cost = costOf({ ...run, executionSeconds: seconds })
  return [
    `${outcome.state} after ${seconds} s (on AWS ${seconds * capacityOf(run.settings)} DPU seconds, ${cost.toFixed(4)} USD)`,
    ...(outcome.peakBytes ? [`at most ${Math.ceil(outcome.peakBytes / 2 ** 20)} MB of memory`] : []),
    ...(outcome.counts ? [describeCounts(outcome.counts)] : []),
  ].join('; ')
}

async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ResourceAlreadyExistsException')) throw error
  }
}
