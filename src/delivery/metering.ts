/** Counts (observe/meters.ts) as commits make them: what was undone is not counted. */
import { type Meter, Meters } from '../observe/meters.ts'
import type { Tx } from './context.ts'
import { singleton } from './singleton.ts'

export const meters = singleton('meters', () => new Meters())

/** Counts once the commit stands. */
export function count(tx: Tx, source: string, ...counted: (Meter | readonly [meter: Meter, value: number])[]): void {
  const all = tx.use(meters)
  const { now } = tx
  tx.afterApply(() => {
    for (const each of counted) {
      if (typeof each === 'string') all.add(source, each, now)
      else all.add(source, each[0], now, each[1])
    }
  })
}
