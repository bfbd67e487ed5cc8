/** Map functions (trino.io, "Map functions and operators"). */
import { applied } from '../lambdas.ts'
import { duckType } from '../sqlTypes.ts'
import type { FunctionTable } from './table.ts'

type Args = readonly string[]

const entries = (map: string, body: string) => `list_transform(map_entries(${map}), lambda me: ${body})`

function filterEntries([map, lambda]: Args): string {
  return `map_from_entries(list_filter(map_entries(${map}), lambda me: ${applied(lambda as string, ['me.key', 'me.value'])}))`
}

function transformKeys([map, lambda]: Args): string {
  return `igp_map(${entries(map as string, applied(lambda as string, ['me.key', 'me.value']))}, map_values(${map}))`
}

function transformValues([map, lambda]: Args): string {
  return `CASE WHEN ${map} IS NOT NULL THEN map(map_keys(${map}), ${entries(map as string, applied(lambda as string, ['me.key', 'me.value']))}) END`
}

function zipMaps([a, b, lambda]: Args): string {
  const keys = `igp_distinct(igp_concat(map_keys(${a}), map_keys(${b})))`
  const value = applied(lambda as string, ['mk', `igp_map_get(${a}, mk)`, `igp_map_get(${b}, mk)`])
  return `map(${keys}, list_transform(${keys}, lambda mk: ${value}))`
}

export const mapFunctions: FunctionTable = {
  kind: 'scalar',
  lines: [
    ['map(array(K), array(V)): map(K,V)', 'igp_map_of($1, $2)'],
    ['map(): map(unknown,unknown)', 'CAST(MAP {} AS MAP(INTEGER, INTEGER))'],
    [
      'map_concat(map(K,V), map(K,V)…): map(K,V)',
      ([first, ...more]) => more.reduce<string>((left, right) => `igp_map_concat(${left}, ${right})`, first as string),
    ],
    [
      'map_entries(map(K,V)): array(row(K,V))',
      'list_transform(map_entries($1), lambda me: struct_pack(f0 := me.key, f1 := me.value))',
    ],
    [
      'map_from_entries(array(row(K,V))): map(K,V)',
      'igp_map(list_transform($1, lambda me: me.f0), list_transform($1, lambda mf: mf.f1))',
    ],
    [
      'multimap_from_entries(array(row(K,V))): map(K,array(V))',
      'igp_multimap(list_transform($1, lambda me: me.f0), list_transform($1, lambda mf: mf.f1))',
    ],
    ['map_filter(map(K,V), function(K,V,boolean)): map(K,V)', filterEntries],
    ['map_keys(map(K,V)): array(K)', 'map_keys($1)'],
    ['map_values(map(K,V)): array(V)', 'map_values($1)'],
    ['map_zip_with(map(K,V), map(K,U), function(K,V,U,R)): map(K,R)', zipMaps],
    ['transform_keys(map(K,V), function(K,V,U)): map(U,V)', transformKeys],
    ['transform_values(map(K,V), function(K,V,U)): map(K,U)', transformValues],
    ['empty_approx_set(): hyperloglog', (_, { type }) => `CAST([] AS ${duckType(type)})`],
  ],
}
