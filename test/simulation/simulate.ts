/**
 * One run: a server on a disk that forgets what was not synced, random writes by real SDK clients, functions that fail at
 * random, and kills at random points. At the end everything acknowledged must be where it belongs. The seed decides all.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Random, seededRandom, virtualClock } from '../../src/clock.ts'
import { provide } from '../../src/delivery/singleton.ts'
import type { FunctionPool } from '../../src/engines/functions/pool.ts'
import { functionPool } from '../../src/services/lambda/runtime.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { SimulatedDisk } from './disk.ts'
import { buildWorld, idsIn, type Outlet, outlets, writes } from './world.ts'

export interface Report {
  seed: number
  acknowledged: number
  kills: number
  /** What was acknowledged and is nowhere: `PutObject-7 → objects`. */
  missing: string[]
}

const rounds = { least: 2, most: 4 }
const writesPerRound = { least: 4, most: 16 }
const writesBeforeCrash = { least: 1, most: 30 }
const startOfTime = Date.UTC(2025, 9, 20, 8)

export async function simulate(seed: number): Promise<Report> {
  const random = seededRandom(seed)
  const simulation = new Simulation(seed, random)
  try {
    return await simulation.run()
  } finally {
    await simulation.end()
  }
}

class Simulation {
  readonly #seed: number
  readonly #random: Random
  readonly #disk: SimulatedDisk
  readonly #folder = mkdtempSync(join(tmpdir(), 'igarape-simulation-'))
  readonly #clock = virtualClock(startOfTime)
  readonly #acknowledged: { kind: string; id: string }[] = []
  #igarape: Igarape | undefined
  #kills = 0

  constructor(seed: number, random: Random) {
    this.#seed = seed
    this.#random = random
    this.#disk = new SimulatedDisk(random)
  }

  async run(): Promise<Report> {
    await buildWorld(await this.#start())
    const count = this.#between(rounds)
    for (let round = 0; round < count; round++) {
      await this.#writeAndKill(round)
      await this.#start()
      if (this.#random.fraction() < 0.5)
        await this.#igarape?.clock.advance({ seconds: this.#between({ least: 1, most: 200 }) })
    }
    // Longer than every retry of every policy in play.
    await this.#igarape?.clock.advance({ hours: 25 })
    const missing = await this.#missing()
    return { seed: this.#seed, acknowledged: this.#acknowledged.length, kills: this.#kills, missing }
  }

  async end(): Promise<void> {
    await this.#igarape?.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #start(): Promise<Igarape> {
    const backend = await this.#disk.backend()
    const pool = provide(functionPool, () => this.#failingFunctions())
    const parts = { backend, clock: this.#clock, random: this.#random, provides: [pool] }
    this.#igarape = await startIgarape({ data: this.#folder, parts })
    return this.#igarape
  }

  /** Starts writes side by side, and kills the server when some of them are answered and others are not. */
  async #writeAndKill(round: number): Promise<void> {
    const igarape = this.#igarape as Igarape
    const kinds = Object.keys(writes)
    const started = Array.from({ length: this.#between(writesPerRound) }, (_, index) => {
      const kind = kinds[Math.floor(this.#random.fraction() * kinds.length)] as string
      const id = `${kind}-${round * 100 + index}`
      const acknowledged = writes[kind]?.write(igarape, id).then(
        () => this.#acknowledged.push({ kind, id }),
        () => undefined,
      )
      return acknowledged
    })
    const answersBeforeKill = Math.floor(this.#random.fraction() * (started.length + 1))
    const enough = this.#acknowledged.length + answersBeforeKill
    // Half of the kills are during a write into the log or the table, the others wherever the answers had come to.
    const atWrite = this.#random.fraction() < 0.5
    if (atWrite) this.#disk.crashAt = this.#disk.writes + this.#between(writesBeforeCrash)
    const isOver = () => (atWrite ? this.#disk.writes >= this.#disk.crashAt : this.#acknowledged.length >= enough)
    let all = false
    void Promise.all(started).then(() => {
      all = true
    })
    while (!all && !isOver()) await new Promise((resolve) => setImmediate(resolve))
    igarape.server.abandon()
    this.#disk.crash()
    this.#disk.crashAt = Number.POSITIVE_INFINITY
    this.#kills++
    await Promise.all(started)
  }

  async #missing(): Promise<string[]> {
    const igarape = this.#igarape as Igarape
    const found = new Map<Outlet, Set<string>>()
    for (const [outlet, queue] of Object.entries(outlets)) found.set(outlet as Outlet, await idsIn(igarape, queue))
    return this.#acknowledged.flatMap(({ kind, id }) =>
      (writes[kind]?.outlets ?? [])
        .filter((outlet) => !found.get(outlet)?.has(id))
        .map((outlet) => `${id} → ${outlet}`),
    )
  }

  /** Stands where the processes are: `broken` fails always, `fickle` at times; both take a few turns. */
  #failingFunctions(): FunctionPool {
    const invoke = async (spec: { name: string }) => {
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
      const fails = spec.name === 'broken' || this.#random.fraction() < 0.5
      const payload = Buffer.from(fails ? '{"errorMessage":"no"}' : '{}')
      const measured = { durationMilliseconds: 1, billedMilliseconds: 1, memoryMegabytesMax: 64, logStream: 'stream' }
      return { payload, ...measured, ...(fails && { functionError: 'Unhandled' as const, errorType: 'Error' }) }
    }
    const idle = {
      interrupt: () => undefined,
      retire: () => undefined,
      obstacle: async () => undefined,
      close: async () => undefined,
    }
    return { invoke, ...idle } as unknown as FunctionPool
  }

  #between({ least, most }: { least: number; most: number }): number {
    return least + Math.floor(this.#random.fraction() * (most - least + 1))
  }
}
