/**
 * Carries out COPY: the objects' fields are read as text, checked against the columns' types by Redshift's rules, and
 * only then cast: what would load as something else than on AWS fails, with its line in stl_load_errors.
 */
import { quoteName, quoteText } from '../cursor.ts'
import type { Connection } from '../duckdb.ts'
import { notSupported, SqlError } from '../sqlError.ts'
import type { CopyCommand } from './copyCommand.ts'
import { dateFormat } from './redshiftDialect.ts'

export interface CopySource {
  files: { path: string; uri: string }[]
  close(): Promise<void>
}

interface CopySettings {
  id: string
  now: string
  target: string
  lake: {
    objects(uri: string, options: { manifest: boolean }): Promise<CopySource>
    text(uri: string): Promise<string>
  }
}

/** A load that failed on its data: the rows for stl_load_errors outlive the rollback. */
export class CopyFailed extends SqlError {
  readonly inserts: string[]

  constructor(table: string, inserts: string[]) {
    super(
      `ERROR: Load into table '${table}' failed.  Check 'stl_load_errors' system table for details.`,
      undefined,
      'LOAD_FAILED',
    )
    this.inserts = inserts
  }
}

interface LoadColumn {
  name: string
  type: string
  duckType: string
  length: number | undefined
  nullable: boolean
}

export async function copyInto(
  connection: Connection,
  command: CopyCommand,
  settings: CopySettings,
): Promise<{ rows: number; notice: string }> {
  const columns = await loadColumns(connection, command, settings.target)
  const source = await settings.lake.objects(command.uri, { manifest: command.manifest })
  try {
    if (source.files.length === 0)
      throw new SqlError(
        `ERROR: The specified S3 prefix '${command.uri.replace(/^s3:\/\/[^/]+\/?/, '')}' does not exist`,
      )
    const rows =
      command.format === 'parquet'
        ? await copyParquet(connection, columns, source, settings.target)
        : await copyText(connection, command, { columns, source, settings })
    return {
      rows,
      notice: `INFO: Load into table '${command.table}' completed, ${rows} record(s) loaded successfully.`,
    }
  } finally {
    await source.close()
  }
}

/** The target's columns, by the command's list or all of them; identity columns fill themselves. */
async function loadColumns(connection: Connection, command: CopyCommand, target: string): Promise<LoadColumn[]> {
  const described = await connection.all(`DESCRIBE ${target}`)
  const declared = await connection.all(
    `SELECT "column", type, length, nullable FROM igarape.columns WHERE schema = ${quoteText(command.schema ?? 'public')} AND "table" = ${quoteText(command.table)}`,
  )
  const byName = new Map(declared.map((row) => [String(row[0]), row]))
  const all = described.map((row): LoadColumn & { identity: boolean } => {
    const known = byName.get(String(row[0]))
    return {
      name: String(row[0]),
      type: String(known?.[1] ?? row[1]).toLowerCase(),
      duckType: String(row[1]),
      length: known?.[2] == null ? undefined : Number(known[2]),
      nullable: String(row[2]) === 'YES',
      identity: String(row[4] ?? '').includes('nextval'),
    }
  })
  if (!command.columns) return all.filter((column) => !column.identity)
  return command.columns.map((name) => {
    const column = all.find((one) => one.name === name)
    if (!column) throw new SqlError(`ERROR: column "${name}" of relation "${command.table}" does not exist`)
    return column
  })
}

/** Columnar files are loaded by the order of their columns, which must be as many as the table's. */
async function copyParquet(
  connection: Connection,
  columns: LoadColumn[],
  source: CopySource,
  target: string,
): Promise<number> {
  const from = `read_parquet([${source.files.map((file) => quoteText(file.path)).join(', ')}], hive_partitioning=false)`
  const found = await connection.all(`DESCRIBE SELECT * FROM ${from}`)
  if (found.length !== columns.length) {
    throw new SqlError(
      `ERROR: Spectrum Scan Error: Unmatched number of columns between table and file. Table columns: ${columns.length}, Data columns: ${found.length}, File name: ${source.files[0]?.uri}`,
    )
  }
  for (const [i, column] of columns.entries()) {
    const type = String(found[i]?.[1])
    if (!parquetFits(type, column.duckType)) {
      throw new SqlError(
        `ERROR: Spectrum Scan Error: File '${source.files[0]?.uri}' has an incompatible Parquet schema for column '${column.name}'. Column type: ${column.type.toUpperCase()}, Parquet schema: ${type}`,
      )
    }
  }
  const list = columns.map((column, i) => `CAST(${quoteName(String(found[i]?.[0]))} AS ${column.duckType})`)
  return connection.execute(
    `INSERT INTO ${target} (${columns.map((column) => quoteName(column.name)).join(', ')}) SELECT ${list.join(', ')} FROM ${from}`,
  )
}

function parquetFits(file: string, column: string): boolean {
  const family = (type: string) =>
    /^(TINYINT|SMALLINT|INTEGER|BIGINT|U\w*INT\w*)$/.test(type)
      ? 'integer'
      : /^(FLOAT|DOUBLE)$/.test(type)
        ? 'float'
        : (type.split(/[ (]/)[0] as string)
  return (
    family(file) === family(column) ||
    (column === 'JSON' && file === 'VARCHAR') ||
    (family(column) === 'DECIMAL' && family(file) === 'integer')
  )
}

interface TextLoad {
  columns: LoadColumn[]
  source: CopySource
  settings: CopySettings
}

async function copyText(connection: Connection, command: CopyCommand, load: TextLoad): Promise<number> {
  const { columns, source, settings } = load
  const stage = '_copy_stage'
  const fields = columns.map((_, i) => `f${i}`)
  const reader =
    command.format === 'json' ? await jsonReader(command, columns, load) : delimitedReader(command, fields, source)
  await connection.execute(`DROP TABLE IF EXISTS temp.${stage}`)
  try {
    await connection.execute(
      `CREATE TEMP TABLE ${stage} AS SELECT ${fields.map((field, i) => `${cleaned(command, columns[i] as LoadColumn, field)} AS ${field}`).join(', ')}, filename, row_number() OVER (PARTITION BY filename) + ${command.headerLines} AS line FROM ${reader}`,
    )
  } catch (error) {
    if (!(error instanceof SqlError) || command.format === 'json') throw error
    throw new CopyFailed(command.table, [
      loadError(settings, {
        uri: command.uri,
        line: Number(/Line: (\d+)/.exec(error.message)?.[1] ?? 0),
        column: undefined,
        value: '',
        code: 1202,
        reason: 'Extra column(s) found or delimiter not found',
      }),
    ])
  }
  const reasons = columns.map((column, i) => faultOf(command, column, fields[i] as string))
  const anyFault = reasons.map((reason) => `(${reason}) IS NOT NULL`).join(' OR ')
  const [counted] = await connection.all(`SELECT count(*) FROM ${stage} WHERE ${anyFault}`)
  const faults = Number(counted?.[0] ?? 0)
  if (faults > command.errorsMax) throw await failedLoad(connection, command, { ...load, stage, reasons, anyFault })
  const values = columns.map((column, i) => converted(command, column, fields[i] as string))
  const rows = await connection.execute(
    `INSERT INTO ${settings.target} (${columns.map((column) => quoteName(column.name)).join(', ')}) SELECT ${values.join(', ')} FROM ${stage}${faults > 0 ? ` WHERE NOT (${anyFault})` : ''}`,
  )
  await connection.execute(`DROP TABLE temp.${stage}`)
  return rows
}

function delimitedReader(command: CopyCommand, fields: string[], source: CopySource): string {
  const isCsv = command.format === 'csv'
  const options = [
    `columns={${fields.map((field) => `'${field}': 'VARCHAR'`).join(', ')}}`,
    `delim=${quoteText(command.delimiter)}`,
    `quote=${isCsv ? quoteText(command.quote) : "''"}`,
    `escape=${isCsv ? quoteText(command.quote) : "''"}`,
    `nullstr=${quoteText(command.nullText)}`,
    'header=false',
    `skip=${command.headerLines}`,
    'auto_detect=false',
    `null_padding=${command.flags.has('FILLRECORD')}`,
    `compression=${quoteText(command.compression)}`,
    'filename=true',
    'maximum_line_size=4194304',
  ]
  return `read_csv([${source.files.map((file) => quoteText(file.path)).join(', ')}], ${options.join(', ')})`
}

async function jsonReader(command: CopyCommand, columns: LoadColumn[], load: TextLoad): Promise<string> {
  const option = command.jsonOption ?? 'auto'
  const files = load.source.files.map((file) => quoteText(file.path)).join(', ')
  const objects = `read_json_objects([${files}], format='auto', compression=${quoteText(command.compression)}, filename=true)`
  if (option === 'noshred') throw notSupported("JSON 'noshred'")
  if (option.startsWith('s3://')) {
    const { jsonpaths } = JSON.parse(await load.settings.lake.text(option)) as { jsonpaths: string[] }
    if (jsonpaths.length !== columns.length)
      throw new SqlError('ERROR: Number of jsonpaths and the number of columns should match.')
    const paths = jsonpaths.map((path) => path.replace(/\['([^']*)'\]/g, '."$1"'))
    return `(SELECT ${paths.map((path, i) => `json_extract_string(json, ${quoteText(path)}) AS f${i}`).join(', ')}, filename FROM ${objects})`
  }
  if (option !== 'auto' && option !== 'auto ignorecase') throw notSupported(`JSON '${option}'`)
  const member = (name: string) =>
    option === 'auto'
      ? `json_extract_string(json, ${quoteText(`$.${quoteName(name)}`)})`
      : `json_extract_string(json, '$."' || list_filter(json_keys(json), lambda k: lower(k) = ${quoteText(name)})[1] || '"')`
  return `(SELECT ${columns.map((column, i) => `${member(column.name)} AS f${i}`).join(', ')}, filename FROM ${objects})`
}

const isText = (column: LoadColumn) => column.duckType === 'VARCHAR'

/** Empty fields are NULL but for text, which keeps them unless it is told otherwise. */
function cleaned(command: CopyCommand, column: LoadColumn, field: string): string {
  if (!isText(column)) return `nullif(trim(${field}), '')`
  let sql = field
  if (command.flags.has('TRIMBLANKS')) sql = `rtrim(${sql}, ' ')`
  if (command.flags.has('BLANKSASNULL')) sql = `CASE WHEN trim(${sql}) = '' AND ${sql} <> '' THEN NULL ELSE ${sql} END`
  if (command.flags.has('EMPTYASNULL')) sql = `nullif(${sql}, '')`
  return sql
}

function converted(command: CopyCommand, column: LoadColumn, field: string): string {
  if (isText(column))
    return command.flags.has('TRUNCATECOLUMNS') && column.length ? `left(${field}, ${column.length})` : field
  if (column.duckType === 'BOOLEAN')
    return `CASE WHEN lower(${field}) IN ('t', 'true', 'y', 'yes', '1') THEN TRUE WHEN lower(${field}) IN ('f', 'false', 'n', 'no', '0') THEN FALSE END`
  const given =
    column.duckType === 'DATE'
      ? command.dateFormat
      : column.duckType.startsWith('TIMESTAMP')
        ? command.timeFormat
        : undefined
  if (given && given.toLowerCase() !== 'auto')
    return `CAST(try_strptime(${field}, ${quoteText(dateFormat(given))}) AS ${column.duckType})`
  return `TRY_CAST(${field} AS ${column.duckType})`
}

/** Why a field does not load; NULL when it does. The words are stl_load_errors'. */
function faultOf(command: CopyCommand, column: LoadColumn, field: string): string {
  const missing = column.nullable ? '' : `WHEN ${field} IS NULL THEN 'Missing data for not-null field' `
  if (isText(column)) {
    const tooLong =
      column.length && !command.flags.has('TRUNCATECOLUMNS')
        ? `WHEN strlen(${field}) > ${column.length} THEN 'String length exceeds DDL length' `
        : ''
    return missing || tooLong ? `CASE ${missing}${tooLong}END` : 'NULL'
  }
  const isInteger = /INT/.test(column.duckType)
  const bad = isInteger
    ? `WHEN ${field} IS NOT NULL AND NOT regexp_matches(${field}, '^[+-]?\\d+$') THEN 'Invalid digit, Value ''' || left(ltrim(${field}, '+-0123456789'), 1) || ''', Pos ' || CAST(length(${field}) - length(ltrim(${field}, '+-0123456789')) AS VARCHAR) || ', Type: ${column.type}' `
    : ''
  const reason =
    column.duckType === 'DATE'
      ? 'Invalid Date Format - length must be 10 or more'
      : column.duckType.startsWith('TIMESTAMP')
        ? 'Invalid timestamp format or value'
        : isInteger
          ? 'Overflow for integer value'
          : 'Invalid value.'
  return `CASE ${missing}${bad}WHEN ${field} IS NOT NULL AND (${converted(command, column, field)}) IS NULL THEN '${reason}' END`
}

interface FailedLoad extends TextLoad {
  stage: string
  reasons: string[]
  anyFault: string
}

const keptErrorsMax = 100

async function failedLoad(connection: Connection, command: CopyCommand, load: FailedLoad): Promise<CopyFailed> {
  const list = load.reasons.map((reason, i) => `${reason} AS r${i}, f${i}`)
  const rows = await connection.all(
    `SELECT filename, line, ${list.join(', ')} FROM ${load.stage} WHERE ${load.anyFault} LIMIT ${keptErrorsMax}`,
  )
  const uris = new Map(load.source.files.map((file) => [file.path, file.uri]))
  const inserts = rows.map((row) => {
    const at = load.columns.findIndex((_, i) => row[2 + i * 2] !== null)
    return loadError(load.settings, {
      uri: uris.get(String(row[0])) ?? '',
      line: Number(row[1]),
      column: load.columns[at],
      value: String(row[3 + at * 2] ?? ''),
      code: 1207,
      reason: String(row[2 + at * 2]),
    })
  })
  return new CopyFailed(command.table, inserts)
}

function loadError(
  settings: CopySettings,
  error: { uri: string; line: number; column: LoadColumn | undefined; value: string; code: number; reason: string },
): string {
  const { column } = error
  const values = [
    settings.now,
    settings.id,
    error.uri,
    String(error.line),
    column?.name ?? '',
    column?.type ?? '',
    String(column?.length ?? ''),
    '',
    error.value,
    String(error.code),
    error.reason,
  ]
  return `INSERT INTO igarape.stl_load_errors VALUES (${values.map(quoteText).join(', ')})`
}
