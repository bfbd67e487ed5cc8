/** When scheduled rules are due: a row each, moved on by every firing. */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { nextAfter, parseSchedule } from '../../engines/schedules/scheduleExpressions.ts'
import type { Rule } from './rules.ts'

export interface ScheduledRule extends Due {
  bus: string
  rule: string
  /** What the row was planned for: a changed expression plans anew. */
  expression: string
}

export const scheduledRules = dueQueue<ScheduledRule>('eventbridge/scheduled-rules')

/** Called with every change of a rule. An unchanged schedule keeps its time. */
export function planSchedule(tx: Tx, rule: Rule): void {
  const id = `${rule.bus}/${rule.name}`
  const planned = tx.due(scheduledRules).get(id)
  if (!rule.schedule || rule.state === 'DISABLED') {
    if (planned) tx.due(scheduledRules).delete(id)
    return
  }
  if (planned?.expression !== rule.schedule) planNext(tx, rule, rule.schedule, tx.now)
}

/** After `last`, and not in the past: times that passed while the server was down are not made up for. */
export function planNext(tx: Tx, rule: Pick<Rule, 'bus' | 'name'>, expression: string, last: Millis): void {
  const id = `${rule.bus}/${rule.name}`
  const schedule = parseSchedule(expression)
  let dueAt = nextAfter(schedule, last)
  if (dueAt !== undefined && dueAt <= tx.now && schedule.kind === 'rate') {
    const missed = Math.floor((tx.now - dueAt) / schedule.periodMillis) + 1
    dueAt += missed * schedule.periodMillis
  } else if (dueAt !== undefined && dueAt <= tx.now) dueAt = nextAfter(schedule, tx.now)
  if (dueAt === undefined) tx.due(scheduledRules).delete(id)
  else tx.due(scheduledRules).put({ id, dueAt, bus: rule.bus, rule: rule.name, expression })
}
