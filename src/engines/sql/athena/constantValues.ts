/** Constant expressions of a WHERE, `date_add('day', -7, current_date)`, computed before the query's files are chosen. */
import type { Connection } from '../duckdb.ts'
import { SqlError } from '../sqlError.ts'
import type { Expression } from '../trino/ast.ts'
import { type Constants, keyValue } from '../trino/partitionValues.ts'
import type { SqlType } from '../trino/sqlTypes.ts'
import { compileConstants, prepareConnection } from '../trino/statement.ts'
import type { QuerySettings } from './athenaQuery.ts'

/** None where the engine refuses one of them: the query itself says why. */
export async function constantValues(
  expressions: readonly Expression[],
  { now, engines }: Pick<QuerySettings, 'now' | 'engines'>,
): Promise<Constants> {
  if (expressions.length === 0) return new Map()
  const database = await engines.open({ folders: [] })
  const connection = await database.connect()
  try {
    return await computed(expressions, now, connection)
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    return new Map()
  } finally {
    connection.close()
    engines.discard(database)
  }
}

async function computed(expressions: readonly Expression[], now: string, connection: Connection): Promise<Constants> {
  const { sql, columns } = compileConstants(expressions, now)
  await prepareConnection(connection, sql)
  const texts = columns.map((_, i) => `CAST(c${i} AS VARCHAR)`).join(', ')
  const [row = []] = await connection.all(`SELECT ${texts} FROM (${sql})`)
  return new Map(
    expressions.map((expression, i) => [expression, computedValue(columns[i]?.type, row[i] as string | null)] as const),
  )
}

const computedValue = (type: SqlType | undefined, text: string | null) => keyValue(type?.kind ?? '', text)
