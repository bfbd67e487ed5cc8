/**
 * The parameters that came before expressions, read into the same trees: `Expected`, `AttributeUpdates`, `KeyConditions`,
 * `QueryFilter`, `ScanFilter`, `ConditionalOperator`, `AttributesToGet`. Their rules are those of "Legacy conditional
 * parameters" in AWS's developer guide.
 */
import type { Comparator, Condition, Operand, Path } from './expressionParser.ts'
import type { Term, UpdateAction } from './updates.ts'
import { checkedValue, compareValues, invalid, typeOf, type Value, type ValueType } from './values.ts'

const legacyNames = [
  'AttributesToGet',
  'AttributeUpdates',
  'ConditionalOperator',
  'Expected',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
]

const expressionNames = [
  'ConditionExpression',
  'FilterExpression',
  'KeyConditionExpression',
  'ProjectionExpression',
  'UpdateExpression',
]

interface LegacyCondition {
  ComparisonOperator?: string | undefined
  AttributeValueList?: unknown
}

interface ExpectedValue extends LegacyCondition {
  Value?: unknown
  Exists?: boolean | undefined
}

interface AttributeUpdate {
  Action?: string | undefined
  Value?: unknown
}

type Conditions = Record<string, LegacyCondition>

const scalars: readonly ValueType[] = ['S', 'N', 'B']

type Attribute = Extract<Operand, { kind: 'path' }>

interface OperatorRule {
  /** How many values it takes. */
  least: number
  most: number
  /** The types of its values; every type where none is named. */
  types?: readonly ValueType[]
  condition(attribute: Attribute, values: Operand[]): Condition
}

const operators: Record<string, OperatorRule> = {
  EQ: comparing('='),
  NE: comparing('<>'),
  LE: comparing('<=', scalars),
  LT: comparing('<', scalars),
  GE: comparing('>=', scalars),
  GT: comparing('>', scalars),
  NULL: { least: 0, most: 0, condition: ({ path }) => ({ kind: 'exists', path, wanted: false }) },
  NOT_NULL: { least: 0, most: 0, condition: ({ path }) => ({ kind: 'exists', path, wanted: true }) },
  CONTAINS: { least: 1, most: 1, types: [...scalars, 'BOOL', 'NULL'], condition: contains },
  NOT_CONTAINS: {
    least: 1,
    most: 1,
    types: [...scalars, 'BOOL', 'NULL'],
    condition: (operand, values) => ({ kind: 'not', condition: contains(operand, values) }),
  },
  BEGINS_WITH: {
    least: 1,
    most: 1,
    types: ['S', 'B'],
    condition: (operand, [start]) => ({ kind: 'begins', operands: [operand, start as Operand] }),
  },
  IN: {
    least: 1,
    most: Number.POSITIVE_INFINITY,
    types: scalars,
    condition: (value, choices) => ({ kind: 'in', value, choices }),
  },
  BETWEEN: {
    least: 2,
    most: 2,
    types: scalars,
    condition: (value, [low, high]) => ({ kind: 'between', value, low: low as Operand, high: high as Operand }),
  },
}

function comparing(comparator: Comparator, types?: readonly ValueType[]): OperatorRule {
  const condition = (left: Operand, [right]: Operand[]): Condition => ({
    kind: 'compare',
    comparator,
    left,
    right: right as Operand,
  })
  return { least: 1, most: 1, ...(types && { types }), condition }
}

function contains(operand: Operand, [sought]: Operand[]): Condition {
  return { kind: 'contains', operands: [operand, sought as Operand] }
}

/** A request speaks the old language or the new one. Errors: `ValidationException` where it mixes them. */
export function checkNotMixed(request: object): void {
  const given = (names: readonly string[]) =>
    names.filter((name) => (request as Record<string, unknown>)[name] !== undefined)
  const old = given(legacyNames)
  if (old.length === 0) return
  const expressions = given(expressionNames)
  if (expressions.length === 0) return
  throw invalid(
    `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${old.join(', ')}} Expression parameters: {${expressions.join(', ')}}`,
  )
}

export function attributesToGet(names: readonly string[] | undefined): Path[] | undefined {
  if (!names) return undefined
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  if (repeated !== undefined) {
    throw invalid(`One or more parameter values were invalid: Duplicate value in attribute name: ${repeated}`)
  }
  return names.map((name) => [name])
}

/** `QueryFilter` or `ScanFilter`. */
export function legacyFilter(
  filter: Conditions | undefined,
  conditionalOperator: string | undefined,
): Condition | undefined {
  const conditions = Object.entries(filter ?? {}).map(([name, condition]) => comparison(name, condition))
  return joined(conditions, conditionalOperator)
}

export function legacyKeyCondition(given: Conditions): Condition {
  const conditions = Object.entries(given).map(([name, condition]) => {
    const { ComparisonOperator: operator } = condition
    if (operator && ['NE', 'IN', 'NULL', 'NOT_NULL', 'CONTAINS', 'NOT_CONTAINS'].includes(operator)) {
      throw invalid('Attempted conditional constraint is not an indexable operation')
    }
    return comparison(name, condition)
  })
  if (conditions.length < 1 || conditions.length > 2) throw invalid('Conditions can be of length 1 or 2 only')
  return joined(conditions, undefined) as Condition
}

/** `Expected`: what must hold for a write to be done. */
export function expectedCondition(
  expected: Record<string, ExpectedValue> | undefined,
  conditionalOperator: string | undefined,
): Condition | undefined {
  const conditions = Object.entries(expected ?? {}).map(([name, wanted]) => expectation(name, wanted))
  return joined(conditions, conditionalOperator)
}

function expectation(
  name: string,
  { Value, Exists, ComparisonOperator, AttributeValueList }: ExpectedValue,
): Condition {
  const refuse = (what: string) => invalid(`One or more parameter values were invalid: ${what} for Attribute: ${name}`)
  if (Value !== undefined && AttributeValueList !== undefined) {
    throw refuse('Value and AttributeValueList cannot be used together')
  }
  if (ComparisonOperator !== undefined) {
    if (Exists !== undefined) throw refuse('Exists and ComparisonOperator cannot be used together')
    const values = Value === undefined ? AttributeValueList : [Value]
    return comparison(name, { ComparisonOperator, AttributeValueList: values })
  }
  if (AttributeValueList !== undefined) throw refuse('AttributeValueList can only be used with a ComparisonOperator')
  if (Exists === false) {
    if (Value !== undefined) throw refuse('Value cannot be used when Exists is set to false')
    return { kind: 'exists', path: [name], wanted: false }
  }
  if (Value === undefined) throw refuse(`Value must be provided when Exists is ${Exists ?? 'null'}`)
  return comparison(name, { ComparisonOperator: 'EQ', AttributeValueList: [Value] })
}

function comparison(name: string, { ComparisonOperator, AttributeValueList }: LegacyCondition): Condition {
  const operator = ComparisonOperator as string
  const rule = operators[operator] as OperatorRule
  const values = ((AttributeValueList ?? []) as Value[]).map((value) => checkedValue(value))
  checkArguments(operator, rule, values, name, AttributeValueList !== undefined)
  const operands = values.map((value): Operand => ({ kind: 'value', value }))
  return rule.condition({ kind: 'path', path: [name] }, operands)
}

function checkArguments(
  operator: string,
  { least, most, types }: OperatorRule,
  values: readonly Value[],
  name: string,
  isGiven: boolean,
): void {
  const refuse = (what: string) => invalid(`One or more parameter values were invalid: ${what}`)
  if (!isGiven && least > 0) {
    throw refuse(`Value or AttributeValueList must be used with ComparisonOperator: ${operator} for Attribute: ${name}`)
  }
  if (values.length < least || values.length > most) {
    throw refuse(`Invalid number of argument(s) for the ${operator} ComparisonOperator`)
  }
  for (const value of values) {
    if (typeOf(value) !== typeOf(values[0] as Value)) {
      throw refuse('AttributeValues inside AttributeValueList must all be of the same type')
    }
    if (types && !types.includes(typeOf(value))) {
      throw refuse(`ComparisonOperator ${operator} is not valid for ${typeOf(value)} AttributeValue type`)
    }
  }
  const [low, high] = values
  if (operator === 'BETWEEN' && (compareValues(low as Value, high as Value) ?? 0) > 0) {
    throw invalid('The BETWEEN condition was provided a range where the lower bound is greater than the upper bound')
  }
}

function joined(conditions: readonly Condition[], conditionalOperator: string | undefined): Condition | undefined {
  if (conditionalOperator !== undefined && conditions.length < 2) {
    throw invalid(
      conditions.length === 0
        ? 'ConditionalOperator cannot be used without Filter or Expected'
        : 'ConditionalOperator can only be used when Filter or Expected has two or more elements',
    )
  }
  const kind = conditionalOperator === 'OR' ? 'or' : 'and'
  const [first, ...rest] = conditions
  let all = first
  for (const right of rest) all = all && { kind, left: all, right }
  return all
}

/** `AttributeUpdates`: an attribute without an action is put. */
export function attributeUpdates(updates: Record<string, AttributeUpdate>): UpdateAction[] {
  return Object.entries(updates).map(([name, update]) => actionFor([name], update))
}

function actionFor(path: Path, { Action = 'PUT', Value: given }: AttributeUpdate): UpdateAction {
  const refuse = (what: string) => invalid(`One or more parameter values were invalid: ${what}`)
  if (given === undefined) {
    if (Action === 'DELETE') return { kind: 'remove', path }
    throw refuse('Only DELETE action is allowed when no attribute value is specified')
  }
  const value = checkedValue(given as Value)
  const type = typeOf(value)
  if (Action === 'PUT') return { kind: 'set', path, term: { kind: 'value', value } }
  if (Action === 'DELETE') {
    if (!['SS', 'NS', 'BS'].includes(type)) {
      throw refuse(`DELETE action with value is not supported for the type ${type}`)
    }
    return { kind: 'delete', path, value }
  }
  if (type === 'L') {
    const first: Term = { kind: 'ifNotExists', path, otherwise: { kind: 'value', value: { L: [] } } }
    return { kind: 'set', path, term: { kind: 'append', first, second: { kind: 'value', value } } }
  }
  if (!['N', 'SS', 'NS', 'BS'].includes(type)) throw refuse(`ADD action is not supported for the type ${type}`)
  return { kind: 'add', path, value }
}
