/** Mathematical functions (trino.io, "Mathematical functions and operators"). */

import { asDecimal, decimal, double, duckType, isFloating, isInteger, type SqlType } from '../sqlTypes.ts'
import { failSql } from '../trinoErrors.ts'
import type { CallContext, FunctionTable } from './table.ts'

type Args = readonly string[]

/** The least integer has no positive counterpart. */
function abs([x]: Args, { type }: CallContext): string {
  if (isFloating(type) || type.kind === 'decimal') return `abs(${x})`
  const duck = duckType(type)
  const least = { TINYINT: '-128', SMALLINT: '-32768', INTEGER: '-2147483648', BIGINT: '-9223372036854775808' }[duck]
  return `CASE WHEN ${x} = ${least} THEN ${failSql('NUMERIC_VALUE_OUT_OF_RANGE', `Value ${least} is out of range for abs(${type.kind})`, duck)} ELSE CAST(abs(${x}) AS ${duck}) END`
}

function sign([x]: Args, { type }: CallContext): string {
  if (isFloating(type)) return `CASE WHEN isnan(${x}) THEN ${x} ELSE CAST(sign(${x}) AS ${duckType(type)}) END`
  return `CAST(sign(${x}) AS ${duckType(type)})`
}

/** Half away from zero, to the scale that Trino's type has. */
function round([x, n = '0']: Args, { type, args }: CallContext): string {
  if (isInteger(type))
    return args.length === 1
      ? (x as string)
      : `CAST(igp_round_integer(CAST(${x} AS BIGINT), ${n}) AS ${duckType(type)})`
  if (isFloating(type))
    return `CAST(igp_round_double(CAST(${x} AS DOUBLE), CAST(${n} AS INTEGER)) AS ${duckType(type)})`
  return `CAST(igp_round_decimal(CAST(${x} AS VARCHAR), CAST(${n} AS INTEGER)) AS ${duckType(type)})`
}

function truncate([x, n]: Args, { type }: CallContext): string {
  if (isInteger(type)) return x as string
  if (isFloating(type)) return `CAST(trunc(${x}) AS ${duckType(type)})`
  return `CAST(igp_truncate_decimal(CAST(${x} AS VARCHAR), CAST(${n ?? '0'} AS INTEGER)) AS ${duckType(type)})`
}

function whole(name: 'ceil' | 'floor') {
  return ([x]: Args, { type }: CallContext) =>
    isInteger(type) ? (x as string) : `CAST(${name}(${x}) AS ${duckType(type)})`
}

const wide = (name: string): [string, (args: Args, context: CallContext) => string][] => {
  const text = name === 'round' ? round : name === 'truncate' ? truncate : whole(name === 'floor' ? 'floor' : 'ceil')
  return [
    [`${name}(tinyint): tinyint`, text],
    [`${name}(smallint): smallint`, text],
    [`${name}(integer): integer`, text],
    [`${name}(bigint): bigint`, text],
    [`${name}(real): real`, text],
    [`${name}(double): double`, text],
  ]
}

const guarded =
  (call: string, refused: string) =>
  ([x]: Args) =>
    `CASE WHEN ${refused.replaceAll('$1', x as string)} THEN CAST('nan' AS DOUBLE) ELSE ${call.replaceAll('$1', x as string)} END`

const bits = ['and', 'or', 'xor'] as const
const bitOperators = {
  and: (a: string, b: string) => `(${a} & ${b})`,
  or: (a: string, b: string) => `(${a} | ${b})`,
  xor: (a: string, b: string) => `xor(${a}, ${b})`,
}

export const mathFunctions: FunctionTable = {
  kind: 'scalar',
  lines: [
    ['value_at_quantile(tdigest, double): double', 'igp_value_at_quantile($1, $2)'],
    ['values_at_quantiles(tdigest, array(double)): array(double)', 'igp_values_at_quantiles($1, $2)'],
    ...(['tinyint', 'smallint', 'integer', 'bigint', 'real', 'double'] as const).map(
      (type) => [`abs(${type}): ${type}`, abs] as const,
    ),
    ['abs(decimal(p,s)): decimal(p,s)', abs],
    ...(['tinyint', 'smallint', 'integer', 'bigint', 'real', 'double'] as const).map(
      (type) => [`sign(${type}): ${type}`, sign] as const,
    ),
    ['sign(decimal(p,s)): decimal(1,0)', sign],
    ...wide('round'),
    ['round(decimal(p,s)): decimal(p,s)', round, wholeDecimal],
    [
      'round(decimal(p,s), integer): decimal(p,s)',
      round,
      ([type]) => (type?.kind === 'decimal' ? decimal(Math.min(38, type.precision + 1), type.scale) : double),
    ],
    ['round(N, integer): N', round],
    ...wide('ceil'),
    ...wide('ceiling'),
    ...wide('floor'),
    ['ceil(decimal(p,s)): decimal(p,s)', ([x], { type }) => `CAST(ceil(${x}) AS ${duckType(type)})`, wholeDecimal],
    ['ceiling(decimal(p,s)): decimal(p,s)', ([x], { type }) => `CAST(ceil(${x}) AS ${duckType(type)})`, wholeDecimal],
    ['floor(decimal(p,s)): decimal(p,s)', ([x], { type }) => `CAST(floor(${x}) AS ${duckType(type)})`, wholeDecimal],
    ['truncate(real): real', truncate],
    ['truncate(double): double', truncate],
    [
      'truncate(decimal(p,s)): decimal(p,s)',
      truncate,
      ([type]) => (type?.kind === 'decimal' ? decimal(Math.max(1, type.precision - type.scale), 0) : double),
    ],
    ['truncate(decimal(p,s), integer): decimal(p,s)', truncate],
    ['cbrt(double): double', 'igp_cbrt($1)'],
    ['degrees(double): double', 'degrees($1)'],
    ['radians(double): double', 'radians($1)'],
    ['e(): double', 'CAST(2.718281828459045 AS DOUBLE)'],
    ['pi(): double', 'pi()'],
    ['infinity(): double', "CAST('inf' AS DOUBLE)"],
    ['nan(): double', "CAST('nan' AS DOUBLE)"],
    ['is_nan(double): boolean', 'isnan($1)'],
    ['is_nan(real): boolean', 'isnan($1)'],
    ['is_finite(double): boolean', 'isfinite($1)'],
    ['is_infinite(double): boolean', 'isinf($1)'],
    ['exp(double): double', 'exp($1)'],
    ['ln(double): double', guarded("CASE WHEN $1 = 0 THEN CAST('-inf' AS DOUBLE) ELSE ln($1) END", '$1 < 0')],
    [
      'log2(double): double',
      guarded("CASE WHEN $1 = 0 THEN CAST('-inf' AS DOUBLE) ELSE ln($1) / ln(CAST(2 AS DOUBLE)) END", '$1 < 0'),
    ],
    ['log10(double): double', guarded("CASE WHEN $1 = 0 THEN CAST('-inf' AS DOUBLE) ELSE log10($1) END", '$1 < 0')],
    ['log(double, double): double', 'igp_log($1, $2)'],
    ...(['tinyint', 'smallint', 'integer'] as const).map(
      (type) =>
        [
          `mod(${type}, ${type}): ${type}`,
          ([a, b]: Args, context: CallContext) => modulo(a as string, b as string, context.type),
        ] as const,
    ),
    ['mod(bigint, bigint): bigint', ([a, b], { type }) => modulo(a as string, b as string, type)],
    [
      'mod(decimal(p,s), decimal(q,r)): decimal(p,s)',
      ([a, b], { type }) => modulo(a as string, b as string, type),
      remainderDecimal,
    ],
    ['mod(double, double): double', ([a, b], { type }) => modulo(a as string, b as string, type)],
    ['pow(double, double): double', 'igp_power($1, $2)'],
    ['power(double, double): double', 'igp_power($1, $2)'],
    ['sqrt(double): double', guarded('sqrt($1)', '$1 < 0')],
    ['sin(double): double', 'igp_sin($1)'],
    ['cos(double): double', 'igp_cos($1)'],
    ['tan(double): double', 'igp_tan($1)'],
    ['sinh(double): double', 'igp_sinh($1)'],
    ['cosh(double): double', 'igp_cosh($1)'],
    ['tanh(double): double', 'igp_tanh($1)'],
    ['asin(double): double', guarded('igp_asin($1)', 'abs($1) > 1')],
    ['acos(double): double', guarded('igp_acos($1)', 'abs($1) > 1')],
    ['atan(double): double', 'igp_atan($1)'],
    ['atan2(double, double): double', 'igp_atan2($1, $2)'],
    ['rand(): double', 'random()'],
    ['random(): double', 'random()'],
    ...(['rand', 'random'] as const).flatMap((name) => [
      [`${name}(bigint): bigint`, 'CAST(floor(random() * $1) AS BIGINT)'] as const,
      [`${name}(integer): integer`, 'CAST(floor(random() * $1) AS INTEGER)'] as const,
      [`${name}(bigint, bigint): bigint`, '($1 + CAST(floor(random() * ($2 - $1)) AS BIGINT))'] as const,
    ]),
    ['to_base(bigint, bigint): varchar', 'igp_to_base($1, $2)'],
    ['from_base(varchar, bigint): bigint', 'igp_from_base($1, $2)'],
    ['width_bucket(double, double, double, bigint): bigint', 'igp_width_bucket($1, $2, $3, $4)'],
    ['width_bucket(double, array(double)): bigint', 'igp_width_bucket_of($1, $2)'],
    ['normal_cdf(double, double, double): double', 'igp_normal_cdf($1, $2, $3)'],
    ['inverse_normal_cdf(double, double, double): double', 'igp_inverse_normal_cdf($1, $2, $3)'],
    ['beta_cdf(double, double, double): double', 'igp_beta_cdf($1, $2, $3)'],
    ['inverse_beta_cdf(double, double, double): double', 'igp_inverse_beta_cdf($1, $2, $3)'],
    ['t_cdf(double, double): double', 'igp_t_cdf($1, $2)'],
    ['t_pdf(double, double): double', 'igp_t_pdf($1, $2)'],
    ['wilson_interval_lower(bigint, bigint, double): double', 'igp_wilson_lower($1, $2, $3)'],
    ['wilson_interval_upper(bigint, bigint, double): double', 'igp_wilson_upper($1, $2, $3)'],
    [
      'cosine_similarity(map(varchar,double), map(varchar,double)): double',
      'igp_cosine_of_maps(map_keys($1), map_values($1), map_keys($2), map_values($2))',
    ],
    ['cosine_similarity(array(double), array(double)): double', 'igp_cosine($1, $2)'],
    ['cosine_distance(array(double), array(double)): double', '(1 - igp_cosine($1, $2))'],
    ['euclidean_distance(array(double), array(double)): double', 'list_distance($1, $2)'],
    ['dot_product(array(double), array(double)): double', 'igp_dot_product($1, $2)'],
    ...bits.map(
      (name) =>
        [
          `bitwise_${name}(bigint, bigint): bigint`,
          ([a, b]: Args) => bitOperators[name](a as string, b as string),
        ] as const,
    ),
    ['bitwise_not(bigint): bigint', '(~$1)'],
    ...(['tinyint', 'smallint', 'integer', 'bigint'] as const).flatMap((type, i) => {
      const width = 8 * 2 ** i
      const duck = type.toUpperCase()
      return [
        [
          `bitwise_left_shift(${type}, integer): ${type}`,
          `CAST(igp_left_shift(CAST($1 AS BIGINT), CAST($2 AS BIGINT), ${width}) AS ${duck})`,
        ] as const,
        [
          `bitwise_right_shift(${type}, integer): ${type}`,
          `CAST(igp_right_shift(CAST($1 AS BIGINT), CAST($2 AS BIGINT), ${width}) AS ${duck})`,
        ] as const,
        [
          `bitwise_right_shift_arithmetic(${type}, integer): ${type}`,
          `CAST(igp_right_shift_signed(CAST($1 AS BIGINT), CAST($2 AS BIGINT), ${width}) AS ${duck})`,
        ] as const,
      ]
    }),
    [
      'great_circle_distance(double, double, double, double): double',
      'igp_great_circle_distance(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE), CAST($3 AS DOUBLE), CAST($4 AS DOUBLE))',
    ],
    ['bit_count(bigint, bigint): bigint', 'igp_bit_count($1, $2)'],
  ],
}

/** No fraction, and a digit more where rounding may add one. */
function wholeDecimal([type]: readonly SqlType[]): SqlType {
  if (type?.kind !== 'decimal') return double
  return decimal(Math.min(38, type.precision - type.scale + Math.min(type.scale, 1)), 0)
}

function remainderDecimal(types: readonly SqlType[]): SqlType {
  const [a, b] = types.map(asDecimal)
  if (!a || !b) return double
  const scale = Math.max(a.scale, b.scale)
  return decimal(Math.min(a.precision - a.scale, b.precision - b.scale) + scale, scale)
}

function modulo(a: string, b: string, type: CallContext['type']): string {
  if (isFloating(type)) return `igp_float_mod(${a}, ${b})`
  return `CASE WHEN ${b} = 0 THEN ${failSql('DIVISION_BY_ZERO', 'Division by zero', duckType(type))} ELSE CAST(${a} % ${b} AS ${duckType(type)}) END`
}
