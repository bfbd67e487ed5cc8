/** AWS::Logs::* for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { groupArn } from './groups.ts'

async function setRetention(name: string, { RetentionInDays }: Properties, { call }: ResourceContext): Promise<void> {
  const logs = call('cloudwatch-logs')
  if (RetentionInDays === undefined) await logs.DeleteRetentionPolicy({ logGroupName: name })
  else await logs.PutRetentionPolicy({ logGroupName: name, retentionInDays: Number(RetentionInDays) })
}

function tagsOf({ Tags = [] }: Properties, { tags }: ResourceContext): Record<string, string> {
  const own = Tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value])
  return { ...tags, ...Object.fromEntries(own) }
}

export const groupResource = resource('AWS::Logs::LogGroup', {
  replaceOn: ['LogGroupName'],
  async create(properties, r) {
    const name = String(properties.LogGroupName ?? r.generatedName({ max: 512 }))
    await r.call('cloudwatch-logs').CreateLogGroup({
      logGroupName: name,
      kmsKeyId: properties.KmsKeyId,
      logGroupClass: properties.LogGroupClass,
      tags: tagsOf(properties, r),
    })
    if (properties.RetentionInDays !== undefined) await setRetention(name, properties, r)
    return { id: name, attributes: { Arn: `${groupArn(name, r)}:*` } }
  },
  async update(id, properties, before, r) {
    if (properties.RetentionInDays !== before.RetentionInDays) await setRetention(id, properties, r)
    const tags = tagsOf(properties, r)
    await r.call('cloudwatch-logs').TagLogGroup({ logGroupName: id, tags })
    const gone = Object.keys(tagsOf(before, r)).filter((key) => !(key in tags))
    if (gone.length > 0) await r.call('cloudwatch-logs').UntagLogGroup({ logGroupName: id, tags: gone })
    return { id, attributes: { Arn: `${groupArn(id, r)}:*` } }
  },
  async delete(id, _properties, r) {
    await ignoreMissing(r.call('cloudwatch-logs').DeleteLogGroup({ logGroupName: id }))
  },
})

export const streamResource = resource('AWS::Logs::LogStream', {
  replaceOn: ['LogGroupName', 'LogStreamName'],
  async create({ LogGroupName, LogStreamName }, r) {
    const name = String(LogStreamName ?? r.generatedName({ max: 512 }))
    await r.call('cloudwatch-logs').CreateLogStream({ logGroupName: LogGroupName, logStreamName: name })
    return { id: name }
  },
  async delete(id, { LogGroupName }, r) {
    await ignoreMissing(r.call('cloudwatch-logs').DeleteLogStream({ logGroupName: LogGroupName, logStreamName: id }))
  },
})

export const policyResource = resource('AWS::Logs::ResourcePolicy', {
  replaceOn: ['PolicyName'],
  async create({ PolicyName, PolicyDocument }, r) {
    await r
      .call('cloudwatch-logs')
      .PutResourcePolicy({ policyName: PolicyName, policyDocument: asText(PolicyDocument) })
    return { id: String(PolicyName) }
  },
  async update(id, { PolicyDocument }, _before, r) {
    await r.call('cloudwatch-logs').PutResourcePolicy({ policyName: id, policyDocument: asText(PolicyDocument) })
    return { id }
  },
  async delete(id, _properties, r) {
    await ignoreMissing(r.call('cloudwatch-logs').DeleteResourcePolicy({ policyName: id }))
  },
})

async function ignoreMissing(removed: Promise<unknown>): Promise<void> {
  try {
    await removed
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ResourceNotFoundException') throw error
  }
}

function asText(document: unknown): string {
  return typeof document === 'string' ? document : JSON.stringify(document)
}
