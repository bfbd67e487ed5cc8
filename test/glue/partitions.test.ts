/** Partitions by expression: the same rows as a reading of all, whatever the ranges, the pages and the segments. */
import {
  BatchCreatePartitionCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  GetPartitionsCommand,
  GlueClient,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { partitionFilter } from '../../src/services/glue/partitionExpressions.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const PartitionKeys = [
  { Name: 'ano', Type: 'int' },
  { Name: 'mes', Type: 'int' },
  { Name: 'dia', Type: 'string' },
]
const place = { DatabaseName: 'loja', TableName: 'vendas' }

/** Months with and without a zero before them, days beyond ASCII, a null, a negative year. */
function allValues(): string[][] {
  const months = ['1', '02', '3', '10', '12']
  const days = ['2025-10-01', '2025-10-02', 'ação', 'zz', '__HIVE_DEFAULT_PARTITION__']
  return ['99', '2024', '2025', '20250', '-3'].flatMap((year) =>
    months.flatMap((month) => days.map((day) => [year, month, day])),
  )
}

async function table(igarape: Igarape): Promise<GlueClient> {
  const glue = igarape.client(GlueClient)
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja' } }))
  await glue.send(new CreateTableCommand({ DatabaseName: 'loja', TableInput: { Name: 'vendas', PartitionKeys } }))
  const inputs = allValues().map((Values) => ({ Values }))
  for (let start = 0; start < inputs.length; start += 100)
    await glue.send(new BatchCreatePartitionCommand({ ...place, PartitionInputList: inputs.slice(start, start + 100) }))
  return glue
}

async function found(glue: GlueClient, more: object): Promise<string[]> {
  const values: string[] = []
  let NextToken: string | undefined
  do {
    const page = await glue.send(new GetPartitionsCommand({ ...place, ...more, ...(NextToken && { NextToken }) }))
    values.push(...(page.Partitions ?? []).map(({ Values }) => Values?.join('/') ?? ''))
    NextToken = page.NextToken
  } while (NextToken)
  return values
}

const expressions = [
  '',
  'ano = 2025',
  'ano = 2025 AND mes = 2',
  'mes = 10',
  "dia = '2025-10-02'",
  "ano >= 2024 AND ano < 2026 AND dia LIKE '2025-%'",
  'ano BETWEEN 50 AND 3000 AND mes IN (1, 12)',
  'ano < 0',
  "dia >= '2025-10-02' AND dia <= 'zz'",
  "dia = 'ação' OR mes = 3",
  'NOT (ano = 2025)',
  'dia IS NULL AND mes <> 1',
  "mes = 2 AND (dia = 'zz' OR dia = '2025-10-01')",
  'ano = 2025 AND ano = 2024',
]

test('an expression finds what a reading of all finds, page by page', async ({ igarape }) => {
  const glue = await table(igarape)
  for (const Expression of expressions) {
    const { test: passes } = partitionFilter(Expression, PartitionKeys)
    const wanted = allValues().filter(passes)
    const whole = await found(glue, { Expression })

    expect(whole.toSorted(), Expression).toEqual(wanted.map((values) => values.join('/')).toSorted())
    expect(await found(glue, { Expression, MaxResults: 7 }), Expression).toEqual(whole)
  }
})

test('segments are apart from each other and together are all', async ({ igarape }) => {
  const glue = await table(igarape)
  const parts = await Promise.all(
    [0, 1, 2].map((SegmentNumber) => found(glue, { Segment: { SegmentNumber, TotalSegments: 3 }, MaxResults: 9 })),
  )

  expect(parts.every((part) => part.length > 0)).toBe(true)
  expect(parts.flat().toSorted()).toEqual((await found(glue, {})).toSorted())
})
