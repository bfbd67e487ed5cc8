/** The examples of PySpark's own documentation on the embedded engine: each that does not come out as printed has its verdict. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test } from '../../jobs/engine.ts'
import { contractFolder } from './answers.ts'

interface Verdict {
  verdict: 'harmless' | 'refused' | 'error' | 'not in Spark 3.5' | 'open'
  why: string
  /** By name, what the worst of its examples is. */
  docstrings: Record<string, string>
}

const verdicts: Verdict[] = JSON.parse(readFileSync(join(contractFolder, 'doctests.json'), 'utf8'))
const script = `import sys
sys.path.insert(0, ${JSON.stringify(contractFolder)})
from doctests import main
main(*sys.argv[1:])
`

const emptyCatalog = (operation: string) =>
  Promise.reject(Object.assign(new Error(operation), { name: 'EntityNotFoundException' }))

test("an example of PySpark's documentation comes out as it is printed, but for those that have a verdict", async ({
  jobs,
}) => {
  const file = join(jobs.folder, 'answers.jsonl')

  const { end } = await jobs.run(script, { arguments: ['job', file], timeoutSeconds: 580 }, { glue: emptyCatalog })

  expect(end).toMatchObject({ kind: 'succeeded' })
  const found = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { name: string; outcome: string })
  expect(found.length).toBeGreaterThan(800)
  const others = found.filter(({ outcome }) => outcome !== 'same').map(({ name, outcome }) => [name, outcome])
  const known = verdicts.flatMap(({ docstrings }) => Object.entries(docstrings))
  expect(Object.fromEntries(others)).toEqual(Object.fromEntries(known))
}, 600_000)

test('no example is silently different without a verdict that says why it does no harm, or that it is open', () => {
  const silent = verdicts.filter(({ docstrings }) =>
    Object.values(docstrings).some((outcome) => ['different', 'no error'].includes(outcome)),
  )

  expect(silent.filter(({ verdict, why }) => !['harmless', 'open'].includes(verdict) && why.length < 40)).toEqual([])
})
