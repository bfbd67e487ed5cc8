/**
 * JSON text, read for its types alone, so that `1.0` stays a double and a number of twenty digits is not rounded.
 * Records are the text's values one after the other, on lines or not; a text that is one array is one record with one
 * column, `array`, unless a JSON path (`$[*]`) says what a record is.
 */
import type { FileSchema, Sample } from './fileSchema.ts'
import { type InferredColumn, type InferredType, mergedColumns, mergedType, scalar, unknown } from './inferredTypes.ts'

/** A value's types as they stand, arrays not merged yet: a path may step into them. */
type Tree =
  | { kind: 'scalar'; type: InferredType }
  | { kind: 'array'; items: Tree[] }
  | { kind: 'object'; fields: [string, Tree][] }

/** Undefined where it is no JSON. */
export function jsonSchema(sample: Sample, compression: string, jsonPath?: string): FileSchema | undefined {
  const text = sample.bytes.toString('utf8').replace(/^\uFEFF/, '')
  const reader = new Reader(text)
  const { values, end } = valuesOf(reader, sample.isWhole)
  if (values.length === 0) return undefined
  const records = jsonPath === undefined ? values : values.flatMap((value) => selected(value, stepsOf(jsonPath)))
  const columns = columnsOf(records)
  if (columns.length === 0) return undefined
  const names = columns.map(({ name }) => name).toSorted()
  return {
    classification: 'json',
    compression,
    columns: lowered(columns),
    serde: 'json',
    serdeParameters: { paths: names.join(',') },
    parameters: jsonPath === undefined ? {} : { jsonPath },
    recordBytes: Math.max(1, Math.floor(Buffer.byteLength(text.slice(0, end)) / Math.max(records.length, 1))),
  }
}

/** Names that differ by case alone are one column. */
function lowered(columns: readonly InferredColumn[]): InferredColumn[] {
  return columns
    .map(({ name, type }) => [{ name: name.toLowerCase(), type }])
    .reduce<InferredColumn[]>((merged, one) => mergedColumns(merged, one), [])
}

/** A value that the end of the sample cuts is left out; any other that cannot be read means that this is no JSON. */
function valuesOf(reader: Reader, isWhole: boolean): { values: Tree[]; end: number } {
  const values: Tree[] = []
  let end = 0
  reader.skip(between)
  while (!reader.isAtEnd) {
    try {
      values.push(reader.value())
      end = reader.at
    } catch (error) {
      if (!(error instanceof NotJson)) throw error
      const cut = reader.cutArray
      if (isWhole || !error.isAtEnd) return { values: [], end: 0 }
      return values.length === 0 && cut ? { values: [cut], end: reader.text.length } : { values, end }
    }
    reader.skip(between)
  }
  return { values, end: reader.text.length }
}

function columnsOf(records: readonly Tree[]): InferredColumn[] {
  let columns: InferredColumn[] = []
  for (const record of records) {
    if (record.kind === 'scalar') return []
    const type = settled(record)
    columns = mergedColumns(columns, type.kind === 'struct' ? type.fields : [{ name: 'array', type }])
  }
  return columns
}

function settled(tree: Tree): InferredType {
  if (tree.kind === 'scalar') return tree.type
  if (tree.kind === 'array') return { kind: 'array', element: tree.items.map(settled).reduce(mergedType, unknown) }
  return { kind: 'struct', fields: tree.fields.map(([name, value]) => ({ name, type: settled(value) })) }
}

type Step = { name: string } | 'all' | { index: number }

/** `$.a.b`, `$['a']`, `$[*]`, `$.a[0]`: what Glue's JSON classifiers know. */
export function stepsOf(path: string): Step[] {
  const steps: Step[] = []
  const form = /\.(?:(\*)|([^.[\]]+))|\[(?:(\*)|(\d+)|'([^']*)'|"([^"]*)")\]/y
  form.lastIndex = path.startsWith('$') ? 1 : 0
  while (form.lastIndex < path.length) {
    const match = form.exec(path)
    if (!match) throw new Error(`The JSON path ${path} cannot be read.`)
    const [, star, name, all, index, single, double] = match
    if (star || all) steps.push('all')
    else if (index !== undefined) steps.push({ index: Number(index) })
    else steps.push({ name: name ?? single ?? double ?? '' })
  }
  return steps
}

function selected(tree: Tree, steps: readonly Step[]): Tree[] {
  const [step, ...rest] = steps
  if (step === undefined) return [tree]
  if (step === 'all') {
    const inner =
      tree.kind === 'array' ? tree.items : tree.kind === 'object' ? tree.fields.map(([, value]) => value) : []
    return inner.flatMap((value) => selected(value, rest))
  }
  if ('index' in step)
    return tree.kind === 'array' ? tree.items.slice(step.index, step.index + 1).flatMap((v) => selected(v, rest)) : []
  if (tree.kind === 'array') return tree.items.flatMap((value) => selected(value, steps))
  if (tree.kind !== 'object') return []
  return tree.fields.filter(([name]) => name === step.name).flatMap(([, value]) => selected(value, rest))
}

const blanks = /\s*/y
const between = /[\s,]*/y
const plainWord = /[^\s,\]}:"{[]+/y
const quotedText = /"[^"\\]*(?:\\.[^"\\]*)*"/sy

class NotJson extends Error {
  readonly isAtEnd: boolean

  constructor(isAtEnd: boolean) {
    super('no JSON')
    this.isAtEnd = isAtEnd
  }
}

const depthMax = 200

class Reader {
  readonly text: string
  at = 0
  /** The items that were whole of an outermost array that the sample's end cut. */
  cutArray: Tree | undefined
  #depth = 0

  constructor(text: string) {
    this.text = text
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  skip(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? ''
    this.at += found.length
    return found
  }

  value(): Tree {
    this.skip(blanks)
    const sign = this.text[this.at]
    if (sign === '{') return this.#nested(() => this.#object())
    if (sign === '[') return this.#nested(() => this.#array())
    if (sign === '"') {
      this.#string()
      return { kind: 'scalar', type: scalar('string') }
    }
    const word = this.skip(plainWord)
    if (this.isAtEnd && this.#depth > 0) throw new NotJson(true)
    return { kind: 'scalar', type: wordType(word) }
  }

  #nested(read: () => Tree): Tree {
    this.#depth += 1
    if (this.#depth > depthMax) throw new NotJson(false)
    const tree = read()
    this.#depth -= 1
    return tree
  }

  #object(): Tree {
    const fields = new Map<string, Tree>()
    this.at += 1
    this.skip(blanks)
    while (!this.#take('}')) {
      const name = this.#string()
      this.skip(blanks)
      this.#must(':')
      fields.set(name, this.value())
      this.skip(blanks)
      if (!this.#take(',') && this.text[this.at] !== '}') throw new NotJson(this.isAtEnd)
      this.skip(blanks)
    }
    return { kind: 'object', fields: [...fields] }
  }

  #array(): Tree {
    const items: Tree[] = []
    if (this.#depth === 1) this.cutArray = { kind: 'array', items }
    this.at += 1
    this.skip(blanks)
    while (!this.#take(']')) {
      items.push(this.value())
      this.skip(blanks)
      if (!this.#take(',') && this.text[this.at] !== ']') throw new NotJson(this.isAtEnd)
      this.skip(blanks)
    }
    return { kind: 'array', items }
  }

  #string(): string {
    const found = this.skip(quotedText)
    if (found === '')
      throw new NotJson(this.isAtEnd || (this.text[this.at] === '"' && !/"/.test(this.text.slice(this.at + 1))))
    return found.includes('\\') ? unescaped(found) : found.slice(1, -1)
  }

  #take(sign: string): boolean {
    if (this.text[this.at] !== sign) return false
    this.at += 1
    return true
  }

  #must(sign: string): void {
    if (!this.#take(sign)) throw new NotJson(this.isAtEnd)
  }
}

function unescaped(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    throw new NotJson(false)
  }
}

function wordType(word: string): InferredType {
  if (word === 'null') return unknown
  if (word === 'true' || word === 'false') return scalar('boolean')
  if (/^-?\d+$/.test(word)) {
    const number = BigInt(word)
    return scalar(
      BigInt.asIntN(32, number) === number ? 'int' : BigInt.asIntN(64, number) === number ? 'bigint' : 'double',
    )
  }
  if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(word)) return scalar('double')
  throw new NotJson(false)
}
