/** Finds the route of a request among those that are no AWS operation. */

import type { Route } from '../services/route.ts'
import type { RequestHead } from '../wire/request.ts'

interface Entry {
  route: Route
  pattern: RegExp
}

interface Found {
  route: Route
  parameters: Record<string, string>
}

/** By method and by how the path begins: AWS's own requests, which are almost all, are compared with next to nothing. */
export class RouteTable {
  readonly #byStart = new Map<string, Entry[]>()
  /** Of any path, by method. */
  readonly #anywhere = new Map<string, Entry[]>()

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const start = startOf(route.method, route.path)
      const [places, key] = /[:*]/.test(start) ? [this.#anywhere, route.method] : [this.#byStart, start]
      places.set(key, [...(places.get(key) ?? []), { route, pattern: patternOf(route.path) }])
    }
  }

  find(head: RequestHead): Found | undefined {
    const question = head.url.indexOf('?')
    const path = question < 0 ? head.url : head.url.slice(0, question)
    return (
      matched(this.#byStart.get(startOf(head.method, path)), head, path) ??
      matched(this.#anywhere.get(head.method), head, path)
    )
  }
}

function matched(entries: readonly Entry[] | undefined, head: RequestHead, path: string): Found | undefined {
  for (const { route, pattern } of entries ?? []) {
    if (route.accepts?.(head) === false) continue
    const match = pattern.exec(path)
    if (match) {
      const parameters = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([name, value]) => [name, decoded(value)]),
      )
      return { route, parameters }
    }
  }
  return undefined
}

/** `GET /_igarape` */
function startOf(method: string, path: string): string {
  const end = path.indexOf('/', 1)
  return `${method} ${end < 0 ? path : path.slice(0, end)}`
}

function patternOf(path: string): RegExp {
  const source = path
    .replace(/[.$]/g, '\\$&')
    .replace(/:(\w+)/g, '(?<$1>[^/]+)')
    .replace(/\*(\w+)/g, '(?<$1>.*)')
  return new RegExp(`^${source}/?$`)
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
