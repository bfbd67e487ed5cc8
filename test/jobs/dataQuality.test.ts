/** DQDL within jobs: each rule type's outcome, its reason in AWS's words, and what was measured. */
import { expect } from 'vitest'
import { readRuleset, UnsupportedRule } from '../../src/services/glue/dataQualityLanguage.ts'
import { type JobEngine, test } from './engine.ts'

const data = `
import datetime, decimal, json
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsgluedq.transforms import EvaluateDataQuality
from pyspark.context import SparkContext
glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
D = decimal.Decimal
orders = spark.createDataFrame([
    ('o-1', 'Manaus', 10, 'a@b.com', D('1.50'), datetime.datetime(2025, 10, 20, 8)),
    ('o-2', 'Manaus', 20, None, D('2.50'), datetime.datetime(2025, 10, 20, 9)),
    ('o-3', 'Belém', 30, 'x', D('3.50'), datetime.datetime(2025, 10, 20, 10)),
    ('o-4', None, 40, '', D('4.50'), None),
    ('o-4', 'Macapá', 50, '   ', D('-5.50'), datetime.datetime(2025, 10, 20, 11)),
], 'id string, city string, quantity int, email string, amount decimal(10,2), at timestamp')
cities = spark.createDataFrame([('Manaus', 'AM'), ('Belém', 'PA')], 'name string, state string')
def frame(data, name): return DynamicFrame.fromDF(data, glue, name)
def evaluate(rules, **more):
    return EvaluateDataQuality.apply(frame=frame(orders, 'orders'), ruleset='Rules = [' + rules + ']', additional_data_sources={'cities': frame(cities, 'cities'), 'same': frame(orders, 'same')}, **more)
def show(outcomes):
    for row in outcomes.toDF().collect():
        metrics = ', '.join(f'{name}={value:.4g}' for name, value in sorted(row.EvaluatedMetrics.items()))
        print(f'{row.Outcome} | {row.Rule} | {row.FailureReason or ""} | {metrics}')
`

/** Nothing was measured before, and nobody keeps what is. */
const host = { quality: { history: () => [], publish: async () => undefined } }

async function outcomes(jobs: JobEngine, rules: string[], more = ''): Promise<string[]> {
  const { output, errors } = await jobs.run(`${data}\nshow(evaluate(r'''${rules.join(',\n')}'''${more}))`, {}, host)
  expect(errors).toBe('')
  return output.trim().split('\n')
}

test('rules of completeness, of uniqueness and of frequency', async ({ jobs }) => {
  expect(
    await outcomes(jobs, [
      'RowCount = 5',
      'RowCount between 5 and 9',
      'IsComplete "id"',
      'IsComplete "city"',
      'Completeness "city" >= 0.8',
      'Completeness "city" > 0.8 where "quantity < 35"',
      'IsUnique "id"',
      'Uniqueness "id" >= 0.6',
      'UniqueValueRatio "id" > 0.5',
      'DistinctValuesCount "city" = 3',
      'IsPrimaryKey "id" "quantity"',
      'Entropy "city" > 1',
    ]),
  ).toEqual([
    'Passed | RowCount = 5 |  | Dataset.*.RowCount=5',
    'Failed | RowCount between 5 and 9 | Value: 5.0 does not meet the constraint requirement! | Dataset.*.RowCount=5',
    'Passed | IsComplete "id" |  | Column.id.Completeness=1',
    'Failed | IsComplete "city" | Value: 0.8 does not meet the constraint requirement! | Column.city.Completeness=0.8',
    'Passed | Completeness "city" >= 0.8 |  | Column.city.Completeness=0.8',
    'Passed | Completeness "city" > 0.8 where "quantity < 35" |  | Column.city.Completeness=1',
    'Failed | IsUnique "id" | Value: 0.6 does not meet the constraint requirement! | Column.id.Uniqueness=0.6',
    'Passed | Uniqueness "id" >= 0.6 |  | Column.id.Uniqueness=0.6',
    'Passed | UniqueValueRatio "id" > 0.5 |  | Column.id.UniqueValueRatio=0.75',
    'Passed | DistinctValuesCount "city" = 3 |  | Column.city.DistinctValuesCount=3',
    'Passed | IsPrimaryKey "id" "quantity" |  | Multicolumn.id,quantity.Uniqueness=1',
    'Passed | Entropy "city" > 1 |  | Column.city.Entropy=1.04',
  ])
})

test('rules about the values of a column, their length and their type', async ({ jobs }) => {
  expect(
    await outcomes(jobs, [
      'ColumnValues "quantity" > 0',
      'ColumnValues "amount" > 0',
      'ColumnValues "amount" > 0 with threshold >= 0.8',
      'ColumnValues "city" in ["Manaus", "Belém", "Macapá"]',
      'ColumnValues "city" in ["Manaus", "Belém", "Macapá", NULL]',
      'ColumnValues "city" not in ["Porto Velho"]',
      'ColumnValues "city" != NULL',
      'ColumnValues "email" in [NULL, EMPTY, WHITESPACES_ONLY] with threshold = 0.6',
      'ColumnValues "id" matches "o-\\d"',
      'ColumnValues "at" < (now() - 1 days) where "at is not null"',
      'ColumnValues "quantity" between 10 and 60',
      'ColumnLength "id" = 3',
      'ColumnLength "city" > 4',
      'ColumnDataType "id" = "INTEGER"',
      'ColumnDataType "quantity" = "INTEGER"',
      'DataFreshness "at" > 24 hours with threshold > 0.7',
    ]),
  ).toEqual([
    'Passed | ColumnValues "quantity" > 0 |  | Column.quantity.Maximum=50, Column.quantity.Minimum=10',
    'Failed | ColumnValues "amount" > 0 | Value: -5.5 does not meet the constraint requirement! | Column.amount.Maximum=4.5, Column.amount.Minimum=-5.5',
    'Passed | ColumnValues "amount" > 0 with threshold >= 0.8 |  | Column.amount.ColumnValues.Compliance=0.8',
    'Failed | ColumnValues "city" in ["Manaus", "Belém", "Macapá"] | Value: NULL does not meet the constraint requirement! | Column.city.ColumnValues.Compliance=0.8',
    'Passed | ColumnValues "city" in ["Manaus", "Belém", "Macapá", NULL] |  | Column.city.ColumnValues.Compliance=1',
    'Passed | ColumnValues "city" not in ["Porto Velho"] |  | Column.city.ColumnValues.Compliance=1',
    'Failed | ColumnValues "city" != NULL | Value: 0.8 does not meet the constraint requirement! | Column.city.ColumnValues.Compliance=0.8',
    'Passed | ColumnValues "email" in [NULL, EMPTY, WHITESPACES_ONLY] with threshold = 0.6 |  | Column.email.ColumnValues.Compliance=0.6',
    'Passed | ColumnValues "id" matches "o-\\d" |  | Column.id.ColumnValues.Compliance=1',
    'Passed | ColumnValues "at" < (now() - 1 days) where "at is not null" |  | Column.at.ColumnValues.Compliance=1',
    'Failed | ColumnValues "quantity" between 10 and 60 | Value: 10.0 does not meet the constraint requirement! | Column.quantity.Maximum=50, Column.quantity.Minimum=10',
    'Passed | ColumnLength "id" = 3 |  | Column.id.MaximumLength=3, Column.id.MinimumLength=3',
    'Failed | ColumnLength "city" > 4 | Value: 0.0 does not meet the constraint requirement! | Column.city.MaximumLength=6, Column.city.MinimumLength=0',
    'Failed | ColumnDataType "id" = "INTEGER" | Value: 0.0 does not meet the constraint requirement! | Column.id.ColumnDataType.Compliance=0',
    'Passed | ColumnDataType "quantity" = "INTEGER" |  | Column.quantity.ColumnDataType.Compliance=1',
    'Passed | DataFreshness "at" > 24 hours with threshold > 0.7 |  | Column.at.DataFreshness.Compliance=0.8',
  ])
})

test('statistics, columns, and composites', async ({ jobs }) => {
  expect(
    await outcomes(jobs, [
      'Mean "quantity" = 30',
      'Sum "amount" between 6 and 7',
      'StandardDeviation "quantity" > 14',
      'ColumnCorrelation "quantity" "amount" < 0',
      'Mean "city" > 1',
      'ColumnCount = 6',
      'ColumnExists "city"',
      'ColumnExists "cidade"',
      'ColumnNamesMatchPattern "[a-z]+"',
      'IsComplete "cidade"',
      '(RowCount > 0) and ((IsComplete "city") or (IsComplete "id"))',
      '(RowCount > 9) or (IsComplete "city")',
    ]),
  ).toEqual([
    'Passed | Mean "quantity" = 30 |  | Column.quantity.Mean=30',
    'Passed | Sum "amount" between 6 and 7 |  | Column.amount.Sum=6.5',
    'Passed | StandardDeviation "quantity" > 14 |  | Column.quantity.StandardDeviation=14.14',
    'Passed | ColumnCorrelation "quantity" "amount" < 0 |  | Multicolumn.quantity,amount.ColumnCorrelation=-0.4789',
    'Failed | Mean "city" > 1 | Expected type of column city to be numeric, but found StringType instead! | ',
    'Passed | ColumnCount = 6 |  | Dataset.*.ColumnCount=6',
    'Passed | ColumnExists "city" |  | ',
    'Failed | ColumnExists "cidade" | Column cidade does not exist! | ',
    'Passed | ColumnNamesMatchPattern "[a-z]+" |  | Dataset.*.ColumnNamesPatternMatchRatio=1',
    'Failed | IsComplete "cidade" | Input data does not include column cidade! | ',
    'Passed | (RowCount > 0) and ((IsComplete "city") or (IsComplete "id")) |  | Column.city.Completeness=0.8, Column.id.Completeness=1, Dataset.*.RowCount=5',
    'Failed | (RowCount > 9) or (IsComplete "city") | Value: 5.0 does not meet the constraint requirement!; Value: 0.8 does not meet the constraint requirement! | Column.city.Completeness=0.8, Dataset.*.RowCount=5',
  ])
})

test('comparisons with other datasets, and SQL of one’s own', async ({ jobs }) => {
  expect(
    await outcomes(jobs, [
      'ReferentialIntegrity "city" "cities.name" >= 0.6',
      'ReferentialIntegrity "city" "cities.{name}" = 1.0',
      'RowCountMatch "same" = 1.0',
      'RowCountMatch "cities" < 3',
      'SchemaMatch "same" = 1.0',
      'DatasetMatch "same" "id,quantity" = 1.0',
      'AggregateMatch "sum(quantity)" "sum(same.quantity)" = 1.0',
      'CustomSql "select count(*) from primary where amount < 0" = 0',
      'CustomSql "select id from primary where amount > 0" with threshold > 0.7',
      'RowCountMatch "nobody" = 1.0',
    ]),
  ).toEqual([
    'Passed | ReferentialIntegrity "city" "cities.name" >= 0.6 |  | Column.cities.ReferentialIntegrity=0.6',
    'Failed | ReferentialIntegrity "city" "cities.{name}" = 1.0 | Value: 0.6 does not meet the constraint requirement! | Column.cities.ReferentialIntegrity=0.6',
    'Passed | RowCountMatch "same" = 1.0 |  | Dataset.same.RowCountMatch=1',
    'Passed | RowCountMatch "cities" < 3 |  | Dataset.cities.RowCountMatch=2.5',
    'Passed | SchemaMatch "same" = 1.0 |  | Dataset.same.SchemaMatch=1',
    'Passed | DatasetMatch "same" "id,quantity" = 1.0 |  | Dataset.same.DatasetMatch=1',
    'Passed | AggregateMatch "sum(quantity)" "sum(same.quantity)" = 1.0 |  | Column.quantity.AggregateMatch=1',
    'Failed | CustomSql "select count(*) from primary where amount < 0" = 0 | Value: 1.0 does not meet the constraint requirement! | Dataset.*.CustomSQL=1',
    'Passed | CustomSql "select id from primary where amount > 0" with threshold > 0.7 |  | Dataset.*.CustomSQL.Compliance=0.8',
    'Failed | RowCountMatch "nobody" = 1.0 | There is no dataset called nobody: give it as an additional data source. |',
  ])
})

test('a composite is held against columns, or against each row', async ({ jobs }) => {
  const rules = [
    '(ColumnValues "quantity" < 30) or (ColumnValues "amount" > 3)',
    '(IsUnique "id") or (ColumnValues "quantity" >= 40)',
  ]
  const metrics =
    'Column.amount.Maximum=4.5, Column.amount.Minimum=-5.5, Column.quantity.Maximum=50, Column.quantity.Minimum=10'
  const byRow = await outcomes(jobs, rules, ", additional_options={'compositeRuleEvaluation.method': 'ROW'}")

  expect(byRow).toEqual([
    `Failed | ${rules[0]} | Value: 0.8 does not meet the constraint requirement! | ${metrics}`,
    `Passed | ${rules[1]} |  | Column.id.Uniqueness=0.6, Column.quantity.Maximum=50, Column.quantity.Minimum=10`,
  ])
})

test('SQL that cannot be run fails its rule only; uniqueness is of several columns too', async ({ jobs }) => {
  const found = await outcomes(jobs, [
    'CustomSql "select nothing from primary" = 1',
    'Uniqueness "id" "quantity" = 1',
    'IsUnique "id" "city"',
  ])

  expect(found[0]).toMatch(/^Failed \| CustomSql "select nothing from primary" = 1 \| .*nothing/)
  expect(found.slice(1)).toEqual([
    'Passed | Uniqueness "id" "quantity" = 1 |  | Multicolumn.id,quantity.Uniqueness=1',
    'Passed | IsUnique "id" "city" |  | Multicolumn.id,city.Uniqueness=1',
  ])
})

test('rules about files: how old they are and how large', async ({ jobs }) => {
  jobs.put('lago', 'pedidos/a.csv', 'x'.repeat(2048))
  jobs.put('lago', 'pedidos/b.csv', 'x'.repeat(10))

  const found = await outcomes(jobs, [
    'FileFreshness "s3://lago/pedidos/" > (now() - 24 hours)',
    'FileFreshness "s3://lago/pedidos/a.csv" < "2020-01-01"',
    'FileSize "s3://lago/pedidos" > 1 KB',
    'FileSize "s3://lago/pedidos/" between 1 KB and 1 MB with threshold >= 0.5',
    'FileSize "s3://lago/pedidos/a.csv" = 2 KB',
    'FileSize "s3://lago/nada/" > 1 B',
    'FileSize "s3://sumido/" > 1 B',
  ])

  const sizes =
    'Dataset.*.FileCount=2, Dataset.*.FileSize.Compliance=0.5, Dataset.*.MaximumFileSize=2048, Dataset.*.MinimumFileSize=10'
  expect(found).toEqual([
    'Passed | FileFreshness "s3://lago/pedidos/" > (now() - 24 hours) |  | Dataset.*.FileCount=2, Dataset.*.FileFreshness.Compliance=1',
    'Failed | FileFreshness "s3://lago/pedidos/a.csv" < "2020-01-01" | Value: 0.0 does not meet the constraint requirement! | Dataset.*.FileCount=1, Dataset.*.FileFreshness.Compliance=0',
    `Failed | FileSize "s3://lago/pedidos" > 1 KB | Value: 0.5 does not meet the constraint requirement! | ${sizes}`,
    `Passed | FileSize "s3://lago/pedidos/" between 1 KB and 1 MB with threshold >= 0.5 |  | ${sizes}`,
    'Passed | FileSize "s3://lago/pedidos/a.csv" = 2 KB |  | Dataset.*.FileCount=1, Dataset.*.FileSize.Compliance=1, Dataset.*.MaximumFileSize=2048, Dataset.*.MinimumFileSize=2048',
    'Failed | FileSize "s3://lago/nada/" > 1 B | There are no files at s3://lago/nada/. | ',
    'Failed | FileSize "s3://sumido/" > 1 B | The specified bucket does not exist |',
  ])
})

test('each row says which rules it keeps and which it breaks', async ({ jobs }) => {
  const { output, errors } = await jobs.run(
    `${data}
rules = '''Rules = [ RowCount > 0, IsComplete "city", (ColumnValues "amount" > 0) and (IsUnique "id") ]'''
found = EvaluateDataQuality().process_rows(frame=frame(orders, 'orders'), ruleset=rules)
print(sorted(found.keys()))
for row in found['rowLevelOutcomes'].toDF().orderBy('quantity').collect():
    print(row.quantity, row.DataQualityEvaluationResult, row.DataQualityRulesPass, row.DataQualityRulesFail, row.DataQualityRulesSkip)
`,
    {},
    host,
  )

  expect(errors).toBe('')
  const both = '\'(ColumnValues "amount" > 0) and (IsUnique "id")\''
  expect(output.trim().split('\n')).toEqual([
    "['originalData', 'rowLevelOutcomes', 'ruleOutcomes']",
    `10 Passed ['IsComplete "city"', ${both}] [] ['RowCount > 0']`,
    `20 Passed ['IsComplete "city"', ${both}] [] ['RowCount > 0']`,
    `30 Passed ['IsComplete "city"', ${both}] [] ['RowCount > 0']`,
    `40 Failed [] ['IsComplete "city"', ${both}] ['RowCount > 0']`,
    `50 Failed ['IsComplete "city"'] [${both}] ['RowCount > 0']`,
  ])
})

test('a ruleset that is none says where; what is not supported is refused by name', async ({ jobs }) => {
  const { output } = await jobs.run(
    `${data}
for rules in ['RowCount >', 'IsComplet "id"', 'ColumnLength "id" > avg(last(10))', 'DetectAnomalies "RowCount"', 'IsComplete', 'RowCount > 1 IsComplete "id"']:
    try:
        evaluate(rules)
    except Exception as error:
        print(type(error).__name__, error)
`,
    {},
    host,
  )

  expect(output.trim().split('\n')).toEqual([
    "RulesetError line 1:20: ']' is no value",
    'RulesetError IsComplet "id": there is no rule type IsComplet',
    'NotImplementedError Dynamic rules of the DQDL rule type ColumnLength are not supported.',
    'NotImplementedError The DQDL rule type DetectAnomalies is not supported.',
    'RulesetError IsComplete: IsComplete takes 1 parameters',
    "RulesetError line 1:23: ']' is expected, not 'IsComplete'",
  ])
})

/** Right and wrong ones: both readers say the same of each. */
const rulesets = [
  'Rules = [ RowCount > 0 ]',
  'Rules = [ RowCount > 0, ]',
  'Rules = [ RowCount > ',
  'Rules = [ "RowCount" ]',
  'Rules [ RowCount > 1 ]',
  'Rules = [ ]',
  'Regras = [ RowCount > 1 ]',
  '',
  '# nothing',
  'Rules = [ IsComplete "a" # a comment\n, Completeness "b" between 0.5 and 1 ]',
  'Rules = [ Completeness "b" between 0.5 or 1 ]',
  'Rules = [ (RowCount > 1) and (IsUnique "a") ]',
  'Rules = [ (RowCount > 1) and (IsUnique "a") or (IsUnique "b") ]',
  'Rules = [ ((RowCount > 1) and (IsUnique "a")) or (IsUnique "b") ]',
  'Rules = [ (RowCount > 1 ]',
  'Rules = [ ColumnValues "a" in ["x", NULL, 3], ColumnValues "b" not in [1] with threshold > 0.9 where "c > 1" ]',
  'Rules = [ ColumnValues "a" matches "[a-z]+\\d" ]',
  'Rules = [ ColumnValues "a" not like "x" ]',
  'Rules = [ ColumnValues "at" > (now() - 3 days), DataFreshness "at" <= 24 hours ]',
  'Rules = [ ColumnValues "at" > now( ]',
  'Rules = [ RowCount > avg(last(10)) * 0.8, RowCount between min(last(3))-1 and -max(last())/2 ]',
  'Rules = [ RowCount > avg(last(10) ]',
  'Rules = [ RowCount > average(last(10)) ]',
  'Rules = [ RowCount > index(last(10)) ]',
  'Rules = [ RowCount "a" > 1 ]',
  'Rules = [ IsPrimaryKey "a" "b", ColumnExists "c", CustomSql "select 1" ]',
  'Rules = [ Mean "a" ]',
  'Rules = [ Nothing "a" ]',
  'Rules = [ FileSize "s3://b/" between 2 MB and 1 GB, FileFreshness "s3://b/" > (now() - 24 hours) ]',
  'Rules = [ DetectAnomalies "RowCount" ]',
  'Rules = [ RowCount > 1 ] Analyzers = [ Mean "a", RowCount ]',
  'Analyzers = [ IsComplete "a" ]',
  'Analyzers = [ RowCount > 1 ]',
  'Analyzers = [ Mean ]',
  'Rules = [ ColumnLength "a" > last() ]',
  'Rules = [ RowCount > 1; RowCount > 2 ]',
]

test('the server reads rulesets as the evaluation does', async ({ jobs }) => {
  const { output, errors } = await jobs.run(`
import json
from awsgluedq.dqdl.history import is_dynamic
from awsgluedq.dqdl.known_rules import check_rules
from awsgluedq.dqdl.ruleset import parse_ruleset
def read(text):
    try:
        ruleset = parse_ruleset(text)
        check_rules(ruleset)
    except NotImplementedError:
        return 'refused'
    except Exception as error:
        return str(error)
    return [len(ruleset.rules), len(ruleset.analyzers), is_dynamic(ruleset)]
print(json.dumps([read(text) for text in json.loads(r'''${JSON.stringify(rulesets)}''')]))
`)

  expect(errors).toBe('')
  expect(rulesets.map((text) => [text, readHere(text)])).toEqual(
    rulesets.map((text, index) => [text, JSON.parse(output)[index]]),
  )
})

function readHere(text: string) {
  try {
    const { rules, analyzers, isDynamic } = readRuleset(text)
    return [rules, analyzers, isDynamic]
  } catch (error) {
    return error instanceof UnsupportedRule ? 'refused' : (error as Error).message
  }
}
