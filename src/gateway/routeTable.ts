/** Finds the route of a request among those that are no AWS operation. */

import type { Route } from '../services/route.ts'
import type { RequestHead } from '../wire/request.ts'

interface Entry {
  route: Route
  pattern: RegExp
}

export class RouteTable {
  readonly #byMethod = new Map<string, Entry[]>()

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const entries = this.#byMethod.get(route.method) ?? []
      entries.push({ route, pattern: patternOf(route.path) })
      this.#byMethod.set(route.method, entries)
    }
  }

  find(head: RequestHead): { route: Route; parameters: Record<string, string> } | undefined {
    const path = head.url.split('?', 1)[0] as string
    for (const { route, pattern } of this.#byMethod.get(head.method) ?? []) {
      const match = pattern.exec(path)
      if (!match || route.accepts?.(head) === false) continue
      const parameters = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([name, value]) => [name, decoded(value)]),
      )
      return { route, parameters }
    }
    return undefined
  }
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
