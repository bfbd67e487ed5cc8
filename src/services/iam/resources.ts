/** AWS::IAM::* for CloudFormation. What a stack made bears the stack's tags, so a creation taken up again knows it. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import {
  difference,
  hasCode,
  ignoringMissing,
  isOwn,
  numberOf,
  policyName,
  strings,
  tagKeys,
  tagList,
  textOf,
} from './resourceProperties.ts'

export const roleResource = resource('AWS::IAM::Role', {
  replaceOn: ['RoleName', 'Path'],
  async create(properties, r) {
    const name = properties.RoleName ?? r.generatedName({ max: 64 })
    const iam = r.call('iam')
    try {
      await iam.CreateRole({
        RoleName: name,
        AssumeRolePolicyDocument: textOf(properties.AssumeRolePolicyDocument),
        Path: properties.Path,
        Description: properties.Description,
        MaxSessionDuration: numberOf(properties.MaxSessionDuration),
        PermissionsBoundary: properties.PermissionsBoundary,
        Tags: tagList(properties.Tags, r),
      })
    } catch (error) {
      if (!hasCode(error, 'EntityAlreadyExistsException')) throw error
      const present = await iam.GetRole({ RoleName: name })
      if (!isOwn(present.Role?.Tags, r)) throw error
    }
    await syncRolePolicies(name, properties, {}, r)
    return await roleCreated(name, r)
  },
  async update(id, properties, before, r) {
    const iam = r.call('iam')
    await iam.UpdateAssumeRolePolicy({
      RoleName: id,
      PolicyDocument: textOf(properties.AssumeRolePolicyDocument),
    })
    await iam.UpdateRole({
      RoleName: id,
      Description: properties.Description ?? '',
      MaxSessionDuration: numberOf(properties.MaxSessionDuration) ?? 3600,
    })
    if (properties.PermissionsBoundary) {
      await iam.PutRolePermissionsBoundary({ RoleName: id, PermissionsBoundary: properties.PermissionsBoundary })
    } else if (before.PermissionsBoundary) await iam.DeleteRolePermissionsBoundary({ RoleName: id })
    const gone = tagKeys(before).filter((key) => !tagKeys(properties).includes(key))
    if (gone.length > 0) await iam.UntagRole({ RoleName: id, TagKeys: gone })
    await iam.TagRole({ RoleName: id, Tags: tagList(properties.Tags, r) })
    await syncRolePolicies(id, properties, before, r)
    return await roleCreated(id, r)
  },
  async delete(id, properties, r) {
    const iam = r.call('iam')
    await ignoringMissing(async () => {
      for (const arn of strings(properties.ManagedPolicyArns)) {
        await ignoringMissing(() => iam.DetachRolePolicy({ RoleName: id, PolicyArn: arn }))
      }
      for (const policy of properties.Policies ?? []) {
        await ignoringMissing(() => iam.DeleteRolePolicy({ RoleName: id, PolicyName: policyName(policy) }))
      }
      await iam.DeleteRole({ RoleName: id })
    })
  },
})

async function roleCreated(name: string, r: ResourceContext) {
  const { Role: role } = await r.call('iam').GetRole({ RoleName: name })
  return { id: name, attributes: { Arn: role?.Arn, RoleId: role?.RoleId } }
}

async function syncRolePolicies(name: string, after: Properties, before: Properties, r: ResourceContext) {
  const iam = r.call('iam')
  const wanted = strings(after.ManagedPolicyArns)
  for (const arn of strings(before.ManagedPolicyArns)) {
    if (!wanted.includes(arn)) await ignoringMissing(() => iam.DetachRolePolicy({ RoleName: name, PolicyArn: arn }))
  }
  for (const arn of wanted) await iam.AttachRolePolicy({ RoleName: name, PolicyArn: arn })
  const names = (after.Policies ?? []).map(policyName)
  for (const policy of before.Policies ?? []) {
    if (names.includes(policyName(policy))) continue
    await ignoringMissing(() => iam.DeleteRolePolicy({ RoleName: name, PolicyName: policyName(policy) }))
  }
  for (const policy of after.Policies ?? []) {
    await iam.PutRolePolicy({
      RoleName: name,
      PolicyName: policyName(policy),
      PolicyDocument: textOf(policy.PolicyDocument),
    })
  }
}

export const userResource = resource('AWS::IAM::User', {
  replaceOn: ['UserName'],
  async create(properties, r) {
    const name = properties.UserName ?? r.generatedName({ max: 64 })
    const iam = r.call('iam')
    try {
      await iam.CreateUser({ UserName: name, Path: properties.Path, Tags: tagList(properties.Tags, r) })
    } catch (error) {
      if (!hasCode(error, 'EntityAlreadyExistsException')) throw error
      if (!isOwn((await iam.GetUser({ UserName: name })).User?.Tags, r)) throw error
    }
    await syncUser(name, properties, {}, r)
    return { id: name, attributes: { Arn: (await iam.GetUser({ UserName: name })).User?.Arn } }
  },
  async update(id, properties, before, r) {
    await syncUser(id, properties, before, r)
    return { id, attributes: { Arn: (await r.call('iam').GetUser({ UserName: id })).User?.Arn } }
  },
  async delete(id, properties, r) {
    await syncUser(id, {}, properties, r)
    await ignoringMissing(() => r.call('iam').DeleteUser({ UserName: id }))
  },
})

async function syncUser(name: string, after: Properties, before: Properties, r: ResourceContext) {
  const iam = r.call('iam')
  const { added, removed } = difference(strings(before.ManagedPolicyArns), strings(after.ManagedPolicyArns))
  for (const arn of removed) await ignoringMissing(() => iam.DetachUserPolicy({ UserName: name, PolicyArn: arn }))
  for (const arn of added) await iam.AttachUserPolicy({ UserName: name, PolicyArn: arn })
  const groups = difference(strings(before.Groups), strings(after.Groups))
  for (const group of groups.removed) {
    await ignoringMissing(() => iam.RemoveUserFromGroup({ UserName: name, GroupName: group }))
  }
  for (const group of groups.added) await iam.AddUserToGroup({ UserName: name, GroupName: group })
  const names: string[] = (after.Policies ?? []).map(policyName)
  for (const policy of before.Policies ?? []) {
    if (names.includes(policyName(policy))) continue
    await ignoringMissing(() => iam.DeleteUserPolicy({ UserName: name, PolicyName: policyName(policy) }))
  }
  for (const policy of after.Policies ?? []) {
    const document = textOf(policy.PolicyDocument)
    await iam.PutUserPolicy({ UserName: name, PolicyName: policyName(policy), PolicyDocument: document })
  }
}

export const groupResource = resource('AWS::IAM::Group', {
  replaceOn: ['GroupName'],
  async create(properties, r) {
    const name = properties.GroupName ?? r.generatedName({ max: 128 })
    try {
      await r.call('iam').CreateGroup({ GroupName: name, Path: properties.Path })
    } catch (error) {
      // A generated name holds the creation's own token, so a group of that name is this one.
      if (!hasCode(error, 'EntityAlreadyExistsException') || properties.GroupName !== undefined) throw error
    }
    return await syncGroup(name, properties, {}, r)
  },
  update: (id, properties, before, r) => syncGroup(id, properties, before, r),
  async delete(id, properties, r) {
    await ignoringMissing(async () => {
      await syncGroup(id, {}, properties, r)
      await r.call('iam').DeleteGroup({ GroupName: id })
    })
  },
})

async function syncGroup(name: string, after: Properties, before: Properties, r: ResourceContext) {
  const iam = r.call('iam')
  const { added, removed } = difference(strings(before.ManagedPolicyArns), strings(after.ManagedPolicyArns))
  for (const arn of removed) await ignoringMissing(() => iam.DetachGroupPolicy({ GroupName: name, PolicyArn: arn }))
  for (const arn of added) await iam.AttachGroupPolicy({ GroupName: name, PolicyArn: arn })
  const names: string[] = (after.Policies ?? []).map(policyName)
  for (const policy of before.Policies ?? []) {
    if (names.includes(policyName(policy))) continue
    await ignoringMissing(() => iam.DeleteGroupPolicy({ GroupName: name, PolicyName: policyName(policy) }))
  }
  for (const policy of after.Policies ?? []) {
    const document = textOf(policy.PolicyDocument)
    await iam.PutGroupPolicy({ GroupName: name, PolicyName: policyName(policy), PolicyDocument: document })
  }
  return { id: name, attributes: { Arn: (await iam.GetGroup({ GroupName: name })).Group?.Arn } }
}

export const accessKeyResource = resource('AWS::IAM::AccessKey', {
  replaceOn: ['UserName', 'Serial'],
  async create(properties, r) {
    const { AccessKey: key } = await r.call('iam').CreateAccessKey({ UserName: properties.UserName })
    return { id: key?.AccessKeyId as string, attributes: { SecretAccessKey: key?.SecretAccessKey } }
  },
  async delete(id, _properties, r) {
    await ignoringMissing(() => r.call('iam').DeleteAccessKey({ AccessKeyId: id }))
  },
})

export const instanceProfileResource = resource('AWS::IAM::InstanceProfile', {
  replaceOn: ['InstanceProfileName', 'Path'],
  async create(properties, r) {
    const iam = r.call('iam')
    const name = properties.InstanceProfileName ?? r.generatedName({ max: 128 })
    try {
      await iam.CreateInstanceProfile({ InstanceProfileName: name, Path: properties.Path, Tags: tagList([], r) })
    } catch (error) {
      if (!hasCode(error, 'EntityAlreadyExistsException')) throw error
      const present = await iam.GetInstanceProfile({ InstanceProfileName: name })
      if (!isOwn(present.InstanceProfile?.Tags, r)) throw error
    }
    return await syncProfile(name, strings(properties.Roles), r)
  },
  update: (id, properties, _before, r) => syncProfile(id, strings(properties.Roles), r),
  async delete(id, _properties, r) {
    await ignoringMissing(async () => {
      await syncProfile(id, [], r)
      await r.call('iam').DeleteInstanceProfile({ InstanceProfileName: id })
    })
  },
})

async function syncProfile(name: string, wanted: string[], r: ResourceContext) {
  const iam = r.call('iam')
  const { InstanceProfile: profile } = await iam.GetInstanceProfile({ InstanceProfileName: name })
  const present = (profile?.Roles ?? []).map((role) => role.RoleName as string)
  const { added, removed } = difference(present, wanted)
  for (const role of removed) await iam.RemoveRoleFromInstanceProfile({ InstanceProfileName: name, RoleName: role })
  for (const role of added) await iam.AddRoleToInstanceProfile({ InstanceProfileName: name, RoleName: role })
  return { id: name, attributes: { Arn: profile?.Arn } }
}
