/** Tests of many seeds, two files of them, so that two processes share the work. */
import { expect, test } from 'vitest'
import { runSeeds, type Tally } from './many.ts'

const chunk = 100

export function testSeeds(from: number, count: number): void {
  for (let first = from; first < from + count; first += chunk) {
    test(`all that was acknowledged is delivered, dead, or dropped by its policy, seeds ${first} to ${first + chunk - 1}`, async () => {
      expect(failures(await runSeeds({ from: first, count: chunk }))).toEqual([])
    }, 600_000)
  }
}

/** A line each, with what makes it happen again. */
export function failures({ failed }: Tally): string[] {
  return failed.map(
    ({ seed, findings }) => `npm run sim -- --seed ${seed}: ${findings.map(({ text }) => text).join('; ')}`,
  )
}
