/** Tags, and the statements that AddPermission writes into a queue's policy. */
import { awsError } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { mustBeShareable, mustBeWithinLimits } from './policyLimits.ts'
import { addressed, mustGet, mustGetQueue, queueArn, queues } from './queues.ts'
import { mustBeFew, mustBeTags } from './tagLimits.ts'

interface PolicyDocument {
  Version: string
  Id?: string
  Statement: { Sid: string; [member: string]: unknown }[]
}

export const permissionOperations = operations('sqs', {
  async AddPermission(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    mustBeLabel(input.Label)
    for (const account of input.AWSAccountIds) mustBeAccount(account)
    for (const action of input.Actions) mustBeShareable(action)
    await place.ctx.commit((tx) => {
      const queue = mustGet(tx, place.name)
      const arn = queueArn(queue.name, tx)
      const policy = policyOf(queue.settings.policy, arn)
      if (policy.Statement.some((statement) => statement.Sid === input.Label)) {
        throw invalid(`Value ${input.Label} for parameter Label is invalid. Reason: Already exists.`)
      }
      const Principal = { AWS: input.AWSAccountIds.map((account) => `arn:aws:iam::${account}:root`) }
      const Action = input.Actions.map((action) => `SQS:${action}`)
      policy.Statement.push({ Sid: input.Label, Effect: 'Allow', Principal, Action, Resource: arn })
      const text = mustBeWithinLimits(JSON.stringify(policy))
      tx.in(queues).put({ ...queue, settings: { ...queue.settings, policy: text }, modifiedAt: tx.now })
    })
    return {}
  },

  async RemovePermission(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    await place.ctx.commit((tx) => {
      const queue = mustGet(tx, place.name)
      const policy = policyOf(queue.settings.policy, queueArn(queue.name, tx))
      const Statement = policy.Statement.filter((statement) => statement.Sid !== input.Label)
      if (Statement.length === policy.Statement.length) {
        throw invalid(`Value ${input.Label} for parameter Label is invalid. Reason: can't find label.`)
      }
      const { policy: _, ...settings } = queue.settings
      const kept = Statement.length > 0 ? { policy: JSON.stringify({ ...policy, Statement }) } : {}
      tx.in(queues).put({ ...queue, settings: { ...settings, ...kept } })
    })
    return {}
  },

  async TagQueue(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    mustBeTags(place.name, input.Tags)
    await place.ctx.commit((tx) => {
      const queue = mustGet(tx, place.name)
      const tags = { ...queue.tags, ...input.Tags }
      mustBeFew(queue.name, tags)
      tx.in(queues).put({ ...queue, tags })
    })
    return {}
  },

  async UntagQueue(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    await place.ctx.commit((tx) => {
      const queue = mustGet(tx, place.name)
      const tags = Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !input.TagKeys.includes(key)))
      tx.in(queues).put({ ...queue, tags })
    })
    return {}
  },

  async ListQueueTags(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    const { tags } = mustGetQueue(place.ctx, place.name)
    return Object.keys(tags).length > 0 ? { Tags: tags } : {}
  },
})

function mustBeLabel(label: string): void {
  if (/^[A-Za-z0-9_-]{1,80}$/.test(label)) return
  throw invalid(
    `Value ${label} for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.`,
  )
}

function mustBeAccount(account: string): void {
  if (/^\d{12}$/.test(account)) return
  throw invalid(`Value [${account}] for parameter PrincipalId is invalid. Reason: Unable to verify.`)
}

function policyOf(text: string | undefined, arn: string): PolicyDocument {
  return text
    ? (JSON.parse(text) as PolicyDocument)
    : { Version: '2008-10-17', Id: `${arn}/SQSDefaultPolicy`, Statement: [] }
}

function invalid(words: string): Error {
  return awsError('InvalidParameterValue', words)
}
