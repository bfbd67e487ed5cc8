/**
 * Where messages go that are received too often, and which queues may send theirs. Rules: SQS API Reference,
 * "SetQueueAttributes", RedrivePolicy and RedriveAllowPolicy.
 */
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import type { Scope } from '../../store/collection.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { queueArn, queues } from './queues.ts'

const { InvalidAttributeValue } = awsErrors('sqs')

export interface RedrivePolicy {
  deadLetterTargetArn: Arn
  maxReceiveCount: number
}

interface RedriveAllowPolicy {
  redrivePermission: 'allowAll' | 'denyAll' | 'byQueue'
  sourceQueueArns?: Arn[]
}

const sourcesMax = 10
const receivesMax = 1_000

export function readRedrive(value: string, isFifo: boolean, scope: Scope): RedrivePolicy {
  const asked = readDocument('RedrivePolicy', value)
  const count = Number(asked.maxReceiveCount)
  const arn = parseArn(String(asked.deadLetterTargetArn))
  if (asked.maxReceiveCount === undefined)
    throw refusal(value, 'Redrive policy does not contain mandatory attribute: maxReceiveCount.')
  if (asked.deadLetterTargetArn === undefined)
    throw refusal(value, 'Redrive policy does not contain mandatory attribute: deadLetterTargetArn.')
  if (!Number.isInteger(count) || count < 1 || count > receivesMax)
    throw refusal(value, `Invalid value for maxReceiveCount: must be between 1 and ${receivesMax}.`)
  if (arn?.service !== 'sqs' || arn.region !== scope.region)
    throw refusal(value, 'Invalid value for deadLetterTargetArn.')
  if (arn.resource.endsWith('.fifo') !== isFifo)
    throw refusal(value, 'Dead-letter queue must be same type of queue as the source.')
  return { deadLetterTargetArn: String(asked.deadLetterTargetArn), maxReceiveCount: count }
}

/** Answers with the text as it came. */
export function readRedriveAllow(value: string): string {
  const { redrivePermission, sourceQueueArns } = readDocument('RedriveAllowPolicy', value)
  const isKnown = ['allowAll', 'denyAll', 'byQueue'].includes(String(redrivePermission))
  const isByQueue = redrivePermission === 'byQueue'
  const arns = Array.isArray(sourceQueueArns) ? sourceQueueArns : []
  const areQueues = arns.every((arn) => parseArn(String(arn))?.service === 'sqs')
  // AWS: the list goes with `byQueue`, and with nothing else.
  const isListRight = isByQueue ? arns.length > 0 && arns.length <= sourcesMax : sourceQueueArns === undefined
  if (!isKnown || !areQueues || !isListRight) throw invalidValue('RedriveAllowPolicy')
  return value
}

/** Errors: InvalidParameterValue where the dead-letter queue is not there, or does not let this queue use it. */
export function mustTakeDeadLetters(tx: Tx, source: string, redrive: RedrivePolicy): void {
  const { account, region, resource } = parseArn(redrive.deadLetterTargetArn) ?? {}
  const there = account !== undefined && region !== undefined ? tx.at({ account, region }) : undefined
  const queue = there?.in(queues).get(resource ?? '')
  const text = JSON.stringify(redrive)
  if (!queue) throw refusal(text, 'Dead letter target does not exist.')
  if (!allows(queue.settings.redriveAllow, queueArn(source, tx))) {
    throw refusal(text, 'The dead-letter queue does not allow this queue to use it: see its RedriveAllowPolicy.')
  }
}

function allows(policy: string | undefined, source: Arn): boolean {
  if (!policy) return true
  const { redrivePermission, sourceQueueArns = [] } = JSON.parse(policy) as RedriveAllowPolicy
  return redrivePermission === 'allowAll' || (redrivePermission === 'byQueue' && sourceQueueArns.includes(source))
}

function readDocument(attribute: string, value: string): Record<string, unknown> {
  try {
    const read = JSON.parse(value) as unknown
    if (typeof read === 'object' && read !== null) return read as Record<string, unknown>
  } catch {
    // No JSON: the same answer as for JSON of another kind.
  }
  throw invalidValue(attribute)
}

function invalidValue(attribute: string): Error {
  return InvalidAttributeValue(`Invalid value for the parameter ${attribute}.`)
}

function refusal(value: string, reason: string): Error {
  return awsError('InvalidParameterValue', `Value ${value} for parameter RedrivePolicy is invalid. Reason: ${reason}`)
}
