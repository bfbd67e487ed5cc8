/** Runs that profile a table and recommend a ruleset for it. What they do is in dataQualityRunWorker.ts. */
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { descriptionOutput } from './dataQualityEvaluations.ts'
import { qualityRulesets, refuseSecurityConfiguration } from './dataQualityRulesets.ts'
import {
  cancelQualityRun,
  checkSource,
  mustGetQualityRun,
  newestRuns,
  type QualityRun,
  type RecommendationOrder,
  refuseOptions,
  runOutput,
  startQualityRun,
} from './dataQualityRunRecords.ts'
import { pageOf } from './pages.ts'

const { InvalidInputException } = awsErrors('glue')

const knownInput = ['DataSource', 'Role', 'NumberOfWorkers', 'Timeout', 'CreatedRulesetName', 'ClientToken'] as const

export const recommendationOperations = operations('glue', {
  async StartDataQualityRuleRecommendationRun(input, ctx) {
    refuseSecurityConfiguration(input.DataQualitySecurityConfiguration)
    const { AdditionalRunOptions: options, CreatedRulesetName: createdRulesetName, ...rest } = input
    refuseOptions(rest, knownInput)
    refuseOptions(options, ['CustomLogGroupPrefix'])
    const order: RecommendationOrder = {
      kind: 'recommendation',
      ...(createdRulesetName && { createdRulesetName }),
      ...(options?.CustomLogGroupPrefix && { customLogGroupPrefix: options.CustomLogGroupPrefix }),
    }
    const run = await ctx.commit((tx) => {
      checkSource(tx, input.DataSource)
      const started = startQualityRun(tx, input, order)
      const there = createdRulesetName && tx.in(qualityRulesets).get(createdRulesetName)
      if (there && there.recommendationRunId !== started.id)
        throw InvalidInputException(`DataQualityRuleset with name ${createdRulesetName} already exists`)
      return started
    })
    return { RunId: run.id }
  },

  async CancelDataQualityRuleRecommendationRun(input, ctx) {
    await cancelQualityRun(ctx, input.RunId, 'recommendation')
    return {}
  },

  async GetDataQualityRuleRecommendationRun(input, ctx) {
    const run = mustGetQualityRun(ctx, input.RunId, 'recommendation')
    const { recommended, customLogGroupPrefix } = run.order as RecommendationOrder
    return {
      ...runOutput(run),
      ...(recommended !== undefined && { RecommendedRuleset: recommended }),
      ...createdOutput(run),
      ...(customLogGroupPrefix && { AdditionalRunOptions: { CustomLogGroupPrefix: customLogGroupPrefix } }),
    }
  },

  async ListDataQualityRuleRecommendationRuns(input, ctx) {
    refuseOptions({ Tags: input.Tags }, [])
    const { items, next } = pageOf(newestRuns(ctx, 'recommendation', input.Filter ?? {}), input, 1000)
    return { Runs: items.map((run) => ({ ...descriptionOutput(run), ...createdOutput(run) })), ...next }
  },
})

function createdOutput({ order }: QualityRun): { CreatedRulesetName?: string } {
  const { createdRulesetName } = order as RecommendationOrder
  return createdRulesetName ? { CreatedRulesetName: createdRulesetName } : {}
}
