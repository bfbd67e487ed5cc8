/** AWS::Lambda::* for CloudFormation, made by Lambda's public operations. */
import { zipSync } from 'fflate'
import { AwsError } from '../../wire/errors.ts'
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { mappingResource } from './mappingResources.ts'

/** Properties of a function that go to UpdateFunctionConfiguration as they are. */
const configurationProperties = [
  ...['Description', 'Environment', 'Handler', 'KmsKeyArn', 'Layers', 'MemorySize', 'Role', 'Runtime', 'Timeout'],
  ...[
    'TracingConfig',
    'VpcConfig',
    'DeadLetterConfig',
    'EphemeralStorage',
    'LoggingConfig',
    'FileSystemConfigs',
    'SnapStart',
  ],
]

const functionResource = resource('AWS::Lambda::Function', {
  replaceOn: ['FunctionName', 'PackageType'],
  async create(properties, r) {
    const name = properties.FunctionName ?? r.generatedName({ max: 64 })
    const lambda = r.call('lambda')
    const input = {
      FunctionName: name,
      Code: codeOf(properties),
      ...configurationOf(properties),
      Role: properties.Role,
      ...(properties.Architectures && { Architectures: properties.Architectures }),
      ...(properties.PackageType && { PackageType: properties.PackageType }),
      Tags: tagsOf(properties, r),
    }
    // A creation that was cut off is found again by its name and its stack.
    await unlessOurs(lambda.CreateFunction(input), name, r)
    await putConcurrency(name, properties, r)
    return await described(name, r)
  },
  async update(name, properties, before, r) {
    const lambda = r.call('lambda')
    if (changed(properties.Code, before.Code) || changed(properties.Architectures, before.Architectures)) {
      await lambda.UpdateFunctionCode({
        FunctionName: name,
        ...codeOf(properties),
        ...(properties.Architectures && { Architectures: properties.Architectures }),
      })
    }
    if (changed(configurationOf(properties), configurationOf(before))) {
      await lambda.UpdateFunctionConfiguration({
        FunctionName: name,
        ...cleared(properties, before),
        ...configurationOf(properties),
      })
    }
    await putConcurrency(name, properties, r)
    await putTags(name, properties, before, r)
    return await described(name, r)
  },
  async delete(name, _properties, r) {
    await unlessGone(r.call('lambda').DeleteFunction({ FunctionName: name }))
  },
})

const versionResource = resource('AWS::Lambda::Version', {
  replaceOn: ['FunctionName', 'CodeSha256', 'Description'],
  async create({ FunctionName, Description, CodeSha256 }, r) {
    const input = { FunctionName, ...(Description && { Description }), ...(CodeSha256 && { CodeSha256 }) }
    const { FunctionArn = '', Version } = await r.call('lambda').PublishVersion(input)
    return { id: FunctionArn, attributes: { FunctionArn, Version } }
  },
  async delete(id, _properties, r) {
    const [, , , , , , name = '', version = ''] = id.split(':')
    // A version that did not change is shared with an older resource; an alias may still hold it.
    await unlessGone(r.call('lambda').DeleteFunction({ FunctionName: name, Qualifier: version }))
  },
})

const aliasResource = resource('AWS::Lambda::Alias', {
  replaceOn: ['FunctionName', 'Name'],
  async create(properties, r) {
    const { AliasArn = '' } = await r.call('lambda').CreateAlias(aliasInput(properties))
    return { id: AliasArn, attributes: { AliasArn } }
  },
  async update(id, properties, _before, r) {
    await r.call('lambda').UpdateAlias(aliasInput(properties))
    return { id, attributes: { AliasArn: id } }
  },
  async delete(_id, { FunctionName, Name }, r) {
    await unlessGone(r.call('lambda').DeleteAlias({ FunctionName, Name }))
  },
})

const permissionResource = resource('AWS::Lambda::Permission', {
  async create(properties, r) {
    const { FunctionName, Action, Principal, SourceArn, SourceAccount, PrincipalOrgID, FunctionUrlAuthType } =
      properties
    const StatementId = r.generatedName({ max: 100 })
    const input = { FunctionName, Action, Principal, SourceArn, SourceAccount, PrincipalOrgID, FunctionUrlAuthType }
    try {
      await r.call('lambda').AddPermission({ ...input, StatementId })
    } catch (error) {
      if (!(error instanceof AwsError && error.code === 'ResourceConflictException')) throw error
    }
    return { id: StatementId, attributes: { Id: StatementId } }
  },
  async delete(id, { FunctionName }, r) {
    await unlessGone(r.call('lambda').RemovePermission({ FunctionName, StatementId: id }))
  },
})

const layerResource = resource('AWS::Lambda::LayerVersion', {
  async create(properties, r) {
    const { LayerName, Content, Description, LicenseInfo, CompatibleRuntimes, CompatibleArchitectures } = properties
    const { LayerVersionArn = '' } = await r.call('lambda').PublishLayerVersion({
      LayerName: LayerName ?? r.generatedName({ max: 64 }),
      ...{ Content, Description, LicenseInfo, CompatibleRuntimes, CompatibleArchitectures },
    })
    return { id: LayerVersionArn, attributes: { LayerVersionArn } }
  },
  async delete(id, _properties, r) {
    await r.call('lambda').DeleteLayerVersion(layerOf(id))
  },
})

const layerPermissionResource = resource('AWS::Lambda::LayerVersionPermission', {
  async create(properties, r) {
    const { LayerVersionArn, Action, Principal, OrganizationId } = properties
    const StatementId = r.generatedName({ max: 100 })
    await r
      .call('lambda')
      .AddLayerVersionPermission({ ...layerOf(LayerVersionArn), Action, Principal, OrganizationId, StatementId })
    return { id: `${LayerVersionArn}#${StatementId}`, attributes: { Id: `${LayerVersionArn}#${StatementId}` } }
  },
  async delete(id, _properties, r) {
    const [arn = '', StatementId = ''] = id.split('#')
    await unlessGone(r.call('lambda').RemoveLayerVersionPermission({ ...layerOf(arn), StatementId }))
  },
})

const eventInvokeResource = resource('AWS::Lambda::EventInvokeConfig', {
  replaceOn: ['FunctionName', 'Qualifier'],
  async create(properties, r) {
    const { FunctionName, Qualifier } = properties
    await r.call('lambda').PutFunctionEventInvokeConfig(eventInvokeInput(properties))
    return { id: `${FunctionName}|${Qualifier}` }
  },
  async update(id, properties, _before, r) {
    await r.call('lambda').PutFunctionEventInvokeConfig(eventInvokeInput(properties))
    return { id }
  },
  async delete(_id, { FunctionName, Qualifier }, r) {
    await unlessGone(r.call('lambda').DeleteFunctionEventInvokeConfig({ FunctionName, Qualifier }))
  },
})

export const functionResources = [
  ...[functionResource, versionResource, aliasResource, permissionResource],
  ...[layerResource, layerPermissionResource, eventInvokeResource, mappingResource],
]

function configurationOf(properties: Properties): Properties {
  const found = Object.fromEntries(
    configurationProperties.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]]])),
  )
  const { KmsKeyArn, ...rest } = found
  return { ...rest, ...(KmsKeyArn && { KMSKeyArn: KmsKeyArn }) }
}

/** A property that the template no longer has goes back to its default. */
function cleared(properties: Properties, before: Properties): Properties {
  const defaults: Properties = {
    ...{ Description: '', Environment: { Variables: {} }, Layers: [], MemorySize: 128, Timeout: 3 },
    ...{ TracingConfig: { Mode: 'PassThrough' }, DeadLetterConfig: { TargetArn: '' }, EphemeralStorage: { Size: 512 } },
    LoggingConfig: { LogFormat: 'Text' },
  }
  const gone = Object.keys(defaults).filter((name) => properties[name] === undefined && before[name] !== undefined)
  return Object.fromEntries(gone.map((name) => [name, defaults[name]]))
}

/** Inline code becomes an archive with the one file that CloudFormation makes of it. */
function codeOf(properties: Properties): Properties {
  const { ZipFile, ...rest } = properties.Code ?? {}
  if (ZipFile === undefined) return rest
  const name = String(properties.Runtime).startsWith('python') ? 'index.py' : 'index.js'
  // The date is fixed: the same text is the same archive.
  const archive = zipSync({ [name]: [Buffer.from(String(ZipFile)), { mtime: '1980-01-01T00:00:00' }] })
  return { ZipFile: archive }
}

async function described(name: string, r: ResourceContext) {
  const { FunctionArn } = await r.call('lambda').GetFunctionConfiguration({ FunctionName: name })
  return { id: name, attributes: { Arn: FunctionArn } }
}

function tagsOf(properties: Properties, r: ResourceContext): Record<string, string> {
  const own = (properties.Tags ?? []) as { Key: string; Value: string }[]
  return { ...r.tags, ...Object.fromEntries(own.map(({ Key, Value }) => [Key, Value])) }
}

async function putTags(name: string, properties: Properties, before: Properties, r: ResourceContext): Promise<void> {
  const wanted = tagsOf(properties, r)
  if (!changed(properties.Tags, before.Tags)) return
  const lambda = r.call('lambda')
  const { FunctionArn: Resource = '' } = await lambda.GetFunctionConfiguration({ FunctionName: name })
  const TagKeys = Object.keys(tagsOf(before, r)).filter((key) => !(key in wanted))
  if (TagKeys.length > 0) await lambda.UntagResource({ Resource, TagKeys })
  await lambda.TagResource({ Resource, Tags: wanted })
}

async function putConcurrency(name: string, properties: Properties, r: ResourceContext): Promise<void> {
  const wanted = properties.ReservedConcurrentExecutions
  const lambda = r.call('lambda')
  if (wanted === undefined) await lambda.DeleteFunctionConcurrency({ FunctionName: name })
  else await lambda.PutFunctionConcurrency({ FunctionName: name, ReservedConcurrentExecutions: Number(wanted) })
}

async function unlessOurs(made: Promise<unknown>, name: string, r: ResourceContext): Promise<void> {
  try {
    await made
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ResourceConflictException')) throw error
    const { Tags = {} } = await r.call('lambda').GetFunction({ FunctionName: name })
    const ours =
      Tags['aws:cloudformation:stack-id'] === r.stackId && Tags['aws:cloudformation:logical-id'] === r.logicalId
    if (!ours) throw error
  }
}

export async function unlessGone(deleted: Promise<unknown>): Promise<void> {
  try {
    await deleted
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ResourceNotFoundException')) throw error
  }
}

function aliasInput(properties: Properties) {
  const { FunctionName, Name, FunctionVersion, Description, RoutingConfig } = properties
  const weights = (RoutingConfig?.AdditionalVersionWeights ?? []) as {
    FunctionVersion: string
    FunctionWeight: number
  }[]
  const AdditionalVersionWeights = Object.fromEntries(
    weights.map((one) => [one.FunctionVersion, Number(one.FunctionWeight)]),
  )
  return { FunctionName, Name, FunctionVersion, Description, RoutingConfig: { AdditionalVersionWeights } }
}

function eventInvokeInput(properties: Properties) {
  const { FunctionName, Qualifier, MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = properties
  return {
    ...{ FunctionName, Qualifier, DestinationConfig },
    ...(MaximumRetryAttempts !== undefined && { MaximumRetryAttempts: Number(MaximumRetryAttempts) }),
    ...(MaximumEventAgeInSeconds !== undefined && { MaximumEventAgeInSeconds: Number(MaximumEventAgeInSeconds) }),
  }
}

function layerOf(arn: string): { LayerName: string; VersionNumber: number } {
  const parts = arn.split(':')
  return { LayerName: parts[6] ?? '', VersionNumber: Number(parts[7]) }
}

function changed(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) !== JSON.stringify(right)
}
