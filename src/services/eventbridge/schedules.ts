/**
 * When scheduled rules are due: a row each, moved on by every firing. Times that pass while the server is down are
 * fired late, each with its own time, as far back as EventBridge keeps an event: a day.
 */
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

export const eventAgeMillisMax = 86_400_000

/** Called with every change of a rule. An unchanged schedule keeps its time. */
export function planSchedule(tx: Tx, rule: Rule): void {
  const id = idOf(rule)
  const planned = tx.due(scheduledRules).get(id)
  if (!rule.schedule || rule.state === 'DISABLED') {
    if (planned) tx.due(scheduledRules).delete(id)
    return
  }
  if (planned?.expression !== rule.schedule) planNext(tx, rule, rule.schedule, tx.now)
}

/** The first time after `last` that is not older than a day. */
export function planNext(tx: Tx, rule: Pick<Rule, 'bus' | 'name'>, expression: string, last: Millis): void {
  const id = idOf(rule)
  const dueAt = nextAfter(parseSchedule(expression), last, tx.now - eventAgeMillisMax)
  if (dueAt === undefined) tx.due(scheduledRules).delete(id)
  else tx.due(scheduledRules).put({ id, dueAt, bus: rule.bus, rule: rule.name, expression })
}

function idOf({ bus, name }: Pick<Rule, 'bus' | 'name'>): string {
  return `${bus}/${name}`
}
