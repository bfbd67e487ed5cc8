/** All functions by name, whatever its case: `isPresent` is `ispresent`. */
import { aggregateFunctions } from './aggregates.ts'
import { dateFunctions } from './dates.ts'
import { type FunctionLine, type FunctionSql, type Signature, signatureOf } from './functionTable.ts'
import { generalFunctions } from './general.ts'
import { numberFunctions } from './numbers.ts'
import { textFunctions } from './texts.ts'

export interface KnownFunction {
  signature: Signature
  sql: FunctionSql
  isAggregate: boolean
}

export const functionTables: readonly { title: string; lines: readonly FunctionLine[] }[] = [
  { title: 'Numbers', lines: numberFunctions },
  { title: 'Text', lines: textFunctions },
  { title: 'Times', lines: dateFunctions },
  { title: 'General, JSON, IP addresses', lines: generalFunctions },
  { title: 'Of `stats`', lines: aggregateFunctions },
]

const byName: ReadonlyMap<string, FunctionLine> = new Map(
  functionTables.flatMap(({ lines }) => lines.map((line) => [signatureOf(line[0]).name.toLowerCase(), line])),
)

export function functionNamed(name: string): KnownFunction | undefined {
  const line = byName.get(name.toLowerCase())
  return line && { signature: signatureOf(line[0]), sql: line[1], isAggregate: aggregateFunctions.includes(line) }
}
