/** `igarape clock`: AWS time; `igarape clock advance 1h` moves a virtual one, and all that falls due happens. */
import { UserError } from '../userError.ts'
import type { Command } from './command.ts'
import { clientHelp, readClientFlags } from './controlClient.ts'

export const clock: Command = {
  usage: `igarape clock               shows AWS time
igarape clock advance 1h30m  moves it on (the server was started with --clock virtual); units: s, m, h, d

${clientHelp}`,

  async run(given) {
    const { control, positionals, own } = readClientFlags(given)
    const [action, by] = positionals
    if (action !== undefined && (action !== 'advance' || by === undefined)) {
      throw new UserError(`\`clock ${positionals.join(' ')}\` says nothing.`, {
        fix: 'Say `igarape clock advance 1h`.',
      })
    }
    const time = by
      ? await control.post<{ clock: string; now: string }>('/clock', { advance: by })
      : await control.get<{ clock: string; now: string }>('/clock')
    console.log(own.json ? JSON.stringify(time) : `${time.now} (${time.clock} clock)`)
    return 0
  },
}
