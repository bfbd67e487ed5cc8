/** Regular expressions in Java's flavour, which JavaScript's is close to and DuckDB's is not (trino.io, "Regular expression functions"). */
import type { FunctionTable } from './table.ts'

export const regexFunctions: FunctionTable = {
  kind: 'scalar',
  lines: [
    ['regexp_like(varchar, varchar): boolean', 'igp_regexp_like($1, $2)'],
    ['regexp_count(varchar, varchar): bigint', 'igp_regexp_count($1, $2)'],
    ['regexp_extract(varchar, varchar): varchar', 'igp_regexp_extract($1, $2, 0)'],
    ['regexp_extract(varchar, varchar, bigint): varchar', 'igp_regexp_extract($1, $2, $3)'],
    ['regexp_extract_all(varchar, varchar): array(varchar)', 'igp_regexp_extract_all($1, $2, 0)'],
    ['regexp_extract_all(varchar, varchar, bigint): array(varchar)', 'igp_regexp_extract_all($1, $2, $3)'],
    ['regexp_position(varchar, varchar): integer', 'igp_regexp_position($1, $2, 1, 1)'],
    ['regexp_position(varchar, varchar, bigint): integer', 'igp_regexp_position($1, $2, $3, 1)'],
    ['regexp_position(varchar, varchar, bigint, bigint): integer', 'igp_regexp_position($1, $2, $3, $4)'],
    ['regexp_replace(varchar, varchar): varchar', "igp_regexp_replace($1, $2, '')"],
    ['regexp_replace(varchar, varchar, varchar): varchar', 'igp_regexp_replace($1, $2, $3)'],
    [
      'regexp_replace(varchar, varchar, function(array(varchar), varchar)): varchar',
      // The matches and what lies between them, put together again.
      ([text, pattern, replace]) =>
        `igp_interleave(igp_regexp_between(${text}, ${pattern}), list_transform(igp_regexp_groups(${text}, ${pattern}), ${replace}))`,
    ],
    ['regexp_split(varchar, varchar): array(varchar)', 'igp_regexp_split($1, $2)'],
  ],
}
