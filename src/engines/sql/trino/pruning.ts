/**
 * Which partitions of a table a query can need, told from its WHERE before any file is looked at. What is not understood
 * may be true: a partition is left out only where its values make the condition false or NULL whatever the rows hold.
 */
import type { Call, Expression, Relation, Select, TypeNode } from './ast.ts'
import { type Block, columnBehind, type Reading, type TableUse } from './tableNames.ts'

export type KeyValue = { kind: 'text' | 'date'; value: string } | { kind: 'number'; value: bigint }
/** Undefined: not known, or of a type that is not compared here. */
export type KeyValues = ReadonlyMap<string, KeyValue | null | undefined>

/** What the condition leaves of one key: certain values, or a stretch. */
export interface Domain {
  values?: readonly KeyValue[]
  low?: KeyValue
  high?: KeyValue
}

type Truth = boolean | null | 'maybe'
type Operand = KeyValue | null | undefined

/** Steps from a use of a table up through the queries that read its rows; beyond them only its own FROM's WHERE counts. */
const stepsMax = 1000

export class PartitionFilter {
  readonly #roads: readonly Level[]

  /** Every use of the table, in the statement and in the views that it reads. */
  constructor(uses: readonly TableUse[]) {
    this.#roads = uses.flatMap(roadsOf)
  }

  mayMatch(values: KeyValues): boolean {
    return this.#roads.length === 0 || this.#roads.some((road) => road.mayMatch(values))
  }

  /** Together for all uses. `keys` are the table's partition keys. */
  domain(key: string, keys: readonly string[]): Domain {
    const domains = this.#roads.map((road) => road.domain(key, keys))
    return domains.slice(1).reduce(union, domains[0] ?? {})
  }
}

/** Each way by which a table's rows reach the answer, as its last level; all the conditions of its levels hold for them. */
function roadsOf(use: TableUse): Level[] {
  const first = new Level(use)
  let steps = 0
  const climb = (reading: Reading, level: Level): Level[] => {
    const { block, select } = reading
    if (!select || block.readBy.length === 0 || steps >= stepsMax) return [level]
    steps += block.readBy.length
    return block.readBy.flatMap((next) => climb(next, new Level(next, { level, block, select })))
  }
  const roads = climb(use, first)
  return steps < stepsMax ? roads : [first]
}

/** A FROM through which the table's rows pass, with what its SELECT asks of them. */
class Level {
  readonly #below: { level: Level; block: Block; select: Select } | undefined
  readonly #reading: Reading
  readonly #conjuncts: readonly Expression[]
  readonly #name: string
  /** As written before the name, where no alias hides it. */
  readonly #schema: string | undefined
  readonly #hasOuterJoin: boolean

  constructor(reading: Reading, below?: { level: Level; block: Block; select: Select }) {
    const { name, alias, select } = reading
    const [last, schema] = name.toReversed()
    this.#reading = reading
    this.#below = below
    this.#name = (alias ?? last)?.text.toLowerCase() ?? ''
    this.#schema = alias ? undefined : schema?.text.toLowerCase()
    this.#conjuncts = select ? conjunctsOf(select) : []
    const isBelowOuter = below ? below.level.#hasOuterJoin : false
    this.#hasOuterJoin = isBelowOuter || (select?.from.some(isOuter) ?? false)
  }

  mayMatch(values: KeyValues): boolean {
    const own = this.#usable([...values.keys()]).every((conjunct) => {
      const truth = this.#truth(conjunct, values)
      return truth === true || truth === 'maybe'
    })
    return own && (this.#below?.level.mayMatch(values) ?? true)
  }

  domain(key: string, keys: readonly string[]): Domain {
    return this.#usable(keys)
      .map((conjunct) => this.#domain(conjunct, key))
      .reduce(intersection, this.#below?.level.domain(key, keys) ?? {})
  }

  /** Below an outer join only what no row of NULLs passes says anything of the table's own rows. */
  #usable(keys: readonly string[]): readonly Expression[] {
    if (!this.#hasOuterJoin) return this.#conjuncts
    const nulls = new Map(keys.map((key) => [key, null]))
    return this.#conjuncts.filter((conjunct) => {
      const truth = this.#truth(conjunct, nulls)
      return truth === false || truth === null
    })
  }

  #truth(node: Expression, values: KeyValues): Truth {
    const of = (inner: Expression) => this.#operand(inner, values)
    switch (node.kind) {
      case 'logical': {
        const sides = [this.#truth(node.left, values), this.#truth(node.right, values)]
        return node.operator === 'AND' ? conjunction(sides) : negation(conjunction(sides.map(negation)))
      }
      case 'unary':
        return node.operator === 'NOT' ? negation(this.#truth(node.value, values)) : 'maybe'
      case 'comparison':
        return compared(node.operator, of(node.left), of(node.right))
      case 'between': {
        const value = of(node.value)
        const within = conjunction([compared('>=', value, of(node.low)), compared('<=', value, of(node.high))])
        return node.negated ? negation(within) : within
      }
      case 'inList': {
        const value = of(node.value)
        const differs = conjunction(node.items.map((item) => negation(compared('=', value, of(item)))))
        return node.negated ? differs : negation(differs)
      }
      case 'like': {
        const isLike = node.escape ? 'maybe' : alike(of(node.value), of(node.pattern))
        return node.negated ? negation(isLike) : isLike
      }
      case 'isNull': {
        const value = of(node.value)
        if (value === undefined) return 'maybe'
        return (value === null) !== node.negated
      }
      case 'boolean':
        return node.value
      default:
        return 'maybe'
    }
  }

  #operand(node: Expression, values: KeyValues): Operand {
    const key = this.#keyOf(node)
    if (key !== undefined) return values.get(key)
    const of = (inner: Expression) => this.#operand(inner, values)
    if (node.kind === 'cast' && !node.safe) return converted(of(node.value), node.type)
    if (node.kind === 'arithmetic' && node.operator === '||') return joined([of(node.left), of(node.right)])
    if (node.kind === 'call' && isPlainCall(node.call, 'concat')) return joined(node.call.args.map(of))
    return this.#constant(node)
  }

  /** The table's column that a name means here, if it may be one. */
  #keyOf(node: Expression): string | undefined {
    const column = this.#columnOf(node)
    if (column === undefined) return undefined
    if (!this.#below) return this.#reading.columns ? undefined : column
    const { level, block, select } = this.#below
    const behind = columnBehind(this.#reading, block, select, column).map((inner) => level.#keyOf(inner))
    return behind.find((key) => key !== undefined)
  }

  /** The column of this FROM's relation that a name means, if it may be one. */
  #columnOf(node: Expression): string | undefined {
    if (node.kind === 'name') return node.name
    if (node.kind !== 'field') return undefined
    const { base } = node
    if (base.kind === 'name') return base.name === this.#name ? node.name : undefined
    if (base.kind !== 'field' || base.name !== this.#name || base.base.kind !== 'name') return undefined
    return base.base.name === this.#schema ? node.name : undefined
  }

  #constant(node: Expression): Operand {
    switch (node.kind) {
      case 'string':
        return { kind: 'text', value: node.value }
      case 'number':
        return /^\d+$/.test(node.text) ? { kind: 'number', value: BigInt(node.text) } : undefined
      case 'unary': {
        const inner = this.#constant(node.value)
        return node.operator === '-' && inner?.kind === 'number' ? { kind: 'number', value: -inner.value } : undefined
      }
      case 'typed':
        return node.type.name.toLowerCase() === 'date' ? dateOf(node.text) : undefined
      case 'cast':
        return node.safe ? undefined : converted(this.#constant(node.value), node.type)
      case 'parameter': {
        const given = this.#reading.block.parameter(node.at.start)
        return given && given.kind !== 'parameter' ? this.#constant(given) : undefined
      }
      default:
        return undefined
    }
  }

  #domain(node: Expression, key: string): Domain {
    if (node.kind === 'logical') {
      const [left, right] = [this.#domain(node.left, key), this.#domain(node.right, key)]
      return node.operator === 'AND' ? intersection(left, right) : union(left, right)
    }
    const constant = (inner: Expression) => this.#constant(inner) ?? undefined
    if (node.kind === 'comparison') {
      if (this.#keyOf(node.left) === key) return stretch(node.operator, constant(node.right))
      if (this.#keyOf(node.right) === key) return stretch(mirrored[node.operator] ?? '', constant(node.left))
      return {}
    }
    if (node.kind === 'between' && !node.negated && this.#keyOf(node.value) === key) {
      return intersection(stretch('>=', constant(node.low)), stretch('<=', constant(node.high)))
    }
    if (node.kind === 'inList' && !node.negated && this.#keyOf(node.value) === key) {
      return node.items.map((item) => stretch('=', constant(item))).reduce(union)
    }
    return {}
  }
}

const mirrored: Record<string, string> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

function stretch(operator: string, value: KeyValue | undefined): Domain {
  if (!value) return {}
  if (operator === '=') return { values: [value] }
  if (operator.startsWith('<') && operator !== '<>') return { high: value }
  return operator.startsWith('>') ? { low: value } : {}
}

function intersection(a: Domain, b: Domain): Domain {
  const values =
    a.values && b.values ? a.values.filter((one) => b.values?.some((other) => same(one, other))) : undefined
  const low = later(a.low, b.low)
  const high = earlier(a.high, b.high)
  return {
    ...((values ?? a.values ?? b.values) && { values: (values ?? a.values ?? b.values) as readonly KeyValue[] }),
    ...(low && { low }),
    ...(high && { high }),
  }
}

function union(a: Domain, b: Domain): Domain {
  if (a.values && b.values) {
    const more = b.values.filter((one) => !a.values?.some((other) => same(one, other)))
    return { values: [...a.values, ...more] }
  }
  const low = a.low && b.low && earlier(a.low, b.low)
  const high = a.high && b.high && later(a.high, b.high)
  return { ...(low && { low }), ...(high && { high }) }
}

const same = (a: KeyValue, b: KeyValue) => order(a, b) === 0
/** Of two of one kind; where the kinds differ the second says nothing. */
function later(a: KeyValue | undefined, b: KeyValue | undefined): KeyValue | undefined {
  return a && b ? ((order(a, b) ?? 1) >= 0 ? a : b) : (a ?? b)
}
function earlier(a: KeyValue | undefined, b: KeyValue | undefined): KeyValue | undefined {
  return a && b ? ((order(a, b) ?? -1) <= 0 ? a : b) : (a ?? b)
}

/** Undefined where the two cannot be compared here. Text is compared by its bytes. */
export function order(a: KeyValue, b: KeyValue): number | undefined {
  if (a.kind === 'number' && b.kind === 'number') return a.value < b.value ? -1 : Number(a.value > b.value)
  if (a.kind !== b.kind || a.kind === 'number' || b.kind === 'number') return undefined
  return Buffer.compare(Buffer.from(a.value), Buffer.from(b.value))
}

function compared(operator: string, left: Operand, right: Operand): Truth {
  if (left === null || right === null) return null
  if (!left || !right) return 'maybe'
  const sign = order(left, right)
  if (sign === undefined) return 'maybe'
  switch (operator) {
    case '=':
      return sign === 0
    case '<>':
      return sign !== 0
    case '<':
      return sign < 0
    case '<=':
      return sign <= 0
    case '>':
      return sign > 0
    default:
      return sign >= 0
  }
}

/** A value as another type. What the engine would refuse stays with it. */
function converted(value: Operand, { name, numbers }: TypeNode): Operand {
  if (!value) return value
  if (numbers.length > 0) return undefined
  switch (name.toLowerCase()) {
    case 'int':
    case 'integer':
    case 'bigint':
      return value.kind === 'date' ? undefined : keyValue('bigint', String(value.value))
    case 'varchar':
      return { kind: 'text', value: String(value.value) }
    case 'date':
      return value.kind === 'number' ? undefined : dateOf(value.value)
    default:
      return undefined
  }
}

function joined(parts: readonly Operand[]): Operand {
  if (parts.includes(null)) return null
  const texts = parts.flatMap((part) => (part?.kind === 'text' ? [part.value] : []))
  return texts.length === parts.length ? { kind: 'text', value: texts.join('') } : undefined
}

function alike(value: Operand, pattern: Operand): Truth {
  if (value === null || pattern === null) return null
  if (value?.kind !== 'text' || pattern?.kind !== 'text') return 'maybe'
  const source = pattern.value
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll('%', '[^]*')
    .replaceAll('_', '[^]')
  return new RegExp(`^${source}$`, 'u').test(value.value)
}

const isPlainCall = ({ name, distinct, over, filter }: Call, wanted: string) =>
  name === wanted && !distinct && !over && !filter

function conjunction(sides: readonly Truth[]): Truth {
  if (sides.includes(false)) return false
  if (sides.includes('maybe')) return 'maybe'
  return sides.includes(null) ? null : true
}

function negation(truth: Truth): Truth {
  return typeof truth === 'boolean' ? !truth : truth
}

function dateOf(text: string): KeyValue | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? { kind: 'date', value: text } : undefined
}

function conjunctsOf(select: Select): Expression[] {
  return [...(select.where ? split(select.where) : []), ...select.from.flatMap(joinConditions)]
}

function split(node: Expression): Expression[] {
  return node.kind === 'logical' && node.operator === 'AND' ? [...split(node.left), ...split(node.right)] : [node]
}

/** Those of inner joins that no outer join is around. */
function joinConditions(relation: Relation): Expression[] {
  if (relation.kind === 'nested') return joinConditions(relation.relation)
  if (relation.kind !== 'join' || !['INNER', 'CROSS'].includes(relation.type)) return []
  return [
    ...(relation.on ? split(relation.on) : []),
    ...joinConditions(relation.left),
    ...joinConditions(relation.right),
  ]
}

function isOuter(relation: Relation): boolean {
  if (relation.kind === 'nested') return isOuter(relation.relation)
  if (relation.kind !== 'join') return false
  return !['INNER', 'CROSS'].includes(relation.type) || isOuter(relation.left) || isOuter(relation.right)
}

/** A partition's text as a value of its key's type. */
export function keyValue(type: string, text: string | null): KeyValue | null | undefined {
  if (text === null) return null
  if (/^(string|varchar)/.test(type)) return { kind: 'text', value: text }
  if (/^(tinyint|smallint|int|integer|bigint)$/.test(type)) {
    return /^[+-]?\d+$/.test(text) ? { kind: 'number', value: BigInt(text) } : undefined
  }
  return type === 'date' ? dateOf(text) : undefined
}
