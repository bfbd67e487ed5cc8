/** Tags, and the statements that AddPermission writes into a topic's policy. */
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { loadModel } from '../../wire/model.ts'
import { operations } from '../service.ts'
import { invalid } from './refusals.ts'
import { checkTags, mustBeFew } from './tags.ts'
import { shownTopicAttributes } from './topicAttributes.ts'
import { addressed, mustGetTopic, readTopicArn, type Topic, topicArn, topics } from './topics.ts'

const { ResourceNotFoundException } = awsErrors('sns')

interface PolicyDocument {
  Statement: { Sid?: string; [member: string]: unknown }[]
}

export const permissionOperations = operations('sns', {
  async AddPermission(input, ctx) {
    const { place, name } = addressed(ctx, input.TopicArn)
    if (!input.AWSAccountId.every((account) => /^\d{12}$/.test(account))) throw invalid('AWSAccountId')
    if (!input.ActionName.every(isOperation)) throw invalid('Policy statement action out of service scope!')
    await place.commit((tx) => {
      const topic = mustGetTopic(tx, name)
      const policy = policyOf(topic, tx)
      if (policy.Statement.some(({ Sid }) => Sid === input.Label)) throw invalid('Statement already exists')
      const Principal = { AWS: input.AWSAccountId.map((account) => `arn:aws:iam::${account}:root`) }
      const Action = input.ActionName.map((action) => `SNS:${action}`)
      policy.Statement.push({ Sid: input.Label, Effect: 'Allow', Principal, Action, Resource: topicArn(name, tx) })
      putPolicy(tx, topic, policy)
    })
    return {}
  },

  async RemovePermission(input, ctx) {
    const { place, name } = addressed(ctx, input.TopicArn)
    await place.commit((tx) => {
      const topic = mustGetTopic(tx, name)
      const policy = policyOf(topic, tx)
      putPolicy(tx, topic, { ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== input.Label) })
    })
    return {}
  },

  async TagResource(input, ctx) {
    checkTags(input.Tags)
    await changeTags(ctx, input.ResourceArn, (tags) => {
      const given = Object.fromEntries(input.Tags.map(({ Key = '', Value = '' }) => [Key, Value]))
      const merged = { ...tags, ...given }
      mustBeFew(Object.keys(merged).length)
      return merged
    })
    return {}
  },

  async UntagResource(input, ctx) {
    const gone = new Set(input.TagKeys)
    await changeTags(ctx, input.ResourceArn, (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))),
    )
    return {}
  },

  async ListTagsForResource(input, ctx) {
    const { account, region, name } = readTopicArn(input.ResourceArn)
    const topic = ctx.at({ account, region }).in(topics).get(name)
    if (!topic) throw ResourceNotFoundException('Resource does not exist')
    return { Tags: Object.entries(topic.tags).map(([Key, Value]) => ({ Key, Value })) }
  },
})

async function changeTags(
  ctx: Context,
  arn: string,
  change: (tags: Record<string, string>) => Record<string, string>,
): Promise<void> {
  const { account, region, name } = readTopicArn(arn)
  await ctx.at({ account, region }).commit((tx) => {
    const topic = tx.in(topics).get(name)
    if (!topic) throw ResourceNotFoundException('Resource does not exist')
    tx.in(topics).put({ ...topic, tags: change(topic.tags) })
  })
}

/** "Valid values: Any Amazon SNS action name, for example Publish": SNS API Reference, "AddPermission". */
function isOperation(action: string): boolean {
  return action === '*' || Object.hasOwn(loadModel('sns').raw.operations, action)
}

function policyOf(topic: Topic, tx: Tx): PolicyDocument {
  const { Policy = '' } = shownTopicAttributes(topic, topicArn(topic.name, tx), tx.account)
  return JSON.parse(Policy) as PolicyDocument
}

function putPolicy(tx: Tx, topic: Topic, policy: PolicyDocument): void {
  tx.in(topics).put({ ...topic, attributes: { ...topic.attributes, Policy: JSON.stringify(policy) } })
}
