/**
 * Which partitions of a table a query can need, told from its WHERE before any file is looked at. What is not understood
 * may be true: a partition is left out only where its values make the condition false or NULL whatever the rows hold.
 */
import type { Call, Expression, Relation, Select } from './ast.ts'
import {
  alike,
  type Constants,
  compared,
  conjunction,
  converted,
  type Domain,
  dateOf,
  intersection,
  joined,
  type KeyValues,
  negation,
  type Operand,
  stretch,
  type Truth,
  union,
} from './partitionValues.ts'
import { type Block, columnBehind, type Reading, type TableUse } from './tableNames.ts'

/** Steps from a use of a table up through the queries that read its rows; beyond them only its own FROM's WHERE counts. */
const stepsMax = 1000

export class PartitionFilter {
  readonly #roads: readonly Level[]

  /** Every use of the table, in the statement and in the views that it reads. */
  constructor(uses: readonly TableUse[], constants: Constants = new Map()) {
    this.#roads = uses.flatMap((use) => roadsOf(use, constants))
  }

  mayMatch(values: KeyValues): boolean {
    return this.#roads.length === 0 || this.#roads.some((road) => road.mayMatch(values))
  }

  /** What the uses together ask of the keys alone, where that is more than `mayMatch` understands of such values. */
  keyCondition(values: KeyValues): Expression | undefined {
    const roads = this.#roads.map((road) => road.keyConditions(values))
    if (roads.some((asked) => asked.length === 0)) return undefined
    if (roads.flat().every(({ isUnderstood }) => isUnderstood)) return undefined
    const join = (operator: 'AND' | 'OR') => (left: Expression, right: Expression) =>
      ({ kind: 'logical', at: left.at, operator, left, right }) as const
    return roads.map((asked) => asked.map(({ condition }) => condition).reduce(join('AND'))).reduce(join('OR'))
  }

  /** Together for all uses. `keys` are the table's partition keys. */
  domain(key: string, keys: readonly string[]): Domain {
    const domains = this.#roads.map((road) => road.domain(key, keys))
    return domains.slice(1).reduce(union, domains[0] ?? {})
  }
}

/** The expressions beside a table's keys whose values, once they are computed, tell more of its partitions. */
export function constantsBeside(uses: readonly TableUse[], keys: readonly string[]): Expression[] {
  const all = uses.flatMap((use) => roadsOf(use, new Map())).flatMap((road) => road.constantsBeside(keys))
  return [...new Set(all)]
}

/** Each way by which a table's rows reach the answer, as its last level; all the conditions of its levels hold for them. */
function roadsOf(use: TableUse, constants: Constants): Level[] {
  const first = new Level(use, constants)
  let steps = 0
  const climb = (reading: Reading, level: Level): Level[] => {
    const { block, select } = reading
    if (!select || block.readBy.length === 0 || steps >= stepsMax) return [level]
    steps += block.readBy.length
    return block.readBy.flatMap((next) => climb(next, new Level(next, constants, { level, block, select })))
  }
  const roads = climb(use, first)
  return steps < stepsMax ? roads : [first]
}

/** A FROM through which the table's rows pass, with what its SELECT asks of them. */
class Level {
  readonly #below: { level: Level; block: Block; select: Select } | undefined
  readonly #reading: Reading
  readonly #constants: Constants
  readonly #conjuncts: readonly Expression[]
  readonly #name: string
  /** As written before the name, where no alias hides it. */
  readonly #schema: string | undefined
  readonly #hasOuterJoin: boolean

  constructor(reading: Reading, constants: Constants, below?: { level: Level; block: Block; select: Select }) {
    const { name, alias, select } = reading
    const [last, schema] = name.toReversed()
    this.#reading = reading
    this.#constants = constants
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

  /** The conditions over the keys alone, by their names in the table. Below an outer join they are not told apart. */
  keyConditions(values: KeyValues): { condition: Expression; isUnderstood: boolean }[] {
    const asked = this.#hasOuterJoin ? [] : this.#conjuncts
    const own = asked.flatMap((conjunct) => {
      const condition = this.#overKeys(conjunct, values)
      return condition ? [{ condition, isUnderstood: this.#truth(conjunct, values) !== 'maybe' }] : []
    })
    return [...own, ...(this.#below?.level.keyConditions(values) ?? [])]
  }

  /** Undefined where it asks for more than the keys. */
  #overKeys(condition: Expression, values: KeyValues): Expression | undefined {
    let isOverKeys = true
    const rewritten = (node: unknown): unknown => {
      if (typeof node !== 'object' || node === null || !isOverKeys) return node
      const key = 'kind' in node ? this.#keyOf(node as Expression) : undefined
      if (key !== undefined && values.has(key)) return { kind: 'name', at: condition.at, name: key, quoted: true }
      if (Array.isArray(node)) return node.map(rewritten)
      if (isOfRows(node)) isOverKeys = false
      return Object.fromEntries(
        Object.entries(node).map(([name, value]) => [name, name === 'at' ? value : rewritten(value)]),
      )
    }
    const whole = rewritten(condition) as Expression
    return isOverKeys ? whole : undefined
  }

  /** Those that stand beside a key in a comparison and are no plain literals. */
  constantsBeside(keys: readonly string[]): Expression[] {
    const mentions = (node: unknown): boolean => {
      if (typeof node !== 'object' || node === null) return false
      const key = 'kind' in node ? this.#keyOf(node as Expression) : undefined
      return key === undefined ? Object.values(node).some(mentions) : keys.includes(key)
    }
    const own = this.#conjuncts.flatMap(comparisons).flatMap((operands) => {
      if (!operands.some(mentions)) return []
      return operands.filter((node) => this.#constant(node) === undefined && isConstant(node))
    })
    return [...own, ...(this.#below?.level.constantsBeside(keys) ?? [])]
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
    if (this.#constants.has(node)) return this.#constants.get(node)
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
    if (this.#constants.has(node)) return this.#constants.get(node)
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

const isPlainCall = ({ name, distinct, over, filter }: Call, wanted: string) =>
  name === wanted && !distinct && !over && !filter

/** The operands of each comparison in a condition. */
function comparisons(node: Expression): Expression[][] {
  switch (node.kind) {
    case 'logical':
      return [...comparisons(node.left), ...comparisons(node.right)]
    case 'unary':
      return comparisons(node.value)
    case 'comparison':
      return [[node.left, node.right]]
    case 'between':
      return [[node.value, node.low, node.high]]
    case 'inList':
      return [[node.value, ...node.items]]
    case 'like':
      return [[node.value, node.pattern]]
    default:
      return []
  }
}

/** Of no row, and the same whenever it is asked for. */
function isConstant(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return true
  if (isOfRows(node)) return false
  return Object.entries(node).every(([key, value]) => key === 'at' || isConstant(value))
}

/** A name, a query, or something else at each call. */
function isOfRows(node: object): boolean {
  if ('kind' in node && rowKinds.includes(node.kind as Expression['kind'])) return true
  return 'star' in node && randomCalls.includes((node as Call).name)
}

const rowKinds: readonly Expression['kind'][] = [
  'name',
  'field',
  'parameter',
  'exists',
  'inQuery',
  'quantified',
  'subquery',
]
const randomCalls = ['rand', 'random', 'shuffle', 'uuid']

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
