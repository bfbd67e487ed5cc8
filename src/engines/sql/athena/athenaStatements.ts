/** Tells Athena's statements apart, and reads those that are not queries: Hive's DDL, and Trino's around a query. */
import { Cursor } from '../cursor.ts'
import { notSupported } from '../sqlError.ts'
import { alterTable, createTable, type NewTable, properties, type TableAlteration } from './hiveDdl.ts'
import { createIcebergTable, type NewIcebergTable } from './icebergDdl.ts'
import { deleteStatement, mergeStatement, type RowChange, updateStatement } from './rowChanges.ts'

export interface ObjectName {
  database?: string
  name: string
}

export type AthenaStatement =
  | { kind: 'query'; query: string }
  | { kind: 'createTable'; table: NewTable; ifNotExists: boolean }
  | { kind: 'createIceberg'; table: NewIcebergTable; ifNotExists: boolean }
  | {
      kind: 'createTableAs'
      name: ObjectName
      properties: Record<string, string | string[]>
      query: string
      ifNotExists: boolean
      withData: boolean
    }
  | { kind: 'insert'; name: ObjectName; columns?: string[]; query: string }
  | { kind: 'changeRows'; change: RowChange; sql: string }
  | { kind: 'optimize'; name: ObjectName; where?: string }
  | { kind: 'vacuum'; name: ObjectName }
  | { kind: 'createView'; name: ObjectName; query: string; orReplace: boolean }
  | { kind: 'unload'; query: string; location: string; properties: Record<string, string | string[]> }
  | { kind: 'dropTable'; name: ObjectName; ifExists: boolean; view: boolean }
  | {
      kind: 'createDatabase'
      name: string
      ifNotExists: boolean
      comment?: string
      location?: string
      properties: Record<string, string>
    }
  | { kind: 'dropDatabase'; name: string; ifExists: boolean; cascade: boolean }
  | { kind: 'repairTable'; name: ObjectName }
  | { kind: 'alterTable'; name: ObjectName; change: TableAlteration }
  | {
      kind: 'show'
      what: 'databases' | 'tables' | 'views' | 'columns' | 'partitions' | 'createTable' | 'createView' | 'properties'
      name?: ObjectName
      database?: string
      pattern?: string
    }
  | { kind: 'describe'; name: ObjectName; how: 'plain' | 'extended' | 'formatted' }
  | { kind: 'explain'; query: string; type: 'VALIDATE' | 'LOGICAL' }
  | { kind: 'prepare'; name: string; query: string }
  | { kind: 'execute'; name: string; parameters: string[] }
  | { kind: 'deallocate'; name: string }

/** `StatementType` of a query execution: DDL, DML or UTILITY. */
export function statementType(statement: AthenaStatement): 'DDL' | 'DML' | 'UTILITY' {
  if (['query', 'insert', 'unload', 'execute', 'changeRows', 'optimize', 'vacuum'].includes(statement.kind))
    return 'DML'
  return ['show', 'describe', 'explain', 'prepare', 'deallocate'].includes(statement.kind) ? 'UTILITY' : 'DDL'
}

export function parseAthena(sql: string): AthenaStatement {
  const c = new Cursor(sql, { backslashEscapes: isHive(sql) })
  const first = c.peek()
  const read = Object.hasOwn(readers, first.key) ? readers[first.key] : undefined
  if (['SELECT', 'WITH', 'VALUES', 'TABLE', '('].includes(first.key)) return { kind: 'query', query: rest(c) }
  if (!read) {
    if (['ANALYZE', 'GRANT', 'REVOKE', 'TRUNCATE', 'CALL'].includes(first.key)) throw notSupported(first.key, first)
    throw c.mismatch(expectedFirst)
  }
  const statement = read(c)
  if (!statement) throw c.mismatch('another statement')
  c.expectEnd()
  return statement
}

/** What Trino says that it would take. */
const expectedFirst = [
  ...['ALTER', 'ANALYZE', 'CALL', 'COMMENT', 'COMMIT', 'CREATE', 'DEALLOCATE', 'DELETE', 'DENY', 'DESC', 'DESCRIBE'],
  ...['DROP', 'EXECUTE', 'EXPLAIN', 'GRANT', 'INSERT', 'MERGE', 'PREPARE', 'REFRESH', 'RESET', 'REVOKE', 'ROLLBACK'],
  ...['SET', 'SHOW', 'START', 'TRUNCATE', 'UPDATE', 'USE', 'WITH'],
]
  .map((word) => `'${word}'`)
  .concat('<query>')
  .join(', ')

/** Hive's DDL escapes with backslashes; Trino's SQL does not. */
function isHive(sql: string): boolean {
  return /^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*(?:create\s+external|alter|msck|create\s+(?:database|schema))\b/i.test(
    sql,
  )
}

const readers: Record<string, (c: Cursor) => AthenaStatement | undefined> = {
  CREATE: create,
  DROP: drop,
  INSERT: insert,
  UNLOAD: unload,
  DELETE: (c) => ({ kind: 'changeRows', change: deleteStatement(c, objectName), sql: c.sql }),
  UPDATE: (c) => ({ kind: 'changeRows', change: updateStatement(c, objectName), sql: c.sql }),
  MERGE: (c) => ({ kind: 'changeRows', change: mergeStatement(c, objectName), sql: c.sql }),
  OPTIMIZE: (c) => {
    c.expect('OPTIMIZE')
    const name = objectName(c)
    c.expect('REWRITE', 'DATA', 'USING', 'BIN_PACK')
    return c.accept('WHERE') ? { kind: 'optimize', name, where: rest(c) } : { kind: 'optimize', name }
  },
  VACUUM: (c) => {
    c.expect('VACUUM')
    return { kind: 'vacuum', name: objectName(c) }
  },
  SHOW: show,
  MSCK: (c) => {
    c.expect('MSCK', 'REPAIR', 'TABLE')
    return { kind: 'repairTable', name: objectName(c) }
  },
  ALTER: (c) => {
    c.expect('ALTER')
    if (!c.is('TABLE')) throw notSupported(`ALTER ${c.peek().key}`, c.peek())
    c.expect('TABLE')
    const name = objectName(c)
    if (c.accept('RENAME', 'TO')) return { kind: 'alterTable', name, change: { kind: 'rename', to: objectName(c) } }
    return { kind: 'alterTable', name, change: alterTable(c) }
  },
  DESCRIBE: describe,
  DESC: describe,
  EXPLAIN: explain,
  PREPARE: (c) => {
    c.expect('PREPARE')
    const name = c.name().text.toLowerCase()
    c.expect('FROM')
    return { kind: 'prepare', name, query: rest(c).trim() }
  },
  EXECUTE: (c) => {
    c.expect('EXECUTE')
    const name = c.name().text.toLowerCase()
    const parameters = c.accept('USING') ? c.list(() => untilComma(c)) : []
    return { kind: 'execute', name, parameters }
  },
  DEALLOCATE: (c) => {
    c.expect('DEALLOCATE', 'PREPARE')
    return { kind: 'deallocate', name: c.name().text.toLowerCase() }
  },
}

function create(c: Cursor): AthenaStatement | undefined {
  c.expect('CREATE')
  const orReplace = c.accept('OR', 'REPLACE')
  if (c.accept('VIEW')) {
    const name = objectName(c)
    if (c.is('(')) throw notSupported('A column list of a view', c.peek())
    c.expect('AS')
    return { kind: 'createView', name, query: rest(c).trim(), orReplace }
  }
  if (c.isOneOf('DATABASE', 'SCHEMA')) return createDatabase(c)
  const external = c.accept('EXTERNAL')
  c.expect('TABLE')
  const ifNotExists = c.accept('IF', 'NOT', 'EXISTS')
  const name = objectName(c)
  if (external) return { kind: 'createTable', table: createTable(c, name), ifNotExists }
  if (c.is('(')) return { kind: 'createIceberg', table: createIcebergTable(c, name), ifNotExists }
  return createTableAs(c, name, ifNotExists)
}

function createTableAs(c: Cursor, name: ObjectName, ifNotExists: boolean): AthenaStatement {
  const options = c.accept('WITH') ? trinoProperties(c) : {}
  c.expect('AS')
  const query = rest(c)
  const noData = /\s+with\s+(no\s+)?data\s*$/i.exec(query)
  return {
    kind: 'createTableAs',
    name,
    properties: options,
    query: noData ? query.slice(0, noData.index) : query,
    ifNotExists,
    withData: !noData?.[1],
  }
}

/** `(format = 'PARQUET', partitioned_by = ARRAY['a', 'b'])` */
function trinoProperties(c: Cursor): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {}
  c.expect('(')
  c.list(() => {
    const key = c.name().text.toLowerCase()
    c.expect('=')
    if (c.accept('ARRAY')) {
      c.expect('[')
      found[key] = c.is(']') ? [] : c.list(() => c.string())
      c.expect(']')
    } else found[key] = c.next().text
  })
  c.expect(')')
  return found
}

function createDatabase(c: Cursor): AthenaStatement {
  c.next()
  const ifNotExists = c.accept('IF', 'NOT', 'EXISTS')
  const name = c.name().text.toLowerCase()
  const comment = c.accept('COMMENT') ? c.string() : undefined
  const location = c.accept('LOCATION') ? c.string() : undefined
  const given = c.accept('WITH', 'DBPROPERTIES') ? properties(c) : {}
  return {
    kind: 'createDatabase',
    name,
    ifNotExists,
    properties: given,
    ...(comment !== undefined && { comment }),
    ...(location !== undefined && { location }),
  }
}

function drop(c: Cursor): AthenaStatement | undefined {
  c.expect('DROP')
  if (c.isOneOf('DATABASE', 'SCHEMA')) {
    c.next()
    const ifExists = c.accept('IF', 'EXISTS')
    const name = c.name().text.toLowerCase()
    const cascade = c.accept('CASCADE')
    if (!cascade) c.accept('RESTRICT')
    return { kind: 'dropDatabase', name, ifExists, cascade }
  }
  if (!c.isOneOf('TABLE', 'VIEW')) return undefined
  const view = c.next().key === 'VIEW'
  const ifExists = c.accept('IF', 'EXISTS')
  return { kind: 'dropTable', name: objectName(c), ifExists, view }
}

function insert(c: Cursor): AthenaStatement {
  c.expect('INSERT', 'INTO')
  const name = objectName(c)
  const listed = c.is('(') && !['SELECT', 'WITH', 'VALUES', '('].includes(c.peek(1).key)
  let columns: string[] | undefined
  if (listed) {
    c.expect('(')
    columns = c.list(() => c.name().text.toLowerCase())
    c.expect(')')
  }
  return { kind: 'insert', name, query: rest(c), ...(columns && { columns }) }
}

function unload(c: Cursor): AthenaStatement {
  c.expect('UNLOAD', '(')
  const start = c.peek().start
  for (let depth = 1; depth > 0; ) {
    const token = c.next()
    if (token.kind === 'end') throw c.mismatch(')')
    if (token.key === '(') depth++
    if (token.key === ')') depth--
    if (depth === 0) {
      const query = placed(c.sql, start, token.start)
      c.expect('TO')
      const location = c.string()
      c.expect('WITH')
      return { kind: 'unload', query, location, properties: trinoProperties(c) }
    }
  }
  throw c.mismatch(')')
}

function show(c: Cursor): AthenaStatement | undefined {
  c.expect('SHOW')
  const inDatabase = () => (c.accept('IN') || c.accept('FROM') ? { database: c.name().text.toLowerCase() } : {})
  const pattern = () => (c.accept('LIKE') || c.peek().kind === 'string' ? { pattern: c.string() } : {})
  if (c.accept('DATABASES') || c.accept('SCHEMAS')) return { kind: 'show', what: 'databases', ...pattern() }
  if (c.accept('TABLES')) return { kind: 'show', what: 'tables', ...inDatabase(), ...pattern() }
  if (c.accept('VIEWS')) return { kind: 'show', what: 'views', ...inDatabase(), ...pattern() }
  if (c.accept('TBLPROPERTIES')) {
    const name = objectName(c)
    if (c.is('(')) throw notSupported('SHOW TBLPROPERTIES of one property', c.peek())
    return { kind: 'show', what: 'properties', name }
  }
  if (c.accept('PARTITIONS')) return { kind: 'show', what: 'partitions', name: objectName(c) }
  if (c.accept('CREATE', 'TABLE')) return { kind: 'show', what: 'createTable', name: objectName(c) }
  if (c.accept('CREATE', 'VIEW')) return { kind: 'show', what: 'createView', name: objectName(c) }
  if (c.accept('COLUMNS')) {
    if (!c.accept('IN')) c.expect('FROM')
    const name = objectName(c)
    return { kind: 'show', what: 'columns', name: { ...name, ...inDatabase() } }
  }
  return undefined
}

function describe(c: Cursor): AthenaStatement {
  c.next()
  const how = c.accept('EXTENDED') ? 'extended' : c.accept('FORMATTED') ? 'formatted' : 'plain'
  const name = objectName(c)
  if (c.is('PARTITION')) throw notSupported('DESCRIBE ... PARTITION', c.peek())
  return { kind: 'describe', name, how }
}

/** `EXPLAIN [(TYPE LOGICAL | VALIDATE, FORMAT TEXT)] query` */
function explain(c: Cursor): AthenaStatement {
  c.expect('EXPLAIN')
  if (c.is('ANALYZE')) throw notSupported('EXPLAIN ANALYZE', c.peek())
  const options: Record<string, string> = {}
  if (c.is('(') && ['TYPE', 'FORMAT'].includes(c.peek(1).key)) {
    c.expect('(')
    c.list(() => {
      const name = c.next().key
      const value = c.next()
      const taken = name === 'TYPE' ? ['VALIDATE', 'LOGICAL'] : ['TEXT']
      if (!taken.includes(value.key)) throw notSupported(`EXPLAIN (${name} ${value.text})`, value)
      options[name] = value.key
    })
    c.expect(')')
  }
  const at = c.peek()
  if (!['SELECT', 'WITH', 'VALUES', 'TABLE', '('].includes(at.key)) throw notSupported(`EXPLAIN of ${at.text}`, at)
  return { kind: 'explain', query: rest(c), type: options.TYPE === 'VALIDATE' ? 'VALIDATE' : 'LOGICAL' }
}

export function objectName(c: Cursor): ObjectName {
  const path = [c.name().text.toLowerCase()]
  while (c.accept('.')) path.push(c.name().text.toLowerCase())
  const name = path[path.length - 1] as string
  // Hive also takes `db.table` within one pair of backquotes.
  if (path.length === 1 && name.includes('.'))
    return { database: name.split('.')[0] as string, name: name.split('.')[1] as string }
  return path.length > 1 ? { database: path[path.length - 2] as string, name } : { name }
}

/** The text from here on, without the closing semicolon, where it stands: errors tell its place in the statement. */
function rest(c: Cursor): string {
  const start = c.peek().start
  let end = start
  while (!c.isDone) {
    const token = c.next()
    if (token.key !== ';') end = token.end
  }
  return placed(c.sql, start, end)
}

/** A part of the statement, with nothing but blanks and line ends before it. */
function placed(sql: string, start: number, end: number): string {
  return sql.slice(0, start).replace(/[^\n]/g, ' ') + sql.slice(start, end)
}

function untilComma(c: Cursor): string {
  const start = c.peek().start
  let end = start
  for (let depth = 0; !c.isDone && !(depth === 0 && c.isOneOf(',', ';')); ) {
    const token = c.next()
    if (token.key === '(' || token.key === '[') depth++
    if (token.key === ')' || token.key === ']') depth--
    end = token.end
  }
  return c.sql.slice(start, end)
}
