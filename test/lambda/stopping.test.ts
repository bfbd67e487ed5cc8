/** A server that stops while functions run: nothing of it looks like a fault, and what was accepted runs again. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { expect, test } from 'vitest'
import { silentLog } from '../../src/observe/log.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { makeFunction } from './samples.ts'

/** Says where it has begun, and ends only where it is told to. */
const code = `import { existsSync, writeFileSync } from 'node:fs'
export const handler = async ({ mark, end }) => {
  writeFileSync(mark, '')
  while (!existsSync(end)) await new Promise((resolve) => setTimeout(resolve, 20))
}`

test('a stop in the middle of invocations logs no error; the asynchronous one runs again at the next start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-stopping-'))
  const errors: string[] = []
  const log = { ...silentLog, error: (message: string, error: unknown) => errors.push(`${message}: ${error}`) }
  const start = () => startIgarape({ data: join(folder, 'data'), parts: { log } })
  const [atOnce, later, end] = ['at-once', 'later', 'end'].map((name) => join(folder, name)) as [string, string, string]
  const first = await start()
  await makeFunction(first, 'slow', { 'index.mjs': code }, { Timeout: 60 })

  const answer = invoked(first, 'RequestResponse', { mark: atOnce, end }).catch((error: Error) => error.name)
  await invoked(first, 'Event', { mark: later, end })
  await expect.poll(() => existsSync(atOnce) && existsSync(later), { timeout: 20_000 }).toBe(true)
  await first.stop()

  expect(await answer).toBeTypeOf('string')
  expect(errors).toEqual([])

  rmSync(later)
  const second = await start()
  await expect.poll(() => existsSync(later), { timeout: 20_000 }).toBe(true)
  await second.stop()
  expect(errors).toEqual([])
  rmSync(folder, { recursive: true })
})

function invoked(igarape: Igarape, InvocationType: 'Event' | 'RequestResponse', event: object) {
  const Payload = JSON.stringify(event)
  return igarape.client(LambdaClient).send(new InvokeCommand({ FunctionName: 'slow', InvocationType, Payload }))
}
