/** The server's logs of entries: what `tx.append` wrote is read and forgotten through these. */
import { singleton } from './singleton.ts'

export const segmentLogs = singleton('segment logs', (platform) => platform.store.segments)
