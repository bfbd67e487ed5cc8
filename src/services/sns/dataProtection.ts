/**
 * Message data protection: what a topic's policy does to messages that come in and to notifications that go out. The texts
 * of a message are searched, its subject and attributes are not. SNS Developer Guide, "Message data protection".
 */
import type { Context, Tx } from '../../delivery/context.ts'
import { measure } from '../../delivery/metering.ts'
import { type Finding, replaced } from '../../engines/dataProtection/identifiers.ts'
import { AwsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { tellFindings } from './findings.ts'
import type { Draft } from './messages.ts'
import { type ProtectionStatement, protectionStatements, readProtectionPolicy } from './protectionPolicies.ts'
import type { Published } from './publishing.ts'
import { invalid } from './refusals.ts'
import { addressed, mustGetTopic, type Topic, topicArn, topics } from './topics.ts'

const { AuthorizationErrorException } = awsErrors('sns')

export const dataProtectionOperations = operations('sns', {
  async PutDataProtectionPolicy(input, ctx) {
    const { place, name } = addressed(ctx, input.ResourceArn)
    const document = input.DataProtectionPolicy
    await checkProtectionPolicy(place, document)
    await place.commit((tx) => {
      tx.in(topics).put(withProtection(mustGetTopic(tx, name), document))
    })
    return {}
  },

  async GetDataProtectionPolicy(input, ctx) {
    const { place, name } = addressed(ctx, input.ResourceArn)
    const { protection } = mustGetTopic(place, name)
    return protection === undefined ? {} : { DataProtectionPolicy: protection }
  },
})

/** Errors: InvalidParameter, also where findings would go to a bucket that is not there; NotImplemented. */
export async function checkProtectionPolicy(ctx: Context, document: string): Promise<void> {
  if (document === '') return
  for (const { operation } of readProtectionPolicy(document)) {
    if (operation.kind !== 'audit') continue
    for (const destination of [operation.findings, operation.noFindings]) {
      if (destination?.bucket !== undefined) await checkBucket(ctx, destination.bucket)
    }
  }
}

async function checkBucket(ctx: Context, bucket: string): Promise<void> {
  try {
    await ctx.call('s3').HeadBucket({ Bucket: bucket })
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    throw invalid(`DataProtectionPolicy Reason: the bucket ${bucket} does not exist`)
  }
}

/** The topic with a policy that was checked, or without one: an empty text takes it away. Errors: InvalidParameter. */
export function withProtection({ protection: _, ...topic }: Topic, document: string): Topic {
  if (document === '') return topic
  if (topic.isFifo) throw invalid('DataProtectionPolicy Reason: only standard topics have data protection policies')
  return { ...topic, protection: document }
}

/** What of a message goes into a topic. Errors: AuthorizationError where it may not; InvalidParameter where nothing is left. */
export function protectInbound(
  tx: Tx,
  topic: Topic,
  published: Published,
  { draft, principal }: { draft: Draft; principal: string },
): Draft {
  const statements = statementsFor(tx, topic, 'Inbound', principal)
  if (statements.some((statement) => denies(statement, textsOf(draft)))) {
    throw AuthorizationErrorException(
      `The topic's data protection policy prohibits this message from being published to ${topicArn(topic.name, tx)}`,
    )
  }
  for (const statement of statements) audit(tx, topic, published, { statement, principal, draft })
  const left = { ...draft, ...changed(draft, deidentifier(statements)) }
  if (left.message === '') throw invalid('Empty message')
  return left
}

/** What of a message one subscriber gets, whoever subscribed it; undefined where it may not get it at all. */
export function protectOutbound(tx: Tx, topic: Topic, principal: string, text: string): string | undefined {
  const statements = statementsFor(tx, topic, 'Outbound', principal)
  if (statements.some((statement) => denies(statement, [text]))) return undefined
  return deidentifier(statements)(text)
}

function statementsFor(
  tx: Tx,
  { protection }: Topic,
  direction: ProtectionStatement['direction'],
  principal: string,
): ProtectionStatement[] {
  if (protection === undefined) return []
  return tx
    .use(protectionStatements)(protection)
    .filter((one) => one.direction === direction && one.principals.some((wanted) => isPrincipal(principal, wanted)))
}

const session = /^arn:(aws[a-z-]*):sts::(\d{12}):assumed-role\/([^/]+)\//

/** By its ARN, the role that it acts in, or its account. */
function isPrincipal(principal: string, wanted: string): boolean {
  if (wanted === '*' || wanted === principal) return true
  const account = /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1]
  if (account === undefined) return false
  if (wanted === account || wanted === `arn:aws:iam::${account}:root`) return true
  const [, partition, of, role] = session.exec(principal) ?? []
  return role !== undefined && wanted.startsWith(`arn:${partition}:iam::${of}:role/`) && wanted.endsWith(`/${role}`)
}

/** A structured message has several; each may be what a subscriber gets. */
function textsOf({ message, byProtocol = {} }: Draft): string[] {
  return [message, ...Object.values(byProtocol)]
}

function denies({ operation, find }: ProtectionStatement, texts: string[]): boolean {
  return operation.kind === 'deny' && texts.some((text) => find(text).length > 0)
}

function deidentifier(statements: readonly ProtectionStatement[]): (text: string) => string {
  return (text) =>
    statements.reduce(
      (left, { operation, find }) =>
        operation.kind === 'deidentify' ? replaced(left, find(left), operation.replacement) : left,
      text,
    )
}

function changed({ message, byProtocol }: Draft, change: (text: string) => string): Partial<Draft> {
  const texts = Object.entries(byProtocol ?? {}).map(([protocol, text]) => [protocol, change(text)] as const)
  return { message: change(message), ...(byProtocol && { byProtocol: Object.fromEntries(texts) }) }
}

interface Audited {
  statement: ProtectionStatement
  principal: string
  draft: Draft
}

function audit(tx: Tx, topic: Topic, published: Published, { statement, principal, draft }: Audited): void {
  const { operation, find } = statement
  if (operation.kind !== 'audit' || tx.random.fraction() * 100 >= operation.samplePercent) return
  const findings = find(draft.message)
  const destination = findings.length > 0 ? operation.findings : operation.noFindings
  if (!destination) return
  const name = findings.length > 0 ? 'MessagesWithFindings' : 'MessagesWithNoFindings'
  measure(tx, { namespace: 'AWS/SNS', dimensions: [{ TopicName: topic.name }] }, { name, unit: 'Count', value: 1 })
  const resourceArn = topicArn(topic.name, tx)
  tellFindings(tx, destination, {
    messageId: published.id,
    auditTimestamp: new Date(tx.now).toISOString().replace(/\.\d+Z$/, 'Z'),
    callerPrincipal: principal,
    resourceArn,
    dataIdentifiers: byIdentifier(findings),
  })
}

function byIdentifier(findings: readonly Finding[]) {
  const names = [...new Set(findings.map(({ name }) => name))]
  return names.map((name) => {
    const detections = findings.filter((one) => one.name === name).map(({ start, end }) => ({ start, end }))
    return { name, count: detections.length, detections }
  })
}
