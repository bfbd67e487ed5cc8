/** A look at a queue's messages that changes nothing: no receive is counted, nothing is hidden, FIFO groups stay open. */
import { json, route } from '../route.ts'
import { addressed, mustGetQueue } from './queues.ts'
import { listMessages, type Message } from './storage.ts'

const peekedMax = 200

export const peekRoute = route('GET', '/_igarape/console/messages', async ({ query }, platform) => {
  const { account, region } = platform.options
  const { ctx, name } = addressed(platform.context({ account, region }), query.get('queueUrl') ?? '')
  const queue = mustGetQueue(ctx, name)
  const now = ctx.clock.now()
  const found = listMessages(ctx, { prefix: [queue.storage], limit: peekedMax })
  const living = [...found].filter(({ sentAt }) => sentAt + queue.settings.retentionSeconds * 1000 > now)
  return json({ messages: living.map((message) => peeked(message, now)) })
})

function peeked({ storage: _, visibleAt, receives, ...message }: Message, now: number) {
  const state = visibleAt <= now ? 'visible' : receives > 0 ? 'in flight' : 'delayed'
  return { ...message, receives, state, ...(visibleAt > now && { visibleAt }) }
}
