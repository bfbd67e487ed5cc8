/**
 * A server inside a test's own process: in memory or on a folder, with a virtual clock, and `settled()` instead of
 * waiting. Exported as `igarape/testing`.
 */

import { type Server, type ServerParts, startServer } from '../app.ts'
import { advanceClock } from '../control/clock.ts'
import { reset } from '../control/reset.ts'
import { settled } from '../control/settled.ts'
import { readOptions } from '../options.ts'

export interface StartSettings {
  /** The data folder; absent: a fresh one that is deleted at the end. */
  data?: string
  /** Default: virtual, so that a day of retries takes a second. */
  clock?: 'virtual' | 'system'
  /** Any other option of `igarape start`, by its name in src/options.ts. */
  options?: Parameters<typeof readOptions>[0]
  parts?: ServerParts
}

export interface Igarape {
  readonly endpoint: string
  readonly port: number
  /** What an SDK client needs to speak to the server. */
  readonly clientSettings: {
    endpoint: string
    region: string
    credentials: { accessKeyId: string; secretAccessKey: string }
    forcePathStyle: true
    maxAttempts: 1
  }
  /** An SDK client, made once and closed with the server: `igarape.client(SQSClient)`. */
  client<C extends { destroy(): void }>(Client: new (settings: Igarape['clientSettings']) => C): C
  readonly clock: {
    now(): Date
    /** Fires what is due one by one, each at its own time. */
    advance(by: {
      days?: number
      hours?: number
      minutes?: number
      seconds?: number
      milliseconds?: number
    }): Promise<void>
  }
  /** Nothing is due and nothing runs. */
  settled(): Promise<void>
  reset(): Promise<void>
  stop(): Promise<void>
  /** The inside, for tests of the inside. */
  readonly server: Server
}

export async function startIgarape(settings: StartSettings = {}): Promise<Igarape> {
  const { data, clock = 'virtual', parts } = settings
  const place = data ? { data } : { inMemory: true }
  const server = await startServer(readOptions({ port: 0, clock, ...place, ...settings.options }), parts)
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
