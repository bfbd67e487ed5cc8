/** How many messages a second a web endpoint takes: turns are given by the second of AWS's clock, one row a subscription. */
import type { Millis } from '../../clock.ts'
import type { Arn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'

interface Rate {
  arn: Arn
  /** The last second in which turns were given. */
  second: number
  given: number
}

const rates = collection<Rate>('sns/rates', { version: 1, key: ({ arn }) => [arn] })

/** The first second that has room; undefined where it would be after `end`. */
export function takeTurn(tx: Tx, arn: Arn, perSecond: number, end: Millis): Millis | undefined {
  const now = Math.floor(tx.now / 1000)
  const last = tx.in(rates).get(arn)
  const rate = last && last.second >= now ? last : { arn, second: now, given: 0 }
  const next = rate.given < perSecond ? rate : { arn, second: rate.second + 1, given: 0 }
  const at = Math.max(tx.now, next.second * 1000)
  if (at > end) return undefined
  tx.in(rates).put({ ...next, given: next.given + 1 })
  return at
}
