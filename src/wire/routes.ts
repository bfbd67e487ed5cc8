/**
 * Finds the operation of a REST request by method, path, and what the operation demands of query and headers. S3 has
 * many operations on one path, told apart by those alone, and may name the bucket in the host instead of the path.
 */
import { madeOnce } from './madeOnce.ts'
import type { Operation, ServiceModel } from './model.ts'
import { decodePercent, parseQuery, type RequestHead, splitUrl } from './request.ts'

export interface Match {
  operation: Operation
  labels: Record<string, string>
  query: Map<string, string[]>
}

interface Route {
  operation: Operation
  method: string
  segments: Segment[]
  isGreedy: boolean
  literals: Map<string, string>
  neededQuery: string[]
  neededHeaders: string[]
  weight: number
  /** S3 alone: whether it is about a bucket or the whole store. */
  needsBucket: boolean
}

type Segment = string | { label: string; greedy: boolean }

/** Of one method. */
interface Routes {
  all: Route[]
  /** Those that a request without a query can mean. */
  plain: Route[]
}

const routesOf = new WeakMap<ServiceModel, Map<string, Routes>>()

export function matchRoute(model: ServiceModel, head: RequestHead): Match | undefined {
  const { path, query: queryText } = splitUrl(head.url)
  const query = parseQuery(queryText)
  const address = model.service === 's3' ? objectAddress(head, path) : undefined
  const rest = address ? (address.key === undefined ? [] : [address.key]) : segmentsOf(path)
  let best: Route | undefined
  const candidates = routes(model).get(head.method)
  for (const route of (query.size === 0 ? candidates?.plain : candidates?.all) ?? []) {
    if (address && route.needsBucket !== (address.bucket !== undefined)) continue
    if (!fitsPath(route, rest) || !fitsDemands(route, query, head)) continue
    if (!best || isBetter(route, best, query)) best = route
  }
  if (!best) return undefined
  const labels = labelsOf(best, rest)
  if (address?.bucket !== undefined) labels.Bucket = address.bucket
  return { operation: best.operation, labels, query }
}

function routes(model: ServiceModel): Map<string, Routes> {
  let found = routesOf.get(model)
  if (found) return found
  found = new Map()
  for (const name of model.operationNames()) {
    const operation = model.operation(name)!
    if (!operation.http) continue
    const route = makeRoute(operation, operation.http)
    const { all, plain } = found.get(route.method) ?? { all: [], plain: [] }
    all.push(route)
    const needsQuery = route.literals.size > 0 || (route.needsBucket && route.neededQuery.length > 0)
    if (!needsQuery) plain.push(route)
    found.set(route.method, { all, plain })
  }
  routesOf.set(model, found)
  return found
}

function makeRoute(operation: Operation, http: { method: string; path: string }): Route {
  const { path, query } = splitUrl(http.path)
  const segments = segmentsOf(path).map((text): Segment => {
    const label = /^\{(\w+)(\+?)\}$/.exec(text)
    return label ? { label: label[1]!, greedy: label[2] === '+' } : text
  })
  const literals = new Map([...parseQuery(query)].map(([name, values]) => [name, values[0] ?? '']))
  literals.delete('x-id')
  const required = operation.input?.members.filter((member) => member.required) ?? []
  const neededQuery = required.flatMap((member) => member.traits.query ?? [])
  const neededHeaders = required.flatMap((member) => member.traits.header?.toLowerCase() ?? [])
  return {
    operation,
    method: http.method,
    segments,
    isGreedy: segments.some((segment) => typeof segment !== 'string' && segment.greedy),
    literals,
    neededQuery,
    neededHeaders,
    weight: literals.size * 2 + neededQuery.length + neededHeaders.length,
    needsBucket: required.some((member) => member.name === 'Bucket'),
  }
}

function fitsPath(route: Route, rest: string[]): boolean {
  const { segments, isGreedy } = route
  if (isGreedy ? rest.length < segments.length : rest.length !== segments.length) return false
  return segments.every((segment, index) => typeof segment !== 'string' || segment === rest[index])
}

/** Headers are demanded of S3 only where they tell operations apart; elsewhere a missing one is a validation error. */
function fitsDemands(route: Route, query: Map<string, string[]>, head: RequestHead): boolean {
  for (const [name, value] of route.literals) {
    const given = query.get(name)
    if (!given || (value !== '' && given[0] !== value)) return false
  }
  if (!route.needsBucket) return true
  return (
    route.neededQuery.every((name) => query.has(name)) &&
    route.neededHeaders.every((name) => head.headers[name] !== undefined)
  )
}

function isBetter(route: Route, than: Route, query: Map<string, string[]>): boolean {
  for (let index = 0; index < Math.min(route.segments.length, than.segments.length); index++) {
    const isLiteral = typeof route.segments[index] === 'string'
    if (isLiteral !== (typeof than.segments[index] === 'string')) return isLiteral
  }
  if (route.segments.length !== than.segments.length) return route.segments.length > than.segments.length
  if (route.weight !== than.weight) return route.weight > than.weight
  // Some clients name the operation outright.
  return query.get('x-id')?.[0] === route.operation.name
}

function labelsOf(route: Route, rest: string[]): Record<string, string> {
  const labels: Record<string, string> = {}
  const after = route.segments.length
  route.segments.forEach((segment, index) => {
    if (typeof segment === 'string') return
    const surplus = segment.greedy ? rest.length - after : 0
    labels[segment.label] = decodePercent(rest.slice(index, index + 1 + surplus).join('/'))
  })
  return labels
}

function segmentsOf(path: string): string[] {
  const trimmed = path.replace(/^\/|\/+$/g, '')
  return trimmed === '' ? [] : trimmed.split('/')
}

/** Where a request's bucket and key are: in the host, or in the path. The key is still percent-encoded. */
export function objectAddress(head: RequestHead, path: string): { bucket?: string; key?: string } {
  const hosted = hostedBucket(head.headers.host ?? '')
  const rest = path.startsWith('/') ? path.slice(1) : path
  if (rest === 'WriteGetObjectResponse') return { key: rest }
  if (hosted !== undefined) return rest === '' ? { bucket: hosted } : { bucket: hosted, key: rest }
  if (rest === '') return {}
  const slash = rest.indexOf('/')
  const bucket = decodePercent(slash < 0 ? rest : rest.slice(0, slash))
  const key = slash < 0 ? '' : rest.slice(slash + 1)
  return key === '' ? { bucket } : { bucket, key }
}

const hostedByName = /^(.+)\.s3(?:[.-].+)?$/
const hostedHere = /^(.+)\.(?:localhost|127\.0\.0\.1|\[::1\]|localhost\.localstack\.cloud)$/

/** By the host as it was written: clients have few, and name one in every request. */
const hostedBucket = madeOnce(1_000, (host: string) => {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (/^s3[.-]/.test(name)) return undefined
  return hostedByName.exec(name)?.[1] ?? hostedHere.exec(name)?.[1]
})
