/** String functions. Positions begin at 0; lengths count code points. */
import type { FunctionLine } from './functionTable.ts'

export const textFunctions: readonly FunctionLine[] = [
  ['isempty(any): boolean', "($1 IS NULL OR $1 = '')", 'whether it is missing or empty'],
  [
    'isblank(any): boolean',
    "($1 IS NULL OR regexp_matches($1, '^\\s*$'))",
    'whether it is missing or only white space',
  ],
  ['concat(text…): text', 'concat($*)', 'the texts one after the other; what is missing is empty'],
  [
    'ltrim(text, text?): text',
    ([text, chars]) => trimSql('ltrim', text, chars),
    'without white space, or without these characters, at its left',
  ],
  ['rtrim(text, text?): text', ([text, chars]) => trimSql('rtrim', text, chars), 'the same at its right'],
  ['trim(text, text?): text', ([text, chars]) => trimSql('trim', text, chars), 'the same at both ends'],
  ['strlen(text): number', 'CAST(length($1) AS DOUBLE)', 'how many code points it has'],
  ['toupper(text): text', 'upper($1)', 'in upper case'],
  ['tolower(text): text', 'lower($1)', 'in lower case'],
  [
    'substr(text, number, number?): text',
    ([text, from, length]) =>
      length === undefined
        ? `substring(${text}, CAST(${from} AS BIGINT) + 1)`
        : `substring(${text}, CAST(${from} AS BIGINT) + 1, CAST(${length} AS BIGINT))`,
    'from a position on, to its end or so many code points',
  ],
  ['replace(text, text, text): text', 'replace($1, $2, $3)', 'with each second text replaced by the third'],
  [
    'strcontains(text, text): number',
    'CAST(CAST(contains($1, $2) AS INTEGER) AS DOUBLE)',
    '1 if the first contains the second, else 0',
  ],
]

/** AWS's example trims `xyZ` from `xyZfooxyZ`: the second text is a set of characters. */
function trimSql(name: string, text = '', chars?: string): string {
  return chars === undefined
    ? `${name}(${text}, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))`
    : `${name}(${text}, ${chars})`
}
