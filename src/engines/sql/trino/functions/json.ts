/** JSON functions that are plain calls (trino.io, "JSON functions and operators"); those with clauses are in jsonExpressions.ts. */
import { toJsonSql } from '../jsonCasts.ts'
import type { SqlType } from '../sqlTypes.ts'
import type { FunctionTable } from './table.ts'

const forms = (name: string, rest: string, text: string) =>
  [
    [`${name}(json${rest}`, text],
    [`${name}(varchar${rest}`, text],
  ] as const

export const jsonFunctions: FunctionTable = {
  kind: 'scalar',
  lines: [
    ...forms('is_json_scalar', '): boolean', 'igp_is_json_scalar($1)'),
    ...(['boolean', 'bigint', 'double', 'varchar'] as const).flatMap((type) => {
      const kind = `'${type}'` as const
      const value = toJsonSql('$2', { kind: type } as SqlType)
      return forms('json_array_contains', `, ${type}): boolean`, `igp_json_array_contains($1, ${value}, ${kind})`)
    }),
    ...forms('json_array_get', ', bigint): json', 'igp_json_array_get($1, $2)'),
    ...forms('json_array_length', '): bigint', 'igp_json_array_length($1)'),
    ...forms('json_extract', ', varchar): json', 'igp_json_extract($1, $2)'),
    ...forms('json_extract_scalar', ', varchar): varchar', 'igp_json_extract_scalar($1, $2)'),
    ...forms('json_size', ', varchar): bigint', 'igp_json_size($1, $2)'),
    ['json_format(json): varchar', '$1'],
    ['json_parse(varchar): json', 'igp_json_parse($1)'],
  ],
}
