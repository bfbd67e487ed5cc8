/** HTTP paths beside AWS's operations: what a service answers under `/_igarape/…` or a path that AWS's answers point to. */
import type { IncomingMessage } from 'node:http'
import type { Platform } from '../delivery/platform.ts'
import type { RequestHead, WireResponse } from '../wire/request.ts'

export interface RouteRequest {
  method: string
  /** The path and query as received. */
  url: string
  /** With the route's `:names` filled in, decoded. */
  parameters: Record<string, string>
  query: URLSearchParams
  headers: Record<string, string>
  /** The whole body, bounded by `bodyBytesMax`. */
  body(): Promise<Uint8Array>
  /** The body as it comes, for what is large. */
  stream: IncomingMessage
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `/_igarape/mail/:id`; a last part `*rest` takes slashes too. */
  path: string
  /** Further conditions, where a path alone does not tell: a form's content type. */
  accepts?: (head: RequestHead) => boolean
  answer(request: RouteRequest, platform: Platform): Promise<WireResponse>
}

export function route(
  method: Route['method'],
  path: string,
  answer: Route['answer'],
  accepts?: Route['accepts'],
): Route {
  return { method, path, answer, ...(accepts && { accepts }) }
}

/** An answer in JSON. */
export function json(body: unknown, status = 200): WireResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(body)}\n` }
}
