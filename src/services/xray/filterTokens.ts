/** The words of a filter expression. */
import { awsErrors } from '../../wire/errors.ts'

const { InvalidRequestException } = awsErrors('xray')

export interface Token {
  kind: 'word' | 'text' | 'number' | 'sign' | 'end'
  text: string
  at: number
}

const patterns: [Token['kind'], RegExp][] = [
  ['text', /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y],
  ['number', /-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])/y],
  ['word', /[A-Za-z_][\w.]*(?:\[[^\]]+\](?:\.[\w.]+)?)?/y],
  ['sign', /!=|<=|>=|=|<|>|!|\(|\)|\{|\}|,|:/y],
]

/** Errors: InvalidRequestException. */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    while (/\s/.test(expression[at] ?? '')) at++
    if (at >= expression.length) return [...tokens, { kind: 'end', text: '', at }]
    const token = tokenAt(expression, at)
    if (!token) throw badExpression(expression, at)
    tokens.push(token)
    at += token.text.length
  }
}

export function badExpression(expression: string, at: number): Error {
  return InvalidRequestException(`Invalid filter expression: ${expression} (at character ${at + 1})`)
}

function tokenAt(expression: string, at: number): Token | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const text = pattern.exec(expression)?.[0]
    if (text !== undefined) return { kind, text, at }
  }
  return undefined
}

export function textOf({ text }: Token): string {
  return text.slice(1, -1).replace(/\\(.)/g, '$1')
}
