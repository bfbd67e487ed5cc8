/** Who may write into log groups from other services: an account's resource policies. */
import type { Millis } from '../../clock.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { isJson } from '../json.ts'
import { operations } from '../service.ts'
import { pageOf } from './pages.ts'

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
    refuseOfGroup(input)
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

  async DescribeResourcePolicies(input, ctx) {
    refuseOfGroup(input)
    const { nextToken: token, limit } = input
    const { items, nextToken } = pageOf([...ctx.in(policies).list()], ({ name }) => name, { token, limit })
    return { resourcePolicies: items.map(describe), ...(nextToken && { nextToken }) }
  },

  async DeleteResourcePolicy(input, ctx) {
    refuseOfGroup(input)
    const name = input.policyName ?? ''
    await ctx.commit((tx) => {
      if (!tx.in(policies).has(name)) throw ResourceNotFoundException(`Policy with name [${name}] does not exist`)
      tx.in(policies).delete(name)
    })
    return {}
  },
})

/** Policies of single groups, with revisions. */
function refuseOfGroup(input: { resourceArn?: string | undefined; expectedRevisionId?: string | undefined }): void {
  for (const absent of ['resourceArn', 'expectedRevisionId'] as const) {
    if (input[absent] !== undefined) throw NotImplemented(`A resource policy with ${absent}`)
  }
}

function describe({ name, document, updatedAt }: LogsPolicy) {
  return { policyName: name, policyDocument: document, lastUpdatedTime: updatedAt }
}
