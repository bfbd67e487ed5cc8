/**
 * Every recorded statement answers as Trino did, but for those of known_differences.json. A difference that is gone is
 * struck off there, so that it cannot come back unseen.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { AthenaCases, recordedCases } from './athenaCases.ts'

type Differences = Record<string, { level: 'value' | 'wrong'; reason: string }>

const path = join(import.meta.dirname, 'athena_sql/known_differences.json')
const known = JSON.parse(readFileSync(path, 'utf8')) as Differences

test('every recorded statement answers as Trino did, but for the known differences', { timeout: 600_000 }, async ({
  igarape,
}) => {
  const cases = new AthenaCases(igarape)
  await cases.prepare()
  const verdicts = await cases.run(recordedCases)

  const different = verdicts.filter(({ level }) => level !== 'exact')
  const found = Object.fromEntries(
    different.map(({ id, level, why }) => [id, known[id]?.level === level ? level : `${level}: ${why}`]),
  )
  const listed = Object.fromEntries(Object.entries(known).map(([id, { level }]) => [id, level]))
  expect(verdicts).toHaveLength(recordedCases.length)
  expect(found).toEqual(listed)
})

test('every known difference has its reason', () => {
  expect(Object.values(known).filter(({ reason }) => reason.length < 20)).toEqual([])
})
