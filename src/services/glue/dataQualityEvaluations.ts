/** Runs that evaluate rulesets over a table of the Catalog. What they do is in dataQualityRunWorker.ts. */
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { mustGetRuleset, mustRead } from './dataQualityRulesets.ts'
import {
  cancelQualityRun,
  checkSource,
  type EvaluationOrder,
  mustGetQualityRun,
  newestRuns,
  type QualityRun,
  qualityRuns,
  refuseOptions,
  runOutput,
  startQualityRun,
} from './dataQualityRunRecords.ts'
import { dateOf } from './names.ts'
import { pageOf } from './pages.ts'

const { InvalidInputException } = awsErrors('glue')

const knownOptions = [
  'CloudWatchMetricsEnabled',
  'ResultsS3Prefix',
  'CompositeRuleEvaluationMethod',
  'CustomLogGroupPrefix',
] as const

export const evaluationOperations = operations('glue', {
  async StartDataQualityRulesetEvaluationRun(input, ctx) {
    const { RulesetNames: names, AdditionalDataSources: additionalSources = {} } = input
    refuseOptions(input.AdditionalRunOptions, knownOptions)
    const options = { ...input.AdditionalRunOptions } as EvaluationOrder['options']
    if (options.ResultsS3Prefix && !/^s3[an]?:\/\/[^/]+/.test(options.ResultsS3Prefix))
      throw InvalidInputException(`ResultsS3Prefix ${options.ResultsS3Prefix} is no s3:// address.`)
    const run = await ctx.commit((tx) => {
      for (const source of [input.DataSource, ...Object.values(additionalSources)]) checkSource(tx, source)
      const rulesets = names.map((name) => ({ name, text: mustGetRuleset(tx, name).text }))
      for (const ruleset of rulesets) checkForTable(ruleset)
      return startQualityRun(tx, input, { kind: 'evaluation', rulesets, additionalSources, options, resultIds: [] })
    })
    return { RunId: run.id }
  },

  async CancelDataQualityRulesetEvaluationRun(input, ctx) {
    await cancelQualityRun(ctx, input.RunId, 'evaluation')
    return {}
  },

  async GetDataQualityRulesetEvaluationRun(input, ctx) {
    return evaluationOutput(mustGetQualityRun(ctx, input.RunId, 'evaluation'))
  },

  async BatchGetDataQualityRulesetEvaluationRun(input, ctx) {
    const found = input.RunIds.flatMap((id) => ctx.in(qualityRuns).get(id) ?? [])
    const runs = found.filter(({ order }) => order.kind === 'evaluation')
    return {
      Runs: runs.map(evaluationOutput),
      RunsNotFound: input.RunIds.filter((id) => !runs.some((run) => run.id === id)),
    }
  },

  async ListDataQualityRulesetEvaluationRuns(input, ctx) {
    const { items, next } = pageOf(newestRuns(ctx, 'evaluation', input.Filter ?? {}), input, 1000)
    return { Runs: items.map(descriptionOutput), ...next }
  },
})

function evaluationOutput(run: QualityRun) {
  const { rulesets, additionalSources, options, resultIds } = run.order as EvaluationOrder
  return {
    ...runOutput(run),
    RulesetNames: rulesets.map(({ name }) => name),
    ResultIds: resultIds,
    AdditionalRunOptions: options,
    ...(Object.keys(additionalSources).length > 0 && { AdditionalDataSources: additionalSources }),
  }
}

/** AWS does both in jobs only. */
function checkForTable({ name, text }: { name: string; text: string }): void {
  const { isDynamic, analyzers } = mustRead(text)
  const found = isDynamic ? 'dynamic rules' : analyzers > 0 ? 'analyzers' : undefined
  if (found) throw InvalidInputException(`Ruleset ${name} has ${found}, which are supported in AWS Glue ETL jobs only.`)
}

export function descriptionOutput({ id, status, startedAt, source }: QualityRun) {
  return { RunId: id, Status: status, StartedOn: dateOf(startedAt), DataSource: source }
}
