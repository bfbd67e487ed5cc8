/** `igarape start`: the server, until it is told to stop. */

import { existsSync } from 'node:fs'
import { version } from '../control/version.ts'
import { consoleLog } from '../observe/log.ts'
import type { Options } from '../options.ts'
import { UserError } from '../userError.ts'
import type { Command } from './command.ts'
import { growHeapSlowly } from './heapGrowth.ts'
import { optionsHelp, readFlags } from './optionFlags.ts'
import { startOnPort } from './startOnPort.ts'
import { untilStopped } from './stopSignals.ts'
import { paint } from './terminal.ts'

export const start: Command = {
  usage: `igarape start [options]: starts the server

${optionsHelp()}

Each option has an environment name too: --body-bytes-max is IGARAPE_BODY_BYTES_MAX.`,

  async run(given) {
    growHeapSlowly()
    const { options: asked } = readFlags(given)
    const options = { ...asked, init: initFolder(asked) }
    const announce = (endpoint: string) => {
      const kept = options.inMemory ? 'nothing kept' : `data in ${options.data}`
      console.log(`${paint.bold('Igarapé')} ${version} on ${paint.cyan(endpoint)}, ${kept}, ${options.clock} clock`)
      // Scripts and test containers wait for this line. Init scripts come after it, as with LocalStack.
      console.log('Ready.')
    }
    const log = consoleLog((line) => console.error(line))
    const stopped = untilStopped()
    const server = await startOnPort(options, log, announce)
    await stopped
    await server.close()
    return 0
  },
}

const usualInitFolder = '/etc/localstack/init'

/** Where init scripts lie: the folder that was named, or the one where LocalStack's users have them. */
export function initFolder({ init }: Options): string {
  if (init && !existsSync(init))
    throw new UserError(`There is no folder ${init}.`, { fix: 'Name the one that holds boot.d, start.d or ready.d.' })
  return init || (existsSync(usualInitFolder) ? usualInitFolder : '')
}
