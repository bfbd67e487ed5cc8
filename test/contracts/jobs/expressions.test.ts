/** Two thousand generated expressions on the embedded engine, held against what Spark 3.5.6 answered: each difference has its reason. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test } from '../../jobs/engine.ts'
import { type Answer, contractFolder, type Outcome, outcomeOf, readAnswers } from './answers.ts'

interface Column extends Answer {
  type?: string
  values?: (string | null)[]
}

interface Group {
  outcome: Outcome | 'type only'
  why: string
  expressions: string[]
}

const differences: Group[] = JSON.parse(readFileSync(join(contractFolder, 'expression-differences.json'), 'utf8'))
const script = `import sys
sys.path.insert(0, ${JSON.stringify(contractFolder)})
from expressions import main
main(*sys.argv[1:])
`

test('a generated expression has the value that it has in Spark, or fails, but for the differences that are known', async ({
  jobs,
}) => {
  const spark = readAnswers(join(contractFolder, 'expressions-spark-3.5.6.jsonl'))
  const [file, failing] = [join(jobs.folder, 'answers.jsonl'), join(jobs.folder, 'failing.json')]
  writeFileSync(failing, JSON.stringify(failingIn(spark)))

  const { end } = await jobs.run(script, { arguments: ['job', file, failing], timeoutSeconds: 280 })

  expect(end).toMatchObject({ kind: 'succeeded' })
  const ours = readAnswers(file)
  expect([...ours.keys()]).toEqual([...spark.keys()])
  const found = [...spark.values()].map((answer) => [answer.name, outcome(answer, ours.get(answer.name))])
  const known = differences.flatMap(({ outcome, expressions }) => expressions.map((name) => [name, outcome]))
  expect(Object.fromEntries(found.filter(([, outcome]) => outcome !== 'same'))).toEqual(Object.fromEntries(known))
}, 300_000)

function outcome(spark: Column, ours: Column | undefined): Group['outcome'] {
  const found = outcomeOf({ ...spark, answer: spark.values }, ours && { ...ours, answer: ours.values })
  return found === 'same' && spark.type !== ours?.type ? 'type only' : found
}

/** Those that fail are asked alone from the start; the others go together. */
function failingIn(spark: Map<string, Answer>): string[] {
  const bearable: Group['outcome'][] = ['different', 'no error', 'type only']
  const known = differences.filter(({ outcome }) => !bearable.includes(outcome))
  const both = [...spark.values()].filter(({ error }) => error !== undefined)
  return [...new Set([...known.flatMap(({ expressions }) => expressions), ...both.map(({ name }) => name)])]
}
