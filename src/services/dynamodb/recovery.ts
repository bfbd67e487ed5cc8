/** Point-in-time recovery: switched on, a table keeps a log of what its items were, for as many days as it is asked to. */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { segmentLogs } from '../../delivery/logs.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { withLog, withoutLog } from './changeLogs.ts'
import { isBeingCopied } from './tableCopies.ts'
import { type Recovery, type Table, tableNameOf, tables } from './tables.ts'

const { ContinuousBackupsUnavailableException, TableNotFoundException } = awsErrors('dynamodb')

const daysDefault = 35
const dayMillis = 86_400_000

interface RecoveryTrim extends Due {
  days: number
}

/** By the name of the log: what is older than its days is forgotten. */
const recoveryTrims = dueQueue<RecoveryTrim>('dynamodb/recovery-trims')

export const recoveryWorker = worker('dynamodb/recovery-trims', {
  queue: recoveryTrims,
  concurrency: 2,
  async run(trim, ctx) {
    await ctx.commit((tx) => {
      tx.use(segmentLogs).trim(tx, trim.id, tx.now - trim.days * dayMillis)
      tx.due(recoveryTrims).put({ ...trim, dueAt: tx.now + dayMillis })
    })
  },
})

export const recoveryOperations = operations('dynamodb', {
  async UpdateContinuousBackups(input, ctx) {
    const { PointInTimeRecoveryEnabled: isOn, RecoveryPeriodInDays: days } = input.PointInTimeRecoverySpecification as {
      PointInTimeRecoveryEnabled: boolean
      RecoveryPeriodInDays?: number
    }
    const table = await ctx.commit((tx) => {
      const before = mustFindTable(tx, input.TableName)
      if (!isOn && isBeingCopied(tx, before)) {
        throw ContinuousBackupsUnavailableException(`Table is being backed up, restored or exported: ${before.name}`)
      }
      const after = isOn ? recoverable(tx, before, days) : withoutRecovery(tx, before)
      tx.in(tables).put(after)
      return after
    })
    return { ContinuousBackupsDescription: described(table, ctx.clock.now()) }
  },

  async DescribeContinuousBackups(input, ctx) {
    return { ContinuousBackupsDescription: described(mustFindTable(ctx, input.TableName), ctx.clock.now()) }
  },
})

/** The backups' own word for a table that is not there. */
export function mustFindTable(from: Pick<Context, 'in'> | Pick<Tx, 'in'>, nameOrArn: string): Table {
  const table = from.in(tables).get(tableNameOf(nameOrArn))
  if (table) return table
  throw TableNotFoundException(`Table not found: ${tableNameOf(nameOrArn)}`)
}

function recoverable(tx: Tx, table: Table, days = table.recovery?.days ?? daysDefault): Table {
  const recovery = { ...(table.recovery ?? { log: `dynamodb-recovery-${tx.random.uuid()}`, since: tx.now }), days }
  tx.due(recoveryTrims).put({ id: recovery.log, dueAt: tx.now + dayMillis, days })
  return { ...(table.recovery ? table : withLog(table, recovery.log)), recovery }
}

export function withoutRecovery(tx: Tx, table: Table): Table {
  if (!table.recovery) return table
  tx.due(recoveryTrims).delete(table.recovery.log)
  const { recovery: _gone, ...rest } = withoutLog(tx, table, table.recovery.log)
  return rest
}

export function earliestOf({ since, days }: Recovery, now: Millis): Millis {
  return Math.max(since, now - days * dayMillis)
}

function described({ recovery }: Table, now: Millis) {
  return {
    ContinuousBackupsStatus: 'ENABLED' as const,
    PointInTimeRecoveryDescription: recovery
      ? {
          PointInTimeRecoveryStatus: 'ENABLED' as const,
          RecoveryPeriodInDays: recovery.days,
          EarliestRestorableDateTime: new Date(earliestOf(recovery, now)),
          LatestRestorableDateTime: new Date(now),
        }
      : { PointInTimeRecoveryStatus: 'DISABLED' as const },
  }
}
