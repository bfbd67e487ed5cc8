/**
 * What a connection authorizes with. All of it is kept in its secret; the record knows what may be shown, so that no
 * password, key or value that is marked as secret lies in the store unencrypted.
 */
import type {
  ConnectionAuthResponseParameters,
  ConnectionHttpParameters,
  CreateConnectionAuthRequestParameters,
  UpdateConnectionAuthRequestParameters,
} from '@aws-sdk/client-eventbridge'
import { awsError, NotImplemented } from '../../wire/errors.ts'

export type AuthorizationType = 'BASIC' | 'API_KEY' | 'OAUTH_CLIENT_CREDENTIALS'
export type AuthParameters = CreateConnectionAuthRequestParameters

const memberOf = {
  BASIC: 'BasicAuthParameters',
  API_KEY: 'ApiKeyAuthParameters',
  OAUTH_CLIENT_CREDENTIALS: 'OAuthParameters',
} as const

/** Errors: ValidationException where the parameters are not those of the type; NotImplemented for private endpoints. */
export function checkParameters(type: AuthorizationType, parameters: AuthParameters): void {
  if (parameters.ConnectivityParameters) throw NotImplemented('A connection of EventBridge with ConnectivityParameters')
  const wanted = memberOf[type]
  for (const member of Object.values(memberOf)) {
    const isGiven = parameters[member] !== undefined
    if (isGiven === (member === wanted)) continue
    throw awsError(
      'ValidationException',
      isGiven
        ? `Parameter ${member} is not valid for authorization type ${type}.`
        : `Parameter(s) ${wanted} must be specified for authorization type ${type}.`,
    )
  }
  const endpoint = parameters.OAuthParameters?.AuthorizationEndpoint
  if (endpoint !== undefined) checkWebAddress('AuthorizationEndpoint', endpoint)
}

/** AWS takes `https` alone; here `http` too, for endpoints of this machine. */
export function checkWebAddress(parameter: string, text: string): void {
  if (URL.canParse(text.replaceAll('*', 'x')) && /^https?:\/\//.test(text)) return
  throw awsError('ValidationException', `Parameter ${parameter} is not valid. Reason: ${text} is not an HTTPS URL.`)
}

/** A new type brings all of its parameters; else what is given replaces what was there, member by member. */
export function merged(
  before: AuthParameters | undefined,
  type: AuthorizationType,
  given: UpdateConnectionAuthRequestParameters = {},
): AuthParameters {
  const member = memberOf[type]
  const authorization =
    type === 'OAUTH_CLIENT_CREDENTIALS'
      ? mergedOAuth(before?.OAuthParameters, given.OAuthParameters)
      : mergedPart(before?.[member], given[member])
  const invocation = given.InvocationHttpParameters ?? before?.InvocationHttpParameters
  const others = Object.values(memberOf).filter((other) => other !== member && given[other] !== undefined)
  return {
    ...Object.fromEntries(others.map((other) => [other, given[other]])),
    ...(authorization && { [member]: authorization }),
    ...(invocation && { InvocationHttpParameters: invocation }),
    ...(given.ConnectivityParameters && { ConnectivityParameters: given.ConnectivityParameters }),
  } as AuthParameters
}

type OAuth = AuthParameters['OAuthParameters']

function mergedOAuth(
  before: OAuth,
  given: UpdateConnectionAuthRequestParameters['OAuthParameters'],
): object | undefined {
  const whole = mergedPart(before, given)
  return whole && { ...whole, ClientParameters: mergedPart(before?.ClientParameters, given?.ClientParameters) ?? {} }
}

function mergedPart(before: object | undefined, given: object | undefined): object | undefined {
  if (!before && !given) return undefined
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined)
  return { ...before, ...Object.fromEntries(set) }
}

/** What DescribeConnection shows. */
export function shownParameters(parameters: AuthParameters): ConnectionAuthResponseParameters {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: key, OAuthParameters: oauth } = parameters
  const invocation = parameters.InvocationHttpParameters
  return {
    ...(basic && { BasicAuthParameters: { Username: basic.Username } }),
    ...(key && { ApiKeyAuthParameters: { ApiKeyName: key.ApiKeyName } }),
    ...(oauth && {
      OAuthParameters: {
        ClientParameters: { ClientID: oauth.ClientParameters?.ClientID },
        AuthorizationEndpoint: oauth.AuthorizationEndpoint,
        HttpMethod: oauth.HttpMethod,
        ...(oauth.OAuthHttpParameters && { OAuthHttpParameters: withoutSecrets(oauth.OAuthHttpParameters) }),
      },
    }),
    ...(invocation && { InvocationHttpParameters: withoutSecrets(invocation) }),
  }
}

function withoutSecrets(parameters: ConnectionHttpParameters): ConnectionHttpParameters {
  const shown = (list: { Key?: string; Value?: string; IsValueSecret?: boolean }[] = []) =>
    list.map(({ Key, Value, IsValueSecret = false }) => ({ Key, IsValueSecret, ...(!IsValueSecret && { Value }) }))
  return Object.fromEntries(
    Object.entries(parameters).map(([kind, list]) => [kind, shown(list as [])]),
  ) as ConnectionHttpParameters
}
