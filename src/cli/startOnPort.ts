/** Starts a server, and turns what commonly goes wrong then into words. */
import { type Server, startServer } from '../app.ts'
import type { ServerLog } from '../observe/log.ts'
import type { Options } from '../options.ts'
import { UserError } from '../userError.ts'

export async function startOnPort(
  options: Options,
  log: ServerLog,
  announce?: (endpoint: string) => void,
): Promise<Server> {
  try {
    return await startServer(options, { log, ...(announce && { announce }) })
  } catch (error) {
    throw inWords(error, options)
  }
}

function inWords(error: unknown, { host, port, data }: Options): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE') {
    return new UserError(`Port ${port} is in use.`, {
      fix: `Stop the other server, or start with --port ${port + 1} (--port 0 takes any free one).`,
    })
  }
  if (code === 'EACCES' && port < 1024) {
    return new UserError(`Port ${port} needs privileges.`, { fix: 'Start with a port of 1024 or more.' })
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new UserError(`This machine has no address ${host}.`, {
      fix: 'Start with --host 127.0.0.1 or one of its own.',
    })
  }
  if (code === 'EACCES' || code === 'EROFS') {
    return new UserError(`The data folder ${data} cannot be written.`, { fix: 'Choose another with --data FOLDER.' })
  }
  if ((error as Error).name === 'FolderInUse' || (error as Error).constructor?.name === 'FolderInUse') {
    return new UserError((error as Error).message, {
      fix: 'Stop that server, or start this one with another --data FOLDER.',
    })
  }
  return error
}
