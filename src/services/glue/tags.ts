/** Tags of jobs, triggers, workflows and databases, by ARN. */
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'

const { InvalidInputException, EntityNotFoundException } = awsErrors('glue')

export interface TagSet {
  arn: string
  tags: Record<string, string>
}

export const tagSets = collection<TagSet>('glue/tags', { version: 1, key: (set) => [set.arn] })

const tagsMax = 50

export const tagOperations = operations('glue', {
  async TagResource(input, ctx) {
    await ctx.commit((tx) => {
      const there = tx.in(tagSets).get(input.ResourceArn)
      if (!there) throw EntityNotFoundException(`Resource ${input.ResourceArn} not found.`)
      putTags(tx, input.ResourceArn, { ...there.tags, ...input.TagsToAdd })
    })
    return {}
  },

  async UntagResource(input, ctx) {
    await ctx.commit((tx) => {
      const there = tx.in(tagSets).get(input.ResourceArn)
      if (!there) throw EntityNotFoundException(`Resource ${input.ResourceArn} not found.`)
      const left = Object.entries(there.tags).filter(([key]) => !input.TagsToRemove.includes(key))
      putTags(tx, input.ResourceArn, Object.fromEntries(left))
    })
    return {}
  },

  async GetTags(input, ctx) {
    const there = ctx.in(tagSets).get(input.ResourceArn)
    if (!there) throw EntityNotFoundException(`Resource ${input.ResourceArn} not found.`)
    return { Tags: there.tags }
  },
})

/** A resource that can be tagged has a row, be it empty; `undefined` with the resource's end. */
export function putTags(tx: Tx, arn: string, tags: Record<string, string> | undefined): void {
  if (!tags) {
    tx.in(tagSets).delete(arn)
    return
  }
  if (Object.keys(tags).length > tagsMax) throw InvalidInputException(`A resource has at most ${tagsMax} tags.`)
  tx.in(tagSets).put({ arn, tags })
}
