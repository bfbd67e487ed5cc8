/** Array functions (trino.io, "Array functions and operators"), most of them on DuckDB's lists. */
import { castSql } from '../casts.ts'
import { applied } from '../lambdas.ts'
import { comparable } from '../operators.ts'
import { type SqlType, unknown, varchar } from '../sqlTypes.ts'
import type { CallContext, FunctionTable } from './table.ts'

type Args = readonly string[]

const elementOf = ({ args: [first] }: CallContext): SqlType =>
  first?.type.kind === 'array' ? first.type.element : unknown

/** NULL where nothing is found but a NULL was looked at. */
function anyMatch([list, lambda]: Args): string {
  const answers = `list_transform(${list}, ${lambda})`
  return `CASE WHEN ${list} IS NULL THEN NULL WHEN list_contains(${answers}, true) THEN true WHEN len(list_filter(${answers}, lambda b: b IS NULL)) > 0 THEN NULL ELSE false END`
}

function allMatch([list, lambda]: Args): string {
  const answers = `list_transform(${list}, ${lambda})`
  return `CASE WHEN ${list} IS NULL THEN NULL WHEN list_contains(${answers}, false) THEN false WHEN len(list_filter(${answers}, lambda b: b IS NULL)) > 0 THEN NULL ELSE true END`
}

/** The state has a type of its own, so it travels beside the element. */
export function reduce([list, initial, step, finish]: Args): string {
  const states = `list_transform(${list}, lambda rx: struct_pack(s := ${initial}, t := rx))`
  const next = `lambda ra, re: struct_pack(s := ${applied(step as string, ['ra.s', 're.t'])}, t := re.t)`
  const seed = `struct_pack(s := ${initial}, t := (${list})[1])`
  return applied(finish as string, [`list_reduce(${states}, ${next}, ${seed}).s`])
}

/** Each element's place is how many come before it, by the comparator's own word. */
function sortBy([list, lambda]: Args): string {
  const before = `(${applied(lambda as string, ['sy', 'sx'])} < 0)`
  const after = `(${applied(lambda as string, ['sx', 'sy'])} < 0)`
  // A comparator that puts each of two before the other, as NULLs often are, leaves them as they are.
  const same = `${before} = ${after} AND sj < si`
  const isBefore = `(${before} AND NOT ${after}) OR (${same})`
  const rank = `len(list_filter(list_transform(${list}, lambda sy, sj: ${isBefore}), lambda sb: sb))`
  return `list_transform(list_sort(list_transform(${list}, lambda sx, si: struct_pack(r := ${rank}, v := sx))), lambda sp: sp.v)`
}

function zipWith([a, b, lambda]: Args): string {
  return `CASE WHEN ${a} IS NOT NULL AND ${b} IS NOT NULL THEN list_transform(range(1, 1 + greatest(len(${a}), len(${b}))), lambda zi: ${applied(lambda as string, [`(${a})[zi]`, `(${b})[zi]`])}) END`
}

function join([list, separator, absent]: Args, context: CallContext): string {
  const text = castSql({ sql: 'jx', type: elementOf(context) }, varchar())
  const texts = `list_transform(${list}, lambda jx: ${absent === undefined ? text : `coalesce(${text}, ${absent})`})`
  return `array_to_string(list_filter(${texts}, lambda jy: jy IS NOT NULL), ${separator})`
}

/** NULL where a NULL is in the list; NaN counts only where there is nothing else. */
function extreme(name: 'list_max' | 'list_min') {
  return ([list]: Args, context: CallContext) => {
    const { kind } = elementOf(context)
    const isFloat = kind === 'double' || kind === 'real'
    const best = isFloat
      ? `coalesce(${name}(list_filter(${list}, lambda mn: NOT isnan(mn))), ${name}(${list}))`
      : `${name}(${list})`
    return `CASE WHEN len(list_filter(${list}, lambda mx: mx IS NULL)) > 0 THEN NULL ELSE ${best} END`
  }
}

function contains([list, value]: Args, context: CallContext): string {
  const element = elementOf(context)
  if (comparable('x', element) === 'x') return `igp_contains(${list}, ${value})`
  return anyMatch([list as string, `lambda cx: ${comparable('cx', element)} = ${comparable(value as string, element)}`])
}

function flatten([list]: Args): string {
  return `igp_flatten(${list})`
}

export const arrayFunctions: FunctionTable = {
  kind: 'scalar',
  lines: [
    ['all_match(array(T), function(T,boolean)): boolean', allMatch],
    ['any_match(array(T), function(T,boolean)): boolean', anyMatch],
    ['none_match(array(T), function(T,boolean)): boolean', (args) => `(NOT ${anyMatch(args)})`],
    ['array_distinct(array(T)): array(T)', 'igp_distinct($1)'],
    ['array_except(array(T), array(T)): array(T)', 'igp_array_except($1, $2)'],
    ['array_intersect(array(T), array(T)): array(T)', 'igp_array_intersect($1, $2)'],
    ['array_union(array(T), array(T)): array(T)', 'igp_distinct(igp_concat($1, $2))'],
    ['arrays_overlap(array(T), array(T)): boolean', 'igp_arrays_overlap($1, $2)'],
    ['array_histogram(array(T)): map(T,bigint)', 'igp_array_histogram($1)'],
    ['array_join(array(T), varchar): varchar', join],
    ['array_join(array(T), varchar, varchar): varchar', join],
    ['array_max(array(T)): T', extreme('list_max')],
    ['array_min(array(T)): T', extreme('list_min')],
    [
      'array_position(array(T), T): bigint',
      'CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE CAST(coalesce(list_position($1, $2), 0) AS BIGINT) END',
    ],
    [
      'array_remove(array(T), T): array(T)',
      'CASE WHEN $2 IS NULL THEN NULL ELSE list_filter($1, lambda ax: ax IS DISTINCT FROM $2) END',
    ],
    ['array_sort(array(T)): array(T)', 'igp_sort($1)'],
    ['array_sort(array(T), function(T,T,integer)): array(T)', sortBy],
    ['cardinality(array(T)): bigint', 'CAST(len($1) AS BIGINT)'],
    ['cardinality(map(K,V)): bigint', 'CAST(cardinality($1) AS BIGINT)'],
    ['cardinality(hyperloglog): bigint', 'CAST(len(list_distinct($1)) AS BIGINT)'],
    ['combinations(array(T), bigint): array(array(T))', 'igp_combinations($1, $2)'],
    ['contains(array(T), T): boolean', contains],
    ['contains_sequence(array(T), array(T)): boolean', 'igp_contains_sequence($1, $2)'],
    ['element_at(array(T), bigint): T', 'igp_element_at($1, $2)'],
    ['element_at(map(K,V), K): V', 'igp_map_get($1, $2)'],
    ['filter(array(T), function(T,boolean)): array(T)', 'list_filter($1, $2)'],
    ['find_first(array(T), function(T,boolean)): T', 'list_filter($1, $2)[1]'],
    ['flatten(array(array(T))): array(T)', flatten],
    ['ngrams(array(T), bigint): array(array(T))', 'igp_ngrams($1, $2)'],
    ['reduce(array(T), S, function(S,T,S), function(S,R)): R', reduce],
    ['repeat(T, bigint): array(T)', 'igp_repeat($1, $2)'],
    ['reverse(array(T)): array(T)', 'list_reverse($1)'],
    ['sequence(bigint, bigint): array(bigint)', 'igp_sequence($1, $2, CASE WHEN $1 <= $2 THEN 1 ELSE -1 END)'],
    ['sequence(bigint, bigint, bigint): array(bigint)', 'igp_sequence($1, $2, $3)'],
    [
      'sequence(date, date): array(date)',
      'igp_sequence_dates($1, $2, CASE WHEN $1 <= $2 THEN 86400000 ELSE -86400000 END)',
    ],
    ['sequence(date, date, interval day to second): array(date)', 'igp_sequence_dates($1, $2, $3)'],
    ['sequence(date, date, interval year to month): array(date)', 'igp_sequence_months($1, $2, $3)'],
    [
      'sequence(timestamp(p), timestamp(p), interval day to second): array(timestamp(p))',
      'igp_sequence_moments($1, $2, $3)',
    ],
    [
      'sequence(timestamp(p), timestamp(p), interval year to month): array(timestamp(p))',
      'igp_sequence_moment_months($1, $2, $3)',
    ],
    [
      'shuffle(array(T)): array(T)',
      'list_transform(list_sort(list_transform($1, lambda sx: struct_pack(r := random(), v := sx))), lambda sy: sy.v)',
    ],
    ['slice(array(T), bigint, bigint): array(T)', 'igp_slice($1, $2, $3)'],
    ['trim_array(array(T), bigint): array(T)', 'igp_trim_array($1, $2)'],
    ['transform(array(T), function(T,U)): array(U)', 'list_transform($1, $2)'],
    ['zip_with(array(T), array(U), function(T,U,R)): array(R)', zipWith],
  ],
}
