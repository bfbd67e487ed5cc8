/** AWS::ECR::Repository for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'

export const repositoryResource = resource('AWS::ECR::Repository', {
  replaceOn: ['RepositoryName', 'EncryptionConfiguration'],
  async create(properties, r) {
    const name = properties.RepositoryName ?? r.generatedName({ max: 256, lowerCase: true })
    try {
      await r.call('ecr').CreateRepository({
        repositoryName: name,
        imageTagMutability: properties.ImageTagMutability,
        imageScanningConfiguration: scanning(properties),
        encryptionConfiguration: properties.EncryptionConfiguration && {
          encryptionType: properties.EncryptionConfiguration.EncryptionType,
          kmsKey: properties.EncryptionConfiguration.KmsKey,
        },
        tags: tags(properties, r),
      })
    } catch (error) {
      const isTaken = (error as { code?: string }).code === 'RepositoryAlreadyExistsException'
      if (!isTaken || !(await isOwn(name, r))) throw error
    }
    await putPolicies(name, properties, {}, r)
    return created(name, r)
  },
  async update(id, properties, before, r) {
    const ecr = r.call('ecr')
    await ecr.PutImageTagMutability({
      repositoryName: id,
      imageTagMutability: properties.ImageTagMutability ?? 'MUTABLE',
    })
    await ecr.PutImageScanningConfiguration({ repositoryName: id, imageScanningConfiguration: scanning(properties) })
    await putPolicies(id, properties, before, r)
    const { attributes } = created(id, r)
    await ecr.TagResource({ resourceArn: attributes.Arn, tags: tags(properties, r) })
    return { id, attributes }
  },
  async delete(id, _properties, r) {
    try {
      await r.call('ecr').DeleteRepository({ repositoryName: id, force: true })
    } catch (error) {
      if ((error as { code?: string }).code !== 'RepositoryNotFoundException') throw error
    }
  },
})

function scanning(properties: Properties) {
  return { scanOnPush: String(properties.ImageScanningConfiguration?.ScanOnPush ?? false) === 'true' }
}

function tags(properties: Properties, r: ResourceContext) {
  const own = (properties.Tags ?? []).map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value])
  return [...new Map<string, string>([...Object.entries(r.tags), ...own])].map(([Key, Value]) => ({ Key, Value }))
}

async function putPolicies(name: string, after: Properties, before: Properties, r: ResourceContext): Promise<void> {
  const ecr = r.call('ecr')
  const repository = { repositoryName: name }
  const text = after.RepositoryPolicyText
  if (text) {
    const policyText = typeof text === 'string' ? text : JSON.stringify(text)
    await ecr.SetRepositoryPolicy({ ...repository, policyText })
  } else if (before.RepositoryPolicyText) await ecr.DeleteRepositoryPolicy(repository)
  const lifecycle = after.LifecyclePolicy?.LifecyclePolicyText
  if (lifecycle) await ecr.PutLifecyclePolicy({ ...repository, lifecyclePolicyText: lifecycle })
  else if (before.LifecyclePolicy?.LifecyclePolicyText) await ecr.DeleteLifecyclePolicy(repository)
}

function created(name: string, r: ResourceContext) {
  return {
    id: name,
    attributes: {
      Arn: `arn:aws:ecr:${r.region}:${r.account}:repository/${name}`,
      RepositoryUri: `${r.account}.dkr.ecr.${r.region}.amazonaws.com/${name}`,
    },
  }
}

/** Whether an earlier try of this very creation made it: it bears the stack's tags. */
async function isOwn(name: string, r: ResourceContext): Promise<boolean> {
  const { Arn: resourceArn } = created(name, r).attributes
  const answer = await r.call('ecr').ListTagsForResource({ resourceArn })
  const present = new Map((answer.tags ?? []).map((tag) => [tag.Key, tag.Value]))
  return (
    present.get('aws:cloudformation:stack-id') === r.stackId &&
    present.get('aws:cloudformation:logical-id') === r.logicalId
  )
}
