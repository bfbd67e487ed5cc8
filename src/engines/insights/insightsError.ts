/** What is wrong with a query, and where: `MalformedQueryException` tells it by the offsets of characters. */
export interface Span {
  start: number
  /** After the last character. */
  end: number
}

export class InsightsError extends Error {
  readonly span: Span
  /** A construct that we know and do not run. */
  readonly isUnsupported: boolean

  constructor(message: string, { start, end }: Span, isUnsupported = false) {
    super(message)
    this.name = 'InsightsError'
    this.span = { start, end }
    this.isUnsupported = isUnsupported
  }
}

export function unsupported(construct: string, span: Span): InsightsError {
  return new InsightsError(`${construct} is not supported by Igarapé's Logs Insights.`, span, true)
}
