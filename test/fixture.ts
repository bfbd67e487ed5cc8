/** `test` with a server: one a file, emptied between tests. */
import { test as base } from 'vitest'
import { type Igarape, startIgarape } from '../src/testkit/server.ts'

export const test = base.extend<{ igarape: Igarape; server: Igarape }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
    async ({}, use) => {
      const igarape = await startIgarape()
      await use(igarape)
      await igarape.stop()
    },
    { scope: 'file' },
  ],
  igarape: async ({ server }, use) => {
    await use(server)
    await server.reset()
  },
})
