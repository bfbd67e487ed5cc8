/** Hive's CREATE EXTERNAL TABLE and ALTER TABLE, read into what the Data Catalog keeps of them. */
import type { TableColumn } from '../catalogTable.ts'
import type { Cursor } from '../cursor.ts'
import { parseHiveType } from '../hiveTypes.ts'
import { notSupported } from '../sqlError.ts'
import type { ObjectName } from './athenaStatements.ts'

export interface NewTable {
  name: ObjectName
  columns: TableColumn[]
  partitionKeys: TableColumn[]
  comment?: string
  location: string
  serde: string
  serdeParameters: Record<string, string>
  inputFormat: string
  outputFormat: string
  parameters: Record<string, string>
  /** The files are buckets. */
  buckets?: { columns: string[]; sorted: { name: string; descending: boolean }[]; count: number }
}

export interface PartitionSpec {
  values: { name: string; value: string }[]
  location?: string
}

export type TableAlteration =
  | { kind: 'addPartitions'; ifNotExists: boolean; partitions: PartitionSpec[] }
  | { kind: 'dropPartitions'; ifExists: boolean; partitions: PartitionSpec[] }
  | { kind: 'setProperties'; properties: Record<string, string> }
  | { kind: 'setLocation'; location: string }
  | { kind: 'addColumns'; columns: TableColumn[] }
  | { kind: 'replaceColumns'; columns: TableColumn[] }
  | { kind: 'dropColumn'; column: string }
  /** Where it comes to stand: absent, where it is. */
  | { kind: 'changeColumn'; column: string; to: TableColumn; after?: string; first?: boolean }
  | { kind: 'unsetProperties'; names: string[] }
  | { kind: 'rename'; to: ObjectName }

interface StorageForm {
  serde: string
  input: string
  output: string
}

const lazySerde = 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe'
const textForm: StorageForm = {
  serde: lazySerde,
  input: 'org.apache.hadoop.mapred.TextInputFormat',
  output: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
}

export const storageForms: Record<string, StorageForm> = {
  TEXTFILE: textForm,
  CSV: { ...textForm, serde: 'org.apache.hadoop.hive.serde2.OpenCSVSerde' },
  PARQUET: {
    serde: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
    input: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    output: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  },
  ORC: {
    serde: 'org.apache.hadoop.hive.ql.io.orc.OrcSerde',
    input: 'org.apache.hadoop.hive.ql.io.orc.OrcInputFormat',
    output: 'org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat',
  },
  AVRO: {
    serde: 'org.apache.hadoop.hive.serde2.avro.AvroSerDe',
    input: 'org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat',
    output: 'org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat',
  },
  JSON: { ...textForm, serde: 'org.apache.hive.hcatalog.data.JsonSerDe' },
}

export function createTable(c: Cursor, name: ObjectName): NewTable {
  const table: NewTable = {
    name,
    columns: c.is('(') ? columnList(c) : [],
    partitionKeys: [],
    location: '',
    serde: '',
    serdeParameters: {},
    inputFormat: textForm.input,
    outputFormat: textForm.output,
    parameters: { EXTERNAL: 'TRUE' },
  }
  let form: StorageForm | undefined
  while (!c.isDone && !c.is(';')) {
    if (c.accept('COMMENT')) table.comment = c.string()
    else if (c.accept('PARTITIONED', 'BY')) table.partitionKeys = columnList(c)
    else if (c.accept('CLUSTERED', 'BY')) table.buckets = clusteredBy(c)
    else if (c.accept('ROW', 'FORMAT')) rowFormat(c, table)
    else if (c.accept('WITH', 'SERDEPROPERTIES')) Object.assign(table.serdeParameters, properties(c))
    else if (c.accept('STORED', 'AS')) form = storedAs(c, table)
    else if (c.accept('LOCATION')) table.location = c.string()
    else if (c.accept('TBLPROPERTIES')) Object.assign(table.parameters, properties(c))
    else throw c.mismatch('PARTITIONED, ROW FORMAT, STORED AS, LOCATION, TBLPROPERTIES')
  }
  if (form) Object.assign(table, { inputFormat: form.input, outputFormat: form.output })
  table.serde ||= form?.serde ?? lazySerde
  if (table.serde === lazySerde && !table.serdeParameters['serialization.format']) {
    table.serdeParameters['serialization.format'] = table.serdeParameters['field.delim'] ?? '1'
  }
  return table
}

/** `(a, b) [SORTED BY (c DESC)] INTO 8 BUCKETS` */
function clusteredBy(c: Cursor): NewTable['buckets'] {
  const names = <T>(item: () => T): T[] => {
    c.expect('(')
    const list = c.list(item)
    c.expect(')')
    return list
  }
  const name = () => c.name().text.toLowerCase()
  const columns = names(name)
  const sorted = c.accept('SORTED', 'BY')
    ? names(() => {
        const sortedBy = name()
        const descending = c.accept('DESC')
        if (!descending) c.accept('ASC')
        return { name: sortedBy, descending }
      })
    : []
  c.expect('INTO')
  const count = c.next()
  if (!/^[1-9]\d*$/.test(count.text)) throw c.mismatch('a number of buckets', count)
  c.expect('BUCKETS')
  return { columns, sorted, count: Number(count.text) }
}

function storedAs(c: Cursor, table: NewTable): StorageForm | undefined {
  if (c.accept('INPUTFORMAT')) {
    table.inputFormat = c.string()
    c.expect('OUTPUTFORMAT')
    table.outputFormat = c.string()
    return undefined
  }
  const word = c.name()
  const form = storageForms[word.key]
  if (!form || word.key === 'CSV') throw notSupported(`STORED AS ${word.text}`, word)
  return form
}

function rowFormat(c: Cursor, table: NewTable): void {
  if (c.accept('SERDE')) {
    table.serde = c.string()
    return
  }
  c.expect('DELIMITED')
  const parts: [string[], string][] = [
    [['FIELDS', 'TERMINATED', 'BY'], 'field.delim'],
    [['ESCAPED', 'BY'], 'escape.delim'],
    [['COLLECTION', 'ITEMS', 'TERMINATED', 'BY'], 'collection.delim'],
    [['MAP', 'KEYS', 'TERMINATED', 'BY'], 'mapkey.delim'],
    [['LINES', 'TERMINATED', 'BY'], 'line.delim'],
    [['NULL', 'DEFINED', 'AS'], 'serialization.null.format'],
  ]
  for (;;) {
    const part = parts.find(([words]) => c.is(...words))
    if (!part) return
    c.expect(...part[0])
    table.serdeParameters[part[1]] = c.string()
  }
}

/** `('key' = 'value', …)` */
export function properties(c: Cursor): Record<string, string> {
  c.expect('(')
  const pairs = c.list(() => {
    const key = c.string()
    c.expect('=')
    return [key, c.string()] as const
  })
  c.expect(')')
  return Object.fromEntries(pairs)
}

export function columnList(c: Cursor): TableColumn[] {
  c.expect('(')
  const columns = c.list(() => {
    const name = c.name().text.toLowerCase()
    const type = hiveType(c)
    const comment = c.accept('COMMENT') ? c.string() : undefined
    return comment === undefined ? { name, type } : { name, type, comment }
  })
  c.expect(')')
  return columns
}

/** The type's text up to the comma or parenthesis that ends it. */
function hiveType(c: Cursor): string {
  const start = c.peek().start
  let end = start
  for (let depth = 0; !c.isDone; ) {
    if (depth === 0 && c.isOneOf(',', ')', 'COMMENT', 'FIRST', 'AFTER', ';')) break
    const token = c.next()
    if (token.key === '<' || token.key === '(') depth++
    if (token.key === '>' || token.key === ')') depth--
    end = token.end
  }
  const text = c.sql.slice(start, end).replace(/\s+/g, '').replaceAll('`', '').toLowerCase()
  parseHiveType(text)
  return text.replace(/^integer$/, 'int')
}

export function alterTable(c: Cursor): TableAlteration {
  if (c.accept('ADD', 'COLUMNS')) return { kind: 'addColumns', columns: columnList(c) }
  if (c.accept('CHANGE')) return changeColumn(c)
  if (c.accept('DROP', 'COLUMN')) return { kind: 'dropColumn', column: c.name().text.toLowerCase() }
  if (c.accept('UNSET', 'TBLPROPERTIES')) return { kind: 'unsetProperties', names: propertyNames(c) }
  if (c.accept('REPLACE', 'COLUMNS')) return { kind: 'replaceColumns', columns: columnList(c) }
  if (c.accept('SET', 'TBLPROPERTIES')) return { kind: 'setProperties', properties: properties(c) }
  if (c.accept('SET', 'LOCATION')) return { kind: 'setLocation', location: c.string() }
  if (c.accept('ADD')) {
    const ifNotExists = c.accept('IF', 'NOT', 'EXISTS')
    const partitions: PartitionSpec[] = []
    while (c.is('PARTITION')) {
      const spec = partitionSpec(c)
      if (c.accept('LOCATION')) spec.location = c.string()
      partitions.push(spec)
      c.accept(',')
    }
    if (partitions.length === 0) throw c.mismatch('PARTITION')
    return { kind: 'addPartitions', ifNotExists, partitions }
  }
  if (c.accept('DROP')) {
    const ifExists = c.accept('IF', 'EXISTS')
    return { kind: 'dropPartitions', ifExists, partitions: c.list(() => partitionSpec(c)) }
  }
  throw notSupported(`ALTER TABLE ... ${c.peek().text}`, c.peek())
}

/** `[COLUMN] old new type [COMMENT text] [FIRST | AFTER column]` */
function changeColumn(c: Cursor): TableAlteration {
  c.accept('COLUMN')
  const name = () => c.name().text.toLowerCase()
  const column = name()
  const renamed = name()
  const type = hiveType(c)
  const comment = c.accept('COMMENT') ? { comment: c.string() } : {}
  const to = { name: renamed, type, ...comment }
  if (c.accept('FIRST')) return { kind: 'changeColumn', column, to, first: true }
  if (c.accept('AFTER')) return { kind: 'changeColumn', column, to, after: name() }
  return { kind: 'changeColumn', column, to }
}

function propertyNames(c: Cursor): string[] {
  c.accept('IF', 'EXISTS')
  c.expect('(')
  const names = c.list(() => c.string())
  c.expect(')')
  return names
}

function partitionSpec(c: Cursor): PartitionSpec {
  c.expect('PARTITION', '(')
  const values = c.list(() => {
    const name = c.name().text.toLowerCase()
    const operator = c.next()
    if (operator.key !== '=') throw notSupported(`PARTITION (${name} ${operator.text} ...)`, operator)
    return { name, value: c.next().text }
  })
  c.expect(')')
  return { values }
}
