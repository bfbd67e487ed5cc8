/** Metadata of schema versions: keys with a value, and what values they had before, as the registry's own serializers put them. */
import type { MetadataInfo } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { pageOf } from './pages.ts'
import { type MetadataEntry, type SchemaVersion, schemaMetadata } from './schemaRecords.ts'
import { arnOf, versionAt, versionsOf } from './schemas.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException, ResourceNumberLimitExceededException } =
  awsErrors('glue')

/** https://docs.aws.amazon.com/glue/latest/dg/schema-registry.html#schema-registry-quotas */
const entriesMax = 10

type Reading = Pick<Context | Tx, 'in'>

export const schemaMetadataOperations = operations('glue', {
  async PutSchemaVersionMetadata(input, ctx) {
    const { key, value } = pairOf(input.MetadataKeyValue)
    const version = await ctx.commit((tx) => {
      const found = versionAt(tx, input)
      const there = entriesOf(tx, found.id)
      if (there.some((entry) => entry.key === key && entry.value === value))
        throw AlreadyExistsException(`Metadata ${key} = ${value} already exists.`)
      if (there.length >= entriesMax)
        throw ResourceNumberLimitExceededException(`A schema version has at most ${entriesMax} metadata entries.`)
      tx.in(schemaMetadata).put({ versionId: found.id, key, value, createdAt: tx.now })
      return found
    })
    return entryOutput(ctx, version, { key, value })
  },

  async RemoveSchemaVersionMetadata(input, ctx) {
    const { key, value } = pairOf(input.MetadataKeyValue)
    const version = await ctx.commit((tx) => {
      const found = versionAt(tx, input)
      if (!tx.in(schemaMetadata).has(found.id, key, value))
        throw EntityNotFoundException(`Metadata ${key} = ${value} is not found.`)
      tx.in(schemaMetadata).delete(found.id, key, value)
      return found
    })
    return entryOutput(ctx, version, { key, value })
  },

  async QuerySchemaVersionMetadata(input, ctx) {
    const version = versionAt(ctx, input)
    const wanted = (input.MetadataList ?? []).map(({ MetadataKey, MetadataValue }) => [MetadataKey, MetadataValue])
    const isWanted = ({ key, value }: MetadataEntry) =>
      wanted.length === 0 || wanted.some(([k, v]) => (k ?? key) === key && (v ?? value) === value)
    const entries = entriesOf(ctx, version.id).filter(isWanted)
    const { items, next } = pageOf(new Set(entries.map(({ key }) => key)), input, 50)
    const infos = items.map((name): [string, MetadataInfo] => [name, infoOf(entries.filter(({ key }) => key === name))])
    return { MetadataInfoMap: Object.fromEntries(infos), SchemaVersionId: version.id, ...next }
  },
})

function entriesOf(ctx: Reading, versionId: string): MetadataEntry[] {
  return [...ctx.in(schemaMetadata).list({ prefix: [versionId] })]
}

function pairOf(pair: { MetadataKey?: string | undefined; MetadataValue?: string | undefined } | undefined) {
  const { MetadataKey: key, MetadataValue: value } = pair ?? {}
  if (!key || value === undefined) throw InvalidInputException('Metadata needs a key and a value.')
  return { key, value }
}

/** The newest value is the key's; those before are the others. */
function infoOf(entries: readonly MetadataEntry[]): MetadataInfo {
  const [newest, ...others] = entries
    .toSorted((one, other) => other.createdAt - one.createdAt)
    .map(({ value, createdAt }) => ({ MetadataValue: value, CreatedTime: new Date(createdAt).toISOString() }))
  return { ...newest, ...(others.length > 0 && { OtherMetadataValueList: others }) }
}

function entryOutput(ctx: Context, version: SchemaVersion, { key, value }: { key: string; value: string }) {
  const { registry, schema: name } = version
  const latest = versionsOf(ctx, { registry, name }).findLast(({ status }) => status === 'AVAILABLE')
  return {
    SchemaArn: arnOf(ctx, { registry, name }),
    SchemaName: name,
    RegistryName: registry,
    LatestVersion: latest?.id === version.id,
    VersionNumber: version.number,
    SchemaVersionId: version.id,
    MetadataKey: key,
    MetadataValue: value,
  }
}
