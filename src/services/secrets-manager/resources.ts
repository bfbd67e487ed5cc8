/** AWS::SecretsManager::* for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { type PasswordRules, randomPassword } from './passwords.ts'

export const secretResource = resource('AWS::SecretsManager::Secret', {
  replaceOn: ['Name'],
  async create(properties, r) {
    const name = properties.Name ?? r.generatedName({ max: 100 })
    const secretsManager = r.call('secrets-manager')
    const settings = { Description: properties.Description, KmsKeyId: properties.KmsKeyId, Tags: tags(properties, r) }
    try {
      const { ARN: arn } = await secretsManager.CreateSecret({
        Name: name,
        SecretString: initialValue(properties),
        ClientRequestToken: r.token,
        ...settings,
      })
      return created(String(arn))
    } catch (error) {
      if ((error as { code?: string }).code !== 'ResourceExistsException') throw error
      const present = await secretsManager.DescribeSecret({ SecretId: name })
      // The version that an earlier try of this creation made bears its token.
      if (!Object.hasOwn(present.VersionIdsToStages ?? {}, r.token)) throw error
      return created(String(present.ARN))
    }
  },
  async update(id, properties, before, r) {
    const secretsManager = r.call('secrets-manager')
    const hasNewValue =
      JSON.stringify([properties.SecretString, properties.GenerateSecretString]) !==
      JSON.stringify([before.SecretString, before.GenerateSecretString])
    await secretsManager.UpdateSecret({
      SecretId: id,
      Description: properties.Description ?? '',
      KmsKeyId: properties.KmsKeyId,
      ...(hasNewValue && { SecretString: initialValue(properties), ClientRequestToken: r.token }),
    })
    await secretsManager.TagResource({ SecretId: id, Tags: tags(properties, r) })
    return created(id)
  },
  async delete(id, _properties, r) {
    await r.call('secrets-manager').DeleteSecret({ SecretId: id, ForceDeleteWithoutRecovery: true })
  },
})

function created(arn: string) {
  return { id: arn, attributes: { Id: arn } }
}

/** A generated secret may be put into a JSON template under a key. */
function initialValue(properties: Properties): string | undefined {
  if (properties.SecretString !== undefined) return String(properties.SecretString)
  const generate = properties.GenerateSecretString
  if (generate === undefined) return undefined
  const password = randomPassword(rulesOf(generate))
  if (generate.SecretStringTemplate === undefined) return password
  return JSON.stringify({ ...JSON.parse(generate.SecretStringTemplate), [generate.GenerateStringKey]: password })
}

function rulesOf(generate: Properties): PasswordRules {
  const isTrue = (value: unknown) => (value === undefined ? undefined : String(value) === 'true')
  return {
    PasswordLength: generate.PasswordLength === undefined ? undefined : Number(generate.PasswordLength),
    ExcludeCharacters: generate.ExcludeCharacters,
    ExcludeNumbers: isTrue(generate.ExcludeNumbers),
    ExcludePunctuation: isTrue(generate.ExcludePunctuation),
    ExcludeUppercase: isTrue(generate.ExcludeUppercase),
    ExcludeLowercase: isTrue(generate.ExcludeLowercase),
    IncludeSpace: isTrue(generate.IncludeSpace),
    RequireEachIncludedType: isTrue(generate.RequireEachIncludedType),
  }
}

function tags(properties: Properties, r: ResourceContext) {
  const own = (properties.Tags ?? []).map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value])
  return [...new Map<string, string>([...Object.entries(r.tags), ...own])].map(([Key, Value]) => ({ Key, Value }))
}

export const resourcePolicyResource = resource('AWS::SecretsManager::ResourcePolicy', {
  replaceOn: ['SecretId'],
  create: (properties, r) => putPolicy(properties, r),
  update: (_id, properties, _before, r) => putPolicy(properties, r),
  async delete(id, _properties, r) {
    try {
      await r.call('secrets-manager').DeleteResourcePolicy({ SecretId: id })
    } catch (error) {
      if ((error as { code?: string }).code !== 'ResourceNotFoundException') throw error
    }
  },
})

async function putPolicy(properties: Properties, r: ResourceContext) {
  const policy = properties.ResourcePolicy
  await r.call('secrets-manager').PutResourcePolicy({
    SecretId: String(properties.SecretId),
    ResourcePolicy: typeof policy === 'string' ? policy : JSON.stringify(policy),
  })
  return { id: String(properties.SecretId) }
}

/** Writes the address of a database into its secret, as the service does for Redshift, RDS and their like. */
export const attachmentResource = resource('AWS::SecretsManager::SecretTargetAttachment', {
  replaceOn: ['SecretId', 'TargetId', 'TargetType'],
  async create(properties, r) {
    const secretsManager = r.call('secrets-manager')
    const id = String(properties.SecretId)
    const { SecretString: text } = await secretsManager.GetSecretValue({ SecretId: id })
    const value = { ...JSON.parse(text ?? '{}'), ...(await connectionOf(properties, r)) }
    await secretsManager.PutSecretValue({
      SecretId: id,
      SecretString: JSON.stringify(value),
      ClientRequestToken: r.token,
    })
    return { id }
  },
  delete: async () => {},
})

async function connectionOf(properties: Properties, r: ResourceContext): Promise<Record<string, unknown>> {
  const target = String(properties.TargetId)
  if (properties.TargetType === 'AWS::Redshift::Cluster') {
    const { Clusters: clusters } = await r.call('redshift').DescribeClusters({ ClusterIdentifier: target })
    const cluster = clusters?.[0]
    const { Address: host, Port: port } = cluster?.Endpoint ?? {}
    return { engine: 'redshift', host, port, dbname: cluster?.DBName, dbClusterIdentifier: target }
  }
  throw new Error(`A secret cannot be attached to a target of type ${properties.TargetType}: that is not implemented.`)
}
