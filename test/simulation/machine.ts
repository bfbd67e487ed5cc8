/**
 * The machine that a plan runs on: a server in this process, on a disk that forgets what was not synced, which may be
 * killed at any write, fill up, and start again. Operations are asked for without a socket: a plan runs in milliseconds,
 * and the same each time.
 */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Random, seededRandom, stopwatch, type VirtualClock, virtualClock } from '../../src/clock.ts'
import { provide } from '../../src/delivery/singleton.ts'
import { webRequests } from '../../src/delivery/webRequests.ts'
import { silentLog } from '../../src/observe/log.ts'
import { functionPool } from '../../src/services/lambda/runtime.ts'
import type { Backend } from '../../src/store/backend.ts'
import type { LogFiles } from '../../src/store/log.ts'
import type { LogFile } from '../../src/store/logFile.ts'
import { LoggedBackend } from '../../src/store/loggedBackend.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import type { ServiceName } from '../../src/wire/model.ts'
import { SimulatedDisk } from './disk.ts'
import { Faults } from './faults.ts'
import type { Plan, RoundPlan } from './plan.ts'

export const account = '000000000000'
export const region = 'us-east-1'
/** Small, so that the log's files and the table take turns often. */
const logLimits = { recentBytesMax: 20_000, fileBytesMax: 40_000 }
const stopMillisMax = 5_000
const startOfTime = Date.UTC(2025, 9, 20, 8)

/** SNS makes one for each data folder, which takes longer than a whole run. */
const signingKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
})

/** What a killed machine never answers. */
export class Killed extends Error {}

export class Machine {
  readonly faults: Faults
  /** What the server's log called an error: always a bug, but on a full disk. */
  readonly errors: string[] = []
  /** Of API destinations, whose ARNs the server makes up. */
  readonly endpointArns = new Map<string, string>()
  kills = 0
  readonly #random: Random
  readonly #disk: SimulatedDisk
  readonly #folder = mkdtempSync(join(tmpdir(), 'igarape-simulation-'))
  #clock: VirtualClock = virtualClock(startOfTime)
  #igarape: Igarape | undefined
  #fault: Pick<RoundPlan, 'killAtWrite' | 'full'> = {}
  #life = 0
  /** Writes of this round. */
  writes = 0
  #dies: () => void = () => undefined
  #death: Promise<never> = new Promise(() => undefined)

  readonly #forgets: boolean

  constructor(plan: Plan) {
    this.#forgets = plan.forgets ?? false
    writeFileSync(join(this.#folder, 'sns-signing-key.pem'), signingKey)
    this.#random = seededRandom(plan.seed)
    this.#disk = new SimulatedDisk(this.#random)
    this.faults = new Faults(plan, () => this.#clock.now())
  }

  get now(): number {
    return this.#clock.now()
  }

  /** Errors: Killed, where it is not. */
  get #up(): Igarape {
    if (!this.#igarape) throw new Killed()
    return this.#igarape
  }

  get isUp(): boolean {
    return this.#igarape !== undefined
  }

  /** Errors: Killed, where the machine dies again before it is up. */
  async start(): Promise<void> {
    const life = ++this.#life
    this.#clock = virtualClock(this.#clock.now())
    this.#death = new Promise((_, reject) => {
      this.#dies = () => reject(new Killed())
    })
    this.#death.catch(() => undefined)
    const { table, files } = this.#disks()
    const backend = await Promise.race([LoggedBackend.open(table, files, logLimits), this.#death])
    const parts = {
      backend,
      clock: this.#clock,
      random: this.#random,
      provides: [
        provide(functionPool, () => this.faults.functionPool()),
        provide(webRequests, () => this.faults.endpoints.web()),
      ],
      inPlaceOf: this.faults.inPlaceOf,
      log: { ...silentLog, error: (message: string, error: unknown) => this.#note(life, message, error) },
    }
    const starting = startIgarape({ data: this.#folder, parts })
    // Killed before it was up, it may still come up, and must do nothing then.
    starting.then(
      (igarape) => life !== this.#life && igarape.server.abandon(),
      () => undefined,
    )
    const igarape = await Promise.race([starting, this.#death])
    if (life !== this.#life) throw new Killed()
    this.#igarape = igarape
  }

  /** From here on, until the next. */
  beginRound(fault: Pick<RoundPlan, 'killAtWrite' | 'full'>): void {
    this.#fault = fault
    this.writes = 0
  }

  /** Errors: Killed, where the machine dies before the answer; what AWS would say. */
  async call(service: ServiceName, operation: string, input: object): Promise<Record<string, unknown>> {
    const { platform } = this.#up.server
    const answer = platform.perform(service, operation, input, platform.context({ account, region }))
    return Promise.race([answer as Promise<Record<string, unknown>>, this.#death])
  }

  async advance(seconds: number): Promise<void> {
    await Promise.race([this.#up.clock.advance({ seconds }), this.#death])
  }

  /** The machine slept: what was due meanwhile is all late. */
  async jump(seconds: number): Promise<void> {
    const { platform } = this.#up.server
    this.#clock.moveTo(this.#clock.now() + seconds * 1000)
    platform.runner.pokeAll()
    await Promise.race([this.#up.settled(), this.#death])
  }

  kill(): void {
    this.#igarape?.server.abandon()
    this.#igarape = undefined
    this.#life++
    this.#disk.crash()
    this.kills++
    this.#dies()
  }

  async stop(): Promise<void> {
    await this.#igarape?.stop()
    this.#igarape = undefined
  }

  async end(): Promise<void> {
    // A run that hangs has said so already, and may hang here too.
    await Promise.race([this.stop(), stopwatch.pause(stopMillisMax)])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** The table and the log, each of whose writes may be the last, or find no room. */
  #disks(): { table: Backend; files: LogFiles } {
    const { table, files } = this.#disk.parts()
    const life = this.#life
    const asked = <T>(write: () => Promise<T>) => this.#writing(life, write)
    const faulty = (file: LogFile): LogFile => ({
      ...file,
      write: (bytes, at) => asked(() => file.write(bytes, at)),
      cut: (at) => asked(() => file.cut(at)),
    })
    return {
      table: { ...table, write: (batch) => asked(() => table.write(batch)) },
      files: [faulty(files[0]), faulty(files[1])],
    }
  }

  async #writing<T>(life: number, write: () => Promise<T>): Promise<T | undefined> {
    if (life !== this.#life) return write()
    this.writes++
    const { killAtWrite, full } = this.#fault
    if (full && this.writes >= full.from && this.writes < full.from + full.count) {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    }
    if (this.#forgets && this.writes + 1 === killAtWrite) return undefined
    const written = write()
    if (this.writes === killAtWrite) this.kill()
    return written
  }

  /** What was killed still runs here until it waits for its disk; it has nothing to say. */
  #note(life: number, message: string, error: unknown): void {
    if (life !== this.#life) return
    const story = error instanceof Error ? (error.stack ?? error.message) : String(error)
    if (!story.includes('ENOSPC')) this.errors.push(`${message}: ${story}`)
  }
}
