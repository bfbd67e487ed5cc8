/** The corpus on Apache Spark itself, where it is installed: what is recorded is still what Spark answers. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { findSpark } from '../../../src/engines/jobs/sparkInstallation.ts'
import { test } from '../../jobs/engine.ts'
import { corpusFolder, outcomeOf, readAnswers, recorded, runnerFile } from './answers.ts'

const isInstalled = findSpark(join(homedir(), '.igarape')) !== undefined
if (!isInstalled)
  console.warn('Apache Spark is not installed (`igarape install spark`): its own answers are not asked again.')

test.runIf(isInstalled)(
  'Apache Spark gives the answers that are recorded',
  async ({ jobs }) => {
    const file = join(jobs.folder, 'answers.jsonl')
    const { end } = await jobs.run(readFileSync(runnerFile, 'utf8'), {
      kind: 'apache',
      arguments: ['job', corpusFolder, file],
      timeoutSeconds: 1700,
      // Each case leaves something in Java's caches.
      memoryBytesMax: 8 * 2 ** 30,
      spark: { master: 'local[2]', threads: 2 },
    })

    expect(end).toMatchObject({ kind: 'succeeded' })
    const now = readAnswers(file)
    const changed = [...recorded().values()].filter((answer) => outcomeOf(answer, now.get(answer.name)) !== 'same')
    expect(changed.map(({ name }) => name)).toEqual([])
  },
  1_800_000,
)
