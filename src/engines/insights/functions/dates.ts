/** Datetime functions. Periods: `5m`, `1h`; ms, s, m, h, d, w, mo, q, y and their longer names. */
import { ceilSql, floorSql, type Period } from '../periods.ts'
import type { CallContext, FunctionLine } from './functionTable.ts'

export const dateFunctions: readonly FunctionLine[] = [
  [
    'bin(period): timestamp',
    (_, context) => floorSql(context.time ?? 'NULL', period(context)),
    "the event's time, cut to the period's begin",
  ],
  [
    'datefloor(timestamp, period): timestamp',
    ([time = ''], context) => floorSql(time, period(context)),
    "cut to the period's begin",
  ],
  [
    'dateceil(timestamp, period): timestamp',
    ([time = ''], context) => ceilSql(time, period(context)),
    "raised to the next period's begin",
  ],
  [
    'fromMillis(number): timestamp',
    'TRY_CAST(round($1) AS BIGINT)',
    'the time that many milliseconds after 1970 began',
  ],
  ['toMillis(timestamp): number', 'CAST($1 AS DOUBLE)', 'milliseconds since 1970 began'],
  [
    'now(): number',
    (_, { now }) => `CAST(${Math.floor(now / 1000)} AS DOUBLE)`,
    'when the query began, in seconds since 1970 began',
  ],
]

function period({ periods }: CallContext): Period {
  return periods[0] as Period
}
