/** Plans whose every write of the disk is a place to be killed at, one run each; and a disk that lies. */
import { expect, test } from 'vitest'
import { runBoundaries } from './many.ts'
import type { Plan } from './plan.ts'
import { planFrom } from './randomPlan.ts'
import { failures } from './seeds.ts'
import { drawPlan, shrink } from './shrink.ts'
import { simulate } from './simulate.ts'

for (const seed of [3, 17, 42, 77, 128]) {
  test(`a kill at any write of seed ${seed} loses nothing`, async () => {
    const tally = await runBoundaries(seed)

    expect(tally.kills).toBeGreaterThan(20)
    expect(failures(tally)).toEqual([])
  }, 600_000)
}

/** Killed early in each round: what it forgot had been answered a moment ago. */
function liar(seed: number): Plan {
  const { rounds, ...plan } = planFrom(seed)
  const killed = rounds.map((round, at) => ({ ...round, killAtWrite: 2 + ((seed + at) % 6) }))
  return { ...plan, rounds: killed, forgets: true }
}

test('a disk that forgets what it said it had is found out, by a plan that fits on a page', async () => {
  for (const plan of Array.from({ length: 40 }, (_, at) => liar(at + 1))) {
    const { findings } = await simulate(plan)
    const [lost] = findings.filter(({ kind }) => kind === 'lost')
    if (!lost) continue
    const small = await shrink(plan, lost)

    expect(small.rounds.flatMap(({ writes }) => writes).length).toBeLessThan(10)
    expect(drawPlan(small).split('\n').length).toBeLessThan(25)
    return
  }
  expect.fail('no plan has found it')
}, 600_000)
