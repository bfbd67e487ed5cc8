/** How rules, buckets, topics and other functions invoke a function: the event is queued inside their own commit. */
import { parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Delivery, DeliveryRefused, target } from '../../delivery/delivery.ts'
import { mayDeliver } from '../../delivery/resourcePolicy.ts'
import { asyncPayloadBytesMax, queueInvocation } from './asyncInvocations.ts'
import { functionReference } from './identifiers.ts'
import { statementsOf } from './permissions.ts'
import { getTarget } from './records.ts'

export const functionTarget = target('lambda', {
  handles: (resource) => resource.startsWith('function:'),
  accept(tx, delivery) {
    const parts = parseArn(delivery.arn)
    const reference = functionReference(delivery.arn)
    const place = tx.at({ account: parts?.account ?? tx.account, region: parts?.region ?? tx.region })
    if (!getTarget(place, reference)) throw new DeliveryRefused('NO_RESOURCE', `Function not found: ${delivery.arn}`)
    if (!isPermitted(place, delivery, reference)) {
      throw new DeliveryRefused(
        'NO_PERMISSIONS',
        `${delivery.sender.principal} is not authorized to perform: lambda:InvokeFunction on resource: ${delivery.arn}`,
      )
    }
    if (Buffer.byteLength(delivery.payload) > asyncPayloadBytesMax) {
      throw new DeliveryRefused('INVALID_PARAMETER', `The event is larger than ${asyncPayloadBytesMax} bytes.`)
    }
    queueInvocation(place, reference, { payload: jsonOf(delivery.payload), requestId: tx.random.uuid() })
  },
})

function isPermitted(place: Tx, { sender, arn }: Delivery, reference: { name: string; qualifier?: string }): boolean {
  const Statement = statementsOf(place, reference.name, reference.qualifier)
  const question = { sender, action: 'lambda:InvokeFunction', resource: arn, account: place.account }
  return mayDeliver(place, { Statement }, question)
}

/** What is no JSON is handed over as a string of JSON. */
function jsonOf(payload: string): string {
  try {
    JSON.parse(payload)
    return payload
  } catch {
    return JSON.stringify(payload)
  }
}
