/** Counts (observe/meters.ts, observe/ownMetrics.ts) as commits make them: what was undone is not counted. */
import { type Meter, Meters } from '../observe/meters.ts'
import { type Dimensions, type Measure, OwnMetrics } from '../observe/ownMetrics.ts'
import type { Scope } from '../store/collection.ts'
import type { Context, Tx } from './context.ts'
import { singleton } from './singleton.ts'

export const meters = singleton('meters', () => new Meters())
export const ownMetrics = singleton('own metrics', () => new OwnMetrics())

/** Counts once the commit stands. */
export function count(tx: Tx, source: string, ...counted: Counted[]): void {
  countTimes(tx, source, 1, ...counted)
}

type Counted = Meter | readonly [meter: Meter, value: number]

/** The same of so many things. */
export function countTimes(tx: Tx, source: string, times: number, ...counted: Counted[]): void {
  const all = tx.use(meters)
  const { now } = tx
  tx.afterApply(() => {
    for (const each of counted) {
      if (typeof each === 'string') all.add(source, each, now, 1, times)
      else all.add(source, each[0], now, each[1], times)
    }
  })
}

export interface MeasuredThing {
  /** `AWS/Lambda` */
  namespace: string
  dimensions: readonly Dimensions[]
}

/** Measures once the commit stands, by AWS's own names. */
export function measure(tx: Tx, thing: MeasuredThing, ...measures: Measure[]): void {
  const all = tx.use(ownMetrics)
  const { now, account, region } = tx
  tx.afterApply(() => all.add({ account, region, ...thing }, now, ...measures))
}

/** Where there is no commit. */
export function measureNow(
  ctx: Scope & Pick<Context, 'use' | 'clock'>,
  thing: MeasuredThing,
  ...measures: Measure[]
): void {
  const { account, region } = ctx
  ctx.use(ownMetrics).add({ account, region, ...thing }, ctx.clock.now(), ...measures)
}
