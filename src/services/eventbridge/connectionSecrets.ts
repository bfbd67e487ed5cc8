/** The secret of a connection, `events!connection/NAME/UUID` in Secrets Manager: its parameters, and its OAuth token. */
import type { Millis } from '../../clock.ts'
import type { Arn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import type { AuthParameters } from './connectionParameters.ts'

export interface ConnectionSecret {
  parameters: AuthParameters
  token?: Token
}

export interface Token {
  accessToken: string
  /** Absent where the server did not say. */
  expiresAt?: Millis
}

export async function createSecret(
  ctx: Context,
  name: string,
  parameters: AuthParameters,
  kmsKeyId: string | undefined,
): Promise<Arn> {
  const { ARN = '' } = await ctx.call('secrets-manager').CreateSecret({
    Name: `events!connection/${name}`,
    SecretString: JSON.stringify({ parameters }),
    ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }),
  })
  return ARN
}

export async function readSecret(ctx: Context, arn: Arn): Promise<ConnectionSecret> {
  const { SecretString = '{}' } = await ctx.call('secrets-manager').GetSecretValue({ SecretId: arn })
  return JSON.parse(SecretString) as ConnectionSecret
}

/** A new token or new parameters: parameters that change lose the token that they were exchanged for. */
export async function writeSecret(ctx: Context, arn: Arn, secret: ConnectionSecret): Promise<Arn> {
  await ctx.call('secrets-manager').PutSecretValue({
    SecretId: arn,
    SecretString: JSON.stringify(secret),
    ClientRequestToken: ctx.random.uuid(),
  })
  return arn
}

export async function deleteSecret(ctx: Context, arn: Arn): Promise<void> {
  await ctx.call('secrets-manager').DeleteSecret({ SecretId: arn, ForceDeleteWithoutRecovery: true })
}
