/**
 * Random schedules under a clock that jumps and a server that is killed: at steps of its work, and for hours. In the end
 * every time that a schedule named must have been fired: exactly once into a queue, whether by template or by a universal
 * target; at least once where an operation of several commits was called. The seed decides all.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import {
  CreateScheduleCommand,
  type CreateScheduleInput,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler'
import { type Random, seededRandom, virtualClock } from '../../src/clock.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { account, bodies, queue, queueArn, role } from '../scheduler/world.ts'
import { SimulatedDisk } from './disk.ts'

export interface SchedulesReport {
  seed: number
  kills: number
  /** Times that had to be fired. */
  due: number
  /** `agenda-3 2025-10-20T08:05:00Z: fired 0 times`. */
  wrong: string[]
}

const minute = 60_000
const startOfTime = Date.UTC(2025, 9, 20, 8, 0, 17)
const schedulesMax = 6
const rounds = { least: 3, most: 6 }
const stepsPerRound = { least: 1, most: 12 }
/** Turns of the event loop that a step gets before the next, or before the kill. */
const turnsMax = 12
const minutesDownMax = 90
const stepMillisMax = 20 * minute

/** A stretch of time in which a schedule was as it is: an update ends it and begins another. */
interface Stretch {
  from: number
  until: number
  /** Every time it names from its beginning on, in order. */
  times(): Iterable<number>
}

interface Played {
  name: string
  windowMillis: number
  exactly: boolean
  stretches: Stretch[]
  input: CreateScheduleInput
}

export async function simulateSchedules(seed: number): Promise<SchedulesReport> {
  const simulation = new SchedulesSimulation(seed)
  try {
    return await simulation.run()
  } finally {
    await simulation.end()
  }
}

class SchedulesSimulation {
  readonly #seed: number
  readonly #random: Random
  readonly #disk: SimulatedDisk
  readonly #folder = mkdtempSync(join(tmpdir(), 'igarape-schedules-'))
  readonly #clock = virtualClock(startOfTime)
  readonly #played: Played[] = []
  #igarape: Igarape | undefined
  #kills = 0

  constructor(seed: number) {
    this.#seed = seed
    this.#random = seededRandom(seed)
    this.#disk = new SimulatedDisk(this.#random)
  }

  async run(): Promise<SchedulesReport> {
    const first = await this.#start()
    await queue(first, 'fila')
    await first.client(S3Client).send(new CreateBucketCommand({ Bucket: 'feitas' }))
    const count = this.#between(rounds)
    for (let round = 0; round < count; round++) {
      if (this.#played.length < schedulesMax) await this.#make()
      if (this.#random.fraction() < 0.3) await this.#change()
      await this.#work()
      this.#kill()
      if (this.#random.fraction() < 0.5) {
        this.#clock.moveTo(this.#clock.now() + this.#between({ least: 1, most: minutesDownMax }) * minute)
      }
      await this.#start()
    }
    await this.#igarape?.clock.advance({ minutes: this.#between({ least: 1, most: 10 }) })
    return this.#judge()
  }

  async end(): Promise<void> {
    await this.#igarape?.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #start(): Promise<Igarape> {
    const parts = { backend: await this.#disk.backend(), clock: this.#clock, random: this.#random }
    this.#igarape = await startIgarape({ data: this.#folder, parts })
    return this.#igarape
  }

  /** A schedule is made, or changed, while the clock stands still: what it names is known to the millisecond. */
  async #make(): Promise<void> {
    const name = `agenda-${this.#played.length}`
    const isFlexible = this.#random.fraction() < 0.3
    const minutes = this.#between({ least: 1, most: 20 })
    const { target, exactly } = this.#target(name)
    const FlexibleTimeWindow = isFlexible
      ? ({ Mode: 'FLEXIBLE', MaximumWindowInMinutes: minutes } as const)
      : ({ Mode: 'OFF' } as const)
    const { expression, stretch } = this.#times()
    const input = { Name: name, ScheduleExpression: expression, FlexibleTimeWindow, Target: target }
    await this.#client().send(new CreateScheduleCommand(input))
    const windowMillis = isFlexible ? minutes * minute : 0
    this.#played.push({ name, windowMillis, exactly, stretches: [stretch], input })
  }

  async #change(): Promise<void> {
    const played = this.#played[Math.floor(this.#random.fraction() * this.#played.length)]
    // In a window, a time that was not chosen yet is lost with the change, as it is on AWS.
    if (!played || played.windowMillis > 0) return
    const { expression, stretch } = this.#times()
    if (expression === played.input.ScheduleExpression) return
    await this.#client().send(new UpdateScheduleCommand({ ...played.input, ScheduleExpression: expression }))
    played.input = { ...played.input, ScheduleExpression: expression }
    const last = played.stretches[played.stretches.length - 1] as Stretch
    last.until = this.#clock.now()
    played.stretches.push(stretch)
  }

  #times(): { expression: string; stretch: Stretch } {
    const from = this.#clock.now()
    const period = this.#between({ least: 1, most: 15 })
    const kind = this.#random.fraction()
    const stretch = (times: Stretch['times']) => ({ from, until: Number.POSITIVE_INFINITY, times })
    if (kind < 0.4) {
      const unit = period === 1 ? 'minute' : 'minutes'
      return { expression: `rate(${period} ${unit})`, stretch: stretch(() => every(from, period * minute)) }
    }
    if (kind < 0.8) {
      const first = Math.floor(from / minute) * minute + minute
      const isMeant = (time: number) => new Date(time).getUTCMinutes() % period === 0
      return {
        expression: `cron(0/${period} * * * ? *)`,
        stretch: stretch(() => filtered(every(first, minute), isMeant)),
      }
    }
    const time = Math.floor(from / 1000) * 1000 + this.#between({ least: 1, most: 240 }) * minute
    return { expression: `at(${new Date(time).toISOString().slice(0, 19)})`, stretch: stretch(() => [time]) }
  }

  #target(name: string): { target: CreateScheduleInput['Target']; exactly: boolean } {
    const kind = this.#random.fraction()
    const text = `${name} <aws.scheduler.scheduled-time>`
    const universal = (action: string, input: object) => ({
      Arn: `arn:aws:scheduler:::aws-sdk:${action}`,
      RoleArn: role,
      Input: JSON.stringify(input),
    })
    if (kind < 0.4) return { target: { Arn: queueArn('fila'), RoleArn: role, Input: text }, exactly: true }
    if (kind < 0.7) {
      const QueueUrl = `http://localhost/${account}/fila`
      return { target: universal('sqs:sendMessage', { QueueUrl, MessageBody: text }), exactly: true }
    }
    return { target: universal('s3:putObject', { Bucket: 'feitas', Key: text, Body: 'x' }), exactly: false }
  }

  /** Goes on from due time to due time, and leaves the last of them to itself after some turns. */
  async #work(): Promise<void> {
    const { platform } = (this.#igarape as Igarape).server
    const steps = this.#between(stepsPerRound)
    for (let step = 0; step < steps; step++) {
      const now = this.#clock.now()
      // Messages end after days; schedules are what this is about.
      this.#clock.moveTo(Math.min(Math.max(platform.runner.nextDue() ?? now, now), now + stepMillisMax))
      platform.runner.pokeAll()
      const turns = Math.floor(this.#random.fraction() * turnsMax)
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #kill(): void {
    this.#igarape?.server.abandon()
    this.#disk.crash()
    this.#kills++
  }

  async #judge(): Promise<SchedulesReport> {
    const igarape = this.#igarape as Igarape
    const { Contents = [] } = await igarape.client(S3Client).send(new ListObjectsV2Command({ Bucket: 'feitas' }))
    const fired = [...(await bodies(igarape, 'fila')), ...Contents.map(({ Key = '' }) => Key)]
    const counts = new Map<string, number>()
    for (const each of fired) counts.set(each, (counts.get(each) ?? 0) + 1)
    const wrong: string[] = []
    let due = 0
    for (const played of this.#played) {
      const wanted = this.#wantedOf(played)
      due += wanted.size
      for (const [text, { least, most }] of wanted) {
        const count = counts.get(text) ?? 0
        if (count < least || (played.exactly && count > most)) wrong.push(`${text}: fired ${count} times`)
        counts.delete(text)
      }
    }
    for (const text of counts.keys()) wrong.push(`${text}: was not due`)
    await this.#mustBeThere(wrong)
    return { seed: this.#seed, kills: this.#kills, due, wrong }
  }

  /**
   * How often each time must have been fired, once its window is over, and may have been. An update at the very time that
   * is due begins a rate anew with that time, so that it is fired twice.
   */
  #wantedOf({ name, windowMillis, exactly, stretches }: Played): Map<string, { least: number; most: number }> {
    const now = this.#clock.now()
    const wanted = new Map<string, { least: number; most: number }>()
    for (const { from, until, times } of stretches) {
      for (const time of times()) {
        if (time > Math.min(now, until)) break
        if (time < from) continue
        const text = `${name} ${new Date(time).toISOString().slice(0, 19)}Z`
        const { least, most } = wanted.get(text) ?? { least: 0, most: 0 }
        const isOver = time + windowMillis <= now
        // Objects of one name are one.
        wanted.set(text, { least: exactly ? least + Number(isOver) : Number(isOver), most: most + 1 })
      }
    }
    return wanted
  }

  async #mustBeThere(wrong: string[]): Promise<void> {
    const { Schedules = [] } = await this.#client().send(new ListSchedulesCommand({}))
    if (Schedules.length !== this.#played.length) wrong.push(`${Schedules.length} of ${this.#played.length} schedules`)
  }

  #client(): SchedulerClient {
    return (this.#igarape as Igarape).client(SchedulerClient)
  }

  #between({ least, most }: { least: number; most: number }): number {
    return least + Math.floor(this.#random.fraction() * (most - least + 1))
  }
}

function* every(first: number, period: number): Iterable<number> {
  for (let time = first; ; time += period) yield time
}

function* filtered(times: Iterable<number>, isMeant: (time: number) => boolean): Iterable<number> {
  for (const time of times) if (isMeant(time)) yield time
}
