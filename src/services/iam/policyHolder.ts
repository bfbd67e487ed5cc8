/** What roles, users and groups have in common: policies attached to them, and policies of their own. */
import { awsErrors } from '../../wire/errors.ts'

const { DeleteConflictException } = awsErrors('iam')

export interface PolicyHolder {
  path: string
  /** ARNs of managed policies. */
  attached: string[]
  /** Documents by policy name. */
  inline: Record<string, string>
}

/** A holder is deleted only when it holds nothing. */
export function checkEmpty(holder: PolicyHolder): void {
  if (holder.attached.length > 0) {
    throw DeleteConflictException('Cannot delete entity, must detach all policies first.')
  }
  if (Object.keys(holder.inline).length > 0) {
    throw DeleteConflictException('Cannot delete entity, must delete policies first.')
  }
}
