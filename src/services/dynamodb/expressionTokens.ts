/** Cuts an expression into tokens, and words what is wrong with it as AWS does. */
import { invalid } from './values.ts'

export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression'

export interface Token {
  kind: 'name' | 'nameRef' | 'valueRef' | 'number' | 'symbol' | 'end'
  text: string
}

const bytesMax = 4096
const pattern = /\s*(?:([A-Za-z_][\w]*)|(#[\w]+)|(:[\w]+)|(\d+)|(<>|<=|>=|[=<>(),.[\]+-]))/y
const kinds = ['name', 'nameRef', 'valueRef', 'number', 'symbol'] as const

export function tokensOf(kind: ExpressionKind, text: string): Token[] {
  if (text.trim() === '') throw invalid(`Invalid ${kind}: The expression can not be empty;`)
  const size = Buffer.byteLength(text)
  if (size > bytesMax) {
    throw invalid(`Invalid ${kind}: Expression size has exceeded the maximum allowed size; expression size: ${size}`)
  }
  const tokens: Token[] = []
  pattern.lastIndex = 0
  const end = text.trimEnd().length
  for (let at = 0; at < end; at = pattern.lastIndex) {
    const match = pattern.exec(text)
    if (!match) {
      const rest = text.slice(at).trimStart()
      throw invalid(`Invalid ${kind}: Syntax error; token: "${rest[0]}", near: "${rest.slice(0, 2)}"`)
    }
    const group = match.slice(1).findIndex((part) => part !== undefined)
    tokens.push({ kind: kinds[group] as Token['kind'], text: match[group + 1] as string })
  }
  tokens.push({ kind: 'end', text: '<EOF>' })
  return tokens
}

/** AWS shows the token and its neighbours. */
export function syntaxError(kind: ExpressionKind, tokens: readonly Token[], at: number): Error {
  const shown = tokens.slice(Math.max(0, at - 1), at + 2).filter((token) => token.kind !== 'end')
  return invalid(
    `Invalid ${kind}: Syntax error; token: "${tokens[at]?.text}", near: "${shown.map((token) => token.text).join(' ')}"`,
  )
}
