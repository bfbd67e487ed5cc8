/** Subscriptions as they are kept: by topic, so that a publish reads its own and no others. */
import { type Arn, parseArn } from '../../delivery/arn.ts'
import { type Collection, collection, type Scope } from '../../store/collection.ts'
import type { Replay } from './replays.ts'

export type Protocol = 'sqs' | 'lambda' | 'http' | 'https' | 'email' | 'email-json' | 'sms' | 'application'

export interface Subscription {
  topicName: string
  id: string
  protocol: Protocol
  endpoint: string
  owner: string
  /** Who called Subscribe; absent of subscriptions of earlier versions. */
  principal?: string
  /** HTTP endpoints and people have to agree first. */
  isConfirmed: boolean
  isConfirmationAuthenticated: boolean
  /** What whoever confirms has to say. */
  token: string
  /** By their names on the wire; what was never set is absent. */
  attributes: Record<string, string>
  /** The latest that it asked for. */
  replay?: Replay
  createdAt: number
}

export const subscriptions: Collection<Subscription> = collection('sns/subscriptions', {
  version: 1,
  key: ({ topicName, id }) => [topicName, id],
})

export function subscriptionArn({ topicName, id }: Pick<Subscription, 'topicName' | 'id'>, place: Scope): Arn {
  return `arn:aws:sns:${place.region}:${place.account}:${topicName}:${id}`
}

/** Undefined where the text is no subscription's ARN. */
export function readSubscriptionArn(arn: string): (Scope & { topicName: string; id: string }) | undefined {
  const { service, account, region, resource = '' } = parseArn(arn) ?? {}
  const [topicName, id, ...rest] = resource.split(':')
  if (service !== 'sns' || account === undefined || region === undefined) return undefined
  return topicName && id && rest.length === 0 ? { account, region, topicName, id } : undefined
}

export function principalOf({ principal, owner }: Pick<Subscription, 'principal' | 'owner'>): string {
  return principal ?? `arn:aws:iam::${owner}:root`
}

export function counted(all: Iterable<Subscription>): { confirmed: number; pending: number } {
  const counts = { confirmed: 0, pending: 0 }
  for (const { isConfirmed } of all) counts[isConfirmed ? 'confirmed' : 'pending']++
  return counts
}
