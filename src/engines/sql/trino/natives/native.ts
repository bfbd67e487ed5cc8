/**
 * Functions that DuckDB calls back: what its SQL cannot say (Java's regular expressions, JSON paths, Joda's formats).
 * A native is pure; a NULL argument gives NULL without a call. Values come as plain JavaScript: text, numbers, bigints
 * for BIGINT, byte arrays for BLOB, arrays for lists.
 */
export type NativeValue = string | number | bigint | boolean | Uint8Array | null | readonly NativeValue[]

export type NativeType =
  | 'VARCHAR'
  | 'BIGINT'
  | 'INTEGER'
  | 'DOUBLE'
  | 'BOOLEAN'
  | 'BLOB'
  | 'VARCHAR[]'
  | 'DOUBLE[]'
  | 'BIGINT[]'
  | 'VARCHAR[][]'
  | 'BIGINT[][]'

export interface Native {
  name: string
  parameters: readonly NativeType[]
  returns: NativeType
  call(...args: never[]): NativeValue
  /** Not the same for the same arguments. */
  volatile?: boolean
}

interface JsTypes {
  VARCHAR: string
  BIGINT: bigint
  INTEGER: number
  DOUBLE: number
  BOOLEAN: boolean
  BLOB: Uint8Array
  'VARCHAR[]': (string | null)[]
  'DOUBLE[]': (number | null)[]
  'BIGINT[]': (bigint | null)[]
  'VARCHAR[][]': (string | null)[][]
  'BIGINT[][]': (bigint | null)[][]
}

type Arguments<P extends readonly NativeType[]> = { [I in keyof P]: JsTypes[P[I]] }

export function native<const P extends readonly NativeType[], R extends NativeType>(
  name: string,
  parameters: P,
  returns: R,
  call: (...args: Arguments<P>) => JsTypes[R] | null,
): Native {
  return { name: `igp_${name}`, parameters, returns, call: call as unknown as Native['call'] }
}

/** An error of the query: its code, then Trino's words. */
export class NativeError extends Error {
  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
  }
}

export const invalidArgument = (message: string) => new NativeError('INVALID_FUNCTION_ARGUMENT', message)
