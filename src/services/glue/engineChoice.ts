/** Which engine a run goes on, and why: its own argument, the server's option, or what its script needs. */
import { availableParallelism } from 'node:os'
import type { Context } from '../../delivery/context.ts'
import type { JobKind, SparkPlace } from '../../engines/jobs/jobProcess.ts'
import { findSpark } from '../../engines/jobs/sparkInstallation.ts'
import { classicNeeds, sparkNeeds } from '../../engines/jobs/sparkNeeds.ts'
import { isScala, type JobArguments } from './jobParameters.ts'
import type { JobRun } from './jobRunRecords.ts'
import { LaunchError } from './runFolder.ts'
import { workersOf } from './workerTypes.ts'

export interface EngineChoice {
  kind: JobKind
  name: EngineName
  /** For the run's log. */
  why: string
  spark?: SparkPlace
  /** Over a Connect server of this machine. */
  isWarm?: boolean
}

/** As people know it; a job's argument and the server's option say the first two. */
export type EngineName = 'sail' | 'spark' | 'python shell'

const engineArgument = '--igarape-engine'
const remoteArgument = '--igarape-spark-remote'

/** A session's statements are not known beforehand: it has no script. Errors: LaunchError, where the engine that is needed is not there. */
export function chooseEngine(
  run: Pick<JobRun, 'settings' | 'arguments'>,
  script: string | undefined,
  ctx: Context,
): EngineChoice {
  if (run.settings.Command?.Name === 'pythonshell') return { kind: 'shell', name: 'python shell', why: 'Python shell' }
  const wanted = run.arguments[engineArgument] ?? ctx.options.jobEngine
  if (!['sail', 'spark', 'auto'].includes(wanted))
    throw new LaunchError(`LAUNCH ERROR | ${engineArgument} is ${wanted}; it takes sail, spark or auto.`)
  const need = javaNeed(run.arguments)
  if (need && wanted === 'sail')
    throw new LaunchError(
      `LAUNCH ERROR | The embedded engine has no Java machine, and ${need}: Apache Spark does it (${engineArgument} spark).`,
    )
  const [first] = wanted === 'auto' && !need ? sparkNeeds(script ?? '') : []
  if (wanted === 'sail' || (wanted === 'auto' && !need && !first && !run.arguments[remoteArgument]))
    return { kind: 'spark', name: 'sail', why: 'engine sail (embedded)' }
  const why = need ?? (first ? `line ${first.line} of the script uses ${first.what}` : 'it was asked for')
  if (!findSpark(ctx.options.cache))
    throw new LaunchError(
      `LAUNCH ERROR | This run needs Apache Spark (${why}), which is not installed: run \`igarape install spark\`` +
        `${first ? `, or give the job the argument ${engineArgument} sail to try the embedded engine` : ''}.`,
    )
  const remote = run.arguments[remoteArgument] ?? ctx.options.sparkRemote
  const threads = Math.min(workersOf(run.settings).virtualCpus, availableParallelism())
  const { kind, place, isWarm } = placeOf(remote, script, run.arguments)
  const where = remote || `local[${threads}]${isWarm ? ' of its Connect server' : ''}`
  return {
    kind,
    name: 'spark',
    why: `engine spark (Apache Spark 3.5.6, ${where}), because ${why}`,
    spark: { threads, ...place },
    ...(isWarm && { isWarm }),
  }
}

interface Place {
  kind: JobKind
  place: Omit<SparkPlace, 'threads'>
  isWarm?: boolean
}

/** Why these arguments want Spark's Java machine, if they do. */
function javaNeed(given: JobArguments): string | undefined {
  if (isScala(given)) return 'its script is in Scala'
  return given['--extra-jars'] ? 'it has --extra-jars' : undefined
}

/** Another's cluster by its address; empty is this machine, where a Connect server is kept for scripts that can do with one. */
function placeOf(remote: string, script: string | undefined, given: JobArguments): Place {
  if (/^sc:\/\/[\w.-]+(:\d+)?(\/;.*)?$/.test(remote))
    return { kind: 'connect', place: mustDoWithConnect(remote, script, given) }
  if (remote) return { kind: 'apache', place: { master: masterOf(remote) } }
  const isWarm =
    script !== undefined &&
    javaNeed(given) === undefined &&
    classicNeeds(script).length === 0 &&
    !classicArguments.some((name) => given[name] !== undefined)
  return isWarm ? { kind: 'connect', place: { master: '' }, isWarm } : { kind: 'apache', place: { master: '' } }
}

/** What the processes of a Connect server that is kept have not, as they are no run's own. */
const classicArguments = [
  '--additional-python-modules',
  '--customer-executor-env-vars',
  '--customer-driver-env-vars',
  '--conf',
]

function mustDoWithConnect(remote: string, script: string | undefined, given: JobArguments): Place['place'] {
  const why = javaNeed(given)
  if (why)
    throw new LaunchError(
      `LAUNCH ERROR | A run over Spark Connect (${remote}) has no Java machine of its own, and ${why}; a standalone cluster by spark://HOST:PORT does it.`,
    )
  if (script === undefined)
    throw new LaunchError(
      `LAUNCH ERROR | An interactive session over Spark Connect (${remote}) is not implemented by Igarapé.`,
    )
  const [need] = classicNeeds(script)
  if (need)
    throw new LaunchError(
      `LAUNCH ERROR | Line ${need.line} of the script uses ${need.what}, which is not there over Spark Connect (${remote}); a standalone cluster by spark://HOST:PORT has it.`,
    )
  return { master: '', remote, isElsewhere: true }
}

/** A standalone cluster by its address. */
function masterOf(remote: string): string {
  if (/^spark:\/\/[\w.-]+:\d+$/.test(remote) || /^local(\[[\d*]+\])?$/.test(remote)) return remote
  throw new LaunchError(
    `LAUNCH ERROR | A cluster at ${remote} is not implemented by Igarapé; a standalone one is, as spark://HOST:PORT, and a Connect server, as sc://HOST:PORT.`,
  )
}
