/**
 * What Trino's operators and functions mean where DuckDB's differ, as DuckDB macros. A macro has no types, so where
 * the result is one type whatever comes in, `typeof` decides (it folds to a constant); where it must stay the
 * argument's type, `cast_to_type` does.
 */
const isFloat = (x: string) => `typeof(${x}) IN ('DOUBLE', 'FLOAT')`

export const trinoMacros: readonly string[] = [
  `igp_fdiv(a, b) AS CASE WHEN b = 0 THEN CASE WHEN a = 0 OR isnan(a) THEN CAST('nan' AS DOUBLE) WHEN a > 0 THEN CAST('inf' AS DOUBLE) ELSE CAST('-inf' AS DOUBLE) END ELSE a / b END`,
  // Integers divide to integers, decimals to the larger scale, and only floating point knows infinity.
  `igp_div(a, b) AS CASE WHEN b = 0 AND NOT (${isFloat('a')} OR ${isFloat('b')}) THEN error('DIVISION_BY_ZERO: Division by zero')
     WHEN ${isFloat('a')} OR ${isFloat('b')} THEN cast_to_type(igp_fdiv(CAST(a AS DOUBLE), CAST(b AS DOUBLE)), a + b)
     ELSE cast_to_type(a / b, a + b) END`,
  `igp_mod(a, b) AS CASE WHEN b = 0 AND NOT (${isFloat('a')} OR ${isFloat('b')}) THEN error('DIVISION_BY_ZERO: Division by zero') ELSE a % b END`,
  `igp_mantissa(d) AS left(d, 1) || '.' || CASE WHEN rtrim(substr(d, 2), '0') = '' THEN '0' ELSE rtrim(substr(d, 2), '0') END`,
  `igp_scientific_plain(sign, s) AS CASE WHEN s LIKE '0.%'
     THEN sign || igp_mantissa(ltrim(substr(s, 3), '0')) || 'E-' || CAST(length(s) - 2 - length(ltrim(substr(s, 3), '0')) + 1 AS VARCHAR)
     ELSE sign || igp_mantissa(replace(s, '.', '')) || 'E' || CAST(length(split_part(s, '.', 1)) - 1 AS VARCHAR) END`,
  `igp_scientific(s) AS CASE WHEN contains(s, 'e')
     THEN split_part(s, 'e', 1) || CASE WHEN contains(split_part(s, 'e', 1), '.') THEN '' ELSE '.0' END || 'E' || CAST(CAST(split_part(s, 'e', 2) AS INTEGER) AS VARCHAR)
     ELSE igp_scientific_plain(CASE WHEN s LIKE '-%' THEN '-' ELSE '' END, ltrim(s, '-')) END`,
  // In CAST AS VARCHAR a double always has an exponent: 1.5E0.
  `igp_double_text(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
     WHEN x = 0 THEN CASE WHEN CAST(x AS VARCHAR) LIKE '-%' THEN '-0.0E0' ELSE '0.0E0' END
     ELSE igp_scientific(CAST(x AS VARCHAR)) END`,
  `igp_varchar(x) AS CASE WHEN ${isFloat('x')} THEN igp_double_text(CAST(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE) AS DOUBLE))
     WHEN typeof(x) = 'TIMESTAMP' THEN strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')
     WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN strftime(CAST(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMPTZ) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g') || ' UTC'
     WHEN typeof(x) = 'JSON' THEN json_extract_string(CAST(CAST(x AS VARCHAR) AS JSON), '$')
     WHEN typeof(x) = 'BLOB' OR typeof(x) LIKE '%[]' OR typeof(x) LIKE 'STRUCT%' OR typeof(x) LIKE 'MAP%' OR typeof(x) = 'INTERVAL'
       THEN error('TYPE_MISMATCH: Cannot cast ' || typeof(x) || ' to varchar')
     ELSE CAST(x AS VARCHAR) END`,
  // Text must be a plain integer; numbers round half away from zero, as DuckDB's cast of decimals does.
  `igp_to_integer(x) AS CASE WHEN typeof(x) = 'VARCHAR' THEN CASE WHEN regexp_matches(CAST(x AS VARCHAR), '^[+-]?\\d+$') THEN CAST(CAST(x AS VARCHAR) AS HUGEINT) WHEN x IS NULL THEN NULL ELSE error('INVALID_CAST_ARGUMENT: Cannot cast ''' || CAST(x AS VARCHAR) || ''' to INT') END
     WHEN typeof(x) = 'BOOLEAN' THEN CASE CAST(x AS VARCHAR) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END
     WHEN ${isFloat('x')} THEN CAST(round(CAST(CAST(x AS VARCHAR) AS DOUBLE)) AS HUGEINT)
     ELSE CAST(round(CAST(CAST(x AS VARCHAR) AS DECIMAL(38,10))) AS HUGEINT) END`,
  `igp_to_moment(x) AS CAST(CAST(x AS VARCHAR) AS TIMESTAMP)`,
  // Positions count from one; zero finds nothing, negative ones count from the end.
  `igp_substr2(s, p) AS CASE WHEN p = 0 OR p < -length(s) THEN left(s, 0) ELSE substr(s, p) END`,
  `igp_substr3(s, p, n) AS CASE WHEN p = 0 OR n <= 0 OR p < -length(s) THEN left(s, 0) ELSE substr(s, p, n) END`,
  `igp_split_part(s, d, n) AS CASE WHEN n <= 0 THEN error('INVALID_FUNCTION_ARGUMENT: Index must be greater than zero') WHEN n > len(string_split(s, d)) THEN NULL ELSE string_split(s, d)[n] END`,
  `igp_regexp_extract(s, p, g) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END`,
  `igp_list_at(l, i) AS CASE WHEN i = 0 THEN error('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1') WHEN i < 0 THEN error('INVALID_FUNCTION_ARGUMENT: Array subscript is negative: ' || CAST(i AS VARCHAR))
     WHEN i > len(l) THEN error('INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: ' || CAST(i AS VARCHAR) || ' > ' || CAST(len(l) AS VARCHAR)) ELSE l[i] END`,
  `igp_map_at(m, k) AS CASE WHEN m IS NOT NULL AND NOT list_contains(map_keys(m), k) THEN error('INVALID_FUNCTION_ARGUMENT: Key not present in map: ' || CAST(k AS VARCHAR)) ELSE m[k] END`,
  `igp_json_scalar(j, p) AS CASE WHEN json_valid(j) AND json_type(CAST(j AS JSON), p) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(CAST(j AS JSON), p) END`,
  `igp_json_extract(j, p) AS CASE WHEN json_valid(j) THEN json_extract(CAST(j AS JSON), p) END`,
  `igp_contains(l, x) AS CASE WHEN l IS NULL OR x IS NULL THEN NULL WHEN list_contains(l, x) THEN TRUE WHEN len(list_filter(l, lambda e: e IS NULL)) > 0 THEN NULL ELSE FALSE END`,
  `igp_sort(l) AS list_sort(l, 'ASC', 'NULLS LAST')`,
  `igp_slice(l, s, n) AS CASE WHEN s = 0 THEN error('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1') WHEN s > 0 THEN l[s : s + n - 1] ELSE l[len(l) + s + 1 : len(l) + s + n] END`,
  `igp_distinct(l) AS list_filter(l, lambda x, i: list_position(l, x) = i)`,
  `igp_to_decimal(x) AS CASE WHEN ${isFloat('x')} OR typeof(x) = 'VARCHAR' OR typeof(x) LIKE '%INT%' OR typeof(x) LIKE 'DECIMAL%' OR typeof(x) = 'JSON' THEN trim(CAST(x AS VARCHAR), '"') ELSE CASE CAST(x AS VARCHAR) WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE CAST(x AS VARCHAR) END END`,
  // DuckDB's JSON of decimals and timestamps loses digits and form.
  `igp_to_json(x) AS CASE WHEN typeof(x) LIKE '%DECIMAL%' OR typeof(x) LIKE '%TIMESTAMP%' OR typeof(x) LIKE '%BLOB%' THEN error('NOT_SUPPORTED: CAST(' || typeof(x) || ' AS JSON) is not supported by the embedded SQL engine') ELSE to_json(x) END`,
  `igp_json_size(j) AS CASE json_type(j) WHEN 'OBJECT' THEN len(json_keys(j)) WHEN 'ARRAY' THEN json_array_length(j) ELSE 0 END`,
  `igp_round_moment(x) AS date_trunc('millisecond', x + INTERVAL '500 microseconds')`,
]
