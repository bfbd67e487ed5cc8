/** What `igarape/testing` gives: a server inside a test. It imports nothing of the server, so its types stand alone. */
import type { readOptions } from '../options.ts'

export interface StartSettings {
  /** The data folder; absent: a fresh one that is deleted at the end. */
  data?: string
  /** Default: virtual, so that a day of retries takes a second. */
  clock?: 'virtual' | 'system'
  /** Any other option of `igarape start`, by its name in src/options.ts. */
  options?: Parameters<typeof readOptions>[0]
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
}
