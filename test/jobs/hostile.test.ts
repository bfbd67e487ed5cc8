/** Scripts and files that mean no good: the run ends in the state that is true, and nothing of it is left. */
import { expect } from 'vitest'
import { processStart } from '../../src/engines/processes.ts'
import { test } from './engine.ts'

const session = 'from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n'

test('a child with a session of its own ends with the run that started it, succeeded or stopped', async ({ jobs }) => {
  const script =
    "import subprocess\nprint(subprocess.Popen(['sleep', '600'], start_new_session=True).pid, flush=True)\n"
  const ended = await jobs.run(script)
  const { run, printed, result } = jobs.start(`${script}import time\ntime.sleep(600)\n`)
  const child = Number(await printed)
  run.stop()
  await result

  expect(ended.end.kind).toBe('succeeded')
  expect(processStart(Number(ended.output))).toBe('')
  expect(processStart(child)).toBe('')
})

test('a script that forks without end is ended with all its children', async ({ jobs }) => {
  const script = `import os, time
print(os.getpgrp(), flush=True)
for _ in range(50):
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
time.sleep(600)
`
  const { run, printed, result } = jobs.start(script, { kind: 'shell' })
  await printed
  run.stop()
  const { end, pid } = await result

  expect(end.kind).toBe('stopped')
  expect(processStart(pid)).toBe('')
})

test('a script that loops ends at its timeout, one that leaves by the back door fails with its code', async ({
  jobs,
}) => {
  const looping = await jobs.run('while True:\n    pass\n', { timeoutSeconds: 0.3, kind: 'shell' })
  const left = await jobs.run('import os\nos._exit(3)\n', { kind: 'shell' })

  expect(looping.end.kind).toBe('timedOut')
  expect(left.end).toMatchObject({ kind: 'failed', errorMessage: 'Command failed with exit code 3' })
})

test('a script that is not Python fails as such', async ({ jobs }) => {
  const prose = await jobs.run('SELECT * FROM sales\n', { kind: 'shell' })
  const bytes = await jobs.run('\u0000\u0001', { kind: 'shell' })

  expect(prose.end).toMatchObject({
    errorMessage: expect.stringMatching(/^Error Category: SYNTAX_ERROR; Failed Line Number: 1; SyntaxError: /),
  })
  expect(bytes.end).toMatchObject({ errorMessage: expect.stringMatching(/null bytes/) })
})

test('what a script prints in masses arrives whole, with or without newlines', async ({ jobs }) => {
  const { end, output } = await jobs.run("import sys\nfor _ in range(200):\n    sys.stdout.write('x' * 100_000)\n", {
    kind: 'shell',
  })

  expect(end.kind).toBe('succeeded')
  expect(output.length).toBe(20_000_000)
})

test('a Parquet file cut in half fails the run and writes nothing', async ({ jobs }) => {
  await jobs.run(`${session}spark.range(10000).coalesce(1).write.parquet('s3://lago/whole')\n`)
  const key = jobs.keys('lago').find((name) => name.endsWith('.parquet')) ?? ''
  const whole = jobs.bytes('lago', key)
  jobs.put('lago', 'half/a.parquet', whole.subarray(0, whole.length / 2))

  const { end } = await jobs.run(`${session}spark.read.parquet('s3://lago/half').write.parquet('s3://lago/out')\n`)

  expect(end).toMatchObject({ kind: 'failed', errorMessage: expect.stringContaining('CANNOT_READ_FILE_FOOTER') })
  expect(jobs.keys('lago').filter((name) => name.startsWith('out/'))).toEqual([])
})

test('a job that fails in the middle of its write leaves nothing behind', async ({ jobs }) => {
  const { end } = await jobs.run(`${session}
from pyspark.sql import functions as F
fails = F.udf(lambda number: 1 // (number - 900), 'int')
spark.range(1000).repartition(1).select(fails('id').alias('x')).write.csv('s3://lago/out')
`)

  expect(end).toMatchObject({ kind: 'failed', errorMessage: expect.stringContaining('ZeroDivisionError') })
  expect(jobs.keys('lago')).toEqual([])
})

test('two runs that write one partition leave the rows of both', async ({ jobs }) => {
  const writing = (value: number) =>
    jobs.run(
      `${session}spark.sql("select ${value} v, 'a' p").write.mode('append').partitionBy('p').parquet('s3://lago/out')\n`,
    )
  await Promise.all([writing(1), writing(2)])

  const { output } = await jobs.run(
    `${session}print(sorted(row.v for row in spark.read.parquet('s3://lago/out').collect()))\n`,
  )

  expect(output).toBe('[1, 2]\n')
})

test('a text file in another encoding, a row of a million columns and a bomb in gzip are read or refused', async ({
  jobs,
}) => {
  jobs.put('lago', 'latin/a.csv', Buffer.from('nome\nJoão\n', 'latin1'))
  jobs.put('lago', 'wide/a.csv', `${'1,'.repeat(1_000_000)}1\n`)

  const { output } = await jobs.run(`${session}
import gzip
print(spark.read.csv('s3://lago/latin', header=True).collect()[0].nome == 'Jo\\ufffdo')
try:
    spark.read.csv('s3://lago/wide').count()
except Exception as error:
    print(str(error)[-40:])
with gzip.open('bomb.csv.gz', 'wb') as bomb:
    for _ in range(64):
        bomb.write(b'1,2\\n' * (1 << 18))
print(spark.read.csv('file:' + __import__('os').getcwd() + '/bomb.csv.gz').count())
`)

  expect(output.split('\n')).toEqual(['True', expect.stringContaining('20480'), `${64 * 2 ** 18}`, ''])
})
