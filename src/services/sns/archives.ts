/**
 * A FIFO topic's archive: with an `ArchivePolicy`, each message is also appended to a log of the topic's, in the commit that
 * publishes it, and forgotten after as many days as the policy says. replays.ts sends it again to who asks for it.
 * SNS Developer Guide, "Message archiving and replay for FIFO topics".
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { segmentLogs } from '../../delivery/logs.ts'
import { documentIn } from '../json.ts'
import type { Draft, MessageAttribute } from './messages.ts'
import type { Published } from './publishing.ts'
import { invalid } from './refusals.ts'
import { type Topic, topics } from './topics.ts'

export interface TopicArchive {
  /** Of its segments. */
  log: string
  /** When it began: nothing older is there. */
  from: Millis
}

export interface Archived {
  published: Published
  draft: Draft
}

const dayMillis = 86_400_000
const daysMax = 365

/** One row a topic that archives, by its name. */
export const archiveExpiries = dueQueue<Due>('sns/archive-expiries')

/** Days, by an `ArchivePolicy`; undefined where it is `{}` or none. Errors: InvalidParameter. */
export function retentionDays(policy: string | undefined): number | undefined {
  if (!policy) return undefined
  const read = policyDocument('ArchivePolicy', policy)
  if (Object.keys(read).length === 0) return undefined
  const days = Number(read.MessageRetentionPeriod)
  if (Number.isInteger(days) && days >= 1 && days <= daysMax && Object.keys(read).length === 1) return days
  throw invalid('ArchivePolicy Reason: MessageRetentionPeriod must be a number of days from 1 to 365')
}

/** What the JSON text of a topic's or subscription's policy says. Errors: InvalidParameter. */
export function policyDocument(attribute: string, text: string): Record<string, unknown> {
  const document = documentIn(text)
  if (!document || Array.isArray(document)) throw invalid(`${attribute} Reason: failed to parse JSON`)
  return document as Record<string, unknown>
}

/** The topic as its policy wants it: with an archive, which begins now, or without, and what was in it is gone. */
export function withArchive(tx: Tx, topic: Topic): Topic {
  const days = retentionDays(topic.attributes.ArchivePolicy)
  if (days !== undefined && !topic.isFifo) throw invalid('ArchivePolicy Reason: only FIFO topics have archives')
  if (days === undefined) return withoutArchive(tx, topic)
  tx.due(archiveExpiries).put({ id: topic.name, dueAt: tx.now })
  return topic.archive ? topic : { ...topic, archive: { log: `sns-${tx.random.uuid()}`, from: tx.now } }
}

function withoutArchive(tx: Tx, { archive, ...topic }: Topic): Topic {
  if (archive) tx.use(segmentLogs).drop(tx, archive.log)
  return topic
}

/** The earliest message that can be replayed. */
export function beginningOf({ archive, attributes }: Topic, now: Millis): Millis | undefined {
  const days = retentionDays(attributes.ArchivePolicy)
  return archive && days !== undefined ? Math.max(archive.from, now - days * dayMillis) : undefined
}

export function archive(tx: Tx, { archive }: Topic, published: Published, draft: Draft): void {
  if (archive) tx.append(archive.log, { at: published.at, body: JSON.stringify({ published, draft: packed(draft) }) })
}

export function archivedFrom(body: Uint8Array): Archived {
  const { published, draft } = JSON.parse(Buffer.from(body).toString()) as Archived
  return { published, draft: unpacked(draft) }
}

/** Bytes are base64 in JSON. */
function packed(draft: Draft): object {
  const attributes = mapped(draft.attributes, ({ BinaryValue, ...rest }) =>
    BinaryValue ? { ...rest, base64: Buffer.from(BinaryValue).toString('base64') } : rest,
  )
  return { ...draft, attributes }
}

function unpacked(draft: Draft): Draft {
  const attributes = mapped(draft.attributes as Record<string, MessageAttribute & { base64?: string }>, (one) => {
    const { base64, ...rest } = one
    return base64 === undefined ? rest : { ...rest, BinaryValue: Buffer.from(base64, 'base64') }
  })
  return { ...draft, attributes }
}

function mapped<T, U>(record: Record<string, T>, change: (one: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, one]) => [name, change(one)]))
}

/** It only forgets what is over, so running twice is harmless. */
export const archiveExpiryWorker = worker('sns/archive-expiries', {
  queue: archiveExpiries,
  concurrency: 2,
  async run(item, ctx) {
    await ctx.commit((tx) => {
      const topic = tx.in(topics).get(item.id)
      const days = retentionDays(topic?.attributes.ArchivePolicy)
      if (!topic?.archive || days === undefined) return tx.due(archiveExpiries).delete(item.id)
      const kept = days * dayMillis
      const oldest = tx.use(segmentLogs).trim(tx, topic.archive.log, tx.now - kept)
      const next = (oldest ?? tx.now) + kept + 1
      tx.due(archiveExpiries).put({ ...item, dueAt: next === item.dueAt ? next + 1 : next })
    })
  },
})
