/** The corpus on the embedded engine, held against what Spark 3.5.6 answered: each difference is known, and has its reason. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test } from '../../jobs/engine.ts'
import { corpusFolder, knownDifferences, outcomeOf, readAnswers, recorded, runnerFile } from './answers.ts'

test('the embedded engine answers as Spark does, but for the differences that are known', async ({ jobs }) => {
  const file = join(jobs.folder, 'answers.jsonl')
  const { end } = await jobs.run(readFileSync(runnerFile, 'utf8'), {
    arguments: ['job', corpusFolder, file],
    timeoutSeconds: 280,
  })

  expect(end).toMatchObject({ kind: 'succeeded' })
  const ours = readAnswers(file)
  const found = [...recorded().values()].map((spark) => [spark.name, outcomeOf(spark, ours.get(spark.name))] as const)
  const known = Object.entries(knownDifferences()).map(([name, { outcome }]) => [name, outcome])
  expect(Object.fromEntries(found.filter(([, outcome]) => outcome !== 'same'))).toEqual(Object.fromEntries(known))
}, 300_000)

test('nothing is silently different: an answer that differs has a reason that says why it does no harm', () => {
  const silent = Object.entries(knownDifferences()).filter(
    ([, { outcome, why }]) => ['different', 'no error'].includes(outcome) && why.length < 40,
  )

  expect(silent).toEqual([])
})
