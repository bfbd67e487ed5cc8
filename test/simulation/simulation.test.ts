import { expect, test } from 'vitest'
import { simulate } from './simulate.ts'

const seeds = 200
const chunk = 20

for (let first = 1; first <= seeds; first += chunk) {
  test(`nothing acknowledged is lost over kills at random points, seeds ${first} to ${first + chunk - 1}`, async () => {
    for (let seed = first; seed < first + chunk; seed++) {
      const { missing } = await simulate(seed)
      expect(missing, `replay with: npm run sim -- --seed ${seed}`).toEqual([])
    }
  }, 120_000)
}
