/**
 * What scripts make of DynamicFrames and of their formats, on Apache Spark where it is installed: the same tests as on the embedded
 * engine, with the same rows.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { test, vi } from 'vitest'
import { findSpark } from '../../../src/engines/jobs/sparkInstallation.ts'
import { scripts } from '../../jobs/engine.ts'

if (findSpark(join(homedir(), '.igarape'))) {
  vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })
  scripts.kind = 'apache'
  await import('../../jobs/dynamicFrames.test.ts')
  await import('../../jobs/formats.test.ts')
} else {
  console.warn('Apache Spark is not installed (`igarape install spark`): the library of Glue is not tried on it.')
  test.skip('the library of Glue on Apache Spark', () => undefined)
}
