/** Bucket policies: kept, and checked for being one. Who may do what is not decided by them here. */
import type { PolicyStatus } from '@aws-sdk/client-s3'
import { operations } from '../service.ts'
import { MalformedPolicy } from './errors.ts'
import { forgetSetting, keepSetting, mustGetSetting } from './settings.ts'

const policyBytesMax = 20 * 1024
const absent: [string, string] = ['NoSuchBucketPolicy', 'The bucket policy does not exist']

interface Statement {
  Effect?: unknown
  Principal?: unknown
  NotPrincipal?: unknown
  Action?: unknown
  NotAction?: unknown
  Resource?: unknown
  NotResource?: unknown
  Condition?: unknown
}

export const policyOperations = operations('s3', {
  async PutBucketPolicy(input, ctx) {
    checkPolicy(input.Policy, input.Bucket)
    await keepSetting(ctx, input, 'policy', input.Policy)
    return {}
  },

  async GetBucketPolicy(input, ctx) {
    return { Policy: mustGetSetting<string>(ctx, input, 'policy', absent) }
  },

  async DeleteBucketPolicy(input, ctx) {
    await forgetSetting(ctx, input, 'policy')
    return {}
  },

  async GetBucketPolicyStatus(input, ctx) {
    const policy = mustGetSetting<string>(ctx, input, 'policy', absent)
    const isPublic = statementsOf(JSON.parse(policy)).some(letsEverybody)
    return { PolicyStatus: { IsPublic: isPublic } satisfies PolicyStatus }
  },
})

function checkPolicy(text: string, bucket: string): void {
  if (Buffer.byteLength(text) > policyBytesMax)
    throw MalformedPolicy('Normalized policy document exceeds the maximum allowed size of 20480 bytes')
  let policy: unknown
  try {
    policy = JSON.parse(text)
  } catch {
    throw MalformedPolicy("Policies must be valid JSON and the first byte must be '{'")
  }
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) {
    throw MalformedPolicy("Policies must be valid JSON and the first byte must be '{'")
  }
  const statements = statementsOf(policy)
  if (statements.length === 0) throw MalformedPolicy('Missing required field Statement')
  for (const statement of statements) checkStatement(statement, bucket)
}

function statementsOf(policy: object): Statement[] {
  const { Statement } = policy as { Statement?: unknown }
  return (Array.isArray(Statement) ? Statement : Statement === undefined ? [] : [Statement]) as Statement[]
}

function checkStatement(statement: Statement, bucket: string): void {
  if (typeof statement !== 'object' || statement === null) throw MalformedPolicy('Policy has invalid statement')
  if (statement.Effect === undefined) throw MalformedPolicy('Missing required field Effect')
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')
    throw MalformedPolicy(`Invalid effect: ${String(statement.Effect)}`)
  if (statement.Principal === undefined && statement.NotPrincipal === undefined)
    throw MalformedPolicy('Missing required field Principal')
  const actions = listOf(statement.Action ?? statement.NotAction)
  if (actions.length === 0) throw MalformedPolicy('Missing required field Action')
  if (actions.some((action) => action !== '*' && !/^s3:/i.test(action)))
    throw MalformedPolicy('Policy has invalid action')
  const resources = listOf(statement.Resource ?? statement.NotResource)
  if (resources.length === 0) throw MalformedPolicy('Missing required field Resource')
  if (!resources.every((resource) => isOfBucket(resource, bucket))) throw MalformedPolicy('Policy has invalid resource')
}

function listOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String)
}

/** A policy speaks of its own bucket only; its name may hold wildcards. */
function isOfBucket(resource: string, bucket: string): boolean {
  if (resource === '*') return true
  const named = /^arn:[^:]+:s3:::([^/]+)(\/.*)?$/s.exec(resource)?.[1]
  if (named === undefined) return false
  const pattern = named
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${pattern}$`).test(bucket)
}

function letsEverybody({ Effect, Principal, Condition }: Statement): boolean {
  if (Effect !== 'Allow' || Condition !== undefined) return false
  return Principal === '*' || listOf((Principal as { AWS?: unknown } | undefined)?.AWS).includes('*')
}
