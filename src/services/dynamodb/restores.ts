/** Tables made again: from a backup, or as a table was at a moment. Nothing can be read before all of it is there. */
import type { RestoreTableToPointInTimeCommandInput } from '@aws-sdk/client-dynamodb'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { backupArn, mustGetBackup } from './backups.ts'
import { earliestOf, mustFindTable } from './recovery.ts'
import { beginCopy } from './tableCopies.ts'
import { described } from './tableDescriptions.ts'
import { checkBilling, encryptionFrom, throughputFrom } from './tableSettings.ts'
import { type Restored, type Table, tableArn, tableNameOf, tables } from './tables.ts'
import { tableWork } from './tableWork.ts'
import { invalid } from './values.ts'

const {
  BackupInUseException,
  InvalidRestoreTimeException,
  PointInTimeRecoveryUnavailableException,
  TableAlreadyExistsException,
} = awsErrors('dynamodb')

type Overrides = Pick<
  RestoreTableToPointInTimeCommandInput,
  | 'BillingModeOverride'
  | 'GlobalSecondaryIndexOverride'
  | 'LocalSecondaryIndexOverride'
  | 'ProvisionedThroughputOverride'
  | 'SSESpecificationOverride'
>

export const restoreOperations = operations('dynamodb', {
  async RestoreTableFromBackup(input, ctx) {
    refuseOverrides('RestoreTableFromBackup', input)
    const table = await ctx.commit((tx) => {
      const backup = mustGetBackup(tx, input.BackupArn)
      if (!backup.isReady) throw BackupInUseException(`Backup is being created: ${input.BackupArn}`)
      const restored = { from: tableArn(backup.table.name, tx), backup: backupArn(tx, backup), at: backup.createdAt }
      const made = restoredTable(tx, input.TargetTableName, backup.table, input, restored)
      beginCopy(tx, { from: backup.holder, to: made.id, purpose: { kind: 'restore', name: made.name } })
      return made
    })
    return { TableDescription: described(table, ctx) }
  },

  async RestoreTableToPointInTime(input, ctx) {
    refuseOverrides('RestoreTableToPointInTime', input)
    const table = await ctx.commit((tx) => {
      const source = mustFindTable(tx, sourceNameOf(input))
      const at = input.UseLatestRestorableTime ? tx.now : input.RestoreDateTime?.getTime()
      const undo = undoFrom(source, at, tx.now)
      const restored = { from: tableArn(source.name, tx), at: undo.since }
      const made = restoredTable(tx, input.TargetTableName, source, input, restored)
      beginCopy(tx, { from: source.id, to: made.id, undo, purpose: { kind: 'restore', name: made.name } })
      return made
    })
    return { TableDescription: described(table, ctx) }
  },
})

function sourceNameOf({
  SourceTableName,
  SourceTableArn,
}: {
  SourceTableName?: string
  SourceTableArn?: string
}): string {
  const given = SourceTableName ?? SourceTableArn
  if (given !== undefined) return tableNameOf(given)
  throw invalid('SourceTableName or SourceTableArn must be specified')
}

/** Errors: in AWS's words, where recovery is off or does not reach there. */
export function undoFrom({ name, recovery }: Table, at: Millis | undefined, now: Millis) {
  if (!recovery) {
    throw PointInTimeRecoveryUnavailableException(`Point in time recovery is not enabled for table '${name}'`)
  }
  if (at === undefined) throw invalid('RestoreDateTime or UseLatestRestorableTime must be specified')
  if (at < earliestOf(recovery, now) || at > now) {
    throw InvalidRestoreTimeException(
      'An invalid restore time was specified. RestoreDateTime must be between EarliestRestorableDateTime and LatestRestorableDateTime.',
    )
  }
  return { log: recovery.log, since: at }
}

function refuseOverrides(operation: string, input: object): void {
  for (const name of ['OnDemandThroughputOverride', 'VectorIndexOverride']) {
    if ((input as Record<string, unknown>)[name] !== undefined) throw NotImplemented(`${operation} with ${name}`)
  }
}

/** Keys, indexes and billing are the source's; streams, time to live, recovery and tags are not taken over, as on AWS. */
function restoredTable(tx: Tx, name: string, source: Table, overrides: Overrides, restored: Restored): Table {
  if (tx.in(tables).has(name)) throw TableAlreadyExistsException(`Table already exists: ${name}`)
  const id = tx.random.uuid()
  const mode = overrides.BillingModeOverride ?? (source.throughput ? 'PROVISIONED' : 'PAY_PER_REQUEST')
  const given = throughputFrom(overrides.ProvisionedThroughputOverride)
  const throughput = mode === 'PROVISIONED' ? (given ?? source.throughput) : undefined
  checkBilling(mode, mode === 'PROVISIONED' ? throughput : given)
  const encryption = overrides.SSESpecificationOverride
    ? encryptionFrom(overrides.SSESpecificationOverride)
    : source.encryption
  const table: Table = {
    ...{ name, id, createdAt: tx.now, keys: source.keys, isProtected: false, tableClass: source.tableClass, tags: {} },
    indexes: keptIndexes(source, overrides).map(({ throughput: own, ...index }, at) => ({
      ...index,
      ...(mode === 'PROVISIONED' && own && { throughput: own }),
      id: `${id}/${at}`,
      status: 'CREATING',
    })),
    ...(throughput && { throughput }),
    ...(encryption && { encryption }),
    ...{ isBeingMade: true, restored },
  }
  tx.in(tables).put(table)
  return table
}

/** An override names those that are wanted; none may be new. */
function keptIndexes({ indexes }: Table, overrides: Overrides) {
  const wanted = {
    global: overrides.GlobalSecondaryIndexOverride?.map(({ IndexName }) => IndexName),
    local: overrides.LocalSecondaryIndexOverride?.map(({ IndexName }) => IndexName),
  }
  for (const name of [...(wanted.global ?? []), ...(wanted.local ?? [])]) {
    if (!indexes.some((index) => index.name === name)) {
      throw invalid(`One or more parameter values were invalid: Index ${name} is not an index of the source table`)
    }
  }
  return indexes.filter(({ kind, name }) => wanted[kind]?.includes(name) ?? true)
}

/** Called when the items are there: their indexes are filled, and the last of them opens the table. */
export async function finishRestore(_: Context, name: string, id: string): Promise<(tx: Tx) => void> {
  return (tx) => {
    const table = tx.in(tables).get(name)
    if (table?.id !== id) return
    for (const index of table.indexes) {
      const work = { kind: 'backfill' as const, holder: index.id, table: name }
      tx.due(tableWork).put({ id: `backfill ${index.id}`, dueAt: tx.now, ...work })
    }
    const { isBeingMade: _, ...whole } = table
    if (table.indexes.length === 0) tx.in(tables).put(whole)
  }
}
