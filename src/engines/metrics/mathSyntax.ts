/**
 * The syntax of metric math: operators by AWS's order of precedence, calls, lists, strings and names.
 * Source: docs.aws.amazon.com, Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
 */

/** An expression that cannot be read or computed; its text says why. */
export class MathError extends Error {}

export type MathNode =
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'name'; name: string }
  | { kind: 'list'; items: MathNode[] }
  | { kind: 'call'; name: string; parts: MathNode[] }
  | { kind: 'negation'; of: MathNode }
  | { kind: 'operation'; operator: string; left: MathNode; right: MathNode }

interface Token {
  kind: 'number' | 'string' | 'name' | 'sign' | 'end'
  text: string
  at: number
}

const tokenPattern =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([A-Za-z_]\w*)|(==|!=|<=|>=|&&|\|\||[-+*/^<>()[\],]))/y

/** From the loosest; operators of one line bind alike. */
const levels: readonly (readonly string[])[] = [
  ['||', 'OR'],
  ['&&', 'AND'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/'],
]

/** Deeper ones are no expression that a person wrote. */
const depthMax = 100

/** Errors: MathError. */
export function parseMath(text: string): MathNode {
  const parser = new Parser(tokensOf(text))
  return parser.whole()
}

/** The names of queries that an expression uses, wherever they stand. */
export function namesIn(node: MathNode): string[] {
  if (node.kind === 'name') return [node.name]
  if (node.kind === 'list') return node.items.flatMap(namesIn)
  if (node.kind === 'call') return node.parts.flatMap(namesIn)
  if (node.kind === 'negation') return namesIn(node.of)
  if (node.kind === 'operation') return [...namesIn(node.left), ...namesIn(node.right)]
  return []
}

/** The functions that an expression calls, in upper case. */
export function callsIn(node: MathNode): string[] {
  if (node.kind === 'list') return node.items.flatMap(callsIn)
  if (node.kind === 'call') return [node.name, ...node.parts.flatMap(callsIn)]
  if (node.kind === 'negation') return callsIn(node.of)
  if (node.kind === 'operation') return [...callsIn(node.left), ...callsIn(node.right)]
  return []
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = new RegExp(tokenPattern)
  const end = text.trimEnd().length
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (!match) throw new MathError(`Unexpected character at position ${at + 1}.`)
    const [, number, single, double, name, sign] = match
    if (number !== undefined) tokens.push({ kind: 'number', text: number, at })
    else if (single !== undefined) tokens.push({ kind: 'string', text: single.replace(/\\(.)/g, '$1'), at })
    else if (double !== undefined) tokens.push({ kind: 'string', text: double.replace(/\\(.)/g, '$1'), at })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, at })
    else tokens.push({ kind: 'sign', text: sign as string, at })
  }
  tokens.push({ kind: 'end', text: '', at: end })
  return tokens
}

class Parser {
  readonly #tokens: Token[]
  #at = 0
  #depth = 0

  constructor(tokens: Token[]) {
    this.#tokens = tokens
  }

  whole(): MathNode {
    const node = this.#level(0)
    if (this.#next.kind !== 'end') this.#refuse()
    return node
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token
  }

  #take(text: string): boolean {
    const { kind } = this.#next
    if (kind === 'string' || kind === 'number' || this.#next.text.toUpperCase() !== text) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#refuse()
  }

  #refuse(): never {
    const { kind, text, at } = this.#next
    throw new MathError(
      kind === 'end' ? 'The expression ends too early.' : `Unexpected '${text}' at position ${at + 1}.`,
    )
  }

  #level(level: number): MathNode {
    const operators = levels[level]
    if (!operators) return this.#signed()
    let left = this.#level(level + 1)
    for (let found = operators.find((text) => this.#take(text)); found; found = operators.find((t) => this.#take(t))) {
      const operator = found === 'AND' ? '&&' : found === 'OR' ? '||' : found
      left = { kind: 'operation', operator, left, right: this.#level(level + 1) }
    }
    return left
  }

  #signed(): MathNode {
    if (++this.#depth > depthMax) throw new MathError('The expression is nested too deeply.')
    try {
      if (this.#take('-')) return { kind: 'negation', of: this.#signed() }
      if (this.#take('+')) return this.#signed()
      const base = this.#primary()
      if (!this.#take('^')) return base
      return { kind: 'operation', operator: '^', left: base, right: this.#signed() }
    } finally {
      this.#depth--
    }
  }

  #primary(): MathNode {
    const { kind, text } = this.#next
    if (kind === 'number') {
      this.#at++
      return { kind: 'number', value: Number(text) }
    }
    if (kind === 'string') {
      this.#at++
      return { kind: 'string', value: text }
    }
    if (kind === 'name') {
      this.#at++
      return this.#take('(')
        ? { kind: 'call', name: text.toUpperCase(), parts: this.#listUntil(')') }
        : { kind, name: text }
    }
    if (this.#take('[')) return { kind: 'list', items: this.#listUntil(']') }
    this.#expect('(')
    const inner = this.#level(0)
    this.#expect(')')
    return inner
  }

  #listUntil(end: string): MathNode[] {
    if (this.#take(end)) return []
    const items = [this.#level(0)]
    while (this.#take(',')) items.push(this.#level(0))
    this.#expect(end)
    return items
  }
}
