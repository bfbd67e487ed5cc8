/**
 * Runs workers: takes due rows in order of time, fairly between their keys, a bounded number at once, and sees that each
 * run left an outcome. It holds no state that matters: after a crash the rows tell all.
 */
import { type Millis, stopwatch, type Wake } from '../clock.ts'
import type { Due, DueMark, Worker } from './due.ts'
import type { Platform } from './platform.ts'

/** Rows looked at to find one that may run: a bound on memory and time, however long the backlog. */
const lookAheadMax = 1_000
/** A run that threw is tried again after a second, then two, up to five minutes. */
const bugBackoffMillis = 1_000
const bugBackoffMillisMax = 5 * 60_000

interface Lane {
  worker: Worker<Due>
  running: Set<string>
  runningByKey: Map<string, number>
  wake: { at: Millis; wake: Wake } | undefined
  /** Runs that threw, how often, and whether they are still held back. */
  bugs: Map<string, { count: number; held: boolean }>
  scheduled: boolean
}

const anywhere = { account: '', region: '' }

export class Runner {
  readonly #platform: Platform
  readonly #lanes = new Map<string, Lane>()
  readonly #waiters = new Set<() => void>()
  #started = false

  constructor(platform: Platform) {
    this.#platform = platform
  }

  register<T extends Due>(worker: Worker<T>): void {
    const { name } = worker.queue
    if (this.#lanes.has(name)) throw new Error(`two workers serve the queue ${name}`)
    const lane: Lane = {
      worker: worker as unknown as Worker<Due>,
      running: new Set(),
      runningByKey: new Map(),
      wake: undefined,
      bugs: new Map(),
      scheduled: false,
    }
    this.#lanes.set(name, lane)
  }

  start(): void {
    this.#started = true
    for (const lane of this.#lanes.values()) this.#look(lane)
  }

  /** Rows of a queue have come, due at `at`. */
  poke(queue: string, at: Millis): void {
    const lane = this.#lanes.get(queue)
    if (!lane || !this.#started) return
    if (at <= this.#platform.clock.now()) this.#soon(lane)
    else this.#wakeAt(lane, at)
  }

  /** All workers, after the clock was moved. */
  pokeAll(): void {
    for (const lane of this.#lanes.values()) this.#soon(lane)
  }

  /** Nothing is due at or before now, and nothing runs. */
  get isIdle(): boolean {
    const now = this.#platform.clock.now()
    for (const lane of this.#lanes.values()) {
      if (lane.running.size > 0 || lane.scheduled) return false
      const next = this.#next(lane)
      if (next !== undefined && next <= now) return false
    }
    return true
  }

  /** When the next row of any queue is due. */
  nextDue(): Millis | undefined {
    const times = [...this.#lanes.values()].map((lane) => this.#next(lane)).filter((time) => time !== undefined)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  /** Resolves at the next change of what runs. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiters.add(resolve))
  }

  /** Starts nothing any more, and waits for nothing. */
  abandon(): void {
    this.#started = false
    for (const lane of this.#lanes.values()) {
      lane.wake?.wake.cancel()
      lane.wake = undefined
    }
  }

  async stop(): Promise<void> {
    this.abandon()
    while ([...this.#lanes.values()].some((lane) => lane.running.size > 0)) await this.changed()
  }

  #next(lane: Lane): Millis | undefined {
    return this.#platform.store.newest(lane.worker.queue.order, anywhere).first()?.dueAt
  }

  /** Many rows of one turn of the event loop are looked at once. */
  #soon(lane: Lane): void {
    if (lane.scheduled || !this.#started) return
    lane.scheduled = true
    setImmediate(() => {
      lane.scheduled = false
      if (this.#started) this.#look(lane)
      this.#tell()
    })
  }

  #wakeAt(lane: Lane, at: Millis): void {
    if (lane.wake && lane.wake.at <= at) return
    lane.wake?.wake.cancel()
    const fire = () => {
      lane.wake = undefined
      this.#soon(lane)
    }
    lane.wake = { at, wake: this.#platform.clock.wakeAt(at, fire) }
  }

  /** Starts what is due and has room; arms the clock for the first row that is not due yet. */
  #look(lane: Lane): void {
    const { worker } = lane
    const now = this.#platform.clock.now()
    let looked = 0
    for (const mark of this.#platform.store.in(worker.queue.order, anywhere).list()) {
      if (mark.dueAt > now) {
        this.#wakeAt(lane, mark.dueAt)
        return
      }
      if (lane.running.size >= worker.concurrency || ++looked > lookAheadMax) return
      this.#startIfFair(lane, mark)
    }
  }

  #startIfFair(lane: Lane, mark: DueMark): void {
    const runId = `${mark.scope.account}/${mark.scope.region}/${mark.id}`
    if (lane.running.has(runId)) return
    if (lane.bugs.get(runId)?.held) return
    const row = this.#platform.store.in(lane.worker.queue.rows, mark.scope).get(mark.id)
    if (!row || row.item.dueAt !== mark.dueAt) return
    const key = lane.worker.fairBy?.(row.item)
    if (key !== undefined && (lane.runningByKey.get(key) ?? 0) >= Math.max(1, lane.worker.concurrency / 4)) return
    lane.running.add(runId)
    if (key !== undefined) lane.runningByKey.set(key, (lane.runningByKey.get(key) ?? 0) + 1)
    void this.#run(lane, mark, row.item, { runId, key })
  }

  async #run(lane: Lane, mark: DueMark, item: Due, { runId, key }: { runId: string; key: string | undefined }) {
    const ctx = this.#platform.context({ ...mark.scope, ...(item.trace && { trace: item.trace }) })
    try {
      await lane.worker.run(item, ctx)
      this.#mustHaveOutcome(lane, mark, item)
      lane.bugs.delete(runId)
    } catch (error) {
      this.#holdBack(lane, runId)
      this.#platform.log.error(`The ${lane.worker.name} worker failed on ${mark.id}`, error, ctx.requestId)
    } finally {
      lane.running.delete(runId)
      if (key !== undefined) countDown(lane.runningByKey, key)
      this.#soon(lane)
      this.#tell()
    }
  }

  #mustHaveOutcome(lane: Lane, mark: DueMark, item: Due): void {
    const after = this.#platform.store.newest(lane.worker.queue.rows, mark.scope).get(mark.id)
    if (after && after.item.dueAt === item.dueAt)
      throw new Error('a run ended without deleting or putting back its item')
  }

  /** In real time, whatever the clock says: a bug must not spin, nor stop a virtual day. */
  #holdBack(lane: Lane, runId: string): void {
    const bug = { count: (lane.bugs.get(runId)?.count ?? 0) + 1, held: true }
    lane.bugs.set(runId, bug)
    // The timer itself lets go: a timer may fire a fraction early, and a time compared then would hold for ever.
    stopwatch.after(Math.min(bugBackoffMillis * 2 ** (bug.count - 1), bugBackoffMillisMax), () => {
      bug.held = false
      this.#soon(lane)
    })
  }

  #tell(): void {
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const tell of waiters) tell()
  }
}

function countDown(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1
  if (left === 0) counts.delete(key)
  else counts.set(key, left)
}
