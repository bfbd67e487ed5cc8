/** Which engine a run goes on, and why: its own argument, the server's option, or what its script needs. */
import { availableParallelism } from 'node:os'
import type { Context } from '../../delivery/context.ts'
import { findSpark } from '../../engines/jobs/sparkInstallation.ts'
import { sparkNeeds } from '../../engines/jobs/sparkNeeds.ts'
import type { JobRun } from './jobRunRecords.ts'
import { LaunchError } from './runFolder.ts'
import { workersOf } from './workerTypes.ts'

export interface EngineChoice {
  kind: 'spark' | 'apache' | 'shell'
  name: EngineName
  /** For the run's log. */
  why: string
  spark?: { master: string; threads: number }
}

/** As people know it; a job's argument and the server's option say the first two. */
export type EngineName = 'sail' | 'spark' | 'python shell'

const engineArgument = '--igarape-engine'
const remoteArgument = '--igarape-spark-remote'

/** Errors: LaunchError, where the engine that is needed is not there. */
export function chooseEngine(run: Pick<JobRun, 'settings' | 'arguments'>, script: string, ctx: Context): EngineChoice {
  if (run.settings.Command?.Name === 'pythonshell') return { kind: 'shell', name: 'python shell', why: 'Python shell' }
  const wanted = run.arguments[engineArgument] ?? ctx.options.jobEngine
  if (!['sail', 'spark', 'auto'].includes(wanted))
    throw new LaunchError(`LAUNCH ERROR | ${engineArgument} is ${wanted}; it takes sail, spark or auto.`)
  const needs = wanted === 'auto' ? sparkNeeds(script) : []
  const [first] = needs
  if (wanted === 'sail' || (wanted === 'auto' && !first && !run.arguments[remoteArgument]))
    return { kind: 'spark', name: 'sail', why: 'engine sail (embedded)' }
  const why = first ? `line ${first.line} of the script uses ${first.what}` : 'it was asked for'
  if (!findSpark(ctx.options.cache))
    throw new LaunchError(
      `LAUNCH ERROR | This run needs Apache Spark (${why}), which is not installed: run \`igarape install spark\`` +
        `${first ? `, or give the job the argument ${engineArgument} sail to try the embedded engine` : ''}.`,
    )
  const master = masterOf(run.arguments[remoteArgument] ?? ctx.options.sparkRemote)
  const threads = Math.min(workersOf(run.settings).virtualCpus, availableParallelism())
  return {
    kind: 'apache',
    name: 'spark',
    why: `engine spark (Apache Spark 3.5.6, ${master || `local[${threads}]`}), because ${why}`,
    spark: { master, threads },
  }
}

/** A standalone cluster by its address; empty is this machine. */
function masterOf(remote: string): string {
  if (!remote || /^spark:\/\/[\w.-]+:\d+$/.test(remote) || /^local(\[[\d*]+\])?$/.test(remote)) return remote
  throw new LaunchError(
    `LAUNCH ERROR | A cluster at ${remote} is not implemented by Igarapé; a standalone one is, as spark://HOST:PORT.`,
  )
}
