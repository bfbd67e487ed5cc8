/**
 * The composition root: builds the platform, registers the services, opens the port. `startServer` is what the command
 * line and the testkit both call.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Random, stopwatch, systemClock, systemRandom, virtualClock } from './clock.ts'
import { controlRoutes } from './control/routes.ts'
import { Platform } from './delivery/platform.ts'
import { provide } from './delivery/singleton.ts'
import { Gateway } from './gateway/gateway.ts'
import { type ServerLog, silentLog } from './observe/log.ts'
import type { Options } from './options.ts'
import { allServices } from './services/all.ts'
import { resourceTypes } from './services/resource.ts'
import { type Backend, lmdbBackend } from './store/backend.ts'
import { lockFolder } from './store/lock.ts'
import { Store } from './store/store.ts'

export interface Server {
  readonly platform: Platform
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string
  readonly port: number
  close(): Promise<void>
}

export interface ServerParts {
  log?: ServerLog
  random?: Random
  /** A store's backend other than LMDB in the data folder: simulations. */
  backend?: Backend
}

/** Starts a server. Errors: UserError where the port or the folder is taken, StoreTooNew. */
export async function startServer(options: Options, parts: ServerParts = {}): Promise<Server> {
  const dataFolder = options.inMemory ? mkdtempSync(join(tmpdir(), 'igarape-')) : options.data
  mkdirSync(dataFolder, { recursive: true })
  const unlock = lockFolder(dataFolder)
  const backend = parts.backend ?? lmdbBackend(dataFolder, { durable: !options.inMemory })
  const platform = new Platform({
    options,
    store: await Store.open(backend),
    dataFolder,
    clock: options.clock === 'virtual' ? virtualClock(stopwatch.wall()) : systemClock(),
    random: parts.random ?? systemRandom(),
    log: parts.log ?? silentLog,
  })
  const services = allServices
  for (const service of services) platform.register(service)
  const types = new Map(services.flatMap((service) => service.resources).map((type) => [type.type, type]))
  platform.provide(provide(resourceTypes, () => types))
  const gateway = new Gateway(platform, [...controlRoutes, ...services.flatMap((service) => service.routes)])
  const port = await gateway.listen()
  await platform.start()
  return {
    platform,
    endpoint: platform.endpoint,
    port,
    async close() {
      await gateway.close()
      await platform.close()
      unlock()
      if (options.inMemory) rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}
