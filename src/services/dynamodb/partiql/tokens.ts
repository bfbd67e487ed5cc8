/** Cuts a PartiQL statement into tokens. */
import { invalid } from '../values.ts'

export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'end'
  text: string
}

const pattern =
  /\s*(?:([A-Za-z_][\w]*)|"((?:[^"]|"")*)"|'((?:[^']|'')*)'|(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(<<|>>|<>|!=|<=|>=|[=<>(){},.[\]:?*+-]))/y
const kinds = ['word', 'quoted', 'string', 'number', 'symbol'] as const
const charactersMax = 8192

export function tokensOf(statement: string): Token[] {
  if (statement.length > charactersMax) throw malformed(`Statement is longer than ${charactersMax} characters`)
  const tokens: Token[] = []
  const end = statement.trimEnd().length
  pattern.lastIndex = 0
  for (let at = 0; at < end; at = pattern.lastIndex) {
    const match = pattern.exec(statement)
    if (!match) throw malformed(`Unexpected character: ${statement.slice(at).trimStart()[0]}`)
    const group = match.slice(1).findIndex((part) => part !== undefined)
    const kind = kinds[group] as Token['kind']
    const text = match[group + 1] as string
    tokens.push({ kind, text: unescaped(kind, text) })
  }
  tokens.push({ kind: 'end', text: 'EOF' })
  return tokens
}

/** A quote is doubled in quotes of its kind. */
function unescaped(kind: Token['kind'], text: string): string {
  if (kind === 'quoted') return text.replaceAll('""', '"')
  return kind === 'string' ? text.replaceAll("''", "'") : text
}

export function malformed(why: string): Error {
  return invalid(`Statement wasn't well formed, can't be processed: ${why}`)
}
