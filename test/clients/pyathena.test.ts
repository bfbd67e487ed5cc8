/** PyAthena's cursors and its SQLAlchemy dialect, the package itself, told nothing but an endpoint. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { answersOf, pythonClients } from './pythonClients.ts'

const programs = pythonClients()

describe.skipIf(!programs)('PyAthena', () => {
  let igarape: Igarape
  let answers: Record<string, unknown> = {}

  beforeAll(async () => {
    igarape = await startIgarape({ clock: 'system' })
    answers = await answersOf(programs as string, 'pyathena_use.py', igarape.endpoint)
  }, 600_000)
  afterAll(() => igarape?.stop())

  const insertedRows = [
    [1, '2025'],
    [2, '2025'],
    [3, '2026'],
  ]

  test.for<[what: string, answer: string, wanted: unknown]>([
    ['parameters are filled in by name and by place', 'parameters', [[[3]], [[3]]]],
    ['a result of several pages is read', 'pages', [10, 11, 2489]],
    ['rows are dictionaries', 'dictionary', [{ inteiro: 3, nome: 'texto' }]],
    ['rows are a frame, from CSV and by UNLOAD', 'pandas_frames', ['Int64', 2, '2025-01-02 03:04:05.678000', [1, 2]]],
    ['a running query is cancelled', 'cancelled', 'CANCELLED'],
    ['an error has its place', 'failed', "COLUMN_NOT_FOUND: line 1:8: Column 'nada' cannot be resolved"],
    ['rows are inserted one by one', 'many_inserts', insertedRows],
    ['a result is reused', 'reused', true],
    ['a table made by SQLAlchemy takes rows', 'made_by_sqlalchemy', [['1', '1.50', '2025']]],
  ])('%s', ([, answer, wanted]) => {
    expect(answers[answer]).toEqual(wanted)
  })

  test('rows come with the types of Python', () => {
    const types = 'boolean tinyint integer bigint float double decimal varchar date timestamp varbinary array'
    const date = 'datetime.date(2025, 1, 2)'
    const moment = 'datetime.datetime(2025, 1, 2, 3, 4, 5, 678000)'
    const bytes = "b'\\x00\\xff'"
    expect(answers.typed_rows).toEqual([
      types.split(' '),
      ['True', '1', '3', '4', '1.5', '2.5', "Decimal('3.14')", "'texto'", date, moment, bytes, '[1, 2]'],
      Array(12).fill('None'),
    ])
  })

  test('rows are a table of Arrow, from CSV and by UNLOAD', () => {
    expect(answers.arrow_tables).toEqual([
      { inteiro: [3, null], nome: ['texto', ''] },
      { inteiro: [3], lista: [[1, 2]] },
    ])
  })

  test('statements of Hive are answered in lines', () => {
    expect(answers.statements).toEqual({
      'SHOW TABLES': [['partes'], ['tipos'], ['vista']],
      'SHOW PARTITIONS partes': [['ano=2025']],
      'SHOW CREATE VIEW vista': [['CREATE VIEW vendas.vista AS'], ['SELECT inteiro, nome FROM tipos']],
      'MSCK REPAIR TABLE partes': [],
    })
  })

  test('frames are written as tables', () => {
    expect(answers.frame_written).toEqual([
      [1, 'x', '1'],
      [2, 'y', '2'],
    ])
    expect(answers.frame_by_sqlalchemy).toEqual([
      [1, 'x'],
      [2, 'y'],
    ])
  })

  test('SQLAlchemy reflects tables and views by each of its cursors', () => {
    const reflected = {
      tables: expect.arrayContaining(['partes', 'tipos']),
      views: ['vista'],
      there: [true, false],
      types: ['BOOLEAN', 'TINYINT', 'INTEGER', 'BIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL(3, 2)', 'VARCHAR(5)', 'DATE'],
      view: 'CREATE VIEW vendas.vista AS\nSELECT inteiro, nome FROM tipos',
      chosen: [['texto']],
    }
    expect(answers.reflected).toEqual([reflected, reflected, reflected])
  })
})
