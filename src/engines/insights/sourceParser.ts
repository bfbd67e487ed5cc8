/**
 * `SOURCE`, at the head of a query: a log group by name (several, each with its own SOURCE), or
 * `logGroups(namePrefix: ['a'], class: ['STANDARD'])`.
 */
import type { SourceClause } from './ast.ts'
import { InsightsError, unsupported } from './insightsError.ts'
import type { Tokens } from './tokens.ts'

/** Undefined where the query has none. The pipe after the last one is left. */
export function sourceClause(tokens: Tokens): SourceClause | undefined {
  if (!tokens.is('source')) return undefined
  const source: SourceClause = { names: [], accounts: [], start: tokens.peek().start, end: 0 }
  for (;;) {
    tokens.expect('source')
    oneSource(tokens, source)
    range(tokens, source)
    source.end = tokens.end
    if (!isSourceNext(tokens)) return source
    tokens.expect('|')
  }
}

function isSourceNext(tokens: Tokens): boolean {
  return tokens.is('|') && /^\s*\|\s*source\b/i.test(tokens.text.slice(tokens.peek().start))
}

function oneSource(tokens: Tokens, source: SourceClause): void {
  const token = tokens.next()
  if (token.kind === 'string') {
    source.names.push(token.text)
    while (tokens.accept(',')) source.names.push(text(tokens))
    return
  }
  if (token.kind === 'name' && token.text.toLowerCase() === 'loggroups') {
    groupsCall(tokens, source)
    return
  }
  if (token.kind === 'name' && token.text.toLowerCase() === 'datasource') throw unsupported('SOURCE dataSource', token)
  throw new InsightsError("expected a log group's name or logGroups(…) after SOURCE", token)
}

function groupsCall(tokens: Tokens, source: SourceClause): void {
  tokens.expect('(')
  source.prefixes ??= []
  while (!tokens.accept(')')) {
    const key = tokens.name()
    tokens.expect(':')
    const values = texts(tokens)
    const name = key.text.toLowerCase()
    if (name === 'nameprefix') source.prefixes.push(...values)
    else if (name.startsWith('accountidentifier')) source.accounts.push(...values)
    else if ((name === 'class' || name === 'loggroupclass') && values[0] !== undefined) source.class = values[0]
    else throw new InsightsError(`'${key.text}' is none of namePrefix, class, accountIdentifiers`, key)
    tokens.accept(',')
  }
}

function texts(tokens: Tokens): string[] {
  tokens.expect('[')
  const found: string[] = []
  while (!tokens.accept(']')) {
    found.push(text(tokens))
    tokens.accept(',')
  }
  return found
}

function text(tokens: Tokens): string {
  const token = tokens.next()
  if (token.kind !== 'string') throw new InsightsError('expected a string', token)
  return token.text
}

/** `START=-3600s END=0s`, as the console writes it. */
function range(tokens: Tokens, source: SourceClause): void {
  for (;;) {
    if (tokens.accept('start')) source.from = time(tokens)
    else if (tokens.accept('end')) source.to = time(tokens)
    else return
  }
}

function time(tokens: Tokens): string {
  tokens.expect('=')
  const sign = tokens.accept('-') ? '-' : ''
  const token = tokens.next()
  if (token.kind !== 'number' && token.kind !== 'duration' && token.kind !== 'string') {
    throw new InsightsError('expected a time, such as -3600s', token)
  }
  return `${sign}${token.text}`
}
