/** AWS::DynamoDB::Table for CloudFormation. */
import { NotImplemented } from '../../wire/errors.ts'
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { indexInput, indexUpdates, whenFilled } from './deployedIndexes.ts'
import { billingIn } from './deployedThroughput.ts'

const taken = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'DeletionProtectionEnabled',
  'TableClass',
  'Tags',
]

export const tableResource = resource('AWS::DynamoDB::Table', {
  replaceOn: ['TableName', 'KeySchema', 'LocalSecondaryIndexes'],
  replaces: (name, before, after) => name === 'AttributeDefinitions' && isRedefined(before, after),
  async create(properties, r) {
    checkProperties(properties)
    const name = properties.TableName ?? r.generatedName({ max: 255 })
    const dynamodb = r.call('dynamodb')
    try {
      await dynamodb.CreateTable({
        TableName: name,
        AttributeDefinitions: properties.AttributeDefinitions,
        KeySchema: properties.KeySchema,
        ...billingIn(properties),
        LocalSecondaryIndexes: properties.LocalSecondaryIndexes,
        GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes?.map(indexInput),
        DeletionProtectionEnabled: isProtected(properties),
        TableClass: properties.TableClass,
        Tags: tags(properties, r),
      })
    } catch (error) {
      const isTaken = (error as { code?: string }).code === 'ResourceInUseException'
      if (!isTaken || !(await isOwn(name, r))) throw error
    }
    return created(name, r)
  },
  async update(id, properties, _before, r) {
    checkProperties(properties)
    await whenFilled(id, r)
    const { Table } = await r.call('dynamodb').DescribeTable({ TableName: id })
    const wanted = properties.GlobalSecondaryIndexes ?? []
    await r.call('dynamodb').UpdateTable({
      TableName: id,
      ...billingIn(properties),
      AttributeDefinitions: properties.AttributeDefinitions,
      GlobalSecondaryIndexUpdates: indexUpdates(wanted, Table?.GlobalSecondaryIndexes ?? []),
      DeletionProtectionEnabled: isProtected(properties),
      TableClass: properties.TableClass ?? 'STANDARD',
    })
    await whenFilled(id, r)
    const answer = created(id, r)
    const ResourceArn = answer.attributes.Arn
    const tagsWanted = tags(properties, r)
    const present = (await r.call('dynamodb').ListTagsOfResource({ ResourceArn })).Tags ?? []
    const kept = new Set(tagsWanted.map(({ Key }) => Key))
    const TagKeys = present.map(({ Key = '' }) => Key).filter((key) => !kept.has(key))
    if (TagKeys.length > 0) await r.call('dynamodb').UntagResource({ ResourceArn, TagKeys })
    await r.call('dynamodb').TagResource({ ResourceArn, Tags: tagsWanted })
    return answer
  },
  async delete(id, _properties, r) {
    try {
      await r.call('dynamodb').DeleteTable({ TableName: id })
    } catch (error) {
      if ((error as { code?: string }).code !== 'ResourceNotFoundException') throw error
    }
  },
})

/** What nothing here would act on is refused, unless it says that the thing is off. */
function checkProperties(properties: Properties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (taken.includes(name) || value === undefined) continue
    const switches = Object.entries(value as object).filter(([key]) => key.endsWith('Enabled'))
    if (switches.length > 0 && switches.every(([, on]) => String(on) === 'false')) continue
    throw NotImplemented(`AWS::DynamoDB::Table with ${name}`)
  }
}

/** An attribute that changes its type is another one; attributes come and go with the indexes that use them. */
function isRedefined(before: Properties[] = [], after: Properties[] = []): boolean {
  return before.some(({ AttributeName, AttributeType }) =>
    after.some((one) => one.AttributeName === AttributeName && one.AttributeType !== AttributeType),
  )
}

function isProtected(properties: Properties): boolean {
  return String(properties.DeletionProtectionEnabled ?? false) === 'true'
}

function tags(properties: Properties, r: ResourceContext) {
  const own = (properties.Tags ?? []).map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value])
  return [...new Map<string, string>([...Object.entries(r.tags), ...own])].map(([Key, Value]) => ({ Key, Value }))
}

function created(name: string, r: ResourceContext) {
  return { id: name, attributes: { Arn: `arn:aws:dynamodb:${r.region}:${r.account}:table/${name}` } }
}

/** Whether an earlier try of this very creation made it: it bears the stack's tags. */
async function isOwn(name: string, r: ResourceContext): Promise<boolean> {
  const { Arn: ResourceArn } = created(name, r).attributes
  const answer = await r.call('dynamodb').ListTagsOfResource({ ResourceArn })
  const present = new Map((answer.Tags ?? []).map((tag) => [tag.Key, tag.Value]))
  return (
    present.get('aws:cloudformation:stack-id') === r.stackId &&
    present.get('aws:cloudformation:logical-id') === r.logicalId
  )
}
