/**
 * Who the caller is, and temporary credentials. A key is kept beyond its end, so that its user is told that it expired.
 */
import { parseArn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import { type IssuedKey, issuedKeys } from '../../delivery/credentials.ts'
import { accountOfAccessKey, newAccessKeyId } from '../../wire/accessKeys.ts'
import { awsError } from '../../wire/errors.ts'
import { operations } from '../service.ts'

const roleSeconds = { min: 900, max: 43_200, usual: 3600 }
const tokenSeconds = { usual: 43_200 }
/** Expired keys are kept a day, so that their users are told what is wrong, then swept when new ones are made. */
const keptExpiredMillis = 86_400_000
const sweptMax = 100

export const identityOperations = operations('sts', {
  async GetCallerIdentity(_input, ctx) {
    const { accessKeyId } = ctx.caller
    const issued = accessKeyId === undefined ? undefined : ctx.in(issuedKeys).get(accessKeyId)
    if (issued?.expiresAt !== undefined && issued.expiresAt <= ctx.clock.now()) {
      throw awsError('ExpiredToken', 'The security token included in the request is expired', 403)
    }
    if (issued) return { UserId: issued.userId, Account: issued.account, Arn: issued.arn }
    return { UserId: ctx.account, Account: ctx.account, Arn: `arn:aws:iam::${ctx.account}:root` }
  },

  async AssumeRole(input, ctx) {
    const { RoleArn: roleArn, RoleSessionName: sessionName } = input
    const { account, roleName } = roleOf(roleArn)
    const seconds = input.DurationSeconds ?? roleSeconds.usual
    const role = await findRole(ctx, account, roleName)
    if (!role || role.Arn !== roleArn) {
      const user = ctx.caller.arn
      throw awsError(
        'AccessDenied',
        `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
        403,
      )
    }
    if (seconds > (role.MaxSessionDuration ?? roleSeconds.usual)) {
      throw awsError(
        'ValidationError',
        'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      )
    }
    const userId = `${role.RoleId}:${sessionName}`
    const arn = `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`
    const session = await newSession(ctx, { account, arn, userId, seconds })
    return { Credentials: credentials(session), AssumedRoleUser: { AssumedRoleId: userId, Arn: arn } }
  },

  async GetSessionToken(input, ctx) {
    const session = await newSession(ctx, {
      account: ctx.account,
      arn: `arn:aws:iam::${ctx.account}:root`,
      userId: ctx.account,
      seconds: input.DurationSeconds ?? tokenSeconds.usual,
    })
    return { Credentials: credentials(session) }
  },

  async GetAccessKeyInfo(input) {
    const account = accountOfAccessKey(input.AccessKeyId)
    if (account !== undefined) return { Account: account }
    throw awsError('ValidationError', `Invalid AccessKeyId: ${input.AccessKeyId}`)
  },
})

function roleOf(arn: string): { account: string; roleName: string } {
  const parts = parseArn(arn)
  if (parts?.service === 'iam' && parts.resource.startsWith('role/')) {
    return { account: parts.account, roleName: parts.resource.slice(parts.resource.lastIndexOf('/') + 1) }
  }
  throw awsError('ValidationError', `${arn} is invalid`)
}

async function findRole(ctx: Context, account: string, roleName: string) {
  try {
    return (await ctx.at({ account }).call('iam').GetRole({ RoleName: roleName })).Role
  } catch {
    // AWS does not tell strangers whether a role is there: whatever went wrong, it may not be assumed.
    return undefined
  }
}

async function newSession(
  ctx: Context,
  wanted: { account: string; arn: string; userId: string; seconds: number },
): Promise<IssuedKey> {
  const now = ctx.clock.now()
  const session: IssuedKey = {
    accessKeyId: newAccessKeyId('ASIA', wanted.account, ctx.random),
    secretAccessKey: ctx.random.hex(40),
    sessionToken: Buffer.from(ctx.random.hex(240), 'hex').toString('base64'),
    account: wanted.account,
    arn: wanted.arn,
    userId: wanted.userId,
    expiresAt: now + wanted.seconds * 1000,
  }
  await ctx.commit((tx) => {
    for (const old of [...tx.in(issuedKeys).list({ limit: sweptMax })]) {
      if (old.expiresAt !== undefined && old.expiresAt + keptExpiredMillis < now)
        tx.in(issuedKeys).delete(old.accessKeyId)
    }
    tx.in(issuedKeys).put(session)
  })
  return session
}

function credentials(session: IssuedKey) {
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: new Date(session.expiresAt as number),
  }
}
