/** Each operation of Glue's API is done, or is on this list with why it is not; what is on it answers 501. */
import * as sdk from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

const every = Object.keys(sdk)
  .filter((name) => name.endsWith('Command') && name !== '$Command')
  .map((name) => name.slice(0, -'Command'.length))

/** By why they are refused; a name without a verb stands for all that end in it, with an `s` or without. */
const refused: Record<string, string[]> = {
  'development endpoints are machines of AWS': ['DevEndpoint'],
  'blueprints make workflows of code that runs on AWS': ['Blueprint', 'BlueprintRun'],
  'machine learning transforms are trained models of AWS': [
    'MLTransform',
    'MLTaskRun',
    'StartExportLabelsTaskRun',
    'StartImportLabelsTaskRun',
    'StartMLEvaluationTaskRun',
    'StartMLLabelingSetGenerationTaskRun',
  ],
  'optimizers rewrite Iceberg tables': ['TableOptimizer', 'TableOptimizerRun'],
  'integrations load from services that are not here': [
    'Integration',
    'IntegrationResourceProperty',
    'IntegrationTableProperties',
    'IntegrationResourceProperties',
    'DescribeInboundIntegrations',
  ],
  'connections to services beyond databases are not made': [
    'ConnectionType',
    'DescribeEntity',
    'ListEntities',
    'GetEntityRecords',
  ],
  'catalogs beside the account and their copies are not held': [
    'Catalog',
    'ImportCatalogToGlue',
    'DataCatalogExportConfiguration',
  ],
  'permissions of Lake Formation are not checked': [
    'GetUnfilteredPartitionMetadata',
    'GetUnfilteredPartitionsMetadata',
    'GetUnfilteredTableMetadata',
  ],
  'sensitive data is not detected': ['CustomEntityType'],
  'usage profiles bind users, whose requests are not checked': ['UsageProfile'],
  'there is no identity centre': ['GlueIdentityCenterConfiguration'],
  'scripts are not generated from graphs': ['CreateScript', 'GetDataflowGraph', 'GetMapping', 'GetPlan'],
  'repositories of code lie elsewhere': ['UpdateJobFromSourceControl', 'UpdateSourceControlFromJob'],
  'jobs are not upgraded by a model': ['GetJobUpgradeAnalysis', 'StartJobUpgradeAnalysis', 'StopJobUpgradeAnalysis'],
  'materialized views are not made': [
    'MaterializedViewRefreshTaskRun',
    'StartMaterializedViewRefreshTaskRun',
    'StopMaterializedViewRefreshTaskRun',
  ],
  'glossaries and assets describe what the Catalog does not hold': [
    'Glossary',
    'Glossaries',
    'GlossaryTerm',
    'GlossaryTerms',
    'Asset',
    'AssetType',
    'Attachment',
    'FormType',
    'IterableForm',
  ],
  'statistics of data quality are kept for dynamic rules alone, without models or annotations': [
    'GetDataQualityModel',
    'GetDataQualityModelResult',
    'ListDataQualityStatistics',
    'ListDataQualityStatisticAnnotations',
    'BatchPutDataQualityStatisticAnnotation',
    'PutDataQualityProfileAnnotation',
    'DataQualityEvaluationConfig',
    'BatchGetDataQualityResultV2',
    'GetDataQualityResultV2',
    'ListDataQualityResultsV2',
    'PublishDataQualityResultV2',
  ],
  'a session is reached by its statements, and a run by its log': [
    'GetSessionEndpoint',
    'GetSystemLogsForSession',
    'GetSystemLogsForJobRun',
    'GetDashboardUrl',
  ],
  'how two schemas differ has no documented form': ['GetSchemaVersionsDiff'],
}

const verbs =
  'Associate|Disassociate|BatchGet|Cancel|Create|Delete|Describe|Get|List|Modify|Put|Register|Search|Start|Update'

function isRefused(operation: string): boolean {
  return Object.values(refused)
    .flat()
    .some((name) => name === operation || new RegExp(`^(${verbs})${name}s?$`).test(operation))
}

test('every operation is done or refused with a reason, and none is both', async ({ igarape }) => {
  const done = igarape.server.platform.services.get('glue')?.operations ?? new Map()

  expect(every.filter((name) => !done.has(name) && !isRefused(name))).toEqual([])
  expect(every.filter((name) => done.has(name) && isRefused(name))).toEqual([])
  expect(every.length).toBeGreaterThan(300)
})

test('what is refused is so by its name', async ({ igarape }) => {
  const { platform } = igarape.server
  const ctx = platform.context({ account: '000000000000', region: 'us-east-1' })

  for (const operation of every.filter(isRefused)) {
    const answer = platform.perform('glue', operation, {}, ctx)
    await expect(answer).rejects.toMatchObject({ status: 501, message: expect.stringContaining(`glue:${operation} `) })
  }
  const overTheWire = igarape.client(sdk.GlueClient).send(new sdk.GetDevEndpointsCommand({}))
  await expect(overTheWire).rejects.toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } })
})
