/** Rules that an AWS service made for itself: an archive's. Only that service changes them, or who says `Force`. */
import { awsErrors } from '../../wire/errors.ts'
import type { Rule } from './rules.ts'

const { ManagedRuleException } = awsErrors('eventbridge')

/** Errors: ManagedRuleException. */
export function checkUnmanaged(rule: Pick<Rule, 'name' | 'managedBy'> | undefined, force = false): void {
  if (!rule?.managedBy || force) return
  throw ManagedRuleException(`${rule.name} is a managed rule. Set 'force' parameter to true to override.`)
}
