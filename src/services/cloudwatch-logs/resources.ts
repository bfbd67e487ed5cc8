/** AWS::Logs::* for CloudFormation. */

import { NotImplemented } from '../../wire/errors.ts'
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { groupArn } from './groups.ts'

async function setRetention(name: string, { RetentionInDays }: Properties, { call }: ResourceContext): Promise<void> {
  const logs = call('cloudwatch-logs')
  if (RetentionInDays === undefined) await logs.DeleteRetentionPolicy({ logGroupName: name })
  else await logs.PutRetentionPolicy({ logGroupName: name, retentionInDays: Number(RetentionInDays) })
}

async function setProtection(
  name: string,
  { DataProtectionPolicy }: Properties,
  { call }: ResourceContext,
): Promise<void> {
  const [logs, logGroupIdentifier] = [call('cloudwatch-logs'), name]
  if (DataProtectionPolicy === undefined) await logs.DeleteDataProtectionPolicy({ logGroupIdentifier })
  else await logs.PutDataProtectionPolicy({ logGroupIdentifier, policyDocument: asText(DataProtectionPolicy) })
}

async function setKey(name: string, { KmsKeyId }: Properties, { call }: ResourceContext): Promise<void> {
  if (KmsKeyId === undefined) await call('cloudwatch-logs').DisassociateKmsKey({ logGroupName: name })
  else await call('cloudwatch-logs').AssociateKmsKey({ logGroupName: name, kmsKeyId: KmsKeyId })
}

function refuseAbsent(properties: Properties): void {
  for (const absent of ['FieldIndexPolicies', 'ResourcePolicyDocument']) {
    if (properties[absent] !== undefined) throw NotImplemented(`AWS::Logs::LogGroup ${absent}`)
  }
}

function tagsOf({ Tags = [] }: Properties, { tags }: ResourceContext): Record<string, string> {
  const own = Tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value])
  return { ...tags, ...Object.fromEntries(own) }
}

export const groupResource = resource('AWS::Logs::LogGroup', {
  replaceOn: ['LogGroupName', 'LogGroupClass'],
  async create(properties, r) {
    refuseAbsent(properties)
    const name = String(properties.LogGroupName ?? r.generatedName({ max: 512 }))
    await r.call('cloudwatch-logs').CreateLogGroup({
      logGroupName: name,
      kmsKeyId: properties.KmsKeyId,
      logGroupClass: properties.LogGroupClass,
      deletionProtectionEnabled: properties.DeletionProtectionEnabled,
      tags: tagsOf(properties, r),
    })
    if (properties.RetentionInDays !== undefined) await setRetention(name, properties, r)
    if (properties.DataProtectionPolicy !== undefined) await setProtection(name, properties, r)
    return { id: name, attributes: { Arn: `${groupArn(name, r)}:*` } }
  },
  async update(id, properties, before, r) {
    refuseAbsent(properties)
    if (properties.RetentionInDays !== before.RetentionInDays) await setRetention(id, properties, r)
    const protection = [properties, before].map(({ DataProtectionPolicy }) => JSON.stringify(DataProtectionPolicy))
    if (protection[0] !== protection[1]) await setProtection(id, properties, r)
    if (properties.KmsKeyId !== before.KmsKeyId) await setKey(id, properties, r)
    if (properties.DeletionProtectionEnabled !== before.DeletionProtectionEnabled) {
      const deletionProtectionEnabled = properties.DeletionProtectionEnabled ?? false
      await r
        .call('cloudwatch-logs')
        .PutLogGroupDeletionProtection({ logGroupIdentifier: id, deletionProtectionEnabled })
    }
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

export async function ignoreMissing(removed: Promise<unknown>): Promise<void> {
  try {
    await removed
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ResourceNotFoundException') throw error
  }
}

function asText(document: unknown): string {
  return typeof document === 'string' ? document : JSON.stringify(document)
}
