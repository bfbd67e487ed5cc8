/** Instance profiles: a role in the wrapping that EC2 wants. */
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { iamArn, newId } from './identifiers.ts'
import { pageOf } from './pages.ts'
import { roleNotFound, roleOutput, roles } from './roles.ts'
import { mergeTags, type Tag, withoutTags } from './tags.ts'

const { EntityAlreadyExistsException, NoSuchEntityException, DeleteConflictException, LimitExceededException } =
  awsErrors('iam')

export interface InstanceProfile {
  name: string
  id: string
  path: string
  arn: string
  createdAt: Millis
  roleName?: string
  tags: Tag[]
}

export const instanceProfiles = collection<InstanceProfile>('iam/instance-profiles', {
  version: 1,
  scope: 'account',
  key: (profile) => [profile.name],
})

export const instanceProfileOperations = operations('iam', {
  async CreateInstanceProfile(input, ctx) {
    const name = input.InstanceProfileName
    const path = input.Path ?? '/'
    const profile: InstanceProfile = {
      name,
      path,
      id: newId('AIPA', ctx.random),
      arn: iamArn(ctx.account, 'instance-profile', path, name),
      createdAt: ctx.clock.now(),
      tags: mergeTags([], input.Tags ?? []),
    }
    await ctx.commit((tx) => {
      if (tx.in(instanceProfiles).has(name)) {
        throw EntityAlreadyExistsException(`Instance Profile ${name} already exists.`)
      }
      tx.in(instanceProfiles).put(profile)
    })
    return { InstanceProfile: profileOutput(profile, ctx) }
  },

  async GetInstanceProfile(input, ctx) {
    return { InstanceProfile: profileOutput(mustGet(ctx, input.InstanceProfileName), ctx) }
  },

  async ListInstanceProfiles(input, ctx) {
    const all = [...ctx.in(instanceProfiles).list()].filter((one) => one.path.startsWith(input.PathPrefix ?? '/'))
    const { page, rest } = pageOf(all, (profile) => profile.name, input)
    return { InstanceProfiles: page.map((profile) => profileOutput(profile, ctx)), ...rest }
  },

  async ListInstanceProfilesForRole(input, ctx) {
    if (!ctx.in(roles).has(input.RoleName)) throw roleNotFound(input.RoleName)
    const all = [...ctx.in(instanceProfiles).list()].filter((profile) => profile.roleName === input.RoleName)
    const { page, rest } = pageOf(all, (profile) => profile.name, input)
    return { InstanceProfiles: page.map((profile) => profileOutput(profile, ctx)), ...rest }
  },

  async AddRoleToInstanceProfile(input, ctx) {
    await change(ctx, input.InstanceProfileName, (profile) => {
      if (!ctx.in(roles).has(input.RoleName)) throw roleNotFound(input.RoleName)
      if (profile.roleName !== undefined) {
        throw LimitExceededException('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1')
      }
      return { ...profile, roleName: input.RoleName }
    })
    return {}
  },

  async RemoveRoleFromInstanceProfile(input, ctx) {
    await change(ctx, input.InstanceProfileName, ({ roleName, ...profile }) => {
      if (roleName !== input.RoleName) throw roleNotFound(input.RoleName)
      return profile
    })
    return {}
  },

  async TagInstanceProfile(input, ctx) {
    await change(ctx, input.InstanceProfileName, (one) => ({ ...one, tags: mergeTags(one.tags, input.Tags) }))
    return {}
  },

  async UntagInstanceProfile(input, ctx) {
    await change(ctx, input.InstanceProfileName, (one) => ({ ...one, tags: withoutTags(one.tags, input.TagKeys) }))
    return {}
  },

  async ListInstanceProfileTags(input, ctx) {
    const { page, rest } = pageOf(mustGet(ctx, input.InstanceProfileName).tags, (tag) => tag.Key, input)
    return { Tags: page, ...rest }
  },

  async DeleteInstanceProfile(input, ctx) {
    await ctx.commit((tx) => {
      const profile = tx.in(instanceProfiles).get(input.InstanceProfileName)
      if (!profile) throw profileNotFound(input.InstanceProfileName)
      if (profile.roleName !== undefined) {
        throw DeleteConflictException('Cannot delete entity, must remove roles from instance profile first.')
      }
      tx.in(instanceProfiles).delete(profile.name)
    })
    return {}
  },
})

function profileNotFound(name: string): Error {
  return NoSuchEntityException(`Instance Profile ${name} cannot be found.`)
}

function mustGet(ctx: Context, name: string): InstanceProfile {
  const profile = ctx.in(instanceProfiles).get(name)
  if (!profile) throw profileNotFound(name)
  return profile
}

async function change(ctx: Context, name: string, update: (profile: InstanceProfile) => InstanceProfile) {
  await ctx.commit((tx) => {
    const profile = tx.in(instanceProfiles).get(name)
    if (!profile) throw profileNotFound(name)
    tx.in(instanceProfiles).put(update(profile))
  })
}

function profileOutput(profile: InstanceProfile, ctx: Context) {
  const role = profile.roleName === undefined ? undefined : ctx.in(roles).get(profile.roleName)
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: new Date(profile.createdAt),
    Roles: role ? [roleOutput(role)] : [],
    ...(profile.tags.length > 0 && { Tags: profile.tags }),
  }
}
