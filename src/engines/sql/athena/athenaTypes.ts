/** Trino's type names in CAST and literals, and how a value becomes another type where DuckDB would say it differently. */
import { quoteName, quoteText } from '../cursor.ts'
import type { DialectType, Fragment, Translation } from '../dialect.ts'
import { notSupported, SqlError } from '../sqlError.ts'
import type { Token } from '../tokens.ts'

const plain: Record<string, string> = {
  boolean: 'BOOLEAN',
  tinyint: 'TINYINT',
  smallint: 'SMALLINT',
  int: 'INTEGER',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  real: 'FLOAT',
  float: 'FLOAT',
  double: 'DOUBLE',
  varchar: 'VARCHAR',
  string: 'VARCHAR',
  varbinary: 'BLOB',
  date: 'DATE',
  json: 'JSON',
  uuid: 'UUID',
}

export function readTrinoType(t: Translation): DialectType {
  const { cursor } = t
  const at = cursor.name()
  const base = at.text.toLowerCase()
  if (base === 'double') cursor.accept('PRECISION')
  if (base === 'array') return wrapType(t, base, at)
  if (base === 'map') return wrapType(t, base, at)
  if (base === 'row') return rowType(t)
  const args: number[] = []
  if (cursor.accept('(')) {
    args.push(...cursor.list(() => Number(cursor.next().text)))
    cursor.expect(')')
  }
  if (base === 'timestamp' || base === 'time') return timeType(t, base, args, at)
  const name = args.length > 0 ? `${base}(${args.join(',')})` : base
  if (base === 'decimal' || base === 'numeric') {
    return { sql: `DECIMAL(${args[0] ?? 38},${args[1] ?? 0})`, name, base: 'decimal', args }
  }
  if (base === 'char') return { sql: 'VARCHAR', name, base, args: args.length > 0 ? args : [1] }
  const sql = Object.hasOwn(plain, base) ? plain[base] : undefined
  if (!sql) {
    if (['interval', 'ipaddress', 'hyperloglog', 'qdigest', 'tdigest', 'geometry'].includes(base))
      throw notSupported(`The type ${base}`, at)
    throw new SqlError(`line ${at.line}:${at.column}: Unknown type: ${at.text}`, at, 'TYPE_NOT_FOUND')
  }
  return { sql, name, base, args }
}

function wrapType(t: Translation, base: string, at: Token): DialectType {
  const { cursor } = t
  const close = cursor.is('<') ? '>' : ')'
  if (!cursor.accept('<')) cursor.expect('(')
  const inner = cursor.list(() => readTrinoType(t))
  cursor.expect(close)
  const [first, second] = inner
  if (!first || (base === 'map') !== (second !== undefined)) throw cursor.mismatch(`the arguments of ${base}`, at)
  const name = `${base}(${inner.map((type) => type.name).join(', ')})`
  return { sql: second ? `MAP(${first.sql}, ${second.sql})` : `${first.sql}[]`, name, base, args: [] }
}

function rowType(t: Translation): DialectType {
  const { cursor } = t
  cursor.expect('(')
  const fields = cursor.list(() => {
    const named = ['word', 'quoted'].includes(cursor.peek(1).kind) && cursor.peek(1).key !== 'PRECISION'
    const name = named ? cursor.name().text.toLowerCase() : ''
    return { name, type: readTrinoType(t) }
  })
  cursor.expect(')')
  const sql = `STRUCT(${fields.map((field, i) => `${quoteName(field.name || `field${i}`)} ${field.type.sql}`).join(', ')})`
  return {
    sql,
    name: `row(${fields.map((field) => `${field.name} ${field.type.name}`.trim()).join(', ')})`,
    base: 'row',
    args: [],
  }
}

function timeType(t: Translation, base: string, args: number[], at: Token): DialectType {
  const zoned = t.cursor.accept('WITH', 'TIME', 'ZONE')
  if (!zoned) t.cursor.accept('WITHOUT', 'TIME', 'ZONE')
  if ((args[0] ?? 3) > 6) throw notSupported(`${base}(${args[0]})`, at)
  if (base === 'time' && zoned) throw notSupported('time with time zone', at)
  const name = `${base}(${args[0] ?? 3})${zoned ? ' with time zone' : ''}`
  return {
    sql: base === 'time' ? 'TIME' : zoned ? 'TIMESTAMPTZ' : 'TIMESTAMP',
    name,
    base: zoned ? 'timestamptz' : base,
    args: [args[0] ?? 3],
  }
}

/** CAST and TRY_CAST. Text forms are Trino's; text to a number must be nothing but the number. */
export function castTrino(value: Fragment, type: DialectType, safe: boolean): string {
  const word = safe ? 'TRY_CAST' : 'CAST'
  const wrapped = (sql: string) => (safe ? `TRY(${sql})` : sql)
  switch (type.base) {
    case 'varchar':
    case 'string': {
      const text = `igp_varchar(${value.sql})`
      const length = type.args[0]
      return length === undefined ? text : `left(${text}, ${length})`
    }
    case 'char':
      return `rpad(igp_varchar(${value.sql}), ${type.args[0]}, ' ')`
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'integer':
    case 'bigint':
      return wrapped(`CAST(igp_to_integer(${value.sql}) AS ${type.sql})`)
    case 'timestamp':
      if ((type.args[0] ?? 3) === 6) return wrapped(`igp_to_moment(${value.sql})`)
      if ((type.args[0] ?? 3) === 0)
        return wrapped(`date_trunc('second', igp_to_moment(${value.sql}) + INTERVAL '500 milliseconds')`)
      return wrapped(`igp_round_moment(igp_to_moment(${value.sql}))`)
    case 'decimal':
      return wrapped(`CAST(igp_to_decimal(${value.sql}) AS ${type.sql})`)
    case 'json':
      return value.literal?.kind === 'string' ? `to_json(${value.sql})` : `igp_to_json(${value.sql})`
    case 'row':
    case 'array':
    case 'map':
      // A JSON value is cast to these by shape; DuckDB does the same for its JSON type.
      return `${word}(${value.positional ?? value.sql} AS ${type.sql})`
    default:
      return `${word}(${value.sql} AS ${type.sql})`
  }
}

/** `DATE '…'` and its kin; undefined is not a type name. */
export function trinoLiteral(type: string, text: string, at: Token): string | undefined {
  switch (type) {
    case 'date':
      if (!/^\s*[+-]?\d{1,6}-\d{1,2}-\d{1,2}\s*$/.test(text)) throw invalidLiteral(type, text, at)
      return `CAST(${quoteText(text.trim())} AS DATE)`
    case 'timestamp':
      if (
        /[A-Za-z/]|[+-]\d{1,2}(:\d{2})?$/.test(
          text
            .trim()
            .replace(/^\S+T/, '')
            .replace(/^[+-]?\d+-\d+-\d+/, ''),
        )
      ) {
        return /\s(UTC|Z|[+]00:?00)$/i.test(text)
          ? `CAST(${quoteText(text.replace(/\s+\S+$/, '+00'))} AS TIMESTAMPTZ)`
          : zonedLiteral(at)
      }
      if (!/^\s*\d{1,6}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?)?\s*$/.test(text))
        throw invalidLiteral(type, text, at)
      return `CAST(${quoteText(text.trim())} AS TIMESTAMP)`
    case 'time':
      if (/[+-]\d|[A-Za-z]/.test(text)) throw notSupported('time with time zone', at)
      return `CAST(${quoteText(text)} AS TIME)`
    case 'decimal':
      return decimalLiteral(text, at)
    case 'double':
    case 'real':
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'boolean':
    case 'uuid':
      return `CAST(${quoteText(text)} AS ${plain[type]})`
    case 'json':
      return `json(${quoteText(text)})`
    case 'varchar':
      return quoteText(text)
    case 'char':
      return quoteText(text)
    case 'ipaddress':
      throw notSupported('The type ipaddress', at)
    default:
      return undefined
  }
}

function zonedLiteral(at: Token): never {
  // The engine's timestamps with a zone keep the instant only; Trino shows the zone.
  throw notSupported('A timestamp in a time zone other than UTC', at)
}

function decimalLiteral(text: string, at: Token): string {
  const match = /^\s*([+-]?)0*(\d*)\.?(\d*)\s*$/.exec(text)
  if (!match) throw invalidLiteral('decimal', text, at)
  const scale = (match[3] ?? '').length
  const precision = Math.max((match[2] ?? '').length + scale, 1)
  if (precision > 38) throw invalidLiteral('decimal', text, at)
  return `CAST(${quoteText(text.trim())} AS DECIMAL(${precision},${scale}))`
}

function invalidLiteral(type: string, text: string, at: Token): SqlError {
  return new SqlError(
    `line ${at.line}:${at.column}: '${text}' is not a valid ${type.toUpperCase()} literal`,
    at,
    'INVALID_LITERAL',
  )
}
