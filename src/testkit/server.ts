/**
 * A server inside a test's own process: in memory or on a folder, with a virtual clock, and `settled()` instead of
 * waiting. The project's own tests reach its inside too; users' tests see `igarape.ts`.
 */

import { type Server, type ServerParts, startServer } from '../app.ts'
import { advanceClock } from '../control/clock.ts'
import { reset } from '../control/reset.ts'
import { settled } from '../control/settled.ts'
import { readOptions } from '../options.ts'
import type { Igarape as PublicIgarape, StartSettings } from './igarape.ts'

export interface InsideSettings extends StartSettings {
  parts?: ServerParts
}

export interface Igarape extends PublicIgarape {
  /** The inside, for tests of the inside. */
  readonly server: Server
}

export async function startIgarape(settings: InsideSettings = {}): Promise<Igarape> {
  const { data, clock = 'virtual', parts } = settings
  const place = data ? { data } : { inMemory: true }
  const server = await startServer(readOptions({ port: 0, clock, ...place, ...settings.options }), parts)
  await server.initialized
  const { platform, endpoint, port } = server
  const clients = new Map<unknown, { destroy(): void }>()
  const clientSettings = {
    endpoint,
    region: platform.options.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true as const,
    maxAttempts: 1 as const,
  }
  return {
    endpoint,
    port,
    server,
    clientSettings,
    client(Client) {
      const made = clients.get(Client) ?? new Client(clientSettings)
      clients.set(Client, made)
      return made as InstanceType<typeof Client>
    },
    clock: {
      now: () => new Date(platform.clock.now()),
      advance: ({ days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 }) =>
        advanceClock(platform, (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + milliseconds),
    },
    settled: () => settled(platform),
    reset: () => reset(platform),
    async stop() {
      for (const client of clients.values()) client.destroy()
      await server.close()
    },
  }
}
