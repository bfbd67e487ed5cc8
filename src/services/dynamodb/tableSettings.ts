/** Reads what a request says of a table, and checks it in AWS's words. */
import type { AttributeDefinition, KeySchemaElement, Projection } from '@aws-sdk/client-dynamodb'
import { NotImplemented } from '../../wire/errors.ts'
import { hashOf, type KeyAttribute, type KeySchema } from './keys.ts'
import type { Encryption, Index, Throughput } from './tables.ts'
import { invalid } from './values.ts'

const parameters = 'One or more parameter values were invalid:'
const localMax = 5
const globalMax = 20

const refused = [
  'ResourcePolicy',
  'WarmThroughput',
  'OnDemandThroughput',
  'ReplicaUpdates',
  'MultiRegionConsistency',
  'GlobalTableWitnessUpdates',
  'GlobalTableSourceArn',
  'GlobalTableSettingsReplicationMode',
  'DisassociationProtectionEnabled',
  'VectorIndexes',
  'VectorIndexUpdates',
]

/** Settings that nothing here would act on; that a thing is off is said by many and is true. */
export function refuseSettings(operation: string, input: object): void {
  for (const name of refused) {
    const given = (input as Record<string, unknown>)[name] as Record<string, unknown> | undefined
    if (given === undefined || given.StreamEnabled === false || given.Enabled === false) continue
    throw NotImplemented(`${operation} with ${name}`)
  }
}

interface EncryptionRequest {
  Enabled?: boolean | undefined
  SSEType?: string | undefined
  KMSMasterKeyId?: string | undefined
}

/** Kept and told again; at rest there is nothing to encrypt on one machine. */
export function encryptionFrom(given: EncryptionRequest): Encryption | undefined {
  if (given.SSEType && given.SSEType !== 'KMS') {
    throw invalid(`${parameters} SSEType ${given.SSEType} is not supported`)
  }
  if (!given.Enabled) return undefined
  return given.KMSMasterKeyId ? { keyId: given.KMSMasterKeyId } : {}
}

export interface IndexRequest {
  IndexName?: string | undefined
  KeySchema?: KeySchemaElement[] | undefined
  Projection?: Projection | undefined
  ProvisionedThroughput?:
    | { ReadCapacityUnits?: number | undefined; WriteCapacityUnits?: number | undefined }
    | undefined
  OnDemandThroughput?: unknown
  WarmThroughput?: unknown
}

export function keySchemaFrom(
  schema: readonly KeySchemaElement[] | undefined,
  definitions: readonly AttributeDefinition[],
): KeySchema {
  const [first, second] = schema ?? []
  if (first?.KeyType !== 'HASH') {
    throw invalid('Invalid KeySchema: The first KeySchemaElement is not a HASH key type')
  }
  if ((schema?.length ?? 0) > 2) throw NotImplemented('a key schema of more than two attributes')
  const partition = attributeFrom(first, definitions)
  if (!second) return { partition }
  if (second.KeyType !== 'RANGE') {
    throw invalid('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type')
  }
  if (second.AttributeName === first.AttributeName) {
    throw invalid('Both the Hash Key and the Range Key element in the KeySchema have the same name')
  }
  return { partition, sort: attributeFrom(second, definitions) }
}

function attributeFrom(
  { AttributeName: name }: KeySchemaElement,
  definitions: readonly AttributeDefinition[],
): KeyAttribute {
  const found = definitions.find((definition) => definition.AttributeName === name)
  if (found) return { name: name as string, type: found.AttributeType as 'S' }
  const given = definitions.map((definition) => definition.AttributeName).join(', ')
  throw invalid(
    `${parameters} Some index key attributes are not defined in AttributeDefinitions. Keys: [${name}], AttributeDefinitions: [${given}]`,
  )
}

export function checkAllDefined(schemas: readonly KeySchema[], definitions: readonly AttributeDefinition[]): void {
  const used = new Set(schemas.flatMap(({ partition, sort }) => [partition.name, ...(sort ? [sort.name] : [])]))
  if (definitions.length === used.size) return
  throw invalid(
    `${parameters} Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions`,
  )
}

export function indexFrom(
  kind: Index['kind'],
  tableId: string,
  request: IndexRequest,
  definitions: readonly AttributeDefinition[],
): Omit<Index, 'status'> {
  for (const name of ['OnDemandThroughput', 'WarmThroughput'] as const) {
    if (request[name] !== undefined) throw NotImplemented(`an index with ${name}`)
  }
  const name = request.IndexName as string
  const { ProjectionType: type, NonKeyAttributes: attributes } = request.Projection ?? {}
  if (type === undefined) throw invalid(`${parameters} Unknown ProjectionType: null`)
  if (type === 'INCLUDE' && !attributes?.length) {
    throw invalid(`${parameters} ProjectionType is INCLUDE, but NonKeyAttributes is not specified`)
  }
  if (type !== 'INCLUDE' && attributes) {
    throw invalid(`${parameters} ProjectionType is ${type}, but NonKeyAttributes is specified`)
  }
  const throughput = kind === 'global' ? throughputFrom(request.ProvisionedThroughput) : undefined
  return {
    name,
    // Names may be long, and keys of the store may not.
    id: `${tableId}/${hashOf(name).slice(0, 12)}`,
    kind,
    keys: keySchemaFrom(request.KeySchema, definitions),
    projection: { type: type as 'ALL', ...(attributes && { attributes }) },
    ...(throughput && { throughput }),
  }
}

export function throughputFrom(given: IndexRequest['ProvisionedThroughput']): Throughput | undefined {
  if (!given) return undefined
  return {
    ReadCapacityUnits: given.ReadCapacityUnits as number,
    WriteCapacityUnits: given.WriteCapacityUnits as number,
  }
}

export function checkIndexes(indexes: readonly Omit<Index, 'status'>[], keys: KeySchema): void {
  const names = indexes.map(({ name }) => name)
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  if (repeated !== undefined) throw invalid(`${parameters} Duplicate index name: ${repeated}`)
  const local = indexes.filter(({ kind }) => kind === 'local')
  if (local.length > 0 && !keys.sort) {
    throw invalid(
      `${parameters} Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex`,
    )
  }
  if (local.length > localMax) {
    throw invalid(`${parameters} Number of LocalSecondaryIndexes exceeds per-table limit of ${localMax}`)
  }
  if (indexes.length - local.length > globalMax) {
    throw invalid(`${parameters} GlobalSecondaryIndex count exceeds the per-table limit of ${globalMax}`)
  }
  for (const { name, keys: own } of local) {
    if (!own.sort) throw invalid(`${parameters} Index KeySchema does not have a range key for index: ${name}`)
    if (own.partition.name === keys.partition.name) continue
    throw invalid(
      `${parameters} Index KeySchema does not have the same leading hash key as table KeySchema for index: ${name}. index hash key: ${own.partition.name}, table hash key: ${keys.partition.name}`,
    )
  }
}

export function checkBilling(mode: string, throughput: Throughput | undefined): void {
  if (mode === 'PAY_PER_REQUEST' && throughput) {
    throw invalid(
      `${parameters} Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST`,
    )
  }
  if (mode === 'PROVISIONED' && !throughput) {
    throw invalid(
      `${parameters} ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED`,
    )
  }
}
