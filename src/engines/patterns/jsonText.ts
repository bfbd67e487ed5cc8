/**
 * Reads JSON as written: duplicate keys stay, numbers keep their text. Patterns and filters need both, because a
 * number beyond a double's precision still matches by its text and a repeated key overrides path by path.
 * The words of the errors are those of the parser that AWS uses.
 */
export type JsonNode =
  | { kind: 'object'; entries: [key: string, value: JsonNode][] }
  | { kind: 'array'; items: JsonNode[] }
  | { kind: 'string'; text: string }
  | { kind: 'number'; text: string }
  | { kind: 'literal'; text: 'true' | 'false' | 'null' }

export class JsonSyntaxError extends Error {
  readonly position: number
  constructor(message: string, position: number) {
    super(message)
    this.name = 'JsonSyntaxError'
    this.position = position
  }
}

const depthMax = 1_000
const inNumber = ' in numeric value'
const numberText = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const wordText = /[A-Za-z0-9_$]+/y
const valueForms = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

/** The first JSON value of the text. What follows it is not read, as AWS does not read it either. */
export function readJson(text: string): JsonNode {
  return new JsonReader(text).value(0)
}

/** The value as compact JSON, as it was written. */
export function writeJson(node: JsonNode): string {
  switch (node.kind) {
    case 'object':
      return `{${node.entries.map(([key, value]) => `${JSON.stringify(key)}:${writeJson(value)}`).join(',')}}`
    case 'array':
      return `[${node.items.map(writeJson).join(',')}]`
    case 'string':
      return JSON.stringify(node.text)
    default:
      return node.text
  }
}

class JsonReader {
  private position = 0
  private readonly text: string
  constructor(text: string) {
    this.text = text
  }

  value(depth: number): JsonNode {
    if (depth > depthMax)
      throw this.error(`Document nesting depth (${depth}) exceeds the maximum allowed (${depthMax})`)
    const character = this.peek()
    if (character === '{') return this.object(depth)
    if (character === '[') return this.array(depth)
    if (character === '"') return { kind: 'string', text: this.string() }
    if (character === '-' || (character >= '0' && character <= '9')) return this.number()
    return this.literal(character)
  }

  private object(depth: number): JsonNode {
    const entries: [string, JsonNode][] = []
    this.position++
    if (this.peek('Object') === '}') return this.close({ kind: 'object', entries })
    for (;;) {
      const character = this.peek('Object')
      if (character !== '"') throw this.unexpected('was expecting double-quote to start field name')
      const key = this.string()
      if (this.peek('Entry') !== ':') throw this.unexpected('was expecting a colon to separate field name and value')
      this.position++
      this.peek('Entry')
      entries.push([key, this.value(depth + 1)])
      const after = this.peek('Object')
      if (after === '}') return this.close({ kind: 'object', entries })
      if (after === ']') throw this.error(`Unexpected close marker ']': expected '}'`)
      if (after !== ',') throw this.unexpected('was expecting comma to separate Object entries')
      this.position++
    }
  }

  private array(depth: number): JsonNode {
    const items: JsonNode[] = []
    this.position++
    if (this.peek('Array') === ']') return this.close({ kind: 'array', items })
    for (;;) {
      items.push(this.value(depth + 1))
      const after = this.peek('Array')
      if (after === ']') return this.close({ kind: 'array', items })
      if (after === '}') throw this.error(`Unexpected close marker '}': expected ']'`)
      if (after !== ',') throw this.unexpected('was expecting comma to separate Array entries')
      this.position++
    }
  }

  private close(node: JsonNode): JsonNode {
    this.position++
    return node
  }

  private number(): JsonNode {
    numberText.lastIndex = this.position
    const match = numberText.exec(this.text)
    this.position += match?.[0].length ?? 1
    if (!match) throw this.unexpected('expected digit (0-9) to follow minus sign, for valid numeric value', inNumber)
    const next = this.text[this.position] ?? ''
    if (/[0-9]/.test(next)) throw this.error('Invalid numeric value: Leading zeroes not allowed')
    if (/[.eE]/.test(next)) throw this.unfinishedNumber(next)
    if (/[A-Za-z_+-]/.test(next)) throw this.unexpected('Expected space separating root-level values')
    return { kind: 'number', text: match[0] }
  }

  private unfinishedNumber(mark: string): JsonSyntaxError {
    this.position++
    if (/[+-]/.test(this.text[this.position] ?? '')) this.position++
    const part = mark === '.' ? 'Decimal point' : 'Exponent indicator'
    return this.unexpected(`${part} not followed by a digit`, inNumber)
  }

  private literal(character: string): JsonNode {
    wordText.lastIndex = this.position
    const word = wordText.exec(this.text)?.[0]
    if (word === 'true' || word === 'false' || word === 'null') {
      this.position += word.length
      return { kind: 'literal', text: word }
    }
    if (word && /[A-Za-z_$]/.test(character))
      throw this.error(`Unrecognized token '${word}': was expecting ${valueForms}`)
    throw this.unexpected(`expected a valid value ${valueForms}`)
  }

  private string(): string {
    const start = this.position
    for (let at = start + 1; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at)
      if (code === 92) at++
      else if (code === 34) {
        this.position = at + 1
        return this.decode(start, at + 1)
      } else if (code < 32) {
        this.position = at
        throw this.error(
          `Illegal unquoted character ((CTRL-CHAR, code ${code})): has to be escaped using backslash to be included in string value`,
        )
      }
    }
    throw this.error('Unexpected end-of-input: was expecting closing quote for a string value')
  }

  private decode(start: number, end: number): string {
    try {
      return JSON.parse(this.text.slice(start, end)) as string
    } catch {
      const escaped = /\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})(.)/s.exec(this.text.slice(start, end))?.[1] ?? ''
      throw this.error(`Unrecognized character escape '${escaped}' (code ${escaped.charCodeAt(0)})`)
    }
  }

  private peek(inside?: 'Object' | 'Array' | 'Entry'): string {
    while (' \t\n\r'.includes(this.text[this.position] ?? '.')) this.position++
    const character = this.text[this.position]
    if (character !== undefined) return character
    if (inside === 'Entry') throw this.error('Unexpected end-of-input within/between Object entries')
    const wanted = inside ? `: expected close marker for ${inside}` : ''
    throw this.error(`Unexpected end-of-input${wanted}`)
  }

  private unexpected(wanted: string, where = ''): JsonSyntaxError {
    const character = this.text[this.position]
    if (character === undefined) return this.error(`Unexpected end-of-input${where}`)
    return this.error(`Unexpected character ('${character}' (code ${character.charCodeAt(0)}))${where}: ${wanted}`)
  }

  private error(message: string): JsonSyntaxError {
    return new JsonSyntaxError(message, this.position)
  }
}
