/** AWS::DynamoDB::Table for CloudFormation. */
import { NotImplemented } from '../../wire/errors.ts'
import { type Properties, type ResourceContext, resource } from '../resource.ts'

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
  replaceOn: ['TableName', 'KeySchema', 'AttributeDefinitions', 'LocalSecondaryIndexes', 'GlobalSecondaryIndexes'],
  async create(properties, r) {
    checkProperties(properties)
    const name = properties.TableName ?? r.generatedName({ max: 255 })
    const dynamodb = r.call('dynamodb')
    try {
      await dynamodb.CreateTable({
        TableName: name,
        AttributeDefinitions: properties.AttributeDefinitions,
        KeySchema: properties.KeySchema,
        ...billing(properties),
        LocalSecondaryIndexes: properties.LocalSecondaryIndexes,
        GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes?.map((index: Properties) => ({
          ...index,
          ...throughput(index),
        })),
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
    await r.call('dynamodb').UpdateTable({
      TableName: id,
      ...billing(properties),
      DeletionProtectionEnabled: isProtected(properties),
      TableClass: properties.TableClass ?? 'STANDARD',
    })
    const answer = created(id, r)
    const ResourceArn = answer.attributes.Arn
    const wanted = tags(properties, r)
    const present = (await r.call('dynamodb').ListTagsOfResource({ ResourceArn })).Tags ?? []
    const kept = new Set(wanted.map(({ Key }) => Key))
    const TagKeys = present.map(({ Key = '' }) => Key).filter((key) => !kept.has(key))
    if (TagKeys.length > 0) await r.call('dynamodb').UntagResource({ ResourceArn, TagKeys })
    await r.call('dynamodb').TagResource({ ResourceArn, Tags: wanted })
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

function billing(properties: Properties) {
  return { BillingMode: properties.BillingMode ?? 'PROVISIONED', ...throughput(properties) }
}

/** Templates may spell numbers as strings. */
function throughput({ ProvisionedThroughput: given }: Properties) {
  if (!given) return {}
  const { ReadCapacityUnits, WriteCapacityUnits } = given
  return {
    ProvisionedThroughput: {
      ReadCapacityUnits: Number(ReadCapacityUnits),
      WriteCapacityUnits: Number(WriteCapacityUnits),
    },
  }
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
