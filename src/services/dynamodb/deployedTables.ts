/**
 * A table as a template wants it, made and changed by the service's public operations. What is there is asked first, so that
 * whatever was cut off can be done again.
 */
import type { TableDescription } from '@aws-sdk/client-dynamodb'
import { NotImplemented } from '../../wire/errors.ts'
import type { Created, Properties, ResourceContext } from '../resource.ts'
import { indexInput, indexUpdates, whenFilled } from './deployedIndexes.ts'
import { billingIn } from './deployedThroughput.ts'

export async function createTable(properties: Properties, r: ResourceContext): Promise<Created> {
  const name = properties.TableName ?? r.generatedName({ max: 255 })
  const encryption = encryptionIn(properties)
  const stream = streamIn(properties)
  try {
    await r.call('dynamodb').CreateTable({
      TableName: name,
      AttributeDefinitions: properties.AttributeDefinitions,
      KeySchema: properties.KeySchema,
      ...billingIn(properties),
      LocalSecondaryIndexes: properties.LocalSecondaryIndexes,
      GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes?.map(indexInput),
      DeletionProtectionEnabled: isOn(properties.DeletionProtectionEnabled),
      TableClass: properties.TableClass,
      Tags: tagsIn(properties, r),
      ...(encryption.Enabled && { SSESpecification: encryption }),
      ...(stream && { StreamSpecification: stream }),
    })
  } catch (error) {
    const isTaken = (error as { code?: string }).code === 'ResourceInUseException'
    if (!isTaken || !(await isOwn(name, r))) throw error
  }
  await switchTimeToLive(name, properties, r)
  await switchRecovery(name, properties, r)
  return created(await describedTable(name, r))
}

export async function updateTable(name: string, properties: Properties, r: ResourceContext): Promise<Created> {
  await whenFilled(name, r)
  const present = await describedTable(name, r)
  await r.call('dynamodb').UpdateTable({
    TableName: name,
    ...billingIn(properties),
    AttributeDefinitions: properties.AttributeDefinitions,
    GlobalSecondaryIndexUpdates: indexUpdates(
      properties.GlobalSecondaryIndexes ?? [],
      present.GlobalSecondaryIndexes ?? [],
    ),
    DeletionProtectionEnabled: isOn(properties.DeletionProtectionEnabled),
    TableClass: properties.TableClass ?? 'STANDARD',
    SSESpecification: encryptionIn(properties),
  })
  await whenFilled(name, r)
  await switchStream(name, present, properties, r)
  await switchTimeToLive(name, properties, r)
  await switchRecovery(name, properties, r)
  await changeTags(present.TableArn as string, properties, r)
  return created(await describedTable(name, r))
}

export async function deleteTable(name: string, r: ResourceContext): Promise<void> {
  try {
    await r.call('dynamodb').DeleteTable({ TableName: name })
  } catch (error) {
    if ((error as { code?: string }).code !== 'ResourceNotFoundException') throw error
  }
}

async function describedTable(TableName: string, r: ResourceContext): Promise<TableDescription> {
  const { Table } = await r.call('dynamodb').DescribeTable({ TableName })
  return Table as TableDescription
}

function created({ TableName, TableArn, TableId, LatestStreamArn }: TableDescription): Created {
  return { id: TableName as string, attributes: { Arn: TableArn, StreamArn: LatestStreamArn, TableId } }
}

/** An attribute that changes its type is another one; attributes come and go with the indexes that use them. */
export function isRedefined(before: Properties[] = [], after: Properties[] = []): boolean {
  return before.some(({ AttributeName, AttributeType }) =>
    after.some((one) => one.AttributeName === AttributeName && one.AttributeType !== AttributeType),
  )
}

/** What nothing here would act on is refused, unless it says that the thing is off. */
export function checkProperties(what: string, properties: Properties, taken: readonly string[]): void {
  for (const [name, value] of Object.entries(properties)) {
    if (taken.includes(name) || value === undefined) continue
    const switches = typeof value === 'object' ? Object.entries(value).filter(([key]) => key.endsWith('Enabled')) : []
    if (switches.length > 0 && switches.every(([, on]) => !isOn(on))) continue
    throw NotImplemented(`${what} with ${name}`)
  }
}

/** Templates may spell switches as strings. */
export function isOn(value: unknown): boolean {
  return String(value ?? false) === 'true'
}

function encryptionIn({ SSESpecification: given }: Properties) {
  const { SSEEnabled, SSEType, KMSMasterKeyId } = given ?? {}
  return {
    Enabled: isOn(SSEEnabled),
    ...(SSEType && { SSEType }),
    ...(KMSMasterKeyId && { KMSMasterKeyId }),
  }
}

function streamIn({ StreamSpecification: given }: Properties) {
  return given?.StreamViewType && { StreamEnabled: true, StreamViewType: given.StreamViewType }
}

/** Another view means another stream. */
async function switchStream(TableName: string, present: TableDescription, properties: Properties, r: ResourceContext) {
  const wanted = streamIn(properties)
  const { StreamEnabled, StreamViewType } = present.StreamSpecification ?? {}
  if (StreamViewType === wanted?.StreamViewType) return
  const dynamodb = r.call('dynamodb')
  if (StreamEnabled) await dynamodb.UpdateTable({ TableName, StreamSpecification: { StreamEnabled: false } })
  if (wanted) await dynamodb.UpdateTable({ TableName, StreamSpecification: wanted })
}

async function switchTimeToLive(TableName: string, properties: Properties, r: ResourceContext): Promise<void> {
  const { Enabled, AttributeName: attribute } = properties.TimeToLiveSpecification ?? {}
  const wanted = isOn(Enabled) ? attribute : undefined
  const dynamodb = r.call('dynamodb')
  const { TimeToLiveDescription } = await dynamodb.DescribeTimeToLive({ TableName })
  const { AttributeName: present } = TimeToLiveDescription ?? {}
  if (present === wanted) return
  const set = (AttributeName: string, on: boolean) =>
    dynamodb.UpdateTimeToLive({ TableName, TimeToLiveSpecification: { AttributeName, Enabled: on } })
  if (present !== undefined) await set(present, false)
  if (wanted !== undefined) await set(wanted, true)
}

async function switchRecovery(TableName: string, properties: Properties, r: ResourceContext): Promise<void> {
  const { PointInTimeRecoveryEnabled, RecoveryPeriodInDays: days } = properties.PointInTimeRecoverySpecification ?? {}
  const wanted = isOn(PointInTimeRecoveryEnabled)
  const dynamodb = r.call('dynamodb')
  const { ContinuousBackupsDescription } = await dynamodb.DescribeContinuousBackups({ TableName })
  const present = ContinuousBackupsDescription?.PointInTimeRecoveryDescription
  const isSame = (present?.PointInTimeRecoveryStatus === 'ENABLED') === wanted
  if (isSame && (!wanted || days === undefined || present?.RecoveryPeriodInDays === Number(days))) return
  await dynamodb.UpdateContinuousBackups({
    TableName,
    PointInTimeRecoverySpecification: {
      PointInTimeRecoveryEnabled: wanted,
      ...(wanted && days !== undefined && { RecoveryPeriodInDays: Number(days) }),
    },
  })
}

function tagsIn(properties: Properties, r: ResourceContext) {
  const own = (properties.Tags ?? []).map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value])
  return [...new Map<string, string>([...Object.entries(r.tags), ...own])].map(([Key, Value]) => ({ Key, Value }))
}

async function changeTags(ResourceArn: string, properties: Properties, r: ResourceContext): Promise<void> {
  const dynamodb = r.call('dynamodb')
  const Tags = tagsIn(properties, r)
  const present = (await dynamodb.ListTagsOfResource({ ResourceArn })).Tags ?? []
  const kept = new Set(Tags.map(({ Key }) => Key))
  const TagKeys = present.map(({ Key = '' }) => Key).filter((key) => !kept.has(key))
  if (TagKeys.length > 0) await dynamodb.UntagResource({ ResourceArn, TagKeys })
  await dynamodb.TagResource({ ResourceArn, Tags })
}

/** Whether an earlier try of this very creation made it: it bears the stack's tags. */
async function isOwn(name: string, r: ResourceContext): Promise<boolean> {
  const ResourceArn = `arn:aws:dynamodb:${r.region}:${r.account}:table/${name}`
  const answer = await r.call('dynamodb').ListTagsOfResource({ ResourceArn })
  const present = new Map((answer.Tags ?? []).map((tag) => [tag.Key, tag.Value]))
  return (
    present.get('aws:cloudformation:stack-id') === r.stackId &&
    present.get('aws:cloudformation:logical-id') === r.logicalId
  )
}
