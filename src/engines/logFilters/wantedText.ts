/** What the three kinds of log filter share: values with wildcards, regular expressions, and comparisons. */
export class InvalidLogFilter extends Error {}

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='

/** A value in a condition: text (with `*` for any run of characters), or a regular expression. */
export interface WantedText {
  text: string
  /** Written without quotes and a number: then numbers are compared as such. */
  number?: number
  expression: RegExp
}

/** Groups that look around or back are not in AWS's syntax, and keep the time of a match in bounds. */
export function regularExpression(source: string): RegExp {
  if (/\(\?|\\[1-9]/.test(source)) throw new InvalidLogFilter(`Invalid regular expression %${source}%`)
  try {
    return new RegExp(source)
  } catch {
    throw new InvalidLogFilter(`Invalid regular expression %${source}%`)
  }
}

export const operatorSource = '!=|<=|>=|=|<|>'

/** Sources of a condition's value: "quoted", %regex%, or a bare word. */
export const valueSource = String.raw`"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)+%|[^\s,()&|\]}"%]+`

export function wantedText(source: string): WantedText {
  if (source.startsWith('%')) {
    const text = source.slice(1, -1)
    return { text, expression: regularExpression(text) }
  }
  const isQuoted = source.startsWith('"')
  const text = isQuoted ? source.slice(1, -1) : source
  const number = !isQuoted && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
  return { text, expression: wildcardExpression(text), ...(number !== undefined && { number }) }
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

function isNumeric(value: string | number): boolean {
  return typeof value === 'number' || (value.trim() !== '' && Number.isFinite(Number(value)))
}

function wildcardExpression(text: string): RegExp {
  const source = text.replace(/\\(.)|\*|[.+?^${}()|[\]\\]/gs, (found, escaped: string | undefined) => {
    if (found === '*') return '.*'
    return (escaped ?? found).replace(/[.*+?^${}()|[\]\\]/, '\\$&')
  })
  return new RegExp(`^${source}$`, 's')
}
