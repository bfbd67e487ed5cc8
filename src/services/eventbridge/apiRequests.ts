/**
 * From an event to the request that an API destination is sent: address, headers, body. Pure. Rules: EventBridge User
 * Guide, "API destinations as targets" (headers, and those that are removed), and API reference, HttpParameters (a
 * connection's values win over those of the target).
 */
import type { HttpParameters } from '@aws-sdk/client-eventbridge'
import type { WebRequest } from '../../delivery/webRequests.ts'
import { type JsonNode, JsonSyntaxError, readJson, writeJson } from '../../engines/patterns/jsonText.ts'
import type { ApiDestination } from './apiDestinations.ts'
import type { ConnectionSecret } from './connectionSecrets.ts'
import { addQuery, pairsOf } from './webParameters.ts'

/** "A maximum client execution timeout of 5 seconds." */
const answerMillisMax = 5_000
const bodyless = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Sent whatever the parameters say. */
const fixedHeaders = {
  'user-agent': 'Amazon/EventBridge/ApiDestinations',
  range: 'bytes=0-1048575',
  'accept-encoding': 'gzip,deflate',
  connection: 'close',
}

/** EventBridge takes these out of what parameters ask for. */
const removedHeaders = new Set(
  (
    'a-im accept-charset accept-datetime accept-encoding cache-control connection content-encoding content-length ' +
    'content-md5 date expect forwarded from host http2-settings if-match if-modified-since if-none-match if-range ' +
    'if-unmodified-since max-forwards origin pragma proxy-authorization range referer te trailer transfer-encoding ' +
    'user-agent upgrade via warning'
  ).split(' '),
)

export interface ApiCall {
  destination: Pick<ApiDestination, 'endpoint' | 'method'>
  secret: ConnectionSecret
  accessToken: string | undefined
  /** The target's, its JSON paths filled in. */
  parameters: HttpParameters
  payload: string
}

export function apiRequest({ destination, secret, accessToken, parameters, payload }: ApiCall): WebRequest {
  const { HeaderParameters, QueryStringParameters, BodyParameters } = secret.parameters.InvocationHttpParameters ?? {}
  const { method } = destination
  const query = { ...parameters.QueryStringParameters, ...pairsOf(QueryStringParameters) }
  const body = bodyless.has(method) ? undefined : withMembers(payload, pairsOf(BodyParameters))
  return {
    method,
    url: addQuery(filled(destination.endpoint, parameters.PathParameterValues ?? []), query),
    millisMax: answerMillisMax,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
      ...allowed(parameters.HeaderParameters ?? {}),
      ...allowed(pairsOf(HeaderParameters)),
      ...authorization(secret, accessToken),
      ...fixedHeaders,
    },
    ...(body !== undefined && { body }),
  }
}

/** Each `*` of the path is one value, in order; one without a value stays. */
function filled(endpoint: string, values: readonly string[]): string {
  let at = 0
  return endpoint.replace(/\*/g, (star) => {
    const value = values[at++]
    return value === undefined ? star : encodeURIComponent(value)
  })
}

function allowed(headers: Record<string, string>): Record<string, string> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
  return Object.fromEntries(lower.filter(([name]) => !removedHeaders.has(name)))
}

function authorization({ parameters }: ConnectionSecret, accessToken: string | undefined): Record<string, string> {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: key } = parameters
  if (accessToken !== undefined) return { authorization: `Bearer ${accessToken}` }
  if (key) return { [String(key.ApiKeyName).toLowerCase()]: String(key.ApiKeyValue) }
  if (!basic) return {}
  return { authorization: `Basic ${Buffer.from(`${basic.Username}:${basic.Password}`).toString('base64')}` }
}

/** Members of a connection go into a body that is an object; any other body is what the target made it. */
function withMembers(payload: string, members: Record<string, string>): string {
  const given = Object.entries(members)
  const body = given.length > 0 ? objectOf(payload) : undefined
  if (!body) return payload
  const kept = body.filter(([key]) => !Object.hasOwn(members, key))
  const added = given.map(([key, text]): Member => [key, { kind: 'string', text }])
  return writeJson({ kind: 'object', entries: [...kept, ...added] })
}

type Member = [key: string, value: JsonNode]

/** Read as it was written, so that numbers stay as they are. Undefined where the text is no object. */
function objectOf(text: string): Member[] | undefined {
  try {
    JSON.parse(text)
    const node = readJson(text)
    return node.kind === 'object' ? node.entries : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof JsonSyntaxError) return undefined
    throw error
  }
}
