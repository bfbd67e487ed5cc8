/** What type the texts of a column have: the built-in classifier's few, or those that a custom classifier names. */
import { type InferredType, scalar, unknown } from './inferredTypes.ts'

type Test = (text: string) => boolean

const whole = /^[+-]?\d+$/
const isWithin = (bits: number): Test => {
  const limit = 2n ** BigInt(bits - 1)
  return (text) => whole.test(text) && BigInt(text) >= -limit && BigInt(text) < limit
}
const isFraction: Test = (text) =>
  /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) || /^(NaN|-?Infinity)$/.test(text)
const isDate: Test = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
const isTimestamp: Test = (text) =>
  /^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}:\d{2}(\.\d{1,9})?)?$/.test(text) && !Number.isNaN(Date.parse(text))

/** By Glue's name, narrowest first; `hive` is what the Catalog calls it. */
const tests: { glue: string; hive: string; test: Test }[] = [
  { glue: 'BOOLEAN', hive: 'boolean', test: (text) => /^(true|false)$/i.test(text) },
  { glue: 'SHORT', hive: 'smallint', test: isWithin(16) },
  { glue: 'INT', hive: 'int', test: isWithin(32) },
  { glue: 'LONG', hive: 'bigint', test: isWithin(64) },
  { glue: 'DECIMAL', hive: 'decimal', test: (text) => /^[+-]?\d{1,38}(\.\d+)?$/.test(text) },
  { glue: 'FLOAT', hive: 'float', test: isFraction },
  { glue: 'DOUBLE', hive: 'double', test: isFraction },
  { glue: 'DATE', hive: 'date', test: isDate },
  { glue: 'TIMESTAMP', hive: 'timestamp', test: isTimestamp },
]

export const datatypeNames: readonly string[] = [...tests.map(({ glue }) => glue), 'BINARY', 'STRING']

const builtIn = ['BOOLEAN', 'LONG', 'DOUBLE']

/** Unknown where all are empty; text where nothing narrower fits. */
export function narrowestType(texts: readonly string[], datatypes: readonly string[] = builtIn): InferredType {
  const values = texts.filter((text) => text !== '')
  if (values.length === 0) return unknown
  const fitting = tests.find(({ glue, test }) => datatypes.includes(glue) && values.every(test))
  if (!fitting) return scalar('string')
  return scalar(fitting.hive === 'decimal' ? decimalOf(values) : fitting.hive)
}

function decimalOf(values: readonly string[]): string {
  let [before, after] = [1, 0]
  for (const value of values) {
    const [digits = '', points = ''] = value.replace(/^[+-]/, '').split('.')
    before = Math.max(before, digits.length)
    after = Math.max(after, points.length)
  }
  return `decimal(${Math.min(38, before + after)},${after})`
}
