/** The columns of `"table$snapshots"` and the other metadata tables, as Trino has them. */
import type { IcebergDescription } from './icebergLibrary.ts'
import type { IcebergStruct, IcebergType } from './icebergSchema.ts'

type Columns = readonly (readonly [name: string, type: IcebergType])[]

const list = (element: IcebergType): IcebergType => ({
  type: 'list',
  'element-id': 0,
  element,
  'element-required': false,
})
const map = (key: IcebergType, value: IcebergType): IcebergType => ({
  ...{ type: 'map', 'key-id': 0, key },
  ...{ 'value-id': 0, value, 'value-required': false },
})
const struct = (columns: Columns): IcebergStruct => ({
  type: 'struct',
  fields: columns.map(([name, type]) => ({ id: 0, name, type, required: false })),
})

const counts = map('int', 'long')
const bounds = map('int', 'string')

const fixed: Record<'snapshots' | 'history' | 'refs' | 'manifests' | 'files', Columns> = {
  snapshots: [
    ['committed_at', 'timestamptz_ms'],
    ['snapshot_id', 'long'],
    ['parent_id', 'long'],
    ['operation', 'string'],
    ['manifest_list', 'string'],
    ['summary', map('string', 'string')],
  ],
  history: [
    ['made_current_at', 'timestamptz_ms'],
    ['snapshot_id', 'long'],
    ['parent_id', 'long'],
    ['is_current_ancestor', 'boolean'],
  ],
  refs: [
    ['name', 'string'],
    ['type', 'string'],
    ['snapshot_id', 'long'],
    ['max_reference_age_in_ms', 'long'],
    ['min_snapshots_to_keep', 'int'],
    ['max_snapshot_age_in_ms', 'long'],
  ],
  manifests: [
    ['path', 'string'],
    ['length', 'long'],
    ['partition_spec_id', 'int'],
    ['added_snapshot_id', 'long'],
    ['added_data_files_count', 'int'],
    ['added_rows_count', 'long'],
    ['existing_data_files_count', 'int'],
    ['existing_rows_count', 'long'],
    ['deleted_data_files_count', 'int'],
    ['deleted_rows_count', 'long'],
    [
      'partition_summaries',
      list(
        struct([
          ['contains_null', 'boolean'],
          ['contains_nan', 'boolean'],
          ['lower_bound', 'string'],
          ['upper_bound', 'string'],
        ]),
      ),
    ],
  ],
  files: [
    ['content', 'int'],
    ['file_path', 'string'],
    ['file_format', 'string'],
    ['record_count', 'long'],
    ['file_size_in_bytes', 'long'],
    ['column_sizes', counts],
    ['value_counts', counts],
    ['null_value_counts', counts],
    ['nan_value_counts', counts],
    ['lower_bounds', bounds],
    ['upper_bounds', bounds],
    ['key_metadata', 'binary'],
    ['split_offsets', list('long')],
    ['equality_ids', list('int')],
  ],
}

export const metadataTableSchemas: Readonly<Record<string, (table: IcebergDescription) => IcebergStruct>> = {
  snapshots: () => struct(fixed.snapshots),
  history: () => struct(fixed.history),
  refs: () => struct(fixed.refs),
  manifests: () => struct(fixed.manifests),
  files: () => struct(fixed.files),
  partitions: partitionsSchema,
}

export const metadataTableName = new RegExp(`^(.+)\\$(${Object.keys(metadataTableSchemas).join('|')})$`)

/** The partition's values, how much it holds, and what is known of the other columns. */
function partitionsSchema({ schema, partitioning }: IcebergDescription): IcebergStruct {
  const typeOf = (column: string) => schema.fields.find((field) => field.name === column)?.type ?? 'string'
  const keys = partitioning.map(
    ({ name, column, transform }) => [name, transformed(transform, typeOf(column))] as const,
  )
  const identity = partitioning.filter(({ transform }) => transform === 'identity').map(({ column }) => column)
  const data = schema.fields
    .filter(({ name, type }) => typeof type === 'string' && !identity.includes(name))
    .map(
      ({ name, type }) =>
        [
          name,
          struct([
            ['min', type],
            ['max', type],
            ['null_count', 'long'],
            ['nan_count', 'long'],
          ]),
        ] as const,
    )
  return struct([
    ...(keys.length > 0 ? [['partition', struct(keys)] as const] : []),
    ['record_count', 'long'],
    ['file_count', 'long'],
    ['total_size', 'long'],
    ...(data.length > 0 ? [['data', struct(data)] as const] : []),
  ])
}

function transformed(transform: string, source: IcebergType): IcebergType {
  if (transform === 'identity' || transform.startsWith('truncate')) return source
  return transform === 'day' ? 'date' : 'int'
}
