/** The four statements of DynamoDB's PartiQL, and EXISTS for transactions, read into trees. */
import type { Condition, Path } from '../expressionParser.ts'
import type { Term, UpdateAction } from '../updates.ts'
import { type Item, invalid, type Value } from '../values.ts'
import { PartiqlParser } from './parser.ts'
import { malformed } from './tokens.ts'

export type Returning = 'ALL_OLD' | 'UPDATED_OLD' | 'ALL_NEW' | 'UPDATED_NEW'

export interface Select {
  kind: 'select'
  table: string
  index?: string
  /** Absent: all. */
  paths?: Path[]
  where?: Condition
  order: { attribute: string; isDescending: boolean }[]
}

export type Statement =
  | Select
  | { kind: 'insert'; table: string; item: Item }
  | { kind: 'update'; table: string; actions: UpdateAction[]; where: Condition; returning?: Returning }
  | { kind: 'delete'; table: string; where: Condition; returning?: Returning }
  | { kind: 'exists'; select: Select }

export function statementFrom(text: string, parameters?: readonly Value[]): Statement {
  const parser = new PartiqlParser(text, parameters)
  const statement = readStatement(parser)
  parser.expectEnd()
  return statement
}

function readStatement(parser: PartiqlParser): Statement {
  if (parser.takes('SELECT')) return selectFrom(parser)
  if (parser.takes('INSERT')) return insertFrom(parser)
  if (parser.takes('UPDATE')) return updateFrom(parser)
  if (parser.takes('DELETE')) return deleteFrom(parser)
  if (!parser.takes('EXISTS')) throw parser.unexpected()
  parser.expect('(', 'SELECT')
  const select = selectFrom(parser)
  parser.expect(')')
  return { kind: 'exists', select }
}

function selectFrom(parser: PartiqlParser): Select {
  const paths: Path[] = []
  if (!parser.takes('*')) {
    do paths.push(parser.path())
    while (parser.takes(','))
  }
  parser.expect('FROM')
  const table = parser.name()
  const index = parser.takes('.') ? parser.name() : undefined
  const where = parser.takes('WHERE') ? parser.condition() : undefined
  return {
    kind: 'select',
    table,
    order: orderFrom(parser),
    ...(index !== undefined && { index }),
    ...(paths.length > 0 && { paths }),
    ...(where && { where }),
  }
}

function orderFrom(parser: PartiqlParser): Select['order'] {
  const order: Select['order'] = []
  if (!parser.takes('ORDER')) return order
  parser.expect('BY')
  do {
    const attribute = parser.name()
    const isDescending = parser.takes('DESC')
    if (!isDescending) parser.takes('ASC')
    order.push({ attribute, isDescending })
  } while (parser.takes(','))
  return order
}

function insertFrom(parser: PartiqlParser): Statement {
  parser.expect('INTO')
  const table = parser.name()
  parser.expect('VALUE')
  const { M: item } = parser.value()
  if (!item) throw malformed('The value of an INSERT is an item')
  return { kind: 'insert', table, item }
}

function updateFrom(parser: PartiqlParser): Statement {
  const table = parser.name()
  const actions: UpdateAction[] = []
  for (;;) {
    if (parser.takes('SET')) {
      do actions.push(setFrom(parser))
      while (parser.takes(','))
    } else if (parser.takes('REMOVE')) {
      do actions.push({ kind: 'remove', path: parser.path() })
      while (parser.takes(','))
    } else break
  }
  if (actions.length === 0) throw parser.unexpected()
  parser.expect('WHERE')
  const where = parser.condition()
  const returning = returningFrom(parser)
  return { kind: 'update', table, actions, where, ...(returning && { returning }) }
}

function deleteFrom(parser: PartiqlParser): Statement {
  parser.expect('FROM')
  const table = parser.name()
  parser.expect('WHERE')
  const where = parser.condition()
  const returning = returningFrom(parser)
  if (returning && returning !== 'ALL_OLD') throw invalid('DELETE returns ALL OLD * or nothing.')
  return { kind: 'delete', table, where, ...(returning && { returning }) }
}

function returningFrom(parser: PartiqlParser): Returning | undefined {
  if (!parser.takes('RETURNING')) return undefined
  const which = parser.takes('ALL') ? 'ALL' : 'UPDATED'
  if (which === 'UPDATED') parser.expect('MODIFIED')
  const when = parser.takes('OLD') ? 'OLD' : 'NEW'
  if (when === 'NEW') parser.expect('NEW')
  parser.expect('*')
  return `${which}_${when}`
}

/** `path = term`, where sets grow by set_add and shrink by set_delete. */
function setFrom(parser: PartiqlParser): UpdateAction {
  const path = parser.path()
  parser.expect('=')
  for (const [name, kind] of [
    ['SET_ADD', 'add'],
    ['SET_DELETE', 'delete'],
  ] as const) {
    if (!parser.takes(name)) continue
    parser.expect('(')
    const of = parser.path()
    if (JSON.stringify(of) !== JSON.stringify(path)) throw malformed(`${name} changes the attribute that is set`)
    parser.expect(',')
    const value = parser.value()
    parser.expect(')')
    if (!value.SS && !value.NS && !value.BS) throw invalid(`The second argument of ${name} is a set`)
    return { kind, path, value }
  }
  return { kind: 'set', path, term: sumFrom(parser) }
}

function sumFrom(parser: PartiqlParser): Term {
  let left = termFrom(parser)
  for (;;) {
    const sign = parser.takes('+') ? 1 : parser.takes('-') ? -1 : 0
    if (sign === 0) return left
    left = { kind: 'sum', left, right: termFrom(parser), sign }
  }
}

function termFrom(parser: PartiqlParser): Term {
  if (parser.takes('LIST_APPEND')) {
    parser.expect('(')
    const first = termFrom(parser)
    parser.expect(',')
    const second = termFrom(parser)
    parser.expect(')')
    return { kind: 'append', first, second }
  }
  const value = parser.valueIfAny()
  return value ? { kind: 'value', value } : { kind: 'path', path: parser.path() }
}
