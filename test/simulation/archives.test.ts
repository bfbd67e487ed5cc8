import { expect, test } from 'vitest'
import { simulateArchives } from './archives.ts'

const seeds = 80
const chunk = 20

for (let first = 1; first <= seeds; first += chunk) {
  test(`archives hold exactly what matched, and replays end, over kills at any write, seeds ${first} to ${first + chunk - 1}`, async () => {
    for (let seed = first; seed < first + chunk; seed++) {
      const { wrong } = await simulateArchives(seed)
      expect(wrong, `replay with: npm run sim -- --seed ${seed}`).toEqual([])
    }
  }, 180_000)
}
