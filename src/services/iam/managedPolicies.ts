/**
 * Managed policies: the account's own with their versions, and AWS's. AWS has more than a thousand; the documents of
 * those that pipelines use are in data/. Any other of its ARNs may be attached, but has no document to read here.
 */
import assert from 'node:assert'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { awsManagedPolicies } from './data/awsManagedPolicies.ts'
import { groups } from './groups.ts'
import { iamArn, newId } from './identifiers.ts'
import { pageOf } from './pages.ts'
import { checkPolicyDocument, encodedDocument } from './policyDocuments.ts'
import { roles } from './roles.ts'
import { mergeTags, type Tag, withoutTags } from './tags.ts'
import { users } from './users.ts'

const {
  DeleteConflictException,
  EntityAlreadyExistsException,
  InvalidInputException,
  LimitExceededException,
  NoSuchEntityException,
} = awsErrors('iam')

export interface ManagedPolicy {
  name: string
  id: string
  path: string
  arn: string
  description?: string
  createdAt: Millis
  updatedAt: Millis
  versions: PolicyVersion[]
  defaultVersion: string
  versionsMade: number
  tags: Tag[]
}

interface PolicyVersion {
  id: string
  document: string
  createdAt: Millis
}

export const managedPolicies = collection<ManagedPolicy>('iam/managed-policies', {
  version: 1,
  scope: 'account',
  key: (policy) => [policy.name],
})

const versionsMax = 5
const awsPolicyArn = /^arn:aws(-cn|-us-gov)?:iam::aws:policy\/(.*\/)?[\w+=,.@-]+$/

export function policyNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

export function isAttachable(ctx: Context, arn: string): boolean {
  return awsPolicyArn.test(arn) || findPolicy(ctx, arn) !== undefined
}

export const managedPolicyOperations = operations('iam', {
  async CreatePolicy(input, ctx) {
    checkPolicyDocument(input.PolicyDocument, 'identity')
    const name = input.PolicyName
    const path = input.Path ?? '/'
    const now = ctx.clock.now()
    const policy: ManagedPolicy = {
      name,
      path,
      id: newId('ANPA', ctx.random),
      arn: iamArn(ctx.account, 'policy', path, name),
      createdAt: now,
      updatedAt: now,
      versions: [{ id: 'v1', document: input.PolicyDocument, createdAt: now }],
      defaultVersion: 'v1',
      versionsMade: 1,
      tags: mergeTags([], input.Tags ?? []),
      ...(input.Description !== undefined && { description: input.Description }),
    }
    await ctx.commit((tx) => {
      if (tx.in(managedPolicies).has(name)) {
        throw EntityAlreadyExistsException(`A policy called ${name} already exists. Duplicate names are not allowed.`)
      }
      tx.in(managedPolicies).put(policy)
    })
    return { Policy: policyOutput(policy, ctx) }
  },

  async GetPolicy(input, ctx) {
    return { Policy: policyOutput(mustFind(ctx, input.PolicyArn), ctx) }
  },

  async ListPolicies(input, ctx) {
    const own = input.Scope === 'AWS' ? [] : [...ctx.in(managedPolicies).list()]
    const aws = input.Scope === 'Local' ? [] : awsManagedPolicies
    const all = [...own, ...aws].filter(
      (policy) =>
        policy.path.startsWith(input.PathPrefix ?? '/') && (!input.OnlyAttached || attachmentsOf(ctx, policy.arn) > 0),
    )
    const { page, rest } = pageOf(all, (policy) => policy.arn, input)
    return { Policies: page.map((policy) => policyOutput(policy, ctx)), ...rest }
  },

  async CreatePolicyVersion(input, ctx) {
    checkPolicyDocument(input.PolicyDocument, 'identity')
    const changed = await change(ctx, input.PolicyArn, (policy) => {
      if (policy.versions.length >= versionsMax) {
        throw LimitExceededException(
          'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
        )
      }
      const versionsMade = policy.versionsMade + 1
      const made = { id: `v${versionsMade}`, document: input.PolicyDocument, createdAt: ctx.clock.now() }
      return {
        ...policy,
        versionsMade,
        updatedAt: made.createdAt,
        versions: [...policy.versions, made],
        ...(input.SetAsDefault && { defaultVersion: made.id }),
      }
    })
    assert(changed, 'a policy that was given a version is still there')
    const { Document: _, ...output } = versionOutput(changed, changed.versions.at(-1) as PolicyVersion)
    return { PolicyVersion: output }
  },

  async GetPolicyVersion(input, ctx) {
    const policy = mustFind(ctx, input.PolicyArn)
    const version = policy.versions.find((one) => one.id === input.VersionId)
    if (!version) throw versionNotFound(input.PolicyArn, input.VersionId)
    return { PolicyVersion: versionOutput(policy, version) }
  },

  async ListPolicyVersions(input, ctx) {
    const policy = mustFind(ctx, input.PolicyArn)
    const { page, rest } = pageOf([...policy.versions].reverse(), (version) => version.id, input)
    return { Versions: page.map((version) => ({ ...versionOutput(policy, version), Document: undefined })), ...rest }
  },

  async SetDefaultPolicyVersion(input, ctx) {
    await change(ctx, input.PolicyArn, (policy) => {
      if (!policy.versions.some((version) => version.id === input.VersionId)) {
        throw versionNotFound(input.PolicyArn, input.VersionId)
      }
      return { ...policy, defaultVersion: input.VersionId, updatedAt: ctx.clock.now() }
    })
    return {}
  },

  async DeletePolicyVersion(input, ctx) {
    await change(ctx, input.PolicyArn, (policy) => {
      if (policy.defaultVersion === input.VersionId) {
        throw DeleteConflictException('Cannot delete the default version of a policy.')
      }
      const versions = policy.versions.filter((version) => version.id !== input.VersionId)
      if (versions.length === policy.versions.length) throw versionNotFound(input.PolicyArn, input.VersionId)
      return { ...policy, versions }
    })
    return {}
  },

  async DeletePolicy(input, ctx) {
    await change(ctx, input.PolicyArn, (policy) => {
      if (attachmentsOf(ctx, policy.arn) > 0) {
        throw DeleteConflictException('Cannot delete a policy attached to entities.')
      }
      if (policy.versions.length > 1) {
        throw DeleteConflictException(
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        )
      }
      return undefined
    })
    return {}
  },

  async TagPolicy(input, ctx) {
    await change(ctx, input.PolicyArn, (policy) => ({ ...policy, tags: mergeTags(policy.tags, input.Tags) }))
    return {}
  },

  async UntagPolicy(input, ctx) {
    await change(ctx, input.PolicyArn, (policy) => ({ ...policy, tags: withoutTags(policy.tags, input.TagKeys) }))
    return {}
  },

  async ListPolicyTags(input, ctx) {
    const { page, rest } = pageOf(mustFind(ctx, input.PolicyArn).tags, (tag) => tag.Key, input)
    return { Tags: page, ...rest }
  },
})

function findPolicy(ctx: Context, arn: string): ManagedPolicy | undefined {
  const own = ctx.in(managedPolicies).get(policyNameOf(arn))
  return own?.arn === arn ? own : awsManagedPolicies.find((policy) => policy.arn === arn)
}

function mustFind(ctx: Context, arn: string): ManagedPolicy {
  const policy = findPolicy(ctx, arn)
  if (policy) return policy
  throw policyNotFound(arn)
}

function policyNotFound(arn: string): Error {
  return NoSuchEntityException(`Policy ${arn} was not found.`)
}

function versionNotFound(arn: string, version: string): Error {
  return NoSuchEntityException(`Policy ${arn} version ${version} does not exist or is not attachable.`)
}

/** Commits what `update` makes of one of the account's own policies; undefined deletes it. */
async function change(
  ctx: Context,
  arn: string,
  update: (policy: ManagedPolicy) => ManagedPolicy | undefined,
): Promise<ManagedPolicy | undefined> {
  if (awsPolicyArn.test(arn)) throw InvalidInputException('Cannot modify a policy managed by AWS.')
  return await ctx.commit((tx) => {
    const policy = tx.in(managedPolicies).get(policyNameOf(arn))
    if (policy?.arn !== arn) throw policyNotFound(arn)
    const changed = update(policy)
    if (changed) tx.in(managedPolicies).put(changed)
    else tx.in(managedPolicies).delete(policy.name)
    return changed
  })
}

function attachmentsOf(ctx: Context, arn: string): number {
  const holders = [...ctx.in(roles).list(), ...ctx.in(users).list(), ...ctx.in(groups).list()]
  return holders.filter((holder) => holder.attached.includes(arn)).length
}

function policyOutput(policy: ManagedPolicy, ctx: Context) {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: attachmentsOf(ctx, policy.arn),
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.updatedAt),
    ...(policy.description !== undefined && { Description: policy.description }),
    ...(policy.tags.length > 0 && { Tags: policy.tags }),
  }
}

function versionOutput(policy: ManagedPolicy, version: PolicyVersion) {
  return {
    VersionId: version.id,
    Document: encodedDocument(version.document),
    IsDefaultVersion: policy.defaultVersion === version.id,
    CreateDate: new Date(version.createdAt),
  }
}
