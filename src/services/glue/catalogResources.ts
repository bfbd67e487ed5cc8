/** Connections, security and encryption settings, and the schema registry for CloudFormation. */
import type { ConnectionInput, CreateSchemaCommandInput } from '@aws-sdk/client-glue'
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { retag, unlessGone, unlessThere } from './resources.ts'

export const connectionResource = resource('AWS::Glue::Connection', {
  replaceOn: ['CatalogId', 'ConnectionInput.Name'],
  async create({ ConnectionInput }, r) {
    const Name = ConnectionInput.Name ?? r.generatedName({ max: 255 })
    const input = { ...ConnectionInput, Name } as ConnectionInput
    await unlessThere(r.call('glue').CreateConnection({ ConnectionInput: input, Tags: r.tags }))
    return { id: Name }
  },
  async update(id, { ConnectionInput }, _before, r) {
    const input = { ...ConnectionInput, Name: id } as ConnectionInput
    await r.call('glue').UpdateConnection({ Name: id, ConnectionInput: input })
    return { id }
  },
  async delete(id, _properties, r) {
    await unlessGone(r.call('glue').DeleteConnection({ ConnectionName: id }))
  },
})

/** Glue has no update of it: every change is another one. */
export const securityConfigurationResource = resource('AWS::Glue::SecurityConfiguration', {
  async create({ Name: given, EncryptionConfiguration }, r) {
    const Name = given ?? r.generatedName({ max: 255 })
    const { S3Encryptions, ...rest } = EncryptionConfiguration
    const encryption = { ...rest, ...(S3Encryptions && { S3Encryption: S3Encryptions }) }
    await unlessThere(r.call('glue').CreateSecurityConfiguration({ Name, EncryptionConfiguration: encryption }))
    return { id: Name }
  },
  async delete(id, _properties, r) {
    await unlessGone(r.call('glue').DeleteSecurityConfiguration({ Name: id }))
  },
})

export const encryptionSettingsResource = resource('AWS::Glue::DataCatalogEncryptionSettings', {
  replaceOn: ['CatalogId'],
  async create({ DataCatalogEncryptionSettings }, r) {
    await r.call('glue').PutDataCatalogEncryptionSettings({ DataCatalogEncryptionSettings })
    return { id: r.account }
  },
  async update(id, { DataCatalogEncryptionSettings }, _before, r) {
    await r.call('glue').PutDataCatalogEncryptionSettings({ DataCatalogEncryptionSettings })
    return { id }
  },
  async delete(_id, _properties, r) {
    await r.call('glue').PutDataCatalogEncryptionSettings({ DataCatalogEncryptionSettings: {} })
  },
})

export const registryResource = resource('AWS::Glue::Registry', {
  replaceOn: ['Name'],
  async create({ Name, Description, Tags }, r) {
    const settings = { RegistryName: Name, ...(Description && { Description }), Tags: tagsOf(Tags, r) }
    await unlessThere(r.call('glue').CreateRegistry(settings))
    return withArn(`arn:aws:glue:${r.region}:${r.account}:registry/${Name}`)
  },
  async update(id, properties, before, r) {
    await r.call('glue').UpdateRegistry({ RegistryId: { RegistryArn: id }, Description: properties.Description ?? '' })
    await retag(id, withTags(properties), withTags(before), r)
    return withArn(id)
  },
  async delete(id, _properties, r) {
    await unlessGone(r.call('glue').DeleteRegistry({ RegistryId: { RegistryArn: id } }))
  },
})

export const schemaResource = resource('AWS::Glue::Schema', {
  replaceOn: ['Name', 'Registry', 'DataFormat', 'SchemaDefinition'],
  async create(properties, r) {
    const { Registry, Name, DataFormat, Compatibility, Description, SchemaDefinition, Tags } = properties
    const RegistryId = Registry && { RegistryName: Registry.Name, RegistryArn: Registry.Arn }
    const settings = {
      SchemaName: Name,
      DataFormat,
      Compatibility,
      Description,
      SchemaDefinition,
      Tags: tagsOf(Tags, r),
    }
    const input = { ...settings, ...(RegistryId && { RegistryId }) } as CreateSchemaCommandInput
    await unlessThere(r.call('glue').CreateSchema(input))
    const registry = Registry?.Name ?? Registry?.Arn?.split('registry/')[1] ?? 'default-registry'
    const SchemaArn = `arn:aws:glue:${r.region}:${r.account}:schema/${registry}/${Name}`
    return schemaCreated(SchemaArn, SchemaDefinition !== undefined, r)
  },
  async update(id, { Compatibility, CheckpointVersion, Description }, before, r) {
    const number = CheckpointVersion?.VersionNumber
    await r.call('glue').UpdateSchema({
      SchemaId: { SchemaArn: id },
      Description: Description ?? '',
      ...(Compatibility !== before.Compatibility && { Compatibility }),
      SchemaVersionNumber: number ? { VersionNumber: Number(number) } : { LatestVersion: true },
    })
    return schemaCreated(id, before.SchemaDefinition !== undefined, r)
  },
  async delete(id, _properties, r) {
    await unlessGone(r.call('glue').DeleteSchema({ SchemaId: { SchemaArn: id } }))
  },
})

export const schemaVersionResource = resource('AWS::Glue::SchemaVersion', {
  replaceOn: ['Schema', 'SchemaDefinition'],
  async create({ Schema, SchemaDefinition }, r) {
    const { SchemaVersionId = '', Status } = await r
      .call('glue')
      .RegisterSchemaVersion({ SchemaId: Schema, SchemaDefinition })
    if (Status === 'FAILURE') throw new Error('The schema version is not compatible with those before it.')
    return { id: SchemaVersionId, attributes: { VersionId: SchemaVersionId } }
  },
  /** A version stays with its schema: readers may hold its id. */
  async delete() {},
})

async function schemaCreated(SchemaArn: string, hasVersion: boolean, r: ResourceContext) {
  const first = hasVersion
    ? await r.call('glue').GetSchemaVersion({ SchemaId: { SchemaArn }, SchemaVersionNumber: { VersionNumber: 1 } })
    : {}
  return { id: SchemaArn, attributes: { Arn: SchemaArn, InitialSchemaVersionId: first.SchemaVersionId ?? '' } }
}

const withArn = (arn: string) => ({ id: arn, attributes: { Arn: arn } })

/** These two write tags as a list. */
function withTags(properties: Properties): Properties {
  return { ...properties, Tags: named(properties.Tags) }
}

function tagsOf(tags: Properties['Tags'], r: ResourceContext): Record<string, string> {
  return { ...r.tags, ...named(tags) }
}

function named(tags: { Key: string; Value: string }[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]))
}
