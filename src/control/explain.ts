/** Why did this rule (not) match this event: asked of whoever keeps rules and the last events. */

import { ruleExplainer } from '../delivery/explainer.ts'
import type { Platform } from '../delivery/platform.ts'
import { awsError } from '../wire/errors.ts'

/** `{rule, bus?, event?, last?}`: one event given, or the last ones that came to the rule's bus. Errors: 404, 400. */
export function explainRule(platform: Platform, asked: Record<string, unknown>): object {
  const {
    rule,
    bus = 'default',
    event,
    last = 1,
    account = platform.options.account,
    region = platform.options.region,
  } = asked
  if (typeof rule !== 'string') throw awsError('BadRequest', 'Name a rule: {"rule": "…"}.')
  if (!platform.has(ruleExplainer)) throw awsError('NotImplemented', 'This server has no rules.', 501)
  return platform.use(ruleExplainer).explain({
    account: String(account),
    region: String(region),
    bus: String(bus),
    rule,
    last: Number(last),
    ...(event !== undefined && { event }),
  })
}
