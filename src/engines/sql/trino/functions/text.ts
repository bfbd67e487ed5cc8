/** Text functions and operators, URLs, and the like (trino.io, "String functions", "URL functions"). */
import { type SqlType, varchar } from '../sqlTypes.ts'
import type { FunctionTable } from './table.ts'

/** A text's greatest length, where it has one. */
export const lengthOf = (type: SqlType | undefined) => (type?.kind === 'varchar' ? type.length : undefined)

/** At its longest each character, and the end, has the replacement before it. */
function replacedLength([text, , replacement]: readonly SqlType[]): SqlType {
  const [x, z] = [lengthOf(text), lengthOf(replacement)]
  return x === undefined || z === undefined ? varchar() : varchar(x + z * (x + 1))
}

/** Four bytes a character, three characters a byte. */
function encodedLength([text]: readonly SqlType[]): SqlType {
  const length = lengthOf(text)
  return length === undefined ? varchar() : varchar(length * 12)
}

const dataSize = 'CAST(igp_parse_data_size($1) AS DECIMAL(38,0))'

export const textFunctions: FunctionTable = {
  kind: 'scalar',
  lines: [
    ['chr(bigint): varchar(1)', 'igp_chr($1)'],
    ['codepoint(varchar(1)): integer', 'ord($1)'],
    [
      'concat_ws(varchar, array(varchar)): varchar',
      'CASE WHEN $1 IS NOT NULL THEN array_to_string(list_filter($2, lambda x: x IS NOT NULL), $1) END',
    ],
    [
      'concat_ws(varchar, varchar…): varchar',
      ([separator, ...parts]) =>
        `CASE WHEN ${separator} IS NOT NULL THEN concat_ws(${[separator, ...parts].join(', ')}) END`,
    ],
    ['from_utf8(varbinary): varchar', 'igp_from_utf8($1)'],
    ['from_utf8(varbinary, varchar): varchar', 'igp_from_utf8_with($1, $2)'],
    ['from_utf8(varbinary, bigint): varchar', 'igp_from_utf8_with($1, chr(CAST($2 AS INTEGER)))'],
    ['hamming_distance(varchar, varchar): bigint', 'igp_hamming($1, $2)'],
    ['length(varchar): bigint', 'length($1)'],
    ['length(varbinary): bigint', 'CAST(octet_length($1) AS BIGINT)'],
    ['levenshtein_distance(varchar, varchar): bigint', 'igp_levenshtein($1, $2)'],
    ['lower(varchar(x)): varchar(x)', 'igp_lower($1)'],
    ['upper(varchar(x)): varchar(x)', 'igp_upper($1)'],
    ['lpad(varchar, bigint, varchar): varchar', 'igp_lpad($1, $2, $3)'],
    ['rpad(varchar, bigint, varchar): varchar', 'igp_rpad($1, $2, $3)'],
    ['lpad(varbinary, bigint, varbinary): varbinary', 'igp_lpad_binary($1, $2, $3)'],
    ['rpad(varbinary, bigint, varbinary): varbinary', 'igp_rpad_binary($1, $2, $3)'],
    ['ltrim(varchar(x)): varchar(x)', 'igp_trim($1, true, false)'],
    ['rtrim(varchar(x)): varchar(x)', 'igp_trim($1, false, true)'],
    ['trim(varchar(x)): varchar(x)', 'igp_trim($1, true, true)'],
    ['ltrim(varchar(x), varchar): varchar(x)', 'ltrim($1, $2)'],
    ['rtrim(varchar(x), varchar): varchar(x)', 'rtrim($1, $2)'],
    ['trim(varchar(x), varchar): varchar(x)', 'trim($1, $2)'],
    ['luhn_check(varchar): boolean', 'igp_luhn_check($1)'],
    ['normalize(varchar, varchar): varchar', 'igp_normalize($1, $2)'],
    ['position(varchar, varchar): bigint', 'strpos($2, $1)'],
    ['replace(varchar(x), varchar): varchar(x)', "replace($1, $2, '')"],
    ['replace(varchar, varchar, varchar): varchar', 'igp_replace($1, $2, $3)', replacedLength],
    ['reverse(varchar(x)): varchar(x)', 'igp_reverse($1)'],
    ['reverse(varbinary): varbinary', 'igp_reverse_binary($1)'],
    ['soundex(varchar): varchar(4)', 'igp_soundex($1)'],
    ['split(varchar(x), varchar): array(varchar(x))', 'igp_split($1, $2)'],
    ['split(varchar(x), varchar, bigint): array(varchar(x))', 'igp_split_limit($1, $2, $3)'],
    ['split_part(varchar(x), varchar, bigint): varchar(x)', 'igp_split_part($1, $2, $3)'],
    [
      'split_to_map(varchar, varchar, varchar): map(varchar,varchar)',
      'map(igp_split_keys($1, $2, $3), igp_split_values($1, $2, $3))',
    ],
    ['split_to_multimap(varchar, varchar, varchar): map(varchar,array(varchar))', 'igp_split_to_multimap($1, $2, $3)'],
    ['starts_with(varchar, varchar): boolean', 'starts_with($1, $2)'],
    ['strpos(varchar, varchar): bigint', 'strpos($1, $2)'],
    ['strpos(varchar, varchar, bigint): bigint', 'igp_strpos($1, $2, $3)'],
    ['strrpos(varchar, varchar): bigint', 'igp_strpos($1, $2, -1)'],
    ['substr(varchar(x), bigint): varchar(x)', 'igp_substr2($1, $2)'],
    ['substr(varchar(x), bigint, bigint): varchar(x)', 'igp_substr3($1, $2, $3)'],
    ['substring(varchar(x), bigint): varchar(x)', 'igp_substr2($1, $2)'],
    ['substring(varchar(x), bigint, bigint): varchar(x)', 'igp_substr3($1, $2, $3)'],
    ['substr(varbinary, bigint): varbinary', 'igp_substr_binary($1, $2, -1)'],
    ['substr(varbinary, bigint, bigint): varbinary', 'igp_substr_binary($1, $2, $3)'],
    ['substring(varbinary, bigint): varbinary', 'igp_substr_binary($1, $2, -1)'],
    ['substring(varbinary, bigint, bigint): varbinary', 'igp_substr_binary($1, $2, $3)'],
    ['to_utf8(varchar): varbinary', 'encode($1)'],
    ['translate(varchar, varchar, varchar): varchar', 'translate($1, $2, $3)'],
    ['word_stem(varchar(x)): varchar(x)', "igp_word_stem($1, 'en')"],
    ['word_stem(varchar(x), varchar): varchar(x)', 'igp_word_stem($1, $2)'],
    ['format_number(bigint): varchar', 'igp_format_number(CAST($1 AS DOUBLE))'],
    ['format_number(double): varchar', 'igp_format_number($1)'],
    ['human_readable_seconds(double): varchar', 'igp_readable_seconds($1)'],
    ['parse_data_size(varchar): decimal(38,0)', dataSize],
    ['parse_presto_data_size(varchar): decimal(38,0)', dataSize],
    ['uuid(): uuid', 'uuid()'],
    ['version(): varchar', "'Athena engine version 3'"],
    ['url_extract_fragment(varchar(x)): varchar(x)', "igp_url_part($1, 'fragment')"],
    ['url_extract_host(varchar(x)): varchar(x)', "igp_url_part($1, 'host')"],
    ['url_extract_path(varchar(x)): varchar(x)', "igp_url_part($1, 'path')"],
    ['url_extract_protocol(varchar(x)): varchar(x)', "igp_url_part($1, 'protocol')"],
    ['url_extract_query(varchar(x)): varchar(x)', "igp_url_part($1, 'query')"],
    ['url_extract_port(varchar): bigint', "CAST(igp_url_part($1, 'port') AS BIGINT)"],
    ['url_extract_parameter(varchar(x), varchar): varchar(x)', 'igp_url_parameter($1, $2)'],
    ['url_encode(varchar): varchar', 'igp_url_encode($1)', encodedLength],
    ['url_decode(varchar(x)): varchar(x)', 'igp_url_decode($1)'],
  ],
}
