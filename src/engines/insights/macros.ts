/** What compiled queries call: made once in each query's own database. */
import { fieldCharactersMin, fieldsMax } from './bodies.ts'

const macros: readonly string[] = [
  `igp_num(x) AS (CASE WHEN isfinite(TRY_CAST(x AS DOUBLE)) THEN TRY_CAST(x AS DOUBLE) END)`,
  // AWS gives computed numbers with at most four decimals, and none that say nothing.
  `igp_number_text(x) AS (CASE
     WHEN x IS NULL OR NOT isfinite(x) THEN NULL
     WHEN x = trunc(x) AND abs(x) < 1e18 THEN CAST(CAST(x AS HUGEINT) AS VARCHAR)
     WHEN abs(x) >= 1e15 OR abs(x) < 0.00005 THEN upper(CAST(CAST(x AS DOUBLE) AS VARCHAR))
     WHEN round(x, 4) = trunc(x) THEN CAST(CAST(trunc(x) AS HUGEINT) AS VARCHAR)
     ELSE CAST(round(CAST(x AS DOUBLE), 4) AS VARCHAR) END)`,
  `igp_time_text(ms) AS (strftime(make_timestamp_ms(ms), '%Y-%m-%d %H:%M:%S.%g'))`,
  `igp_exact_leaf(j) AS (CASE left(j, 1)
     WHEN '"' THEN json_extract_string(j, '$') WHEN 't' THEN '1' WHEN 'f' THEN '0' END)`,
  // A discovered field is a leaf of the event's JSON: its text, 1 and 0 for true and false; null is missing. A text that
  // may be of either kind is looked at again.
  `igp_leaf(x, body, pointer) AS (CASE
     WHEN x IN ('true', 'false') OR starts_with(x, '{') OR starts_with(x, '[')
     THEN igp_exact_leaf(CAST(json_extract(body, pointer) AS VARCHAR)) ELSE x END)`,
  // Only what may be a fragment, or may have more than ${fieldsMax} fields, is worth a call.
  `igp_body_of(message, grp) AS (CASE
     WHEN starts_with(message, '{') THEN CASE
       WHEN strlen(message) < ${fieldsMax * fieldCharactersMin} THEN message
       WHEN strlen(message) - strlen(replace(message, ',', '')) < ${fieldsMax} THEN message
       ELSE coalesce(igp_body(message, grp), message) END
     WHEN contains(message, '{') THEN igp_body(message, grp) END)`,
  `igp_json_text(j) AS (CASE left(j, 1)
     WHEN '"' THEN json_extract_string(j, '$') WHEN 't' THEN '1' WHEN 'f' THEN '0' WHEN 'n' THEN NULL ELSE j END)`,
  `igp_json_parse(x) AS (CASE WHEN json_valid(x) THEN CAST(x AS VARCHAR) END)`,
  `igp_json_at(j, pointer) AS (CAST(json_extract(j, pointer) AS VARCHAR))`,
  `igp_items(j) AS (CASE
     WHEN j IS NULL THEN NULL
     WHEN left(j, 1) = '[' THEN CAST(json_extract(j, '$[*]') AS VARCHAR[]) ELSE [j] END)`,
  `igp_natural(x) AS (CASE WHEN regexp_matches(x, '[0-9]') THEN igp_natural_key(x) ELSE x END)`,
]

export const macroStatements: readonly string[] = macros.map((macro) => `CREATE MACRO ${macro}`)
