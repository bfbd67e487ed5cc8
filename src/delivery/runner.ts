/**
 * Runs workers: takes due rows in order of time, lane by lane in turns (lanes.ts), a bounded number at once, and sees that
 * each run left an outcome. It holds no state that matters: after a crash the rows and their marks tell all.
 */
import { type Millis, stopwatch, type Wake } from '../clock.ts'
import { type Due, type DueMark, Interrupted, type Worker } from './due.ts'
import { Lanes } from './lanes.ts'
import { moveOlderMarks } from './olderMarks.ts'
import type { Platform } from './platform.ts'

/** Marks of one lane looked at in one turn: more than may run, in case some runs are held back. */
const lookAheadMax = 1_000
/** What a lane may take of a worker's runs while others wait. */
const laneShare = 1 / 4
/** A lane in which nothing runs gets a run of its own even when all are taken: up to so many times as many. */
const spareRuns = 2
/** A run that threw is tried again after a second, then two, up to five minutes. */
const bugBackoffMillis = 1_000
const bugBackoffMillisMax = 5 * 60_000

interface Queue {
  worker: Worker<Due>
  lanes: Lanes
  running: Set<string>
  wake: { at: Millis; wake: Wake } | undefined
  /** Runs that threw, how often, and whether they are still held back. */
  bugs: Map<string, { count: number; held: boolean }>
  held: number
  scheduled: boolean
}

const anywhere = { account: '', region: '' }

export class Runner {
  readonly #platform: Platform
  readonly #queues = new Map<string, Queue>()
  readonly #waiters = new Set<() => void>()
  #started = false

  constructor(platform: Platform) {
    this.#platform = platform
  }

  register<T extends Due>(worker: Worker<T>): void {
    const { name } = worker.queue
    if (this.#queues.has(name)) throw new Error(`two workers serve the queue ${name}`)
    this.#queues.set(name, {
      worker: worker as unknown as Worker<Due>,
      lanes: new Lanes(),
      running: new Set(),
      wake: undefined,
      bugs: new Map(),
      held: 0,
      scheduled: false,
    })
  }

  start(): void {
    this.#started = true
    for (const queue of this.#queues.values()) {
      queue.lanes.clear()
      const { name } = queue.worker.queue
      moveOlderMarks(this.#platform.store, queue.worker.queue, (dueAt) => this.poke(name, '', dueAt))
      for (const { lane, dueAt } of this.#firstMarks(queue)) queue.lanes.expect(lane, dueAt)
      this.#look(queue)
    }
  }

  /** What was begun in a trace and is not over: so many rows of each queue at most. */
  waiting(most: number): { queue: string; item: Due }[] {
    const { store } = this.#platform
    return [...this.#queues.values()].flatMap(({ worker: { queue } }) => {
      const marks = [...store.in(queue.order, anywhere).list({ limit: most })]
      const rows = marks.map(({ scope, id }) => store.in(queue.rows, scope).get(id)?.item)
      return rows.flatMap((item) => (item?.trace ? [{ queue: queue.name, item }] : []))
    })
  }

  /** Where an item waits. */
  laneOf(queue: string, item: Due): string {
    return this.#queues.get(queue)?.worker.fairBy?.(item) ?? ''
  }

  /** Rows of a queue have come, and are on disk. */
  poke(name: string, lane: string, at: Millis): void {
    const queue = this.#queues.get(name)
    if (!queue || !this.#started) return
    queue.lanes.expect(lane, at)
    if (at <= this.#platform.clock.now()) this.#soon(queue)
    else this.#wakeAt(queue, at)
  }

  /** All workers that have something to do, after the clock was moved. */
  pokeAll(): void {
    const now = this.#platform.clock.now()
    for (const queue of this.#queues.values()) if (queue.lanes.hasDue(now)) this.#soon(queue)
  }

  /** Nothing is due at or before now, and nothing runs. */
  get isIdle(): boolean {
    const now = this.#platform.clock.now()
    for (const queue of this.#queues.values()) {
      if (queue.running.size > 0 || queue.scheduled || queue.held > 0) return false
      if (!queue.lanes.hasDue(now)) continue
      this.#soon(queue)
      return false
    }
    return true
  }

  /** It starts nothing more: what is due stays so. */
  get isStopped(): boolean {
    return !this.#started
  }

  /** When the next row of any queue is due. */
  nextDue(): Millis | undefined {
    const times = [...this.#queues.values()].map((queue) => this.#next(queue)).filter((time) => time !== undefined)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  /** Resolves at the next change of what runs. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiters.add(resolve))
  }

  /** Starts nothing any more, and waits for nothing. */
  abandon(): void {
    this.#started = false
    for (const queue of this.#queues.values()) {
      queue.wake?.wake.cancel()
      queue.wake = undefined
    }
  }

  async stop(): Promise<void> {
    this.abandon()
    while ([...this.#queues.values()].some((queue) => queue.running.size > 0)) await this.changed()
  }

  /** The first mark of each lane: a step for each lane, however long they are. */
  *#firstMarks({ worker }: Queue): Iterable<DueMark> {
    const marks = this.#platform.store.in(worker.queue.order, anywhere)
    for (let mark = marks.first(); mark; mark = marks.first({ after: [mark.lane] })) yield mark
  }

  /** A lane that waits may have lost the row it waits for: then it waits for the next, or not at all. */
  #next({ worker, lanes }: Queue): Millis | undefined {
    const marks = this.#platform.store.newest(worker.queue.order, anywhere)
    for (let first = lanes.nextWaiting; first; first = lanes.nextWaiting) {
      const { lane, at } = first
      const mark = marks.first({ prefix: [lane] })
      if (mark?.dueAt === at) return at
      lanes.correct(lane, mark?.dueAt)
    }
    return undefined
  }

  /** Many rows of one turn of the event loop are looked at once. */
  #soon(queue: Queue): void {
    if (queue.scheduled || !this.#started) return
    queue.scheduled = true
    setImmediate(() => {
      queue.scheduled = false
      if (this.#started) this.#look(queue)
      this.#tell()
    })
  }

  #wakeAt(queue: Queue, at: Millis): void {
    if (queue.wake && queue.wake.at <= at) return
    queue.wake?.wake.cancel()
    const fire = () => {
      queue.wake = undefined
      this.#soon(queue)
    }
    queue.wake = { at, wake: this.#platform.clock.wakeAt(at, fire) }
  }

  /** Starts what is due and has room, lanes in turns; arms the clock for the first lane that is not due yet. */
  #look(queue: Queue): void {
    const { lanes, worker, running } = queue
    const now = this.#platform.clock.now()
    for (let ready = lanes.ready(now); ready.length > 0; ready = lanes.ready(now)) {
      const turn = Math.max(1, Math.floor((worker.concurrency - running.size) / ready.length))
      let started = 0
      for (const lane of ready) {
        const room = Math.min(turn, this.#roomIn(queue, lane))
        if (room > 0) started += this.#takeTurn(queue, lane, room, now)
      }
      if (started === 0) break
    }
    const next = lanes.nextWaiting
    if (next) this.#wakeAt(queue, next.at)
  }

  /** How many more runs a lane may start now. */
  #roomIn({ worker, lanes, running }: Queue, lane: string): number {
    const { concurrency, fairBy } = worker
    if (!fairBy) return concurrency - running.size
    const runningHere = lanes.runningIn(lane)
    const share = Math.max(1, Math.floor(concurrency * laneShare)) - runningHere
    const left = concurrency - running.size
    if (left <= 0 && runningHere === 0) return running.size < concurrency * spareRuns ? 1 : 0
    return Math.min(share, left)
  }

  /** Starts up to `room` rows of a lane, in order of time. */
  #takeTurn(queue: Queue, lane: string, room: number, now: Millis): number {
    const { lanes, worker } = queue
    const lost: DueMark[] = []
    let started = 0
    let looked = 0
    let isMore = false
    for (const mark of this.#platform.store.in(worker.queue.order, anywhere).list({ prefix: [lane] })) {
      if (mark.dueAt > now) {
        lanes.tookTurn(lane, { isMore: false })
        lanes.expect(lane, mark.dueAt)
        break
      }
      isMore = started === room
      if (isMore || ++looked > lookAheadMax) break
      const outcome = this.#startIfFree(queue, mark)
      if (outcome === 'started') started++
      else if (outcome === 'lost') lost.push(mark)
    }
    lanes.tookTurn(lane, { isMore })
    if (lost.length > 0) this.#forget(queue, lost)
    return started
  }

  #startIfFree(queue: Queue, mark: DueMark): 'started' | 'busy' | 'lost' {
    const runId = `${mark.scope.account}/${mark.scope.region}/${mark.id}`
    if (queue.running.has(runId) || queue.bugs.get(runId)?.held) return 'busy'
    const row = this.#platform.store.in(queue.worker.queue.rows, mark.scope).get(mark.id)
    if (!row || row.item.dueAt !== mark.dueAt) return 'lost'
    queue.running.add(runId)
    queue.lanes.started(mark.lane)
    void this.#run(queue, mark, row.item, runId)
    return 'started'
  }

  /** A mark whose row is gone or has another time: nothing writes one, and none may stay in the way. */
  #forget({ worker }: Queue, lost: readonly DueMark[]): void {
    const { order, rows } = worker.queue
    const forgotten = this.#platform.store.commit((tx) => {
      for (const { lane, dueAt, scope, id } of lost) {
        if (tx.in(rows, scope).get(id)?.item.dueAt === dueAt) continue
        tx.in(order, anywhere).delete(lane, dueAt, scope.account, scope.region, id)
      }
    })
    forgotten.catch((error) => this.#platform.log.error(`Marks of ${worker.name} could not be forgotten`, error))
  }

  async #run(queue: Queue, mark: DueMark, item: Due, runId: string): Promise<void> {
    const ctx = this.#platform.context({ ...mark.scope, ...(item.trace && { trace: item.trace }) })
    try {
      await queue.worker.run(item, ctx)
      this.#mustHaveOutcome(queue, mark, item)
      queue.bugs.delete(runId)
    } catch (error) {
      if (error instanceof Interrupted) return
      this.#holdBack(queue, mark, runId)
      this.#platform.log.error(`The ${queue.worker.name} worker failed on ${mark.id}`, error, ctx.requestId)
    } finally {
      queue.running.delete(runId)
      queue.lanes.ended(mark.lane)
      // What waits behind this row in its lane may start now.
      queue.lanes.expect(mark.lane, this.#platform.clock.now())
      this.#soon(queue)
      this.#tell()
    }
  }

  #mustHaveOutcome({ worker }: Queue, mark: DueMark, item: Due): void {
    const after = this.#platform.store.newest(worker.queue.rows, mark.scope).get(mark.id)
    if (after && after.item.dueAt === item.dueAt)
      throw new Error('a run ended without deleting or putting back its item')
  }

  /** In real time, whatever the clock says: a bug must not spin, nor stop a virtual day. */
  #holdBack(queue: Queue, mark: DueMark, runId: string): void {
    const bug = { count: (queue.bugs.get(runId)?.count ?? 0) + 1, held: true }
    queue.bugs.set(runId, bug)
    queue.held++
    // The timer itself lets go: a timer may fire a fraction early, and a time compared then would hold for ever.
    stopwatch.after(Math.min(bugBackoffMillis * 2 ** (bug.count - 1), bugBackoffMillisMax), () => {
      bug.held = false
      queue.held--
      this.poke(queue.worker.queue.name, mark.lane, this.#platform.clock.now())
    })
  }

  #tell(): void {
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const tell of waiters) tell()
  }
}
