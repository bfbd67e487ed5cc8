/** What the engines say of a statement they cannot run: the words, the place, and the error name the service may report. */
export interface SqlPosition {
  line: number
  column: number
}

export class SqlError extends Error {
  readonly position: SqlPosition | undefined
  readonly code: string

  constructor(message: string, position?: SqlPosition, code = 'SYNTAX_ERROR') {
    super(message)
    this.name = 'SqlError'
    this.position = position ? { line: position.line, column: position.column } : undefined
    this.code = code
  }
}

/** A construct we know and do not translate: never run as something else. */
export function notSupported(construct: string, position?: SqlPosition): SqlError {
  return new SqlError(`${construct} is not supported by the embedded SQL engine.`, position, 'NOT_SUPPORTED')
}
