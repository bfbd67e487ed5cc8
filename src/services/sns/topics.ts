/** A topic: its name, its attributes, its tags. Who is subscribed is in subscriptions.ts. */
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Collection, collection, type Records, type Scope } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { pagesOf, tokenOf } from '../pages.ts'
import { operations } from '../service.ts'
import { beginningOf, type TopicArchive, withArchive } from './archives.ts'
import { checkProtectionPolicy, withProtection } from './dataProtection.ts'
import { invalid, noTopic } from './refusals.ts'
import { signer } from './signing.ts'
import { forgetEnded } from './subscriptionExpiry.ts'
import { counted, subscriptions } from './subscriptionRecords.ts'
import { checkTags } from './tags.ts'
import {
  checkFifoAttributes,
  readTopicAttribute,
  readTopicAttributes,
  shownTopicAttributes,
} from './topicAttributes.ts'

export interface Topic {
  name: string
  isFifo: boolean
  /** By their names on the wire; what was never set is absent. */
  attributes: Record<string, string>
  tags: Record<string, string>
  createdAt: number
  /** Of the last message of a FIFO topic. */
  sequence: number
  archive?: TopicArchive
  /** Its data protection policy, as it was given. */
  protection?: string
}

/** By name. The store adds account and region to every key. */
export const topics: Collection<Topic> = collection('sns/topics', {
  version: 1,
  kept: true,
  key: (topic) => [topic.name],
})

const { InvalidStateException } = awsErrors('sns')

const pageSize = 100
const topicName = /^[A-Za-z0-9_-]{1,256}$/
const fifoName = /^[A-Za-z0-9_-]{1,251}\.fifo$/

export const topicOperations = operations('sns', {
  async CreateTopic(input, ctx) {
    const { DataProtectionPolicy: protection } = input
    const attributes = readTopicAttributes(input.Attributes ?? {})
    const isFifo = attributes.FifoTopic === 'true'
    checkName(input.Name, isFifo)
    checkFifoAttributes(isFifo, attributes)
    checkTags(input.Tags ?? [])
    if (protection !== undefined) await checkProtectionPolicy(ctx, protection)
    const tags = Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))
    await ctx.commit((tx) => {
      const existing = tx.in(topics).get(input.Name)
      if (existing) {
        checkSame(existing, attributes, tags, input.Tags !== undefined)
        if (protection !== undefined && protection !== (existing.protection ?? '')) throw otherAttributes()
        return
      }
      const topic = { name: input.Name, isFifo, attributes, tags, createdAt: tx.now, sequence: 0 }
      tx.in(topics).put(withArchive(tx, withProtection(topic, protection ?? '')))
    })
    ctx.use(signer).prepare()
    return { TopicArn: topicArn(input.Name, ctx) }
  },

  /** Deleting what is gone is a success. */
  async DeleteTopic(input, ctx) {
    const { place, name } = addressed(ctx, input.TopicArn)
    await place.commit((tx) => {
      // "You can't delete a topic that has an active message archive policy": SNS Developer Guide.
      if (tx.in(topics).get(name)?.archive) throw InvalidStateException('The topic has an active ArchivePolicy.')
      tx.in(topics).delete(name)
      forgetEnded(tx, name)
      for (const { id } of [...tx.in(subscriptions).list({ prefix: [name] })]) tx.in(subscriptions).delete(name, id)
    })
    return {}
  },

  async ListTopics(input, ctx) {
    const after = input.NextToken ? keyIn(input.NextToken) : undefined
    const found = [...ctx.in(topics).list({ ...(after && { after }), limit: pageSize + 1 })]
    const page = found.slice(0, pageSize)
    const last = page.at(-1)
    return {
      Topics: page.map(({ name }) => ({ TopicArn: topicArn(name, ctx) })),
      ...(found.length > pageSize && last && { NextToken: tokenOf([last.name]) }),
    }
  },

  async GetTopicAttributes(input, ctx) {
    const { place, name } = addressed(ctx, input.TopicArn)
    const topic = mustGetTopic(place, name)
    const beginning = beginningOf(topic, ctx.clock.now())
    const counts = counted(place.in(subscriptions).list({ prefix: [name] }))
    const Attributes = {
      TopicArn: topicArn(name, place),
      Owner: place.account,
      SubscriptionsConfirmed: String(counts.confirmed),
      SubscriptionsPending: String(counts.pending),
      SubscriptionsDeleted: '0',
      ...shownTopicAttributes(topic, topicArn(name, place), place.account),
      ...(beginning !== undefined && { BeginningArchiveTime: new Date(beginning).toISOString() }),
    }
    return { Attributes }
  },

  async SetTopicAttributes(input, ctx) {
    const { place, name } = addressed(ctx, input.TopicArn)
    const value = readTopicAttribute(input.AttributeName, input.AttributeValue ?? '')
    if (input.AttributeName === 'FifoTopic') throw invalid('AttributeName')
    await place.commit((tx) => {
      const topic = mustGetTopic(tx, name)
      checkFifoAttributes(topic.isFifo, { [input.AttributeName]: value })
      const { [input.AttributeName]: _, ...rest } = topic.attributes
      const attributes = value === '' ? rest : { ...rest, [input.AttributeName]: value }
      tx.in(topics).put(withArchive(tx, { ...topic, attributes }))
    })
    return {}
  },
})

function checkName(name: string, isFifo: boolean): void {
  if (isFifo && !fifoName.test(name)) {
    throw invalid(
      'Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.',
    )
  }
  if (!isFifo && !topicName.test(name)) throw invalid('Topic Name')
}

/** Creating a topic again is a success only where nothing given differs. */
function checkSame(
  existing: Topic,
  attributes: Record<string, string>,
  tags: Record<string, string>,
  hasTags: boolean,
): void {
  if (Object.entries(attributes).some(([name, value]) => existing.attributes[name] !== value)) {
    throw otherAttributes()
  }
  const isOther = JSON.stringify(sorted(tags)) !== JSON.stringify(sorted(existing.tags))
  if (hasTags && isOther) throw invalid('Tags Reason: Topic already exists with different tags')
}

function otherAttributes(): Error {
  return invalid('Attributes Reason: Topic already exists with different attributes')
}

function sorted(record: Record<string, string>): [string, string][] {
  return Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1))
}

export function topicArn(name: string, { account, region }: Scope): Arn {
  return `arn:aws:sns:${region}:${account}:${name}`
}

export interface TopicAddress {
  /** The topic's own account and region, wherever the caller is. */
  place: Context
  name: string
}

/** Errors: InvalidParameter where the text is no topic's ARN. */
export function addressed(ctx: Context, arn: string | undefined): TopicAddress {
  const { account, region, name } = readTopicArn(arn ?? '')
  return { place: ctx.at({ account, region }), name }
}

export function readTopicArn(arn: string): Scope & { name: string } {
  const parts = parseArn(arn)
  if (!parts) throw invalid(`TopicArn Reason: An ARN must have at least 6 elements, not ${arn.split(':').length}`)
  if (parts.service !== 'sns' || parts.resource.includes(':')) throw invalid('TopicArn')
  return { account: parts.account, region: parts.region, name: parts.resource }
}

/** Errors: NotFound. */
export function mustGetTopic(
  from: { in: (of: typeof topics) => Pick<Records<Topic>, 'get'> } | Tx,
  name: string,
): Topic {
  const topic = from.in(topics).get(name)
  if (!topic) throw noTopic()
  return topic
}

/** The key that a page's token holds. Errors: InvalidParameter. */
export const { keyIn } = pagesOf(() => invalid('NextToken'))
