/** Trino's functions that we run, each as DuckDB says it. What is not here is refused by name. */
import { quoteText } from '../cursor.ts'
import type { Fragment, FunctionCall, FunctionRule, Translation } from '../dialect.ts'
import { wrongArguments } from '../functionCalls.ts'
import { notSupported, SqlError } from '../sqlError.ts'
import { trinoDateFunctions } from './athenaDates.ts'

const same = (...names: string[]): Record<string, FunctionRule> =>
  Object.fromEntries(names.map((name) => [name, `${name}($*)`]))
const aggregate = (...names: string[]): Record<string, FunctionRule> =>
  Object.fromEntries(names.map((name) => [name, `${name}{$*}`]))

const aggregates: Record<string, FunctionRule> = {
  ...aggregate(
    'count',
    'sum',
    'bool_and',
    'bool_or',
    'stddev',
    'stddev_pop',
    'stddev_samp',
    'var_pop',
    'var_samp',
    'variance',
    'covar_pop',
    'covar_samp',
    'regr_slope',
    'regr_intercept',
    'skewness',
    'count_if',
  ),
  min: { 1: 'min{$1}', 2: 'list_sort(min{$1, $2})' },
  max: { 1: 'max{$1}', 2: 'max{$1, $2}' },
  // The average of decimals is a decimal of the same scale; the median's type tells which arguments those are.
  avg: { 1: 'cast_to_type(avg{$1}, list_median([sum{$1}]))' },
  corr: { 2: 'CASE WHEN NOT isnan(corr{$1, $2}) THEN corr{$1, $2} END' },
  every: 'bool_and{$1}',
  arbitrary: 'any_value{$1}',
  any_value: 'any_value{$1}',
  array_agg: 'list{$1}',
  // Trino estimates; the exact number is within its error.
  approx_distinct: { 1: 'count{DISTINCT $1}', 2: 'count{DISTINCT $1}' },
  approx_percentile: { 2: 'cast_to_type(quantile_cont{$1, $2}, any_value{$1})' },
  max_by: { 2: 'arg_max_null{$1, $2}' },
  min_by: { 2: 'arg_min_null{$1, $2}' },
  map_agg: 'map_from_entries(list{DISTINCT struct_pack(k := $1, v := $2)})',
  histogram: 'histogram{$1}',
  listagg: { 1: "string_agg{$1, ''}", 2: 'string_agg{$1, $2}' },
  bitwise_and_agg: 'CAST(bit_and{$1} AS BIGINT)',
  bitwise_or_agg: 'CAST(bit_or{$1} AS BIGINT)',
  geometric_mean: 'geomean{$1}',
  kurtosis: 'kurtosis{$1}',
  grouping: 'CAST(grouping($*) AS INTEGER)',
}

const windows: Record<string, FunctionRule> = {
  ...aggregate(
    'row_number',
    'rank',
    'dense_rank',
    'percent_rank',
    'cume_dist',
    'ntile',
    'first_value',
    'last_value',
    'nth_value',
    'lag',
    'lead',
  ),
}

const mathematics: Record<string, FunctionRule> = {
  ...same(
    'abs',
    'sqrt',
    'cbrt',
    'exp',
    'ln',
    'log2',
    'log10',
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
    'atan2',
    'sinh',
    'cosh',
    'tanh',
    'degrees',
    'radians',
    'pi',
  ),
  ceil: 'cast_to_type(ceil($1), $1)',
  ceiling: 'cast_to_type(ceil($1), $1)',
  floor: 'cast_to_type(floor($1), $1)',
  round: { 1: 'cast_to_type(round($1), $1)', 2: 'cast_to_type(round($1, CAST($2 AS INTEGER)), $1)' },
  truncate: { 1: 'cast_to_type(trunc($1), $1)' },
  sign: 'cast_to_type(sign($1), $1)',
  mod: { 2: 'igp_mod($1, $2)' },
  power: 'power(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE))',
  pow: 'power(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE))',
  log: { 2: '(ln($2) / ln($1))' },
  e: { 0: 'exp(1e0)' },
  rand: { 0: 'random()', 1: 'CAST(floor(random() * $1) AS INTEGER)' },
  random: { 0: 'random()', 1: 'CAST(floor(random() * $1) AS INTEGER)' },
  infinity: { 0: "CAST('inf' AS DOUBLE)" },
  is_nan: 'isnan(CAST($1 AS DOUBLE))',
  is_infinite: 'isinf(CAST($1 AS DOUBLE))',
  is_finite: 'isfinite(CAST($1 AS DOUBLE))',
  bitwise_and: '(CAST($1 AS BIGINT) & CAST($2 AS BIGINT))',
  bitwise_or: '(CAST($1 AS BIGINT) | CAST($2 AS BIGINT))',
  bitwise_xor: 'xor(CAST($1 AS BIGINT), CAST($2 AS BIGINT))',
  bitwise_not: '(~CAST($1 AS BIGINT))',
  greatest: (call) =>
    nullIfAny(
      'greatest',
      call.args.map((arg) => arg.sql),
    ),
  least: (call) =>
    nullIfAny(
      'least',
      call.args.map((arg) => arg.sql),
    ),
}

function nullIfAny(name: string, args: string[]): string {
  const anyNull = args.map((arg) => `(${arg}) IS NULL`).join(' OR ')
  return `CASE WHEN ${anyNull} THEN NULL ELSE ${name}(${args.join(', ')}) END`
}

const texts: Record<string, FunctionRule> = {
  ...same('lower', 'upper', 'length', 'chr', 'starts_with', 'concat_ws', 'translate', 'replace', 'to_base64'),
  concat: (call) => `(${call.args.map((arg) => arg.sql).join(' || ')})`,
  replace: { 2: "replace($1, $2, '')", 3: 'replace($1, $2, $3)' },
  reverse: (call, t) => `${isList(call.args[0], t) ? 'list_reverse' : 'reverse'}(${call.args[0]?.sql})`,
  substr: { 2: 'igp_substr2($1, $2)', 3: 'igp_substr3($1, $2, $3)' },
  strpos: { 2: 'instr($1, $2)' },
  split: { 2: 'string_split($1, $2)' },
  split_part: { 3: 'igp_split_part($1, $2, $3)' },
  ltrim: { 1: "ltrim($1, ' \t\n\r\f\v')", 2: 'ltrim($1, $2)' },
  rtrim: { 1: "rtrim($1, ' \t\n\r\f\v')", 2: 'rtrim($1, $2)' },
  lpad: { 3: 'lpad($1, CAST($2 AS INTEGER), $3)' },
  rpad: { 3: 'rpad($1, CAST($2 AS INTEGER), $3)' },
  codepoint: 'unicode($1)',
  levenshtein_distance: 'levenshtein($1, $2)',
  hamming_distance: 'hamming($1, $2)',
  regexp_like: { 2: 'regexp_matches($1, $2)' },
  regexp_extract: (call) => {
    const [text, pattern, group] = call.args
    // RE2 gives an empty text, not NULL, for a group that took no part in the match.
    if (group && group.sql !== '0' && /\)[?*]|\)\{0/.test(pattern?.literal?.text ?? ''))
      throw notSupported('regexp_extract with an optional group', call.at)
    return `igp_regexp_extract(${text?.sql}, ${pattern?.sql}, ${group?.sql ?? 0})`
  },
  regexp_extract_all: { 2: 'regexp_extract_all($1, $2)', 3: 'regexp_extract_all($1, $2, $3)' },
  regexp_replace: (call) => {
    const [text, pattern, replacement] = call.args
    const literal = replacement?.literal
    if (replacement && literal?.kind !== 'string')
      return `regexp_replace(${text?.sql}, ${pattern?.sql}, replace(${replacement.sql}, '$', '\\'), 'g')`
    const to = (literal?.text ?? '')
      .replace(/\\(.)|\$(\d)/g, (_, escaped: string, digit: string) =>
        digit ? `\\${digit}` : escaped === '\\' ? '\\\\' : escaped,
      )
      .replaceAll("'", "''")
    return `regexp_replace(${text?.sql}, ${pattern?.sql}, '${to}', 'g')`
  },
  regexp_split: { 2: 'string_split_regex($1, $2)' },
  regexp_count: { 2: 'CAST(len(regexp_extract_all($1, $2)) AS BIGINT)' },
  to_utf8: 'encode($1)',
  from_utf8: { 1: 'decode($1)' },
  to_hex: 'hex($1)',
  from_hex: 'unhex($1)',
  from_base64: 'from_base64($1)',
  md5: 'unhex(md5($1))',
  sha1: 'unhex(sha1($1))',
  sha256: 'unhex(sha256($1))',
  normalize: { 1: 'nfc_normalize($1)' },
  url_encode: "replace(url_encode($1), '%20', '+')",
  url_decode: "url_decode(replace($1, '+', ' '))",
  uuid: { 0: 'gen_random_uuid()' },
}

const conditionals: Record<string, FunctionRule> = {
  ...same('coalesce', 'nullif'),
  if: { 2: 'CASE WHEN $1 THEN $2 END', 3: 'CASE WHEN $1 THEN $2 ELSE $3 END' },
}

const json: Record<string, FunctionRule> = {
  json_extract: (call) => `igp_json_extract(${call.args[0]?.sql}, ${jsonPath(call)})`,
  json_extract_scalar: (call) => `igp_json_scalar(${call.args[0]?.sql}, ${jsonPath(call)})`,
  json_parse: 'json($1)',
  json_format: 'CAST($1 AS VARCHAR)',
  json_array_length: 'json_array_length(CAST($1 AS JSON))',
  json_size: (call) => `igp_json_size(json_extract(CAST(${call.args[0]?.sql} AS JSON), ${jsonPath(call)}))`,
  is_json_scalar: "(json_type(CAST($1 AS JSON)) NOT IN ('OBJECT', 'ARRAY'))",
}

/** DuckDB's paths are Trino's, but for quoted members; wildcards, which Trino refuses here, would give lists. */
function jsonPath(call: FunctionCall): string {
  const path = call.args[1]
  if (!path) throw wrongArguments(call)
  if (path.literal?.kind !== 'string') return path.sql
  const text = path.literal.text
  if (/\*|\.\./.test(text)) throw new SqlError(`Invalid JSON path: '${text}'`, call.at, 'INVALID_FUNCTION_ARGUMENT')
  const members = text.replace(/\[(["'])((?:(?!\1).)*)\1\]/g, (_, _quote: string, member: string) => `."${member}"`)
  return quoteText(members.startsWith('$') ? members : `$.${members}`)
}

const collections: Record<string, FunctionRule> = {
  cardinality: (call, t) => `CAST(${isMap(call.args[0], t) ? 'cardinality' : 'len'}(${call.args[0]?.sql}) AS BIGINT)`,
  contains: 'igp_contains($1, $2)',
  array_join: { 2: 'array_to_string($1, $2)' },
  array_distinct: 'igp_distinct($1)',
  array_sort: { 1: 'igp_sort($1)' },
  array_max: 'CASE WHEN len(list_filter($1, lambda e: e IS NULL)) = 0 THEN list_max($1) END',
  array_min: 'CASE WHEN len(list_filter($1, lambda e: e IS NULL)) = 0 THEN list_min($1) END',
  array_position: 'CAST(coalesce(list_position($1, $2), 0) AS BIGINT)',
  array_remove: 'list_filter($1, lambda e: e IS DISTINCT FROM $2)',
  array_union: 'igp_distinct(list_concat($1, $2))',
  array_intersect: 'igp_distinct(list_filter($1, lambda e: list_contains($2, e)))',
  array_except: 'igp_distinct(list_filter($1, lambda e: NOT list_contains($2, e)))',
  arrays_overlap: 'list_has_any($1, $2)',
  slice: 'igp_slice($1, $2, $3)',
  flatten: 'flatten($1)',
  repeat: 'list_transform(range($2), lambda e: $1)',
  sequence: (call) => {
    const [from, to, step] = call.args
    if (!step && from?.kind !== 'date')
      return `generate_series(${from?.sql}, ${to?.sql}, CASE WHEN ${from?.sql} <= ${to?.sql} THEN 1 ELSE -1 END)`
    if (step?.kind === 'interval' || from?.kind === 'date') {
      const by = step?.sql ?? "INTERVAL '1 day'"
      return `list_transform(generate_series(CAST(${from?.sql} AS TIMESTAMP), CAST(${to?.sql} AS TIMESTAMP), ${by}), lambda e: cast_to_type(e, ${from?.sql}))`
    }
    return `generate_series(${from?.sql}, ${to?.sql}, ${step?.sql})`
  },
  filter: 'list_filter($1, $2)',
  transform: 'list_transform($1, $2)',
  any_match: 'igp_contains(list_transform($1, $2), TRUE)',
  all_match: '(NOT igp_contains(list_transform($1, $2), FALSE))',
  none_match: '(NOT igp_contains(list_transform($1, $2), TRUE))',
  zip: { 2: "list_transform(list_zip($1, $2), lambda e: {'field0': e[1], 'field1': e[2]})" },
  map: { 0: 'MAP {}', 2: 'map($1, $2)' },
  map_from_entries: 'map_from_entries($1)',
  map_entries: 'map_entries($1)',
  map_keys: 'map_keys($1)',
  map_values: 'map_values($1)',
  map_concat: 'map_concat($*)',
  element_at: (call, t) => {
    const [base, index] = call.args
    return isMap(base, t) || index?.literal?.kind === 'string'
      ? `(${base?.sql})[${index?.sql}]`
      : `list_extract(${base?.sql}, ${index?.sql})`
  },
}

/** What the text of an expression tells of its shape: DuckDB's functions for lists, maps and strings bear different names. */
export function isMap(value: Fragment | undefined, t: Translation): boolean {
  if (!value) return false
  return (
    (value.path && t.columnType(value.path)?.startsWith('map<')) ||
    /^(map\(|map_from_|map_concat|histogram|MAP|CAST\(.* AS MAP\()/.test(value.sql)
  )
}

function isList(value: Fragment | undefined, t: Translation): boolean {
  if (!value) return false
  return (
    (value.path && t.columnType(value.path)?.startsWith('array<')) ||
    /^(\[|list|string_split|generate_series|igp_s|map_keys|map_values|flatten)/.test(value.sql)
  )
}

export const trinoFunctions: Record<string, FunctionRule> = {
  ...aggregates,
  ...windows,
  ...mathematics,
  ...texts,
  ...conditionals,
  ...json,
  ...collections,
  ...trinoDateFunctions,
}
