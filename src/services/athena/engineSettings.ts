/** What every query of the embedded engine is run with. */
import type { Context } from '../../delivery/context.ts'
import type { QuerySettings } from '../../engines/sql/athena/athenaQuery.ts'
import { spareDatabase } from '../../engines/sql/spareDatabase.ts'

export function engineSettings(ctx: Context): Pick<QuerySettings, 'now' | 'engines'> {
  const now = new Date(ctx.clock.now()).toISOString().replace('T', ' ').replace('Z', '')
  return { now, engines: ctx.use(spareDatabase) }
}
