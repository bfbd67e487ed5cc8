/**
 * The composition root: builds the platform, registers the services, opens the port. `startServer` is what the command
 * line and the testkit both call.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, type Random, systemClock, systemRandom } from './clock.ts'
import { resumedClock } from './control/clock.ts'
import { InitScripts, initScripts } from './control/initScripts.ts'
import { controlRoutes } from './control/routes.ts'
import type { Target } from './delivery/delivery.ts'
import { Platform } from './delivery/platform.ts'
import { type Provision, provide } from './delivery/singleton.ts'
import { traceTrimmer } from './delivery/traceTrimming.ts'
import { spillFolders } from './engines/sql/spillFolders.ts'
import { endpointOf, Gateway } from './gateway/gateway.ts'
import { type ServerLog, silentLog } from './observe/log.ts'
import type { Options } from './options.ts'
import { allServices } from './services/all.ts'
import { resourceTypes } from './services/resource.ts'
import type { Backend } from './store/backend.ts'
import { lockFolder } from './store/lock.ts'
import { openDisk } from './store/loggedBackend.ts'
import { type SegmentFiles, segmentFiles } from './store/segmentFiles.ts'
import { Store } from './store/store.ts'

export interface Server {
  readonly platform: Platform
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string
  readonly port: number
  /** The scripts of ready.d are over. */
  readonly initialized: Promise<void>
  close(): Promise<void>
  /** Ends as a kill does: nothing is waited for, nothing is put in order. For simulations. */
  abandon(): void
}

export interface ServerParts {
  log?: ServerLog
  /** Told that the server answers, before the scripts of ready.d run: `Ready.` is said then. */
  announce?: (endpoint: string) => void
  random?: Random
  /** For simulations: a store's backend other than LMDB, a clock that outlives the server, engines and targets that fail at will. */
  backend?: Backend
  segmentFiles?: SegmentFiles
  clock?: Clock
  provides?: readonly Provision[]
  inPlaceOf?: (target: Target) => Target
}

/** Starts a server. Errors: UserError where the port or the folder is taken, StoreTooNew. */
export async function startServer(options: Options, parts: ServerParts = {}): Promise<Server> {
  const log = parts.log ?? silentLog
  const init = options.init ? new InitScripts(options, log) : undefined
  await init?.run('BOOT', endpointToBe(options))
  const dataFolder = options.inMemory ? mkdtempSync(join(tmpdir(), 'igarape-')) : options.data
  mkdirSync(dataFolder, { recursive: true })
  const unlock = lockFolder(dataFolder)
  const store = await openStore(dataFolder, options, parts)
  const platform = new Platform({
    options,
    store,
    dataFolder,
    clock: parts.clock ?? (options.clock === 'virtual' ? resumedClock(store) : systemClock()),
    random: parts.random ?? systemRandom(),
    log,
    inPlaceOf: parts.inPlaceOf,
  })
  for (const provision of parts.provides ?? []) platform.provide(provision)
  for (const service of allServices) platform.register(service)
  platform.runner.register(traceTrimmer)
  // What a killed server's queries left on disk goes now, not at the first query.
  platform.use(spillFolders)
  const types = new Map(allServices.flatMap((service) => service.resources).map((type) => [type.type, type]))
  platform.provide(provide(resourceTypes, () => types))
  if (init) platform.provide(provide(initScripts, () => init))
  const gateway = new Gateway(platform, [...controlRoutes, ...allServices.flatMap((service) => service.routes)])
  await init?.run('START', endpointToBe(options))
  const port = await gateway.listen()
  await platform.start()
  parts.announce?.(platform.endpoint)
  return {
    platform,
    initialized: init?.run('READY', platform.endpoint) ?? Promise.resolve(),
    endpoint: platform.endpoint,
    port,
    async close() {
      await init?.endStage()
      await init?.run('SHUTDOWN', platform.endpoint)
      await gateway.close()
      await platform.close()
      unlock()
      if (options.inMemory) rmSync(dataFolder, { recursive: true, force: true })
    },
    abandon() {
      gateway.abandon()
      platform.abandon()
    },
  }
}

/** In the folder, or on the disk that a simulation brings along. */
async function openStore(folder: string, { inMemory }: Options, { backend, segmentFiles: files }: ServerParts) {
  const durable = !inMemory
  if (backend) return Store.open(backend, files ?? segmentFiles(join(folder, 'segments'), { durable }))
  const disk = await openDisk(folder, { durable })
  return Store.open(disk.backend, disk.segmentFiles)
}

/** What scripts that run before the port is open are told; undefined where it is only known then. */
function endpointToBe({ port, host }: Options): string | undefined {
  return port === 0 ? undefined : endpointOf(host, port)
}
