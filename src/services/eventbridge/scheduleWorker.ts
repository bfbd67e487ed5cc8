/**
 * Fires scheduled rules: one commit sends the event on and moves the rule to its next time. The event goes to the rule's
 * own targets only: no pattern ever sees it.
 */
import type { Tx } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { newTraceId } from '../../observe/traces.ts'
import { router } from './routing.ts'
import { type Rule, ruleArn, rules } from './rules.ts'
import { eventAgeMillisMax, planNext, type ScheduledRule, scheduledRules } from './schedules.ts'
import type { RuleTarget } from './targets.ts'

/** AWS fires within the minute: what comes in it is not late. */
const precisionMillis = 60_000

export const scheduleWorker = worker('eventbridge/schedules', {
  queue: scheduledRules,
  async run(item, ctx) {
    const trace = { traceId: newTraceId(ctx.clock, ctx.random) }
    await ctx.commit((tx) => {
      const planned = tx.due(scheduledRules).get(item.id)
      // The rule may have been changed or deleted since the row was read.
      if (planned?.dueAt !== item.dueAt) return
      const rule = tx.in(rules).get(item.bus, item.rule)
      if (!rule?.schedule) return tx.due(scheduledRules).delete(item.id)
      fire(tx.at({ trace }), rule, item)
      planNext(tx, rule, rule.schedule, item.dueAt)
    })
  },
})

function fire(tx: Tx, rule: Rule, item: ScheduledRule): void {
  const late = tx.now - item.dueAt
  const targets = rule.targets.flatMap((target) => stillWanted(target, late))
  if (targets.length < rule.targets.length || late > eventAgeMillisMax) tellMissed(tx, rule, item)
  if (late > eventAgeMillisMax) return
  const id = tx.random.uuid()
  const json = JSON.stringify({
    version: '0',
    id,
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: tx.account,
    time: `${new Date(item.dueAt).toISOString().slice(0, 19)}Z`,
    region: tx.region,
    resources: [ruleArn(rule, tx)],
    detail: {},
  })
  const names = { source: 'aws.events', detailType: 'Scheduled Event', account: tx.account }
  router(tx).fire(tx, { ...rule, targets }, { ...names, id, json, ingestedAt: tx.now, forwards: 0 }, tx.trace)
}

/** The age of an event that is fired late counts from its time; a target that takes no events so old gets none. */
function stillWanted(target: RuleTarget, late: number): RuleTarget[] {
  if (late < precisionMillis) return [target]
  const { MaximumEventAgeInSeconds = eventAgeMillisMax / 1000 } = target.RetryPolicy ?? {}
  const left = Math.floor(MaximumEventAgeInSeconds - late / 1000)
  return left < 0 ? [] : [{ ...target, RetryPolicy: { ...target.RetryPolicy, MaximumEventAgeInSeconds: left } }]
}

function tellMissed(tx: Tx, rule: Rule, item: ScheduledRule): void {
  tx.hop({
    service: 'eventbridge',
    action: 'missed',
    resource: rule.name,
    status: 'failed',
    error: 'The time passed while the server was down, longer ago than the maximum event age.',
    detail: { scheduledTime: new Date(item.dueAt).toISOString() },
  })
}
