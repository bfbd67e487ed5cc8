/** One thing a server: an engine's pool, a cache, an interface that a service provides to others. No module state. */
import type { Platform } from './platform.ts'

export interface Singleton<T> {
  readonly name: string
  /** Makes it at first use; absent where a service provides it. */
  readonly create?: (platform: Platform) => T
}

/** What has a `close` is closed with the server. */
export function singleton<T>(name: string, create?: (platform: Platform) => T): Singleton<T> {
  return create ? { name, create } : { name }
}

/** A service's implementation of a singleton that it alone can make. */
export interface Provision<T = unknown> {
  singleton: Singleton<T>
  create: (platform: Platform) => T
}

export function provide<T>(key: Singleton<T>, create: (platform: Platform) => T): Provision<T> {
  return { singleton: key, create }
}
