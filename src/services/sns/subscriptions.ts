/** Subscribing: who is told of a topic's messages, and how they agree to it. */
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { tokenOf } from '../pages.ts'
import { operations } from '../service.ts'
import { askForConfirmation, tellOfEnd } from './confirmations.ts'
import { shownSubscriptionPolicy } from './deliveryPolicies.ts'
import { readEndpoint } from './endpoints.ts'
import { endpointAt, readEndpointArn } from './platformEndpointRecords.ts'
import { invalid, noSubscription } from './refusals.ts'
import { withReplay } from './replays.ts'
import { checkSubscriptionAttributes, isRaw } from './subscriptionAttributes.ts'
import { expireUnlessConfirmed, rememberEnded, takeEnded } from './subscriptionExpiry.ts'
import {
  type Protocol,
  principalOf,
  readSubscriptionArn,
  type Subscription,
  subscriptionArn,
  subscriptions,
} from './subscriptionRecords.ts'
import { addressed, keyIn, mustGetTopic, topicArn, topics } from './topics.ts'

const { AuthorizationErrorException } = awsErrors('sns')

const pageSize = 100
const pendingArn = 'pending confirmation'

export const subscriptionOperations = operations('sns', {
  async Subscribe(input, ctx) {
    const { place, name } = addressed(ctx, input.TopicArn)
    const given = input.Attributes ?? {}
    return place.commit((tx) => {
      const topic = mustGetTopic(tx, name)
      const protocol = readEndpoint(input.Protocol, input.Endpoint, topic)
      checkSubscriptionAttributes(protocol, given)
      if (protocol === 'application') mustBeThere(tx, input.Endpoint as string)
      const wanted = { protocol, endpoint: input.Endpoint as string, attributes: withoutEmpty(given) }
      const existing = [...tx.in(subscriptions).list({ prefix: [name] })].find((one) => isSameEnd(one, wanted))
      if (existing && !hasAll(existing, given)) {
        throw invalid('Attributes Reason: Subscription already exists with different attributes')
      }
      const subscription =
        existing ?? newSubscription(tx, { topicName: name, owner: ctx.account, principal: ctx.caller.arn, ...wanted })
      const agreed = subscription.isConfirmed ? subscription : askForConfirmation(tx, subscription)
      const kept = existing ? agreed : withReplay(tx, topic, agreed)
      tx.in(subscriptions).put(kept)
      if (!kept.isConfirmed) expireUnlessConfirmed(tx, kept)
      const isShown = subscription.isConfirmed || input.ReturnSubscriptionArn === true
      return { SubscriptionArn: isShown ? subscriptionArn(subscription, place) : pendingArn }
    })
  },

  async ConfirmSubscription(input, ctx) {
    const { place, name } = addressed(ctx, input.TopicArn)
    const isConfirmationAuthenticated = input.AuthenticateOnUnsubscribe?.toLowerCase() === 'true'
    if (isConfirmationAuthenticated && isUnsigned(ctx)) throw notAuthorized('ConfirmSubscription', input.TopicArn)
    return place.commit((tx) => {
      mustGetTopic(tx, name)
      const subscription = confirmable(tx, name, input.Token)
      if (!subscription) throw invalid('Token')
      // Who confirms again changes nothing: else a link could take back what a signature demanded.
      if (!subscription.isConfirmed) {
        tx.in(subscriptions).put({ ...subscription, isConfirmed: true, isConfirmationAuthenticated })
      }
      return { SubscriptionArn: subscriptionArn(subscription, place) }
    })
  },

  /** Unsubscribing who is not subscribed is a success. */
  async Unsubscribe(input, ctx) {
    const { place, topicName, id } = mustRead(ctx, input.SubscriptionArn)
    await place.commit((tx) => {
      const subscription = tx.in(subscriptions).get(topicName, id)
      if (!subscription) return
      const isOwner = !isUnsigned(ctx) && [subscription.owner, place.account].includes(ctx.account)
      if (subscription.isConfirmationAuthenticated && !isOwner)
        throw notAuthorized('Unsubscribe', input.SubscriptionArn)
      endSubscription(tx, subscription, isUnsigned(ctx))
    })
    return {}
  },

  async ListSubscriptions(input, ctx) {
    const after = input.NextToken ? keyIn(input.NextToken) : undefined
    return page(ctx, [...ctx.in(subscriptions).list({ ...(after && { after }), limit: pageSize + 1 })])
  },

  async ListSubscriptionsByTopic(input, ctx) {
    const { place, name } = addressed(ctx, input.TopicArn)
    mustGetTopic(place, name)
    const after = input.NextToken ? keyIn(input.NextToken) : undefined
    const found = place.in(subscriptions).list({ prefix: [name], ...(after && { after }), limit: pageSize + 1 })
    return page(place, [...found])
  },

  async GetSubscriptionAttributes(input, ctx) {
    const { place, topicName, id } = mustRead(ctx, input.SubscriptionArn)
    const subscription = place.in(subscriptions).get(topicName, id)
    if (!subscription) throw noSubscription()
    const { attributes } = subscription
    return {
      Attributes: {
        SubscriptionArn: subscriptionArn(subscription, place),
        TopicArn: topicArn(topicName, place),
        Owner: subscription.owner,
        Protocol: subscription.protocol,
        Endpoint: subscription.endpoint,
        PendingConfirmation: String(!subscription.isConfirmed),
        ConfirmationWasAuthenticated: String(subscription.isConfirmationAuthenticated),
        SubscriptionPrincipal: principalOf(subscription),
        ...(attributes.FilterPolicy && { FilterPolicyScope: 'MessageAttributes' }),
        ...attributes,
        ...(subscription.replay && { ReplayStatus: subscription.replay.status }),
        ...(subscription.protocol.startsWith('http') && {
          EffectiveDeliveryPolicy: shownSubscriptionPolicy(
            attributes.DeliveryPolicy,
            place.in(topics).get(topicName)?.attributes.DeliveryPolicy,
          ),
        }),
        RawMessageDelivery: String(isRaw(subscription)),
      },
    }
  },

  async SetSubscriptionAttributes(input, ctx) {
    const { place, topicName, id } = mustRead(ctx, input.SubscriptionArn)
    await place.commit((tx) => {
      const subscription = tx.in(subscriptions).get(topicName, id)
      if (!subscription) throw noSubscription()
      const value = input.AttributeValue ?? ''
      const attributes = withoutEmpty({ ...subscription.attributes, [input.AttributeName]: value })
      checkSubscriptionAttributes(subscription.protocol, { [input.AttributeName]: value, ...attributes })
      const changed = { ...subscription, attributes }
      const isReplay = input.AttributeName === 'ReplayPolicy'
      tx.in(subscriptions).put(isReplay ? withReplay(tx, mustGetTopic(tx, topicName), changed) : changed)
    })
    return {}
  },
})

/** Errors: InvalidParameter where no such app is on a phone. */
function mustBeThere(tx: Tx, arn: string): void {
  const address = readEndpointArn(arn)
  if (address && endpointAt(tx, address).endpoint) return
  throw invalid(`Endpoint Reason: Endpoint does not exist for endpoint ${arn}`)
}

/** The one that has the token: it waits for its confirmation, has it, or was ended and is restored. */
function confirmable(tx: Tx, topicName: string, token: string): Subscription | undefined {
  const all = [...tx.in(subscriptions).list({ prefix: [topicName] })]
  const waiting = all.find((one) => one.token === token)
  if (waiting) return waiting
  const ended = takeEnded(tx, topicName, token)
  // Whoever subscribed again in the meantime has it already.
  return ended && (all.find((one) => isSameEnd(one, ended)) ?? { ...ended, isConfirmed: false })
}

function endSubscription(tx: Tx, subscription: Subscription, isByLink: boolean): void {
  tx.in(subscriptions).delete(subscription.topicName, subscription.id)
  // Who was never asked has no token that restores it.
  if (!subscription.isConfirmed || isOfThisServer(subscription.protocol)) return
  rememberEnded(tx, subscription)
  tellOfEnd(tx, subscription, isByLink)
}

/** A link that somebody followed; what services ask of each other has no address. */
function isUnsigned({ caller }: Context): boolean {
  return caller.accessKeyId === undefined && caller.sourceIp !== undefined
}

function notAuthorized(action: string, arn: string): Error {
  return AuthorizationErrorException(`User is not authorized to perform: SNS:${action} on resource: ${arn}`)
}

type Wanted = Pick<Subscription, 'protocol' | 'endpoint' | 'attributes'>

function isSameEnd(one: Subscription, { protocol, endpoint }: Wanted): boolean {
  return one.protocol === protocol && one.endpoint === endpoint
}

function hasAll({ attributes }: Subscription, given: Record<string, string>): boolean {
  return Object.entries(given).every(([name, value]) => (attributes[name] ?? '') === value)
}

function newSubscription(
  tx: Tx,
  wanted: Wanted & Pick<Subscription, 'topicName' | 'owner' | 'principal'>,
): Subscription {
  const isHere = isOfThisServer(wanted.protocol)
  return {
    ...wanted,
    id: tx.random.uuid(),
    token: tx.random.hex(128),
    isConfirmed: isHere,
    isConfirmationAuthenticated: isHere,
    createdAt: tx.now,
  }
}

/** Queues and functions of this server, phones and apps on them need not agree; all others are asked. */
function isOfThisServer(protocol: Protocol): boolean {
  return ['sqs', 'lambda', 'sms', 'application'].includes(protocol)
}

/** An attribute set to nothing is taken away. */
function withoutEmpty(attributes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''))
}

function mustRead(ctx: Context, arn: string): { place: Context; topicName: string; id: string } {
  const parts = readSubscriptionArn(arn)
  if (!parts) {
    throw invalid(`SubscriptionArn Reason: An ARN must have at least 6 elements, not ${arn.split(':').length}`)
  }
  const { account, region, topicName, id } = parts
  return { place: ctx.at({ account, region }), topicName, id }
}

function page(place: Context, found: Subscription[]) {
  const shown = found.slice(0, pageSize)
  const last = shown.at(-1)
  return {
    Subscriptions: shown.map((one) => ({
      SubscriptionArn: one.isConfirmed ? subscriptionArn(one, place) : 'PendingConfirmation',
      Owner: one.owner,
      Protocol: one.protocol,
      Endpoint: one.endpoint,
      TopicArn: topicArn(one.topicName, place),
    })),
    ...(found.length > pageSize && last && { NextToken: tokenOf([last.topicName, last.id]) }),
  }
}
