/** The server's own log: one line an entry, on standard error, with a trace id where a bug is told of. */
import { stopwatch } from '../clock.ts'

export interface ServerLog {
  info(message: string): void
  /** Something that works but not as asked: a missing runtime, a slow disk. */
  warn(message: string): void
  /** A bug or a broken host; never an answer that AWS would give. */
  error(message: string, error: unknown, requestId?: string): void
}

export function consoleLog(write: (line: string) => void): ServerLog {
  const line = (level: string, message: string) =>
    write(`${new Date(stopwatch.wall()).toISOString()} ${level.padEnd(5)} ${message}`)
  return {
    info: (message) => line('INFO', message),
    warn: (message) => line('WARN', message),
    error: (message, error, requestId) => {
      const story = error instanceof Error ? (error.stack ?? error.message) : String(error)
      line('ERROR', `${message}${requestId ? ` (request ${requestId})` : ''}: ${story}`)
    },
  }
}

/** Keeps nothing. */
export const silentLog: ServerLog = { info: () => undefined, warn: () => undefined, error: () => undefined }
