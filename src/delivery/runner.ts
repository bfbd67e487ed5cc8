/**
 * Runs workers: takes due rows in order of time, lane by lane in turns (lanes.ts), a bounded number at once, and sees that
 * each run left an outcome. It holds no state that matters: after a crash the rows and their marks tell all.
 */
import type { Millis, Wake } from '../clock.ts'
import { type Due, type DueMark, Interrupted, type Placed, type Together, type Worker } from './due.ts'
import { HeldBack } from './heldBack.ts'
import { Lanes } from './lanes.ts'
import { moveOlderMarks } from './olderMarks.ts'
import type { Platform } from './platform.ts'

/** Marks of one lane looked at in one turn: more than may run, in case some runs are held back. */
const lookAheadMax = 1_000
/** What a lane may take of a worker's runs while others wait. */
const laneShare = 1 / 4
/** A lane in which nothing runs gets a run of its own even when all are taken: up to so many times as many. */
const spareRuns = 2
/** Of items that are run together, one run is made while the one before is on its way to the disk. */
const runsTogetherMax = 2

interface Queue {
  worker: Worker<Due>
  lanes: Lanes
  running: Set<string>
  /** How many of those that run are run together with others. */
  together: number
  wake: { at: Millis; wake: Wake } | undefined
  heldBack: HeldBack
  scheduled: boolean
}

/** An item whose run begins. */
interface Taken extends Placed<Due> {
  runId: string
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
      together: 0,
      wake: undefined,
      heldBack: new HeldBack(),
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
    const now = this.#platform.clock.now()
    queue.lanes.expect(lane, at)
    queue.lanes.lookAnew(lane, at, now)
    if (at <= now) this.#soon(queue)
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
      if (queue.running.size > 0 || queue.scheduled || !queue.heldBack.isEmpty) return false
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
    const { lanes } = queue
    const now = this.#platform.clock.now()
    // Their next run is made after others had the event loop, and so is not on the same way to the disk.
    const ranTogether = new Set<string>()
    for (let ready = lanes.ready(now); ready.length > 0; ready = lanes.ready(now)) {
      let started = 0
      for (const lane of ready) {
        if (ranTogether.has(lane)) continue
        const together = this.#togetherIn(queue, lane)
        const room = this.#roomIn(queue, lane, { together, lanesReady: ready.length })
        if (room > 0) started += this.#takeTurn(queue, lane, { room, now, together })
        if (together) ranTogether.add(lane)
      }
      if (started === 0) break
    }
    if (ranTogether.size > 0 && lanes.hasDue(now)) this.#soon(queue)
    const next = lanes.nextWaiting
    if (next) this.#wakeAt(queue, next.at)
  }

  #togetherIn({ worker: { together } }: Queue, lane: string): Together<Due> | undefined {
    return together?.takes(lane, this.#platform) ? together : undefined
  }

  /** How many more items of a lane may be started now. */
  #roomIn(
    queue: Queue,
    lane: string,
    { together, lanesReady }: { together: Together<Due> | undefined; lanesReady: number },
  ): number {
    const { concurrency, fairBy } = queue.worker
    const runs = together ? queue.together : queue.running.size - queue.together
    const left = (together ? together.itemsMax * runsTogetherMax : concurrency) - runs
    const turn = Math.min(left, Math.max(1, Math.floor(left / lanesReady)))
    if (together) return Math.min(turn, together.itemsMax)
    if (!fairBy) return turn
    const runningHere = queue.lanes.runningIn(lane)
    if (left <= 0 && runningHere === 0) return runs < concurrency * spareRuns ? 1 : 0
    return Math.min(turn, Math.max(1, Math.floor(concurrency * laneShare)) - runningHere)
  }

  /** Starts up to `room` items of a lane, in order of time. */
  #takeTurn(
    queue: Queue,
    lane: string,
    { room, now, together }: { room: number; now: Millis; together: Together<Due> | undefined },
  ): number {
    const { lanes, worker } = queue
    const [lost, group]: [DueMark[], Taken[]] = [[], []]
    let [started, looked, weight, isMore] = [0, 0, 0, false]
    const behind = lanes.lookedTo(lane)
    const range = { prefix: [lane], ...(behind && { after: worker.queue.order.key(behind) }) }
    for (const mark of this.#platform.store.in(worker.queue.order, anywhere).list(range)) {
      if (mark.dueAt > now) {
        lanes.tookTurn(lane, { isMore: false })
        lanes.expect(lane, mark.dueAt)
        break
      }
      isMore = started === room || weight > (together?.weightMax ?? 0)
      if (isMore || ++looked > lookAheadMax) break
      const found = this.#find(queue, mark)
      if (found === 'lost') lost.push(mark)
      if (typeof found === 'string') continue
      started++
      queue.running.add(found.runId)
      lanes.started(lane)
      if (!together) void this.#run(queue, found)
      else {
        group.push(found)
        weight += together.weightOf(found.item)
      }
    }
    lanes.tookTurn(lane, { isMore })
    const last = group.at(-1)
    if (together && last) {
      lanes.looked(lane, last.mark)
      void this.#runTogether(queue, together, group)
    }
    if (lost.length > 0) this.#forget(queue, lost)
    return started
  }

  #find(queue: Queue, mark: DueMark): Taken | 'busy' | 'lost' {
    const runId = `${mark.scope.account}/${mark.scope.region}/${mark.id}`
    if (queue.running.has(runId) || queue.heldBack.has(runId)) return 'busy'
    const row = this.#platform.store.in(queue.worker.queue.rows, mark.scope).get(mark.id)
    if (!row || row.item.dueAt !== mark.dueAt) return 'lost'
    return { item: row.item, mark, runId }
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

  async #run(queue: Queue, taken: Taken): Promise<void> {
    const { mark, item } = taken
    const ctx = this.#platform.context({ ...mark.scope, ...(item.trace && { trace: item.trace }) })
    try {
      await queue.worker.run(item, ctx)
      this.#mustHaveOutcome(queue, taken)
      queue.heldBack.endedWell(taken.runId)
    } catch (error) {
      if (error instanceof Interrupted) return
      this.#holdBack(queue, taken, error, ctx.requestId)
    } finally {
      this.#ended(queue, [taken])
    }
  }

  async #runTogether(queue: Queue, together: Together<Due>, group: readonly Taken[]): Promise<void> {
    const ctx = this.#platform.context((group[0] as Taken).mark.scope)
    queue.together += group.length
    const isDone = await together.run(group, ctx).then(
      () => true,
      () => false,
    )
    queue.together -= group.length
    if (!isDone) {
      for (const taken of group) void this.#run(queue, taken)
      return
    }
    for (const taken of group) {
      try {
        this.#mustHaveOutcome(queue, taken)
        queue.heldBack.endedWell(taken.runId)
      } catch (error) {
        this.#holdBack(queue, taken, error, ctx.requestId)
      }
    }
    this.#ended(queue, group)
  }

  #mustHaveOutcome({ worker }: Queue, { mark, item }: Taken): void {
    const after = this.#platform.store.newest(worker.queue.rows, mark.scope).get(mark.id)
    if (after && after.item.dueAt === item.dueAt)
      throw new Error('a run ended without deleting or putting back its item')
  }

  #holdBack(queue: Queue, { mark, runId }: Taken, error: unknown, requestId: string): void {
    queue.heldBack.hold(runId, () => this.poke(queue.worker.queue.name, mark.lane, this.#platform.clock.now()))
    this.#platform.log.error(`The ${queue.worker.name} worker failed on ${mark.id}`, error, requestId)
  }

  /** What waits behind them in their lane may start now. */
  #ended(queue: Queue, ended: readonly Taken[]): void {
    const now = this.#platform.clock.now()
    for (const { mark, runId } of ended) {
      queue.running.delete(runId)
      queue.lanes.ended(mark.lane)
      queue.lanes.expect(mark.lane, now)
    }
    this.#soon(queue)
    this.#tell()
  }

  #tell(): void {
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const tell of waiters) tell()
  }
}
