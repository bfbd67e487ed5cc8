/** Carries messages to web endpoints. */
import type { Context } from '../../delivery/context.ts'
import type { Delivery, Outcome } from '../../delivery/delivery.ts'
import { WebFailed, webRequests } from '../../delivery/webRequests.ts'

const answerMillisMax = 15_000

export async function carryToWeb(delivery: Delivery, ctx: Context): Promise<Outcome> {
  const { url, headers } = delivery.parameters as { url: string; headers: Record<string, string> }
  try {
    const { status } = await ctx.use(webRequests).send({
      method: 'POST',
      url,
      body: delivery.payload,
      millisMax: answerMillisMax,
      headers: {
        'content-type': 'text/plain; charset=UTF-8',
        ...headers,
        'user-agent': 'Amazon Simple Notification Service Agent',
      },
    })
    return outcomeOf(status, url)
  } catch (error) {
    if (!(error instanceof WebFailed)) throw error
    const kind = error.reason === 'own-port' ? 'refused' : 'failed'
    return { kind, code: 'CLIENT_ERROR', message: `${url}: ${error.message}` }
  }
}

/** AWS: what a client did wrong is not tried again, except too many requests. */
function outcomeOf(status: number, url: string): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const isFinal = status >= 400 && status < 500 && status !== 429
  return { kind: isFinal ? 'refused' : 'failed', code: `HTTP_${status}`, message: `${url} answered ${status}.` }
}
