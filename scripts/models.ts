/**
 * `npm run models` writes src/wire/generated from the AWS SDK clients' runtime schemas and botocore's constraints:
 * one compact JSON file a service, a table of what tells services apart, and the types of all operations.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import type { RawModel } from '../src/wire/model.ts'
import { botocoreModel } from './botocore.ts'
import { SchemaReader } from './schemas.ts'

const folder = new URL('../src/wire/generated/', import.meta.url).pathname

/** Service (the SDK client's name) and the name of its model in botocore. */
const services: Record<string, string> = {
  athena: 'athena',
  cloudcontrol: 'cloudcontrol',
  cloudformation: 'cloudformation',
  cloudwatch: 'cloudwatch',
  'cloudwatch-logs': 'logs',
  dynamodb: 'dynamodb',
  'dynamodb-streams': 'dynamodbstreams',
  ecr: 'ecr',
  eventbridge: 'events',
  firehose: 'firehose',
  glue: 'glue',
  iam: 'iam',
  kinesis: 'kinesis',
  kms: 'kms',
  lakeformation: 'lakeformation',
  lambda: 'lambda',
  pipes: 'pipes',
  quicksight: 'quicksight',
  rds: 'rds',
  'rds-data': 'rds-data',
  redshift: 'redshift',
  'redshift-data': 'redshift-data',
  'redshift-serverless': 'redshift-serverless',
  'resource-groups-tagging-api': 'resourcegroupstaggingapi',
  s3: 's3',
  scheduler: 'scheduler',
  'secrets-manager': 'secretsmanager',
  ses: 'ses',
  sesv2: 'sesv2',
  sfn: 'stepfunctions',
  sns: 'sns',
  sqs: 'sqs',
  ssm: 'ssm',
  sts: 'sts',
  xray: 'xray',
}

const protocols: Record<string, string> = {
  AwsJson1_0Protocol: 'awsJson1_0',
  AwsJson1_1Protocol: 'awsJson1_1',
  AwsQueryProtocol: 'query',
  AwsRestJsonProtocol: 'restJson',
  AwsRestXmlProtocol: 'restXml',
  S3RestXmlProtocol: 'restXml',
  AwsSmithyRpcV2CborProtocol: 'rpcv2Cbor',
}

const otherProtocols: Record<string, string> = { json: 'awsJson1_0', query: 'query' }

async function readModel(service: string, botocoreName: string): Promise<RawModel> {
  // biome-ignore lint/suspicious/noExplicitAny: a client's exports are looked up by name
  const client: any = await import(`@aws-sdk/client-${service}`)
  const botocore = botocoreModel(botocoreName)
  const clientName = Object.keys(client).find((name) => name.endsWith('Client') && name !== '__Client')!
  const { config } = new client[clientName]({ region: 'us-east-1' })
  const settings = config.protocolSettings
  const { metadata } = botocore
  const protocol = protocols[config.protocol.constructor.name]
  if (!protocol) throw new Error(`${service} speaks ${config.protocol.constructor.name}, which is unknown here.`)

  const reader = new SchemaReader(botocore)
  const schemas = Object.entries(client).filter(([name, value]) => name.endsWith('$') && Array.isArray(value))
  const operations: RawModel['operations'] = {}
  for (const [, schema] of schemas as [string, unknown[]][]) {
    if (schema[0] !== 9) continue
    const [name, operation] = reader.operation(schema)
    operations[name] = operation
  }
  for (const [, schema] of schemas as [string, unknown[]][]) {
    if (schema[0] === -3 && !String(schema[1]).startsWith('smithy.ts.sdk')) reader.error(schema)
  }
  dropUnknownErrors(operations, reader)
  const also = (metadata.protocols ?? [metadata.protocol]).map((name) => otherProtocols[name]).filter(Boolean)
  if (service === 'sqs') also.push('query')
  if (metadata.targetPrefix) also.push('awsJson1_0', 'awsJson1_1')
  if (service === 'cloudwatch') also.push('rpcv2Cbor')
  return {
    service,
    serviceId: metadata.serviceId,
    signingName: metadata.signingName ?? metadata.endpointPrefix,
    endpointPrefix: metadata.endpointPrefix,
    apiVersion: metadata.apiVersion,
    targetPrefix: metadata.targetPrefix ?? '',
    namespace: settings.defaultNamespace,
    xmlNamespace: settings.xmlNamespace ?? (service === 'sqs' ? 'http://queue.amazonaws.com/doc/2012-11-05/' : ''),
    protocols: [...new Set([protocol, ...also])] as RawModel['protocols'],
    queryCompatible: settings.awsQueryCompatible === true,
    operations,
    shapes: reader.shapes,
  }
}

function dropUnknownErrors(operations: RawModel['operations'], reader: SchemaReader): void {
  for (const operation of Object.values(operations)) {
    if (operation.errors) operation.errors = operation.errors.filter((name) => reader.shapes[name]?.error)
  }
}

function operationTypes(models: RawModel[]): string {
  const lines = ['// Written by `npm run models`. The types of every operation, from the AWS SDK clients.', '']
  models.forEach((model, index) => {
    lines.push(`import type * as client${index} from '@aws-sdk/client-${model.service}'`)
  })
  lines.push('', 'export interface OperationTypes {')
  models.forEach((model, index) => {
    lines.push(`  '${model.service}': {`)
    for (const name of Object.keys(model.operations).sort()) {
      const from = `client${index}.${name}Command`
      lines.push(`    ${name}: { input: ${from}Input; output: ${from}Output }`)
    }
    lines.push('  }')
  })
  lines.push('}', '', 'export interface ErrorNames {')
  for (const model of models) {
    const names = Object.keys(model.shapes).filter((name) => model.shapes[name]!.error)
    lines.push(`  '${model.service}': ${names.map((name) => `'${name}'`).join(' | ') || 'never'}`)
  }
  lines.push('}', '', 'export type ServiceName = keyof OperationTypes', '')
  return lines.join('\n')
}

/** What tells services apart, known without loading any model. */
function routingTable(models: RawModel[]): string {
  const rows = models.map((model) => {
    const { service, signingName, endpointPrefix, targetPrefix, apiVersion, protocols } = model
    const primary = protocols[0]!
    const version = protocols.includes('query') ? apiVersion : ''
    const row = { service, signingName, endpointPrefix, targetPrefix, version, primary, paths: versionedPaths(model) }
    return `  ${JSON.stringify(row)},`
  })
  return [
    '// Written by `npm run models`. What tells services apart, known without loading any model.',
    "import type { RoutingRow } from '../model.ts'",
    '',
    'export const routingRows: RoutingRow[] = [',
    ...rows,
    ']',
    '',
  ].join('\n')
}

/** First path segments such as `2015-03-31` or `v2/email`: specific enough to know a service without a signature. */
function versionedPaths(model: RawModel): string[] {
  const found = new Set<string>()
  if (model.service === 's3') return []
  for (const { http } of Object.values(model.operations)) {
    const match = http && /^\/(\d{4}-\d\d-\d\d|v\d+\/[a-z-]+)(?=[/?]|$)/.exec(http[1])
    if (match) found.add(match[1]!)
  }
  return [...found].sort()
}

const models: RawModel[] = []
for (const [service, botocoreName] of Object.entries(services)) models.push(await readModel(service, botocoreName))
for (const file of readdirSync(folder)) rmSync(folder + file)
for (const model of models) writeFileSync(`${folder}${model.service}.json`, `${JSON.stringify(model)}\n`)
writeFileSync(`${folder}operations.ts`, operationTypes(models))
writeFileSync(`${folder}routing.ts`, routingTable(models))
console.log(
  `${models.length} services, ${models.reduce((sum, model) => sum + Object.keys(model.operations).length, 0)} operations`,
)
