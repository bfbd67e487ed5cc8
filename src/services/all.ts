/** Every service of the server, in alphabetical order: a new service is one import and one name here. */
import type { Service } from './service.ts'

export const allServices: readonly Service[] = []
