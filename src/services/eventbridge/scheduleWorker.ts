/** Fires scheduled rules. The event goes to the rule's own targets only: no pattern ever sees it. */
import type { Tx } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { newTraceId } from '../../observe/traces.ts'
import { router } from './routing.ts'
import { type Rule, ruleArn, rules } from './rules.ts'
import { planNext, type ScheduledRule, scheduledRules } from './schedules.ts'

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
  router(tx).fire(tx, rule, { ...names, id, json, ingestedAt: tx.now, forwards: 0 }, tx.trace)
}
