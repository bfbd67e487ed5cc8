import { expect, test } from 'vitest'
import { simulateSchedules } from './schedules.ts'

const seeds = 80
const chunk = 20

for (let first = 1; first <= seeds; first += chunk) {
  test(`every time of every schedule is fired, over kills and jumps of the clock, seeds ${first} to ${first + chunk - 1}`, async () => {
    for (let seed = first; seed < first + chunk; seed++) {
      const { wrong } = await simulateSchedules(seed)
      expect(wrong, `replay with: npm run sim -- --seed ${seed}`).toEqual([])
    }
  }, 120_000)
}
