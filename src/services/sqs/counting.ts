/**
 * Counts what a queue's own operations did (observe/meters.ts), from their answers: so sending and receiving know nothing
 * of it, and what failed is not counted. What is delivered to a queue is counted in target.ts.
 */
import type { Context } from '../../delivery/context.ts'
import { meters } from '../../delivery/metering.ts'
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

function countedBy(count: Count, handler: Handler): Handler {
  return async (input: { QueueUrl: string }, ctx: Context) => {
    const answer = await handler(input as never, ctx)
    const [meter, times] = count(answer as Answer)
    if (times > 0) {
      const place = addressed(ctx, input.QueueUrl)
      ctx.use(meters).add(queueArn(place.name, place.ctx), meter, ctx.clock.now(), 1, times)
    }
    return answer
  }
}
