/**
 * One interpreter in a process group of its own: a spare until it is given its run, then that run's process.
 *
 * Descriptor 3 is a socket with JSON lines both ways; when our end closes, the process ends its whole group, so no
 * process outlives a server that was killed. When the run is over the group is killed in any case: what a script
 * started does not stay.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { stopwatch } from '../../clock.ts'
import { groupMemory } from '../functions/memory.ts'
import { killGroup } from '../processes.ts'
import { answer, type RunHost } from './host.ts'
import { endMarked, markName } from './orphans.ts'

/** PySpark on the embedded engine, a Python shell, or PySpark on Apache Spark itself: with Java of its own, or over a Connect server. */
export type JobKind = 'spark' | 'shell' | 'apache' | 'connect'

/** Which module of the runtimes a process is, and what that is told. */
const runners: Record<JobKind | 'connectServer', readonly string[]> = {
  spark: ['igarape_jobs.runner', 'spark'],
  shell: ['igarape_jobs.runner', 'shell'],
  apache: ['igarape_spark.runner', 'apache'],
  connect: ['igarape_spark.runner', 'connect'],
  connectServer: ['igarape_spark.connect_server'],
}

export interface ProcessPlan {
  kind: keyof typeof runners
  python: string
  /** The package's `runtimes`. */
  runtimesFolder: string
  /** Where the jars lie that Apache Spark reads S3 with. */
  jarsFolder?: string
  /** Packages that go before those of the environment. */
  modulesFolder?: string
  /** Where it is started; a run moves to its own folder. */
  folder: string
  hostEnvironment: Readonly<Record<string, string>>
  /** No other process has it. */
  mark: string
}

/** The run as its process is told of it. */
export interface RunOrder {
  folder: string
  scriptPath: string
  arguments: readonly string[]
  environment: Readonly<Record<string, string>>
  glueVersion: string
  pythonPaths: readonly string[]
  /** Packages that its process has on its path from its start; the workers of a cluster are sent them. */
  modulesFolder?: string
  /** What Spark's Java machine loads beside its own. */
  jars?: readonly string[]
  /** The script is in Scala, and this has its main method. */
  mainClass?: string
  spark?: SparkPlace
  /** No script is run: statements are, as they come. */
  isSession?: boolean
}

/** For Apache Spark: its master, and how many threads it may have where it is this machine; or a Connect server, ours or another's. */
export interface SparkPlace {
  master: string
  threads: number
  remote?: string
  isElsewhere?: boolean
}

/** What came of one statement of a session. */
export type StatementOutcome = { text: string } & (
  | { status: 'ok' }
  | { status: 'cancelled' }
  | { status: 'error'; name: string; value: string; traceback: string[] }
)

export interface RunCounts {
  rowsRead: number
  bytesRead: number
  filesRead: number
  rowsWritten: number
  bytesWritten: number
  filesWritten: number
}

export interface Finished {
  succeeded: boolean
  errorMessage?: string
  counts?: RunCounts
}

export interface ProcessEnd {
  /** What the script came to, if it came to an end by itself. */
  finished: Finished | undefined
  exitCode: number | null
  signal: NodeJS.Signals | null
}

/** Who is told of a run's output and progress. */
export interface Audience {
  /** A promise asks to be told no more until it is settled. */
  output(stream: 'output' | 'error', text: string): Promise<void> | undefined
  progress?(counts: RunCounts): void
  /** A session waits for its first statement. */
  opened?(): void
  statement?(id: number, outcome: StatementOutcome): void
}

/** The longest line that a run may send: a commit of very many files. */
const lineBytesMax = 256 * 2 ** 20
/** What a process says before it is ready, kept for the error when it never is. */
const earlyOutputMax = 4000

export class JobProcess {
  readonly pid: number
  /** In the environment of all that it starts. */
  readonly mark: string
  /** Of a Connect server: who hears of what the run on it has read and written. */
  onServed: ((counts: RunCounts) => void) | undefined
  /** Resolves when it waits for a run; rejects when it ended before. */
  readonly ready: Promise<void>
  readonly ended: Promise<ProcessEnd>
  readonly #child: ChildProcess
  readonly #socket: Duplex
  #onReady: () => void = () => undefined
  #onEarlyEnd: (error: Error) => void = () => undefined
  #host: RunHost | undefined
  #audience: Audience | undefined
  #earlyOutput = ''
  #finished: Finished | undefined
  #partial: Buffer[] = []
  readonly #serverEvents = new Map<string, (event: ServerEvent) => void>()

  constructor(plan: ProcessPlan) {
    this.mark = plan.mark
    mkdirSync(plan.folder, { recursive: true })
    this.#child = spawn(plan.python, ['-u', '-m', ...runners[plan.kind]], {
      cwd: plan.folder,
      env: { ...plan.hostEnvironment, ...ownEnvironment(plan), [markName]: this.mark },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    })
    this.pid = this.#child.pid ?? 0
    this.#socket = this.#child.stdio[3] as Duplex
    this.#socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    this.#socket.on('error', () => undefined)
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve
      this.#onEarlyEnd = reject
    })
    this.ready.catch(() => undefined)
    this.#listen('stdout', 'output')
    this.#listen('stderr', 'error')
    this.ended = this.#watchEnd()
  }

  /** Hands the process its one run. */
  begin(order: RunOrder, host: RunHost, audience: Audience): void {
    this.#host = host
    this.#audience = audience
    this.#send({ run: order })
  }

  /** A Connect server's answer to an order; never, where it ends before. */
  told(event: ServerEvent['event'], order: object): Promise<ServerEvent> {
    return new Promise((resolve) => {
      this.#serverEvents.set(event, resolve)
      this.#send(order)
    })
  }

  /** The last that it said while it had no run. */
  get earlyOutput(): string {
    return this.#earlyOutput.trim()
  }

  /** For a session that is open: its next statement. */
  execute(id: number, code: string): void {
    this.#send({ statement: { id, code } })
  }

  /** Interrupts a statement of a session, or sees that it never runs. */
  cancel(id: number): void {
    this.#send({ cancel: id })
  }

  /** Ends the whole group at once. */
  kill(): void {
    killGroup(this.pid)
  }

  residentBytes(): number {
    return groupMemory(this.pid).residentBytes
  }

  #send(message: object): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(message)}\n`)
  }

  #listen(name: 'stdout' | 'stderr', stream: 'output' | 'error'): void {
    const pipe = this.#child[name]?.setEncoding('utf8')
    pipe?.on('data', (text: string) => {
      if (!this.#audience) this.#earlyOutput = (this.#earlyOutput + text).slice(-earlyOutputMax)
      const digested = this.#audience?.output(stream, text)
      if (!digested) return
      // A script that prints faster than its log takes it waits at its pipe.
      pipe.pause()
      void digested.finally(() => pipe.resume())
    })
  }

  #receive(bytes: Buffer): void {
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      this.#partial.push(bytes.subarray(from, end))
      const line = this.#partial.length === 1 ? (this.#partial[0] as Buffer) : Buffer.concat(this.#partial)
      this.#partial = []
      from = end + 1
      this.#take(JSON.parse(line.toString('utf8')) as Message)
    }
    if (from < bytes.length) this.#partial.push(bytes.subarray(from))
    if (this.#partial.reduce((size, part) => size + part.length, 0) > lineBytesMax) this.kill()
  }

  #take(message: Message): void {
    if ('method' in message) void this.#answer(message)
    else if (message.event === 'ready') this.#onReady()
    else if (message.event === 'serving' || message.event === 'emptied')
      this.#serverEvents.get(message.event)?.(message)
    else if (message.event === 'progress') (this.onServed ?? this.#audience?.progress)?.(message.counts)
    else if (message.event === 'opened') this.#audience?.opened?.()
    else if (message.event === 'statement') this.#audience?.statement?.(message.id, message.outcome)
    else this.#finished = message
  }

  async #answer(call: CallMessage): Promise<void> {
    try {
      if (!this.#host) throw new Error('A process asked for something before it had a run.')
      this.#send({ id: call.id, result: (await answer(this.#host, call)) ?? null })
    } catch (error) {
      const { name, message } = error as Error
      this.#send({ id: call.id, error: { code: name, message } })
    }
  }

  #watchEnd(): Promise<ProcessEnd> {
    return new Promise((resolve) => {
      const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
        // Children that it left behind hold its output open, and would go on.
        this.kill()
        endMarked(this.mark)
        this.#onEarlyEnd(new Error(`A job's interpreter ended before it was ready: ${this.#earlyOutput.trim()}`))
        stopwatch.after(outputGraceMilliseconds, () => this.#child.stdout?.destroy())
        resolveWhenClosed(this.#child, () => resolve({ finished: this.#finished, exitCode, signal }))
      }
      this.#child.once('error', (error) => {
        this.#earlyOutput = error.message
        end(null, null)
      })
      this.#child.once('exit', end)
    })
  }
}

interface CallMessage {
  id: number
  method: string
  parameters: Record<string, unknown>
}

/** What a Connect server says: it is up, or it is as it was at first, with what its last run had read and written. */
export type ServerEvent =
  | { event: 'serving'; port: number; counts?: undefined }
  | { event: 'emptied'; port?: undefined; counts: RunCounts }

type Message =
  | CallMessage
  | ServerEvent
  | { event: 'ready' }
  | { event: 'progress'; counts: RunCounts }
  | { event: 'opened' }
  | { event: 'statement'; id: number; outcome: StatementOutcome }
  | ({ event: 'finished' } & Finished)

/** How long an ended process's output may take to arrive. */
const outputGraceMilliseconds = 1000

function resolveWhenClosed(child: ChildProcess, done: () => void): void {
  let settled = false
  const settle = () => {
    if (!settled) done()
    settled = true
  }
  child.once('close', settle)
  const wait = stopwatch.after(outputGraceMilliseconds, settle)
  child.once('close', () => wait.cancel())
  if (child.pid === undefined) settle()
}

function startsQuickly({ kind }: ProcessPlan): boolean {
  return kind === 'spark' || kind === 'shell'
}

/** Scripts see these and what their run adds: never the server's own environment. */
function ownEnvironment(plan: ProcessPlan): Record<string, string> {
  return {
    PYTHONPATH: [
      ...(plan.modulesFolder ? [plan.modulesFolder] : []),
      ...(runners[plan.kind][0]?.startsWith('igarape_spark') ? [join(plan.runtimesFolder, 'spark')] : []),
      join(plan.runtimesFolder, 'glue'),
    ].join(':'),
    ...(plan.jarsFolder && { IGARAPE_SPARK_JARS: plan.jarsFolder }),
    // The embedded engine's process says it to its script, once its own modules are there, compiled for the next.
    ...(!startsQuickly(plan) && { PYTHONDONTWRITEBYTECODE: '1' }),
    PYTHONUNBUFFERED: '1',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    RUST_LOG: 'off',
  }
}
