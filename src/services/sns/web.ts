/** Carries messages to web endpoints. A redirect is not followed, and the server's own port is never an endpoint. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Context } from '../../delivery/context.ts'
import type { Delivery, Outcome } from '../../delivery/delivery.ts'
import { signer } from './signing.ts'

const answerMillisMax = 15_000

export async function carryToWeb(delivery: Delivery, ctx: Context): Promise<Outcome> {
  const { url, headers } = delivery.parameters as { url: string; headers: Record<string, string> }
  try {
    if (await isOwnPort(new URL(url), ctx)) {
      return { kind: 'refused', code: 'CLIENT_ERROR', message: `${url} is the port of this server.` }
    }
    const response = await fetch(url, {
      method: 'POST',
      body: delivery.payload,
      redirect: 'manual',
      signal: AbortSignal.timeout(answerMillisMax),
      headers: {
        ...headers,
        'content-type': 'text/plain; charset=UTF-8',
        'user-agent': 'Amazon Simple Notification Service Agent',
      },
    })
    await response.body?.cancel()
    return outcomeOf(response.status, url)
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error }
    return { kind: 'failed', code: 'CLIENT_ERROR', message: `${url}: ${cause?.message ?? message}` }
  }
}

/** AWS: what a client did wrong is not tried again, except too many requests. */
function outcomeOf(status: number, url: string): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const isFinal = status >= 400 && status < 500 && status !== 429
  return { kind: isFinal ? 'refused' : 'failed', code: `HTTP_${status}`, message: `${url} answered ${status}.` }
}

/** Whoever may publish may not thereby reach the control endpoints, by whatever name the host goes. */
async function isOwnPort(url: URL, ctx: Context): Promise<boolean> {
  const own = new URL(ctx.use(signer).endpoint)
  const portOf = ({ port, protocol }: URL) => port || (protocol === 'https:' ? '443' : '80')
  if (portOf(url) !== portOf(own)) return false
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) ? [host] : (await lookup(host, { all: true })).map(({ address }) => address)
  const local = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? [])
  const isHere = (address: string) => /^(127\.|0\.0\.0\.0$|::1$|::$|::ffff:)/.test(address) || local.includes(address)
  return addresses.some(isHere)
}
