/** `igarape reset`: an empty server, without a restart. */
import type { Command } from './command.ts'
import { clientHelp, readClientFlags } from './controlClient.ts'

export const reset: Command = {
  usage: `igarape reset  deletes every resource, object, event and trace of the running server

${clientHelp}`,

  async run(given) {
    const { control } = readClientFlags(given)
    const { milliseconds } = await control.post<{ milliseconds: number }>('/reset', {})
    console.log(`${control.endpoint} is empty again, after ${milliseconds} ms.`)
    return 0
  },
}
