/** When another instance is worth its start. */
import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { Patience } from '../../src/engines/functions/patience.ts'

test.for([
  { runs: 20, starts: 10, takesTurns: true },
  { runs: 90, starts: 10, takesTurns: false },
  { runs: 90, starts: 200, takesTurns: true },
])('what runs $runs ms and starts in $starts ms takes turns: $takesTurns', ({ runs, starts, takesTurns }) => {
  const patience = new Patience()
  patience.started('function', starts)
  patience.ran('function', runs)

  expect(patience.isQuick('function')).toBe(takesTurns)
})

test('beyond one for each processor, each further instance is waited for longer', () => {
  const patience = new Patience()
  const processors = Math.max(2, availableParallelism())
  patience.started('function', 400)
  patience.ran('function', 1)

  const [one, all, more] = [1, processors, processors + 1].map((warm) => patience.left('function', warm)) as number[]

  expect(all).toBeLessThanOrEqual(one as number)
  expect(more).toBeGreaterThan(all as number)
})
