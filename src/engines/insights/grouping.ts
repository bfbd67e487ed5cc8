/** `stats`, `pattern`, `diff`, `addtotals`: commands that make one row of many. */
import type { CommandOf, Expression, FieldName } from './ast.ts'
import { contextOf, type Place } from './commands.ts'
import { compileExpression } from './expressions.ts'
import { functionNamed } from './functions/registry.ts'
import { InsightsError } from './insightsError.ts'
import { Scope } from './scope.ts'
import { numberSql, textSql, type Value } from './values.ts'

export function addStats({ items, by }: CommandOf<'stats'>, place: Place): void {
  const { pipeline } = place
  const keys = by.map(({ expression, name }) => {
    const value = pipeline.addColumn(compileExpression(expression, contextOf(place)))
    pipeline.name(name, value)
    return { name, value }
  })
  const context = { ...contextOf(place), groups: keys.map(({ name }) => name) }
  const known = new Map<string, Expression>()
  const found = items.map(({ expression: written, name }) => {
    const expression = withAliases(written, known)
    known.set(name, expression)
    if (!hasAggregate(expression) && expression.kind !== 'field') {
      throw new InsightsError('stats takes functions over many events', expression)
    }
    const { sql, type } = compileExpression(expression, context)
    return { name, sql, value: { sql: pipeline.names.next('c'), type } as Value }
  })
  const columns = [...keys.map(({ value }) => value.sql), ...found.map(({ sql, value }) => `${sql} AS ${value.sql}`)]
  const groups = keys.length > 0 ? ` GROUP BY ${keys.map(({ value }) => value.sql).join(', ')}` : ''
  pipeline.add(`SELECT ${columns.join(', ')} FROM ${pipeline.current}${groups}`)
  replaceScope(place, [...keys, ...found])
  // Times from the newest on, other groups by their names: AWS promises nothing, and the same query should answer the same.
  pipeline.order = keys.map(({ value }) => ({ sql: value.sql, isDescending: value.type === 'timestamp' }))
}

/** `max(a) as most, most - 1 as less`: an alias stands for what it names, but not in a function over many events. */
function withAliases(expression: Expression, known: ReadonlyMap<string, Expression>): Expression {
  switch (expression.kind) {
    case 'field':
      return known.get(expression.name) ?? expression
    case 'binary': {
      const { left, right } = expression
      return { ...expression, left: withAliases(left, known), right: withAliases(right, known) }
    }
    case 'not':
    case 'negative':
      return { ...expression, operand: withAliases(expression.operand, known) }
    case 'call':
      if (functionNamed(expression.name)?.isAggregate) return expression
      return { ...expression, args: expression.args.map((arg) => withAliases(arg, known)) }
  }
  return expression
}

function hasAggregate(expression: Expression): boolean {
  switch (expression.kind) {
    case 'call':
      return true
    case 'binary':
      return hasAggregate(expression.left) || hasAggregate(expression.right)
    case 'not':
    case 'negative':
      return hasAggregate(expression.operand)
  }
  return false
}

function replaceScope({ pipeline }: Pick<Place, 'pipeline'>, columns: { name: string; value: Value }[]): void {
  pipeline.scope = new Scope(columns.map(({ name, value }) => [name, value]))
  pipeline.outputs = columns.map(({ name }) => name)
  pipeline.outputsAreOf = 'stats'
  pipeline.display = undefined
  pipeline.found = []
  pipeline.isAggregated = true
}

/** How severe a pattern is, by the words in it. */
const severitySql = (pattern: string) => `CASE
  WHEN regexp_matches(${pattern}, '(?i)\\b(error|exception|fatal|critical|fail(ed|ure)?)\\b') THEN 'Error'
  WHEN regexp_matches(${pattern}, '(?i)\\bwarn(ing)?\\b') THEN 'Warning'
  WHEN regexp_matches(${pattern}, '(?i)\\b(debug|trace)\\b') THEN 'Debug'
  WHEN regexp_matches(${pattern}, '(?i)\\binfo\\b') THEN 'Info' END`

export function addPattern(operand: Expression, place: Place): void {
  const { pipeline } = place
  const text = textSql(compileExpression(operand, contextOf(place)))
  const pattern = pipeline.addColumn({ sql: `igp_pattern(${text})`, type: 'text' })
  const [count, before, share, severity] = ['c', 'c', 'c', 'c'].map((prefix) => pipeline.names.next(prefix)) as string[]
  const era = place.compiler.isDiff ? pipeline.scope.source?.column('era') : undefined
  const now = era === undefined ? 'count(*)' : `count(*) FILTER (${era} = 0)`
  const past = era === undefined ? '0' : `count(*) FILTER (${era} = 1)`
  const columns = `${pattern.sql}, ${now} AS ${count}, ${past} AS ${before}, ${now} / nullif(sum(${now}) OVER (), 0) AS ${share}`
  pipeline.add(
    `SELECT ${columns}, ${severitySql(pattern.sql)} AS ${severity} FROM ${pipeline.current} WHERE ${pattern.sql} IS NOT NULL GROUP BY ${pattern.sql}`,
  )
  const number = (sql = ''): Value => ({ sql: `CAST(${sql} AS DOUBLE)`, type: 'number' })
  replaceScope(place, [
    { name: '@pattern', value: pattern },
    { name: '@sampleCount', value: number(count) },
    { name: '@ratio', value: number(share) },
    { name: '@severityLabel', value: { sql: severity as string, type: 'text' } },
  ])
  pipeline.name('@previousSampleCount', number(before))
  pipeline.order = [
    { sql: count as string, isDescending: true },
    { sql: pattern.sql, isDescending: false },
  ]
}

/** Patterns, or all messages' patterns where none were asked for, beside those of an earlier time. */
export function addDiff(command: CommandOf<'diff'>, place: Place): void {
  const { pipeline } = place
  if (!pipeline.scope.columns.has('@previousSampleCount')) {
    if (pipeline.isAggregated) throw new InsightsError("diff follows 'pattern'", command)
    addPattern({ kind: 'field', name: '@message', segments: ['@message'], start: 0, end: 0 }, place)
  }
  const field = (name: string) => numberSql(pipeline.scope.resolve({ name, segments: [name] } as FieldName))
  const [now, before] = [field('@sampleCount'), field('@previousSampleCount')]
  const description = `CASE WHEN ${before} = 0 THEN 'New pattern' WHEN ${now} = 0 THEN 'Pattern disappeared'
    ELSE printf('%+d%%', CAST(round((${now} - ${before}) * 100 / ${before}) AS BIGINT)) END`
  pipeline.name('@differenceCount', pipeline.addColumn({ sql: `(${now} - ${before})`, type: 'number' }))
  pipeline.name('@differenceDescription', pipeline.addColumn({ sql: description, type: 'text' }))
  pipeline.outputs = [...(pipeline.outputs ?? []), '@previousSampleCount', '@differenceCount', '@differenceDescription']
}

/** A column with each row's sum, and a row with each column's. */
export function addTotals(command: CommandOf<'addtotals'>, place: Place): void {
  const { pipeline } = place
  const context = contextOf(place)
  const named = command.items.map((item) => ({ item, name: context.text.slice(item.start, item.end) }))
  const names =
    named.length > 0 ? named.map(({ name }) => name) : pipeline.shown.filter((name) => !name.startsWith('@'))
  const resolve = (name: string) => pipeline.scope.resolve({ name, segments: name.split('.') })
  const missing = names.filter((name) => !pipeline.shown.includes(name))
  if (command.hasColumn && missing.length > 0) pipeline.found.push(...missing)
  if (command.hasRow) {
    const sum = names.map((name) => `coalesce(${numberSql(resolve(name))}, 0)`).join(' + ') || '0'
    pipeline.name(command.total, pipeline.addColumn({ sql: `CAST(${sum} AS DOUBLE)`, type: 'number' }))
    pipeline.outputs = [...pipeline.shown, command.total]
    pipeline.outputsAreOf = 'fields'
  }
  if (command.hasColumn) addSummary(names, place)
}

function addSummary(names: readonly string[], { pipeline }: Place): void {
  // The sums are of columns of their own names, so every shown field becomes one.
  const shown = pipeline.shown.map((name) => {
    const value = pipeline.scope.resolve({ name, segments: name.split('.') })
    return { name, value, column: pipeline.names.next('c') }
  })
  const last = pipeline.names.next('c')
  const order = pipeline.order.map(({ isDescending, sql }) => ({ isDescending, sql, column: pipeline.names.next('c') }))
  const rows = [
    ...shown.map(({ value, column }) => `${textSql(value)} AS ${column}`),
    ...order.map(({ sql, column }) => `${sql} AS ${column}`),
  ]
  const sums = shown.map(({ name, value }) =>
    names.includes(name) ? `igp_number_text(sum(${numberSql(value)}))` : 'NULL',
  )
  const nothing = order.map(() => 'NULL')
  pipeline.add(
    `SELECT ${[...rows, `0 AS ${last}`].join(', ')} FROM ${pipeline.current}
     UNION ALL SELECT ${[...sums, ...nothing, '1'].join(', ')} FROM ${pipeline.current}`,
  )
  replaceScope(
    { pipeline },
    shown.map(({ name, column }) => ({ name, value: { sql: column, type: 'text' } })),
  )
  pipeline.order = [
    { sql: last, isDescending: false },
    ...order.map(({ column, isDescending }) => ({ sql: column, isDescending })),
  ]
}
