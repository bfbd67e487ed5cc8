/**
 * The policies that a role, user or group holds: managed ones attached by ARN, inline ones under a name of their own.
 * The three kinds have the same twenty-one operations between them, so each is written once, for any holder.
 */
import type { Context } from '../../delivery/context.ts'
import type { Collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type Group, groupNotFound, groups } from './groups.ts'
import { isAttachable, policyNameOf } from './managedPolicies.ts'
import { type PageRequest, pageOf } from './pages.ts'
import { checkPolicyDocument, encodedDocument } from './policyDocuments.ts'
import type { PolicyHolder } from './policyHolder.ts'
import { type Role, roleNotFound, roles } from './roles.ts'
import { type User, userNotFound, users } from './users.ts'

const { LimitExceededException, NoSuchEntityException } = awsErrors('iam')

const attachedMax = 20

/** Where the holders of one kind are kept, and what is said when one is not there. */
interface Holders<H extends PolicyHolder> {
  kind: 'role' | 'user' | 'group'
  collection: Collection<H>
  notFound(name: string): Error
}

const roleHolders: Holders<Role> = {
  kind: 'role',
  collection: roles,
  notFound: roleNotFound,
}
const userHolders: Holders<User> = {
  kind: 'user',
  collection: users,
  notFound: userNotFound,
}
const groupHolders: Holders<Group> = {
  kind: 'group',
  collection: groups,
  notFound: groupNotFound,
}

export const heldPolicyOperations = operations('iam', {
  AttachRolePolicy: (input, ctx) => attach(roleHolders, ctx, input.RoleName, input.PolicyArn),
  AttachUserPolicy: (input, ctx) => attach(userHolders, ctx, input.UserName, input.PolicyArn),
  AttachGroupPolicy: (input, ctx) => attach(groupHolders, ctx, input.GroupName, input.PolicyArn),

  DetachRolePolicy: (input, ctx) => detach(roleHolders, ctx, input.RoleName, input.PolicyArn),
  DetachUserPolicy: (input, ctx) => detach(userHolders, ctx, input.UserName, input.PolicyArn),
  DetachGroupPolicy: (input, ctx) => detach(groupHolders, ctx, input.GroupName, input.PolicyArn),

  ListAttachedRolePolicies: async (input, ctx) => listAttached(roleHolders, ctx, input.RoleName, input),
  ListAttachedUserPolicies: async (input, ctx) => listAttached(userHolders, ctx, input.UserName, input),
  ListAttachedGroupPolicies: async (input, ctx) => listAttached(groupHolders, ctx, input.GroupName, input),

  PutRolePolicy: (input, ctx) => putInline(roleHolders, ctx, input.RoleName, input),
  PutUserPolicy: (input, ctx) => putInline(userHolders, ctx, input.UserName, input),
  PutGroupPolicy: (input, ctx) => putInline(groupHolders, ctx, input.GroupName, input),

  async GetRolePolicy(input, ctx) {
    return { RoleName: input.RoleName, ...getInline(roleHolders, ctx, input.RoleName, input.PolicyName) }
  },
  async GetUserPolicy(input, ctx) {
    return { UserName: input.UserName, ...getInline(userHolders, ctx, input.UserName, input.PolicyName) }
  },
  async GetGroupPolicy(input, ctx) {
    return { GroupName: input.GroupName, ...getInline(groupHolders, ctx, input.GroupName, input.PolicyName) }
  },

  DeleteRolePolicy: (input, ctx) => deleteInline(roleHolders, ctx, input.RoleName, input.PolicyName),
  DeleteUserPolicy: (input, ctx) => deleteInline(userHolders, ctx, input.UserName, input.PolicyName),
  DeleteGroupPolicy: (input, ctx) => deleteInline(groupHolders, ctx, input.GroupName, input.PolicyName),

  ListRolePolicies: async (input, ctx) => listInline(roleHolders, ctx, input.RoleName, input),
  ListUserPolicies: async (input, ctx) => listInline(userHolders, ctx, input.UserName, input),
  ListGroupPolicies: async (input, ctx) => listInline(groupHolders, ctx, input.GroupName, input),

  async ListEntitiesForPolicy(input, ctx) {
    const holding = <H extends PolicyHolder>(holders: Holders<H>) =>
      [...ctx.in(holders.collection).list()].filter((holder) => holder.attached.includes(input.PolicyArn))
    const wanted = (kind: string) => input.EntityFilter === undefined || input.EntityFilter === kind
    return {
      PolicyRoles: wanted('Role') ? holding(roleHolders).map((one) => ({ RoleName: one.name, RoleId: one.id })) : [],
      PolicyUsers: wanted('User') ? holding(userHolders).map((one) => ({ UserName: one.name, UserId: one.id })) : [],
      PolicyGroups: wanted('Group')
        ? holding(groupHolders).map((one) => ({ GroupName: one.name, GroupId: one.id }))
        : [],
      IsTruncated: false,
    }
  },
})

function mustGet<H extends PolicyHolder>(holders: Holders<H>, ctx: Context, name: string): H {
  const holder = ctx.in(holders.collection).get(name)
  if (!holder) throw holders.notFound(name)
  return holder
}

async function change<H extends PolicyHolder>(
  holders: Holders<H>,
  ctx: Context,
  name: string,
  update: (holder: H) => Partial<PolicyHolder>,
): Promise<object> {
  await ctx.commit((tx) => {
    const holder = tx.in(holders.collection).get(name)
    if (!holder) throw holders.notFound(name)
    tx.in(holders.collection).put({ ...holder, ...update(holder) })
  })
  return {}
}

async function attach<H extends PolicyHolder>(holders: Holders<H>, ctx: Context, name: string, arn: string) {
  return await change(holders, ctx, name, (holder) => {
    if (!isAttachable(ctx, arn)) {
      throw NoSuchEntityException(`Policy ${arn} does not exist or is not attachable.`)
    }
    if (holder.attached.includes(arn)) return {}
    if (holder.attached.length >= attachedMax) {
      throw LimitExceededException(`Cannot exceed quota for PoliciesPer${capital(holders.kind)}: ${attachedMax}`)
    }
    return { attached: [...holder.attached, arn] }
  })
}

async function detach<H extends PolicyHolder>(holders: Holders<H>, ctx: Context, name: string, arn: string) {
  return await change(holders, ctx, name, (holder) => {
    if (!holder.attached.includes(arn)) throw NoSuchEntityException(`Policy ${arn} was not found.`)
    return { attached: holder.attached.filter((other) => other !== arn) }
  })
}

function listAttached<H extends PolicyHolder>(holders: Holders<H>, ctx: Context, name: string, request: PageRequest) {
  const { page, rest } = pageOf(mustGet(holders, ctx, name).attached, (arn) => arn, request)
  return { AttachedPolicies: page.map((arn) => ({ PolicyArn: arn, PolicyName: policyNameOf(arn) })), ...rest }
}

async function putInline<H extends PolicyHolder>(
  holders: Holders<H>,
  ctx: Context,
  name: string,
  policy: { PolicyName: string; PolicyDocument: string },
) {
  checkPolicyDocument(policy.PolicyDocument, 'identity')
  return await change(holders, ctx, name, (holder) => ({
    inline: { ...holder.inline, [policy.PolicyName]: policy.PolicyDocument },
  }))
}

function getInline<H extends PolicyHolder>(holders: Holders<H>, ctx: Context, name: string, policyName: string) {
  const document = mustGet(holders, ctx, name).inline[policyName]
  if (document === undefined) throw inlineNotFound(holders.kind, policyName)
  return { PolicyName: policyName, PolicyDocument: encodedDocument(document) }
}

async function deleteInline<H extends PolicyHolder>(
  holders: Holders<H>,
  ctx: Context,
  name: string,
  policyName: string,
) {
  return await change(holders, ctx, name, (holder) => {
    const { [policyName]: document, ...inline } = holder.inline
    if (document === undefined) throw inlineNotFound(holders.kind, policyName)
    return { inline }
  })
}

function listInline<H extends PolicyHolder>(holders: Holders<H>, ctx: Context, name: string, request: PageRequest) {
  const names = Object.keys(mustGet(holders, ctx, name).inline).sort()
  const { page, rest } = pageOf(names, (policyName) => policyName, request)
  return { PolicyNames: page, ...rest }
}

function inlineNotFound(kind: string, name: string): Error {
  return NoSuchEntityException(`The ${kind} policy with name ${name} cannot be found.`)
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
