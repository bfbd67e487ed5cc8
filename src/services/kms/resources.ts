/** AWS::KMS::Key and AWS::KMS::Alias for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'

export const keyResource = resource('AWS::KMS::Key', {
  replaceOn: ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
  async create(properties, r) {
    const kms = r.call('kms')
    const present = await ownKey(r)
    const id =
      present ??
      (
        await kms.CreateKey({
          Description: properties.Description,
          Policy: policyOf(properties),
          KeySpec: properties.KeySpec,
          KeyUsage: properties.KeyUsage,
          MultiRegion: isTrue(properties.MultiRegion),
          Origin: properties.Origin,
          Tags: tags(properties, r),
        })
      ).KeyMetadata?.KeyId
    return await settle(String(id), properties, r)
  },
  async update(id, properties, _before, r) {
    const kms = r.call('kms')
    await kms.UpdateKeyDescription({ KeyId: id, Description: properties.Description ?? '' })
    const policy = policyOf(properties)
    if (policy !== undefined) await kms.PutKeyPolicy({ KeyId: id, Policy: policy })
    await kms.TagResource({ KeyId: id, Tags: tags(properties, r) })
    return await settle(id, properties, r)
  },
  async delete(id, properties, r) {
    try {
      await r
        .call('kms')
        .ScheduleKeyDeletion({ KeyId: id, PendingWindowInDays: Number(properties.PendingWindowInDays ?? 30) })
    } catch (error) {
      const { code } = error as { code?: string }
      if (code !== 'NotFoundException' && code !== 'KMSInvalidStateException') throw error
    }
  },
})

async function settle(id: string, properties: Properties, r: ResourceContext) {
  const kms = r.call('kms')
  const isEnabled = properties.Enabled === undefined || isTrue(properties.Enabled)
  await (isEnabled ? kms.EnableKey({ KeyId: id }) : kms.DisableKey({ KeyId: id }))
  if (isTrue(properties.EnableKeyRotation)) {
    const days = properties.RotationPeriodInDays
    await kms.EnableKeyRotation({ KeyId: id, ...(days !== undefined && { RotationPeriodInDays: Number(days) }) })
  } else await kms.DisableKeyRotation({ KeyId: id })
  return { id, attributes: { Arn: `arn:aws:kms:${r.region}:${r.account}:key/${id}`, KeyId: id } }
}

const creationTag = 'aws:cloudformation:creation-token'

/** A key has no name, so a creation taken up again finds it by the tag that it gave. */
async function ownKey(r: ResourceContext): Promise<string | undefined> {
  const kms = r.call('kms')
  let marker: string | undefined
  do {
    const page = await kms.ListKeys({ Marker: marker })
    for (const { KeyId } of page.Keys ?? []) {
      const { Tags = [] } = await kms.ListResourceTags({ KeyId })
      if (Tags.some((tag) => tag.TagKey === creationTag && tag.TagValue === r.token)) return KeyId
    }
    marker = page.NextMarker
  } while (marker)
  return undefined
}

function tags(properties: Properties, r: ResourceContext) {
  const own = (properties.Tags ?? []).map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value])
  const all = new Map<string, string>([...Object.entries(r.tags), ...own, [creationTag, r.token]])
  return [...all].map(([TagKey, TagValue]) => ({ TagKey, TagValue }))
}

function policyOf(properties: Properties): string | undefined {
  const policy = properties.KeyPolicy
  return policy === undefined || typeof policy === 'string' ? policy : JSON.stringify(policy)
}

function isTrue(value: unknown): boolean {
  return String(value) === 'true'
}

export const aliasResource = resource('AWS::KMS::Alias', {
  replaceOn: ['AliasName'],
  async create(properties, r) {
    const alias = { AliasName: String(properties.AliasName), TargetKeyId: String(properties.TargetKeyId) }
    try {
      await r.call('kms').CreateAlias(alias)
    } catch (error) {
      if ((error as { code?: string }).code !== 'AlreadyExistsException') throw error
      const key = await r.call('kms').DescribeKey({ KeyId: alias.AliasName })
      if (!alias.TargetKeyId.includes(String(key.KeyMetadata?.KeyId))) throw error
    }
    return { id: alias.AliasName }
  },
  async update(id, properties, _before, r) {
    await r.call('kms').UpdateAlias({ AliasName: id, TargetKeyId: String(properties.TargetKeyId) })
    return { id }
  },
  async delete(id, _properties, r) {
    try {
      await r.call('kms').DeleteAlias({ AliasName: id })
    } catch (error) {
      if ((error as { code?: string }).code !== 'NotFoundException') throw error
    }
  },
})
