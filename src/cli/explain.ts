/** `igarape explain RULE`: why a rule did or did not match an event, leaf by leaf, and what would have. */
import { readFileSync } from 'node:fs'
import type { BranchExplanation, LeafExplanation } from '../engines/patterns/explanation.ts'
import { UserError } from '../userError.ts'
import type { Command } from './command.ts'
import { clientHelp, readClientFlags } from './controlClient.ts'
import { paint } from './terminal.ts'

export interface ExplainedEvent {
  event?: { id?: string; source?: string; 'detail-type'?: string; time?: string }
  matched: boolean
  branches: BranchExplanation[]
}

export const explain: Command = {
  usage: `igarape explain RULE                    explains the last event that came to the rule's bus
igarape explain RULE --last 5           the last five that the rule did not match
igarape explain RULE --event FILE       an event of yours, as JSON (- reads standard input)
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
      ...(own.last !== undefined && { last: Number(own.last), onlyUnmatched: true }),
      ...(own.event !== undefined && { event: eventFrom(String(own.event)) }),
    })
    if (own.json) console.log(JSON.stringify(answer, null, 2))
    else if (answer.events.length === 0) console.log(nothingToExplain(rule, own.last !== undefined))
    else console.log(answer.events.map((event) => drawExplanation(rule, event)).join('\n\n'))
    return 0
  },
}

function nothingToExplain(rule: string, wasOfUnmatched: boolean): string {
  if (wasOfUnmatched) return `Of the last events of its bus there is none that ${rule} did not match.`
  return `No event has come to the bus of ${rule} yet.`
}

function eventFrom(path: string): unknown {
  const text = readFileSync(path === '-' ? 0 : path, 'utf8')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UserError(`${path} is not JSON: ${(error as Error).message}`, {
      fix: 'Give an event as EventBridge shows it.',
    })
  }
}

export function drawExplanation(rule: string, { event, matched, branches }: ExplainedEvent): string {
  const what = [event?.source, event?.['detail-type'], event?.time, event?.id].filter(Boolean).join(', ') || 'the event'
  const verdict = matched ? paint.green('matches') : paint.red('does not match')
  const nearest = branches[0]
  const others = branches.length > 1 ? [paint.dim(`  (the nearest of ${branches.length} alternatives of $or)`)] : []
  return [`${paint.bold(rule)} ${verdict} ${what}`, ...others, ...(nearest?.leaves ?? []).map(drawLeaf)].join('\n')
}

function drawLeaf(leaf: LeafExplanation): string {
  const isMatched = leaf.outcome === 'matched'
  const found = leaf.found.length > 0 ? leaf.found.join(', ') : 'nothing there'
  const line = `  ${isMatched ? paint.green('✔') : paint.red('✘')} ${leaf.path}: wanted ${leaf.wanted}, found ${found}`
  return leaf.hint ? `${line}\n    ${paint.yellow(leaf.hint)}` : line
}
