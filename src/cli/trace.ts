/** `igarape trace`: the newest traces; `igarape trace KEY`: the way of one file, event or run. */
import type { Trace } from '../control/traces.ts'
import type { Command } from './command.ts'
import { clientHelp, readClientFlags } from './controlClient.ts'
import { dollars, duration, paint, table } from './terminal.ts'
import { drawTrace } from './traceTree.ts'

export const trace: Command = {
  usage: `igarape trace              lists the newest traces
igarape trace KEY|ID       draws one: an object's key, a job run's or a message's id, or a trace's

${clientHelp}`,

  async run(given) {
    const { control, positionals, own } = readClientFlags(given)
    const subject = positionals[0]
    if (subject === undefined) {
      const { traces } = await control.get<{ traces: Trace[] }>('/traces')
      console.log(own.json ? JSON.stringify(traces, null, 2) : listing(traces))
      return 0
    }
    const found = await control.get<Trace>(`/traces/${subject.split('/').map(encodeURIComponent).join('/')}`)
    console.log(own.json ? JSON.stringify(found, null, 2) : drawTrace(found))
    return 0
  },
}

function listing(traces: Trace[]): string {
  if (traces.length === 0) return 'No traces yet: nothing has come in.'
  return table(
    ['trace', 'began', 'took', 'AWS cost'],
    traces.map((found) => [
      found.traceId,
      paint.dim(new Date(found.startedAt).toISOString()),
      duration(found.endedAt - found.startedAt),
      dollars(found.costUsd),
    ]),
  )
}
