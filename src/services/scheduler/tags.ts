/** Tags, of schedule groups alone: schedules have none on AWS. */
import type { Tag } from '@aws-sdk/client-scheduler'
import { parseArn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { checkTags, groups, mustGetActiveGroup, mustGetGroup } from './groups.ts'

export const tagOperations = operations('scheduler', {
  async TagResource({ ResourceArn, Tags }, ctx) {
    const given = new Set(Tags.map(({ Key }) => Key))
    await changeTags(ctx, ResourceArn, (tags) => [...tags.filter(({ Key }) => !given.has(Key)), ...Tags])
    return {}
  },

  async UntagResource({ ResourceArn, TagKeys }, ctx) {
    await changeTags(ctx, ResourceArn, (tags) => tags.filter(({ Key = '' }) => !TagKeys.includes(Key)))
    return {}
  },

  async ListTagsForResource({ ResourceArn }, ctx) {
    return { Tags: mustGetGroup(ctx, nameIn(ResourceArn)).tags }
  },
})

async function changeTags(ctx: Context, arn: string, change: (tags: Tag[]) => Tag[]): Promise<void> {
  await ctx.commit((tx) => {
    const group = mustGetActiveGroup(tx, nameIn(arn))
    const tags = change(group.tags)
    checkTags(tags)
    tx.in(groups).put({ ...group, tags, modifiedAt: tx.now })
  })
}

function nameIn(arn: string): string {
  return parseArn(arn)?.resource.replace(/^schedule-group\//, '') ?? arn
}
