/** A platform endpoint: one app on one device, as it is kept. A device's token belongs to one endpoint of its application. */
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Collection, collection, type Scope } from '../../store/collection.ts'

export interface PlatformEndpoint {
  platform: string
  application: string
  id: string
  token: string
  customUserData: string
  isEnabled: boolean
}

export const platformEndpoints: Collection<PlatformEndpoint> = collection('sns/platform-endpoints', {
  version: 1,
  key: ({ platform, application, id }) => [platform, application, id],
})

/** By a hash of the token: tokens are longer than keys may be. */
export const endpointTokens: Collection<{ platform: string; application: string; hash: string; id: string }> =
  collection('sns/platform-endpoint-tokens', {
    version: 1,
    key: ({ platform, application, hash }) => [platform, application, hash],
  })

export type EndpointAddress = Scope & { platform: string; application: string; id: string }

export function endpointArn({ platform, application, id }: Omit<EndpointAddress, keyof Scope>, place: Scope): Arn {
  return `arn:aws:sns:${place.region}:${place.account}:endpoint/${platform}/${application}/${id}`
}

/** Undefined where the text is no platform endpoint's ARN. */
export function readEndpointArn(arn: string): EndpointAddress | undefined {
  const { service, account = '', region = '', resource = '' } = parseArn(arn) ?? {}
  const [kind, platform, application, id, ...rest] = resource.split('/')
  if (service !== 'sns' || kind !== 'endpoint' || !platform || !application || !id || rest.length > 0) return undefined
  return { account, region, platform, application, id }
}

/** In the endpoint's own place. */
export function endpointAt(tx: Tx, { account, region, platform, application, id }: EndpointAddress) {
  const there = tx.at({ account, region })
  return { there, endpoint: there.in(platformEndpoints).get(platform, application, id) }
}

export function deleteEndpoints(tx: Tx, platform: string, application: string): void {
  const prefix = [platform, application]
  for (const { id } of [...tx.in(platformEndpoints).list({ prefix })])
    tx.in(platformEndpoints).delete(platform, application, id)
  for (const { hash } of [...tx.in(endpointTokens).list({ prefix })])
    tx.in(endpointTokens).delete(platform, application, hash)
}
