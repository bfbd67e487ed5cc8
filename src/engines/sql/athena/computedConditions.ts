/**
 * What the engine itself computes of a WHERE before the query's files are chosen: constant expressions beside a key
 * (`date_add('day', -7, current_date)`), and conditions over partition keys alone (`date_parse(dt, '%Y%m%d') > …`).
 */
import type { CatalogPartition, TableColumn } from '../catalogTable.ts'
import type { Connection } from '../duckdb.ts'
import { SqlError } from '../sqlError.ts'
import type { Expression } from '../trino/ast.ts'
import { fromHive } from '../trino/hiveColumns.ts'
import { type Constants, keyValue } from '../trino/partitionValues.ts'
import { type CompiledStatement, compileExpressions, prepareConnection } from '../trino/statement.ts'
import { constantRelation, type QuerySettings } from './athenaQuery.ts'

type Settings = Pick<QuerySettings, 'now' | 'engines'>

/** None where the engine refuses one of them: the query itself says why. */
export async function constantValues(expressions: readonly Expression[], settings: Settings): Promise<Constants> {
  if (expressions.length === 0) return new Map()
  const { now } = settings
  const row = await unlessRefused(settings, async (session) => {
    const statement = compileExpressions(expressions, { now })
    const [texts = []] = await asTexts(statement, session)
    return statement.columns.map(({ type }, i) => keyValue(type.kind, texts[i] as string | null))
  })
  return new Map(row?.map((value, i) => [expressions[i] as Expression, value] as const))
}

/** Those for which the condition is true; all of them where the engine refuses it. */
export async function partitionsWhere(
  condition: Expression,
  keys: readonly TableColumn[],
  partitions: readonly CatalogPartition[],
  settings: Settings,
): Promise<readonly CatalogPartition[]> {
  const columns = keys.map(({ name, type }) => ({ name, type: fromHive(type) }))
  const rows = partitions.map(({ values }) => values)
  const relation = { columns, sql: `(${constantRelation(columns, rows)})` }
  const truths = await unlessRefused(settings, (session) =>
    asTexts(compileExpressions([condition], { now: settings.now, relation }), session),
  )
  return truths ? partitions.filter((_, i) => truths[i]?.[0] === 'true') : partitions
}

async function unlessRefused<T>({ engines }: Settings, use: (session: Session) => Promise<T>) {
  const database = await engines.openBare()
  const connection = await database.connect()
  let isDone = false
  try {
    const answer = await use({ connection, functions: database.functions })
    isDone = true
    return answer
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    return undefined
  } finally {
    connection.close()
    if (isDone) engines.keepBare(database)
    else engines.discard(database)
  }
}

interface Session {
  connection: Connection
  /** The names of our own that its database knows. */
  functions: Set<string>
}

async function asTexts({ sql, columns }: CompiledStatement, { connection, functions }: Session) {
  await prepareConnection(connection, sql, functions)
  const texts = columns.map((_, i) => `CAST(c${i} AS VARCHAR)`).join(', ')
  return connection.all(`SELECT ${texts} FROM (${sql})`)
}
