/**
 * What Trino means where DuckDB's own would not say it, as DuckDB macros: those that work on any type of element, and
 * those that are short. The rest are natives. A macro may use macros before it.
 */
import { failSql } from './trinoErrors.ts'

const argument = (message: string, carrier?: string) => failSql('INVALID_FUNCTION_ARGUMENT', message, carrier)
const invalidCast = (message: string, carrier?: string) => failSql('INVALID_CAST_ARGUMENT', message, carrier)

const general: readonly string[] = [
  // The value, or an error that names what it came from.
  `igp_or_fail(value, shown, message) AS CASE WHEN value IS NULL AND shown IS NOT NULL THEN cast_to_type(igp_fail(replace(message, '{}', shown)), value) ELSE value END`,
  `igp_fitting_text(text, most, name) AS CASE WHEN length(text) > most THEN ${invalidCast('Value {text} cannot be represented as {name}')} ELSE text END`,
  `igp_in_range_tinyint(x, message) AS CAST(CASE WHEN x BETWEEN -128 AND 127 THEN x ELSE CAST(igp_fail('NUMERIC_VALUE_OUT_OF_RANGE: ' || message || CAST(x AS VARCHAR)) AS INTEGER) END AS TINYINT)`,
  `igp_in_range_smallint(x, message) AS CAST(CASE WHEN x BETWEEN -32768 AND 32767 THEN x ELSE CAST(igp_fail('NUMERIC_VALUE_OUT_OF_RANGE: ' || message || CAST(x AS VARCHAR)) AS INTEGER) END AS SMALLINT)`,
  `igp_sum_in_range(x) AS CASE WHEN x IS NULL OR x BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(x AS BIGINT) ELSE ${failSql('NUMERIC_VALUE_OUT_OF_RANGE', 'bigint addition overflow', 'BIGINT')} END`,
  `igp_narrow(x, name, least, most) AS CASE WHEN x BETWEEN least AND most OR x IS NULL THEN x ELSE ${invalidCast('Out of range for {name}: {x}', 'BIGINT')} END`,
  `igp_text_to_integer(x, name, least, most) AS CASE WHEN x IS NULL THEN NULL WHEN regexp_full_match(trim(x), '[+-]?\\d+') AND TRY_CAST(trim(x) AS HUGEINT) BETWEEN least AND most THEN CAST(trim(x) AS BIGINT) ELSE ${invalidCast("Cannot cast '{x}' to {name}", 'BIGINT')} END`,
  `igp_decimal_to_integer(x, name, least, most) AS CASE WHEN x IS NULL THEN NULL WHEN round(x, 0) BETWEEN least AND most THEN CAST(round(x, 0) AS BIGINT) ELSE ${invalidCast("Cannot cast '{x}' to {name}", 'BIGINT')} END`,
  `igp_double_to_integer(x, name, least, most) AS CASE WHEN x IS NULL THEN NULL WHEN isnan(x) THEN ${invalidCast('Cannot cast NaN to {name}', 'BIGINT')} WHEN isinf(x) OR TRY_CAST(round(x) AS HUGEINT) NOT BETWEEN least AND most THEN ${invalidCast('Unable to cast {igp_double_plain(x)} to {name}', 'BIGINT')} ELSE CAST(round(x) AS BIGINT) END`,
  `igp_text_to_double(x, name) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(TRY_CAST(CASE WHEN regexp_full_match(trim(x), '[+-]?(NaN|Infinity|(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?)[dDfF]?') THEN regexp_replace(trim(x), '[dDfF]$', '') END AS DOUBLE), ${invalidCast("Cannot cast '{x}' to {name}", 'DOUBLE')}) END`,
  `igp_text_to_boolean(x) AS CASE WHEN x IS NULL THEN NULL WHEN lower(x) IN ('t', 'true', '1') THEN true WHEN lower(x) IN ('f', 'false', '0') THEN false ELSE ${invalidCast("Cannot cast '{x}' to BOOLEAN", 'BOOLEAN')} END`,
  `igp_text_to_date(x) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(TRY_CAST(CASE WHEN regexp_full_match(trim(x), '[+-]?\\d{4,7}-\\d{1,2}-\\d{1,2}') THEN trim(x) END AS DATE), ${invalidCast('Value cannot be cast to date: {x}', 'DATE')}) END`,
  `igp_text_to_time(x, digits) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(TRY_CAST(CASE WHEN regexp_full_match(trim(x), '([01]?\\d|2[0-3]):\\d{2}(:\\d{2}(\\.\\d{1,12})?)?') THEN CASE WHEN length(trim(x)) <= 5 THEN trim(x) || ':00' ELSE trim(x) END END AS TIME), ${invalidCast('Value cannot be cast to time: {x}', 'TIME')}) END`,
  `igp_text_to_timestamp(x, digits) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(make_timestamp(igp_parse_timestamp(x, digits)), CAST(${invalidCast('Value cannot be cast to timestamp: {x}')} AS TIMESTAMP)) END`,
  `igp_text_to_uuid(x) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(TRY_CAST(CASE WHEN length(x) = 36 THEN x END AS UUID), CAST(${invalidCast('Cannot cast value to UUID: {x}')} AS UUID)) END`,
  `igp_binary_to_uuid(x) AS CASE WHEN octet_length(x) = 16 THEN CAST(substr(hex(x), 1, 8) || '-' || substr(hex(x), 9, 4) || '-' || substr(hex(x), 13, 4) || '-' || substr(hex(x), 17, 4) || '-' || substr(hex(x), 21) AS UUID) WHEN x IS NOT NULL THEN CAST(${invalidCast('Invalid UUID binary length: {octet_length(x)}')} AS UUID) END`,
  `igp_time_text(x, digits) AS strftime(make_timestamp(epoch_us(x)), '%H:%M:%S') || CASE WHEN digits = 0 THEN '' ELSE '.' || left(strftime(make_timestamp(epoch_us(x)), '%f'), digits) END`,
  `igp_zoned_time_text(t, o, digits) AS igp_time_text(t, digits) || igp_offset_text(o)`,
  `igp_float_mod(a, b) AS CASE WHEN b = 0 OR isinf(a) THEN CAST('nan' AS DOUBLE) WHEN isinf(b) THEN a ELSE a % b END`,
  `igp_like(x, pattern, mark) AS CASE WHEN x IS NULL OR pattern IS NULL OR mark IS NULL THEN NULL WHEN length(mark) > 1 THEN ${argument('Escape string must be a single character', 'BOOLEAN')} ELSE igp_like_escaped(x, pattern, mark) END`,
  `igp_substr2(s, p) AS CASE WHEN p = 0 OR p < -length(s) THEN left(s, 0) ELSE substr(s, p) END`,
  `igp_substr3(s, p, n) AS CASE WHEN p = 0 OR n <= 0 OR p < -length(s) THEN left(s, 0) ELSE substr(s, p, n) END`,
  `igp_month_diff(a, b) AS CASE WHEN a <= b THEN date_sub('month', a, b) ELSE -date_sub('month', b, a) END`,
]

/** A timestamp with time zone is its instant (UTC) and its zone; a fixed offset is written `+03:00`. */
const zoned: readonly string[] = [
  `igp_offset_of(z) AS (CASE WHEN left(z, 1) = '-' THEN -1 ELSE 1 END) * (CAST(substr(z, 2, 2) AS INTEGER) * 60 + CAST(substr(z, 5, 2) AS INTEGER))`,
  `igp_is_offset(z) AS left(z, 1) IN ('+', '-')`,
  `igp_local_at(t, z) AS CASE WHEN z = 'UTC' THEN t WHEN igp_is_offset(z) THEN t + to_minutes(igp_offset_of(z)) ELSE timezone(z, timezone('UTC', t)) END`,
  `igp_local(x) AS igp_local_at((x).t, (x).z)`,
  `igp_instant_of(local, z) AS CASE WHEN z = 'UTC' THEN local WHEN igp_is_offset(z) THEN local - to_minutes(igp_offset_of(z)) ELSE timezone('UTC', timezone(z, local)) END`,
  // From a wall clock in a zone, and from an instant.
  `igp_zoned(local, zone) AS CASE WHEN local IS NOT NULL AND zone IS NOT NULL THEN struct_pack(t := igp_instant_of(local, zone), z := zone) END`,
  `igp_zoned_at(instant, zone) AS CASE WHEN instant IS NOT NULL AND zone IS NOT NULL THEN struct_pack(t := instant, z := zone) END`,
  `igp_with_instant(x, instant) AS CASE WHEN x IS NOT NULL THEN struct_pack(t := instant, z := (x).z) END`,
  `igp_offset_minutes(x) AS CAST((epoch_us(igp_local(x)) - epoch_us((x).t)) // 60000000 AS BIGINT)`,
  `igp_iso_offset(x) AS CASE WHEN igp_offset_minutes(x) = 0 THEN 'Z' ELSE igp_offset_text(igp_offset_minutes(x)) END`,
  `igp_offset_zone(hours, minutes) AS igp_offset_text(hours * 60 + minutes)`,
  `igp_time_instant(x) AS epoch_us((x).t) - (x).o * 60000000`,
  // A native gives `micros|zone`.
  `igp_parsed_zoned(text) AS CASE WHEN text IS NOT NULL THEN struct_pack(t := make_timestamp(CAST(split_part(text, '|', 1) AS BIGINT)), z := split_part(text, '|', 2)) END`,
  `igp_parse_zoned(x, digits) AS igp_parsed_zoned(igp_parse_zoned_text(x, digits))`,
  `igp_from_iso8601(x, digits) AS igp_parsed_zoned(igp_from_iso8601_text(x, digits))`,
  `igp_parse_zoned_time(x, digits) AS CASE WHEN x IS NOT NULL THEN struct_pack(t := CAST(split_part(igp_zoned_time_parts(x, digits), '|', 1) AS TIME), o := CAST(split_part(igp_zoned_time_parts(x, digits), '|', 2) AS INTEGER)) END`,
]

const lists: readonly string[] = [
  `igp_list_at(l, i) AS CASE WHEN i = 0 THEN cast_to_type(${argument('SQL array indices start at 1')}, l[1]) WHEN i < 0 THEN cast_to_type(${argument('Array subscript is negative: {i}')}, l[1])
     WHEN i > len(l) THEN cast_to_type(${argument('Array subscript must be less than or equal to array length: {i} > {len(l)}')}, l[1]) ELSE l[i] END`,
  `igp_element_at(l, i) AS CASE WHEN i = 0 THEN cast_to_type(${argument('SQL array indices start at 1')}, l[1]) ELSE l[i] END`,
  `igp_concat(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_concat(a, b) END`,
  `igp_contains(l, x) AS CASE WHEN l IS NULL OR x IS NULL THEN NULL WHEN list_contains(l, x) THEN true WHEN len(list_filter(l, lambda ce: ce IS NULL)) > 0 THEN NULL ELSE false END`,
  `igp_lists_equal(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN len(a) <> len(b) THEN false WHEN len(list_filter(list_zip(a, b), lambda lp: lp[1] <> lp[2])) > 0 THEN false WHEN len(list_filter(a, lambda lx: lx IS NULL)) + len(list_filter(b, lambda ly: ly IS NULL)) > 0 THEN NULL ELSE true END`,
  `igp_distinct(l) AS list_filter(l, lambda dx, di: len(list_filter(l[1:di - 1], lambda dy: dy IS NOT DISTINCT FROM dx)) = 0)`,
  `igp_array_except(a, b) AS CASE WHEN b IS NOT NULL THEN igp_distinct(list_filter(a, lambda ex: len(list_filter(b, lambda ey: ey IS NOT DISTINCT FROM ex)) = 0)) END`,
  `igp_array_intersect(a, b) AS CASE WHEN b IS NOT NULL THEN igp_distinct(list_filter(a, lambda ex: len(list_filter(b, lambda ey: ey IS NOT DISTINCT FROM ex)) > 0)) END`,
  `igp_arrays_overlap(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN len(list_filter(a, lambda ox: ox IS NOT NULL AND list_contains(b, ox))) > 0 THEN true WHEN len(list_filter(a, lambda oy: oy IS NULL)) + len(list_filter(b, lambda oz: oz IS NULL)) > 0 AND len(a) > 0 AND len(b) > 0 THEN NULL ELSE false END`,
  `igp_array_histogram(l) AS CASE WHEN l IS NOT NULL THEN map(igp_distinct(list_filter(l, lambda hx: hx IS NOT NULL)), list_transform(igp_distinct(list_filter(l, lambda hy: hy IS NOT NULL)), lambda hv: CAST(len(list_filter(l, lambda hz: hz = hv)) AS BIGINT))) END`,
  `igp_sort(l) AS list_sort(l, 'ASC', 'NULLS LAST')`,
  `igp_slice(l, s, n) AS CASE WHEN s = 0 THEN cast_to_type(${argument('SQL array indices start at 1')}, l) WHEN n < 0 THEN cast_to_type(${argument('length must be greater than or equal to 0')}, l) WHEN s > 0 THEN l[s : s + n - 1] WHEN -s > len(l) THEN l[1:0] ELSE l[len(l) + s + 1 : len(l) + s + n] END`,
  `igp_trim_array(l, n) AS CASE WHEN n < 0 THEN cast_to_type(${argument('size must not be negative: {n}')}, l) WHEN n > len(l) THEN cast_to_type(${argument('size must not exceed array cardinality {len(l)}: {n}')}, l) ELSE l[1 : len(l) - n] END`,
  `igp_repeat(x, n) AS CASE WHEN n > 10000 THEN cast_to_type(${argument('count argument of repeat function must be less than or equal to 10000')}, [x]) WHEN n < 0 THEN cast_to_type(${argument('count argument of repeat function must be greater than or equal to 0')}, [x]) ELSE list_transform(range(n), lambda rp: x) END`,
  `igp_flatten(l) AS flatten(list_filter(l, lambda fx: fx IS NOT NULL))`,
  `igp_pairs_map(l) AS map(list_transform(range(1, 1 + len(l), 2), lambda px: l[px]), list_transform(range(2, 1 + len(l), 2), lambda py: l[py]))`,
  `igp_ngrams(l, n) AS CASE WHEN n <= 0 THEN cast_to_type(${argument('N must be positive')}, [l]) WHEN len(l) <= n THEN [l] ELSE list_transform(range(1, len(l) - n + 2), lambda ng: l[ng : ng + n - 1]) END`,
  `igp_contains_sequence(l, s) AS CASE WHEN l IS NULL OR s IS NULL THEN NULL ELSE len(s) = 0 OR len(list_filter(range(1, greatest(len(l) - len(s) + 2, 1)), lambda cs: l[cs : cs + len(s) - 1] = s)) > 0 END`,
  `igp_combinations(l, n) AS list_transform(igp_choices(len(l), n), lambda cc: list_transform(cc, lambda cn: l[cn]))`,
  `igp_sequence(a, b, step) AS CASE WHEN step = 0 THEN CAST(${argument('step must not be zero')} AS BIGINT[]) WHEN (step > 0 AND b < a) OR (step < 0 AND b > a) THEN CAST(${argument('sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start')} AS BIGINT[])
     WHEN abs((b - a) // step) >= 10000 THEN CAST(${argument('result of sequence function must not have more than 10000 entries')} AS BIGINT[]) ELSE CAST(range(a, b + CASE WHEN step > 0 THEN 1 ELSE -1 END, step) AS BIGINT[]) END`,
  `igp_sequence_dates(a, b, step) AS CASE WHEN step % 86400000 <> 0 THEN CAST(${argument('sequence step must be a day interval if start and end values are dates')} AS DATE[]) ELSE list_transform(igp_sequence(0, CAST(b - a AS BIGINT), step // 86400000), lambda sd: a + CAST(sd AS INTEGER)) END`,
  `igp_sequence_moments(a, b, step) AS list_transform(igp_sequence(epoch_us(a), epoch_us(b), step * 1000), lambda sm: make_timestamp(sm))`,
  `igp_months_until(a, b, step) AS list_filter(list_transform(range(0, igp_month_diff(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP)) // step + 1), lambda mn: CAST(a AS TIMESTAMP) + to_months(CAST(mn * step AS INTEGER))), lambda mt: CASE WHEN step > 0 THEN mt <= b ELSE mt >= b END)`,
  `igp_sequence_moment_months(a, b, step) AS CASE WHEN step = 0 THEN CAST(${argument('step must not be zero')} AS TIMESTAMP[]) WHEN (step > 0 AND b < a) OR (step < 0 AND b > a) THEN CAST(${argument('sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start')} AS TIMESTAMP[]) ELSE igp_months_until(a, b, step) END`,
  `igp_sequence_months(a, b, step) AS list_transform(igp_sequence_moment_months(a, b, step), lambda sx: CAST(sx AS DATE))`,
  `igp_interleave(kept, put) AS array_to_string(list_transform(range(1, len(kept) + 1), lambda iv: kept[iv] || coalesce(put[iv], '')), '')`,
]

const maps: readonly string[] = [
  `igp_map_at(m, k, shown) AS CASE WHEN m IS NOT NULL AND NOT list_contains(map_keys(m), k) THEN cast_to_type(${argument('Key not present in map: {shown}')}, map_values(m)[1]) ELSE map_values(m)[list_position(map_keys(m), k)] END`,
  `igp_maps_equal(a, b) AS len(map_keys(a)) = len(map_keys(b)) AND len(list_filter(map_entries(a), lambda qe: NOT list_contains(map_keys(b), qe.key) OR map_values(b)[list_position(map_keys(b), qe.key)] IS DISTINCT FROM qe.value)) = 0`,
  `igp_map_get(m, k) AS map_values(m)[list_position(map_keys(m), k)]`,
  `igp_map(ks, vs) AS CASE WHEN ks IS NULL OR vs IS NULL THEN NULL WHEN len(list_distinct(ks)) <> len(ks) THEN cast_to_type(${argument('Duplicate map keys are not allowed')}, map(ks[1:0], vs[1:0])) ELSE map(ks, vs) END`,
  `igp_map_of(ks, vs) AS CASE WHEN len(ks) <> len(vs) THEN cast_to_type(${argument('Key and value arrays must be the same length')}, map(ks[1:0], vs[1:0])) WHEN len(list_filter(ks, lambda kn: kn IS NULL)) > 0 THEN cast_to_type(${argument('map key cannot be null')}, map(ks[1:0], vs[1:0])) ELSE igp_map(ks, vs) END`,
  `igp_map_concat(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN map_concat(a, b) END`,
  `igp_map_agg(es) AS map_from_entries(list_filter(list_filter(es, lambda en: en.k IS NOT NULL), lambda ex, ei: len(list_filter(es[1:ei - 1], lambda ey: ey.k = ex.k)) = 0))`,
  `igp_multimap(ks, vs) AS map(igp_distinct(ks), list_transform(igp_distinct(ks), lambda mk: list_transform(list_filter(range(1, len(ks) + 1), lambda mi: ks[mi] = mk), lambda mj: vs[mj])))`,
  `igp_multimap_agg(es) AS igp_multimap(list_transform(list_filter(es, lambda en: en.k IS NOT NULL), lambda ex: ex.k), list_transform(list_filter(es, lambda eo: eo.k IS NOT NULL), lambda ey: ey.v))`,
  `igp_most_frequent(m, n) AS map_from_entries(list_transform(list_sort(list_transform(map_entries(m), lambda mf: struct_pack(c := -CAST(mf.value AS BIGINT), k := mf.key)))[1:n], lambda mg: struct_pack(k := mg.k, v := -mg.c)))`,
  `igp_split_to_multimap(s, d, e) AS igp_multimap(igp_split_pair_keys(s, d, e), igp_split_pair_values(s, d, e))`,
  `igp_approx_set(l) AS l`,
]

export const trinoMacros: readonly string[] = [...general, ...zoned, ...lists, ...maps]
