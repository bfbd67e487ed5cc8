/** UpdateTimeToLive and DescribeTimeToLive: which attribute says when an item ends. */
import type { Tx } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { expiryWork } from './expiries.ts'
import { mustDescribeTable, type Table, tables } from './tables.ts'
import { tableWork } from './tableWork.ts'
import { invalid } from './values.ts'

export const timeToLiveOperations = operations('dynamodb', {
  async UpdateTimeToLive(input, ctx) {
    const { Enabled, AttributeName } = input.TimeToLiveSpecification as { Enabled: boolean; AttributeName: string }
    await ctx.commit((tx) => {
      const table = mustDescribeTable(tx, input.TableName)
      checkChange(table, Enabled, AttributeName)
      tx.in(tables).put(Enabled ? enabled(tx, table, AttributeName) : withoutTimeToLive(tx, table))
    })
    return { TimeToLiveSpecification: { Enabled, AttributeName } }
  },

  async DescribeTimeToLive(input, ctx) {
    const { timeToLive } = mustDescribeTable(ctx, input.TableName)
    return {
      TimeToLiveDescription: timeToLive
        ? { TimeToLiveStatus: timeToLive.status, AttributeName: timeToLive.attribute }
        : { TimeToLiveStatus: 'DISABLED' as const },
    }
  },
})

function checkChange({ timeToLive }: Table, isEnabled: boolean, attribute: string): void {
  if (!timeToLive && !isEnabled) throw invalid('TimeToLive is already disabled')
  if (!timeToLive) return
  if (timeToLive.attribute !== attribute) {
    throw invalid(`TimeToLive is active on a different AttributeName: current AttributeName is ${timeToLive.attribute}`)
  }
  if (isEnabled) throw invalid('TimeToLive is already enabled')
}

/** Items that are there already are looked at bit by bit. */
function enabled(tx: Tx, table: Table, attribute: string): Table {
  const id = tx.random.uuid()
  tx.due(tableWork).put({ id: `expiries ${id}`, dueAt: tx.now, kind: 'expiries', holder: id, table: table.name })
  return { ...table, timeToLive: { id, attribute, status: 'ENABLING' } }
}

/** The table without its time to live, whose entries go. */
export function withoutTimeToLive(tx: Tx, { timeToLive, ...table }: Table): Table {
  if (!timeToLive) return table
  tx.due(expiryWork).delete(timeToLive.id)
  tx.due(tableWork).put({ id: `purge ${timeToLive.id}`, dueAt: tx.now, kind: 'purge', holder: timeToLive.id })
  return table
}
