/** Regular expressions in Java's flavour, which JavaScript's is close to and DuckDB's is not (trino.io, "Regular expression functions"). */
import { type SqlType, varchar } from '../sqlTypes.ts'
import type { FunctionTable } from './table.ts'
import { lengthOf } from './text.ts'

/** As long as Trino thinks that a replacement full of groups may grow. */
function replacedLength([text, , replacement]: readonly SqlType[]): SqlType {
  const [x, y] = [lengthOf(text), lengthOf(replacement)]
  if (x === undefined || y === undefined) return varchar()
  return varchar(x + Math.floor(Math.max((x * y) / 2, y)) * (x + 1))
}

export const regexFunctions: FunctionTable = {
  kind: 'scalar',
  lines: [
    ['regexp_like(varchar, varchar): boolean', 'igp_regexp_like($1, $2)'],
    ['regexp_count(varchar, varchar): bigint', 'igp_regexp_count($1, $2)'],
    ['regexp_extract(varchar(x), varchar): varchar(x)', 'igp_regexp_extract($1, $2, 0)'],
    ['regexp_extract(varchar(x), varchar, bigint): varchar(x)', 'igp_regexp_extract($1, $2, $3)'],
    ['regexp_extract_all(varchar(x), varchar): array(varchar(x))', 'igp_regexp_extract_all($1, $2, 0)'],
    ['regexp_extract_all(varchar(x), varchar, bigint): array(varchar(x))', 'igp_regexp_extract_all($1, $2, $3)'],
    ['regexp_position(varchar, varchar): integer', 'igp_regexp_position($1, $2, 1, 1)'],
    ['regexp_position(varchar, varchar, bigint): integer', 'igp_regexp_position($1, $2, $3, 1)'],
    ['regexp_position(varchar, varchar, bigint, bigint): integer', 'igp_regexp_position($1, $2, $3, $4)'],
    ['regexp_replace(varchar(x), varchar): varchar(x)', "igp_regexp_replace($1, $2, '')"],
    ['regexp_replace(varchar, varchar, varchar): varchar', 'igp_regexp_replace($1, $2, $3)', replacedLength],
    [
      'regexp_replace(varchar, varchar, function(array(varchar), varchar)): varchar',
      // The matches and what lies between them, put together again.
      ([text, pattern, replace]) =>
        `igp_interleave(igp_regexp_between(${text}, ${pattern}), list_transform(igp_regexp_groups(${text}, ${pattern}), ${replace}))`,
    ],
    ['regexp_split(varchar(x), varchar): array(varchar(x))', 'igp_regexp_split($1, $2)'],
  ],
}
