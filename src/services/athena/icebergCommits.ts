/**
 * How an Iceberg table changes: the library writes files and a metadata file aside, they become objects in one commit,
 * and then the Catalog's pointer moves, if it is still where the statement began. Before that nothing is seen; names
 * have the query's id, so one that a kill cut finds what it did, or removes what nobody sees, and does it again.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Table, TableInput } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import { lake } from '../../delivery/lake.ts'
import { splitUri, tableOf } from '../../engines/sql/catalogFiles.ts'
import type { CatalogTable } from '../../engines/sql/catalogTable.ts'
import type { IcebergDescription, IcebergRequest, StagedObject } from '../../engines/sql/iceberg/icebergLibrary.ts'
import { catalogTypeOf } from '../../engines/sql/iceberg/icebergSchema.ts'
import { askLibrary, describeAt, isIceberg, metadataLocationOf } from '../../engines/sql/iceberg/icebergTables.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import { AwsError } from '../../wire/errors.ts'
import type { StatementPlace } from './catalogStatements.ts'
import { executions } from './executions.ts'

export interface IcebergTable {
  table: CatalogTable
  stored: Table
  metadataLocation: string
}

/** A statement as it runs, with a folder of its own. */
export interface Change {
  ctx: Context
  place: StatementPlace
  folder: string
}

const retriesMax = 4

/** Undefined where it is another kind of table. Errors: EntityNotFoundException. */
export async function icebergTableOf(ctx: Context, database: string, name: string): Promise<IcebergTable | undefined> {
  const { Table } = await ctx.call('glue').GetTable({ DatabaseName: database, Name: name })
  const table = tableOf(Table as Table, { database, table: name })
  if (!isIceberg(table)) return undefined
  return { table, stored: Table as Table, metadataLocation: metadataLocationOf(table) }
}

export async function withChange<T>(ctx: Context, place: StatementPlace, use: (change: Change) => Promise<T>) {
  const folder = await ctx.use(lake).stagingFolder()
  try {
    return await use({ ctx, place, folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const isOf = (id: string) => (location: string) => location.includes(`-${id}.metadata.json`)

/** What an earlier, killed run of this very query made of the table; what it wrote and nobody sees is removed. */
export async function doneBefore(
  { ctx, place }: Change,
  target: IcebergTable,
): Promise<IcebergDescription | undefined> {
  if (!place.isAgain) return undefined
  const now = await describeAt(ctx, target.metadataLocation)
  if ([now.metadata_location, ...now.metadata_log].some(isOf(place.id))) return now
  await removeLeftovers(ctx, now.location, place.id)
  return undefined
}

async function removeLeftovers(ctx: Context, location: string, id: string): Promise<void> {
  const { bucket, prefix } = splitUri(location)
  const folder = prefix === '' ? '' : prefix.replace(/\/?$/, '/')
  const found = await ctx.use(lake).list({ scope: ctx, bucket, prefix: folder }, ({ key }) => key.includes(id))
  await deleteKeys(
    ctx,
    bucket,
    found.map(({ key }) => key),
  )
}

export async function deleteKeys(ctx: Context, bucket: string, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await ctx.use(lake).commit({ scope: ctx, bucket, files: [], delete: { keys } })
}

export async function deleteObjects(ctx: Context, locations: readonly string[]): Promise<void> {
  for (const [bucket, objects] of byBucket(locations.map((location) => ({ location })))) {
    const keys = objects.map(({ key }) => key)
    await deleteKeys(ctx, bucket, keys)
  }
}

/** Appends may be done again on what another has made of the table meanwhile; other changes may not. */
export async function changeTable<T extends IcebergDescription>(
  change: Change,
  target: IcebergTable,
  request: IcebergRequest,
  { mayRetry = false, check = () => {} }: { mayRetry?: boolean; check?: (staged: T) => void } = {},
): Promise<T> {
  const { ctx } = change
  let current = target
  for (let attempt = 0; ; attempt++) {
    const staged = await stage<T>(change, { ...request, metadata_location: current.metadataLocation }, attempt)
    if (staged.metadata_location === current.metadataLocation) return staged
    check(staged)
    checkNotStopped(change)
    await putObjects(ctx, staged.files)
    try {
      await movePointer(ctx, current, staged)
      return staged
    } catch (error) {
      await deleteObjects(ctx, locationsOf(staged))
      const { database, name } = current.table
      if (!isConflict(error)) throw error
      const again = mayRetry && attempt < retriesMax ? await icebergTableOf(ctx, database, name) : undefined
      if (!again) throw commitError(current.table)
      current = again
    }
  }
}

async function stage<T>({ ctx, place, folder }: Change, request: IcebergRequest, attempt: number): Promise<T> {
  const own = join(folder, `attempt-${attempt}`)
  mkdirSync(own)
  return askLibrary<T>(ctx, { ...request, folder: own, query_id: place.id })
}

/** A new table: its files, then its entry in the Catalog. Errors: AlreadyExistsException. */
export async function createTable(
  change: Change,
  { database, name, request, comment }: { database: string; name: string; request: IcebergRequest; comment?: string },
  check: (staged: IcebergDescription) => void = () => {},
): Promise<IcebergDescription> {
  const { ctx } = change
  const staged = await stage<IcebergDescription>(change, request, 0)
  check(staged)
  checkNotStopped(change)
  await putObjects(ctx, staged.files)
  const TableInput: TableInput = {
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    ...(comment !== undefined && { Description: comment }),
    Parameters: { table_type: 'ICEBERG', metadata_location: staged.metadata_location },
    StorageDescriptor: storageOf(staged),
  }
  try {
    await ctx.call('glue').CreateTable({ DatabaseName: database, TableInput })
  } catch (error) {
    await deleteObjects(ctx, locationsOf(staged))
    throw error
  }
  return staged
}

function storageOf({ schema, location }: IcebergDescription) {
  const Columns = schema.fields.map(({ id, name, type, doc, required }) => ({
    Name: name,
    Type: catalogTypeOf(type),
    ...(doc && { Comment: doc }),
    Parameters: {
      'iceberg.field.current': 'true',
      'iceberg.field.id': String(id),
      'iceberg.field.optional': String(!required),
    },
  }))
  return { Columns, Location: location, StoredAsSubDirectories: false }
}

async function movePointer(
  ctx: Context,
  { table, stored, metadataLocation }: IcebergTable,
  staged: IcebergDescription,
) {
  await ctx.call('glue').UpdateTable({
    DatabaseName: table.database,
    ...(stored.VersionId !== undefined && { VersionId: stored.VersionId }),
    TableInput: {
      Name: table.name,
      TableType: stored.TableType ?? 'EXTERNAL_TABLE',
      Description: stored.Description,
      Owner: stored.Owner,
      Parameters: {
        ...stored.Parameters,
        metadata_location: staged.metadata_location,
        previous_metadata_location: metadataLocation,
      },
      StorageDescriptor: { ...stored.StorageDescriptor, ...storageOf(staged) },
    },
  })
}

const isConflict = (error: unknown) =>
  error instanceof AwsError && ['ConcurrentModificationException', 'EntityNotFoundException'].includes(error.code)

function commitError({ database, name }: CatalogTable): SqlError {
  return new SqlError(
    `Failed to commit Iceberg update to table: ${database}.${name}`,
    undefined,
    'ICEBERG_COMMIT_ERROR',
  )
}

/** A query that was stopped leaves nothing. */
function checkNotStopped({ ctx, place }: Change): void {
  if (ctx.in(executions).get(place.id)?.state === 'CANCELLED')
    throw new SqlError('Query was cancelled.', undefined, 'USER_CANCELLED')
}

const locationsOf = ({ files }: IcebergDescription) => files.map(({ location }) => location)

async function putObjects(ctx: Context, staged: readonly StagedObject[]): Promise<void> {
  for (const [bucket, files] of byBucket(staged)) await ctx.use(lake).commit({ scope: ctx, bucket, files })
}

function byBucket<T extends { location: string }>(objects: readonly T[]): Map<string, (T & { key: string })[]> {
  const found = new Map<string, (T & { key: string })[]>()
  for (const object of objects) {
    const { bucket, prefix: key } = splitUri(object.location)
    found.set(bucket, [...(found.get(bucket) ?? []), { ...object, key }])
  }
  return found
}
