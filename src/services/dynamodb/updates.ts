/** Update expressions: SET, REMOVE, ADD and DELETE, all read from the item as it was. */
import { valueAt } from './conditions.ts'
import { ExpressionParser, type Path, type Placeholders } from './expressionParser.ts'
import { addNumbers } from './numbers.ts'
import { checkApart } from './projections.ts'
import { elementKey, type Item, invalid, typeOf, type Value } from './values.ts'

export type Term =
  | { kind: 'value'; value: Value }
  | { kind: 'path'; path: Path }
  | { kind: 'ifNotExists'; path: Path; otherwise: Term }
  | { kind: 'append'; first: Term; second: Term }
  | { kind: 'sum'; left: Term; right: Term; sign: 1 | -1 }

export type UpdateAction =
  | { kind: 'set'; path: Path; term: Term }
  | { kind: 'remove'; path: Path }
  | { kind: 'add' | 'delete'; path: Path; value: Value }

const clauses = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const

export function updateFrom(text: string | undefined, placeholders: Placeholders): UpdateAction[] {
  if (text === undefined) return []
  const parser = new ExpressionParser('UpdateExpression', text, placeholders)
  const seen = new Set<string>()
  const actions: UpdateAction[] = []
  while (parser.next.kind !== 'end') {
    const clause = clauses.find((word) => parser.takes(word))
    if (!clause) throw parser.syntaxError()
    if (seen.has(clause)) {
      throw parser.refuse(`The "${clause}" section can only be used once in an update expression;`)
    }
    seen.add(clause)
    do actions.push(actionFrom(clause, parser))
    while (parser.takes(','))
  }
  checkApart(
    'UpdateExpression',
    actions.map((action) => action.path),
  )
  return actions
}

function actionFrom(clause: (typeof clauses)[number], parser: ExpressionParser): UpdateAction {
  const path = parser.path()
  if (clause === 'REMOVE') return { kind: 'remove', path }
  if (clause === 'SET') {
    parser.expect('=')
    return { kind: 'set', path, term: termFrom(parser) }
  }
  if (parser.next.kind !== 'valueRef') throw parser.syntaxError()
  const value = parser.value()
  const type = typeOf(value)
  const isAllowed = clause === 'ADD' ? ['N', 'SS', 'NS', 'BS'] : ['SS', 'NS', 'BS']
  if (!isAllowed.includes(type)) {
    throw parser.refuse(
      `Incorrect operand type for operator or function; operator: ${clause}, operand type: ${typeNames[type]}`,
    )
  }
  return { kind: clause === 'ADD' ? 'add' : 'delete', path, value }
}

const typeNames = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  L: 'LIST',
  M: 'MAP',
  SS: 'STRING_SET',
  NS: 'NUMBER_SET',
  BS: 'BINARY_SET',
}

function termFrom(parser: ExpressionParser): Term {
  const left = factorFrom(parser)
  const sign = parser.takes('+') ? 1 : parser.takes('-') ? -1 : 0
  if (sign === 0) return left
  const right = factorFrom(parser)
  for (const term of [left, right]) {
    if (term.kind !== 'value' || term.value.N !== undefined) continue
    throw parser.refuse(
      `Incorrect operand type for operator or function; operator or function: ${sign > 0 ? '+' : '-'}, operand type: ${typeOf(term.value)}`,
    )
  }
  return { kind: 'sum', left, right, sign }
}

function factorFrom(parser: ExpressionParser): Term {
  if (parser.takes('(')) {
    const inner = termFrom(parser)
    parser.expect(')')
    return inner
  }
  if (parser.next.kind === 'valueRef') return { kind: 'value', value: parser.value() }
  if (!parser.isCall()) return { kind: 'path', path: parser.path() }
  const name = parser.take().text
  parser.expect('(')
  if (name === 'if_not_exists') {
    const path = parser.path()
    parser.expect(',')
    const otherwise = factorFrom(parser)
    parser.expect(')')
    return { kind: 'ifNotExists', path, otherwise }
  }
  if (name !== 'list_append') throw parser.refuse(`Invalid function name; function: ${name}`)
  const first = factorFrom(parser)
  parser.expect(',')
  const second = factorFrom(parser)
  parser.expect(')')
  for (const term of [first, second]) {
    if (term.kind !== 'value' || term.value.L) continue
    throw parser.refuse(
      `Incorrect operand type for operator or function; operator or function: list_append, operand type: ${typeOf(term.value)}`,
    )
  }
  return { kind: 'append', first, second }
}

/** A new item; the old one is not touched. */
export function updated(item: Item, actions: readonly UpdateAction[]): Item {
  const sets = actions.filter((action) => action.kind === 'set')
  const written = sets.map(({ path, term }) => ({ path, value: termValue(item, term) }))
  const changed = structuredClone(item)
  for (const { path, value } of written) write(changed, path, value)
  for (const action of actions) {
    if (action.kind === 'add') write(changed, action.path, added(valueAt(item, action.path), action.value))
    else if (action.kind === 'delete') subtract(changed, action.path, action.value)
  }
  removeAll(
    changed,
    actions.filter((action) => action.kind === 'remove').map((action) => action.path),
  )
  return changed
}

function termValue(item: Item, term: Term): Value {
  switch (term.kind) {
    case 'value':
      return term.value
    case 'path': {
      const found = valueAt(item, term.path)
      if (found) return found
      throw invalid('The provided expression refers to an attribute that does not exist in the item')
    }
    case 'ifNotExists':
      return valueAt(item, term.path) ?? termValue(item, term.otherwise)
    case 'append': {
      const [first, second] = [termValue(item, term.first), termValue(item, term.second)]
      if (!first.L || !second.L) throw wrongType()
      return { L: [...first.L, ...second.L] }
    }
    case 'sum': {
      const [left, right] = [termValue(item, term.left), termValue(item, term.right)]
      if (left.N === undefined || right.N === undefined) throw wrongType()
      return { N: addNumbers(left.N, right.N, term.sign) }
    }
  }
}

function wrongType(): Error {
  return invalid('An operand in the update expression has an incorrect data type')
}

function write(item: Item, path: Path, value: Value): void {
  const holder = valueAt(item, path.slice(0, -1))
  const last = path.at(-1) as string | number
  if (typeof last === 'number' && holder?.L) {
    // An index beyond the end appends.
    if (last < holder.L.length) holder.L[last] = value
    else holder.L.push(value)
  } else if (typeof last === 'string' && holder?.M) holder.M[last] = value
  else throw invalid('The document path provided in the update expression is invalid for update')
}

function added(present: Value | undefined, value: Value): Value {
  if (!present) return value
  if (value.N !== undefined) {
    if (present.N === undefined) throw wrongType()
    return { N: addNumbers(present.N, value.N, 1) }
  }
  const type = typeOf(value) as 'SS'
  const members = present[type]
  if (!members) throw wrongType()
  const known = new Set(members.map(elementKey))
  return { [type]: [...members, ...(value[type] as string[]).filter((one) => !known.has(elementKey(one)))] }
}

function subtract(item: Item, path: Path, value: Value): void {
  const present = valueAt(item, path)
  if (!present) return
  const type = typeOf(value) as 'SS'
  const members = present[type]
  if (!members) throw wrongType()
  const gone = new Set((value[type] as string[]).map(elementKey))
  const left = members.filter((one) => !gone.has(elementKey(one)))
  if (left.length > 0) write(item, path, { [type]: left })
  else removeAll(item, [path])
}

/** From the end of a list to its start, since every index means the element as it was. */
function removeAll(item: Item, paths: readonly Path[]): void {
  const indexOf = (path: Path) => (typeof path.at(-1) === 'number' ? (path.at(-1) as number) : -1)
  for (const path of [...paths].sort((one, other) => indexOf(other) - indexOf(one))) {
    const holder = valueAt(item, path.slice(0, -1))
    const last = path.at(-1) as string | number
    if (typeof last === 'string' && holder?.M) delete holder.M[last]
    else if (typeof last === 'number' && holder?.L) holder.L.splice(last, 1)
    else throw invalid('The document path provided in the update expression is invalid for update')
  }
}
