/** Numeric functions ("Numeric operators" of the documentation). */
import type { FunctionLine } from './functionTable.ts'

export const numberFunctions: readonly FunctionLine[] = [
  ['abs(number): number', 'abs($1)', 'the absolute value'],
  ['ceil(number): number', 'ceil($1)', 'the smallest whole number that is not smaller'],
  ['floor(number): number', 'floor($1)', 'the largest whole number that is not larger'],
  ['greatest(number…): number', 'greatest($*)', 'the largest'],
  ['least(number…): number', 'least($*)', 'the smallest'],
  ['log(number): number', 'CASE WHEN $1 > 0 THEN ln($1) END', 'the natural logarithm'],
  ['sqrt(number): number', 'CASE WHEN $1 >= 0 THEN sqrt($1) END', 'the square root'],
]
