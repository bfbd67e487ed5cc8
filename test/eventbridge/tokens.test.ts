/** A token that several deliveries wait for. */
import { expect, test } from 'vitest'
import type { Context } from '../../src/delivery/context.ts'
import { tokenOf } from '../../src/services/eventbridge/tokens.ts'

const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:events!connection/loja'
const tokenSeconds = 600

/** A secret that is kept when it is told to be, and an endpoint that gives tokens. */
function worldOf() {
  let [now, given] = [0, 0]
  let secret = JSON.stringify({ parameters: { OAuthParameters: { AuthorizationEndpoint: 'https://loja.example' } } })
  const kept: (() => void)[] = []
  const singletons = new Map<string, unknown>([['web requests', { send: async () => answer() }]])
  const answer = () => ({
    status: 200,
    body: Buffer.from(JSON.stringify({ access_token: `token ${++given}`, expires_in: tokenSeconds })),
  })
  const ctx = {
    clock: { now: () => now },
    random: { uuid: () => '' },
    use(key: { name: string; create: () => unknown }) {
      if (!singletons.has(key.name)) singletons.set(key.name, key.create())
      return singletons.get(key.name)
    },
    call: () => ({
      GetSecretValue: async () => ({ SecretString: secret }),
      PutSecretValue: ({ SecretString }: { SecretString: string }) =>
        new Promise<void>((done) => {
          kept.push(() => {
            secret = SecretString
            done()
          })
        }),
    }),
  } as unknown as Context
  return {
    ctx,
    kept,
    advance(seconds: number) {
      now += seconds * 1000
    },
  }
}

test('deliveries that want a token at once share one', async () => {
  const { ctx, kept } = worldOf()
  const tokens = Promise.all([tokenOf(ctx, arn), tokenOf(ctx, arn)])
  await expect.poll(() => kept.length).toBe(1)
  kept.shift()?.()
  expect(await tokens).toEqual(['token 1', 'token 1'])
})

test('a token that was over before it was kept is not given to those who waited for it', async () => {
  const { ctx, kept, advance } = worldOf()
  const first = tokenOf(ctx, arn)
  await expect.poll(() => kept.length).toBe(1)
  advance(tokenSeconds)
  const others = Promise.all([tokenOf(ctx, arn), tokenOf(ctx, arn)])
  kept.shift()?.()
  await expect.poll(() => kept.length).toBe(1)
  kept.shift()?.()
  expect(await first).toBe('token 1')
  expect(await others).toEqual(['token 2', 'token 2'])
})
