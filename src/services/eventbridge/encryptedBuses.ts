/**
 * A bus with a customer managed key takes in custom events only while the key can be used; what it cannot encrypt goes to
 * the bus's own dead-letter queue. EventBridge User Guide, "Using dead-letter queues to capture encrypted event errors".
 * Events of AWS services are not asked about: AWS encrypts them with a key of its own.
 */
import type { Context, Tx } from '../../delivery/context.ts'
import { AwsError } from '../../wire/errors.ts'
import { busArn, buses, busName, type EventBus } from './buses.ts'
import type { RoutedEvent } from './routing.ts'

/** A bus whose key fails, and why. */
export interface Unencrypted {
  bus: EventBus
  code: 'NO_RESOURCE' | 'NO_PERMISSIONS'
  message: string
}

/** By the name that entries call the bus by. Buses of this account alone: another's key is not ours to ask. */
export async function unencryptedBuses(
  names: Iterable<string | undefined>,
  ctx: Context,
): Promise<Map<string | undefined, Unencrypted>> {
  const found = new Map<string | undefined, Unencrypted>()
  for (const name of new Set(names)) {
    const bus = ctx.in(buses).get(busName(name))
    const failure = bus?.kmsKeyIdentifier ? await failureOf(bus.kmsKeyIdentifier, ctx) : undefined
    if (bus && failure) found.set(name, { bus, ...failure })
  }
  return found
}

async function failureOf(key: string, ctx: Context): Promise<Omit<Unencrypted, 'bus'> | undefined> {
  try {
    const { KeyMetadata } = await ctx.call('kms').DescribeKey({ KeyId: key })
    if (KeyMetadata?.KeyState === 'Enabled') return undefined
    return { code: 'NO_PERMISSIONS', message: `The key ${key} is ${KeyMetadata?.KeyState}.` }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return { code: 'NO_RESOURCE', message: error.message }
  }
}

export function sendUnencrypted(tx: Tx, event: RoutedEvent, { bus, code, message }: Unencrypted): void {
  const sourceArn = busArn(bus.name, tx)
  const deadLetterArn = bus.deadLetterArn
  tx.hop({
    service: 'eventbridge',
    action: deadLetterArn ? "sent to the bus's dead-letter queue" : 'dropped',
    resource: `${event.source}: ${event.detailType}`,
    subjects: [event.id],
    status: 'failed',
    error: `${code}: ${message}`,
  })
  if (!deadLetterArn) return
  const attributes = { EVENT_BUS_ARN: sourceArn, ERROR_CODE: code, ERROR_MESSAGE: message }
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  )
  const sender = { principal: 'events.amazonaws.com', sourceArn }
  tx.deliver({ arn: deadLetterArn, payload: event.json, sender, parameters: { messageAttributes } })
}
