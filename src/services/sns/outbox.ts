/**
 * What on AWS goes to phones: text messages and push notifications. No network of phones is reached from here, so they
 * stay in an outbox that keeps the newest thousand, read at `/_igarape/outbox` and by `igarape outbox`; nothing claims
 * that a phone got them.
 */
import type { Tx } from '../../delivery/context.ts'
import type { Platform } from '../../delivery/platform.ts'
import { collection } from '../../store/collection.ts'
import { json, route } from '../route.ts'
import type { MessageAttribute } from './messages.ts'

export interface OutboxMessage {
  id: string
  kind: 'sms' | 'push'
  /** A phone number, or the ARN of a device's endpoint. */
  to: string
  text: string
  subject?: string
  /** `AWS.SNS.SMS.*`, `AWS.SNS.MOBILE.*` and others, as text. */
  attributes?: Record<string, string>
  keptAt: number
}

type Kept = OutboxMessage & { sequence: number }

const outbox = collection<Kept>('sns/outbox', { version: 1, scope: 'global', key: ({ sequence }) => [sequence] })

const keptMax = 1_000
const anywhere = { account: '', region: '' }

export function keepForPhone(tx: Tx, message: Omit<OutboxMessage, 'keptAt'>): void {
  const sequence = (tx.in(outbox).first({ reverse: true })?.sequence ?? 0) + 1
  tx.in(outbox).put({ ...message, sequence, keptAt: tx.now })
  tx.in(outbox).delete(sequence - keptMax)
  const action = message.kind === 'sms' ? 'SMS kept, not sent' : 'Push notification kept, not sent'
  tx.hop({ service: 'sns', action, resource: message.to })
}

/** Attributes as text; a binary one has none. */
export function textsOf(attributes: Record<string, MessageAttribute>): Pick<OutboxMessage, 'attributes'> {
  const texts = Object.entries(attributes).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue] as const],
  )
  return texts.length > 0 ? { attributes: Object.fromEntries(texts) } : {}
}

function kept(platform: Platform): OutboxMessage[] {
  return [...platform.store.in(outbox, anywhere).list()].map(({ sequence: _, ...message }) => message)
}

export const outboxRoutes = [
  route('GET', '/_igarape/outbox', async (_, platform) => json({ messages: kept(platform) })),
]
