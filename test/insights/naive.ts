/** A core of the language, interpreted event by event in the plainest way: what the compiled query is compared with. */

export type Field = 'a' | 'b' | 'c'
export type Event = Partial<Record<Field, string | number | boolean>>
export type Literal = string | number

export type Condition =
  | { kind: 'compare'; field: Field; operator: '=' | '!=' | '<' | '<=' | '>' | '>='; value: Literal }
  | { kind: 'fields'; field: Field; operator: '=' | '!=' | '<' | '>='; other: Field }
  | { kind: 'like'; field: Field; text: string; isNegated: boolean }
  | { kind: 'in'; field: Field; values: Literal[]; isNegated: boolean }
  | { kind: 'present'; field: Field }
  | { kind: 'not'; inner: Condition }
  | { kind: 'and' | 'or'; left: Condition; right: Condition }

export interface Core {
  filter: Condition
  /** Absent: the events themselves, sorted by the field and limited. */
  by?: Field
  sort: Field
  isDescending: boolean
  limit: number
}

/** True, false, or undefined where something is missing. */
type Truth = boolean | undefined
type Row = Record<string, string>

const literalText = (value: Literal) => (typeof value === 'number' ? String(value) : `"${value}"`)

export function written(condition: Condition): string {
  switch (condition.kind) {
    case 'compare':
      return `${condition.field} ${condition.operator} ${literalText(condition.value)}`
    case 'fields':
      return `${condition.field} ${condition.operator} ${condition.other}`
    case 'like':
      return `${condition.field} ${condition.isNegated ? 'not ' : ''}like "${condition.text}"`
    case 'in':
      return `${condition.field} ${condition.isNegated ? 'not ' : ''}in [${condition.values.map(literalText).join(', ')}]`
    case 'present':
      return `ispresent(${condition.field})`
    case 'not':
      return `not (${written(condition.inner)})`
    default:
      return `(${written(condition.left)} ${condition.kind} ${written(condition.right)})`
  }
}

export function queryText({ filter, by, sort, isDescending, limit }: Core): string {
  const way = isDescending ? 'desc' : 'asc'
  if (by === undefined) {
    return `fields a, b, c | filter ${written(filter)} | sort ${sort} ${way}, @timestamp asc | limit ${limit}`
  }
  const functions = 'count(*) as n, count(a) as present, sum(b) as total, min(b) as least, count_distinct(c) as kinds'
  return `filter ${written(filter)} | stats ${functions} by ${by} | sort n ${way}, ${by} asc | limit ${limit}`
}

function textOf(event: Event, field: Field): string | undefined {
  const value = event[field]
  return typeof value === 'boolean' ? String(Number(value)) : value === undefined ? undefined : String(value)
}

function numberOf(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

function compared(left: string, operator: string, right: string): boolean {
  const [one, other] = [numberOf(left), numberOf(right)]
  const areNumbers = one !== undefined && other !== undefined
  const order = areNumbers ? Math.sign(one - other) : left === right ? 0 : left < right ? -1 : 1
  switch (operator) {
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    default:
      return order >= 0
  }
}

function truth(condition: Condition, event: Event): Truth {
  switch (condition.kind) {
    case 'present':
      return textOf(event, condition.field) !== undefined
    case 'not': {
      const inner = truth(condition.inner, event)
      return inner === undefined ? undefined : !inner
    }
    case 'and':
    case 'or': {
      const decides = condition.kind === 'or'
      const [left, right] = [truth(condition.left, event), truth(condition.right, event)]
      if (left === decides || right === decides) return decides
      return left === undefined || right === undefined ? undefined : !decides
    }
  }
  const text = textOf(event, condition.field)
  if (text === undefined) return undefined
  switch (condition.kind) {
    case 'compare':
      return comparedWith(text, condition.operator, condition.value)
    case 'fields': {
      const other = textOf(event, condition.other)
      return other === undefined ? undefined : compared(text, condition.operator, other)
    }
    case 'like':
      return text.includes(condition.text) !== condition.isNegated
    case 'in':
      return inValues(text, condition.values, condition.isNegated)
  }
}

/** What is no number is neither more nor less than one, nor equal, nor unequal. */
function comparedWith(text: string, operator: string, value: Literal): Truth {
  if (typeof value === 'number' && numberOf(text) === undefined) return undefined
  return compared(text, operator, String(value))
}

function inValues(text: string, values: Literal[], isNegated: boolean): Truth {
  const found = values.map((value) => comparedWith(text, '=', value))
  if (found.includes(true)) return !isNegated
  return found.includes(undefined) ? undefined : isNegated
}

export function interpreted({ filter, by, sort, isDescending, limit }: Core, events: readonly Event[]): Row[] {
  const passed = events.filter((event) => truth(filter, event) === true)
  const way = isDescending ? -1 : 1
  if (by === undefined) {
    const sorted = [...passed].sort((one, other) => way * sortOrder(textOf(one, sort), textOf(other, sort)))
    return sorted.slice(0, limit).map((event) => row([...'abc'].map((name) => [name, textOf(event, name as Field)])))
  }
  const groups = new Map<string | undefined, Event[]>()
  for (const event of passed) groups.set(textOf(event, by), [...(groups.get(textOf(event, by)) ?? []), event])
  const counted = [...groups].map(([key, members]) => ({ key, members }))
  counted.sort((one, other) => way * (one.members.length - other.members.length) || sortOrder(one.key, other.key))
  return counted.slice(0, limit).map(({ key, members }) => row([[by, key], ...measured(members)]))
}

function measured(members: readonly Event[]): [string, string | undefined][] {
  const texts = (field: Field) => members.flatMap((event) => textOf(event, field) ?? [])
  const numbers = texts('b').flatMap((text) => numberOf(text) ?? [])
  const least = numbers.length > 0 ? String(Math.min(...numbers)) : texts('b').sort()[0]
  return [
    ['n', String(members.length)],
    ['present', String(texts('a').length)],
    ['total', numbers.length > 0 ? String(numbers.reduce((sum, one) => sum + one, 0)) : undefined],
    ['least', least],
    ['kinds', String(new Set(texts('c')).size)],
  ]
}

/** Missing, then words, then numbers. */
function sortOrder(one: string | undefined, other: string | undefined): number {
  const rank = (text: string | undefined) => (text === undefined ? 0 : numberOf(text) === undefined ? 1 : 2)
  if (rank(one) !== rank(other)) return rank(one) - rank(other)
  if (rank(one) === 2) return Number(one) - Number(other)
  return (one ?? '') === (other ?? '') ? 0 : (one ?? '') < (other ?? '') ? -1 : 1
}

function row(pairs: readonly (readonly [string, string | undefined])[]): Row {
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined)) as Row
}
