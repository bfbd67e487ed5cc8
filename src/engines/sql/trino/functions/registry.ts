/** All functions by name; a name's signatures are read when it is first called. */
import { parseSignature, type Signature } from '../signatures.ts'
import { aggregateFunctions } from './aggregates.ts'
import { arrayFunctions } from './arrays.ts'
import { binaryFunctions } from './binary.ts'
import { dateFunctions } from './dates.ts'
import { jsonFunctions } from './json.ts'
import { mapFunctions } from './maps.ts'
import { mathFunctions } from './math.ts'
import { regexFunctions } from './regex.ts'
import { type FunctionLine, type FunctionTable, type FunctionText, nameOf, type ResultType } from './table.ts'
import { textFunctions } from './text.ts'
import { windowFunctions } from './windowFunctions.ts'

export interface KnownFunction {
  kind: FunctionTable['kind']
  lines: readonly { signature: Signature; source: string; text: FunctionText; result?: ResultType }[]
}

const tables = [
  mathFunctions,
  textFunctions,
  regexFunctions,
  dateFunctions,
  binaryFunctions,
  arrayFunctions,
  mapFunctions,
  jsonFunctions,
  aggregateFunctions,
  windowFunctions,
]

/** Where each name's lines are; a name's lines may come from several tables (`reverse` of text, of bytes, of arrays). */
const byName: ReadonlyMap<string, { kind: FunctionTable['kind']; lines: FunctionLine[] }> = tables.reduce(
  (known, table) => {
    for (const line of table.lines) {
      const name = nameOf(line[0])
      const found = known.get(name)
      if (found) found.lines.push(line)
      else known.set(name, { kind: table.kind, lines: [line] })
    }
    return known
  },
  new Map<string, { kind: FunctionTable['kind']; lines: FunctionLine[] }>(),
)

export function functionNamed(name: string): KnownFunction | undefined {
  const found = byName.get(name)
  return (
    found && {
      kind: found.kind,
      lines: found.lines.map(([source, text, result]) => ({
        source,
        text,
        signature: parseSignature(source),
        ...(result && { result }),
      })),
    }
  )
}

/** Trino's functions that have no counterpart here: refused by name, not unknown. */
const absent = new Set(
  `bing_tile bing_tile_at bing_tile_coordinates classifier features learn_classifier learn_regressor make_set_digest
  map_union_sum merge_set_digest qdigest_agg quantile_at_value regress render
  simplify_geometry st_area st_contains st_distance st_point timezone_offset
  approx_most_frequent_agg color rgb bar truncate_number`.split(/\s+/),
)

export function isAbsent(name: string): boolean {
  return absent.has(name)
}

/** Every function's signatures: what is supported, for documents and SHOW FUNCTIONS. */
export function allSignatures(): { kind: FunctionTable['kind']; signature: string }[] {
  return tables.flatMap((table) => table.lines.map(([signature]) => ({ kind: table.kind, signature })))
}
