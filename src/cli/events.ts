/** `igarape events`: watch a bus live, try a pattern on an event, make a pattern from one. */
import { UserError } from '../userError.ts'
import type { Command } from './command.ts'
import { clientHelp, readClientFlags } from './controlClient.ts'
import { eventPattern, testPattern } from './eventsPattern.ts'
import { tailBus } from './eventsTail.ts'

export const events: Command = {
  usage: `igarape events tail BUS                    prints events as they come to a bus [default]
  --for SECONDS    stops after that time
igarape events test --pattern P --event E  says whether P matches E, and if not, why
igarape events pattern-for E               prints a pattern that matches E
P and E are JSON, files of it, or - for standard input.

${clientHelp}`,

  async run(given) {
    const { control, positionals, own } = readClientFlags(given, { pattern: 'string', event: 'string', for: 'string' })
    const [action, subject] = positionals
    switch (action) {
      case 'tail':
        return tailBus(control, {
          bus: subject ?? 'default',
          json: own.json === true,
          seconds: Number(own.for ?? Number.POSITIVE_INFINITY),
        })
      case 'test':
        return testPattern({ pattern: own.pattern, event: own.event, json: own.json === true })
      case 'pattern-for':
        return eventPattern(subject)
      default:
        throw new UserError(`\`events ${positionals.join(' ')}\` says nothing.`, {
          fix: 'Say `igarape events tail BUS`, `events test` or `events pattern-for`.',
        })
    }
  },
}
