/** `igarape start`: the server, until it is told to stop. */

import { version } from '../control/version.ts'
import { consoleLog } from '../observe/log.ts'
import type { Command } from './command.ts'
import { optionsHelp, readFlags } from './optionFlags.ts'
import { startOnPort } from './startOnPort.ts'
import { untilStopped } from './stopSignals.ts'
import { paint } from './terminal.ts'

export const start: Command = {
  usage: `igarape start [options]: starts the server

${optionsHelp()}

Each option has an environment name too: --body-bytes-max is IGARAPE_BODY_BYTES_MAX.`,

  async run(given) {
    const { options } = readFlags(given)
    const server = await startOnPort(
      options,
      consoleLog((line) => console.error(line)),
    )
    const kept = options.inMemory ? 'nothing kept' : `data in ${options.data}`
    console.log(
      `${paint.bold('Igarapé')} ${version} on ${paint.cyan(server.endpoint)}, ${kept}, ${options.clock} clock`,
    )
    // Scripts and test containers wait for this line.
    console.log('Ready.')
    await untilStopped()
    await server.close()
    return 0
  },
}
