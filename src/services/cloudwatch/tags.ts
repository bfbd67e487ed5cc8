/** Tags of alarms and dashboards, by their ARN. */
import type { Tag } from '@aws-sdk/client-cloudwatch'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { alarmNameIn, alarms } from './alarms.ts'
import { dashboardNameIn, dashboards } from './dashboards.ts'

const { InvalidParameterValueException, ResourceNotFoundException } = awsErrors('cloudwatch')

interface TaggedResource {
  arn: string
  tags: Record<string, string>
}

const taggedResources = collection<TaggedResource>('cloudwatch/tags', { version: 1, key: ({ arn }) => [arn] })

const tagsMax = 50

export const tagOperations = operations('cloudwatch', {
  async TagResource({ ResourceARN, Tags }, ctx) {
    await ctx.commit((tx) => {
      mustExist(tx, ResourceARN)
      putTags(tx, ResourceARN, Tags)
    })
    return {}
  },

  async UntagResource({ ResourceARN, TagKeys }, ctx) {
    await ctx.commit((tx) => {
      mustExist(tx, ResourceARN)
      const tags = tagsOf(tx, ResourceARN)
      const kept = Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key)))
      tx.in(taggedResources).put({ arn: ResourceARN, tags: kept })
    })
    return {}
  },

  async ListTagsForResource({ ResourceARN }, ctx) {
    mustExist(ctx, ResourceARN)
    return { Tags: Object.entries(tagsOf(ctx, ResourceARN)).map(([Key, Value]) => ({ Key, Value })) }
  },
})

function tagsOf(reader: Pick<Context, 'in'>, arn: string): Record<string, string> {
  return reader.in(taggedResources).get(arn)?.tags ?? {}
}

export function putTags(tx: Tx, arn: string, added: readonly Tag[]): void {
  if (added.length === 0) return
  const tags = {
    ...tagsOf(tx, arn),
    ...Object.fromEntries(added.map(({ Key, Value }) => [Key as string, Value ?? ''])),
  }
  if (Object.keys(tags).length > tagsMax) {
    throw InvalidParameterValueException(`A resource has at most ${tagsMax} tags.`)
  }
  tx.in(taggedResources).put({ arn, tags })
}

export function forgetTags(tx: Tx, arn: string): void {
  tx.in(taggedResources).delete(arn)
}

function mustExist(reader: Pick<Context, 'in'>, arn: string): void {
  const dashboard = dashboardNameIn(arn)
  const exists =
    dashboard === undefined ? reader.in(alarms).has(alarmNameIn(arn)) : reader.in(dashboards).has(dashboard)
  if (!exists) throw ResourceNotFoundException(`Unknown resource: ${arn}`, { ResourceType: 'Unknown', ResourceId: arn })
}
