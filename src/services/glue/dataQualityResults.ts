/** Data quality results: what came of a ruleset, rule by rule, with the table or the job run that it came of. */
import type { DataQualityResult, DataQualityResultFilterCriteria, DataSource } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import type { QualityOutcome } from '../../engines/jobs/host.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { isWithin } from './dataQualityRulesets.ts'
import { catalogName, dateOf } from './names.ts'
import { pageOf } from './pages.ts'

const { EntityNotFoundException } = awsErrors('glue')

export interface QualityResult {
  id: string
  /** What dynamic rules look back on: the same ruleset of the same table, or the same context of the same job. */
  context: string
  startedAt: Millis
  completedAt: Millis
  source?: DataSource
  rulesetName?: string
  evaluationContext?: string
  jobName?: string
  jobRunId?: string
  evaluationRunId?: string
  rules: QualityOutcome[]
  analyzers: QualityOutcome[]
  statistics: Record<string, number>
}

export const qualityResults = collection<QualityResult>('glue/data-quality-results', {
  version: 1,
  key: ({ id }) => [id],
})

/** Results have numbers, because two may come in one millisecond. */
interface ResultPlace {
  context: string
  number: number
  id: string
}

/** Newest last. */
const resultOrder = collection<ResultPlace>('glue/data-quality-result-order', {
  version: 1,
  key: ({ number }) => [number],
})

/** Those of one context, newest last. */
export const contextResults = collection<ResultPlace>('glue/data-quality-context-results', {
  version: 1,
  key: ({ context, number }) => [context, number],
})

export function putResult(tx: Tx, result: QualityResult): void {
  const newest = tx.in(resultOrder).first({ reverse: true })
  const place = { context: result.context, number: (newest?.number ?? 0) + 1, id: result.id }
  tx.in(qualityResults).put(result)
  tx.in(resultOrder).put(place)
  tx.in(contextResults).put(place)
}

export const resultOperations = operations('glue', {
  async GetDataQualityResult(input, ctx) {
    const result = ctx.in(qualityResults).get(input.ResultId)
    if (!result)
      throw EntityNotFoundException(
        `Cannot find Data Quality Result in account ${ctx.account} with id ${input.ResultId}`,
      )
    return resultOutput(result)
  },

  async BatchGetDataQualityResult(input, ctx) {
    const found = input.ResultIds.map((id) => ctx.in(qualityResults).get(id))
    return {
      Results: found.filter((result) => result !== undefined).map(resultOutput),
      ResultsNotFound: input.ResultIds.filter((_, index) => !found[index]),
    }
  },

  async ListDataQualityResults(input, ctx) {
    const passes = filterOf(input.Filter ?? {})
    const newestFirst = [...ctx.in(resultOrder).list({ reverse: true })]
    const found = newestFirst.flatMap(({ id }) => ctx.in(qualityResults).get(id) ?? []).filter(passes)
    const { items, next } = pageOf(found, input, 1000)
    return { Results: items.map(descriptionOutput), ...next }
  },
})

/** The share of rules that passed. */
export function scoreOf({ rules }: Pick<QualityResult, 'rules'>): number {
  return rules.length === 0 ? 1 : passedOf(rules) / rules.length
}

export function passedOf(rules: readonly QualityOutcome[]): number {
  return rules.filter(({ result }) => result === 'PASS').length
}

export function tableOf({ GlueTable, DataQualityGlueTable }: DataSource): { database: string; table: string } {
  const { DatabaseName = '', TableName = '' } = GlueTable ?? DataQualityGlueTable ?? {}
  return { database: catalogName(DatabaseName), table: catalogName(TableName) }
}

export function isSameSource(wanted: DataSource, source: DataSource | undefined): boolean {
  if (!source) return false
  const [one, other] = [tableOf(wanted), tableOf(source)]
  return one.database === other.database && one.table === other.table
}

function descriptionOutput({ id, source, jobName, jobRunId, startedAt }: QualityResult) {
  return {
    ResultId: id,
    ...(source && { DataSource: source }),
    ...(jobName && { JobName: jobName }),
    ...(jobRunId && { JobRunId: jobRunId }),
    StartedOn: dateOf(startedAt),
  }
}

function resultOutput(result: QualityResult): DataQualityResult {
  const { rules, analyzers } = result
  const passed = passedOf(rules)
  return {
    ...descriptionOutput(result),
    Score: scoreOf(result),
    ...(result.rulesetName && { RulesetName: result.rulesetName }),
    ...(result.evaluationContext && { EvaluationContext: result.evaluationContext }),
    CompletedOn: dateOf(result.completedAt),
    ...(result.evaluationRunId && { RulesetEvaluationRunId: result.evaluationRunId }),
    RuleResults: rules.map((outcome, index) => ({
      ...outcomeOutput(outcome, `Rule_${index + 1}`),
      Result: outcome.result,
      EvaluatedRule: outcome.evaluatedRule,
    })),
    ...(analyzers.length > 0 && {
      AnalyzerResults: analyzers.map((outcome, index) => outcomeOutput(outcome, `Analyzer_${index + 1}`)),
    }),
    AggregatedMetrics: {
      TotalRulesProcessed: rules.length,
      TotalRulesPassed: passed,
      TotalRulesFailed: rules.length - passed,
    },
  }
}

const textMax = 2048

function outcomeOutput({ rule, reason, metrics }: QualityOutcome, Name: string) {
  return {
    Name,
    Description: rule.slice(0, textMax),
    ...(reason !== undefined && { EvaluationMessage: reason.slice(0, textMax) }),
    EvaluatedMetrics: metrics,
  }
}

function filterOf(filter: DataQualityResultFilterCriteria): (result: QualityResult) => boolean {
  const { DataSource: source, JobName, JobRunId, StartedAfter, StartedBefore } = filter
  return (result) =>
    (source === undefined || isSameSource(source, result.source)) &&
    (JobName === undefined || JobName === result.jobName) &&
    (JobRunId === undefined || JobRunId === result.jobRunId) &&
    isWithin(result.startedAt, StartedAfter, StartedBefore)
}
