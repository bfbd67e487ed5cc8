/** A bus with an archive, events for it, and what came to a queue: for the tests of archives and replays. */
import {
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
import type { Igarape } from '../../src/testkit/server.ts'
import { drainedQueue } from '../drainedQueue.ts'

const account = '000000000000'
export const arn = (resource: string) => `arn:aws:events:us-east-1:${account}:${resource}`
export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${account}:${name}`

/** The bus `vendas` with the archive `tudo`. */
export async function busWithArchive(
  igarape: Igarape,
  settings: { EventPattern?: string; RetentionDays?: number } = {},
) {
  const events = igarape.client(EventBridgeClient)
  await events.send(new CreateEventBusCommand({ Name: 'vendas' }))
  const EventSourceArn = arn('event-bus/vendas')
  await events.send(new CreateArchiveCommand({ ArchiveName: 'tudo', EventSourceArn, ...settings }))
  return events
}

export interface Sale {
  id: number
  kind?: string
  time?: Date
}

export async function putSales(igarape: Igarape, sales: readonly Sale[], EventBusName = 'vendas'): Promise<void> {
  for (let start = 0; start < sales.length; start += 10) {
    const Entries = sales.slice(start, start + 10).map(({ id, kind = 'venda', time }) => ({
      EventBusName,
      Source: 'loja',
      DetailType: kind,
      Detail: JSON.stringify({ id }),
      ...(time && { Time: time }),
    }))
    await igarape.client(EventBridgeClient).send(new PutEventsCommand({ Entries }))
  }
}

/** A rule of the bus that sends what it matches to a queue of its own name. */
export async function ruleToQueue(igarape: Igarape, name: string, pattern: object, EventBusName = 'vendas') {
  const events = igarape.client(EventBridgeClient)
  await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: name }))
  await events.send(new PutRuleCommand({ Name: name, EventBusName, EventPattern: JSON.stringify(pattern) }))
  const Targets = [{ Id: name, Arn: queueArn(name) }]
  await events.send(new PutTargetsCommand({ Rule: name, EventBusName, Targets }))
  return arn(`rule/${EventBusName}/${name}`)
}

export interface Received {
  id: string
  time: string
  detail: { id: number }
  'replay-name'?: string
}

/** What lies in a queue; it is emptied. */
export function received(igarape: Igarape, queue: string): Promise<Received[]> {
  return drainedQueue(igarape.client(SQSClient), `${igarape.endpoint}/${account}/${queue}`)
}

export async function countOf(igarape: Igarape, ArchiveName = 'tudo') {
  const answer = await igarape.client(EventBridgeClient).send(new DescribeArchiveCommand({ ArchiveName }))
  return { events: answer.EventCount, bytes: answer.SizeBytes, state: answer.State, reason: answer.StateReason }
}

export const longAgo = new Date(0)
export const farAhead = new Date('2100-01-01T00:00:00Z')

/** Of the archive `tudo` to its bus. */
export async function startReplay(
  igarape: Igarape,
  name: string,
  { start = longAgo, end = farAhead, rules }: { start?: Date; end?: Date; rules?: string[] } = {},
) {
  return igarape.client(EventBridgeClient).send(
    new StartReplayCommand({
      ReplayName: name,
      EventSourceArn: arn('archive/tudo'),
      EventStartTime: start,
      EventEndTime: end,
      Destination: { Arn: arn('event-bus/vendas'), ...(rules && { FilterArns: rules }) },
    }),
  )
}

export const describeReplay = (igarape: Igarape, ReplayName: string) =>
  igarape.client(EventBridgeClient).send(new DescribeReplayCommand({ ReplayName }))
