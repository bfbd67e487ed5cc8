/** awswrangler (the AWS SDK for pandas), its own package, told nothing but an endpoint. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { answersOf, pythonClients } from './pythonClients.ts'

const programs = pythonClients()

describe.skipIf(!programs)('awswrangler', () => {
  let igarape: Igarape
  let answers: Record<string, unknown> = {}

  beforeAll(async () => {
    igarape = await startIgarape({ clock: 'system' })
    answers = await answersOf(programs as string, 'awswrangler_use.py', igarape.endpoint)
  }, 600_000)
  afterAll(() => igarape?.stop())

  const first = [1, 'a', '1.20', '2025-01-01 10:00:00', '2025-01-01', true]
  const second = [2, null, '3.40', '2025-01-02 00:00:00', '2025-01-01', false]
  const third = [3, 'c', null, '2025-01-03 00:00:00', '2025-01-01', null]
  const whole = [
    [...first, [1, 2], 'x'],
    [...second, [], 'y'],
    [...third, null, 'x'],
  ]

  test.for<[what: string, answer: string, wanted: unknown]>([
    ['a frame becomes a table of Parquet with partitions', 'written', [['x'], ['y']]],
    ['it is read through a table that the query makes', 'read_by_ctas', whole],
    [
      'it is read from the CSV of the result',
      'read_from_csv',
      [
        [...first, 'x'],
        [...second, 'y'],
        [...third, 'x'],
      ],
    ],
    ['it is read through UNLOAD', 'read_by_unload', whole],
    ['a result comes in chunks', 'read_in_chunks', [2, 1]],
    ['a whole table is read', 'read_table', 3],
    ['results find a bucket of their own', 'read_without_a_place', [[1]]],
    ['parameters are filled in by name and by place', 'read_with_parameters', [[[1]], [[3]]]],
    ['a result is taken from its cache', 'read_again_from_cache', [true, [[3]]]],
    [
      'rows with a new column are appended',
      'appended_with_a_new_column',
      [
        ['z', 3],
        [null, 3],
      ],
    ],
    [
      'a partition is overwritten, and no other',
      'partitions_overwritten',
      [
        ['x', 4],
        ['y', 1],
      ],
    ],
    ['projected partitions are found', 'projected', [[2]]],
    [
      'CSV, JSON and ORC are read back',
      'other_formats',
      [
        [
          [1, 'a'],
          [2, ''],
          [3, 'c'],
        ],
        ...Array(2).fill([
          [1, 'a'],
          [2, null],
          [3, 'c'],
        ]),
      ],
    ],
    ['tables are made of queries, partitioned and bucketed', 'ctas_table', [[[5]], [[5]]]],
    ['a prepared statement is executed', 'prepared', [[['c']], []]],
    [
      'a failed query is an error with its place',
      'failed_query',
      "COLUMN_NOT_FOUND: line 1:8: Column 'nada' cannot be resolved",
    ],
  ])('%s', ([, answer, wanted]) => {
    expect(answers[answer]).toEqual(wanted)
  })

  test('tables are repaired, described and shown', () => {
    expect(answers.statements).toEqual({
      repaired: 'SUCCEEDED',
      described: ['id', 'bigint', false, 'o número'],
      created: 'CREATE EXTERNAL TABLE `vendas.pedidos`( `i',
      generated: 'CREATE EXTERNAL TABLE `pedido',
    })
  })

  test('the catalog is read and changed', () => {
    expect(answers.catalog).toMatchObject({
      databases: ['vendas', ''],
      there: [true, false],
      location: 's3://lago/vendas/pedidos/',
      description: 'Pedidos',
      comment: 'o número',
      owner: 'ana',
      types: { id: 'bigint', valor: 'decimal(10,2)', marcas: 'array<bigint>', mais: 'string', loja: 'string' },
      partitions: ['x', 'y', 'z'],
      found: ['pedidos'],
      tables: ['em_baldes', 'em_csv', 'em_json', 'em_orc'],
    })
  })

  test('an Iceberg table is made, merged into and deleted from', () => {
    expect(answers.iceberg).toEqual([
      [1, 'a'],
      [2, 'dois'],
      [9, 'nove'],
    ])
  })
})
