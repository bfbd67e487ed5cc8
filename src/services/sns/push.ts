/** Push notifications: published to one endpoint or by a topic, they are kept in the outbox and sent to no device. */
import type { Context } from '../../delivery/context.ts'
import { DeliveryRefused, target } from '../../delivery/delivery.ts'
import { awsErrors } from '../../wire/errors.ts'
import type { Draft, MessageAttribute } from './messages.ts'
import { keepForPhone, textsOf } from './outbox.ts'
import { endpointAt, readEndpointArn } from './platformEndpointRecords.ts'
import type { Published } from './publishing.ts'
import { invalid } from './refusals.ts'

const { EndpointDisabledException } = awsErrors('sns')

export function isEndpointArn(arn: string): boolean {
  return readEndpointArn(arn) !== undefined
}

/** A structured message has a text by the platform's name (`GCM`, `APNS`). */
export function pushText({ byProtocol, message }: Draft, arn: string): string {
  return byProtocol?.[readEndpointArn(arn)?.platform ?? ''] ?? byProtocol?.default ?? message
}

export async function publishToEndpoint(arn: string, draft: Draft, ctx: Context): Promise<Published> {
  const address = readEndpointArn(arn)
  if (!address) throw invalid('TargetArn')
  return ctx.commit((tx) => {
    const { there, endpoint } = endpointAt(tx, address)
    if (!endpoint) throw invalid('TargetArn Reason: No endpoint found for the target arn specified')
    if (!endpoint.isEnabled) throw EndpointDisabledException('Endpoint is disabled')
    const published = { id: tx.random.uuid(), at: tx.now }
    const { subject, attributes } = draft
    keepForPhone(there, {
      id: published.id,
      kind: 'push',
      to: arn,
      text: pushText(draft, arn),
      ...(subject !== undefined && { subject }),
      ...textsOf(attributes),
    })
    return published
  })
}

/** What a topic sends to an endpoint; AWS does not try again where the endpoint is gone or disabled. */
export const endpointTarget = target('sns', {
  handles: (resource) => resource.startsWith('endpoint/'),
  accept(tx, { arn, payload, parameters = {} }) {
    const address = readEndpointArn(arn)
    const { there, endpoint } = address ? endpointAt(tx, address) : {}
    if (!there || !endpoint) throw new DeliveryRefused('NotFound', 'Endpoint does not exist')
    if (!endpoint.isEnabled) throw new DeliveryRefused('EndpointDisabled', 'Endpoint is disabled')
    const { id, subject, attributes } = parameters as {
      id: string
      subject?: string
      attributes: Record<string, MessageAttribute>
    }
    const told = { ...(subject !== undefined && { subject }), ...textsOf(attributes) }
    keepForPhone(there, { id, kind: 'push', to: arn, text: payload, ...told })
  },
})
