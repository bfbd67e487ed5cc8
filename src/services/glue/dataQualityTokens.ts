/** A DQDL ruleset's text as tokens, each with its place. The twin of runtimes/glue/awsgluedq/dqdl/tokens.py. */

export type TokenKind = 'string' | 'number' | 'word' | 'symbol' | 'end'

export interface Token {
  kind: TokenKind
  text: string
  start: number
  end: number
}

/** What is wrong with a ruleset, and where: `line 1:20: …`. */
export class RulesetError extends Error {}

const token =
  /(?<space>\s+|#[^\n]*)|"(?<string>(?:[^"\\]|\\.)*)"|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<symbol><=|>=|!=|->|[=<>[\](),+\-*/{}:])/sy

export function tokensOf(text: string): Token[] {
  const found: Token[] = []
  for (let at = 0; at < text.length; ) {
    token.lastIndex = at
    const match = token.exec(text)
    if (!match) throw new RulesetError(`${placeOf(text, at)}: '${text[at]}' is not expected here`)
    const [kind, value] = Object.entries(match.groups ?? {}).find(([, group]) => group !== undefined) as [
      string,
      string,
    ]
    if (kind !== 'space') found.push({ kind: kind as TokenKind, text: value, start: at, end: token.lastIndex })
    at = token.lastIndex
  }
  found.push({ kind: 'end', text: '', start: text.length, end: text.length })
  return found
}

export function placeOf(text: string, at: number): string {
  const before = text.slice(0, at)
  return `line ${before.split('\n').length}:${at - before.lastIndexOf('\n')}`
}
