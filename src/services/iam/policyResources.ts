/** AWS::IAM::Policy (inline, put on its holders) and AWS::IAM::ManagedPolicy. */
import { type Created, type Properties, type ResourceContext, resource } from '../resource.ts'
import { difference, hasCode, ignoringMissing, isOwn, strings, tagList, textOf } from './resourceProperties.ts'

const holderKinds = ['Roles', 'Users', 'Groups'] as const

export const policyResource = resource('AWS::IAM::Policy', {
  replaceOn: [],
  async create(properties, r) {
    await syncInline(properties, {}, r)
    return { id: String(properties.PolicyName), attributes: {} }
  },
  async update(_id, properties, before, r) {
    if (properties.PolicyName !== before.PolicyName) await syncInline({}, before, r)
    await syncInline(properties, before, r)
    return { id: String(properties.PolicyName), attributes: {} }
  },
  async delete(_id, properties, r) {
    await syncInline({}, properties, r)
  },
})

async function syncInline(after: Properties, before: Properties, r: ResourceContext): Promise<void> {
  const iam = r.call('iam')
  for (const kind of holderKinds) {
    const wanted = strings(after[kind])
    const { removed } = difference(strings(before[kind]), wanted)
    for (const name of removed) {
      const policy = { PolicyName: String(before.PolicyName) }
      await ignoringMissing(async () => {
        if (kind === 'Roles') await iam.DeleteRolePolicy({ RoleName: name, ...policy })
        else if (kind === 'Users') await iam.DeleteUserPolicy({ UserName: name, ...policy })
        else await iam.DeleteGroupPolicy({ GroupName: name, ...policy })
      })
    }
    for (const name of wanted) {
      const policy = { PolicyName: String(after.PolicyName), PolicyDocument: textOf(after.PolicyDocument) }
      if (kind === 'Roles') await iam.PutRolePolicy({ RoleName: name, ...policy })
      else if (kind === 'Users') await iam.PutUserPolicy({ UserName: name, ...policy })
      else await iam.PutGroupPolicy({ GroupName: name, ...policy })
    }
  }
}

export const managedPolicyResource = resource('AWS::IAM::ManagedPolicy', {
  replaceOn: ['ManagedPolicyName', 'Path', 'Description'],
  async create(properties, r) {
    const iam = r.call('iam')
    const name = properties.ManagedPolicyName ?? r.generatedName({ max: 128 })
    let arn = `arn:aws:iam::${r.account}:policy${properties.Path ?? '/'}${name}`
    try {
      const { Policy: policy } = await iam.CreatePolicy({
        PolicyName: name,
        Path: properties.Path,
        Description: properties.Description,
        PolicyDocument: textOf(properties.PolicyDocument),
        Tags: tagList(properties.Tags, r),
      })
      arn = policy?.Arn ?? arn
    } catch (error) {
      if (!hasCode(error, 'EntityAlreadyExistsException')) throw error
      if (!isOwn((await iam.GetPolicy({ PolicyArn: arn })).Policy?.Tags, r)) throw error
    }
    await syncAttached(arn, properties, {}, r)
    return await policyCreated(arn, r)
  },
  async update(id, properties, before, r) {
    const iam = r.call('iam')
    const { Versions: versions = [] } = await iam.ListPolicyVersions({ PolicyArn: id })
    for (const version of versions) {
      if (version.IsDefaultVersion) continue
      await iam.DeletePolicyVersion({ PolicyArn: id, VersionId: version.VersionId })
    }
    const document = textOf(properties.PolicyDocument)
    await iam.CreatePolicyVersion({ PolicyArn: id, PolicyDocument: document, SetAsDefault: true })
    await syncAttached(id, properties, before, r)
    return await policyCreated(id, r)
  },
  async delete(id, properties, r) {
    const iam = r.call('iam')
    await ignoringMissing(async () => {
      await syncAttached(id, {}, properties, r)
      const { Versions: versions = [] } = await iam.ListPolicyVersions({ PolicyArn: id })
      for (const version of versions) {
        if (version.IsDefaultVersion) continue
        await iam.DeletePolicyVersion({ PolicyArn: id, VersionId: version.VersionId })
      }
      await iam.DeletePolicy({ PolicyArn: id })
    })
  },
})

async function policyCreated(arn: string, r: ResourceContext): Promise<Created> {
  const { Policy: policy } = await r.call('iam').GetPolicy({ PolicyArn: arn })
  return {
    id: arn,
    attributes: {
      PolicyArn: arn,
      PolicyId: policy?.PolicyId,
      DefaultVersionId: policy?.DefaultVersionId,
      AttachmentCount: policy?.AttachmentCount,
      IsAttachable: true,
      CreateDate: policy?.CreateDate?.toISOString(),
      UpdateDate: policy?.UpdateDate?.toISOString(),
      PermissionsBoundaryUsageCount: 0,
    },
  }
}

async function syncAttached(arn: string, after: Properties, before: Properties, r: ResourceContext): Promise<void> {
  const iam = r.call('iam')
  const policy = { PolicyArn: arn }
  for (const kind of holderKinds) {
    const { added, removed } = difference(strings(before[kind]), strings(after[kind]))
    for (const name of removed) {
      await ignoringMissing(async () => {
        if (kind === 'Roles') await iam.DetachRolePolicy({ RoleName: name, ...policy })
        else if (kind === 'Users') await iam.DetachUserPolicy({ UserName: name, ...policy })
        else await iam.DetachGroupPolicy({ GroupName: name, ...policy })
      })
    }
    for (const name of added) {
      if (kind === 'Roles') await iam.AttachRolePolicy({ RoleName: name, ...policy })
      else if (kind === 'Users') await iam.AttachUserPolicy({ UserName: name, ...policy })
      else await iam.AttachGroupPolicy({ GroupName: name, ...policy })
    }
  }
}
