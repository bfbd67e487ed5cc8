/** Aggregates (trino.io, "Aggregate functions"). Approximate ones are exact here: they may be, and on one machine they can. */

import { duckType, type SqlType, typeName } from '../sqlTypes.ts'
import { failSql, refused, trinoError } from '../trinoErrors.ts'
import { reduce } from './arrays.ts'
import type { CallContext, FunctionLine, FunctionTable } from './table.ts'

type Args = readonly string[]

const perNumber = (name: string, duck: string): FunctionLine[] => [[`${name}(double): double`, `${duck}{$1}`]]

const two = (name: string, duck = name): FunctionLine[] => [[`${name}(double, double): double`, `${duck}{$1, $2}`]]

function decimalAverage(_: Args, { type }: CallContext): string {
  const scale = type.kind === 'decimal' ? type.scale : 0
  return `CAST(igp_decimal_divide(CAST(sum{$x} AS VARCHAR), CAST(count{$x} AS VARCHAR), ${scale}) AS ${duckType(type)})`
}

function checkPercentile({ args, call }: CallContext): void {
  const fraction = Number(args[args.length - 1]?.constant ?? 0)
  if (fraction < 0 || fraction > 1)
    throw trinoError('INVALID_FUNCTION_ARGUMENT', 'Percentile must be between 0 and 1', call.at)
}

/** DuckDB wants the fraction as a constant of its own. */
function percentile([x, fraction]: Args, context: CallContext): string {
  checkPercentile(context)
  // A digest of few values gives the one at floor(fraction * count) from 0 on, where DuckDB counts up to the fraction:
  // a hair more makes the two the same.
  const isList = context.type.kind === 'array'
  const above = (value: string) => `least(${value} + 1e-12, 1)`
  const wanted = isList ? `list_transform(${fraction}, lambda q: ${above('q')})` : above(fraction as string)
  return `CAST(quantile_disc{${x}, ${wanted}} AS ${duckType(context.type)})`
}

function weighted([x, weight, fraction]: Args, context: CallContext): string {
  checkPercentile(context)
  return `CAST(igp_value_at_quantile(igp_flatten(list{[CAST(${x} AS DOUBLE), CAST(${weight} AS DOUBLE)]}), ${fraction}) AS ${duckType(context.type)})`
}

/** The population's, as Trino has it: DuckDB corrects it for a sample. */
const skewness = 'skewness{$1} * (count{$1} - 2) / sqrt(CAST(count{$1} AS DOUBLE) * (count{$1} - 1))'

const listaggBytesMax = 1_048_576

/** Text that would be cut (ON OVERFLOW TRUNCATE) is refused once it would be, and not before. */
function listagg([x, separator = "''"]: Args, { call }: CallContext): string {
  const text = `string_agg{${x}, ${separator}}`
  const tooLong =
    call.overflow === 'truncate'
      ? failSql(
          'NOT_SUPPORTED',
          'ON OVERFLOW TRUNCATE of more than a megabyte is not supported by the embedded SQL engine',
        )
      : failSql(
          'EXCEEDED_FUNCTION_MEMORY_LIMIT',
          `Concatenated string has the length in bytes larger than the maximum length ${listaggBytesMax}`,
        )
  return `CASE WHEN strlen(${text}) > ${listaggBytesMax} THEN ${tooLong} ELSE ${text} END`
}

const comparedBy = (name: string, duck: string): FunctionLine[] => [
  [`${name}(T, U): T`, `${duck}_null{$1, $2}`],
  [`${name}(T, U, bigint): array(T)`, `${duck}{$1, $2, $3}`],
]

/** NULL counts as this. */
const nullChecksum = '-7046029288634856825'

/** The sum of every value's hash in 64 bits, whatever their order. */
function checksum([x]: Args, { args, call }: CallContext): string {
  const type = args[0]?.type
  const hashed = type && valueChecksum(x as string, type)
  if (!hashed) throw refused(`checksum of ${type ? typeName(type) : 'nothing'}`, call.at)
  return `igp_checksum(CAST(sum{coalesce(${hashed}, ${nullChecksum})} AS VARCHAR))`
}

function valueChecksum(x: string, type: SqlType): string | undefined {
  switch (type.kind) {
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint':
      return `igp_checksum_of_long(CAST(${x} AS BIGINT))`
    case 'double':
      return `igp_checksum_of_long(igp_from_big_endian(igp_to_ieee754(${x} + 0, 8), 8))`
    case 'decimal':
      return type.precision > 18
        ? undefined
        : `igp_checksum_of_long(CAST(${x} * ${10n ** BigInt(type.scale)} AS BIGINT))`
    case 'date':
      return `igp_checksum_of_long(CAST(${x} - DATE '1970-01-01' AS BIGINT))`
    case 'timestamp':
      return type.zoned ? undefined : `igp_checksum_of_long(epoch_us(${x}))`
    case 'varchar':
      return `igp_checksum_of_bytes(encode(${x}))`
    case 'varbinary':
      return `igp_checksum_of_bytes(${x})`
    default:
      return undefined
  }
}

const reduceAgg = ([x, initial, step]: Args) =>
  reduce([`list_filter(list{${x}}, lambda rn: rn IS NOT NULL)`, initial as string, step as string, 'lambda rf: rf'])

export const aggregateFunctions: FunctionTable = {
  kind: 'aggregate',
  lines: [
    ['count(): bigint', 'count{*}'],
    ['count(T): bigint', 'count{$1}'],
    ['count_if(boolean): bigint', 'count{CASE WHEN $1 THEN 1 END}'],
    ['sum(bigint): bigint', 'igp_sum_in_range(sum{$1})'],
    ['sum(double): double', 'sum{$1}'],
    ['sum(real): real', 'CAST(sum{$1} AS FLOAT)'],
    ['sum(decimal(p,s)): decimal(38,s)', 'sum{$1}'],
    ['sum(interval day to second): interval day to second', 'CAST(sum{$1} AS BIGINT)'],
    ['sum(interval year to month): interval year to month', 'CAST(sum{$1} AS INTEGER)'],
    ['avg(bigint): double', 'avg{CAST($1 AS DOUBLE)}'],
    ['avg(double): double', 'avg{$1}'],
    ['avg(real): real', 'CAST(avg{$1} AS FLOAT)'],
    [
      'avg(decimal(p,s)): decimal(p,s)',
      (args, context) => decimalAverage(args, context).replaceAll('$x', args[0] as string),
    ],
    ['avg(interval day to second): interval day to second', 'CAST(avg{$1} AS BIGINT)'],
    ['avg(interval year to month): interval year to month', 'CAST(avg{$1} AS INTEGER)'],
    // NaN is the least of all to MIN and MAX: it stays only where there is nothing else.
    ...(['min', 'max'] as const).flatMap((name): FunctionLine[] => [
      [`${name}(double): double`, `coalesce(${name}{CASE WHEN isnan($1) THEN NULL ELSE $1 END}, ${name}{$1})`],
      [`${name}(real): real`, `coalesce(${name}{CASE WHEN isnan($1) THEN NULL ELSE $1 END}, ${name}{$1})`],
      [`${name}(T): T`, `${name}{$1}`],
    ]),
    ['min(T, bigint): array(T)', 'min{$1, $2}'],
    ['max(T, bigint): array(T)', 'max{$1, $2}'],
    ...comparedBy('min_by', 'arg_min'),
    ...comparedBy('max_by', 'arg_max'),
    ['bool_and(boolean): boolean', 'bool_and{$1}'],
    ['bool_or(boolean): boolean', 'bool_or{$1}'],
    ['every(boolean): boolean', 'bool_and{$1}'],
    ['arbitrary(T): T', 'any_value{$1}'],
    ['any_value(T): T', 'any_value{$1}'],
    ['array_agg(T): array(T)', 'list{$1}'],
    ['listagg(varchar): varchar', listagg],
    ['listagg(varchar, varchar): varchar', listagg],
    ['geometric_mean(double): double', 'exp(avg{ln($1)})'],
    ['stddev(double): double', 'stddev_samp{$1}'],
    ...perNumber('stddev_samp', 'stddev_samp'),
    ...perNumber('stddev_pop', 'stddev_pop'),
    ['variance(double): double', 'var_samp{$1}'],
    ...perNumber('var_samp', 'var_samp'),
    ...perNumber('var_pop', 'var_pop'),
    ['skewness(double): double', skewness],
    ...perNumber('kurtosis', 'kurtosis'),
    ['entropy(bigint): double', 'igp_entropy(list{CAST($1 AS DOUBLE)})'],
    ['corr(double, double): double', "nullif(corr{$1, $2}, CAST('nan' AS DOUBLE))"],
    ...two('covar_pop'),
    ...two('covar_samp'),
    ...two('regr_slope'),
    ...two('regr_intercept'),
    ...two('regr_avgx'),
    ...two('regr_avgy'),
    ...two('regr_r2'),
    ...two('regr_sxx'),
    ...two('regr_sxy'),
    ...two('regr_syy'),
    ['regr_count(double, double): double', 'CAST(regr_count{$1, $2} AS DOUBLE)'],
    ['checksum(T): varbinary', checksum],
    ['reduce_agg(T, S, function(S,T,S), function(S,S,S)): S', reduceAgg],
    ['bitwise_and_agg(bigint): bigint', 'bit_and{$1}'],
    ['bitwise_or_agg(bigint): bigint', 'bit_or{$1}'],
    ['bitwise_xor_agg(bigint): bigint', 'bit_xor{$1}'],
    ['approx_distinct(T): bigint', 'count{DISTINCT $1}'],
    ['approx_distinct(T, double): bigint', 'count{DISTINCT $1}'],
    ['approx_percentile(bigint, double): bigint', percentile],
    ['approx_percentile(real, double): real', percentile],
    ['approx_percentile(double, double): double', percentile],
    ['approx_percentile(bigint, array(double)): array(bigint)', percentile],
    ['approx_percentile(double, array(double)): array(double)', percentile],
    ['approx_percentile(bigint, double, double): bigint', weighted],
    ['approx_percentile(double, double, double): double', weighted],
    ['approx_most_frequent(bigint, T, bigint): map(T,bigint)', 'igp_most_frequent(histogram{$2}, $1)'],
    ['approx_set(T): hyperloglog', 'igp_approx_set(list{DISTINCT CAST($1 AS VARCHAR)})'],
    ['merge(hyperloglog): hyperloglog', 'igp_approx_set(list_distinct(igp_flatten(list{$1})))'],
    // A digest keeps every value with its weight, one after the other: it is exact.
    ['tdigest_agg(double): tdigest', 'igp_flatten(list{[$1, 1e0]})'],
    ['tdigest_agg(double, double): tdigest', 'igp_flatten(list{[$1, $2]})'],
    [
      'numeric_histogram(bigint, double): map(double,double)',
      'igp_pairs_map(igp_numeric_histogram(min{$1}, igp_flatten(list{[$2, 1e0]})))',
    ],
    [
      'numeric_histogram(bigint, double, double): map(double,double)',
      'igp_pairs_map(igp_numeric_histogram(min{$1}, igp_flatten(list{[$2, $3]})))',
    ],
    ['merge(tdigest): tdigest', 'igp_flatten(list{$1})'],
    ['histogram(T): map(T,bigint)', ([x], { type }) => `CAST(histogram{${x}} AS ${duckType(type)})`],
    ['map_agg(K, V): map(K,V)', 'igp_map_agg(list{struct_pack(k := $1, v := $2)})'],
    ['multimap_agg(K, V): map(K,array(V))', 'igp_multimap_agg(list{struct_pack(k := $1, v := $2)})'],
    [
      'map_union(map(K,V)): map(K,V)',
      'igp_map_agg(list_transform(igp_flatten(list{map_entries($1)}), lambda mu: struct_pack(k := mu.key, v := mu.value)))',
    ],
  ],
}
