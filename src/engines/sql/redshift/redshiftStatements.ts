/** One Redshift statement, read and translated: what DuckDB is to run, and what the warehouse has to do around it. */
import { Cursor, quoteName, quoteText } from '../cursor.ts'
import { notSupported, SqlError } from '../sqlError.ts'
import { type CopyCommand, parseCopy } from './copyCommand.ts'
import type { DialectType, TableName, Translation } from './dialect.ts'
import { expression } from './expressions.ts'
import { translateQuery } from './queries.ts'
import { redshiftDialect } from './redshiftDialect.ts'
import { alias, relation } from './relations.ts'
import { newTranslation } from './translate.ts'

export interface TableColumnDefinition {
  name: string
  type: DialectType
  nullable: boolean
  defaultSql?: string
  identity?: { seed: number; step: number }
}

export interface Place {
  schema?: string
  table: string
}

export type RedshiftStatement =
  | { kind: 'query'; sql: string }
  /** Of a query: how it would be answered. */
  | { kind: 'plan'; sql: string }
  /** Changes rows: its answer is how many. */
  | { kind: 'change'; sql: string }
  | { kind: 'ddl'; sql: string }
  | {
      kind: 'createTable'
      place: Place
      temporary: boolean
      ifNotExists: boolean
      columns: TableColumnDefinition[]
      like?: Place
    }
  | { kind: 'createTableAs'; place: Place; temporary: boolean; query: string }
  | { kind: 'dropTable'; places: Place[]; ifExists: boolean; view: boolean }
  | { kind: 'createView'; place: Place; query: string; orReplace: boolean }
  | { kind: 'copy'; command: CopyCommand }
  | { kind: 'externalSchema'; name: string; database: string; ifNotExists: boolean }
  | { kind: 'dropSchema'; name: string; ifExists: boolean; cascade: boolean }
  | { kind: 'lock'; tables: string[] }
  | { kind: 'transaction'; word: 'BEGIN' | 'COMMIT' | 'ROLLBACK' }
  | { kind: 'nothing'; word: string }

export interface Parsed {
  statement: RedshiftStatement
  /** Every table that it names, except where the statement kind already says it. */
  tables: TableName[]
}

export interface ParseSettings {
  now: string
  /** Values of `:name` parameters: text, whose type the place where it stands decides. */
  parameters: Map<string, string>
  tableSql: (name: TableName) => string
}

export function parseRedshift(sql: string, settings: ParseSettings): Parsed {
  const cursor = new Cursor(sql, { namedParameters: true, dollarQuotes: true })
  const t = newTranslation(cursor, {
    dialect: redshiftDialect,
    now: settings.now,
    tableSql: settings.tableSql,
    parameters: (token) => {
      const value = settings.parameters.get(token.text)
      if (value === undefined) throw new SqlError(`ERROR: Parameter "${token.text}" is not given`, token)
      return quoteText(value)
    },
  })
  const statement = read(t)
  cursor.expectEnd()
  return { statement, tables: t.tables }
}

function read(t: Translation): RedshiftStatement {
  const c = t.cursor
  const first = c.peek()
  switch (first.key) {
    case 'SELECT':
    case 'WITH':
    case '(':
    case 'VALUES':
      return { kind: 'query', sql: translateQuery(t) }
    case 'EXPLAIN':
      return plan(t)
    case 'INSERT':
      return insert(t)
    case 'UPDATE':
      return update(t)
    case 'DELETE':
      return remove(t)
    case 'MERGE':
      return merge(t)
    case 'TRUNCATE':
      c.next()
      c.accept('TABLE')
      return { kind: 'change', sql: `DELETE FROM ${target(t)}` }
    case 'CREATE':
      return create(t)
    case 'DROP':
      return drop(t)
    case 'ALTER':
      return alter(t)
    case 'COPY':
      return { kind: 'copy', command: parseCopy(c) }
    case 'LOCK':
      return lock(t)
    case 'BEGIN':
    case 'START':
      return transaction(t, 'BEGIN')
    case 'COMMIT':
    case 'END':
      return transaction(t, 'COMMIT')
    case 'ROLLBACK':
    case 'ABORT':
      return transaction(t, 'ROLLBACK')
    case 'ANALYZE':
    case 'VACUUM':
      // Statistics and the order on disk are the engine's own business; no row depends on them.
      while (!c.isDone && !c.is(';')) c.next()
      return { kind: 'nothing', word: first.key }
    default:
      throw notSupported(first.kind === 'end' ? 'An empty statement' : first.text.toUpperCase(), first)
  }
}

/** Redshift's own words for a plan are not had here: it is the embedded engine's, of the query as it is translated for it. */
function plan(t: Translation): RedshiftStatement {
  t.cursor.next()
  const at = t.cursor.peek()
  const inner = read(t)
  if (inner.kind !== 'query') throw notSupported(`EXPLAIN ${at.text.toUpperCase()}`, at)
  return { kind: 'plan', sql: inner.sql }
}

function transaction(t: Translation, word: 'BEGIN' | 'COMMIT' | 'ROLLBACK'): RedshiftStatement {
  t.cursor.next()
  if (t.cursor.isOneOf('TRANSACTION', 'WORK')) t.cursor.next()
  while (!t.cursor.isDone && !t.cursor.is(';')) throw notSupported(`${word} ${t.cursor.peek().text}`, t.cursor.peek())
  return { kind: 'transaction', word }
}

/** https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html: ACCESS EXCLUSIVE is the only mode there is. */
function lock(t: Translation): RedshiftStatement {
  t.cursor.expect('LOCK')
  t.cursor.accept('TABLE')
  return { kind: 'lock', tables: t.cursor.list(() => target(t)) }
}

function readPlace(t: Translation): Place & { at: TableName['at'] } {
  const at = t.cursor.name()
  const path = [at.text.toLowerCase()]
  while (t.cursor.accept('.')) path.push(t.cursor.name().text.toLowerCase())
  return {
    at,
    table: path[path.length - 1] as string,
    ...(path.length > 1 && { schema: path[path.length - 2] as string }),
  }
}

/** A table that is written to. */
function target(t: Translation): string {
  const place = readPlace(t)
  t.tables.push(place)
  return t.tableSql(place)
}

function nameList(t: Translation): string {
  t.cursor.expect('(')
  const names = t.cursor.list(() => quoteName(t.cursor.name().text.toLowerCase()))
  t.cursor.expect(')')
  return `(${names.join(', ')})`
}

function insert(t: Translation): RedshiftStatement {
  const c = t.cursor
  c.expect('INSERT', 'INTO')
  const into = target(t)
  if (c.accept('DEFAULT', 'VALUES')) return { kind: 'change', sql: `INSERT INTO ${into} DEFAULT VALUES` }
  const listed = c.is('(') && !['SELECT', 'WITH', 'VALUES', '('].includes(c.peek(1).key)
  const columns = listed ? ` ${nameList(t)}` : ''
  if (!c.is('VALUES')) return { kind: 'change', sql: `INSERT INTO ${into}${columns} ${translateQuery(t)}` }
  c.expect('VALUES')
  const rows = c.list(() => {
    c.expect('(')
    const values = c.list(() => expression(t).sql)
    c.expect(')')
    return `(${values.join(', ')})`
  })
  return { kind: 'change', sql: `INSERT INTO ${into}${columns} VALUES ${rows.join(', ')}` }
}

function assignments(t: Translation): string {
  return t.cursor
    .list(() => {
      let name = t.cursor.name().text.toLowerCase()
      while (t.cursor.accept('.')) name = t.cursor.name().text.toLowerCase()
      t.cursor.expect('=')
      return `${quoteName(name)} = ${expression(t).sql}`
    })
    .join(', ')
}

function update(t: Translation): RedshiftStatement {
  const c = t.cursor
  c.expect('UPDATE')
  let sql = `UPDATE ${target(t)}${alias(t)}`
  c.expect('SET')
  sql += ` SET ${assignments(t)}`
  if (c.accept('FROM')) sql += ` FROM ${c.list(() => relation(t)).join(', ')}`
  if (c.accept('WHERE')) sql += ` WHERE ${expression(t).sql}`
  return { kind: 'change', sql }
}

function remove(t: Translation): RedshiftStatement {
  const c = t.cursor
  c.expect('DELETE')
  c.accept('FROM')
  let sql = `DELETE FROM ${target(t)}${alias(t)}`
  if (c.accept('USING')) sql += ` USING ${c.list(() => relation(t)).join(', ')}`
  if (c.accept('WHERE')) sql += ` WHERE ${expression(t).sql}`
  return { kind: 'change', sql }
}

function merge(t: Translation): RedshiftStatement {
  const c = t.cursor
  c.expect('MERGE', 'INTO')
  let sql = `MERGE INTO ${target(t)}${alias(t)}`
  c.expect('USING')
  sql += ` USING ${relation(t)}`
  c.expect('ON')
  sql += ` ON ${expression(t).sql}`
  if (c.is('REMOVE')) throw notSupported('MERGE ... REMOVE DUPLICATES', c.peek())
  while (c.accept('WHEN')) {
    const not = c.accept('NOT') ? 'NOT ' : ''
    c.expect('MATCHED', 'THEN')
    sql += ` WHEN ${not}MATCHED THEN `
    if (c.accept('UPDATE', 'SET')) sql += `UPDATE SET ${assignments(t)}`
    else if (c.accept('DELETE')) sql += 'DELETE'
    else {
      c.expect('INSERT')
      sql += `INSERT${c.is('(') ? ` ${nameList(t)}` : ''}`
      c.expect('VALUES', '(')
      sql += ` VALUES (${c.list(() => expression(t).sql).join(', ')})`
      c.expect(')')
    }
  }
  return { kind: 'change', sql }
}

function create(t: Translation): RedshiftStatement {
  const c = t.cursor
  c.expect('CREATE')
  const orReplace = c.accept('OR', 'REPLACE')
  if (c.accept('EXTERNAL', 'SCHEMA')) return externalSchema(t)
  if (c.accept('SCHEMA')) {
    const exists = c.accept('IF', 'NOT', 'EXISTS') ? 'IF NOT EXISTS ' : ''
    const name = c.name().text.toLowerCase()
    if (c.accept('AUTHORIZATION')) c.name()
    return { kind: 'ddl', sql: `CREATE SCHEMA ${exists}${quoteName(name)}` }
  }
  if (c.accept('VIEW')) {
    const place = readPlace(t)
    c.expect('AS')
    const query = translateQuery(t)
    if (c.accept('WITH')) throw notSupported('WITH NO SCHEMA BINDING', c.peek())
    return { kind: 'createView', place, query, orReplace }
  }
  const temporary = c.accept('TEMP') || c.accept('TEMPORARY') || c.accept('LOCAL', 'TEMP')
  if (!c.accept('TABLE')) throw notSupported(`CREATE ${c.peek().text.toUpperCase()}`, c.peek())
  return createTable(t, temporary)
}

function createTable(t: Translation, temporaryWord: boolean): RedshiftStatement {
  const c = t.cursor
  const ifNotExists = c.accept('IF', 'NOT', 'EXISTS')
  const named = readPlace(t)
  const temporary = temporaryWord || named.table.startsWith('#')
  const { at: _, ...place } = named
  if (c.is('(') && !['SELECT', 'WITH'].includes(c.peek(1).key)) {
    c.expect('(')
    if (c.accept('LIKE')) {
      const { at: __, ...like } = readPlace(t)
      while (c.isOneOf('INCLUDING', 'EXCLUDING')) {
        c.next()
        c.expect('DEFAULTS')
      }
      c.expect(')')
      tableAttributes(t)
      return { kind: 'createTable', place, temporary, ifNotExists, columns: [], like }
    }
    const columns = c.list(() => tableElement(t)).filter((column) => column !== undefined)
    c.expect(')')
    tableAttributes(t)
    if (!c.is('AS')) return { kind: 'createTable', place, temporary, ifNotExists, columns }
    throw notSupported('CREATE TABLE AS with a list of columns', c.peek())
  }
  tableAttributes(t)
  c.expect('AS')
  return { kind: 'createTableAs', place, temporary, query: translateQuery(t) }
}

/** Keys are for the planner of a cluster; Redshift enforces none of them. */
function tableElement(t: Translation): TableColumnDefinition | undefined {
  const c = t.cursor
  if (c.isOneOf('PRIMARY', 'UNIQUE', 'FOREIGN', 'CONSTRAINT') && c.peek(1).kind !== 'end') {
    skipConstraint(t)
    return undefined
  }
  const column: TableColumnDefinition = {
    name: c.name().text.toLowerCase(),
    type: redshiftDialect.readType(t),
    nullable: true,
  }
  for (;;) {
    if (c.accept('NOT', 'NULL')) column.nullable = false
    else if (c.accept('NULL') || c.accept('UNIQUE') || c.accept('DISTKEY') || c.accept('SORTKEY')) continue
    else if (c.accept('PRIMARY', 'KEY')) column.nullable = false
    else if (c.accept('ENCODE')) c.name()
    else if (c.accept('DEFAULT')) column.defaultSql = expression(t).sql
    else if (c.accept('IDENTITY') || c.accept('GENERATED', 'BY', 'DEFAULT', 'AS', 'IDENTITY'))
      column.identity = identity(t)
    else if (c.accept('COLLATE')) throw notSupported('COLLATE', c.peek())
    else if (c.accept('REFERENCES')) {
      readPlace(t)
      if (c.is('(')) nameList(t)
    } else return column
  }
}

function identity(t: Translation): { seed: number; step: number } {
  t.cursor.expect('(')
  const seed = Number(t.cursor.next().text)
  t.cursor.expect(',')
  const step = Number(t.cursor.next().text)
  t.cursor.expect(')')
  return { seed, step }
}

function skipConstraint(t: Translation): void {
  const c = t.cursor
  if (c.accept('CONSTRAINT')) c.name()
  if (c.accept('UNIQUE') || c.accept('PRIMARY', 'KEY')) nameList(t)
  else {
    c.expect('FOREIGN', 'KEY')
    nameList(t)
    c.expect('REFERENCES')
    readPlace(t)
    if (c.is('(')) nameList(t)
  }
}

function tableAttributes(t: Translation): void {
  const c = t.cursor
  for (;;) {
    if (c.accept('DISTSTYLE')) c.name()
    else if (c.accept('DISTKEY')) nameList(t)
    else if (c.accept('SORTKEY') || c.accept('COMPOUND', 'SORTKEY') || c.accept('INTERLEAVED', 'SORTKEY')) {
      if (!c.accept('AUTO')) nameList(t)
    } else if (c.accept('ENCODE', 'AUTO')) continue
    else if (c.accept('BACKUP')) c.next()
    else return
  }
}

function externalSchema(t: Translation): RedshiftStatement {
  const c = t.cursor
  const ifNotExists = c.accept('IF', 'NOT', 'EXISTS')
  const name = c.name().text.toLowerCase()
  c.expect('FROM')
  if (!c.accept('DATA', 'CATALOG')) throw notSupported(`CREATE EXTERNAL SCHEMA FROM ${c.peek().text}`, c.peek())
  c.expect('DATABASE')
  const database = c.string().toLowerCase()
  while (!c.isDone && !c.is(';')) {
    if (c.accept('IAM_ROLE') || c.accept('REGION') || c.accept('CATALOG_ROLE')) c.next()
    else throw notSupported(`CREATE EXTERNAL SCHEMA ... ${c.peek().text}`, c.peek())
  }
  return { kind: 'externalSchema', name, database, ifNotExists }
}

function drop(t: Translation): RedshiftStatement {
  const c = t.cursor
  c.expect('DROP')
  const what = c.next()
  if (!['TABLE', 'VIEW', 'SCHEMA'].includes(what.key)) throw notSupported(`DROP ${what.text.toUpperCase()}`, what)
  const ifExists = c.accept('IF', 'EXISTS')
  const places = c.list(() => {
    const { at: _, ...place } = readPlace(t)
    return place
  })
  const cascade = c.accept('CASCADE')
  if (!cascade) c.accept('RESTRICT')
  if (what.key === 'SCHEMA') return { kind: 'dropSchema', name: places[0]?.table ?? '', ifExists, cascade }
  return { kind: 'dropTable', places, ifExists, view: what.key === 'VIEW' }
}

function alter(t: Translation): RedshiftStatement {
  const c = t.cursor
  c.expect('ALTER')
  if (!c.accept('TABLE')) throw notSupported(`ALTER ${c.peek().text.toUpperCase()}`, c.peek())
  const table = target(t)
  if (c.accept('RENAME', 'TO'))
    return { kind: 'ddl', sql: `ALTER TABLE ${table} RENAME TO ${quoteName(c.name().text.toLowerCase())}` }
  if (c.accept('RENAME', 'COLUMN')) {
    const from = quoteName(c.name().text.toLowerCase())
    c.expect('TO')
    return {
      kind: 'ddl',
      sql: `ALTER TABLE ${table} RENAME COLUMN ${from} TO ${quoteName(c.name().text.toLowerCase())}`,
    }
  }
  if (c.accept('DROP', 'COLUMN')) {
    const name = quoteName(c.name().text.toLowerCase())
    if (c.isOneOf('CASCADE', 'RESTRICT')) c.next()
    return { kind: 'ddl', sql: `ALTER TABLE ${table} DROP COLUMN ${name}` }
  }
  if (
    c.accept('ADD', 'COLUMN') ||
    (c.is('ADD') && !['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'FOREIGN'].includes(c.peek(1).key) && c.accept('ADD'))
  ) {
    const column = tableElement(t)
    if (!column || column.identity || !column.nullable) throw notSupported('ALTER TABLE ADD of such a column', c.peek())
    return {
      kind: 'ddl',
      sql: `ALTER TABLE ${table} ADD COLUMN ${quoteName(column.name)} ${column.type.sql}${column.defaultSql ? ` DEFAULT ${column.defaultSql}` : ''}`,
    }
  }
  throw notSupported(`ALTER TABLE ... ${c.peek().text.toUpperCase()}`, c.peek())
}
