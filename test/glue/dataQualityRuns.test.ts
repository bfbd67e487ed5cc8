/** Runs over tables of the Catalog: rulesets are really evaluated, and rules are recommended from what the data is. */
import {
  CancelDataQualityRulesetEvaluationRunCommand,
  CreateDatabaseCommand,
  CreateDataQualityRulesetCommand,
  CreateTableCommand,
  GetDataQualityResultCommand,
  GetDataQualityRuleRecommendationRunCommand,
  GetDataQualityRulesetCommand,
  GetDataQualityRulesetEvaluationRunCommand,
  GlueClient,
  ListDataQualityResultsCommand,
  ListDataQualityRuleRecommendationRunsCommand,
  ListDataQualityRulesetEvaluationRunsCommand,
  StartDataQualityRuleRecommendationRunCommand,
  StartDataQualityRulesetEvaluationRunCommand,
  type StartDataQualityRulesetEvaluationRunCommandInput,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { watchQuality } from './qualityWatch.ts'

const orders = `id,city,amount
o-1,Manaus,10.5
o-2,Manaus,20
o-3,Belém,
o-4,Belém,40.25
o-5,Macapá,-3
o-6,Macapá,7
`

async function tables(igarape: Igarape): Promise<GlueClient> {
  const [glue, s3] = [igarape.client(GlueClient), igarape.client(S3Client)]
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'pedidos/a.csv', Body: orders }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'cidades/a.csv', Body: 'name\nManaus\nBelém\n' }))
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'vendas' } }))
  await makeTable(glue, 'pedidos', { id: 'string', city: 'string', amount: 'double' })
  await makeTable(glue, 'cidades', { name: 'string' })
  return glue
}

async function makeTable(glue: GlueClient, Name: string, columns: Record<string, string>): Promise<void> {
  const StorageDescriptor = {
    Columns: Object.entries(columns).map(([column, Type]) => ({ Name: column, Type })),
    Location: `s3://lago/${Name}/`,
    SerdeInfo: {
      SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
      Parameters: { 'field.delim': ',' },
    },
  }
  const Parameters = { classification: 'csv', 'skip.header.line.count': '1' }
  const TableInput = { Name, TableType: 'EXTERNAL_TABLE', Parameters, StorageDescriptor }
  await glue.send(new CreateTableCommand({ DatabaseName: 'vendas', TableInput }))
}

const source = (TableName: string) => ({ GlueTable: { DatabaseName: 'vendas', TableName } })

async function evaluate(glue: GlueClient, more: Partial<StartDataQualityRulesetEvaluationRunCommandInput>) {
  const { RunId } = await glue.send(
    new StartDataQualityRulesetEvaluationRunCommand({
      DataSource: source('pedidos'),
      Role: 'glue',
      RulesetNames: ['pedidos'],
      ...more,
    }),
  )
  return { RunId }
}

test('a run evaluates rulesets over a table, with other tables beside it', async ({ igarape }) => {
  const glue = await tables(igarape)
  const watch = await watchQuality(igarape)
  const rules = {
    pedidos: 'Rules = [ RowCount = 6, IsComplete "amount", ColumnValues "amount" > 0, IsUnique "id" ]',
    cidades: 'Rules = [ ReferentialIntegrity "city" "cidades.name" >= 0.6 ]',
  }
  for (const [Name, Ruleset] of Object.entries(rules))
    await glue.send(new CreateDataQualityRulesetCommand({ Name, Ruleset }))

  const { RunId } = await evaluate(glue, {
    RulesetNames: ['pedidos', 'cidades'],
    AdditionalDataSources: { cidades: source('cidades') },
    AdditionalRunOptions: { CloudWatchMetricsEnabled: true, ResultsS3Prefix: 's3://lago/qualidade' },
  })
  await igarape.settled()
  const run = await glue.send(new GetDataQualityRulesetEvaluationRunCommand({ RunId }))
  expect(run).toMatchObject({ Status: 'SUCCEEDED', RulesetNames: ['pedidos', 'cidades'], NumberOfWorkers: 5 })
  const [first = '', second = ''] = run.ResultIds ?? []
  const result = await glue.send(new GetDataQualityResultCommand({ ResultId: first }))

  expect(result).toMatchObject({
    Score: 0.5,
    RulesetName: 'pedidos',
    RulesetEvaluationRunId: RunId,
    DataSource: source('pedidos'),
  })
  expect(result.RuleResults?.map(({ Name, Result, EvaluationMessage }) => [Name, Result, EvaluationMessage])).toEqual([
    ['Rule_1', 'PASS', undefined],
    ['Rule_2', 'FAIL', `Value: ${5 / 6} does not meet the constraint requirement!`],
    ['Rule_3', 'FAIL', 'Value: NULL does not meet the constraint requirement!'],
    ['Rule_4', 'PASS', undefined],
  ])
  const context = {
    contextType: 'GLUE_DATA_CATALOG',
    runId: RunId,
    databaseName: 'vendas',
    tableName: 'pedidos',
    catalogId: '000000000000',
  }
  const events = await watch.events()
  expect(events.toSorted((one, other) => one.score - other.score)).toMatchObject([
    { resultId: first, context, rulesetNames: ['pedidos'], state: 'FAILED', score: 0.5, numRulesFailed: 2 },
    { resultId: second, context, rulesetNames: ['cidades'], state: 'SUCCEEDED', score: 1, numRulesFailed: 0 },
  ])
  const dimensions = { Ruleset: 'pedidos', Table: 'pedidos', Database: 'vendas', CatalogId: '000000000000' }
  expect(await watch.counts(dimensions)).toEqual({ passed: 2, failed: 2 })
  expect(
    Object.values(await watch.files('lago', 'qualidade/'))
      .map((lines) => lines.length)
      .toSorted(),
  ).toEqual([1, 4])
  const listed = await glue.send(new ListDataQualityResultsCommand({ Filter: { DataSource: source('pedidos') } }))
  expect(listed.Results?.map(({ ResultId }) => ResultId).toSorted()).toEqual([first, second].toSorted())
}, 120_000)

test('what a run cannot evaluate is refused at its start, or told as its failure', async ({ igarape }) => {
  const glue = await tables(igarape)
  const refusal = (more: Partial<StartDataQualityRulesetEvaluationRunCommandInput>) =>
    evaluate(glue, more).catch((error: Error) => `${error.name} ${error.message}`)
  const make = (Name: string, Ruleset: string) => glue.send(new CreateDataQualityRulesetCommand({ Name, Ruleset }))
  await make('pedidos', 'Rules = [ RowCount > 1 ]')
  await make('movel', 'Rules = [ RowCount > avg(last(3)) ]')
  await make('quebrado', 'Rules = [ IsComplete "id" where "nada > 1" ]')

  expect(await refusal({ RulesetNames: ['ninguem'] })).toBe(
    'EntityNotFoundException Cannot find Data Quality Ruleset in account 000000000000 with name ninguem',
  )
  expect(await refusal({ DataSource: source('ninguem') })).toBe('EntityNotFoundException Entity Not Found')
  expect(await refusal({ RulesetNames: ['movel'] })).toMatch(/^InvalidInputException .*dynamic rules/)
  expect(await refusal({ AdditionalRunOptions: { ResultsS3Prefix: 'lago' } })).toMatch(/^InvalidInputException/)
  const { RunId: broken } = await evaluate(glue, { RulesetNames: ['quebrado'] })
  const { RunId: unwritten } = await evaluate(glue, { AdditionalRunOptions: { ResultsS3Prefix: 's3://sumido/' } })
  await igarape.settled()
  const runs = await Promise.all(
    [broken, unwritten].map((RunId) => glue.send(new GetDataQualityRulesetEvaluationRunCommand({ RunId }))),
  )

  expect(runs.map(({ Status }) => Status)).toEqual(['FAILED', 'FAILED'])
  expect(runs[0]?.ErrorString).toMatch(/nada/)
  expect(runs[1]?.ErrorString).toMatch(/NoSuchBucket/)
  expect((await glue.send(new ListDataQualityResultsCommand({}))).Results).toEqual([])
}, 120_000)

test('a token stands for one run; a run is listed by its table, and cancelled once', async ({ igarape }) => {
  const glue = await tables(igarape)
  await glue.send(new CreateDataQualityRulesetCommand({ Name: 'pedidos', Ruleset: 'Rules = [ RowCount > 1 ]' }))

  const one = await evaluate(glue, { ClientToken: 'a' })
  const same = await evaluate(glue, { ClientToken: 'a' })
  await expect(evaluate(glue, { ClientToken: 'a', Timeout: 5 })).rejects.toMatchObject({ name: 'ConflictException' })
  await glue.send(new CancelDataQualityRulesetEvaluationRunCommand(one))
  await igarape.settled()
  const run = await glue.send(new GetDataQualityRulesetEvaluationRunCommand(one))
  const list = async (table: string) =>
    (await glue.send(new ListDataQualityRulesetEvaluationRunsCommand({ Filter: { DataSource: source(table) } }))).Runs

  expect(same).toEqual(one)
  expect(run.Status).toBe('STOPPED')
  expect(await list('pedidos')).toMatchObject([{ ...one, Status: 'STOPPED', DataSource: source('pedidos') }])
  expect(await list('cidades')).toEqual([])
  await expect(glue.send(new CancelDataQualityRulesetEvaluationRunCommand(one))).rejects.toMatchObject({
    name: 'InvalidInputException',
  })
}, 120_000)

test('a recommendation describes the data, is kept as a ruleset, and the data keeps it', async ({ igarape }) => {
  const glue = await tables(igarape)
  const { RunId } = await glue.send(
    new StartDataQualityRuleRecommendationRunCommand({
      DataSource: source('pedidos'),
      Role: 'glue',
      CreatedRulesetName: 'pedidos',
    }),
  )
  await igarape.settled()
  const run = await glue.send(new GetDataQualityRuleRecommendationRunCommand({ RunId }))
  expect(run).toMatchObject({ Status: 'SUCCEEDED' })
  const kept = await glue.send(new GetDataQualityRulesetCommand({ Name: 'pedidos' }))
  const { Runs } = await glue.send(new ListDataQualityRuleRecommendationRunsCommand({}))
  const evaluation = await evaluate(glue, {})
  await igarape.settled()
  const { ResultIds } = await glue.send(new GetDataQualityRulesetEvaluationRunCommand(evaluation))
  const result = await glue.send(new GetDataQualityResultCommand({ ResultId: ResultIds?.[0] ?? '' }))

  expect(run.RecommendedRuleset?.split('\n').map((line) => line.trim().replace(/,$/, ''))).toEqual([
    'Rules = [',
    'RowCount between 3 and 12',
    'IsComplete "id"',
    'IsUnique "id"',
    'ColumnLength "id" = 3',
    'IsComplete "city"',
    'ColumnValues "city" in ["Belém", "Macapá", "Manaus"]',
    'ColumnLength "city" between 4 and 7',
    'Completeness "amount" >= 0.83',
    'IsUnique "amount"',
    'StandardDeviation "amount" between 13.9025 and 15.3659',
    'ColumnValues "amount" >= -3.0 with threshold >= 0.83',
    'ColumnValues "amount" <= 40.25 with threshold >= 0.83',
    ']',
  ])
  expect(kept).toMatchObject({
    Ruleset: run.RecommendedRuleset,
    RecommendationRunId: RunId,
    TargetTable: { DatabaseName: 'vendas', TableName: 'pedidos' },
  })
  expect(Runs).toMatchObject([{ RunId, Status: 'SUCCEEDED', CreatedRulesetName: 'pedidos' }])
  expect(result.RuleResults?.filter(({ Result }) => Result !== 'PASS')).toEqual([])
}, 120_000)
