/**
 * What a connection does after its operation has answered: it exchanges its client credentials for the first token, or
 * its secret goes. Done twice after a kill, both come to the same.
 */
import type { Arn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { deleteSecret } from './connectionSecrets.ts'
import { connections } from './connections.ts'
import { TokenRefused, tokenOf } from './tokens.ts'

export interface Authorization extends Due {
  kind: 'authorize'
  name: string
  uuid: string
}

export interface Discard extends Omit<Authorization, 'kind'> {
  kind: 'discard'
  secretArn: Arn
}

export const connectionWork = dueQueue<Authorization | Discard>('eventbridge/connection-work')

export const connectionWorker = worker('eventbridge/connection-work', {
  queue: connectionWork,
  async run(item, ctx) {
    if (item.kind === 'authorize') await authorize(item, ctx)
    else await discardSecret(item, ctx)
  },
})

async function authorize(item: Authorization, ctx: Context): Promise<void> {
  const before = ctx.in(connections).get(item.name)
  const refusal = before?.secretArn === undefined ? undefined : await refusalOf(before.secretArn, ctx)
  await ctx.commit((tx) => {
    tx.due(connectionWork).delete(item.id)
    const connection = tx.in(connections).get(item.name)
    if (connection?.uuid !== item.uuid || connection.state !== 'AUTHORIZING') return
    const { stateReason: _, ...rest } = connection
    if (refusal === undefined) tx.in(connections).put({ ...rest, state: 'AUTHORIZED', authorizedAt: tx.now })
    else tx.in(connections).put({ ...rest, state: 'DEAUTHORIZED', stateReason: refusal })
  })
}

async function refusalOf(secretArn: Arn, ctx: Context): Promise<string | undefined> {
  try {
    await tokenOf(ctx, secretArn, { isFresh: true })
    return undefined
  } catch (error) {
    if (error instanceof TokenRefused) return error.message
    throw error
  }
}

async function discardSecret(item: Discard, ctx: Context): Promise<void> {
  await deleteSecret(ctx, item.secretArn)
  await ctx.commit((tx) => {
    tx.due(connectionWork).delete(item.id)
    const connection = tx.in(connections).get(item.name)
    if (connection?.uuid !== item.uuid || connection.state !== 'DEAUTHORIZING') return
    tx.in(connections).put({ ...connection, state: 'DEAUTHORIZED' })
  })
}
