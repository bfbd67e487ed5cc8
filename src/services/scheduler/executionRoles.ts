/**
 * The role that a schedule acts in. Where the role is known here, its trust policy must let EventBridge Scheduler assume
 * it; a role that nobody made is taken, unless the server enforces policies as AWS does.
 * Checked with the User Guide, "Confused deputy prevention": the condition's source is the schedule's group.
 */
import { parseArn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import { mayDeliver } from '../../delivery/resourcePolicy.ts'
import { AwsError, awsErrors } from '../../wire/errors.ts'
import { groupArn } from './groups.ts'

const { ValidationException } = awsErrors('scheduler')

/** Errors: ValidationException. */
export async function mustBeAssumable(roleArn: string, group: string, ctx: Context): Promise<void> {
  const sender = { principal: 'scheduler.amazonaws.com', sourceArn: groupArn(group, ctx) }
  const question = { sender, action: 'sts:AssumeRole', resource: roleArn, account: ctx.account }
  if (mayDeliver(ctx, await trustPolicyOf(roleArn, ctx), question)) return
  throw ValidationException('The execution role you provide must allow AWS EventBridge Scheduler to assume the role.')
}

/** Undefined where no such role was made in this account. */
async function trustPolicyOf(roleArn: string, ctx: Context): Promise<unknown> {
  const { account, resource = '' } = parseArn(roleArn) ?? {}
  if (account !== ctx.account) return undefined
  const name = resource.slice(resource.lastIndexOf('/') + 1)
  try {
    const { Role } = await ctx.call('iam').GetRole({ RoleName: name })
    return decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchEntityException') return undefined
    throw error
  }
}
