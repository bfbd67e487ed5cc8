/** Commands to relations, those that look at one event at a time; grouping.ts has the others. */
import { quoteText } from '../sql/cursor.ts'
import type { Command, CommandOf, FieldName, Named, Query } from './ast.ts'
import type { QueryCompiler } from './compiler.ts'
import { compileExpression, type ExpressionContext } from './expressions.ts'
import { addDiff, addPattern, addStats, addTotals } from './grouping.ts'
import { InsightsError } from './insightsError.ts'
import { addJoin } from './joins.ts'
import { addLookup } from './lookups.ts'
import type { OrderItem, Pipeline } from './pipeline.ts'
import { globRegex, type Regex, regexOf } from './regexes.ts'
import { booleanSql, numberSql, textSql, type Value } from './values.ts'

/** Where a command is compiled: the query around it, and what came before it. */
export interface Place {
  compiler: QueryCompiler
  pipeline: Pipeline
}

export function contextOf({ compiler, pipeline }: Place): ExpressionContext {
  const { text, now } = compiler
  const subquery = (query: Query, field: string | undefined) => compiler.subquery(query, field)
  return { text, now, scope: pipeline.scope, subquery }
}

export function addCommand<K extends Command['kind']>(command: CommandOf<K>, place: Place): void {
  if (!oneByOne.has(command.kind)) place.pipeline.endHead()
  const add = adders[command.kind] as (command: CommandOf<K>, place: Place) => void
  add(command, place)
}

const adders: { [K in Command['kind']]: (command: CommandOf<K>, place: Place) => void } = {
  fields: addFields,
  display: ({ items }, place) => {
    place.pipeline.display = items.map((item) => addNamed(item, place))
  },
  filter: addFilter,
  parse: addParse,
  sort: addSort,
  limit: ({ count }, { pipeline }) => {
    pipeline.hasLimit = true
    pipeline.limit(count)
  },
  dedup: addDedup,
  unnest: addUnnest,
  stats: addStats,
  pattern: ({ operand }, place) => addPattern(operand, place),
  diff: addDiff,
  addtotals: addTotals,
  join: addJoin,
  lookup: addLookup,
  nothing: () => {},
}

const oneByOne: ReadonlySet<Command['kind']> = new Set(['fields', 'display', 'filter', 'parse', 'sort', 'nothing'])

function addFields({ items }: CommandOf<'fields'>, place: Place): void {
  const { pipeline } = place
  const names = items.map((item) => addNamed(item, place))
  pipeline.outputs = pipeline.outputsAreOf === 'fields' ? [...(pipeline.outputs ?? []), ...names] : names
  pipeline.outputsAreOf = 'fields'
}

/** A field as it is needs no column; its name is looked up at the end. */
function addNamed({ expression, name }: Named, place: Place): string {
  if (expression.kind === 'field' && expression.name === name && isPlain(expression)) return name
  const { pipeline } = place
  pipeline.name(name, pipeline.addColumn(compileExpression(expression, contextOf(place))))
  return name
}

/** Not so is `` j.`user.id` ``, whose name alone does not tell its parts. */
const isPlain = ({ name, segments }: FieldName) => segments.length === 1 || segments.length === name.split('.').length

function addFilter({ condition }: CommandOf<'filter'>, place: Place): void {
  const { pipeline } = place
  const sql = booleanSql(compileExpression(condition, contextOf(place)))
  if (pipeline.headLength === undefined) pipeline.hasFilter = true
  pipeline.add(`SELECT * FROM ${pipeline.current} WHERE ${sql}`)
}

function addParse(command: CommandOf<'parse'>, place: Place): void {
  const { pipeline } = place
  const text = textSql(compileExpression(command.operand, contextOf(place)))
  const { regex, names } = parsePattern(command)
  const groups = pipeline.addColumn({ sql: groupsSql(text, regex), type: 'text' }).sql
  for (const [i, name] of names.entries()) {
    if (name === undefined) continue
    // The first is the whole match: where nothing matched, nothing was found.
    const sql = regex.isForeign ? `${groups}[${i + 1}]` : `CASE WHEN ${groups}.m0 <> '' THEN ${groups}.m${i + 1} END`
    pipeline.name(name, pipeline.addColumn({ sql, type: 'text' }))
    pipeline.found.push(name)
  }
}

function parsePattern({ pattern, names, ...span }: CommandOf<'parse'>): {
  regex: Regex
  names: (string | undefined)[]
} {
  if (pattern.kind === 'regex') {
    const regex = regexOf(pattern.source, pattern)
    if (names.length > 0 && names.length !== regex.groups.length) {
      throw new InsightsError('the number of names does not match that of the capturing groups', span)
    }
    const found = names.length > 0 ? names : regex.groups
    if (found.every((name) => name === undefined))
      throw new InsightsError('parse needs groups with names, (?<name>…)', pattern)
    return { regex, names: found }
  }
  const { source, stars } = globRegex(pattern.text)
  if (stars !== names.length || stars === 0) {
    throw new InsightsError(
      `the number of wildcards (${stars}) does not match that of the names (${names.length})`,
      span,
    )
  }
  return { regex: { source, isForeign: false, groups: names }, names }
}

function groupsSql(text: string, { source, isForeign, groups }: Regex): string {
  if (isForeign) return `igp_regex_groups(${text}, ${quoteText(source)})`
  const names = ['m0', ...groups.map((_, i) => `m${i + 1}`)].map(quoteText)
  return `regexp_extract(${text}, ${quoteText(`(${source})`)}, [${names.join(', ')}])`
}

/** What is equal stays in the order that it was in: the same query answers the same. */
function addSort({ items }: CommandOf<'sort'>, place: Place): void {
  const { pipeline } = place
  const keys = items.flatMap(({ expression, isDescending }) =>
    sortKeys(compileExpression(expression, contextOf(place))).map((sql) => ({ sql, isDescending })),
  )
  const isSorted = ({ sql }: OrderItem) => keys.some((key) => key.sql === sql)
  pipeline.order = [...keys, ...pipeline.order.filter((item) => !isSorted(item))]
}

/** What is no number comes before all numbers; text in its natural order. */
function sortKeys(value: Value): string[] {
  if (value.type !== 'text' && value.type !== 'json') return [value.sql]
  const [number, text] = [numberSql(value), textSql(value)]
  return [`CASE WHEN ${text} IS NOT NULL THEN ${number} IS NOT NULL END`, number, `igp_natural(${text})`]
}

/** The first in the present order stays. An event without one of the fields is no one's duplicate. */
function addDedup({ items }: CommandOf<'dedup'>, place: Place): void {
  const { pipeline } = place
  const keys = items.map((item) => textSql(compileExpression(item, contextOf(place))))
  const rank = `row_number() OVER (PARTITION BY ${keys.join(', ')}${pipeline.orderSql})`
  const missing = keys.map((key) => `${key} IS NULL`).join(' OR ')
  pipeline.add(`SELECT * FROM ${pipeline.current} QUALIFY ${rank} = 1 OR ${missing}`)
}

function addUnnest({ operand, name }: CommandOf<'unnest'>, place: Place): void {
  const { pipeline } = place
  const value = compileExpression(operand, contextOf(place))
  const [items, type] =
    value.type === 'json' ? [`igp_items(${value.sql})`, 'json' as const] : [oneItem(value), value.type]
  const [item, index] = [pipeline.names.next('c'), pipeline.names.next('c')]
  const columns = `unnest(${items}) AS ${item}, unnest(range(len(${items}))) AS ${index}`
  pipeline.add(`SELECT *, ${columns} FROM ${pipeline.current}`)
  pipeline.name(name, { sql: item, type })
  pipeline.found.push(name)
  pipeline.order.push({ sql: index, isDescending: false })
}

const oneItem = ({ sql }: Value) => `CASE WHEN ${sql} IS NOT NULL THEN [${sql}] END`
