/**
 * Runs due attempts. All that matters is in the attempt's row: if the server is killed while it runs, the next start
 * finds the row with a process of an earlier session, ends that process if it is still there, and fails the attempt as
 * AWS fails one whose machine is lost. Retries are then the job's own.
 */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { ConnectWants } from '../../engines/jobs/connectServers.ts'
import type { SparkPlace } from '../../engines/jobs/jobProcess.ts'
import { endOrphan } from '../../engines/jobs/orphans.ts'
import type { RunEnd, RunPlan } from '../../engines/jobs/run.ts'
import { traceHeader } from '../../observe/traces.ts'
import { jobEngine } from './engine.ts'
import { chooseEngine, type EngineChoice } from './engineChoice.ts'
import { finishRun, type Outcome } from './finishing.ts'
import { customerEnvironment, notesOn } from './jobParameters.ts'
import { type DueRun, dueRuns, type JobRun, jobRuns, putRun } from './jobRunRecords.ts'
import { timeoutMinutesOf } from './jobs.ts'
import { LaunchError, type Prepared, prepareFolder } from './runFolder.ts'
import { type OpenedHost, runHost } from './runHost.ts'
import { describeCounts, jobLogs, type RunLog, summaryOf } from './runLogs.ts'
import { measuresOf, RunProgress } from './runProgress.ts'
import { describeWorkers, workersOf } from './workerTypes.ts'

/** This start of the server: tells attempts of now from those of before. */
const session = singleton('glue session', (platform) => platform.sessionId)

export const runWorker = worker<DueRun>('glue/job-runs', {
  queue: dueRuns,
  concurrency: 16,
  async run({ id, jobName }, ctx) {
    const run = ctx.in(jobRuns).get(jobName, id)
    const begun = run && begin(run, ctx)
    const outcome = begun && (await outcomeOf(begun.run, ctx))
    await begun?.isOnDisk
    await ctx.commit((tx) => {
      const now = tx.in(jobRuns).get(jobName, id)
      if (now && outcome) finishRun(tx, now, outcome)
      else tx.due(dueRuns).delete(id)
    })
  },
})

/**
 * With its hop, so that whatever the script does hangs below it; begun once, also where the server was killed since. Nothing waits
 * for the disk here: the script begins after a commit that follows this one in the log.
 */
function begin(run: JobRun, ctx: Context): { run: JobRun; isOnDisk?: Promise<void> } {
  if (run.hop) return { run }
  const begun: { run: JobRun; isOnDisk?: Promise<void> } = { run }
  begun.isOnDisk = ctx.commit((tx) => {
    const hop = tx.hop({
      service: 'glue',
      action: 'JobRun',
      resource: run.jobName,
      status: 'running',
      logs: { group: '/aws-glue/jobs/output', stream: run.id },
      subjects: [run.id],
    })
    const now = tx.in(jobRuns).get(run.jobName, run.id) ?? run
    begun.run = putRun(tx, { ...now, hop })
  })
  // Who awaits it is told; until then a disk that refuses must not end the process.
  begun.isOnDisk.catch(() => undefined)
  return begun
}

const serverEnded = 'The server ended while the job ran.'

async function outcomeOf(run: JobRun, ctx: Context): Promise<Outcome> {
  if (run.process && run.process.session !== ctx.use(session)) {
    endOrphan(run.process)
    if (run.state === 'STOPPING') return { state: 'STOPPED' }
    return { state: 'FAILED', errorMessage: serverEnded }
  }
  if (run.state === 'STOPPING') return { state: 'STOPPED' }
  const host = runHost(ctx, run)
  const logs = ctx.use(jobLogs).open(ctx, run)
  const folder = join(ctx.use(jobEngine).runsFolder, run.id)
  try {
    const prepared = await prepareFolder(folder, run, host, ctx.use(jobEngine).install)
    const choice = chooseEngine(run, await readFile(prepared.scriptPath, 'utf8'), ctx)
    for (const note of notesOn(run.arguments)) logs.write('error', `${note}\n`)
    logs.tell(`${choice.why}; ${describeWorkers(workersOf(run.settings))}`)
    const plan = {
      ...planOf(run, folder, ctx),
      ...prepared,
      kind: choice.kind,
      ...(choice.spark && { spark: ofRun(choice.spark, run) }),
      ...(choice.isWarm && { connect: connectWants(choice, run, ctx) }),
    }
    const outcome = await carryOut({ ...run, engine: choice.name }, plan, { host, logs, ctx })
    logs.tell(summaryOf(run, outcome))
    return outcome
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error
    logs.tell(error.message)
    return { state: 'FAILED', errorMessage: error.message }
  } finally {
    await logs.close()
    await host.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Its session on another's Connect server has the run's own name, so that it is found again when the run is stopped. */
function ofRun(spark: SparkPlace, run: JobRun): SparkPlace {
  if (!spark.remote) return spark
  const session = run.id.slice(3).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
  const joint = spark.remote.includes('/;') ? ';' : '/;'
  return { ...spark, remote: `${spark.remote}${joint}user_id=igarape;session_id=${session}` }
}

function connectWants({ spark }: EngineChoice, run: JobRun, ctx: Context): ConnectWants {
  const all = Object.entries(environmentOf(run, ctx))
  return {
    environment: Object.fromEntries(all.filter(([name]) => name.startsWith('AWS_'))),
    threads: spark?.threads ?? 1,
    folder: ctx.use(jobEngine).serversFolder,
  }
}

interface Surroundings {
  host: OpenedHost
  logs: RunLog
  ctx: Context
}

async function carryOut(run: JobRun, plan: RunPlan, { host, logs, ctx }: Surroundings): Promise<Outcome> {
  const progress = new RunProgress(ctx, run)
  const running = ctx.use(jobEngine).start(run.id, plan, host, {
    started: async (identity) => {
      await ctx.commit((tx) => {
        const now = tx.in(jobRuns).get(run.jobName, run.id)
        if (!now) return
        const state = now.state === 'STOPPING' ? 'STOPPING' : 'RUNNING'
        const { engine } = run
        putRun(tx, { ...now, ...(engine && { engine }), state, process: { ...identity, session: ctx.use(session) } })
        if (now.hop) tx.tellHop(now.hop, measuresOf(run))
        if (state === 'STOPPING') tx.afterApply(() => ctx.use(jobEngine).stop(run.id))
      })
    },
    output: (stream, text) => logs.write(stream, text),
    progress: (counts) => {
      logs.progress(describeCounts(counts))
      progress.tell(counts)
    },
  })
  const end = await running.end
  progress.close()
  if (end.kind === 'stopped' && ctx.use(jobEngine).interrupted) return { state: 'FAILED', errorMessage: serverEnded }
  return outcomeFrom(end, plan)
}

function outcomeFrom(end: RunEnd, plan: RunPlan): Outcome {
  const measures = {
    executionSeconds: Math.ceil(end.milliseconds / 1000),
    peakBytes: end.peakBytes,
    ...(end.counts && { counts: end.counts }),
  }
  switch (end.kind) {
    case 'succeeded':
      return { state: 'SUCCEEDED', ...measures }
    case 'failed':
      return { state: 'FAILED', errorMessage: end.errorMessage, ...measures }
    case 'timedOut':
      return { state: 'TIMEOUT', errorMessage: 'Job run timed out', ...measures }
    case 'outOfMemory': {
      const limit = Math.floor(plan.memoryBytesMax / 2 ** 20)
      return {
        state: 'FAILED',
        errorMessage: `Error Category: OUT_OF_MEMORY_ERROR; The job used more than ${limit} MB of memory.`,
        ...measures,
      }
    }
    case 'stopped':
      return { state: 'STOPPED', ...measures }
  }
}

function planOf(run: JobRun, folder: string, ctx: Context): Omit<RunPlan, keyof Prepared | 'kind'> {
  const { settings } = run
  return {
    folder,
    arguments: argumentList(run),
    environment: environmentOf(run, ctx),
    // Jobs that name no version get the oldest that the engine stands in for.
    glueVersion: settings.GlueVersion && Number(settings.GlueVersion) >= 3 ? settings.GlueVersion : '3.0',
    timeoutSeconds: timeoutMinutesOf(settings) * 60,
    memoryBytesMax: workersOf(settings).memoryBytesMax,
  }
}

function argumentList(run: JobRun): string[] {
  const own: Record<string, string> = {
    '--JOB_NAME': run.jobName,
    '--JOB_ID': `j_${run.id.slice(3, 67)}`,
    '--JOB_RUN_ID': run.id,
    '--job-bookmark-option': 'job-bookmark-disable',
    ...(run.workflow && { '--WORKFLOW_NAME': run.workflow.name, '--WORKFLOW_RUN_ID': run.workflow.runId }),
  }
  return Object.entries({ ...own, ...run.arguments }).flat()
}

/** What the SDKs in a script need to speak to this server, in the account and region of the job. */
export function environmentOf(
  run: Pick<JobRun, 'trace' | 'hop' | 'arguments'> & { settings: Pick<JobRun['settings'], 'GlueVersion'> },
  ctx: Context,
): Record<string, string> {
  const signs = ctx.options.auth === 'sigv4'
  return {
    AWS_ENDPOINT_URL: ctx.caller.endpoint,
    AWS_REGION: ctx.region,
    AWS_DEFAULT_REGION: ctx.region,
    AWS_ACCESS_KEY_ID: signs ? ctx.options.accessKey : ctx.account,
    AWS_SECRET_ACCESS_KEY: signs ? ctx.options.secretKey : 'test',
    GLUE_VERSION: run.settings.GlueVersion ?? '0.9',
    _X_AMZN_TRACE_ID: traceHeader(run.hop ?? run.trace),
    ...customerEnvironment(run.arguments),
  }
}
