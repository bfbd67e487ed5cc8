/** The schema registry: versions are numbered, found by id and by definition, and checked against those before. */
import {
  CheckSchemaVersionValidityCommand,
  CreateRegistryCommand,
  CreateSchemaCommand,
  DeleteRegistryCommand,
  DeleteSchemaVersionsCommand,
  GetSchemaByDefinitionCommand,
  GetSchemaCommand,
  GetSchemaVersionCommand,
  GlueClient,
  ListSchemasCommand,
  ListSchemaVersionsCommand,
  PutSchemaVersionMetadataCommand,
  QuerySchemaVersionMetadataCommand,
  RegisterSchemaVersionCommand,
  RemoveSchemaVersionMetadataCommand,
  UpdateSchemaCommand,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

const record = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'Venda', fields })
const id = { name: 'id', type: 'int' }
const first = record(id)
const fitting = record(id, { name: 'loja', type: 'string', default: '' })
const breaking = record(id, { name: 'loja', type: 'string' }, { name: 'uf', type: 'string' })
const SchemaId = { RegistryName: 'loja', SchemaName: 'venda' }

async function registry(glue: GlueClient) {
  await glue.send(new CreateRegistryCommand({ RegistryName: 'loja', Tags: { equipe: 'dados' } }))
  const wanted = { RegistryId: { RegistryName: 'loja' }, SchemaName: 'venda', SchemaDefinition: first }
  return glue.send(new CreateSchemaCommand({ ...wanted, DataFormat: 'AVRO', Compatibility: 'BACKWARD' }))
}

test('a schema has its versions, and one that breaks readers fails', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const made = await registry(glue)
  const register = (SchemaDefinition: string) =>
    glue.send(new RegisterSchemaVersionCommand({ SchemaId, SchemaDefinition }))

  expect(made).toMatchObject({
    SchemaArn: 'arn:aws:glue:us-east-1:000000000000:schema/loja/venda',
    LatestSchemaVersion: 1,
    NextSchemaVersion: 2,
    SchemaVersionStatus: 'AVAILABLE',
  })
  expect(await register(fitting)).toMatchObject({ VersionNumber: 2, Status: 'AVAILABLE' })
  expect(await register(JSON.stringify(JSON.parse(first), null, 2))).toMatchObject({
    VersionNumber: 1,
    SchemaVersionId: made.SchemaVersionId,
  })
  expect(await register(breaking)).toMatchObject({ VersionNumber: 3, Status: 'FAILURE' })
  await expect(register('{"type":"nada"}')).rejects.toMatchObject({ name: 'InvalidInputException' })

  const byId = await glue.send(new GetSchemaVersionCommand({ SchemaVersionId: made.SchemaVersionId }))
  const latest = await glue.send(
    new GetSchemaVersionCommand({ SchemaId, SchemaVersionNumber: { LatestVersion: true } }),
  )
  const byText = await glue.send(new GetSchemaByDefinitionCommand({ SchemaId, SchemaDefinition: fitting }))
  expect(byId).toMatchObject({ SchemaDefinition: first, VersionNumber: 1, DataFormat: 'AVRO' })
  expect(latest).toMatchObject({ VersionNumber: 2, SchemaDefinition: fitting })
  expect(byText.SchemaVersionId).toBe(latest.SchemaVersionId)
})

test('versions are deleted, but not the one that compatibility is counted from', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  await registry(glue)
  await glue.send(new RegisterSchemaVersionCommand({ SchemaId, SchemaDefinition: fitting }))
  const update = { SchemaId, Compatibility: 'NONE' as const, SchemaVersionNumber: { VersionNumber: 2 } }
  await glue.send(new UpdateSchemaCommand(update))
  await glue.send(new RegisterSchemaVersionCommand({ SchemaId, SchemaDefinition: breaking }))

  const { SchemaVersionErrors } = await glue.send(new DeleteSchemaVersionsCommand({ SchemaId, Versions: '1-2' }))
  const { Schemas } = await glue.send(new ListSchemaVersionsCommand({ SchemaId }))
  expect(SchemaVersionErrors).toMatchObject([{ VersionNumber: 2 }])
  expect(Schemas?.map(({ VersionNumber, Status }) => [VersionNumber, Status])).toEqual([
    [3, 'AVAILABLE'],
    [2, 'AVAILABLE'],
  ])
})

test('without a registry a schema goes to the default one, and a registry goes with its schemas', async ({
  igarape,
}) => {
  const glue = igarape.client(GlueClient)
  await registry(glue)
  await glue.send(new CreateSchemaCommand({ SchemaName: 'solta', DataFormat: 'JSON', Compatibility: 'NONE' }))
  expect(await glue.send(new GetSchemaCommand({ SchemaId: { SchemaName: 'solta' } }))).toMatchObject({
    RegistryName: 'default-registry',
    LatestSchemaVersion: 0,
  })

  await glue.send(new DeleteRegistryCommand({ RegistryId: { RegistryName: 'loja' } }))
  const { Schemas } = await glue.send(new ListSchemasCommand({}))
  expect(Schemas?.map(({ SchemaName }) => SchemaName)).toEqual(['solta'])
})

test('a Protobuf schema has its versions as others have', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const place = { RegistryName: 'default-registry', SchemaName: 'evento' }
  const schema = (body: string) => `syntax = "proto3";\nmessage Evento { ${body} } // versões`
  const wanted = { DataFormat: 'PROTOBUF' as const, Compatibility: 'FULL' as const }
  const made = await glue.send(
    new CreateSchemaCommand({ ...wanted, SchemaName: 'evento', SchemaDefinition: schema('int32 id = 1;') }),
  )
  const register = (body: string) =>
    glue.send(new RegisterSchemaVersionCommand({ SchemaId: place, SchemaDefinition: schema(body) }))

  expect(await register('int32 id = 1; string nome = 2;')).toMatchObject({ VersionNumber: 2, Status: 'AVAILABLE' })
  expect(await register('int32 id\n= 1; /* o mesmo */')).toMatchObject({ SchemaVersionId: made.SchemaVersionId })
  expect(await register('bytes id = 1;')).toMatchObject({ Status: 'FAILURE' })
  await expect(register('int32 id = ;')).rejects.toMatchObject({ name: 'InvalidInputException' })
  const check = async (DataFormat: 'PROTOBUF' | 'JSON', SchemaDefinition: string) =>
    (await glue.send(new CheckSchemaVersionValidityCommand({ DataFormat, SchemaDefinition }))).Valid
  expect([await check('PROTOBUF', 'x'), await check('PROTOBUF', schema('')), await check('JSON', '{')]).toEqual([
    false,
    true,
    false,
  ])
})

test('a version of a schema has metadata, whose newest value comes first', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const definition = '{"type": "record", "name": "Venda", "fields": []}'
  const SchemaId = { SchemaName: 'venda', RegistryName: 'default-registry' }
  await glue.send(new CreateSchemaCommand({ SchemaName: 'venda', DataFormat: 'AVRO', SchemaDefinition: definition }))
  const put = (MetadataKey: string, MetadataValue: string) =>
    glue.send(new PutSchemaVersionMetadataCommand({ SchemaId, MetadataKeyValue: { MetadataKey, MetadataValue } }))

  const first = await put('dono', 'ana')
  await igarape.clock.advance({ seconds: 1 })
  await put('dono', 'rui')
  await put('area', 'vendas')

  expect(first).toMatchObject({ SchemaName: 'venda', VersionNumber: 1, LatestVersion: true, MetadataValue: 'ana' })
  await expect(put('dono', 'rui')).rejects.toMatchObject({ name: 'AlreadyExistsException' })
  const query = (MetadataList?: { MetadataKey?: string; MetadataValue?: string }[]) =>
    glue.send(new QuerySchemaVersionMetadataCommand({ SchemaVersionId: first.SchemaVersionId, MetadataList }))
  expect((await query()).MetadataInfoMap).toMatchObject({
    dono: { MetadataValue: 'rui', OtherMetadataValueList: [{ MetadataValue: 'ana' }] },
    area: { MetadataValue: 'vendas' },
  })
  const MetadataKeyValue = { MetadataKey: 'dono', MetadataValue: 'rui' }
  await glue.send(new RemoveSchemaVersionMetadataCommand({ SchemaId, MetadataKeyValue }))
  const { MetadataInfoMap } = await query([{ MetadataKey: 'dono' }])
  expect(Object.keys(MetadataInfoMap ?? {})).toEqual(['dono'])
  expect(MetadataInfoMap?.dono?.MetadataValue).toBe('ana')
})
