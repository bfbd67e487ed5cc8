/** A short run of `npm run torture`, for every change. The seed is printed; the kernel decides the rest. */
import { expect, test } from 'vitest'
import { torture } from './torture.ts'

const rounds = 20

test('twenty kills under load lose nothing that was acknowledged', async () => {
  const seed = Number(process.env.IGARAPE_SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`seed ${seed}`)

  const { rows, lost, processesLeft } = await torture({ rounds, seed })

  expect(lost).toEqual([])
  expect(rows.filter(({ contract, duplicates }) => contract === 'once' && duplicates > 0)).toEqual([])
  expect(processesLeft).toEqual([])
  expect(rows.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(rounds * 10)
}, 240_000)
