/** How one line of text becomes columns, as LazySimpleSerDe, OpenCSVSerde and the JSON SerDes do it, in SQL. */
import type { CatalogTable } from './catalogTable.ts'
import { quoteName, quoteText } from './cursor.ts'
import { duckTypeOf, type HiveType } from './hiveTypes.ts'
import type { LinePack } from './linePack.ts'
import { notSupported } from './sqlError.ts'

const lineBytesMax = 16 * 1024 * 1024

/** Every line of the files as the column `line`. The delimiter is one that no text has. */
export function lineSource(paths: readonly string[], skipLines: number, packs: readonly LinePack[] = []): string {
  if (packs.length === 0) return fileLines(paths, skipLines)
  const held = packs.map((pack) => ({ pack, paths: paths.filter((path) => pack.has(path)) }))
  const others = paths.filter((path) => !packs.some((pack) => pack.has(path)))
  const branches = held.filter((one) => one.paths.length > 0).map((one) => one.pack.source(one.paths))
  if (others.length > 0) branches.push(`SELECT line, filename FROM ${fileLines(others, skipLines)}`)
  return `(${branches.join(' UNION ALL ')})`
}

function fileLines(paths: readonly string[], skipLines: number): string {
  const files = paths.map(quoteText).join(', ')
  return `read_csv([${files}], columns={'line': 'VARCHAR'}, delim='\u001e\u001f', quote='', escape='', comment='', header=false, skip=${skipLines}, auto_detect=false, strict_mode=false, nullstr='\u001d\u001c', maximum_line_size=${lineBytesMax}, filename=true)`
}

/** Fields by delimiter, no quoting; a field that does not parse as its type is NULL, so are fields that are missing. */
export function lazyColumn(properties: Record<string, string>): {
  fields: string
  column: (type: HiveType, field: string) => string
} {
  const delimiter = delimiterOf(properties['field.delim'] ?? properties['serialization.format'] ?? '\u0001')
  const escapeCharacter = properties['escape.delim']
  const nullText = quoteText(properties['serialization.null.format'] ?? '\\N')
  const levels = [
    delimiter,
    delimiterOf(properties['collection.delim'] ?? properties['colelction.delim'] ?? '\u0002'),
    delimiterOf(properties['mapkey.delim'] ?? '\u0003'),
  ]
  const fields = escapeCharacter
    ? escapedFields(delimiter, escapeCharacter)
    : `string_split(line, ${quoteText(delimiter)})`
  const column = (type: HiveType, field: string) =>
    lazyValue(type, `CASE WHEN ${field} = ${nullText} THEN NULL ELSE ${field} END`, { levels, nullText, depth: 1 })
  return { fields, column }
}

interface Nesting {
  levels: string[]
  nullText: string
  depth: number
}

function lazyValue(type: HiveType, text: string, nesting: Nesting): string {
  if (type.kind === 'scalar') return lazyScalar(type, text)
  const separator = nesting.levels[nesting.depth]
  if (separator === undefined) throw notSupported('Nested columns of more than two levels in a delimited text table')
  const items = `CASE WHEN ${text} = '' THEN [] ELSE string_split(${text}, ${quoteText(separator)}) END`
  const inner = { ...nesting, depth: nesting.depth + 1 }
  const orNull = (item: string) => `CASE WHEN ${item} = ${nesting.nullText} THEN NULL ELSE ${item} END`
  if (type.kind === 'array') return `list_transform(${items}, lambda e: ${lazyValue(type.element, orNull('e'), inner)})`
  if (type.kind === 'struct') {
    const parts = type.fields.map(
      (field, i) => `${quoteText(field.name)}: ${lazyValue(field.type, orNull(`(${items})[${i + 1}]`), inner)}`,
    )
    return `CASE WHEN ${text} IS NULL THEN NULL ELSE {${parts.join(', ')}} END`
  }
  const keySeparator = quoteText(nesting.levels[nesting.depth + 1] ?? '\u0003')
  const key = lazyValue(type.key, `split_part(e, ${keySeparator}, 1)`, { ...inner, depth: inner.depth + 1 })
  const raw = `CASE WHEN contains(e, ${keySeparator}) THEN substr(e, instr(e, ${keySeparator}) + 1) END`
  const value = lazyValue(type.value, `nullif(${raw}, ${nesting.nullText})`, { ...inner, depth: inner.depth + 1 })
  return `map_from_entries(list_transform(${items}, lambda e: struct_pack(k := ${key}, v := ${value})))`
}

function lazyScalar(type: { name: string; args: number[] }, text: string): string {
  switch (type.name) {
    case 'string':
      return text
    case 'varchar':
      return `left(${text}, ${type.args[0] ?? 65535})`
    case 'char':
      return `rpad(${text}, ${type.args[0] ?? 1}, ' ')`
    case 'boolean':
      return `CASE lower(${text}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END`
    case 'date':
      return `CASE WHEN regexp_matches(${text}, '^\\d{4}-\\d{1,2}-\\d{1,2}') THEN TRY_CAST(${text} AS DATE) END`
    case 'timestamp':
      return `CASE WHEN regexp_matches(${text}, '^\\d{4}-\\d{1,2}-\\d{1,2} \\d{1,2}:') THEN date_trunc('millisecond', TRY_CAST(${text} AS TIMESTAMP)) WHEN regexp_matches(${text}, '^\\d{4}-\\d{1,2}-\\d{1,2}$') THEN TRY_CAST(${text} AS TIMESTAMP) END`
    case 'binary':
      return `from_base64(${text})`
    case 'float':
    case 'double':
      return `TRY_CAST(${text} AS ${duckTypeOf({ kind: 'scalar', ...type })})`
    case 'decimal':
      return `TRY_CAST(trim(${text}) AS ${duckTypeOf({ kind: 'scalar', ...type })})`
    default:
      return `CASE WHEN regexp_matches(${text}, '^[+-]?\\d+$') THEN TRY_CAST(${text} AS ${duckTypeOf({ kind: 'scalar', ...type })}) END`
  }
}

/** Splits where the delimiter is not escaped, then takes the escapes out. */
function escapedFields(delimiter: string, escapeCharacter: string): string {
  const d = regexChar(delimiter)
  const e = regexChar(escapeCharacter)
  const pattern = quoteText(`((?:[^${d}${e}]|${e}.)*)(?:${d})`)
  const cut = `regexp_extract_all(line || ${quoteText(delimiter)}, ${pattern}, 1)`
  return `list_transform(${cut}, lambda e: CASE WHEN e = '\\N' THEN e ELSE regexp_replace(e, ${quoteText(`${e}(.)`)}, '\\1', 'g') END)`
}

function regexChar(text: string): string {
  return /^[\w\s]$/.test(text) ? text : `\\${text}`
}

/** A delimiter may be written as its code: `\u0001`, `1`, `\t`. */
function delimiterOf(text: string): string {
  if (text === '\\t') return '\t'
  if (/^\d{1,3}$/.test(text) && text.length > 0) return String.fromCharCode(Number(text))
  return text
}

/** Quoted fields; a quote inside is doubled or escaped; what follows the last column is ignored. */
export function openCsvFields(properties: Record<string, string>): string {
  const separator = properties.separatorChar || ','
  const quote = properties.quoteChar || '"'
  const escapeCharacter = properties.escapeChar || '\\'
  const [s, q, e] = [separator, quote, escapeCharacter].map(regexChar) as [string, string, string]
  const quoted = `\\s*${q}(?:[^${q}${e}]|${e}.|${q}${q})*${q}[^${s}]*`
  const pattern = quoteText(`(${quoted}|(?:[^${s}${e}]|${e}.)*)${s}`)
  const cut = `regexp_extract_all(line || ${quoteText(separator)}, ${pattern}, 1)`
  const inner = `regexp_replace(regexp_replace(regexp_replace(x, ${quoteText(`^\\s*${q}`)}, ''), ${quoteText(`${q}\\s*$`)}, ''), ${quoteText(`${q}${q}`)}, ${quoteText(quote)}, 'g')`
  return `list_transform(${cut}, lambda x: regexp_replace(CASE WHEN ltrim(x) LIKE ${quoteText(`${quote}%`)} THEN ${inner} ELSE x END, ${quoteText(`${e}(.)`)}, '\\1', 'g'))`
}

/** A column of a JSON line. Names are matched without case, as both JSON SerDes do. */
export function jsonColumn(table: CatalogTable, name: string, type: HiveType): string {
  const key = table.serdeParameters[`mapping.${name}`] ?? name
  return jsonValue(type, jsonMember('j', key), /openx/i.test(table.serde))
}

function jsonMember(object: string, key: string): string {
  const direct = `json_extract(${object}, ${quoteText(`$.${quoteName(key)}`)})`
  const folded = `list_filter(json_keys(${object}), lambda k: lower(k) = ${quoteText(key.toLowerCase())})[1]`
  return `coalesce(${direct}, json_extract(${object}, '$."' || ${folded} || '"'))`
}

/** OpenX's SerDe gives NULL for what does not fit its column; Hive's fails. */
function jsonValue(type: HiveType, json: string, isLenient: boolean): string {
  const present = `CASE WHEN json_type(${json}) = 'NULL' THEN NULL ELSE ${json} END`
  if (type.kind === 'array') {
    return `CASE WHEN json_type(${json}) = 'ARRAY' THEN list_transform(CAST(${json} AS JSON[]), lambda v: ${jsonValue(type.element, 'v', isLenient)}) END`
  }
  if (type.kind === 'struct') {
    const fields = type.fields.map(
      (field) => `${quoteText(field.name)}: ${jsonValue(field.type, jsonMember(json, field.name), isLenient)}`,
    )
    return `CASE WHEN json_type(${json}) = 'OBJECT' THEN {${fields.join(', ')}} END`
  }
  if (type.kind === 'map') {
    const value = jsonValue(type.value, `json_extract(${json}, '$."' || k || '"')`, isLenient)
    const entries = `list_transform(json_keys(${json}), lambda k: struct_pack(k := CAST(k AS ${duckTypeOf(type.key)}), v := ${value}))`
    return `CASE WHEN json_type(${json}) = 'OBJECT' THEN map_from_entries(${entries}) END`
  }
  const text = `json_extract_string(${present}, '$')`
  if (['string', 'varchar', 'char'].includes(type.name)) return text
  if (type.name === 'boolean') return `CASE lower(${text}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END`
  if (type.name === 'binary') return `from_base64(${text})`
  const cast = `${isLenient ? 'TRY_CAST' : 'CAST'}(${text} AS ${duckTypeOf(type)})`
  return type.name === 'timestamp' ? `date_trunc('millisecond', ${cast})` : cast
}
