/**
 * What is made of an evaluation: a result that is kept, its event, its metrics, its file in S3. The file is written
 * first and under a name that a repetition writes again; the rest is one commit.
 */
import type { Context, Tx } from '../../delivery/context.ts'
import { type Measurement, metricSink } from '../../delivery/metrics.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { QualityAccess, QualityPublication } from '../../engines/jobs/host.ts'
import { awsErrors } from '../../wire/errors.ts'
import {
  contextResults,
  passedOf,
  putResult,
  type QualityResult,
  qualityResults,
  scoreOf,
  tableOf,
} from './dataQualityResults.ts'
import type { JobRun } from './jobRunRecords.ts'

const { InvalidInputException } = awsErrors('glue')

/** As far as dynamic rules may look back. */
const historyMax = 100

/** What a job's script may ask: its own contexts' results, kept with the run that they are of. */
export function jobQualityHost(ctx: Context, run: JobRun): QualityAccess {
  const contextOf = (name: string) => `job ${run.jobName} ${name}`
  return {
    history: (name) => historyOf(ctx, contextOf(name)),
    async publish(publication) {
      const { context: evaluationContext, rules, analyzers, statistics } = publication
      const now = ctx.clock.now()
      const result: QualityResult = {
        id: `dqresult-${ctx.random.hex(40)}`,
        context: contextOf(evaluationContext),
        startedAt: run.startedAt,
        completedAt: now,
        rulesetName: evaluationContext,
        evaluationContext,
        jobName: run.jobName,
        jobRunId: run.id,
        rules,
        analyzers,
        statistics,
      }
      await writeFile(ctx, publication.s3Prefix, result)
      await ctx.commit((tx) => publishResult(tx.at({ trace: run.trace }), result, publication))
    },
  }
}

export function historyOf(ctx: Pick<Context, 'in'>, context: string): Record<string, number>[] {
  const found: Record<string, number>[] = []
  for (const { id } of ctx.in(contextResults).list({ prefix: [context], reverse: true })) {
    const result = ctx.in(qualityResults).get(id)
    if (result) found.push(result.statistics)
    if (found.length === historyMax) break
  }
  return found
}

export function publishResult(
  tx: Tx,
  result: QualityResult,
  { keepsResult, measures }: Pick<QualityPublication, 'keepsResult' | 'measures'>,
): void {
  if (measures) measureResult(tx, result)
  if (!keepsResult) return
  putResult(tx, result)
  const { rules } = result
  const passed = passedOf(rules)
  tx.emit({
    source: 'aws.glue-dataquality',
    'detail-type': 'Data Quality Evaluation Results Available',
    detail: {
      resultId: result.id,
      context: contextDetail(tx, result),
      rulesetNames: [result.rulesetName],
      state: passed === rules.length ? 'SUCCEEDED' : 'FAILED',
      score: scoreOf(result),
      numRulesSucceeded: passed,
      numRulesFailed: rules.length - passed,
      numRulesSkipped: 0,
    },
  })
}

function contextDetail(tx: Tx, result: QualityResult): Record<string, string | undefined> {
  if (!result.source)
    return {
      contextType: 'GLUE_JOB',
      jobId: result.jobRunId,
      jobName: result.jobName,
      evaluationContext: result.evaluationContext,
    }
  const { database, table } = tableOf(result.source)
  return {
    contextType: 'GLUE_DATA_CATALOG',
    runId: result.evaluationRunId,
    databaseName: database,
    tableName: table,
    catalogId: tx.account,
  }
}

/** A server without the metrics service keeps no measurements. */
const sinkIfAny = singleton('metric sink of data quality', (platform) =>
  platform.has(metricSink) ? platform.use(metricSink) : undefined,
)

function measureResult(tx: Tx, result: QualityResult): void {
  const passed = passedOf(result.rules)
  const dimensions = dimensionsOf(tx, result)
  const counted = (name: string, value: number): Measurement => ({ name, dimensions, unit: 'Count', values: [value] })
  tx.use(sinkIfAny)?.put(tx, 'Glue Data Quality', [
    counted('glue.data.quality.rules.passed', passed),
    counted('glue.data.quality.rules.failed', result.rules.length - passed),
  ])
}

function dimensionsOf(tx: Tx, { source, rulesetName, evaluationContext, jobName }: QualityResult) {
  const { database = '', table = '' } = source ? tableOf(source) : {}
  const named = source
    ? { Ruleset: rulesetName, Table: table, Database: database, CatalogId: tx.account }
    : { EvaluationContext: evaluationContext, JobName: jobName }
  return Object.entries(named).map(([name, value = '']) => ({ name, value }))
}

/** One file a result, one JSON object a rule, by day: as AWS's own table over them reads it. Errors: S3's. */
export async function writeFile(ctx: Context, prefix: string, result: QualityResult): Promise<void> {
  if (!prefix) return
  const place = /^s3[an]?:\/\/([^/]+)\/?(.*?)\/*$/.exec(prefix)
  if (!place) throw InvalidInputException(`${prefix} is no s3:// address.`)
  const [, Bucket = '', folder = ''] = place
  const [year, month, day] = new Date(result.completedAt).toISOString().slice(0, 10).split('-')
  const name = `${result.evaluationRunId ?? result.jobRunId}_${result.id}.jsonl`
  const Key = [folder, `year=${year}`, `month=${month}`, `day=${day}`, name].filter(Boolean).join('/')
  const Body = linesOf(ctx, result).map((line) => `${JSON.stringify(line)}\n`)
  await ctx.call('s3').PutObject({ Bucket, Key, Body: Buffer.from(Body.join('')), ContentType: 'application/json' })
}

function linesOf(ctx: Context, result: QualityResult): object[] {
  const { source, rules } = result
  const about = source
    ? {
        catalogId: ctx.account,
        databaseName: tableOf(source).database,
        tableName: tableOf(source).table,
        dqRunId: result.evaluationRunId,
      }
    : { jobName: result.jobName, jobRunId: result.jobRunId, evaluationContext: result.evaluationContext }
  return rules.map(({ rule, result: outcome, reason, metrics }) => ({
    ...about,
    evaluationStartedOn: new Date(result.startedAt).toISOString(),
    evaluationCompletedOn: new Date(result.completedAt).toISOString(),
    rule,
    outcome: outcome === 'PASS' ? 'Passed' : 'Failed',
    failureReason: reason ?? null,
    evaluatedMetrics: metrics,
  }))
}
