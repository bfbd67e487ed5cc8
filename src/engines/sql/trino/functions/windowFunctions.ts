/** Functions that need a window (trino.io, "Window functions"). */
import { trinoError } from '../trinoErrors.ts'
import type { CallContext, FunctionLine, FunctionTable } from './table.ts'

type Args = readonly string[]

/** `lag(x, offset, default)`: an offset must not be negative. */
function shifted(name: 'lag' | 'lead') {
  return (args: Args, { call, args: typed }: CallContext) => {
    const offset = typed[1]?.constant
    if (typeof offset === 'number' && offset < 0)
      throw trinoError('INVALID_FUNCTION_ARGUMENT', 'Offset must be at least 0', call.at)
    return `${name}{${args.join(', ')}}`
  }
}

function nth(args: Args, { call, args: typed }: CallContext): string {
  const offset = typed[1]?.constant
  if (typeof offset === 'number' && offset < 1)
    throw trinoError('INVALID_FUNCTION_ARGUMENT', 'Offset must be at least 1', call.at)
  return `nth_value{${args.join(', ')}}`
}

function ntile([count]: Args, { call, args: typed }: CallContext): string {
  const buckets = typed[0]?.constant
  if (typeof buckets === 'number' && buckets < 1)
    throw trinoError('INVALID_FUNCTION_ARGUMENT', 'Buckets must be greater than 0', call.at)
  return `ntile{${count}}`
}

const lines = (name: 'lag' | 'lead'): FunctionLine[] => [
  [`${name}(T): T`, shifted(name)],
  [`${name}(T, bigint): T`, shifted(name)],
  [`${name}(T, bigint, T): T`, shifted(name)],
]

export const windowFunctions: FunctionTable = {
  kind: 'window',
  lines: [
    ['row_number(): bigint', 'row_number{}'],
    ['rank(): bigint', 'rank{}'],
    ['dense_rank(): bigint', 'dense_rank{}'],
    ['percent_rank(): double', 'percent_rank{}'],
    ['cume_dist(): double', 'cume_dist{}'],
    ['ntile(bigint): bigint', ntile],
    ['first_value(T): T', 'first_value{$1}'],
    ['last_value(T): T', 'last_value{$1}'],
    ['nth_value(T, bigint): T', nth],
    ...lines('lag'),
    ...lines('lead'),
  ],
}
