/** Roles: who may be assumed, by whom. Their policies are in heldPolicies.ts. */
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { iamArn, newId } from './identifiers.ts'
import { pageOf } from './pages.ts'
import { checkPolicyDocument, encodedDocument } from './policyDocuments.ts'
import type { PolicyHolder } from './policyHolder.ts'
import { mergeTags, type Tag, withoutTags } from './tags.ts'

const { EntityAlreadyExistsException, NoSuchEntityException, InvalidInputException } = awsErrors('iam')

export interface Role extends PolicyHolder {
  name: string
  id: string
  path: string
  arn: string
  createdAt: Millis
  trustPolicy: string
  description?: string
  sessionSecondsMax: number
  permissionsBoundary?: string
  tags: Tag[]
}

export const roles = collection<Role>('iam/roles', { version: 1, scope: 'account', key: (role) => [role.name] })

export function roleNotFound(name: string): Error {
  return NoSuchEntityException(`The role with name ${name} cannot be found.`)
}

export const roleOperations = operations('iam', {
  async CreateRole(input, ctx) {
    const name = input.RoleName
    checkPolicyDocument(input.AssumeRolePolicyDocument, 'trust')
    const path = input.Path ?? '/'
    const role: Role = {
      name,
      path,
      id: newId('AROA', ctx.random),
      arn: iamArn(ctx.account, 'role', path, name),
      createdAt: ctx.clock.now(),
      trustPolicy: input.AssumeRolePolicyDocument,
      sessionSecondsMax: sessionSeconds(input.MaxSessionDuration),
      tags: mergeTags([], input.Tags ?? []),
      attached: [],
      inline: {},
      ...(input.Description !== undefined && { description: input.Description }),
      ...(input.PermissionsBoundary !== undefined && { permissionsBoundary: input.PermissionsBoundary }),
    }
    await ctx.commit((tx) => {
      if (tx.in(roles).has(name)) throw EntityAlreadyExistsException(`Role with name ${name} already exists.`)
      tx.in(roles).put(role)
    })
    return { Role: roleOutput(role) }
  },

  async CreateServiceLinkedRole(input, ctx) {
    const service = input.AWSServiceName
    const words = (service.split('.')[0] ?? '').split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    const name = `AWSServiceRoleFor${words.join('')}${input.CustomSuffix ? `_${input.CustomSuffix}` : ''}`
    const path = `/aws-service-role/${service}/`
    const role: Role = {
      name,
      path,
      id: newId('AROA', ctx.random),
      arn: iamArn(ctx.account, 'role', path, name),
      createdAt: ctx.clock.now(),
      trustPolicy: serviceTrust(service),
      sessionSecondsMax: 3600,
      tags: [],
      attached: [],
      inline: {},
      ...(input.Description !== undefined && { description: input.Description }),
    }
    await ctx.commit((tx) => {
      if (tx.in(roles).has(name)) {
        throw InvalidInputException(
          `Service role name ${name} has been taken in this account, please try a different suffix.`,
        )
      }
      tx.in(roles).put(role)
    })
    return { Role: roleOutput(role) }
  },

  async GetRole(input, ctx) {
    const role = ctx.in(roles).get(input.RoleName)
    if (!role) throw roleNotFound(input.RoleName)
    return { Role: roleOutput(role) }
  },

  async ListRoles(input, ctx) {
    const all = [...ctx.in(roles).list()].filter((role) => role.path.startsWith(input.PathPrefix ?? '/'))
    const { page, rest } = pageOf(all, (role) => role.name, input)
    return { Roles: page.map(roleOutput), ...rest }
  },

  async UpdateRole(input, ctx) {
    await change(ctx, input.RoleName, (role) => ({
      ...role,
      ...(input.Description !== undefined && { description: input.Description }),
      ...(input.MaxSessionDuration !== undefined && { sessionSecondsMax: sessionSeconds(input.MaxSessionDuration) }),
    }))
    return {}
  },

  async UpdateRoleDescription(input, ctx) {
    const role = await change(ctx, input.RoleName, (present) => ({ ...present, description: input.Description }))
    return { Role: roleOutput(role) }
  },

  async UpdateAssumeRolePolicy(input, ctx) {
    checkPolicyDocument(input.PolicyDocument, 'trust')
    await change(ctx, input.RoleName, (role) => ({ ...role, trustPolicy: input.PolicyDocument }))
    return {}
  },

  async PutRolePermissionsBoundary(input, ctx) {
    await change(ctx, input.RoleName, (role) => ({ ...role, permissionsBoundary: input.PermissionsBoundary }))
    return {}
  },

  async DeleteRolePermissionsBoundary(input, ctx) {
    await change(ctx, input.RoleName, ({ permissionsBoundary: _, ...role }) => role)
    return {}
  },

  async TagRole(input, ctx) {
    await change(ctx, input.RoleName, (role) => ({ ...role, tags: mergeTags(role.tags, input.Tags) }))
    return {}
  },

  async UntagRole(input, ctx) {
    await change(ctx, input.RoleName, (role) => ({ ...role, tags: withoutTags(role.tags, input.TagKeys) }))
    return {}
  },

  async ListRoleTags(input, ctx) {
    const role = ctx.in(roles).get(input.RoleName)
    if (!role) throw roleNotFound(input.RoleName)
    const { page, rest } = pageOf(role.tags, (tag) => tag.Key, input)
    return { Tags: page, ...rest }
  },
})

async function change(ctx: Context, name: string, update: (role: Role) => Role): Promise<Role> {
  return await ctx.commit((tx) => {
    const role = tx.in(roles).get(name)
    if (!role) throw roleNotFound(name)
    const changed = update(role)
    tx.in(roles).put(changed)
    return changed
  })
}

function sessionSeconds(given: number | undefined): number {
  const seconds = given ?? 3600
  if (seconds >= 3600 && seconds <= 43_200) return seconds
  throw InvalidInputException('MaxSessionDuration must be between 3600 and 43200 seconds.')
}

function serviceTrust(service: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: [service] }, Action: ['sts:AssumeRole'] }],
  })
}

export function roleOutput(role: Role) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodedDocument(role.trustPolicy),
    MaxSessionDuration: role.sessionSecondsMax,
    RoleLastUsed: {},
    ...(role.description !== undefined && { Description: role.description }),
    ...(role.permissionsBoundary !== undefined && {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy' as const,
        PermissionsBoundaryArn: role.permissionsBoundary,
      },
    }),
    ...(role.tags.length > 0 && { Tags: role.tags }),
  }
}
