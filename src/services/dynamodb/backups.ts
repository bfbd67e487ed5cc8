/** Backups: a copy of a table's items as they were when it was asked for, and of what the table was. It outlives the table. */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { mustFindTable } from './recovery.ts'
import { copyNow, pagesOf } from './tableCopies.ts'
import { described } from './tableDescriptions.ts'
import { type Table, tableArn, tableNameOf } from './tables.ts'
import { tableWork } from './tableWork.ts'
import { itemSize } from './values.ts'

const { BackupInUseException, BackupNotFoundException, TableInUseException } = awsErrors('dynamodb')

const pageMax = 100

export interface Backup {
  /** The end of its ARN. */
  id: string
  name: string
  /** What its items are kept under. */
  holder: string
  createdAt: Millis
  isReady: boolean
  table: Table
  bytes: number
  count: number
}

export const backups = collection<Backup>('dynamodb/backups', { version: 1, key: (backup) => [backup.id] })

export const backupOperations = operations('dynamodb', {
  async CreateBackup(input, ctx) {
    const backup = await ctx.commit((tx) => {
      const table = mustFindTable(tx, input.TableName)
      if (table.isBeingMade) throw TableInUseException(`Table is being created: ${table.name}`)
      const made: Backup = {
        id: `${String(tx.now).padStart(14, '0')}-${tx.random.hex(8)}`,
        name: input.BackupName,
        holder: tx.random.uuid(),
        createdAt: tx.now,
        isReady: false,
        ...{ table, bytes: 0, count: 0 },
      }
      tx.in(backups).put(made)
      copyNow(tx, table, { to: made.holder, purpose: { kind: 'backup', name: made.id } })
      return made
    })
    return { BackupDetails: detailsOf(ctx, backup) }
  },

  async DescribeBackup(input, ctx) {
    return { BackupDescription: backupDescription(ctx, mustGetBackup(ctx, input.BackupArn)) }
  },

  async ListBackups(input, ctx) {
    const name = input.TableName === undefined ? undefined : tableNameOf(input.TableName)
    const [from, to] = [input.TimeRangeLowerBound?.getTime() ?? 0, input.TimeRangeUpperBound?.getTime() ?? Infinity]
    const isWanted = ({ table, createdAt }: Backup) =>
      (name === undefined || table.name === name) && createdAt >= from && createdAt < to
    // Nothing here makes backups of its own.
    const isTypeHere = !input.BackupType || input.BackupType === 'USER' || input.BackupType === 'ALL'
    const after = input.ExclusiveStartBackupArn && idOf(input.ExclusiveStartBackupArn)
    const all = isTypeHere ? [...ctx.in(backups).list(after ? { after: [after] } : {})].filter(isWanted) : []
    const page = all.slice(0, input.Limit ?? pageMax)
    return {
      BackupSummaries: page.map((backup) => summaryOf(ctx, backup)),
      ...(page.length < all.length && { LastEvaluatedBackupArn: backupArn(ctx, page.at(-1) as Backup) }),
    }
  },

  async DeleteBackup(input, ctx) {
    const backup = await ctx.commit((tx) => {
      const gone = mustGetBackup(tx, input.BackupArn)
      if (!gone.isReady) throw BackupInUseException(`Backup is being created: ${input.BackupArn}`)
      tx.in(backups).delete(gone.id)
      tx.due(tableWork).put({ id: `purge ${gone.holder}`, dueAt: tx.now, kind: 'purge', holder: gone.holder })
      return gone
    })
    const description = backupDescription(ctx, backup)
    return {
      BackupDescription: {
        ...description,
        BackupDetails: { ...description.BackupDetails, BackupStatus: 'DELETED' as const },
      },
    }
  },
})

type Reader = Pick<Context | Tx, 'in' | 'account' | 'region'>

export function backupArn(scope: Pick<Context, 'account' | 'region'>, { table, id }: Backup): string {
  return `${tableArn(table.name, scope)}/backup/${id}`
}

function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

export function mustGetBackup(from: Reader, arn: string): Backup {
  const backup = from.in(backups).get(idOf(arn))
  if (backup && backupArn(from, backup) === arn) return backup
  throw BackupNotFoundException(`Backup not found: ${arn}`)
}

/** Called when its copy is whole. */
export async function finishBackup(ctx: Context, id: string, holder: string): Promise<(tx: Tx) => void> {
  let [bytes, count] = [0, 0]
  for await (const page of pagesOf(ctx, holder)) {
    count += page.length
    for (const { item } of page) bytes += itemSize(item)
  }
  return (tx) => {
    const backup = tx.in(backups).get(id)
    if (backup) tx.in(backups).put({ ...backup, isReady: true, bytes, count })
  }
}

function detailsOf(ctx: Context, backup: Backup) {
  return {
    BackupArn: backupArn(ctx, backup),
    BackupName: backup.name,
    BackupStatus: backup.isReady ? ('AVAILABLE' as const) : ('CREATING' as const),
    BackupType: 'USER' as const,
    BackupCreationDateTime: new Date(backup.createdAt),
    BackupSizeBytes: backup.bytes,
  }
}

function summaryOf(ctx: Context, backup: Backup) {
  const { table } = backup
  return { ...detailsOf(ctx, backup), TableName: table.name, TableId: table.id, TableArn: tableArn(table.name, ctx) }
}

function backupDescription(ctx: Context, backup: Backup) {
  const { table } = backup
  const description = described(table, ctx)
  const { LocalSecondaryIndexes, GlobalSecondaryIndexes, StreamSpecification, SSEDescription } = description
  return {
    BackupDetails: detailsOf(ctx, backup),
    SourceTableDetails: {
      TableName: table.name,
      TableId: table.id,
      TableArn: description.TableArn,
      TableSizeBytes: backup.bytes,
      ItemCount: backup.count,
      KeySchema: description.KeySchema ?? [],
      TableCreationDateTime: description.CreationDateTime,
      ProvisionedThroughput: table.throughput ?? { ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
      BillingMode: description.BillingModeSummary?.BillingMode,
    },
    SourceTableFeatureDetails: {
      ...(LocalSecondaryIndexes && { LocalSecondaryIndexes: LocalSecondaryIndexes as never }),
      ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes: GlobalSecondaryIndexes as never }),
      ...(StreamSpecification && { StreamDescription: StreamSpecification }),
      ...(SSEDescription && { SSEDescription }),
      ...(table.timeToLive && {
        TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' as const, AttributeName: table.timeToLive.attribute },
      }),
    },
  }
}
