/** What the kinds of log filter share: values with wildcards, regular expressions, and comparisons. */
export class InvalidLogFilter extends Error {}

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='

/** A value in a condition: text (with `*` for any run of characters), or a regular expression. */
export interface WantedText {
  /** Written without quotes and a number: then numbers are compared as such. */
  number?: number
  expression: RegExp
  isExpression: boolean
  /** Runs of characters that a text must have to be equal, in no JSON string ever written otherwise but by `\u`. */
  plainRuns: readonly string[]
}

/** Letters, digits, some signs and operators, no groups, nothing beyond ASCII: User Guide, "Supported regular expressions". */
const expressionCharacters = /^(?:\\[\x20-\x7e]|[A-Za-z0-9_#=@/;,:\- ^$?[\]{}|*+.])*$/

/** Without groups a match's time stays in bounds. Errors: InvalidLogFilter. */
export function regularExpression(source: string): RegExp {
  if (!expressionCharacters.test(source) || /\\[1-9]/.test(source)) throw invalidExpression(source)
  try {
    return new RegExp(source)
  } catch {
    throw invalidExpression(source)
  }
}

function invalidExpression(source: string): InvalidLogFilter {
  return new InvalidLogFilter(`Invalid regular expression %${source}%`)
}

export const operatorSource = '!=|<=|>=|=|<|>'

/** Sources of a condition's value: "quoted", %regex%, or a bare word. */
export const valueSource = String.raw`"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)+%|[^\s,()&|\]}"%]+`

export function wantedText(source: string): WantedText {
  if (source.startsWith('%')) {
    return { expression: regularExpression(source.slice(1, -1)), isExpression: true, plainRuns: [] }
  }
  const isQuoted = source.startsWith('"')
  const text = isQuoted ? source.slice(1, -1) : source
  const number = !isQuoted && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
  const plainRuns = number === undefined ? (text.replace(/\\./gs, '*').match(/[A-Za-z0-9_.: -]+/g) ?? []) : []
  return {
    expression: wildcardExpression(text),
    isExpression: false,
    plainRuns,
    ...(number !== undefined && { number }),
  }
}

/** Whether a value satisfies `operator wanted`. Orders exist only between numbers. */
export function compares(value: string | number, operator: Operator, wanted: WantedText): boolean {
  if (operator === '=' || operator === '!=') {
    const isEqual =
      wanted.number !== undefined && isNumeric(value)
        ? Number(value) === wanted.number
        : wanted.expression.test(String(value))
    return isEqual === (operator === '=')
  }
  if (wanted.number === undefined || !isNumeric(value)) return false
  const difference = Number(value) - wanted.number
  if (operator === '<') return difference < 0
  if (operator === '<=') return difference <= 0
  return operator === '>' ? difference > 0 : difference >= 0
}

export function isNumeric(value: string | number): boolean {
  return typeof value === 'number' || (value.trim() !== '' && Number.isFinite(Number(value)))
}

/** The longest of the runs that an equal text must have. */
export function longestRun({ plainRuns }: WantedText): string | undefined {
  return [...plainRuns].sort((left, right) => right.length - left.length)[0]
}

function wildcardExpression(text: string): RegExp {
  const source = text.replace(/\\(.)|\*+|[.+?^${}()|[\]\\]/gs, (found, escaped: string | undefined) => {
    if (found.startsWith('*')) return '.*'
    return (escaped ?? found).replace(/[.*+?^${}()|[\]\\]/, '\\$&')
  })
  return new RegExp(`^${source}$`, 's')
}
