/** Tags of log groups, by the operations of today and those of before. */
import type { Context } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { groupName, groups, mustGetGroup } from './groups.ts'

export const tagOperations = operations('cloudwatch-logs', {
  async TagResource(input, ctx) {
    await tagGroup(ctx, groupName(input.resourceArn), input.tags)
    return {}
  },
  async UntagResource(input, ctx) {
    await untagGroup(ctx, groupName(input.resourceArn), input.tagKeys)
    return {}
  },
  async ListTagsForResource(input, ctx) {
    return { tags: mustGetGroup(ctx, groupName(input.resourceArn)).tags }
  },
  async TagLogGroup(input, ctx) {
    await tagGroup(ctx, input.logGroupName, input.tags)
    return {}
  },
  async UntagLogGroup(input, ctx) {
    await untagGroup(ctx, input.logGroupName, input.tags)
    return {}
  },
  async ListTagsLogGroup(input, ctx) {
    return { tags: mustGetGroup(ctx, input.logGroupName).tags }
  },
})

async function tagGroup(ctx: Context, name: string, added: Record<string, string>): Promise<void> {
  await ctx.commit((tx) => {
    const group = mustGetGroup(tx, name)
    tx.in(groups).put({ ...group, tags: { ...group.tags, ...added } })
  })
}

async function untagGroup(ctx: Context, name: string, keys: readonly string[]): Promise<void> {
  await ctx.commit((tx) => {
    const group = mustGetGroup(tx, name)
    const tags = Object.fromEntries(Object.entries(group.tags).filter(([key]) => !keys.includes(key)))
    tx.in(groups).put({ ...group, tags })
  })
}
