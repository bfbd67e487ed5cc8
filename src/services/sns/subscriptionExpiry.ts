/**
 * What lasts two days: the question whether a subscription is wanted, and the chance to restore one that was ended.
 * SNS API Reference, "ConfirmSubscription": tokens are valid for two days.
 */
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { collection } from '../../store/collection.ts'
import { type Subscription, subscriptions } from './subscriptionRecords.ts'

/** A subscription that was ended, for as long as its token restores it. */
const ended = collection<Subscription>('sns/ended-subscriptions', {
  version: 1,
  key: ({ topicName, id }) => [topicName, id],
})

interface Expiry extends Due {
  topicName: string
}

const expiries = dueQueue<Expiry>('sns/expiries')
const tokenMillis = 2 * 86_400_000

/** A question that was asked, or asked again. */
export function expireUnlessConfirmed(tx: Tx, { topicName, id }: Subscription): void {
  tx.due(expiries).put({ id, topicName, dueAt: tx.now + tokenMillis })
}

export function rememberEnded(tx: Tx, subscription: Subscription): void {
  tx.in(ended).put(subscription)
  expireUnlessConfirmed(tx, subscription)
}

/** The ended subscription that a token restores, which is then no more remembered. */
export function takeEnded(tx: Tx, topicName: string, token: string): Subscription | undefined {
  const found = [...tx.in(ended).list({ prefix: [topicName] })].find((one) => one.token === token)
  if (found) tx.in(ended).delete(topicName, found.id)
  return found
}

/** With its topic. */
export function forgetEnded(tx: Tx, topicName: string): void {
  for (const { id } of [...tx.in(ended).list({ prefix: [topicName] })]) tx.in(ended).delete(topicName, id)
}

/** It only deletes what is over, so running twice is harmless. */
export const expiryWorker = worker('sns/expiries', {
  queue: expiries,
  concurrency: 2,
  async run({ id, topicName }, ctx) {
    await ctx.commit((tx) => {
      const subscription = tx.in(subscriptions).get(topicName, id)
      if (subscription && !subscription.isConfirmed) tx.in(subscriptions).delete(topicName, id)
      tx.in(ended).delete(topicName, id)
      tx.due(expiries).delete(id)
    })
  },
})
