/** Many runs, a few at once: while one waits for a full disk's second, the others go on. */
import { simulateArchives } from './archives.ts'
import type { Finding } from './check.ts'
import type { Plan } from './plan.ts'
import { planFrom } from './randomPlan.ts'
import { simulateSchedules } from './schedules.ts'
import { simulate } from './simulate.ts'

export interface Tally {
  /** Runs so far. */
  seeds: number
  kills: number
  acknowledged: number
  failed: { seed: number; findings: Finding[] }[]
}

const atOnce = 4

export async function runSeeds(range: {
  from: number
  count: number
  onTally?: (tally: Tally) => void
  /** Every so-manieth seed also plays with schedules, and with archives and replays, which takes longer. */
  servicesEach?: number
}): Promise<Tally> {
  const { from, count } = range
  const plans = Array.from({ length: count }, (_, at) => () => planFrom(from + at))
  const tally = await runPlans(plans, range.onTally)
  for (let seed = from; seed < from + count; seed++) {
    if (range.servicesEach === undefined || seed % range.servicesEach !== 0) continue
    for (const [kind, play] of [
      ['schedule', simulateSchedules],
      ['archive', simulateArchives],
    ] as const) {
      const { wrong, kills } = await play(seed)
      tally.kills += kills
      if (wrong.length > 0) tally.failed.push({ seed, findings: wrong.map((text) => ({ kind, text })) })
    }
    range.onTally?.(tally)
  }
  return tally
}

/** The same plan, killed at each write of each round in turn. */
export async function runBoundaries(seed: number): Promise<Tally> {
  const calm = structuredClone(planFrom(seed))
  for (const round of calm.rounds) {
    delete round.killAtWrite
    delete round.full
  }
  const { writesByRound } = await simulate(calm)
  const plans = writesByRound.flatMap((writes, round) =>
    Array.from({ length: writes }, (_, at) => () => {
      const plan = structuredClone(calm)
      const killed = plan.rounds[round]
      if (killed) killed.killAtWrite = at + 1
      return plan
    }),
  )
  return runPlans(plans)
}

async function runPlans(plans: (() => Plan)[], onTally: (tally: Tally) => void = () => undefined): Promise<Tally> {
  const tally: Tally = { seeds: 0, kills: 0, acknowledged: 0, failed: [] }
  const waiting = plans.values()
  const lane = async () => {
    for (const make of waiting) {
      const plan = make()
      const { findings, kills, acknowledged } = await simulate(plan)
      tally.seeds++
      tally.kills += kills
      tally.acknowledged += acknowledged
      if (findings.length > 0) tally.failed.push({ seed: plan.seed, findings })
      onTally(tally)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return tally
}
