/**
 * Values grow older: seconds become minutes, minutes become five, those become hours, and hours go. One row a tier waits
 * until its oldest span is old enough; a server without metrics has no row, and is never woken.
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { Remembered } from '../../delivery/remembered.ts'
import { singleton } from '../../delivery/singleton.ts'
import { metrics } from './metrics.ts'
import { addToSlot, type Slot, slots, spanOf, type Tier, tiers } from './slots.ts'

interface RollUp extends Due {
  tier: Tier
}

const rollUps = dueQueue<RollUp>('cloudwatch/roll-ups')

const slotsInOneCommit = 2_000
const metricsInOneCommit = 500

/** Accounts, regions and tiers. */
const plansMax = 10_000

/** When a tier is rolled up next, at the latest: each value asks. */
const knownPlans = singleton('metric roll-ups', ({ store }) => new Remembered<Millis>(store, plansMax))

/** Called with each value that is kept: only the first of an oldest span plans anything. */
export function planRollUp(tx: Tx, tier: Tier, at: Millis): void {
  const dueAt = endOfSpan(tier, spanOf(tier, at))
  const known = tx.use(knownPlans).get(planKey(tx, tier))
  if (known !== undefined && known <= dueAt) return
  const id = String(tier)
  const planned = tx.due(rollUps).get(id)
  const isEarlier = !planned || planned.dueAt > dueAt
  if (isEarlier) tx.due(rollUps).put({ id, tier, dueAt })
  remember(tx, tier, isEarlier ? dueAt : planned.dueAt)
}

function remember(tx: Tx, tier: Tier, dueAt: Millis): void {
  tx.afterApply(() => tx.use(knownPlans).set(planKey(tx, tier), dueAt))
}

function planKey({ account, region }: Tx, tier: Tier): string {
  return `${account}/${region}/${tier}`
}

function endOfSpan(tier: Tier, span: Millis): Millis {
  const { keptMillis, spanMillis } = tiers.find((each) => each.tier === tier) as (typeof tiers)[number]
  return span + spanMillis + keptMillis
}

export const rollUpWorker = worker('cloudwatch/roll-ups', {
  queue: rollUps,
  async run(item, ctx) {
    let left = true
    while (left) left = await ctx.commit((tx) => rollUpSome(tx, item))
    if (item.tier === 3600) {
      let after: string[] | undefined = []
      while (after) after = await ctx.commit((tx) => forgetMetrics(tx, after as string[]))
    }
  },
})

/** Whether some are left. */
function rollUpSome(tx: Tx, { id, tier }: RollUp): boolean {
  tx.afterApply(() => tx.use(knownPlans).forget(planKey(tx, tier)))
  const first = tx.in(slots).first({ prefix: [tier] })
  if (!first) {
    tx.due(rollUps).delete(id)
    return false
  }
  const span = spanOf(tier, first.start)
  const dueAt = endOfSpan(tier, span)
  if (dueAt > tx.now) {
    tx.due(rollUps).put({ id, tier, dueAt })
    return false
  }
  for (const slot of [...tx.in(slots).list({ prefix: [tier, span], limit: slotsInOneCommit })]) rollUp(tx, slot)
  return true
}

function rollUp(tx: Tx, slot: Slot): void {
  const { tier, start, metric, unit, ...distribution } = slot
  tx.in(slots).delete(tier, spanOf(tier, start), metric, start, unit)
  const next = tiers[tiers.findIndex((each) => each.tier === tier) + 1]?.tier
  if (next === undefined) return
  addToSlot(tx, { metric, at: start, unit, tier: next }, distribution)
  planRollUp(tx, next, start)
}

/** Metrics whose last value is gone go too; answers after which to go on. */
function forgetMetrics(tx: Tx, after: string[]): string[] | undefined {
  const oldest = tx.now - (tiers.at(-1) as (typeof tiers)[number]).keptMillis
  const range = after.length > 0 ? { after, limit: metricsInOneCommit } : { limit: metricsInOneCommit }
  const found = [...tx.in(metrics).list(range)]
  for (const { namespace, name, id, putAt } of found) if (putAt < oldest) tx.in(metrics).delete(namespace, name, id)
  const last = found.at(-1)
  return last && found.length === metricsInOneCommit ? [last.namespace, last.name, last.id] : undefined
}
