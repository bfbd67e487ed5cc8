/** Scripts over tables of the Catalog, run as a job of a server's: what came of each, held against Spark's recorded answer. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Igarape } from '../../../src/testkit/server.ts'
import { jobBench } from '../../glue/runs.ts'
import { type Answer, contractFolder, outcomeOf, readAnswers, runnerFile } from './answers.ts'

/** By its name, each script of a folder that does not end as it does with Spark. */
export async function othersThanSpark(igarape: Igarape, folder: string): Promise<Record<string, string>> {
  const jobs = await jobBench(igarape)
  // As a module: a script is looked through for what only Spark in its classic mode has.
  await jobs.put('code/corpus.py', readFileSync(runnerFile))
  await jobs.job('tabelas', `import corpus\ncorpus.main('job', '${contractFolder}/${folder}')\n`, {
    DefaultArguments: { '--enable-glue-datacatalog': 'true', '--extra-py-files': 's3://lago/code/corpus.py' },
  })

  const { run, lines } = await jobs.run('tabelas')

  expect(run.ErrorMessage).toBeUndefined()
  const answers = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Answer)
  const ours = new Map(answers.map((answer) => [answer.name, answer]))
  const spark = readAnswers(join(contractFolder, `${folder}-spark-3.5.6.jsonl`))
  const found = [...spark.values()].map((answer) => [answer.name, outcomeOf(answer, ours.get(answer.name))] as const)
  return Object.fromEntries(found.filter(([, outcome]) => outcome !== 'same'))
}
