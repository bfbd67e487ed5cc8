/** Keys that buses and connections name: they must be there when they are named. */
import type { Context } from '../../delivery/context.ts'
import { AwsError, awsError } from '../../wire/errors.ts'

/** Errors: ValidationException. */
export async function checkKey(ctx: Context, identifier: string | undefined): Promise<void> {
  if (!identifier) return
  try {
    const { KeyMetadata } = await ctx.call('kms').DescribeKey({ KeyId: identifier })
    if (KeyMetadata?.KeyState === 'Enabled') return
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
  }
  throw awsError(
    'ValidationException',
    `Parameter KmsKeyIdentifier is not valid. Reason: The key ${identifier} does not exist or is not enabled.`,
  )
}
