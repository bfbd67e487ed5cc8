/** AWS's special parameters of jobs: each does what it says, is told of in the log, or is refused by its name. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CloudWatchClient, GetMetricStatisticsCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateJobCommand, GlueClient, StartJobRunCommand, UpdateJobCommand } from '@aws-sdk/client-glue'
import { strToU8, zipSync } from 'fflate'
import { expect } from 'vitest'
import { specialParameters } from '../../src/services/glue/jobParameters.ts'
import { test } from '../fixture.ts'
import { jobBench } from './runs.ts'

test('modules, files, settings and variables that a job names are there when its script begins', async ({
  igarape,
}) => {
  const jobs = await jobBench(igarape)
  await jobs.put('lib/contas.py', 'def dobro(x):\n    return 2 * x\n')
  await jobs.put('lib/regras.zip', zipOf({ 'regras/__init__.py': 'NOME = "regras"\n' }))
  await jobs.put('lib/limites.json', '{"max": 7}')
  await jobs.put('lib/pacote_local-1.0-py3-none-any.whl', wheelOf('pacote_local', 'VALOR = "instalado"\n'))
  await jobs.put(
    'other.py',
    `import sys, os, json
from contas import dobro
from regras import NOME
import pacote_local
from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession
args = getResolvedOptions(sys.argv, ['JOB_NAME', 'TempDir', 'meu_dia'])
spark = SparkSession.builder.getOrCreate()
print(dobro(4), NOME, pacote_local.VALOR, json.load(open('limites.json'))['max'], os.environ['CUSTOMER_FASE'])
print(args['TempDir'], args['meu_dia'], spark.conf.get('spark.sql.shuffle.partitions'), spark.conf.get('spark.sql.session.timeZone'))
`,
  )
  await jobs.job('tudo', 'raise SystemExit(9)', {
    DefaultArguments: {
      '--scriptLocation': 's3://lago/other.py',
      '--extra-py-files': 's3://lago/lib/contas.py,s3://lago/lib/regras.zip',
      '--extra-files': 's3://lago/lib/limites.json',
      '--additional-python-modules': 's3://lago/lib/pacote_local-1.0-py3-none-any.whl',
      '--python-modules-installer-option': '--no-deps --no-index',
      '--customer-driver-env-vars': 'CUSTOMER_FASE=teste,CUSTOMER_OUTRA=x',
      '--conf': 'spark.sql.shuffle.partitions=3 --conf spark.sql.session.timeZone=America/Sao_Paulo',
      '--TempDir': 's3://lago/temp/',
      '--meu_dia': '-1',
      '--enable-job-insights': '',
      '--enable-spark-ui': 'true',
      '--enable-auto-scaling': 'false',
    },
  })

  const { run, lines } = await jobs.run('tudo')

  expect(run).toMatchObject({ JobRunState: 'SUCCEEDED' })
  expect(lines).toEqual(['8 regras instalado 7 teste', 's3://lago/temp/ -1 3 America/Sao_Paulo'])
  const logs = igarape.client(CloudWatchLogsClient)
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/aws-glue/jobs/error' }))
  expect(events.map(({ message }) => message).filter((message) => message?.includes('has no effect'))).toEqual([
    'The job parameter --enable-job-insights has no effect here: the error message of a run names its line already.',
    'The job parameter --enable-spark-ui has no effect here: the embedded engine has no Spark UI, and writes no event logs.',
  ])
})

test('what cannot be done is refused when the job is made, changed or started', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const jobs = await jobBench(igarape)
  const Command = { Name: 'glueetl', ScriptLocation: 's3://lago/scripts/x.py' }
  await jobs.job('x', '')
  const create = (DefaultArguments: Record<string, string>) =>
    glue.send(new CreateJobCommand({ Name: 'y', Role: 'glue', Command, DefaultArguments }))

  await expect(create({ '--datalake-formats': 'iceberg' })).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('The job parameter --datalake-formats'),
  })
  await expect(create({ '--job-bookmark-option': 'sim' })).rejects.toMatchObject({ name: 'InvalidInputException' })
  const start = glue.send(new StartJobRunCommand({ JobName: 'x', Arguments: { '--user-jars-first': 'true' } }))
  await expect(start).rejects.toMatchObject({ name: 'NotImplemented' })
  const ofPlainSpark = { '--job-language': 'scala', '--job-bookmark-option': 'job-bookmark-enable' }
  const JobUpdate = { Role: 'glue', Command, DefaultArguments: ofPlainSpark }
  await expect(glue.send(new UpdateJobCommand({ JobName: 'x', JobUpdate }))).rejects.toMatchObject({
    name: 'NotImplemented',
  })
})

test('a module that cannot be installed and a setting that is not covered fail the run and say why', async ({
  igarape,
}) => {
  const jobs = await jobBench(igarape)
  await jobs.job('x', 'print(1)')

  const missing = await jobs.run('x', {
    '--additional-python-modules': 'nao-existe-mesmo==1.0',
    '--python-modules-installer-option': '--no-index',
  })
  const setting = await jobs.run('x', { '--conf': 'spark.sql.ansi.enabled=true' })

  expect(missing.run.ErrorMessage).toMatch(
    /^LAUNCH ERROR \| The Python modules nao-existe-mesmo==1.0 could not be installed: /,
  )
  expect(setting.run.ErrorMessage).toContain('UNSUPPORTED_OPERATION_ERROR')
  expect(setting.run.ErrorMessage).toContain('spark.sql.ansi.enabled')
})

test('a continuous log has what the script prints, in the group and stream that the job names', async ({ igarape }) => {
  const jobs = await jobBench(igarape)
  const script = 'import sys\nprint("saída")\nprint("erro", file=sys.stderr)\n'
  await jobs.job('x', script, {
    Command: { Name: 'pythonshell', ScriptLocation: 's3://lago/scripts/x.py', PythonVersion: '3.9' },
  })

  const { run } = await jobs.run('x', {
    '--enable-continuous-cloudwatch-log': 'true',
    '--continuous-log-logGroup': '/minhas/tarefas',
    '--continuous-log-logStreamPrefix': 'vendas',
  })

  expect(run.JobRunState).toBe('SUCCEEDED')
  const logs = igarape.client(CloudWatchLogsClient)
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/minhas/tarefas' }))
  const lines = events.map(({ message, logStreamName }) => `${logStreamName} ${message}`)
  expect(lines.filter((line) => !line.includes('driver Igarapé: ')).sort()).toEqual([
    'vendas-driver erro',
    'vendas-driver saída',
  ])
})

test('a run puts its metrics, for itself and for all runs of its job', async ({ igarape }) => {
  const jobs = await jobBench(igarape)
  await jobs.put('raw/a.csv', 'id\n1\n2\n')
  const script = `from pyspark.sql import SparkSession
SparkSession.builder.getOrCreate().read.csv('s3://lago/raw/', header=True).write.json('s3://lago/out/')`
  await jobs.job('x', script, {
    DefaultArguments: { '--enable-metrics': 'true', '--enable-observability-metrics': 'true' },
  })

  const { run } = await jobs.run('x')

  const cloudwatch = igarape.client(CloudWatchClient)
  const { Metrics = [] } = await cloudwatch.send(new ListMetricsCommand({ Namespace: 'Glue' }))
  const ofRun = Metrics.filter(({ Dimensions }) => Dimensions?.some(({ Value }) => Value === run.Id))
  expect(ofRun.map(({ MetricName }) => MetricName)).toContain('glue.driver.aggregate.bytesRead')
  expect(ofRun.map(({ MetricName }) => MetricName)).toContain('glue.succeed.ALL')
  const { Datapoints = [] } = await cloudwatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'Glue',
      MetricName: 'glue.driver.recordsWritten',
      Dimensions: [
        { Name: 'JobName', Value: 'x' },
        { Name: 'JobRunId', Value: 'ALL' },
        { Name: 'Type', Value: 'gauge' },
        { Name: 'ObservabilityGroup', Value: 'throughput' },
      ],
      StartTime: new Date((run.StartedOn?.getTime() ?? 0) - 3600_000),
      EndTime: new Date((run.StartedOn?.getTime() ?? 0) + 3600_000),
      Period: 3600,
      Statistics: ['Sum'],
    }),
  )
  expect(Datapoints.map(({ Sum }) => Sum)).toEqual([2])
})

test('the documentation says of each special parameter how it is taken', () => {
  const written = readFileSync(join(import.meta.dirname, '../../docs/glue-jobs.md'), 'utf8')
  const rows = [...written.matchAll(/^\| `(--\S+)` \| (.+) \|$/gm)].map(([, name, how]) => [name, how])

  expect(Object.fromEntries(rows)).toEqual(specialParameters())
})

/** A wheel of one module: a zip with the names that pip looks for. */
function wheelOf(name: string, module: string): Buffer {
  const info = `${name}-1.0.dist-info`
  return zipOf({
    [`${name}.py`]: module,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: '',
  })
}

function zipOf(files: Record<string, string>): Buffer {
  return Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))))
}
