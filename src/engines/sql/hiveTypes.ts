/** Types as the Data Catalog writes them (`array<struct<sku:string,qty:int>>`), and what they are in DuckDB and Trino. */
import { quoteName } from './cursor.ts'
import { SqlError } from './sqlError.ts'

export type HiveType =
  | { kind: 'scalar'; name: string; args: number[] }
  | { kind: 'array'; element: HiveType }
  | { kind: 'map'; key: HiveType; value: HiveType }
  | { kind: 'struct'; fields: { name: string; type: HiveType }[] }

const duckNames: Record<string, string> = {
  boolean: 'BOOLEAN',
  tinyint: 'TINYINT',
  smallint: 'SMALLINT',
  int: 'INTEGER',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  float: 'FLOAT',
  real: 'FLOAT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  varchar: 'VARCHAR',
  char: 'VARCHAR',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  binary: 'BLOB',
}

export function parseHiveType(text: string): HiveType {
  const reader = new TypeReader(text)
  const type = reader.type()
  reader.expectEnd()
  return type
}

export function duckTypeOf(type: HiveType): string {
  switch (type.kind) {
    case 'array':
      return `${duckTypeOf(type.element)}[]`
    case 'map':
      return `MAP(${duckTypeOf(type.key)}, ${duckTypeOf(type.value)})`
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${quoteName(field.name)} ${duckTypeOf(field.type)}`).join(', ')})`
    case 'scalar':
      if (type.name === 'decimal') return `DECIMAL(${type.args[0] ?? 10},${type.args[1] ?? 0})`
      return duckNames[type.name] as string
  }
}

class TypeReader {
  private at = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text.trim().toLowerCase()
  }

  type(): HiveType {
    const name = this.take(/[a-z_]+/y, 'a type')
    if (name === 'array') {
      this.expect('<')
      const element = this.type()
      this.expect('>')
      return { kind: 'array', element }
    }
    if (name === 'map') {
      this.expect('<')
      const key = this.type()
      this.expect(',')
      const value = this.type()
      this.expect('>')
      return { kind: 'map', key, value }
    }
    if (name === 'struct') return this.struct()
    if (name !== 'decimal' && !(name in duckNames)) throw this.error(`unknown type '${name}'`)
    return { kind: 'scalar', name: name === 'integer' ? 'int' : name, args: this.args() }
  }

  expectEnd(): void {
    if (this.at < this.text.length) throw this.error(`'${this.text.slice(this.at)}' is left over`)
  }

  private struct(): HiveType {
    this.expect('<')
    const fields: { name: string; type: HiveType }[] = []
    do {
      const name = this.take(/\s*[^:<>,()]+/y, 'a field name')
        .trim()
        .replaceAll('`', '')
      this.expect(':')
      fields.push({ name, type: this.type() })
    } while (this.accept(','))
    this.expect('>')
    return { kind: 'struct', fields }
  }

  private args(): number[] {
    if (!this.accept('(')) return []
    const args: number[] = []
    do args.push(Number(this.take(/\s*\d+\s*/y, 'a number')))
    while (this.accept(','))
    this.expect(')')
    return args
  }

  private skipBlanks(): void {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\n') this.at++
  }

  private take(pattern: RegExp, what: string): string {
    this.skipBlanks()
    pattern.lastIndex = this.at
    const match = pattern.exec(this.text)
    if (!match) throw this.error(`${what} is missing`)
    this.at += match[0].length
    return match[0]
  }

  private accept(char: string): boolean {
    this.skipBlanks()
    if (this.text[this.at] !== char) return false
    this.at++
    return true
  }

  private expect(char: string): void {
    if (!this.accept(char)) throw this.error(`'${char}' is missing`)
  }

  private error(what: string): SqlError {
    return new SqlError(`The column type '${this.text}' cannot be read: ${what}.`, undefined, 'HIVE_UNSUPPORTED_FORMAT')
  }
}
