/** Iceberg tables of the Catalog, opened for a query: the library plans which files it needs, the lake links them. */
import { rm } from 'node:fs/promises'
import type { Context } from '../../../delivery/context.ts'
import { type LakeView, lake } from '../../../delivery/lake.ts'
import { AwsError } from '../../../wire/errors.ts'
import type { LinkedTable } from '../athena/athenaQuery.ts'
import { splitUri } from '../catalogFiles.ts'
import type { CatalogTable } from '../catalogTable.ts'
import { SqlError } from '../sqlError.ts'
import type { Domain, KeyValue } from '../trino/partitionValues.ts'
import type { PartitionFilter } from '../trino/pruning.ts'
import { type IcebergDescription, type IcebergRequest, icebergLibrary } from './icebergLibrary.ts'
import { metadataTableSchemas } from './icebergMetadataTables.ts'
import type { PlannedFile } from './icebergRelation.ts'
import type { IcebergStruct } from './icebergSchema.ts'

/** A snapshot that a query asks for, by `FOR VERSION AS OF` or `FOR TIMESTAMP AS OF`. */
export type SnapshotChoice =
  | { snapshot_id: string }
  | { reference: string }
  | { as_of: number; as_of_text: string; name: string }

export interface IcebergOpening {
  /** In place of the Catalog's own pointer. */
  metadataLocation?: string
  snapshot?: SnapshotChoice
  filter?: PartitionFilter
  /** Data files by their objects; the others are left out. */
  only?: ReadonlySet<string>
}

export function isIceberg(table: Pick<CatalogTable, 'parameters'>): boolean {
  return table.parameters.table_type?.toUpperCase() === 'ICEBERG'
}

/** Errors: ICEBERG_INVALID_METADATA. */
export function metadataLocationOf({ parameters, database, name }: CatalogTable): string {
  const location = parameters.metadata_location
  if (location) return location
  throw new SqlError(
    `Table is missing [metadata_location] property: ${database}.${name}`,
    undefined,
    'ICEBERG_INVALID_METADATA',
  )
}

/** Objects as files in folders; `views` gathers what is to be closed. */
export class LinkedObjects {
  readonly #ctx: Context
  readonly #views: LakeView[]

  constructor(ctx: Context, views: LakeView[]) {
    this.#ctx = ctx
    this.#views = views
  }

  /** Errors: ICEBERG_MISSING_METADATA, for one that is not there. */
  async link(locations: Iterable<string>): Promise<Map<string, string>> {
    const byBucket = new Map<string, { key: string; location: string }[]>()
    for (const location of new Set(locations)) {
      const { bucket, prefix: key } = splitUri(location)
      byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), { key, location }])
    }
    const paths = new Map<string, string>()
    for (const [bucket, objects] of byBucket) {
      const view = await this.#open(bucket, objects)
      this.#views.push(view)
      for (const [i, { location }] of objects.entries()) paths.set(location, view.files[i]?.path as string)
    }
    return paths
  }

  async #open(bucket: string, objects: readonly { key: string }[]): Promise<LakeView> {
    const keys = objects.map(({ key }) => key)
    try {
      return await this.#ctx.use(lake).open({ scope: this.#ctx, bucket, prefix: '' }, { names: 'numbered', keys })
    } catch (error) {
      if (!(error instanceof AwsError && error.code === 'NoSuchKey')) throw error
      throw new SqlError(`Failed to open a file of the table: ${error.message}`, undefined, 'ICEBERG_MISSING_METADATA')
    }
  }

  /** As the library asks. */
  pathOf = async (location: string): Promise<string | null> => {
    try {
      return (await this.link([location])).get(location) ?? null
    } catch (error) {
      if (error instanceof SqlError) return null
      throw error
    }
  }
}

/** One request about a table whose files the request itself opens. */
export async function askLibrary<T = IcebergDescription>(ctx: Context, request: IcebergRequest): Promise<T> {
  const views: LakeView[] = []
  try {
    return await ctx.use(icebergLibrary).request<T>(ctx, request, new LinkedObjects(ctx, views).pathOf)
  } finally {
    for (const view of views) await view.close()
  }
}

/** What a metadata file says of its table. */
export function describeAt(ctx: Context, metadataLocation: string): Promise<IcebergDescription> {
  return askLibrary(ctx, { operation: 'describe', metadata_location: metadataLocation })
}

interface Plan {
  schema: IcebergStruct
  files_planned: {
    location: string
    bytes: number
    rows: number
    deletes: { location: string; bytes: number }[]
    constants: Record<string, string | null>
  }[]
}

export async function openIceberg(
  ctx: Context,
  table: CatalogTable,
  opening: IcebergOpening,
  views: LakeView[],
): Promise<LinkedTable> {
  const { only, filter, snapshot, metadataLocation = metadataLocationOf(table) } = opening
  const own: LakeView[] = []
  const plan = await askLibrary<Plan>(ctx, {
    operation: 'plan',
    metadata_location: metadataLocation,
    domains: filter ? domainsOf(table, filter) : [],
    ...snapshot,
  })
  const planned = plan.files_planned.filter(({ location }) => only?.has(location) ?? true)
  const wanted = planned.flatMap(({ location, deletes }) => [location, ...deletes.map((one) => one.location)])
  const paths = await new LinkedObjects(ctx, own).link(wanted)
  views.push(...own)
  const path = (location: string) => paths.get(location) as string
  const files: PlannedFile[] = planned.map((file) => ({
    ...file,
    path: path(file.location),
    deletes: file.deletes.map((one) => path(one.location)),
  }))
  const deletes = new Map(planned.flatMap((file) => file.deletes.map((one) => [one.location, one.bytes])))
  const bytes = [...planned.map((file) => file.bytes), ...deletes.values()].reduce((sum, one) => sum + one, 0)
  return linkedIceberg(table, { schema: plan.schema, files }, own, bytes)
}

function linkedIceberg(
  table: CatalogTable,
  iceberg: { schema: IcebergStruct; files: PlannedFile[] },
  views: readonly LakeView[],
  bytes: number,
): LinkedTable {
  const folders = views.map((view) => view.folder)
  return { table, groups: [{ paths: [], partition: [], bytes }], folders, uris: new Map(), iceberg }
}

/** `"table$files"` and its like: the library writes their rows into a file. */
export async function openMetadataTable(
  ctx: Context,
  { table, what, snapshot }: { table: CatalogTable; what: string; snapshot?: SnapshotChoice },
  views: LakeView[],
): Promise<LinkedTable> {
  const folder = await ctx.use(lake).stagingFolder()
  const view = stagedView(folder)
  views.push(view)
  const { path, ...description } = await askLibrary<IcebergDescription & { path: string }>(ctx, {
    operation: 'metadata_table',
    what,
    folder,
    metadata_location: metadataLocationOf(table),
    ...snapshot,
  })
  const schema = metadataTableSchemas[what]?.(description) as IcebergStruct
  const file = { location: path, path, bytes: 0, rows: 0, deletes: [], constants: {} }
  return linkedIceberg({ ...table, name: `${table.name}$${what}` }, { schema, files: [file] }, [view], 0)
}

function stagedView(folder: string): LakeView {
  return { folder, files: [], close: () => rm(folder, { recursive: true, force: true }) }
}

/** What the conditions leave of each column whose values they can be held against. */
export function domainsOf(table: CatalogTable, filter: PartitionFilter): object[] {
  const keys = table.columns.map((column) => column.name)
  return table.columns.flatMap(({ name, type }) => {
    const kind = comparedAs[type]
    if (!kind) return []
    const domain = domainOf(filter.domain(name, keys), kind)
    return Object.keys(domain).length > 0 ? [{ column: name, ...domain }] : []
  })
}

const comparedAs: Record<string, KeyValue['kind']> = { int: 'number', bigint: 'number', string: 'text', date: 'date' }

function domainOf({ values, low, high }: Domain, kind: KeyValue['kind']): object {
  const shown = (value: KeyValue | undefined) =>
    value && value.kind === kind ? (kind === 'number' ? { number: String(value.value) } : value.value) : undefined
  const list = values?.map(shown)
  const [least, most] = [shown(low), shown(high)]
  return {
    ...(list?.every((one) => one !== undefined) && { values: list }),
    ...(least !== undefined && { low: least }),
    ...(most !== undefined && { high: most }),
  }
}
