/**
 * `igarape/testing`: a server inside your tests, and a Vitest fixture of it. It imports neither Vitest nor SDK clients:
 * you hand it yours.
 */
import type { Igarape, StartSettings } from './igarape.ts'
import { startIgarape as startInside } from './server.ts'

export type { Igarape, StartSettings } from './igarape.ts'

/**
 * Starts a server on a free port; by default in memory and with a virtual clock. Errors: where a data folder is in use by
 * another server, and where a setting is none.
 */
export function startIgarape(settings: StartSettings = {}): Promise<Igarape> {
  return startInside(settings)
}

/** What a test that is extended by the fixture may take. */
export interface IgarapeFixtures {
  igarape: Igarape
  igarapeServer: Igarape
}

type Use = (igarape: Igarape) => Promise<void>

/**
 * For `test.extend<IgarapeFixtures>(igarapeFixture)`: a test that takes `{ igarape }` gets a server of its file, emptied after each test.
 * To start it otherwise, put a server of your own in the place of `igarapeServer`.
 */
export const igarapeFixture = {
  igarapeServer: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
    async ({}: object, use: Use): Promise<void> => {
      const igarape = await startIgarape()
      await use(igarape)
      await igarape.stop()
    },
    { scope: 'file' },
  ] as [fixture: (context: object, use: Use) => Promise<void>, options: { scope: 'file' }],
  igarape: async ({ igarapeServer }: { igarapeServer: Igarape }, use: Use): Promise<void> => {
    await use(igarapeServer)
    await igarapeServer.reset()
  },
}
