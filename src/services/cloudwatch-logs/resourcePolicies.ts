/** Who may write into log groups from other services: an account's resource policies. */
import type { Millis } from '../../clock.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { isJson } from '../json.ts'
import { operations } from '../service.ts'

export interface LogsPolicy {
  name: string
  document: string
  updatedAt: Millis
}

export const policies = collection<LogsPolicy>('logs/policies', { version: 1, key: (policy) => [policy.name] })

const { InvalidParameterException, LimitExceededException, ResourceNotFoundException } = awsErrors('cloudwatch-logs')
/** AWS's quota for one region. */
const policiesMax = 10

export const policyOperations = operations('cloudwatch-logs', {
  async PutResourcePolicy(input, ctx) {
    const { policyName: name, policyDocument: document } = input
    if (name === undefined || document === undefined) {
      throw InvalidParameterException('policyName and policyDocument must be specified.')
    }
    if (!isJson(document)) throw InvalidParameterException('Policy document is not valid JSON.')
    const policy = { name, document, updatedAt: ctx.clock.now() }
    await ctx.commit((tx) => {
      if (!tx.in(policies).has(name) && tx.in(policies).count() >= policiesMax) {
        throw LimitExceededException('Resource limit exceeded.')
      }
      tx.in(policies).put(policy)
    })
    return { resourcePolicy: describe(policy) }
  },

  async DescribeResourcePolicies(_input, ctx) {
    return { resourcePolicies: [...ctx.in(policies).list()].map(describe) }
  },

  async DeleteResourcePolicy(input, ctx) {
    const name = input.policyName ?? ''
    await ctx.commit((tx) => {
      if (!tx.in(policies).has(name)) throw ResourceNotFoundException(`Policy with name [${name}] does not exist`)
      tx.in(policies).delete(name)
    })
    return {}
  },
})

function describe({ name, document, updatedAt }: LogsPolicy) {
  return { policyName: name, policyDocument: document, lastUpdatedTime: updatedAt }
}
