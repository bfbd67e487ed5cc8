/** `igarape explain RULE`: why a rule did or did not match an event, leaf by leaf, and what would have. */
import { UserError } from '../userError.ts'
import type { Command } from './command.ts'
import { clientHelp, readClientFlags } from './controlClient.ts'
import { drawExplanation, type ExplainedEvent } from './drawnExplanation.ts'
import { objectFrom } from './eventsPattern.ts'

export const explain: Command = {
  usage: `igarape explain RULE                    explains the last event that came to the rule's bus
igarape explain RULE --last 5           the last five that the rule did not match
igarape explain RULE --event E          an event of yours: JSON, a file of it, or - for standard input
  --bus NAME       the rule's bus [default]

${clientHelp}`,

  async run(given) {
    const { control, own, positionals } = readClientFlags(given, {
      rule: 'string',
      bus: 'string',
      event: 'string',
      last: 'string',
    })
    const rule = own.rule === undefined ? positionals[0] : String(own.rule)
    if (!rule)
      throw new UserError('Which rule?', { fix: 'Say `igarape explain RULE`; `aws events list-rules` names them.' })
    const answer = await control.post<{ rule: string; pattern?: string; events: ExplainedEvent[] }>('/explain', {
      rule,
      ...(own.bus !== undefined && { bus: own.bus }),
      ...(own.last !== undefined && { last: countFrom(String(own.last)), onlyUnmatched: true }),
      ...(own.event !== undefined && { event: objectFrom(String(own.event)) }),
    })
    if (own.json) console.log(JSON.stringify(answer, null, 2))
    else if (answer.events.length === 0) console.log(nothingToExplain(rule, own.last !== undefined))
    else console.log(answer.events.map((event) => drawExplanation(rule, event)).join('\n\n'))
    return 0
  },
}

function countFrom(given: string): number {
  const count = Number(given)
  if (Number.isInteger(count) && count > 0) return count
  throw new UserError(`--last ${given} is no number of events.`, { fix: 'Say how many, as in `--last 20`.' })
}

function nothingToExplain(rule: string, wasOfUnmatched: boolean): string {
  if (wasOfUnmatched) return `Of the last events of its bus there is none that ${rule} did not match.`
  return `No event has come to the bus of ${rule} yet.`
}
