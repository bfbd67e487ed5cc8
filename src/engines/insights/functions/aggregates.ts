/** Functions of `stats`. What is no number is left out of what counts with numbers. */
import type { FunctionLine } from './functionTable.ts'

export const aggregateFunctions: readonly FunctionLine[] = [
  ['avg(number): number', 'avg($1)', 'the mean'],
  [
    'count(any?): number',
    ([value]) => `CAST(count(${value ?? '*'}) AS DOUBLE)`,
    'how many events, or how many have the field',
  ],
  ['count_distinct(any): number', 'CAST(count(DISTINCT $1) AS DOUBLE)', 'how many different values'],
  ['max(any): any', ([value = ''], { types }) => extremeSql('max', value, types[0] === 'text'), 'the largest value'],
  ['min(any): any', ([value = ''], { types }) => extremeSql('min', value, types[0] === 'text'), 'the smallest value'],
  ['median(number): number', 'quantile_cont($1, 0.5)', 'the value in the middle'],
  ['pct(number, number): number', percentileSql, 'the percentile: `pct(@duration, 95)`'],
  ['percentile(number, number): number', percentileSql, 'the same by its longer name'],
  ['stddev(number): number', 'stddev_pop($1)', 'the standard deviation'],
  ['sum(number): number', 'sum($1)', 'the sum'],
  [
    'earliest(any): any',
    (args, { time }) => `arg_min(${args[0]}, ${time})`,
    'the value in the earliest event that has it',
  ],
  ['latest(any): any', (args, { time }) => `arg_max(${args[0]}, ${time})`, 'the value in the latest event that has it'],
  [
    'sortsFirst(any): any',
    (args, { types }) => bySort('arg_min', args[0], types[0] === 'text'),
    'the value that sorts first',
  ],
  [
    'sortsLast(any): any',
    (args, { types }) => bySort('arg_max', args[0], types[0] === 'text'),
    'the value that sorts last',
  ],
]

/** Numbers among text are compared as numbers, and given as they were written. */
function extremeSql(name: 'max' | 'min', value: string, isText: boolean): string {
  return isText ? `coalesce(arg_${name}(${value}, igp_num(${value})), ${name}(${value}))` : `${name}(${value})`
}

function percentileSql([value, percent]: readonly string[]): string {
  return `quantile_cont(${value}, ${percent} / 100.0)`
}

function bySort(name: string, value = '', isText: boolean): string {
  return `${name}(${value}, ${isText ? sortKeySql(value) : value})`
}

/** Numbers come after all other values; text by its natural order. */
function sortKeySql(value: string): string {
  return `(igp_num(${value}) IS NOT NULL, coalesce(igp_num(${value}), 0), igp_natural(${value}))`
}
