/** Users: their keys are in accessKeys.ts, their policies in heldPolicies.ts. */
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { iamArn, newId } from './identifiers.ts'
import { pageOf } from './pages.ts'
import type { PolicyHolder } from './policyHolder.ts'
import { mergeTags, type Tag, withoutTags } from './tags.ts'

const { EntityAlreadyExistsException, NoSuchEntityException } = awsErrors('iam')

export interface User extends PolicyHolder {
  name: string
  id: string
  arn: string
  createdAt: Millis
  tags: Tag[]
  permissionsBoundary?: string
}

export const users = collection<User>('iam/users', { version: 1, scope: 'account', key: (user) => [user.name] })

export function userNotFound(name: string): Error {
  return NoSuchEntityException(`The user with name ${name} cannot be found.`)
}

export const userOperations = operations('iam', {
  async CreateUser(input, ctx) {
    const name = input.UserName
    const path = input.Path ?? '/'
    const user: User = {
      name,
      path,
      id: newId('AIDA', ctx.random),
      arn: iamArn(ctx.account, 'user', path, name),
      createdAt: ctx.clock.now(),
      tags: mergeTags([], input.Tags ?? []),
      attached: [],
      inline: {},
      ...(input.PermissionsBoundary !== undefined && { permissionsBoundary: input.PermissionsBoundary }),
    }
    await ctx.commit((tx) => {
      if (tx.in(users).has(name)) throw EntityAlreadyExistsException(`User with name ${name} already exists.`)
      tx.in(users).put(user)
    })
    return { User: userOutput(user) }
  },

  /** Without a name it is the caller's own user: here the account's root. */
  async GetUser(input, ctx) {
    if (input.UserName === undefined) {
      const arn = `arn:aws:iam::${ctx.account}:root`
      return { User: { Path: '/', UserName: 'root', UserId: ctx.account, Arn: arn, CreateDate: new Date(0) } }
    }
    const user = ctx.in(users).get(input.UserName)
    if (!user) throw userNotFound(input.UserName)
    return { User: userOutput(user) }
  },

  async ListUsers(input, ctx) {
    const all = [...ctx.in(users).list()].filter((user) => user.path.startsWith(input.PathPrefix ?? '/'))
    const { page, rest } = pageOf(all, (user) => user.name, input)
    return { Users: page.map(userOutput), ...rest }
  },

  async TagUser(input, ctx) {
    await change(ctx, input.UserName, (user) => ({ ...user, tags: mergeTags(user.tags, input.Tags) }))
    return {}
  },

  async UntagUser(input, ctx) {
    await change(ctx, input.UserName, (user) => ({ ...user, tags: withoutTags(user.tags, input.TagKeys) }))
    return {}
  },

  async ListUserTags(input, ctx) {
    const user = ctx.in(users).get(input.UserName)
    if (!user) throw userNotFound(input.UserName)
    const { page, rest } = pageOf(user.tags, (tag) => tag.Key, input)
    return { Tags: page, ...rest }
  },

  async PutUserPermissionsBoundary(input, ctx) {
    await change(ctx, input.UserName, (user) => ({ ...user, permissionsBoundary: input.PermissionsBoundary }))
    return {}
  },

  async DeleteUserPermissionsBoundary(input, ctx) {
    await change(ctx, input.UserName, ({ permissionsBoundary: _, ...user }) => user)
    return {}
  },
})

async function change(ctx: Context, name: string, update: (user: User) => User): Promise<void> {
  await ctx.commit((tx) => {
    const user = tx.in(users).get(name)
    if (!user) throw userNotFound(name)
    tx.in(users).put(update(user))
  })
}

export function userOutput(user: User) {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: new Date(user.createdAt),
    ...(user.permissionsBoundary !== undefined && {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy' as const,
        PermissionsBoundaryArn: user.permissionsBoundary,
      },
    }),
    ...(user.tags.length > 0 && { Tags: user.tags }),
  }
}
