/**
 * Which service a request is for, and in which protocol: found for each request, never fixed for a service, because
 * SDKs of different ages speak differently to the same one. No model is loaded for it.
 */
import { routingRows } from './generated/routing.ts'
import type { Protocol, RoutingRow, ServiceName } from './model.ts'
import { parseQuery, type RequestHead, splitUrl } from './request.ts'
import { credentialOf } from './sigv4.ts'

export interface Identified {
  service: ServiceName
  protocol: Protocol
}

const byTarget = new Map(routingRows.filter((row) => row.targetPrefix).map((row) => [row.targetPrefix, row]))
const byService = new Map(routingRows.map((row) => [row.service as string, row]))
const byVersion = new Map(routingRows.filter((row) => row.version).map((row) => [row.version, row]))
// The first row of a name wins, so the services that share one with another come by another way (target or path).
const bySigningName = firstOf((row) => row.signingName)
const byEndpointPrefix = firstOf((row) => row.endpointPrefix)
const byPath = new Map(routingRows.flatMap((row) => row.paths.map((path) => [path, row] as const)))
/** Links that SNS sends to people and web endpoints name no version. */
const linkActions: Record<string, ServiceName> = { ConfirmSubscription: 'sns', Unsubscribe: 'sns' }
const cborPath = /^\/service\/([^/]+)\/operation\/[^/]+$/
const objectStores = new Set(['s3', 's3express', 's3-outposts', 's3-object-lambda'])
const cloudHost = /\.(?:amazonaws\.com(?:\.cn)?|localhost(?:\.localstack\.cloud)?|api\.aws)$/

function firstOf(key: (row: RoutingRow) => string): Map<string, RoutingRow> {
  const found = new Map<string, RoutingRow>()
  for (const row of routingRows) if (!found.has(key(row))) found.set(key(row), row)
  found.set('dynamodb', byService.get('dynamodb')!)
  return found
}

/** An unsigned form says what it wants only in its body, so the body must be there first. */
export function needsBodyToIdentify(head: RequestHead): boolean {
  return isForm(head) && head.headers['x-amz-target'] === undefined && !credentialOf(head)
}

/** Undefined where the request is clearly for a service that is not here; `credentialOf` may tell its name. */
export function identify(head: RequestHead, form?: Uint8Array): Identified | undefined {
  const target = head.headers['x-amz-target']
  if (target !== undefined) return byTargetHeader(head, target)
  const { path, query } = splitUrl(head.url)
  if (head.headers['smithy-protocol'] === 'rpc-v2-cbor') {
    const row = byTarget.get(cborPath.exec(path)?.[1] ?? '')
    return row && { service: row.service, protocol: 'rpcv2Cbor' }
  }
  const credential = credentialOf(head)
  if (credential) return bySignature(head, credential.service, path, query)
  return byForm(query, form) ?? byHost(head, query) ?? byPrefix(path) ?? { service: 's3', protocol: 'restXml' }
}

function byTargetHeader(head: RequestHead, target: string): Identified | undefined {
  const row = byTarget.get(target.slice(0, target.lastIndexOf('.')))
  if (!row) return undefined
  const isOld = (head.headers['content-type'] ?? '').startsWith('application/x-amz-json-1.0')
  return { service: row.service, protocol: isOld ? 'awsJson1_0' : 'awsJson1_1' }
}

function bySignature(head: RequestHead, name: string, path: string, query: string): Identified | undefined {
  if (objectStores.has(name)) return { service: 's3', protocol: 'restXml' }
  const row = name === 'ses' && path.startsWith('/v2/') ? byService.get('sesv2') : bySigningName.get(name)
  return row && { service: row.service, protocol: protocolOf(row, head, query) }
}

function protocolOf(row: RoutingRow, head: RequestHead, query: string): Protocol {
  if (row.version && (isForm(head) || /(?:^|&)Action=/.test(query))) return 'query'
  return row.primary
}

function byForm(query: string, form: Uint8Array | undefined): Identified | undefined {
  const text =
    form === undefined
      ? query
      : `${Buffer.from(form.buffer, form.byteOffset, form.byteLength).toString('latin1')}&${query}`
  if (text === '' || !/(?:^|&)(?:Action|Version)=/.test(text)) return undefined
  const parameters = parseQuery(text)
  const action = parameters.get('Action')?.[0] ?? ''
  const row = byVersion.get(parameters.get('Version')?.[0] ?? '') ?? byService.get(linkActions[action] ?? '')
  return row && { service: row.service, protocol: 'query' }
}

/** `sqs.us-east-1.amazonaws.com`, `sqs.us-east-1.localhost.localstack.cloud`; a bucket's own host is S3's. */
function byHost(head: RequestHead, query: string): Identified | undefined {
  const host = (head.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  if (!cloudHost.test(host)) return undefined
  const labels = host.split('.')
  if (labels.includes('s3')) return { service: 's3', protocol: 'restXml' }
  const row = byEndpointPrefix.get(`${labels[0]}.${labels[1]}`) ?? byEndpointPrefix.get(labels[0]!)
  return row && { service: row.service, protocol: protocolOf(row, head, query) }
}

function byPrefix(path: string): Identified | undefined {
  const [first = '', second = ''] = path.slice(1).split('/')
  const row = byPath.get(first) ?? byPath.get(`${first}/${second}`)
  return row && { service: row.service, protocol: row.primary }
}

function isForm(head: RequestHead): boolean {
  return (head.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
}
