/** Groups of users. */
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { iamArn, newId } from './identifiers.ts'
import { pageOf } from './pages.ts'
import { checkEmpty, type PolicyHolder } from './policyHolder.ts'
import { userNotFound, userOutput, users } from './users.ts'

const { EntityAlreadyExistsException, NoSuchEntityException, DeleteConflictException } = awsErrors('iam')

export interface Group extends PolicyHolder {
  name: string
  id: string
  arn: string
  createdAt: Millis
  /** Names of users. */
  members: string[]
}

export const groups = collection<Group>('iam/groups', { version: 1, scope: 'account', key: (group) => [group.name] })

export function groupNotFound(name: string): Error {
  return NoSuchEntityException(`The group with name ${name} cannot be found.`)
}

export const groupOperations = operations('iam', {
  async CreateGroup(input, ctx) {
    const name = input.GroupName
    const path = input.Path ?? '/'
    const group: Group = {
      name,
      path,
      id: newId('AGPA', ctx.random),
      arn: iamArn(ctx.account, 'group', path, name),
      createdAt: ctx.clock.now(),
      members: [],
      attached: [],
      inline: {},
    }
    await ctx.commit((tx) => {
      if (tx.in(groups).has(name)) throw EntityAlreadyExistsException(`Group with name ${name} already exists.`)
      tx.in(groups).put(group)
    })
    return { Group: groupOutput(group) }
  },

  async GetGroup(input, ctx) {
    const group = ctx.in(groups).get(input.GroupName)
    if (!group) throw groupNotFound(input.GroupName)
    const { page, rest } = pageOf(group.members, (name) => name, input)
    const members = page.flatMap((name) => ctx.in(users).get(name) ?? [])
    return { Group: groupOutput(group), Users: members.map(userOutput), ...rest }
  },

  async ListGroups(input, ctx) {
    const all = [...ctx.in(groups).list()].filter((group) => group.path.startsWith(input.PathPrefix ?? '/'))
    const { page, rest } = pageOf(all, (group) => group.name, input)
    return { Groups: page.map(groupOutput), ...rest }
  },

  async ListGroupsForUser(input, ctx) {
    if (!ctx.in(users).has(input.UserName)) throw userNotFound(input.UserName)
    const all = [...ctx.in(groups).list()].filter((group) => group.members.includes(input.UserName))
    const { page, rest } = pageOf(all, (group) => group.name, input)
    return { Groups: page.map(groupOutput), ...rest }
  },

  async AddUserToGroup(input, ctx) {
    if (!ctx.in(users).has(input.UserName)) throw userNotFound(input.UserName)
    await change(ctx, input.GroupName, (group) => ({
      ...group,
      members: [...group.members.filter((name) => name !== input.UserName), input.UserName],
    }))
    return {}
  },

  async RemoveUserFromGroup(input, ctx) {
    await change(ctx, input.GroupName, (group) => {
      if (!group.members.includes(input.UserName)) throw userNotFound(input.UserName)
      return { ...group, members: group.members.filter((name) => name !== input.UserName) }
    })
    return {}
  },

  async DeleteGroup(input, ctx) {
    await ctx.commit((tx) => {
      const group = tx.in(groups).get(input.GroupName)
      if (!group) throw groupNotFound(input.GroupName)
      if (group.members.length > 0) {
        throw DeleteConflictException('Cannot delete entity, must remove users from group first.')
      }
      checkEmpty(group)
      tx.in(groups).delete(group.name)
    })
    return {}
  },
})

async function change(ctx: Context, name: string, update: (group: Group) => Group): Promise<void> {
  await ctx.commit((tx) => {
    const group = tx.in(groups).get(name)
    if (!group) throw groupNotFound(name)
    tx.in(groups).put(update(group))
  })
}

function groupOutput(group: Group) {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: group.arn,
    CreateDate: new Date(group.createdAt),
  }
}
