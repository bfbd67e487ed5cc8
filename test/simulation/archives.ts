/**
 * Archives and replays over kills: an archive must hold exactly what the bus took in and its pattern matches (no more, no
 * less, nothing twice), replays that were begun must end with every event of their window sent once, and what expires
 * must give the disk back. The power goes during writes of segments as well as of records. The seed decides all.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CancelReplayCommand,
  CreateArchiveCommand,
  CreateEventBusCommand,
  DescribeArchiveCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type Random, seededRandom, virtualClock } from '../../src/clock.ts'
import { provide } from '../../src/delivery/singleton.ts'
import { archives } from '../../src/services/eventbridge/archives.ts'
import { replayLimits } from '../../src/services/eventbridge/replaying.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { arn, queueArn, type Received, received } from '../eventbridge/archiveSamples.ts'
import { SimulatedDisk } from './disk.ts'
import { SimulatedSegments } from './segmentDisk.ts'

export interface ArchivesReport {
  seed: number
  kills: number
  archived: number
  replayed: number
  wrong: string[]
}

const startOfTime = Date.UTC(2025, 9, 20, 8)
const minute = 60_000
const rounds = { least: 2, most: 4 }
const requestsPerRound = { least: 3, most: 8 }
const entriesPerRequest = { least: 1, most: 6 }
const writesBeforeCrash = { least: 1, most: 12 }

interface Sent {
  id: number
  kind: string
  time: number
  acknowledged: boolean
}

interface Begun {
  name: string
  archive: string
  start: number
  end: number
  filtered: boolean
  /** Undefined: nobody knows. */
  state: 'begun' | 'cancelled' | undefined
  /** What was acknowledged before: it must come again. */
  before: Set<number>
}

/** What each archive keeps. */
const kept: Record<string, (event: Sent) => boolean> = { tudo: () => true, trocas: ({ kind }) => kind === 'troca' }

export async function simulateArchives(seed: number): Promise<ArchivesReport> {
  const simulation = new ArchivesSimulation(seed)
  try {
    return await simulation.run()
  } finally {
    await simulation.end()
  }
}

class ArchivesSimulation {
  readonly #seed: number
  readonly #random: Random
  readonly #disk: SimulatedDisk
  readonly #segments: SimulatedSegments
  readonly #folder = mkdtempSync(join(tmpdir(), 'igarape-archives-'))
  readonly #clock = virtualClock(startOfTime)
  readonly #sent: Sent[] = []
  readonly #begun: Begun[] = []
  readonly #wrong: string[] = []
  #igarape: Igarape | undefined
  #kills = 0
  #replayed = 0

  constructor(seed: number) {
    this.#seed = seed
    this.#random = seededRandom(seed)
    this.#disk = new SimulatedDisk(this.#random)
    this.#segments = new SimulatedSegments(this.#random)
  }

  async run(): Promise<ArchivesReport> {
    await this.#build(await this.#start())
    const count = this.#between(rounds)
    for (let round = 0; round < count; round++) {
      await this.#workAndKill()
      await this.#start()
      if (this.#random.fraction() < 0.5)
        await this.#running().clock.advance({ seconds: this.#between({ least: 1, most: 900 }) })
    }
    await this.#running().settled()
    const archived = await this.#judgeArchives()
    await this.#judgeReplays()
    await this.#judgeExpiry()
    const { kills, replayed } = { kills: this.#kills, replayed: this.#replayed }
    return { seed: this.#seed, kills, archived, replayed, wrong: this.#wrong }
  }

  async end(): Promise<void> {
    await this.#igarape?.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #start(): Promise<Igarape> {
    const provides = [
      provide(replayLimits, () => ({ eventsMax: 3, bytesMax: 2 ** 20, batchesAtOnce: 2, batchesARun: 3 })),
    ]
    const parts = {
      ...(await this.#disk.segmented(this.#segments.files())),
      clock: this.#clock,
      random: this.#random,
      provides,
    }
    this.#igarape = await startIgarape({ data: this.#folder, parts })
    return this.#igarape
  }

  #running(): Igarape {
    return this.#igarape as Igarape
  }

  async #build(igarape: Igarape): Promise<void> {
    const events = igarape.client(EventBridgeClient)
    const EventSourceArn = arn('event-bus/vendas')
    await events.send(new CreateEventBusCommand({ Name: 'vendas' }))
    await events.send(new CreateArchiveCommand({ ArchiveName: 'tudo', EventSourceArn }))
    const EventPattern = '{"detail-type":["troca"]}'
    await events.send(
      new CreateArchiveCommand({ ArchiveName: 'trocas', EventSourceArn, EventPattern, RetentionDays: 1 }),
    )
    const rules = { vivas: [{ exists: false }], repetidas: [{ exists: true }], outras: [{ exists: true }] }
    for (const [Name, exists] of Object.entries(rules)) {
      await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: Name }))
      const rule = { Name, EventBusName: 'vendas', EventPattern: JSON.stringify({ 'replay-name': exists }) }
      await events.send(new PutRuleCommand(rule))
      const Targets = [{ Id: 'fila', Arn: queueArn(Name) }]
      await events.send(new PutTargetsCommand({ Rule: Name, EventBusName: 'vendas', Targets }))
    }
  }

  /** Events, replays and cancellations side by side; the power goes when some are answered, or at a write. */
  async #workAndKill(): Promise<void> {
    const igarape = this.#running()
    let answered = 0
    let isOver = false
    const crash = () => {
      isOver = true
      igarape.server.abandon()
      this.#segments.crash()
      this.#disk.crash()
    }
    const kind = this.#random.fraction()
    const writes = this.#between(writesBeforeCrash)
    if (kind < 0.4) {
      const last = this.#segments.writes + writes
      this.#segments.onWrite = (count) => count === last && crash()
    } else if (kind < 0.7) this.#disk.crashAt = this.#disk.writes + 2 * writes
    const works = Array.from({ length: this.#between(requestsPerRound) }, () => this.#work(igarape))
    const started = works.map((work) => work.then(() => answered++).catch(() => undefined))
    const enough = kind < 0.7 ? Number.POSITIVE_INFINITY : Math.floor(this.#random.fraction() * (works.length + 1))
    let all = false
    void Promise.all(started).then(() => {
      all = true
    })
    const isCut = () => isOver || answered >= enough || this.#disk.writes >= this.#disk.crashAt
    while (!all && !isCut()) await new Promise((resolve) => setImmediate(resolve))
    // Replays that were begun get some turns, so that kills find them anywhere.
    for (let turns = this.#between({ least: 0, most: 40 }); turns > 0 && !isCut(); turns--) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (!isOver) crash()
    this.#segments.onWrite = () => undefined
    this.#disk.crashAt = Number.POSITIVE_INFINITY
    this.#kills++
    await Promise.all(started)
  }

  #work(igarape: Igarape): Promise<void> {
    const kind = this.#random.fraction()
    if (kind < 0.7 || this.#begun.length > 8) return this.#put(igarape)
    const open = this.#begun.filter(({ state }) => state === 'begun')
    const [victim] = open
    return kind > 0.95 && victim ? this.#cancel(igarape, victim) : this.#replay(igarape)
  }

  async #put(igarape: Igarape): Promise<void> {
    const events = Array.from({ length: this.#between(entriesPerRequest) }, () => {
      const time = startOfTime + this.#between({ least: 0, most: 20 }) * minute
      const event = {
        id: this.#sent.length,
        kind: this.#random.fraction() < 0.5 ? 'venda' : 'troca',
        time,
        acknowledged: false,
      }
      this.#sent.push(event)
      return event
    })
    const Entries = events.map(({ id, kind, time }) => ({
      EventBusName: 'vendas',
      Source: 'loja',
      DetailType: kind,
      Detail: JSON.stringify({ id, text: 'x'.repeat(id % 400) }),
      Time: new Date(time),
    }))
    await igarape.client(EventBridgeClient).send(new PutEventsCommand({ Entries }))
    for (const event of events) event.acknowledged = true
  }

  async #replay(igarape: Igarape): Promise<void> {
    const start = startOfTime + this.#between({ least: 0, most: 10 }) * minute
    const filtered = this.#random.fraction() < 0.3
    const begun: Begun = {
      name: `r${this.#begun.length}`,
      archive: this.#random.fraction() < 0.7 ? 'tudo' : 'trocas',
      start,
      end: start + this.#between({ least: 1, most: 15 }) * minute,
      filtered,
      state: undefined,
      before: new Set(this.#sent.filter(({ acknowledged }) => acknowledged).map(({ id }) => id)),
    }
    this.#begun.push(begun)
    await igarape.client(EventBridgeClient).send(
      new StartReplayCommand({
        ReplayName: begun.name,
        EventSourceArn: arn(`archive/${begun.archive}`),
        EventStartTime: new Date(begun.start),
        EventEndTime: new Date(begun.end),
        Destination: {
          Arn: arn('event-bus/vendas'),
          ...(filtered && { FilterArns: [arn('rule/vendas/repetidas')] }),
        },
      }),
    )
    begun.state = 'begun'
  }

  async #cancel(igarape: Igarape, victim: Begun): Promise<void> {
    victim.state = undefined
    await igarape.client(EventBridgeClient).send(new CancelReplayCommand({ ReplayName: victim.name }))
    victim.state = 'cancelled'
  }

  /** What each archive holds, against what was sent; and what the rule without an archive was sent in the same commits. */
  async #judgeArchives(): Promise<number> {
    const igarape = this.#running()
    const { store } = igarape.server.platform
    const live = (await received(igarape, 'vivas')).map(({ detail }) => detail.id).sort((a, b) => a - b)
    let archived = 0
    for (const [name, isKept] of Object.entries(kept)) {
      const record = store.in(archives, { account: '000000000000', region: 'us-east-1' }).get(name)
      const held: Received[] = []
      let bytes = 0
      for await (const { body } of store.segments.read(String(record?.log))) {
        held.push(JSON.parse(Buffer.from(body).toString()) as Received)
        bytes += body.length
      }
      archived += held.length
      const ids = held.map(({ detail }) => detail.id).sort((a, b) => a - b)
      const wanted = live.filter((id) => isKept(this.#sent[id] as Sent))
      if (ids.join() !== wanted.join()) this.#wrong.push(`${name} holds ${ids}; the bus took in ${wanted}`)
      if (held.some((event) => event['replay-name'])) this.#wrong.push(`${name} holds a replayed event`)
      const told = await igarape.client(EventBridgeClient).send(new DescribeArchiveCommand({ ArchiveName: name }))
      if (told.EventCount !== held.length || told.SizeBytes !== bytes) {
        this.#wrong.push(
          `${name} tells of ${told.EventCount} events, ${told.SizeBytes} bytes; it is ${held.length}, ${bytes}`,
        )
      }
    }
    const lost = this.#sent.filter(({ id, acknowledged }) => acknowledged && !live.includes(id))
    if (lost.length > 0) this.#wrong.push(`lost ${lost.map(({ id }) => id)}`)
    return archived
  }

  async #judgeReplays(): Promise<void> {
    const igarape = this.#running()
    const [chosen, others] = [await received(igarape, 'repetidas'), await received(igarape, 'outras')]
    this.#replayed = chosen.length
    for (const replay of this.#begun) {
      const { name, state, filtered } = replay
      const described = await igarape
        .client(EventBridgeClient)
        .send(new DescribeReplayCommand({ ReplayName: name }))
        .catch(() => undefined)
      const ended = ['COMPLETED', 'CANCELLED'].includes(String(described?.State))
      if (described ? !ended : state !== undefined) this.#wrong.push(`${name} is ${described?.State ?? 'lost'}`)
      if (state === 'begun' && described?.State !== 'COMPLETED') this.#wrong.push(`${name} was not completed`)
      const came = idsOf(chosen, name)
      const isWhole = described?.State === 'COMPLETED'
      this.#wrong.push(...this.#wrongOf(replay, came, isWhole))
      const unchosen = idsOf(others, name)
      if (filtered && unchosen.length > 0) this.#wrong.push(`${name} reached a rule that was not chosen`)
      if (!filtered && unchosen.sort().join() !== [...came].sort().join()) {
        this.#wrong.push(`${name} reached its rules with different events`)
      }
    }
  }

  #wrongOf({ name, archive, start, end, before }: Begun, came: number[], isWhole: boolean): string[] {
    const isWanted = (event: Sent) => kept[archive]?.(event) && event.time >= start && event.time < end
    const wrong = came
      .filter((id) => !isWanted(this.#sent[id] as Sent))
      .map((id) => `${name} sent ${id}, out of its window`)
    if (new Set(came).size < came.length) wrong.push(`${name} sent an event twice: ${came}`)
    const missing = isWhole
      ? this.#sent.filter((event) => isWanted(event) && before.has(event.id) && !came.includes(event.id))
      : []
    if (missing.length > 0) wrong.push(`${name} did not send ${missing.map(({ id }) => id)}`)
    return wrong
  }

  async #judgeExpiry(): Promise<void> {
    const igarape = this.#running()
    const { store } = igarape.server.platform
    const scope = { account: '000000000000', region: 'us-east-1' }
    const log = String(store.in(archives, scope).get('trocas')?.log)
    await igarape.clock.advance({ days: 1, minutes: 20 })
    const told = await igarape.client(EventBridgeClient).send(new DescribeArchiveCommand({ ArchiveName: 'trocas' }))
    await new Promise((resolve) => setImmediate(resolve))
    const left = this.#segments.names.filter((name) => name.startsWith(log))
    if (told.EventCount !== 0 || told.SizeBytes !== 0)
      this.#wrong.push(`trocas still tells of ${told.EventCount} events`)
    if (left.length > 0) this.#wrong.push(`trocas still has ${left}`)
  }

  #between({ least, most }: { least: number; most: number }): number {
    return least + Math.floor(this.#random.fraction() * (most - least + 1))
  }
}

function idsOf(events: readonly Received[], replay: string): number[] {
  return events.filter((event) => event['replay-name'] === replay).map(({ detail }) => detail.id)
}
