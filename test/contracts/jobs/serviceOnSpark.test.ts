/**
 * The Catalog's tables, bookmarks and the corpus of Glue scripts on Apache Spark where it is installed: the same tests as on the
 * embedded engine, with the same rows.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { test, vi } from 'vitest'
import { findSpark } from '../../../src/engines/jobs/sparkInstallation.ts'
import { everyRun } from '../../glue/runs.ts'

if (findSpark(join(homedir(), '.igarape'))) {
  vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })
  everyRun.arguments = { '--igarape-engine': 'spark' }
  await import('../../glue/corpus.test.ts')
  await import('../../glue/catalogFrames.test.ts')
  await import('./tables.test.ts')
  // It moves the clock.
  await import('../../glue/bookmarks.test.ts')
} else {
  console.warn(
    'Apache Spark is not installed (`igarape install spark`): the Catalog and bookmarks are not tried on it.',
  )
  test.skip('the Catalog and bookmarks on Apache Spark', () => undefined)
}
