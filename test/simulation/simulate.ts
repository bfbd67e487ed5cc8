/** One run of a plan: builds, writes, kills, moves the clock, lets everything come to its end, and says what is wrong. */

import { stopwatch, type Wake } from '../../src/clock.ts'
import { CommitFailed } from '../../src/store/store.ts'
import { endpointArnOf, topicArn } from './arns.ts'
import { changed, type Version } from './changes.ts'
import { check, type Finding } from './check.ts'
import type { Call } from './endpoints.ts'
import { deadKey, plain } from './expected.ts'
import type { Seen, Written } from './history.ts'
import { account, Killed, Machine } from './machine.ts'
import { idMark, idsOf, tagOf } from './marks.ts'
import type { ChangePlan, Plan, RoundPlan, WritePlan } from './plan.ts'
import { bucket, build, hasBus, makeChange } from './topology.ts'

export interface Report {
  findings: Finding[]
  acknowledged: number
  kills: number
  /** Of the disk, in each round: where it may be killed. */
  writesByRound: number[]
}

export async function simulate(plan: Plan): Promise<Report> {
  const run = new Run(plan)
  let watch: Wake | undefined
  const tooLong = new Promise<never>((_, reject) => {
    watch = stopwatch.after(realMillisMax, () => reject(new Error('The run does not come to its end.')))
  })
  try {
    return await Promise.race([run.run(), tooLong])
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { findings: [{ kind: 'error', text }], acknowledged: 0, kills: run.machine.kills, writesByRound: [] }
  } finally {
    watch?.cancel()
    await run.machine.end()
  }
}

/** A run takes a tenth of a second, on a machine that has nothing else to do. */
const realMillisMax = 300_000
/** Longer than every retry of every policy in play. */
const finalSeconds = 25 * 3600
const receivedAtOnce = 10
/** In a row, from a queue that is not empty. */
const vainReceivesMax = 1_000
/** A message that a consumer let go of comes back within the next move of the clock. */
const visibilitySeconds = 20

export class Run {
  readonly plan: Plan
  readonly machine: Machine
  readonly written: Written[] = []
  readonly seen: Seen[] = []
  /** The topology, from change to change. */
  readonly versions: Version[]
  /** When each scheduled rule began, and the last moment in which it could fire. */
  scheduledFrom = 0
  scheduledTo = 0
  #order = 0
  /** One that a kill cut off: nobody knows whether it took place. */
  #halfChange: { change: ChangePlan; plan: Plan; begun: number } | undefined
  readonly #writesByRound: number[] = []

  constructor(plan: Plan) {
    this.plan = plan
    this.machine = new Machine(plan)
    this.versions = [{ plan, begun: 0, answered: 0 }]
  }

  async run(): Promise<Report> {
    await this.machine.start()
    await build(this.machine, this.plan)
    this.scheduledFrom = this.machine.now
    for (const round of this.plan.rounds) await this.#round(round)
    this.machine.beginRound({})
    await this.#endSchedules()
    await this.machine.advance(finalSeconds)
    for (const { name } of this.#now.queues) await this.#empty(name)
    this.seen.push(...this.machine.faults.endpoints.calls.map(seenAtEndpoint))
    const acknowledged = this.written.filter(({ answered }) => answered !== undefined).length
    return { findings: check(this), acknowledged, kills: this.machine.kills, writesByRound: this.#writesByRound }
  }

  async #round(round: RoundPlan): Promise<void> {
    this.machine.beginRound(round)
    await this.#unlessKilled(async () => {
      const lanes = Array.from({ length: round.lanes }, (_, lane) =>
        this.#lane(round.writes.filter((_, at) => at % round.lanes === lane)),
      )
      await Promise.all([...lanes, this.#changeAll(round.changes)])
      await this.#moveClock(round)
    })
    this.#writesByRound.push(this.machine.writes)
    this.machine.beginRound({})
    if (this.machine.isUp && round.end === 'kill') this.machine.kill()
    if (this.machine.isUp && round.end === 'stop') await this.machine.stop()
    if (!this.machine.isUp) await this.#restart(round)
    await this.#endHalfChange()
  }

  /** The topology as it is, if nothing is changing. */
  get #now(): Plan {
    return this.versions.at(-1)?.plan ?? this.plan
  }

  async #changeAll(changes: readonly ChangePlan[]): Promise<void> {
    for (const change of changes) {
      const plan = changed(this.#now, change)
      // What names a part that is gone is no change; that a rule with targets stays is for the server to say.
      if (!plan && change.kind !== 'no rule') continue
      await this.#change(change, plan)
    }
  }

  async #change(change: ChangePlan, plan: Plan | undefined): Promise<void> {
    const begun = this.#order++
    try {
      await makeChange(this.machine, this.#now, change)
    } catch (error) {
      if (!(error instanceof Killed)) return
      if (plan) this.#halfChange = { change, plan, begun }
      throw error
    }
    if (!plan) throw new Error(`The server did what AWS refuses: ${JSON.stringify(change)}`)
    this.versions.push({ plan, begun, answered: this.#order++ })
  }

  /** Done again, it is done, whatever became of it before: each of them may be done twice. */
  async #endHalfChange(): Promise<void> {
    if (!this.#halfChange) return
    const { change, plan, begun } = this.#halfChange
    this.#halfChange = undefined
    await makeChange(this.machine, this.#now, change).catch((error) => {
      if (error instanceof Killed) throw error
    })
    this.versions.push({ plan, begun, answered: this.#order++ })
  }

  async #restart({ killAtRestart }: RoundPlan): Promise<void> {
    this.machine.beginRound(killAtRestart === undefined ? {} : { killAtWrite: killAtRestart })
    await this.#unlessKilled(() => this.machine.start())
    this.machine.beginRound({})
    if (!this.machine.isUp) await this.machine.start()
  }

  async #moveClock({ jumps, advanceSeconds, full }: RoundPlan): Promise<void> {
    try {
      if (jumps) await this.machine.jump(advanceSeconds)
      else await this.machine.advance(advanceSeconds)
    } catch (error) {
      // How far it was moved is kept on the disk too.
      if (!full || !(error instanceof CommitFailed)) throw error
    }
  }

  async #unlessKilled(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
  }

  async #lane(writes: WritePlan[]): Promise<void> {
    for (const write of writes) {
      if (write.kind === 'receive') await this.#consume(write.from, write.deletes)
      else await this.#write(write)
    }
  }

  async #write(write: WritePlan): Promise<void> {
    const id = idMark(this.written.length)
    const key = write.kind === 'put' ? `${write.prefix}${id}${this.written.length % 10}` : ''
    const written: Written = { write, id, key, begun: this.#order++ }
    this.written.push(written)
    try {
      if (await this.#asked(write, id, key)) written.answered = this.#order++
    } catch (error) {
      if (error instanceof Killed) throw error
      // Not there, not allowed, or the disk was full: it was not taken, and nobody was told that it was.
    }
  }

  async #asked(write: WritePlan, id: string, key: string): Promise<boolean> {
    const { machine } = this
    switch (write.kind) {
      case 'event': {
        const Entry = { EventBusName: write.bus, Source: 'loja', DetailType: 'venda' }
        const Entries = [{ ...Entry, Detail: JSON.stringify({ ...write.detail, id }) }]
        return (await machine.call('eventbridge', 'PutEvents', { Entries })).FailedEntryCount === 0
      }
      case 'put':
        await machine.call('s3', 'PutObject', { Bucket: bucket, Key: key, Body: id })
        return true
      case 'send': {
        const group = write.group && { MessageGroupId: write.group }
        await machine.call('sqs', 'SendMessage', { QueueUrl: this.#url(write.to), MessageBody: id, ...group })
        return true
      }
      case 'publish': {
        const MessageAttributes = { loja: { DataType: 'String', StringValue: write.loja } }
        const group = write.group && { MessageGroupId: write.group }
        const message = { TopicArn: topicArn(write.to), Message: id, MessageAttributes, ...group }
        await machine.call('sns', 'Publish', message)
        return true
      }
      case 'invoke': {
        const Payload = Buffer.from(JSON.stringify({ id }))
        await machine.call('lambda', 'Invoke', { FunctionName: write.to, InvocationType: 'Event', Payload })
        return true
      }
      case 'receive':
        return true
    }
  }

  async #consume(queue: string, deletes: boolean): Promise<void> {
    try {
      const receipts = await this.#receive(queue, visibilitySeconds)
      if (deletes) await this.#delete(queue, receipts)
    } catch (error) {
      if (error instanceof Killed) throw error
      // The queue is not there, or the disk is full.
    }
  }

  async #receive(queue: string, VisibilityTimeout: number): Promise<string[]> {
    const { Messages = [] } = (await this.machine.call('sqs', 'ReceiveMessage', {
      QueueUrl: this.#url(queue),
      MaxNumberOfMessages: receivedAtOnce,
      VisibilityTimeout,
      MessageAttributeNames: ['All'],
      AttributeNames: ['All'],
    })) as { Messages?: ReceivedMessage[] }
    for (const message of Messages) this.seen.push(seenFrom(queue, message))
    return Messages.map(({ ReceiptHandle }) => ReceiptHandle)
  }

  async #delete(queue: string, receipts: string[]): Promise<void> {
    const Entries = receipts.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle }))
    if (Entries.length === 0) return
    await this.machine.call('sqs', 'DeleteMessageBatch', { QueueUrl: this.#url(queue), Entries })
  }

  async #empty(queue: string): Promise<void> {
    for (let vain = 0; vain < vainReceivesMax; ) {
      const receipts = await this.#receive(queue, 3600)
      // A receive may be empty because it met nothing but what moved to a dead-letter queue.
      if (receipts.length === 0 && (await this.#isEmpty(queue))) return
      vain = receipts.length === 0 ? vain + 1 : 0
      await this.#delete(queue, receipts)
    }
    throw new Error(`${queue} says that it has messages, and gives none`)
  }

  async #isEmpty(queue: string): Promise<boolean> {
    const asked = { QueueUrl: this.#url(queue), AttributeNames: ['ApproximateNumberOfMessages'] }
    const { Attributes } = await this.machine.call('sqs', 'GetQueueAttributes', asked)
    return (Attributes as Record<string, string>).ApproximateNumberOfMessages === '0'
  }

  async #endSchedules(): Promise<void> {
    for (const rule of this.plan.rules.filter((one) => one.everyMinutes && hasBus(this.plan, one))) {
      await this.machine.call('eventbridge', 'DisableRule', { Name: rule.name, EventBusName: rule.bus })
    }
    this.scheduledTo = this.machine.now
  }

  #url(queue: string): string {
    return `http://127.0.0.1/${account}/${queue}`
  }
}

interface ReceivedMessage {
  MessageId: string
  ReceiptHandle: string
  Body: string
  MessageAttributes?: Record<string, { StringValue?: string }>
  Attributes?: Record<string, string>
}

function seenFrom(queue: string, { MessageId, Body, MessageAttributes = {}, Attributes = {} }: ReceivedMessage): Seen {
  const attributes = Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
  )
  const { RULE_ARN, TARGET_ARN } = attributes
  if (TARGET_ARN) attributes.TARGET_ARN = endpointArnOf(TARGET_ARN)
  const key = RULE_ARN
    ? deadKey(RULE_ARN.split('/').at(-1) ?? '', endpointArnOf(TARGET_ARN ?? ''))
    : (tagOf(Body) ?? plain)
  const group = Attributes.MessageGroupId
  return { queue, messageId: MessageId, ids: idsOf(Body), key, body: Body, attributes, ...(group && { group }) }
}

/** A call that a kill let be made again is one. */
function seenAtEndpoint({ endpoint, deliveryId, body }: Call): Seen {
  return { queue: endpoint, messageId: deliveryId, ids: idsOf(body), key: tagOf(body) ?? plain, body, attributes: {} }
}
