/**
 * An API destination as a target. Which answers are final: EventBridge User Guide, "API destination error codes" (401,
 * 407, 409, 429 and 5xx are tried again, others not; of `Retry-After` and the policy the longer wait counts, and a
 * negative one ends it).
 */
import type { HttpParameters } from '@aws-sdk/client-eventbridge'
import { parseArn } from '../../delivery/arn.ts'
import type { Context, NewHop } from '../../delivery/context.ts'
import { type Delivery, type Outcome, target } from '../../delivery/delivery.ts'
import { type WebAnswer, WebFailed, webRequests } from '../../delivery/webRequests.ts'
import { AwsError } from '../../wire/errors.ts'
import { type ApiDestination, apiDestinationAt, connectionOf } from './apiDestinations.ts'
import { apiRequest } from './apiRequests.ts'
import { readSecret } from './connectionSecrets.ts'
import { takeTurn } from './rates.ts'
import { TokenRefused, tokenOf } from './tokens.ts'

const retriedStatuses = new Set([401, 407, 409, 429])
const tokenStatuses = new Set([401, 407])
const answerCharactersMax = 500
/** EventBridge pricing: $0.20 per million invocations of API destinations. */
const usdPerCall = 0.2 / 1_000_000

export const apiDestinationTarget = target('events', {
  handles: (resource) => resource.startsWith('api-destination/'),

  turn(tx, delivery, end) {
    const { account = '', region = '' } = parseArn(delivery.arn) ?? {}
    const there = tx.at({ account, region })
    const destination = apiDestinationAt(there, delivery.arn)
    // One that is gone is refused when it is carried, without waiting.
    return destination ? takeTurn(there, delivery.arn, destination.ratePerSecond, end) : tx.now
  },

  async carry(delivery, ctx) {
    const { account = '', region = '' } = parseArn(delivery.arn) ?? {}
    const there = ctx.at({ account, region })
    const destination = apiDestinationAt(there, delivery.arn)
    if (!destination) return refused('NO_RESOURCE', `API destination ${delivery.arn} does not exist.`)
    try {
      return await call(destination, delivery, there)
    } catch (error) {
      return failureOf(error)
    }
  },
})

async function call(destination: ApiDestination, delivery: Delivery, ctx: Context): Promise<Outcome> {
  const connection = connectionOf(ctx, destination)
  if (!connection) return refused('NO_RESOURCE', `The connection ${destination.connectionArn} does not exist.`)
  const { name, state, secretArn } = connection
  if (state === 'AUTHORIZING') return failed('CONNECTION_FAILURE', `The connection ${name} is being authorized.`)
  if (state !== 'AUTHORIZED' || !secretArn) return refused('NO_PERMISSIONS', `The connection ${name} is ${state}.`)
  const isOAuth = connection.authorizationType === 'OAUTH_CLIENT_CREDENTIALS'
  const accessToken = isOAuth ? await tokenOf(ctx, secretArn) : undefined
  const secret = await readSecret(ctx, secretArn)
  const parameters = (delivery.parameters?.http ?? {}) as HttpParameters
  const request = apiRequest({ destination, secret, accessToken, parameters, payload: delivery.payload })
  const startedAt = ctx.clock.now()
  const answer = await ctx.use(webRequests).send(request)
  if (isOAuth && tokenStatuses.has(answer.status)) await tokenOf(ctx, secretArn, { refused: accessToken ?? '' })
  const outcome = outcomeOf(answer, request.url, ctx.clock.now())
  return outcome.kind === 'delivered' ? { ...outcome, hop: hopOf(destination, answer, startedAt) } : outcome
}

function hopOf({ name, method, endpoint }: ApiDestination, { status }: WebAnswer, startedAt: number): NewHop {
  const resource = `${name} (${new URL(endpoint.replaceAll('*', 'x')).host})`
  const detail = { status }
  return {
    service: 'eventbridge',
    action: `${method} API destination`,
    resource,
    startedAt,
    detail,
    costUsd: usdPerCall,
  }
}

function outcomeOf({ status, headers, body }: WebAnswer, url: string, now: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const code = status === 429 ? 'THROTTLING' : 'ERROR_FROM_TARGET'
  const said = headers['content-encoding'] ? '' : body.toString('utf8').slice(0, answerCharactersMax)
  const message = `${new URL(url).origin} answered ${status}${said && `: ${said}`}`
  const wait = retryAfterSeconds(headers['retry-after'], now)
  const isFinal = !(retriedStatuses.has(status) || status >= 500) || (wait ?? 0) < 0
  if (isFinal) return refused(code, message)
  return { kind: 'failed', code, message, ...(wait !== undefined && { retryAfterSeconds: wait }) }
}

/** Seconds, or a date. Undefined where it is neither. */
function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^-?\d+$/.test(header.trim())) return Number(header)
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1000)
}

/** What kept the request from being answered. A bug of ours goes on. */
function failureOf(error: unknown): Outcome {
  if (error instanceof TokenRefused) return failed('CONNECTION_FAILURE', error.message)
  if (error instanceof AwsError) return refused('SDK_CLIENT_ERROR', `The connection's secret: ${error.message}`)
  if (!(error instanceof WebFailed)) throw error
  switch (error.reason) {
    case 'own-port':
      return refused('NO_PERMISSIONS', error.message)
    case 'no-such-host':
      return refused('CONNECTION_FAILURE', error.message)
    case 'timeout':
      return failed('TIMEOUT', error.message)
    default:
      return failed('CONNECTION_FAILURE', error.message)
  }
}

function refused(code: string, message: string): Outcome {
  return { kind: 'refused', code, message }
}

function failed(code: string, message: string): Outcome {
  return { kind: 'failed', code, message }
}
