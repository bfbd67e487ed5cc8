/** Schemas of a registry and their versions, as they are kept. */
import type { Compatibility, SchemaVersionStatus } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import type { SchemaFormat } from '../../engines/schemaRegistry/compatibility.ts'
import { collection } from '../../store/collection.ts'
import { glueArn } from './names.ts'
import { putTags } from './tags.ts'

export interface RegistrySchema {
  registry: string
  name: string
  format: SchemaFormat
  compatibility: Compatibility
  description?: string
  /** The version that compatibility is counted from. */
  checkpoint: number
  nextVersion: number
  createdAt: Millis
  updatedAt: Millis
}

export interface SchemaVersion {
  registry: string
  schema: string
  number: number
  id: string
  definition: string
  status: SchemaVersionStatus
  createdAt: Millis
}

export const schemas = collection<RegistrySchema>('glue/registry-schemas', {
  version: 1,
  key: ({ registry, name }) => [registry, name],
})

export const schemaVersions = collection<SchemaVersion>('glue/registry-schema-versions', {
  version: 1,
  key: ({ registry, schema, number }) => [registry, schema, number],
})

/** Where a version lies, by its id. */
export const schemaVersionPlaces = collection<Pick<SchemaVersion, 'id' | 'registry' | 'schema' | 'number'>>(
  'glue/registry-schema-version-places',
  { version: 1, key: ({ id }) => [id] },
)

export interface MetadataEntry {
  versionId: string
  key: string
  value: string
  createdAt: Millis
}

export const schemaMetadata = collection<MetadataEntry>('glue/registry-metadata', {
  version: 1,
  key: ({ versionId, key, value }) => [versionId, key, value],
})

export function deleteSchema(tx: Tx, { registry, name }: RegistrySchema): void {
  for (const version of [...tx.in(schemaVersions).list({ prefix: [registry, name] })]) deleteVersion(tx, version)
  tx.in(schemas).delete(registry, name)
  putTags(tx, glueArn(tx, 'schema', `${registry}/${name}`), undefined)
}

export function deleteVersion(tx: Tx, { registry, schema, number, id }: SchemaVersion): void {
  tx.in(schemaVersions).delete(registry, schema, number)
  tx.in(schemaVersionPlaces).delete(id)
  for (const { key, value } of [...tx.in(schemaMetadata).list({ prefix: [id] })])
    tx.in(schemaMetadata).delete(id, key, value)
}
