/**
 * The web of a simulation: endpoints that take what is sent to them, fail each delivery as often as the plan says, in
 * every way that a web server has, and look at how a call is authorized. Tokens are given at an address of their own.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Delivery, Target } from '../../src/delivery/delivery.ts'
import { type WebAnswer, WebFailed, type WebRequest, type WebRequests } from '../../src/delivery/webRequests.ts'
import { arnParts, endpointArnOf } from './arns.ts'
import type { EndpointPlan, Plan } from './plan.ts'

/** One that was answered with success. */
export interface Call {
  endpoint: string
  deliveryId: string
  body: string
}

/** Any call, by the second of AWS's clock. */
export interface Turn {
  endpoint: string
  second: number
}

export const credentials = { user: 'loja', secret: 'senha', header: 'x-chave' }
export const addressOf = (name: string): string => `https://${name}.example/vendas`
export const tokenAddressOf = (name: string): string => `https://${name}.example/token`

const turnsMax = 4
export const tokenSeconds = 600
/** What a try that fails meets, by its number. */
const failures = ['503', 'timeout', '429', 'connection', '401', '500', 'cut'] as const
/** What a 429 asks for. */
export const retryAfterSeconds = 90

/** One for all runs: each that was ever used is looked at by every promise of the process. */
const carried = new AsyncLocalStorage<{ delivery: Delivery; since: number }>()

export class Endpoints {
  readonly calls: Call[] = []
  readonly turns: Turn[] = []
  /** Calls that no right server makes. */
  readonly errors: string[] = []
  readonly #plan: Plan
  readonly #now: () => number
  /** By token: whose, and until when. */
  readonly #tokens = new Map<string, { endpoint: string; until: number }>()

  constructor(plan: Plan, now: () => number) {
    this.#plan = plan
    this.#now = now
  }

  /** Lets the endpoint know which try of which delivery it sees. */
  around({ carry }: Pick<Target, 'carry'>, tried: (delivery: Delivery) => void): NonNullable<Target['carry']> {
    return (delivery, ctx) => {
      tried(delivery)
      return carried.run({ delivery, since: this.#now() }, async () => (await carry?.(delivery, ctx)) as never)
    }
  }

  planOf(delivery: Delivery): EndpointPlan | undefined {
    const { name } = arnParts(endpointArnOf(delivery.arn))
    return this.#plan.endpoints.find((one) => one.name === name)
  }

  web(): WebRequests {
    const send = async (request: WebRequest): Promise<WebAnswer> => {
      for (let turn = 0; turn < request.url.length % turnsMax; turn++) await new Promise((done) => setImmediate(done))
      const endpoint = this.#plan.endpoints.find(({ name }) => request.url.startsWith(`https://${name}.example/`))
      if (!endpoint) throw new WebFailed('no-such-host', request.url)
      return request.url === tokenAddressOf(endpoint.name) ? this.#giveToken(endpoint) : this.#answer(endpoint, request)
    }
    return { send } as unknown as WebRequests
  }

  #giveToken({ name }: EndpointPlan): WebAnswer {
    const token = `${name}-${this.#tokens.size}`
    this.#tokens.set(token, { endpoint: name, until: this.#now() + tokenSeconds * 1000 })
    return answer(200, JSON.stringify({ access_token: token, expires_in: tokenSeconds }))
  }

  #answer(endpoint: EndpointPlan, { headers, body = '' }: WebRequest): WebAnswer {
    const { name, fails = 0, refuses } = endpoint
    const bearer = carried.getStore()
    if (!bearer) throw new Error('a call that no delivery makes')
    const { delivery, since } = bearer
    this.turns.push({ endpoint: name, second: Math.floor(this.#now() / 1000) })
    if (!this.#isAuthorized(endpoint, headers, since))
      this.errors.push(`${name}: called with ${JSON.stringify(headers)}`)
    if (refuses) return answer(400, 'no')
    if (fails === 'always' || delivery.attempts < fails) return failed(delivery.attempts)
    this.calls.push({ endpoint: name, deliveryId: delivery.id, body })
    return answer(200, '')
  }

  /** `since`: when the try began. The clock may jump while it lasts, and take its token's time away. */
  #isAuthorized({ name, authorization }: EndpointPlan, headers: Record<string, string>, since: number): boolean {
    const { user, secret, header } = credentials
    if (authorization === 'key') return headers[header] === secret
    const given = headers.authorization ?? ''
    if (authorization === 'basic') return given === `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
    const token = this.#tokens.get(given.replace(/^Bearer /, ''))
    return token?.endpoint === name && token.until > since
  }
}

/** Of the try of that number; `isSlow` where the endpoint asks for time. */
export function failureOf(attempt: number): { kind: (typeof failures)[number]; isSlow: boolean } {
  const kind = failures[attempt % failures.length] as (typeof failures)[number]
  return { kind, isSlow: kind === '429' }
}

function failed(attempt: number): WebAnswer {
  const { kind, isSlow } = failureOf(attempt)
  if (kind === 'timeout') throw new WebFailed('timeout', 'no answer')
  if (kind === 'connection' || kind === 'cut') throw new WebFailed('connection', `${kind} off`)
  return answer(Number(kind), '', isSlow ? { 'retry-after': String(retryAfterSeconds) } : {})
}

function answer(status: number, text: string, headers: Record<string, string> = {}): WebAnswer {
  return { status, headers, body: Buffer.from(text) }
}
