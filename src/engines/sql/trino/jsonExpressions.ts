/** JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT, JSON_ARRAY. The paths themselves are walked by natives/jsonPaths.ts. */
import { quoteText } from '../cursor.ts'
import type { JsonExpression, OnJson } from './ast.ts'
import { castSql, checkCast } from './casts.ts'
import type { Environment } from './compilation.ts'
import { toJsonSql } from './jsonCasts.ts'
import { checkPath } from './natives/jsonPaths.ts'
import { boolean, isText, type SqlType, typeName, varchar } from './sqlTypes.ts'
import { failSql, trinoError, typeMismatch } from './trinoErrors.ts'
import { compound, type Typed } from './typed.ts'
import { typeOf } from './typeNodes.ts'

export function compileJson(node: JsonExpression, env: Environment): Typed {
  if (node.kind === 'jsonObject') return jsonObject(node, env)
  if (node.kind === 'jsonArray') return jsonArray(node, env)
  return jsonPath(node, env)
}

type PathNode = Extract<JsonExpression, { kind: 'jsonPath' }>

function jsonPath(node: PathNode, env: Environment): Typed {
  const input = env.compile(node.input)
  if (!isText(input.type) && input.type.kind !== 'json' && input.type.kind !== 'unknown') {
    throw typeMismatch(`Cannot read input of type ${typeName(input.type)} as JSON using formatting JSON`, input.at)
  }
  const problem = checkPath(node.path)
  if (problem) throw trinoError('INVALID_PATH', `${problem}`, node.pathAt)
  const passing = node.passing.map(({ name, value }) => ({ name, typed: env.compile(value) }))
  const members = passing.map(
    ({ name, typed }) =>
      `${quoteText(`${JSON.stringify(name)}:`)} || coalesce(${toJsonSql(typed.sql, typed.type)}, 'null')`,
  )
  const parameters = members.length === 0 ? `'{}'` : `'{' || ${members.join(` || ',' || `)} || '}'`
  const source = `${castSql(input, varchar())}, ${quoteText(node.path)}, ${parameters}`
  const parts = [input, ...passing.map(({ typed }) => typed)]
  if (node.function === 'exists') return compound(existsSql(node, source), boolean, parts, node.at)
  return node.function === 'value' ? jsonValue(node, source, parts, env) : jsonQuery(node, source, parts)
}

function existsSql(node: PathNode, source: string): string {
  const onError = node.onError?.what ?? 'false'
  const otherwise = { true: 'true', false: 'false', unknown: 'CAST(NULL AS BOOLEAN)' }[onError as 'true']
  if (onError === 'error') return `igp_json_exists(${source}, true)`
  return `CASE igp_json_state(${source}) WHEN 'error' THEN ${otherwise} ELSE igp_json_exists(${source}, false) END`
}

function jsonValue(node: PathNode, source: string, parts: Typed[], env: Environment): Typed {
  const type = node.returning ? typeOf(node.returning) : varchar()
  checkCast(varchar(), type, node.at)
  const answer = (clause: OnJson | undefined, message: string) => {
    if (clause?.what === 'error') return castSql({ sql: message, type: varchar() }, type)
    if (clause?.what !== 'default' || !clause.value) return 'NULL'
    const value = env.compile(clause.value)
    parts.push(value)
    return castSql(value, type)
  }
  const onEmpty = answer(
    node.onEmpty,
    failSql('JSON_VALUE_RESULT_ERROR', 'cannot extract SQL scalar from JSON: JSON path found no items'),
  )
  const onError = answer(node.onError, `igp_json_value(${source})`)
  const value = castSql({ sql: `igp_json_value(${source})`, type: varchar() }, type)
  const guarded =
    node.onError?.what === 'error'
      ? value
      : `coalesce(TRY(${value}), CASE WHEN igp_json_value(${source}) IS NOT NULL THEN ${onError} END)`
  const sql = `CASE igp_json_value_state(${source}) WHEN 'empty' THEN ${onEmpty} WHEN 'error' THEN ${onError} ELSE ${guarded} END`
  return compound(sql, type, parts, node.at)
}

const queryAnswers: Record<string, string> = { 'empty array': "'[]'", 'empty object': "'{}'", null: 'NULL' }

function jsonQuery(node: PathNode, source: string, parts: Typed[]): Typed {
  const type: SqlType = node.returning ? typeOf(node.returning) : varchar()
  const answer = (clause: OnJson | undefined, message: string) =>
    clause?.what === 'error' ? `igp_fail('${message}')` : (queryAnswers[clause?.what ?? 'null'] ?? 'NULL')
  const how = `${quoteText(node.wrapper ?? 'without')}, ${node.quotes === 'omit'}`
  const onEmpty = answer(
    node.onEmpty,
    'JSON_QUERY_RESULT_ERROR: cannot extract JSON from JSON: JSON path found no items',
  )
  const onError = answer(
    node.onError,
    'JSON_QUERY_RESULT_ERROR: cannot extract JSON from JSON: JSON path found multiple items',
  )
  const sql = `CASE igp_json_query_state(${source}, ${how}) WHEN 'empty' THEN ${onEmpty} WHEN 'error' THEN ${onError} ELSE igp_json_query(${source}, ${how}) END`
  return compound(castSql({ sql, type: varchar() }, type), type, parts, node.at)
}

function valueSql(value: Typed, isJson: boolean): string {
  if (isJson || value.type.kind === 'json') return `igp_json_parse(${castSql(value, varchar())})`
  return toJsonSql(value.sql, value.type)
}

function jsonObject(node: Extract<JsonExpression, { kind: 'jsonObject' }>, env: Environment): Typed {
  const type = node.returning ? typeOf(node.returning) : varchar()
  const members = node.members.map(({ key, value, isJson }) => ({
    key: env.compile(key),
    value: env.compile(value),
    isJson,
  }))
  const texts = members.map(({ key, value, isJson }) => {
    const text = `igp_json_text(${castSql(key, varchar())}) || ':' || coalesce(${valueSql(value, isJson)}, 'null')`
    return node.absentOnNull ? `CASE WHEN ${value.sql} IS NOT NULL THEN ${text} END` : text
  })
  const list =
    texts.length === 0
      ? `'{}'`
      : `('{' || array_to_string(list_filter([${texts.join(', ')}], lambda jo: jo IS NOT NULL), ',') || '}')`
  const sql = node.uniqueKeys ? `igp_json_unique_keys(${list})` : list
  return compound(
    castSql({ sql, type: varchar() }, type),
    type,
    members.flatMap(({ key, value }) => [key, value]),
    node.at,
  )
}

function jsonArray(node: Extract<JsonExpression, { kind: 'jsonArray' }>, env: Environment): Typed {
  const type = node.returning ? typeOf(node.returning) : varchar()
  const items = node.items.map(({ value, isJson }) => ({ value: env.compile(value), isJson }))
  const texts = items.map(({ value, isJson }) => {
    const text = `coalesce(${valueSql(value, isJson)}, 'null')`
    return node.absentOnNull ? `CASE WHEN ${value.sql} IS NOT NULL THEN ${text} END` : text
  })
  const sql =
    texts.length === 0
      ? `'[]'`
      : `('[' || array_to_string(list_filter([${texts.join(', ')}], lambda ja: ja IS NOT NULL), ',') || ']')`
  return compound(
    castSql({ sql, type: varchar() }, type),
    type,
    items.map(({ value }) => value),
    node.at,
  )
}
