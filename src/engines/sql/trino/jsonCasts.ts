/** From values to JSON text and back, as Trino's CAST does it. JSON is carried as text. */
import { castSql, lambdaName, textSql } from './casts.ts'
import { duckType, isNumeric, isText, type SqlType, typeName } from './sqlTypes.ts'

/** JSON text; a NULL stays NULL (inside arrays, maps and rows it is JSON's null). */
export function toJsonSql(sql: string, type: SqlType): string {
  switch (type.kind) {
    case 'json':
      return sql
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'decimal':
      return `CAST(${sql} AS VARCHAR)`
    case 'real':
      return `igp_json_number(CAST(igp_real_text(${sql}) AS DOUBLE))`
    case 'double':
      return `igp_json_number(${sql})`
    case 'varchar':
    case 'char':
      return `igp_json_text(${textSql(sql, type)})`
    case 'unknown':
      return `CAST(${sql} AS VARCHAR)`
    case 'array': {
      const element = lambdaName(sql)
      return `('[' || array_to_string(list_transform(${sql}, lambda ${element}: ${orNull(element, type.element)}), ',') || ']')`
    }
    case 'map':
      return mapToJson(sql, type)
    case 'row': {
      const fields = type.fields.map(
        (field, i) =>
          `'${JSON.stringify(field.name ?? '').replaceAll("'", "''")}:' || ${orNull(`(${sql}).f${i}`, field.type)}`,
      )
      return `CASE WHEN ${sql} IS NOT NULL THEN '{' || ${fields.join(` || ',' || `)} || '}' END`
    }
    default:
      return `igp_json_text(${textSql(sql, type)})`
  }
}

function orNull(sql: string, type: SqlType): string {
  return `coalesce(${toJsonSql(sql, type)}, 'null')`
}

/** Members come in the order of their keys. */
function mapToJson(sql: string, type: Extract<SqlType, { kind: 'map' }>): string {
  const entry = lambdaName(sql)
  const key = isText(type.key) ? `${entry}.key` : textSql(`${entry}.key`, type.key)
  const pair = `struct_pack(k := ${key}, v := ${orNull(`${entry}.value`, type.value)})`
  const sorted = `list_sort(list_transform(map_entries(${sql}), lambda ${entry}: ${pair}))`
  return `('{' || array_to_string(list_transform(${sorted}, lambda ${entry}p: igp_json_text(${entry}p.k) || ':' || ${entry}p.v), ',') || '}')`
}

/** JSON text to a value; JSON's null is NULL. */
export function jsonToSql(sql: string, type: SqlType): string {
  switch (type.kind) {
    case 'varchar': {
      const text = `igp_json_to_text(${sql})`
      return type.length === undefined ? text : `left(${text}, ${type.length})`
    }
    case 'boolean':
      return `igp_json_to_boolean(${sql})`
    case 'double':
    case 'real':
      return `CAST(igp_json_to_double(${sql}) AS ${duckType(type)})`
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint': {
      const text = `igp_json_to_integer_text(${sql})`
      return castSql({ sql: text, type: { kind: 'varchar' } }, type)
    }
    case 'decimal':
      return castSql({ sql: `igp_json_to_number_text(${sql})`, type: { kind: 'varchar' } }, type)
    case 'date':
    case 'timestamp':
      return castSql({ sql: `igp_json_to_text(${sql})`, type: { kind: 'varchar' } }, type)
    case 'array': {
      const element = lambdaName(sql)
      return `list_transform(igp_json_elements(${sql}, '${typeName(type).replaceAll("'", "''")}'), lambda ${element}: ${jsonToSql(element, type.element)})`
    }
    case 'map':
      return jsonToMap(sql, type)
    case 'row':
      return jsonToRow(sql, type)
    case 'json':
      return sql
    default:
      return `CAST(igp_fail('INVALID_CAST_ARGUMENT: Cannot cast JSON to ${type.kind}') AS ${duckType(type)})`
  }
}

function jsonToMap(sql: string, type: Extract<SqlType, { kind: 'map' }>): string {
  const [key, value] = [`${lambdaName(sql)}k`, `${lambdaName(sql)}v`]
  const keyText =
    isText(type.key) || isNumeric(type.key) || type.key.kind === 'boolean'
      ? castSql({ sql: key, type: { kind: 'varchar' } }, type.key)
      : key
  return `CASE WHEN igp_json_keys(${sql}) IS NOT NULL THEN map(list_transform(igp_json_keys(${sql}), lambda ${key}: ${keyText}), list_transform(igp_json_members(${sql}), lambda ${value}: ${jsonToSql(value, type.value)})) END`
}

/** By name from an object, by place from an array. */
function jsonToRow(sql: string, type: Extract<SqlType, { kind: 'row' }>): string {
  const fields = type.fields.map((field, i) => {
    const name = (field.name ?? '').replaceAll("'", "''")
    return `f${i} := ${jsonToSql(`igp_json_field(${sql}, '${name}', ${i}, ${type.fields.length})`, field.type)}`
  })
  return `CASE WHEN igp_json_is_value(${sql}) THEN struct_pack(${fields.join(', ')}) END`
}
