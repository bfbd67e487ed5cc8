/**
 * AWS's special parameters of jobs: each does what it says, has nothing to act on here (the run's log says so), or is
 * refused by its name. Others are the script's own.
 * https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
 */
import { awsErrors, NotImplemented } from '../../wire/errors.ts'

const { InvalidInputException } = awsErrors('glue')

export type JobArguments = Readonly<Record<string, string>>

/** Carried out by the run's folder, its process or the library inside of it. */
const done = [
  '--scriptLocation',
  '--extra-py-files',
  '--extra-files',
  '--additional-python-modules',
  '--python-modules-installer-option',
  '--job-language',
  '--job-bookmark-option',
  '--job-bookmark-from',
  '--job-bookmark-to',
  '--TempDir',
  '--conf',
  '--enable-glue-datacatalog',
  '--enable-metrics',
  '--enable-observability-metrics',
  '--enable-continuous-cloudwatch-log',
  '--continuous-log-logGroup',
  '--continuous-log-logStreamPrefix',
  '--customer-driver-env-vars',
  '--customer-executor-env-vars',
  '--JOB_NAME',
] as const

/** Carried out by Apache Spark's Java machine; the embedded engine has none, and refuses them when it is asked for. */
const onSpark = ['--extra-jars', '--class'] as const

/** Said in the run's log, each with why it changes nothing. */
const withoutEffect: Record<string, string> = {
  '--enable-job-insights': 'the error message of a run names its line already',
  '--enable-spark-ui': 'the embedded engine has no Spark UI, and writes no event logs',
  '--spark-event-logs-path': 'the embedded engine has no Spark UI, and writes no event logs',
  '--enable-continuous-log-filter': 'the log holds what the script prints, and no lines of the engine',
  '--continuous-log-conversionPattern': 'it is for lines of the engine, which are not in the log',
  '--enable-auto-scaling': 'all workers are this one machine',
  '--executor-cores': 'all workers are this one machine',
  '--enable-s3-parquet-optimized-committer': 'what a job writes is committed at once, or not at all',
  '--enable-rename-algorithm-v2': 'what a job writes is committed at once, or not at all',
  '--write-shuffle-files-to-s3': 'the engine shuffles in memory and in the folder of the run',
  '--write-shuffle-spills-to-s3': 'the engine shuffles in memory and in the folder of the run',
  '--disable-proxy-v2': 'there is no network of AWS to go around',
  '--library-set': 'the interpreter has boto3, numpy, pandas and pyarrow; others come by --additional-python-modules',
}

const refused: Record<string, string> = {
  '--user-jars-first': "a job's jars come after those of Spark",
  '--use-postgres-driver': 'PostgreSQL is spoken to by a driver of Python',
  '--datalake-formats': 'Hudi, Delta Lake and Iceberg need Spark itself',
  '--auto-scale-within-microbatch': 'streaming jobs are not run',
  '--enable-lakeformation-fine-grained-access': 'permissions of Lake Formation are not checked',
}

const bookmarkOptions = ['job-bookmark-enable', 'job-bookmark-disable', 'job-bookmark-pause']

/** Why a run with these arguments cannot be, or undefined. */
export function refusalOf(given: JobArguments): string | undefined {
  const name = Object.keys(refused).find((candidate) => isAsked(given[candidate]))
  if (name) return `The job parameter ${name} (${refused[name]})`
  return isScala(given) ? scalaRefusalOf(given) : undefined
}

export function isScala(given: JobArguments): boolean {
  return given['--job-language']?.toLowerCase() === 'scala'
}

/** What plain Spark, which is all that a script in Scala has, does not do by itself. */
function scalaRefusalOf(given: JobArguments): string | undefined {
  if (given['--enable-glue-datacatalog'] !== undefined && isAsked(given['--enable-glue-datacatalog']))
    return 'The job parameter --enable-glue-datacatalog of a job in Scala'
  const bookmark = given['--job-bookmark-option'] ?? 'job-bookmark-disable'
  return bookmark === 'job-bookmark-disable'
    ? undefined
    : `The job parameter --job-bookmark-option=${bookmark} of a job in Scala`
}

/** Errors: InvalidInputException for values that AWS does not know; NotImplemented by the parameter's name. */
export function checkParameters(given: JobArguments): void {
  const option = given['--job-bookmark-option']
  if (option !== undefined && !bookmarkOptions.includes(option))
    throw InvalidInputException(`Invalid value for --job-bookmark-option: ${option}`)
  const refusal = refusalOf(given)
  if (refusal) throw NotImplemented(refusal)
}

/** What the log says of parameters that change nothing. */
export function notesOn(given: JobArguments): string[] {
  return Object.entries(withoutEffect)
    .filter(([name]) => isAsked(given[name]))
    .map(([name, why]) => `The job parameter ${name} has no effect here: ${why}.`)
}

/** A parameter counts by being there, unless its value says no. */
export function isAsked(value: string | undefined): boolean {
  return value !== undefined && value.toLowerCase() !== 'false' && value !== 'none'
}

/** `KEY1=VALUE1,KEY2=VALUE2` */
export function customerEnvironment(given: JobArguments): Record<string, string> {
  const texts = [given['--customer-executor-env-vars'], given['--customer-driver-env-vars']]
  const pairs = texts.flatMap((text) => (text ?? '').split(',')).map((pair) => pair.trim())
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const at = pair.indexOf('=')
      return at > 0 ? [[pair.slice(0, at), pair.slice(at + 1)]] : []
    }),
  )
}

/** How each parameter is taken, for the documentation and its test. */
export function specialParameters(): Record<string, string> {
  const says = (names: Record<string, string>, how: string) =>
    Object.fromEntries(Object.entries(names).map(([name, why]) => [name, `${how}: ${why}`]))
  return {
    ...Object.fromEntries(done.map((name) => [name, 'done'])),
    ...Object.fromEntries(onSpark.map((name) => [name, 'done, on Apache Spark'])),
    ...says(withoutEffect, 'no effect'),
    ...says(refused, 'refused'),
  }
}
