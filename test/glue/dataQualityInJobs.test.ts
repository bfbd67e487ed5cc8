/** Data quality of a job: its results are kept, told of, measured and written, and later runs look back on them. */
import {
  BatchGetDataQualityResultCommand,
  GetDataQualityResultCommand,
  GlueClient,
  ListDataQualityResultsCommand,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { watchQuality } from './qualityWatch.ts'
import { jobBench } from './runs.ts'

const script = (rules: string, options: Record<string, unknown>) => `
import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.utils import getResolvedOptions
from awsgluedq.transforms import EvaluateDataQuality
from pyspark.context import SparkContext
glue = GlueContext(SparkContext.getOrCreate())
rows = int(getResolvedOptions(sys.argv, ['rows'])['rows'])
orders = glue.spark_session.createDataFrame([(f'o-{at}', at) for at in range(rows)], 'id string, amount int')
outcomes = EvaluateDataQuality.apply(frame=DynamicFrame.fromDF(orders, glue, 'orders'), ruleset='''${rules}''', publishing_options=${JSON.stringify(options)})
for row in outcomes.toDF().collect():
    print(row.Outcome, '|', row.Rule, '|', row.EvaluatedRule, '|', row.FailureReason or '')
`

test('a job’s evaluation is a result, an event, two metrics and a file', async ({ igarape }) => {
  const bench = await jobBench(igarape)
  const watch = await watchQuality(igarape)
  const glue = igarape.client(GlueClient)
  const rules =
    'Rules = [ RowCount > 5, IsComplete "id", CustomSql "select nothing from primary" = 1 ] Analyzers = [ Mean "amount" ]'
  const options = {
    dataQualityEvaluationContext: 'pedidos',
    enableDataQualityCloudWatchMetrics: 'true',
    enableDataQualityResultsPublishing: 'true',
    resultsS3Prefix: 's3://lago/qualidade/',
  }
  await bench.job('vendas', script(rules, options))
  const { run } = await bench.run('vendas', { '--rows': '3' })

  expect(run.ErrorMessage).toBeUndefined()
  const { Results: listed = [] } = await glue.send(new ListDataQualityResultsCommand({ Filter: { JobName: 'vendas' } }))
  const ResultId = listed[0]?.ResultId ?? ''
  const result = await glue.send(new GetDataQualityResultCommand({ ResultId }))
  const batch = await glue.send(new BatchGetDataQualityResultCommand({ ResultIds: [ResultId, 'dqresult-0'] }))

  expect(listed).toMatchObject([{ JobName: 'vendas', JobRunId: run.Id }])
  expect(result).toMatchObject({
    EvaluationContext: 'pedidos',
    RulesetName: 'pedidos',
    JobName: 'vendas',
    JobRunId: run.Id,
    Score: 1 / 3,
    AnalyzerResults: [
      { Name: 'Analyzer_1', Description: 'Mean "amount"', EvaluatedMetrics: { 'Column.amount.Mean': 1 } },
    ],
    AggregatedMetrics: { TotalRulesProcessed: 3, TotalRulesPassed: 1, TotalRulesFailed: 2 },
  })
  expect(result.RuleResults?.map(({ Name, Result, EvaluatedMetrics }) => ({ Name, Result, EvaluatedMetrics }))).toEqual(
    [
      { Name: 'Rule_1', Result: 'FAIL', EvaluatedMetrics: { 'Dataset.*.RowCount': 3 } },
      { Name: 'Rule_2', Result: 'PASS', EvaluatedMetrics: { 'Column.id.Completeness': 1 } },
      { Name: 'Rule_3', Result: 'ERROR', EvaluatedMetrics: {} },
    ],
  )
  expect(batch).toMatchObject({ Results: [{ ResultId }], ResultsNotFound: ['dqresult-0'] })
  expect(await watch.events()).toEqual([
    {
      resultId: ResultId,
      context: { contextType: 'GLUE_JOB', jobId: run.Id, jobName: 'vendas', evaluationContext: 'pedidos' },
      rulesetNames: ['pedidos'],
      state: 'FAILED',
      score: 1 / 3,
      numRulesSucceeded: 1,
      numRulesFailed: 2,
      numRulesSkipped: 0,
    },
  ])
  expect(await watch.counts({ EvaluationContext: 'pedidos', JobName: 'vendas' })).toEqual({ passed: 1, failed: 2 })
  const files = Object.entries(await watch.files('lago', 'qualidade/'))
  expect(files[0]?.[0]).toMatch(/^qualidade\/year=\d{4}\/month=\d\d\/day=\d\d\/jr_.*\.jsonl$/)
  expect(files[0]?.[1]).toMatchObject([
    { jobName: 'vendas', rule: 'RowCount > 5', outcome: 'Failed', evaluatedMetrics: { 'Dataset.*.RowCount': 3 } },
    { rule: 'IsComplete "id"', outcome: 'Passed', failureReason: null },
    { outcome: 'Failed' },
  ])
}, 120_000)

test('a dynamic rule is held against what earlier runs measured in the same context', async ({ igarape }) => {
  const bench = await jobBench(igarape)
  const rules = `Rules = [ RowCount > avg(last(10)) * 0.8, (RowCount >= last()) or (Mean "amount" < max(last(2))),
    RowCount between min(last(2)) - 1 and index(last(3), 0) + 5, RowCount > last(5) ]`
  await bench.job('vendas', script(rules, { dataQualityEvaluationContext: 'pedidos' }))
  await bench.job('outro', script('Rules = [ RowCount > last() ]', { dataQualityEvaluationContext: 'pedidos' }))

  const first = await bench.run('vendas', { '--rows': '10' })
  const second = await bench.run('vendas', { '--rows': '20' })
  const third = await bench.run('vendas', { '--rows': '11' })
  const other = await bench.run('outro', { '--rows': '1' })

  expect(first.lines).toEqual([
    'Passed | RowCount > avg(last(10)) * 0.8 | RowCount > 0.0 | ',
    'Passed | (RowCount >= last()) or (Mean "amount" < max(last(2))) | (RowCount >= 0.0) or (Mean "amount" < 0.0) | ',
    'Failed | RowCount between min(last(2)) - 1 and index(last(3), 0) + 5 | RowCount between -1.0 and 5.0 | Value: 10.0 does not meet the constraint requirement!',
    'Passed | RowCount > last(5) | RowCount > 0.0 | ',
  ])
  expect(second.lines.slice(0, 1)).toEqual(['Passed | RowCount > avg(last(10)) * 0.8 | RowCount > 8.0 | '])
  expect(third.lines).toEqual([
    'Failed | RowCount > avg(last(10)) * 0.8 | RowCount > 12.0 | Value: 11.0 does not meet the constraint requirement!',
    'Passed | (RowCount >= last()) or (Mean "amount" < max(last(2))) | (RowCount >= 20.0) or (Mean "amount" < 9.5) | ',
    'Passed | RowCount between min(last(2)) - 1 and index(last(3), 0) + 5 | RowCount between 9.0 and 25.0 | ',
    'Failed | RowCount > last(5) | RowCount > last(5) | Rule threshold results in list, and a single value is expected. Use aggregation functions to produce a single value. Valid example: sum(last(10)), avg(last(10)).',
  ])
  expect(other.lines).toEqual(['Passed | RowCount > last() | RowCount > 0.0 | '])
}, 180_000)

test('what a job does not publish leaves no result and no event', async ({ igarape }) => {
  const bench = await jobBench(igarape)
  const watch = await watchQuality(igarape)
  await bench.job('vendas', script('Rules = [ RowCount > 0 ]', { enableDataQualityResultsPublishing: 'false' }))
  const { run } = await bench.run('vendas', { '--rows': '1' })

  expect(run.JobRunState).toBe('SUCCEEDED')
  expect((await igarape.client(GlueClient).send(new ListDataQualityResultsCommand({}))).Results).toEqual([])
  expect(await watch.events()).toEqual([])
}, 120_000)
