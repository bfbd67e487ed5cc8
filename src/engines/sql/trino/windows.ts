/** OVER: a window's partition, order and frame, with Trino's checks. */
import type { Token } from '../tokens.ts'
import type { Frame, FrameBound, Window } from './ast.ts'
import { coerce } from './coercion.ts'
import type { Environment } from './compilation.ts'
import { comparable } from './operators.ts'
import { directed } from './ordering.ts'
import { bigint, isComparable, isInteger, isNumeric, isOrderable, typeName } from './sqlTypes.ts'
import { trinoError, typeMismatch } from './trinoErrors.ts'
import type { Typed } from './typed.ts'

export function windowSql(over: Window | Token, env: Environment): { sql: string; parts: Typed[] } {
  const window = 'partitionBy' in over ? withBase(over, env) : namedWindow(over, env)
  const parts: Typed[] = []
  const compile = (node: Window['partitionBy'][number]) => {
    const value = env.compile(node)
    if (value.window)
      throw trinoError(
        'NESTED_WINDOW',
        'Cannot nest window functions or row pattern measures inside window specification',
        node.at,
      )
    parts.push(value)
    return value
  }
  const partition = window.partitionBy.map((node) => {
    const value = compile(node)
    if (!isComparable(value.type))
      throw typeMismatch(
        `${typeName(value.type)} is not comparable, and therefore cannot be used in window function PARTITION BY`,
        node.at,
      )
    return comparable(value.sql, value.type)
  })
  const order = window.orderBy.map((item) => {
    const value = compile(item.value)
    if (!isOrderable(value.type))
      throw typeMismatch(
        `${typeName(value.type)} is not orderable, and therefore cannot be used in window function ORDER BY`,
        item.at,
      )
    return { sql: directed(comparable(value.sql, value.type), item), value }
  })
  const clauses: string[] = []
  if (partition.length > 0) clauses.push(`PARTITION BY ${partition.join(', ')}`)
  if (order.length > 0) clauses.push(`ORDER BY ${order.map(({ sql }) => sql).join(', ')}`)
  if (window.frame)
    clauses.push(
      frameSql(
        window.frame,
        order.map(({ value }) => value),
        env,
      ),
    )
  return { sql: `(${clauses.join(' ')})`, parts }
}

function namedWindow(name: Token, env: Environment): Window {
  const window = env.windows.get(name.text.toLowerCase())
  if (!window)
    throw trinoError('INVALID_WINDOW_REFERENCE', `Cannot resolve WINDOW name ${name.text.toLowerCase()}`, name)
  return withBase(window, env)
}

/** `(w ORDER BY x)`: what `w` says, and more. */
function withBase(window: Window, env: Environment): Window {
  if (!window.base) return window
  const base = namedWindow(window.base, env)
  if (window.partitionBy.length > 0)
    throw trinoError(
      'INVALID_PARTITION_BY',
      'WINDOW specification with named WINDOW reference cannot specify PARTITION BY',
      window.at,
    )
  if (base.orderBy.length > 0 && window.orderBy.length > 0)
    throw trinoError(
      'INVALID_ORDER_BY',
      'Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY',
      window.at,
    )
  return {
    ...base,
    at: window.at,
    orderBy: base.orderBy.length > 0 ? base.orderBy : window.orderBy,
    ...(window.frame && { frame: window.frame }),
  }
}

function frameSql(frame: Frame, order: readonly Typed[], env: Environment): string {
  const { unit, start, end } = frame
  if (start.kind === 'UNBOUNDED FOLLOWING')
    throw trinoError('INVALID_WINDOW_FRAME', 'Window frame start cannot be UNBOUNDED FOLLOWING', frame.at)
  if (end?.kind === 'UNBOUNDED PRECEDING')
    throw trinoError('INVALID_WINDOW_FRAME', 'Window frame end cannot be UNBOUNDED PRECEDING', frame.at)
  if (start.kind === 'CURRENT ROW' && end?.kind === 'PRECEDING')
    throw trinoError(
      'INVALID_WINDOW_FRAME',
      'Window frame starting from CURRENT ROW cannot end with PRECEDING',
      frame.at,
    )
  if (start.kind === 'FOLLOWING' && (!end || end.kind === 'CURRENT ROW' || end.kind === 'PRECEDING')) {
    throw trinoError(
      'INVALID_WINDOW_FRAME',
      `Window frame starting from FOLLOWING cannot end with ${end?.kind ?? 'CURRENT ROW'}`,
      frame.at,
    )
  }
  if (unit === 'GROUPS' && order.length === 0)
    throw trinoError('MISSING_ORDER_BY', 'Window frame of type GROUPS requires ORDER BY', frame.at)
  if (!end) return `${unit} ${boundSql(start, frame, order, env)}`
  return `${unit} BETWEEN ${boundSql(start, frame, order, env)} AND ${boundSql(end, frame, order, env)}`
}

function boundSql(bound: FrameBound, frame: Frame, order: readonly Typed[], env: Environment): string {
  if (!bound.value) return bound.kind
  const value = env.compile(bound.value)
  if (frame.unit !== 'RANGE') {
    if (!isInteger(value.type))
      throw typeMismatch(
        `Window frame ${frame.unit} value type must be exact numeric type with scale 0 (actual ${typeName(value.type)})`,
        bound.at,
      )
    if (typeof value.constant === 'number' && value.constant < 0)
      throw trinoError('INVALID_WINDOW_FRAME', `Window frame offset value must not be negative or null`, bound.at)
    return `${coerce(value, bigint).sql} ${bound.kind}`
  }
  const [key, ...more] = order
  if (!key || more.length > 0)
    throw trinoError(
      'MISSING_ORDER_BY',
      'Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY',
      frame.at,
    )
  // DuckDB moves dates by its own intervals.
  if (value.type.kind === 'interval day to second') return `to_milliseconds(${value.sql}) ${bound.kind}`
  if (value.type.kind === 'interval year to month') return `to_months(${value.sql}) ${bound.kind}`
  if (!isNumeric(value.type) || !isNumeric(key.type))
    throw typeMismatch(
      `Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be numeric, datetime or interval (actual: ${typeName(key.type)})`,
      frame.at,
    )
  return `${value.sql} ${bound.kind}`
}
