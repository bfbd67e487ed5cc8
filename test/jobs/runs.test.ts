/** A run's life: its output, its errors, its limits, and that nothing of it is left. */
import { expect } from 'vitest'
import { endOrphan } from '../../src/engines/jobs/orphans.ts'
import { processStart } from '../../src/engines/processes.ts'
import { test } from './engine.ts'

test('a script runs as the main module with its arguments and environment, and its output arrives', async ({
  jobs,
}) => {
  const { end, output } = await jobs.run(
    `import os, sys
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ['JOB_NAME', 'day'])
print(__name__, args['JOB_NAME'], args['day'], os.environ['GREETING'], os.getcwd() == os.path.dirname(sys.argv[0]))
`,
    { arguments: ['--JOB_NAME', 'vendas', '--day=2025-10-20'], environment: { GREETING: 'olá' } },
  )

  expect(end).toMatchObject({ kind: 'succeeded' })
  expect(output).toBe('__main__ vendas 2025-10-20 olá True\n')
})

test('a script that raises fails with its exception and the line of it', async ({ jobs }) => {
  const { end, errors } = await jobs.run('import json\n\njson.loads("{")\n')

  expect(end).toMatchObject({
    kind: 'failed',
    errorMessage:
      'Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 3; JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)',
  })
  expect(errors).toMatch(/^Traceback \(most recent call last\):\n {2}File ".*script.py", line 3, in <module>/)
})

test('a missing argument is an argument error, and sys.exit(1) a failure', async ({ jobs }) => {
  const missing = await jobs.run(
    "import sys\nfrom awsglue.utils import getResolvedOptions\ngetResolvedOptions(sys.argv, ['bucket'])\n",
  )
  const exited = await jobs.run('import sys\nsys.exit(3)\n')
  const left = await jobs.run('import sys\nsys.exit(0)\n')

  expect(missing.end).toMatchObject({
    errorMessage:
      'Error Category: INVALID_ARGUMENT_ERROR; Failed Line Number: 3; GlueArgumentError: the following arguments are required: --bucket',
  })
  expect(exited.end).toMatchObject({
    kind: 'failed',
    errorMessage: 'Error Category: SYSTEM_EXIT_ERROR; Failed Line Number: 2; SystemExit: 3',
  })
  expect(left.end).toMatchObject({ kind: 'succeeded' })
})

test('a stopped run ends within two seconds with all that it started', async ({ jobs }) => {
  const { run, printed, result } = jobs.start(
    "import subprocess, time\nprint(subprocess.Popen(['sleep', '600']).pid, flush=True)\ntime.sleep(600)\n",
  )
  const child = Number(await printed)
  const before = performance.now()
  run.stop()
  const { end } = await result

  expect(end.kind).toBe('stopped')
  expect(performance.now() - before).toBeLessThan(2000)
  expect(processStart(child)).toBe('')
})

test('a run that takes longer than its timeout is ended, and one that takes too much memory too', async ({ jobs }) => {
  const slow = await jobs.run('import time\ntime.sleep(60)\n', { timeoutSeconds: 0.3 })
  const big = await jobs.run('x = [bytearray(50_000_000) for _ in range(100)]\nimport time\ntime.sleep(60)\n', {
    memoryBytesMax: 900 * 2 ** 20,
  })

  expect(slow.end.kind).toBe('timedOut')
  expect(big.end.kind).toBe('outOfMemory')
  expect(processStart(big.pid)).toBe('')
})

test('an orphan is ended only if it is still the same process', async ({ jobs }) => {
  const { pid: beginning, result } = jobs.start('import time\ntime.sleep(600)\n')
  const pid = await beginning
  endOrphan({ pid, startedAt: 'another start' })
  const alive = processStart(pid) !== ''
  endOrphan({ pid, startedAt: processStart(pid) })

  expect(alive).toBe(true)
  expect((await result).end).toMatchObject({ kind: 'failed', errorMessage: 'Command failed with signal SIGKILL' })
})

test('a Python shell job runs without Spark and finds boto3 and pandas', async ({ jobs }) => {
  const { end, output } = await jobs.run("import boto3, pandas, sys\nprint('pysail' in sys.modules)\n", {
    kind: 'shell',
  })

  expect(end).toMatchObject({ kind: 'succeeded' })
  expect(output).toBe('False\n')
})
