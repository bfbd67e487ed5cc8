/** Tags, of groups and of sampling rules. */
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { groupArn, groups } from './groups.ts'
import { ruleArn, samplingRules } from './samplingRules.ts'
import { tagRecord } from './tagRecords.ts'

const { ResourceNotFoundException } = awsErrors('xray')

type Tags = Record<string, string>

export const tagOperations = operations('xray', {
  async TagResource(input, ctx) {
    await ctx.commit((tx) => change(tx, input.ResourceARN, (tags) => tagRecord(input.Tags, tags)))
    return {}
  },

  async UntagResource(input, ctx) {
    const kept = (tags: Tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys.includes(key)))
    await ctx.commit((tx) => change(tx, input.ResourceARN, kept))
    return {}
  },

  async ListTagsForResource(input, ctx) {
    const { tags } = mustGet(ctx, input.ResourceARN).record
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }
  },
})

function mustGet(reader: Context | Tx, arn: string) {
  const name = /:(?:group|sampling-rule)\/([^/]+)/.exec(arn)?.[1] ?? ''
  const group = reader.in(groups).get(name)
  if (group && groupArn(reader, group) === arn) return { kind: 'group' as const, record: group }
  const rule = reader.in(samplingRules).get(name)
  if (rule && ruleArn(reader, name) === arn) return { kind: 'rule' as const, record: rule }
  throw ResourceNotFoundException(`Resource ${arn} does not exist.`, { ResourceName: arn })
}

function change(tx: Tx, arn: string, changed: (tags: Tags) => Tags): void {
  const found = mustGet(tx, arn)
  const tags = changed(found.record.tags)
  if (found.kind === 'group') tx.in(groups).put({ ...found.record, tags })
  else tx.in(samplingRules).put({ ...found.record, tags })
}
