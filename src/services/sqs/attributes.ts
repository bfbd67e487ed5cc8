/**
 * A queue's attributes as the wire has them (strings by name) and as we keep them. Ranges and words: SQS API Reference,
 * "SetQueueAttributes".
 */
import { policyStatements } from '../../delivery/policyDocuments.ts'
import type { Scope } from '../../store/collection.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { mustBeWithinLimits } from './policyLimits.ts'
import { type RedrivePolicy, readRedrive, readRedriveAllow } from './redrive.ts'

const { InvalidAttributeName, InvalidAttributeValue } = awsErrors('sqs')

export interface QueueSettings {
  isFifo: boolean
  visibilityTimeoutSeconds: number
  delaySeconds: number
  retentionSeconds: number
  messageBytesMax: number
  waitSeconds: number
  policy?: string
  redrive?: RedrivePolicy
  /** As it came: which queues may use this one for dead letters. */
  redriveAllow?: string
  contentDeduplication?: boolean
  deduplicationScope?: 'queue' | 'messageGroup'
  throughputLimit?: 'perQueue' | 'perMessageGroupId'
  /** Encryption settings: kept, no effect on one machine. */
  encryption?: Record<string, string>
}

const numbers = {
  VisibilityTimeout: { member: 'visibilityTimeoutSeconds', least: 0, most: 43_200, fallback: 30 },
  DelaySeconds: { member: 'delaySeconds', least: 0, most: 900, fallback: 0 },
  MessageRetentionPeriod: { member: 'retentionSeconds', least: 60, most: 1_209_600, fallback: 345_600 },
  MaximumMessageSize: { member: 'messageBytesMax', least: 1_024, most: 1_048_576, fallback: 1_048_576 },
  ReceiveMessageWaitTimeSeconds: { member: 'waitSeconds', least: 0, most: 20, fallback: 0 },
} as const

const encryption: Record<string, (value: string) => boolean> = {
  KmsMasterKeyId: (value) => value.length <= 2048,
  KmsDataKeyReusePeriodSeconds: (value) => /^\d+$/.test(value) && Number(value) >= 60 && Number(value) <= 86_400,
  SqsManagedSseEnabled: (value) => value === 'true' || value === 'false',
}

/** The settings that attributes ask for, over `before` or the defaults. Errors: AWS's, for names and values. */
export function readAttributes(
  name: string,
  asked: Record<string, string>,
  scope: Scope,
  before?: QueueSettings,
): QueueSettings {
  const isFifo = before?.isFifo ?? asked.FifoQueue === 'true'
  mustBeName(name, isFifo)
  const settings = { ...(before ?? defaults(isFifo)) }
  for (const [attribute, value] of Object.entries(asked))
    setAttribute(settings, { attribute, value, isNew: !before }, scope)
  // AWS: one without the other has no meaning, and is refused.
  if (settings.throughputLimit === 'perMessageGroupId' && settings.deduplicationScope !== 'messageGroup') {
    throw InvalidAttributeValue(
      'The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
    )
  }
  return settings
}

function defaults(isFifo: boolean): QueueSettings {
  const values = Object.values(numbers).map(({ member, fallback }) => [member, fallback])
  return { ...Object.fromEntries(values), isFifo, encryption: { SqsManagedSseEnabled: 'true' } }
}

/** Errors: InvalidParameterValue for a name that AWS does not take. */
function mustBeName(name: string, isFifo: boolean): void {
  const valid = isFifo ? /^[A-Za-z0-9_-]{1,75}\.fifo$/ : /^[A-Za-z0-9_-]{1,80}$/
  if (valid.test(name)) return
  const fifoWords =
    'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.'
  const words = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length'
  throw awsError('InvalidParameterValue', isFifo ? fifoWords : words)
}

interface Asked {
  attribute: string
  value: string
  isNew: boolean
}

function setAttribute(settings: QueueSettings, asked: Asked, scope: Scope): void {
  const { attribute, value } = asked
  if (Object.hasOwn(numbers, attribute)) {
    const { member, least, most } = numbers[attribute as keyof typeof numbers]
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < least || number > most) throw invalidValue(attribute)
    settings[member] = number
  } else if (attribute === 'Policy')
    set(settings, 'policy', value && mustBeWithinLimits(mustBePolicy(attribute, value)))
  else if (attribute === 'RedrivePolicy')
    set(settings, 'redrive', value ? readRedrive(value, settings.isFifo, scope) : undefined)
  else if (attribute === 'RedriveAllowPolicy') set(settings, 'redriveAllow', value && readRedriveAllow(value))
  else if (Object.hasOwn(encryption, attribute)) setEncryption(settings, attribute, value)
  else setFifoAttribute(settings, asked)
}

/** A key of KMS takes the place of the one that SQS manages, and the other way round. */
function setEncryption(settings: QueueSettings, attribute: string, value: string): void {
  if (!encryption[attribute]?.(value)) throw invalidValue(attribute)
  const { KmsMasterKeyId: _, ...others } = settings.encryption ?? {}
  const kept = attribute === 'SqsManagedSseEnabled' && value === 'true' ? others : (settings.encryption ?? {})
  if (attribute === 'KmsMasterKeyId' && value === '') settings.encryption = others
  else if (attribute === 'KmsMasterKeyId')
    settings.encryption = { ...kept, SqsManagedSseEnabled: 'false', [attribute]: value }
  else settings.encryption = { ...kept, [attribute]: value }
}

function setFifoAttribute(settings: QueueSettings, { attribute, value, isNew }: Asked): void {
  const known = ['FifoQueue', 'ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit']
  if (!known.includes(attribute)) throw InvalidAttributeName(`Unknown Attribute ${attribute}.`)
  if (!settings.isFifo || (attribute === 'FifoQueue' && !isNew)) {
    // AWS takes no FifoQueue=false either: a standard queue leaves it out.
    throw InvalidAttributeName(
      attribute === 'FifoQueue'
        ? 'Unknown Attribute FifoQueue.'
        : `You can specify the ${attribute} only when FifoQueue is set to true.`,
    )
  }
  if (attribute === 'ContentBasedDeduplication')
    settings.contentDeduplication = oneOf(attribute, value, ['true', 'false']) === 'true'
  if (attribute === 'DeduplicationScope')
    settings.deduplicationScope = oneOf(attribute, value, ['queue', 'messageGroup'] as const)
  if (attribute === 'FifoThroughputLimit')
    settings.throughputLimit = oneOf(attribute, value, ['perQueue', 'perMessageGroupId'] as const)
}

function oneOf<T extends string>(attribute: string, value: string, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) throw invalidValue(attribute)
  return value as T
}

function mustBePolicy(attribute: string, value: string): string {
  if (!policyStatements(value)) throw invalidValue(attribute)
  return value
}

function set<K extends keyof QueueSettings>(
  settings: QueueSettings,
  member: K,
  value: QueueSettings[K] | '' | undefined,
): void {
  if (value) settings[member] = value
  else delete settings[member]
}

function invalidValue(attribute: string): Error {
  return InvalidAttributeValue(`Invalid value for the parameter ${attribute}.`)
}

/** As GetQueueAttributes writes them. */
export function attributesOf(settings: QueueSettings): Record<string, string> {
  const { redrive } = settings
  return {
    ...Object.fromEntries(Object.entries(numbers).map(([name, { member }]) => [name, String(settings[member])])),
    ...settings.encryption,
    ...(settings.policy && { Policy: settings.policy }),
    ...(redrive && { RedrivePolicy: JSON.stringify(redrive) }),
    ...(settings.redriveAllow && { RedriveAllowPolicy: settings.redriveAllow }),
    ...(settings.isFifo && {
      FifoQueue: 'true',
      ContentBasedDeduplication: String(settings.contentDeduplication ?? false),
      DeduplicationScope: settings.deduplicationScope ?? 'queue',
      FifoThroughputLimit: settings.throughputLimit ?? 'perQueue',
    }),
  }
}
