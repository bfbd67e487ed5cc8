/**
 * JSON values that keep their numbers as they were written: JavaScript's own parser would round big ones. Text comes out
 * as Trino writes it: no blanks, members in their order.
 */
import { NativeError } from './native.ts'

export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Json = null | boolean | string | JsonNumber | Json[] | Map<string, Json>

class Reader {
  #at = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  read(): Json {
    const value = this.#value(0)
    this.#blanks()
    if (this.#at < this.#text.length) throw new SyntaxError('text after the value')
    return value
  }

  #blanks(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++
  }

  #value(depth: number): Json {
    if (depth > 1000) throw new SyntaxError('nested too deeply')
    this.#blanks()
    const char = this.#text[this.#at]
    if (char === '{') return this.#object(depth)
    if (char === '[') return this.#array(depth)
    if (char === '"') return this.#string()
    const word = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y
    word.lastIndex = this.#at
    const match = word.exec(this.#text)
    if (!match) throw new SyntaxError('no value')
    this.#at += match[0].length
    if (match[0] === 'null') return null
    return match[0] === 'true' ? true : match[0] === 'false' ? false : new JsonNumber(match[0])
  }

  #string(): string {
    // A control character in it is found by JSON.parse.
    const text = /"(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y
    text.lastIndex = this.#at
    const match = text.exec(this.#text)
    if (!match) throw new SyntaxError('no string')
    this.#at += match[0].length
    return JSON.parse(match[0]) as string
  }

  #array(depth: number): Json[] {
    const items: Json[] = []
    this.#at++
    this.#blanks()
    if (this.#text[this.#at] === ']') {
      this.#at++
      return items
    }
    for (;;) {
      items.push(this.#value(depth + 1))
      if (this.#separator(']')) return items
    }
  }

  #object(depth: number): Map<string, Json> {
    const members = new Map<string, Json>()
    this.#at++
    this.#blanks()
    if (this.#text[this.#at] === '}') {
      this.#at++
      return members
    }
    for (;;) {
      this.#blanks()
      const key = this.#string()
      this.#blanks()
      if (this.#text[this.#at++] !== ':') throw new SyntaxError('no colon')
      members.set(key, this.#value(depth + 1))
      if (this.#separator('}')) return members
    }
  }

  /** Past a comma, or past the end (true). */
  #separator(close: string): boolean {
    this.#blanks()
    const char = this.#text[this.#at++]
    if (char === close) return true
    if (char !== ',') throw new SyntaxError('no separator')
    return false
  }
}

/** Undefined where the text is no JSON. */
export function readJson(text: string): Json | undefined {
  try {
    return new Reader(text).read()
  } catch {
    return undefined
  }
}

export function mustReadJson(text: string): Json {
  const value = readJson(text)
  if (value === undefined) throw new NativeError('INVALID_FUNCTION_ARGUMENT', `Cannot convert value to JSON: '${text}'`)
  return value
}

export function writeJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof JsonNumber) return numberText(value.text)
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`
  return `{${[...value].map(([key, member]) => `${JSON.stringify(key)}:${writeJson(member)}`).join(',')}}`
}

/** As a value of type json is written: the members of objects in the order of their names. */
export function writeSorted(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(writeSorted).join(',')}]`
  if (!(value instanceof Map)) return writeJson(value)
  const members = [...value].sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${writeSorted(member)}`).join(',')}}`
}

/** A fraction or an exponent makes it a double, printed as Jackson prints doubles. */
function numberText(text: string): string {
  if (!/[.eE]/.test(text)) return text === '-0' ? '0' : text
  const value = Number(text)
  const size = Math.abs(value)
  if (!Number.isFinite(value)) return text
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
    return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`
  }
  const plain = String(value)
  return plain.includes('.') ? plain : `${plain}.0`
}
