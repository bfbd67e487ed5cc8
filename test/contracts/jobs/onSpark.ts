/** Tests of jobs, which are written for no engine, as tests of Apache Spark where it is installed. */
import { test, vi } from 'vitest'
import { everyRun } from '../../glue/runs.ts'
import { installed } from '../../glue/standaloneSpark.ts'

/** `tests` imports their files. */
export async function onSpark(title: string, more: Record<string, string>, tests: () => Promise<void>): Promise<void> {
  if (installed) {
    vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })
    everyRun.arguments = { '--igarape-engine': 'spark', ...more }
    await tests()
  } else {
    console.warn(`Apache Spark is not installed (\`igarape install spark\`): not tried: ${title}.`)
    test.skip(title, () => undefined)
  }
}
