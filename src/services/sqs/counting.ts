/**
 * Counts what a queue's own operations did (observe/meters.ts), from their answers: so sending and receiving know nothing
 * of it, and what failed is not counted. What is delivered to a queue is counted in target.ts.
 */
import type { Context } from '../../delivery/context.ts'
import { measureNow, meters } from '../../delivery/metering.ts'
import type { Handler } from '../../delivery/platform.ts'
import type { Meter } from '../../observe/meters.ts'
import type { OperationSet } from '../service.ts'
import { addressed, queueArn } from './queues.ts'

interface Answer {
  Messages?: unknown[]
  Successful?: unknown[]
}

type Count = (answer: Answer) => [meter: Meter, times: number]

const counts = new Map<string, Count>([
  ['SendMessage', () => ['messagesSent', 1]],
  ['SendMessageBatch', ({ Successful = [] }) => ['messagesSent', Successful.length]],
  [
    'ReceiveMessage',
    ({ Messages = [] }) => (Messages.length > 0 ? ['messagesReceived', Messages.length] : ['emptyReceives', 1]),
  ],
  ['DeleteMessage', () => ['messagesDeleted', 1]],
  ['DeleteMessageBatch', ({ Successful = [] }) => ['messagesDeleted', Successful.length]],
])

export function counted({ service, handlers }: OperationSet): OperationSet {
  const all = [...handlers].map(([name, handler]) => {
    const count = counts.get(name)
    return [name, count ? countedBy(count, handler) : handler] as const
  })
  return { service, handlers: new Map(all) }
}

interface Sent {
  QueueUrl: string
  MessageBody?: string
  Entries?: { MessageBody?: string }[]
}

function measureSizes(
  { ctx, name }: { ctx: Context; name: string },
  { MessageBody, Entries = [{ MessageBody }] }: Sent,
): void {
  const sizes = Entries.map(({ MessageBody: body = '' }) => Buffer.byteLength(body))
  const measures = sizes.map((value) => ({ name: 'SentMessageSize', unit: 'Bytes', value }))
  measureNow(ctx, { namespace: 'AWS/SQS', dimensions: [{ QueueName: name }] }, ...measures)
}

function countedBy(count: Count, handler: Handler): Handler {
  return async (input: Sent, ctx: Context) => {
    const answer = await handler(input as never, ctx)
    const [meter, times] = count(answer as Answer)
    if (times > 0) {
      const place = addressed(ctx, input.QueueUrl)
      ctx.use(meters).add(queueArn(place.name, place.ctx), meter, ctx.clock.now(), 1, times)
      if (meter === 'messagesSent') measureSizes(place, input)
    }
    return answer
  }
}
