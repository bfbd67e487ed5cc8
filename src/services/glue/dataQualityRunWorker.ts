/**
 * Carries out due data quality runs on the jobs engine, by scripts of ours. What a script finds is kept in memory and
 * written by the commit that ends its run; so a run whose server was killed is simply run again by the next start.
 */
import { mkdir, rm } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { DataSource, TaskStatusType } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, Interrupted, worker } from '../../delivery/due.ts'
import { singleton } from '../../delivery/singleton.ts'
import { packageFolder } from '../../engines/functions/packageFolder.ts'
import type { QualityPublication } from '../../engines/jobs/host.ts'
import { endOrphan } from '../../engines/jobs/orphans.ts'
import type { RunEnd, RunPlan } from '../../engines/jobs/run.ts'
import { AwsError } from '../../wire/errors.ts'
import { readRuleset } from './dataQualityLanguage.ts'
import { publishResult, writeFile } from './dataQualityPublishing.ts'
import { type QualityResult, tableOf } from './dataQualityResults.ts'
import { qualityRulesets } from './dataQualityRulesets.ts'
import {
  dueQualityRuns,
  type EvaluationOrder,
  putQualityRun,
  type QualityRun,
  qualityRuns,
} from './dataQualityRunRecords.ts'
import { jobEngine } from './engine.ts'
import { glueArn } from './names.ts'
import { plainHost } from './runHost.ts'
import { jobLogs } from './runLogs.ts'
import { environmentOf } from './runWorker.ts'
import { putTags } from './tags.ts'

/** This start of the server: tells runs of now from those of before. */
const session = singleton('data quality session', (platform) => platform.sessionId)

export const qualityRunWorker = worker<Due>('glue/data-quality-runs', {
  queue: dueQualityRuns,
  concurrency: 4,
  async run({ id }, ctx) {
    const run = ctx.in(qualityRuns).get(id)
    const end = run && (await endOf(run, ctx))
    await ctx.commit((tx) => {
      const now = tx.in(qualityRuns).get(id)
      if (now && end) finish(tx, now, end)
      tx.due(dueQualityRuns).delete(id)
    })
  },
})

/** What a script told before it ended. */
interface Findings {
  publications: QualityPublication[]
  recommended?: string
}

interface Ending {
  status: TaskStatusType
  error?: string
  executionSeconds: number
  results: QualityResult[]
  recommended?: string
}

async function endOf(run: QualityRun, ctx: Context): Promise<Ending> {
  if (run.process && run.process.session !== ctx.use(session)) endOrphan(run.process)
  if (run.status === 'STOPPING') return { status: 'STOPPED', executionSeconds: run.executionSeconds, results: [] }
  const folder = join(ctx.use(jobEngine).runsFolder, run.id)
  const findings: Findings = { publications: [] }
  // A run that was killed left its own behind.
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  try {
    const end = await carryOut(run, { folder, findings }, ctx)
    if (end.kind === 'stopped' && ctx.use(jobEngine).interrupted) throw new Interrupted()
    return await endingOf(run, { end, findings }, ctx)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function carryOut(run: QualityRun, work: { folder: string; findings: Findings }, ctx: Context): Promise<RunEnd> {
  const { findings } = work
  const host = plainHost(ctx)
  const logs = ctx.use(jobLogs).openBelow(ctx, { group: logGroupOf(run), stream: run.id })
  const quality = {
    history: () => [],
    publish: async (publication: QualityPublication) => void findings.publications.push(publication),
    recommend: async (ruleset: string) => {
      findings.recommended = ruleset
    },
  }
  const running = ctx.use(jobEngine).start(
    run.id,
    planOf(run, work.folder, ctx),
    { ...host, quality },
    {
      started: async (identity) => {
        await ctx.commit((tx) => {
          const now = tx.in(qualityRuns).get(run.id)
          if (!now) return
          const status = now.status === 'STOPPING' ? 'STOPPING' : 'RUNNING'
          const trace = tx.hop({
            service: 'glue',
            action: run.order.kind === 'evaluation' ? 'DataQualityRun' : 'DataQualityRecommendation',
            resource: tableOf(run.source).table,
            status: 'running',
            logs: { group: `${logGroupOf(run)}/output`, stream: run.id },
            subjects: [run.id],
          })
          putQualityRun(tx, { ...now, status, trace, process: { ...identity, session: ctx.use(session) } })
          if (status === 'STOPPING') tx.afterApply(() => ctx.use(jobEngine).stop(run.id))
        })
      },
      output: (stream, text) => logs.write(stream, text),
    },
  )
  const end = await running.end
  await logs.close()
  await host.close()
  return end
}

async function endingOf(run: QualityRun, came: { end: RunEnd; findings: Findings }, ctx: Context): Promise<Ending> {
  const { end, findings } = came
  const measures = { executionSeconds: Math.ceil(end.milliseconds / 1000), results: [] }
  switch (end.kind) {
    case 'succeeded':
      return { ...measures, ...(await whatWasFound(run, findings, ctx)) }
    case 'failed':
      return { ...measures, status: 'FAILED', error: end.errorMessage }
    case 'timedOut':
      return { ...measures, status: 'TIMEOUT', error: 'Data quality run timed out' }
    case 'outOfMemory':
      return { ...measures, status: 'FAILED', error: 'The run used more memory than its workers have.' }
    case 'stopped':
      return { ...measures, status: 'STOPPED' }
  }
}

/** Results get ids that belong to the run, so that files in S3 are written over when it is run again. */
async function whatWasFound(run: QualityRun, { publications, recommended }: Findings, ctx: Context) {
  const results = publications.map((publication, index) => resultOf(run, { publication, index }, ctx))
  try {
    const { ResultsS3Prefix = '' } = run.order.kind === 'evaluation' ? run.order.options : {}
    for (const result of results) await writeFile(ctx, ResultsS3Prefix, result)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return { status: 'FAILED' as const, error: `The results could not be written: ${error.code}: ${error.message}` }
  }
  return { status: 'SUCCEEDED' as const, results, ...(recommended !== undefined && { recommended }) }
}

function resultOf(
  run: QualityRun,
  found: { publication: QualityPublication; index: number },
  ctx: Context,
): QualityResult {
  const { context: rulesetName, rules, analyzers, statistics } = found.publication
  const { database, table } = tableOf(run.source)
  const number = found.index.toString(16).padStart(2, '0')
  return {
    id: `dqresult-${run.id.slice(-38)}${number}`,
    context: `table ${database}.${table} ${rulesetName}`,
    startedAt: run.startedAt,
    completedAt: ctx.clock.now(),
    source: run.source,
    rulesetName,
    evaluationRunId: run.id,
    rules,
    analyzers,
    statistics,
  }
}

function finish(tx: Tx, run: QualityRun, { results, recommended, ...ending }: Ending): void {
  const here = tx.at({ trace: run.trace })
  const order = { ...run.order }
  if (order.kind === 'evaluation') {
    order.resultIds = results.map(({ id }) => id)
    const measures = order.options.CloudWatchMetricsEnabled === true
    for (const result of results) publishResult(here, result, { keepsResult: true, measures })
  } else if (recommended !== undefined) {
    order.recommended = recommended
    const error = createRecommended(tx, run, recommended)
    if (error) Object.assign(ending, { status: 'FAILED', error })
  }
  const finished = putQualityRun(tx, { ...run, ...ending, order, completedAt: tx.now })
  const failed = finished.status === 'FAILED' || finished.status === 'TIMEOUT'
  tx.endHop(run.trace, {
    endedAt: tx.now,
    status: failed ? 'failed' : 'ok',
    ...(finished.error && { error: finished.error }),
  })
}

/** What hindered it. */
function createRecommended(tx: Tx, { id, source, order }: QualityRun, text: string): string | undefined {
  const name = order.kind === 'recommendation' ? order.createdRulesetName : undefined
  if (!name) return undefined
  if (tx.in(qualityRulesets).has(name)) return `DataQualityRuleset with name ${name} already exists`
  const { database: DatabaseName, table: TableName } = tableOf(source)
  const { rules: ruleCount } = readRuleset(text)
  const target = { DatabaseName, TableName }
  const times = { createdAt: tx.now, updatedAt: tx.now }
  tx.in(qualityRulesets).put({ name, text, ruleCount, target, recommendationRunId: id, ...times })
  putTags(tx, glueArn(tx, 'dataQualityRuleset', name), {})
  return undefined
}

function logGroupOf({ order }: QualityRun): string {
  const prefix = order.kind === 'evaluation' ? order.options.CustomLogGroupPrefix : order.customLogGroupPrefix
  return prefix ?? '/aws-glue/data-quality'
}

const glueVersion = '5.0'
const workerBytes = 16 * 2 ** 30

function planOf(run: QualityRun, folder: string, ctx: Context): RunPlan {
  const { order } = run
  return {
    kind: 'spark',
    folder,
    scriptPath: join(packageFolder(), `runtimes/glue/awsgluedq/runs/${order.kind}.py`),
    arguments: [JSON.stringify({ source: sourceOf(run.source), ...(order.kind === 'evaluation' && asked(order)) })],
    environment: environmentOf({ settings: { GlueVersion: glueVersion }, arguments: {}, trace: run.trace }, ctx),
    glueVersion,
    pythonPaths: [],
    timeoutSeconds: run.timeoutMinutes * 60,
    memoryBytesMax: Math.min(run.workers * workerBytes, totalmem() * 0.8),
  }
}

function asked({ rulesets, additionalSources, options }: EvaluationOrder) {
  const sources = Object.entries(additionalSources).map(([alias, source]) => [alias, sourceOf(source)])
  return { rulesets, sources: Object.fromEntries(sources), byRow: options.CompositeRuleEvaluationMethod === 'ROW' }
}

function sourceOf(source: DataSource) {
  const { AdditionalOptions: options = {} } = source.GlueTable ?? source.DataQualityGlueTable ?? {}
  return { ...tableOf(source), options }
}
