/**
 * E-mails. Without an SMTP server they stay here, in a mailbox that keeps the newest thousand and is read at
 * `/_igarape/mail` and by `igarape mail`; with one they leave through it, and are tried again until it takes them.
 */
import type { Context, Tx } from '../../delivery/context.ts'
import type { Delivery, DeliveryPolicy, Outcome, Sender } from '../../delivery/delivery.ts'
import type { Platform } from '../../delivery/platform.ts'
import { singleton } from '../../delivery/singleton.ts'
import { collection } from '../../store/collection.ts'
import { json, route } from '../route.ts'
import { type Subscription, subscriptionArn } from './subscriptionRecords.ts'

interface Mail {
  sequence: number
  id: string
  from: string
  to: string
  subject: string
  body: string
  sentAt: number
}

const mailbox = collection<Mail>('sns/mail', { version: 1, scope: 'global', key: ({ sequence }) => [sequence] })

const keptMax = 1_000
const from = 'no-reply@sns.igarape.invalid'
const anywhere = { account: '', region: '' }

const smtpUrl = singleton('sns smtp', (platform) => platform.options.smtpUrl)

export function isBuiltInMailbox(tx: Tx): boolean {
  return tx.use(smtpUrl) === ''
}

interface Letter {
  subscription: Subscription
  sender: Sender
  subject: string
  body: string
  policy?: DeliveryPolicy
}

export function sendMail(tx: Tx, { subscription, sender, subject, body, policy }: Letter): void {
  const to = subscription.endpoint
  if (!isBuiltInMailbox(tx)) {
    const arn = subscriptionArn(subscription, tx)
    tx.deliver({ arn, payload: body, sender, ...(policy && { policy }), parameters: { to, subject } })
    return
  }
  const sequence = (tx.in(mailbox).first({ reverse: true })?.sequence ?? 0) + 1
  tx.in(mailbox).put({ sequence, id: tx.random.uuid(), from, to, subject, body, sentAt: tx.now })
  tx.in(mailbox).delete(sequence - keptMax)
  tx.hop({ service: 'sns', action: 'Email', resource: to, detail: { subject } })
}

export async function carryMail(delivery: Delivery, ctx: Context): Promise<Outcome> {
  const { to, subject } = delivery.parameters as { to: string; subject: string }
  const { createTransport } = await import('nodemailer')
  const url = ctx.use(smtpUrl)
  const transport = createTransport(url.includes('://') ? url : `smtp://${url}`)
  try {
    await transport.sendMail({ from, to, subject, text: delivery.payload })
    return { kind: 'delivered' }
  } catch (error) {
    const { responseCode = 0, message } = error as Error & { responseCode?: number }
    // 5xx: the server will never take it.
    return { kind: responseCode >= 500 ? 'refused' : 'failed', code: 'SMTP_ERROR', message }
  } finally {
    transport.close()
  }
}

function kept(platform: Platform): Mail[] {
  return [...platform.store.in(mailbox, anywhere).list()]
}

function shown({ sequence: _, ...mail }: Mail) {
  return mail
}

export const mailRoutes = [
  route('GET', '/_igarape/mail', async (_, platform) => json({ messages: kept(platform).map(shown) })),
  route('GET', '/_igarape/mail/:id', async ({ parameters }, platform) => {
    const found = kept(platform).find(({ id }) => id === parameters.id)
    return found
      ? json(shown(found))
      : json({ error: 'NotFound', message: `No e-mail has the id ${parameters.id}.` }, 404)
  }),
]
