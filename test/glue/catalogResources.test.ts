/** Templates make, change and delete what the Catalog keeps beside its tables. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  GetConnectionCommand,
  GetConnectionsCommand,
  GetDataCatalogEncryptionSettingsCommand,
  GetSchemaCommand,
  GetSecurityConfigurationsCommand,
  GetTriggerCommand,
  GlueClient,
  ListRegistriesCommand,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

const record = (...names: string[]) =>
  JSON.stringify({ type: 'record', name: 'V', fields: names.map((name) => ({ name, type: 'int', default: 0 })) })

const template = (user: string) =>
  JSON.stringify({
    Resources: {
      Banco: {
        Type: 'AWS::Glue::Connection',
        Properties: {
          CatalogId: { Ref: 'AWS::AccountId' },
          ConnectionInput: {
            Name: 'banco',
            ConnectionType: 'JDBC',
            ConnectionProperties: { JDBC_CONNECTION_URL: 'jdbc:mysql://h/d', USERNAME: user, PASSWORD: 'x' },
          },
        },
      },
      Seguro: {
        Type: 'AWS::Glue::SecurityConfiguration',
        Properties: { EncryptionConfiguration: { S3Encryptions: [{ S3EncryptionMode: 'SSE-S3' }] } },
      },
      Cifra: {
        Type: 'AWS::Glue::DataCatalogEncryptionSettings',
        Properties: {
          CatalogId: { Ref: 'AWS::AccountId' },
          DataCatalogEncryptionSettings: { EncryptionAtRest: { CatalogEncryptionMode: 'SSE-KMS' } },
        },
      },
      Registro: {
        Type: 'AWS::Glue::Registry',
        Properties: { Name: 'loja', Tags: [{ Key: 'equipe', Value: 'dados' }] },
      },
      Venda: {
        Type: 'AWS::Glue::Schema',
        Properties: {
          Registry: { Arn: { 'Fn::GetAtt': ['Registro', 'Arn'] } },
          Name: 'venda',
          DataFormat: 'AVRO',
          Compatibility: 'FULL',
          SchemaDefinition: record('a'),
        },
      },
      Segunda: {
        Type: 'AWS::Glue::SchemaVersion',
        Properties: { Schema: { SchemaArn: { Ref: 'Venda' } }, SchemaDefinition: record('a', 'b') },
      },
      Fluxo: { Type: 'AWS::Glue::Workflow', Properties: { Name: 'fluxo' } },
      Chegada: {
        Type: 'AWS::Glue::Trigger',
        Properties: {
          Name: 'chegada',
          Type: 'EVENT',
          WorkflowName: { Ref: 'Fluxo' },
          Actions: [{ CrawlerName: 'vendas' }],
          EventBatchingCondition: { BatchSize: '5', BatchWindow: '300' },
        },
      },
    },
    Outputs: { Primeira: { Value: { 'Fn::GetAtt': ['Venda', 'InitialSchemaVersionId'] } } },
  })

test('a stack of connections, settings, schemas and event triggers', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const cloudformation = igarape.client(CloudFormationClient)
  const StackName = 'catalogo'
  await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody: template('ana') }))
  await igarape.settled()
  const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName }))
  const schema = await glue.send(new GetSchemaCommand({ SchemaId: { RegistryName: 'loja', SchemaName: 'venda' } }))
  const encryption = await glue.send(new GetDataCatalogEncryptionSettingsCommand({}))
  const { Trigger } = await glue.send(new GetTriggerCommand({ Name: 'chegada' }))
  expect(Stacks?.[0]?.StackStatus).toBe('CREATE_COMPLETE')
  expect(Stacks?.[0]?.Outputs?.[0]?.OutputValue).toMatch(/^[0-9a-f-]{36}$/)
  expect(schema).toMatchObject({ Compatibility: 'FULL', LatestSchemaVersion: 2 })
  expect(encryption.DataCatalogEncryptionSettings?.EncryptionAtRest).toEqual({ CatalogEncryptionMode: 'SSE-KMS' })
  expect(Trigger).toMatchObject({ State: 'CREATED', EventBatchingCondition: { BatchSize: 5, BatchWindow: 300 } })

  await cloudformation.send(new UpdateStackCommand({ StackName, TemplateBody: template('bia') }))
  await igarape.settled()
  const { Connection } = await glue.send(new GetConnectionCommand({ Name: 'banco' }))
  expect(Connection?.ConnectionProperties?.USERNAME).toBe('bia')

  await cloudformation.send(new DeleteStackCommand({ StackName }))
  await igarape.settled()
  expect((await glue.send(new GetConnectionsCommand({}))).ConnectionList).toEqual([])
  expect((await glue.send(new GetSecurityConfigurationsCommand({}))).SecurityConfigurations).toEqual([])
  expect((await glue.send(new ListRegistriesCommand({}))).Registries).toEqual([])
})
