/** Why did this rule (not) match this event: asked of whoever keeps rules and the last events. */

import { ruleExplainer } from '../delivery/explainer.ts'
import type { Platform } from '../delivery/platform.ts'
import { awsError } from '../wire/errors.ts'

/** `{rule | pattern, bus?, event?, last?, onlyUnmatched?}`: one event given, or the last ones that came to the bus. Errors: 404, 400. */
export function explainRule(platform: Platform, asked: Record<string, unknown>): object {
  const {
    rule = '',
    pattern,
    bus = 'default',
    event,
    last = 1,
    onlyUnmatched = false,
    account = platform.options.account,
    region = platform.options.region,
  } = asked
  if (!Number.isInteger(last) || Number(last) < 1) throw awsError('BadRequest', '`last` is a number of events.')
  if (typeof rule !== 'string' || (rule === '' && typeof pattern !== 'string'))
    throw awsError('BadRequest', 'Name a rule, {"rule": "…"}, or give a pattern as text.')
  if (!platform.has(ruleExplainer)) throw awsError('NotImplemented', 'This server has no rules.', 501)
  return platform.use(ruleExplainer).explain({
    account: String(account),
    region: String(region),
    bus: String(bus),
    rule,
    ...(typeof pattern === 'string' && { pattern }),
    last: Number(last),
    onlyUnmatched: onlyUnmatched === true,
    ...(event !== undefined && { event }),
  })
}

/** `?bus=default&after=ID`: the events that came to a bus after that one. Errors: 404. */
export function eventsAfter(platform: Platform, query: URLSearchParams): object {
  if (!platform.has(ruleExplainer)) throw awsError('NotImplemented', 'This server has no event buses.', 501)
  return platform.use(ruleExplainer).eventsAfter({
    account: query.get('account') ?? platform.options.account,
    region: query.get('region') ?? platform.options.region,
    bus: query.get('bus') ?? 'default',
    after: query.get('after') ?? '',
  })
}
