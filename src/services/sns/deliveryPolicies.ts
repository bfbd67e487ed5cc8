/**
 * How a web endpoint is sent to: how often and when it is tried again, how many messages a second it takes, and what its
 * requests say they contain. A subscription's own policy comes first, then its topic's, then AWS's defaults; a topic may
 * forbid those of subscriptions. Rules: SNS Developer Guide, "Amazon SNS message delivery retries" and "Creating an
 * HTTP/S delivery policy".
 */
import type { RetryPhases } from '../../delivery/retryPhases.ts'
import { documentIn } from '../json.ts'
import { invalid } from './refusals.ts'

export interface HealthyRetryPolicy {
  minDelayTarget: number
  maxDelayTarget: number
  numRetries: number
  numNoDelayRetries: number
  numMinDelayRetries: number
  numMaxDelayRetries: number
  backoffFunction: RetryPhases['backoff']
}

export interface EffectivePolicy {
  healthyRetryPolicy: HealthyRetryPolicy
  maxReceivesPerSecond?: number
  headerContentType: string
}

interface OwnPolicy {
  healthyRetryPolicy?: Partial<HealthyRetryPolicy>
  throttlePolicy?: { maxReceivesPerSecond?: number }
  requestPolicy?: { headerContentType?: string }
}

interface TopicPolicy {
  http?: {
    defaultHealthyRetryPolicy?: Partial<HealthyRetryPolicy>
    disableSubscriptionOverrides?: boolean
    defaultThrottlePolicy?: { maxReceivesPerSecond?: number }
    defaultRequestPolicy?: { headerContentType?: string }
  }
}

const defaults: HealthyRetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
}
const defaultContentType = 'text/plain; charset=UTF-8'

const retriesMax = 100
const delaySecondsMax = 3_600
const backoffs = ['linear', 'arithmetic', 'geometric', 'exponential']
const contentTypes =
  /^(text\/(css|csv|html|plain|xml)|application\/(atom\+xml|json|octet-stream|soap\+xml|x-www-form-urlencoded|xhtml\+xml|xml))(; ?charset=[\w-]+)?$/i

/** Errors: InvalidParameter in AWS's words. */
export function checkDeliveryPolicy(name: string, text: string): void {
  const policy = documentIn(text)
  if (!policy) throw invalid(`${name}: failed to parse JSON.`)
  checkMembers(name, policy)
  const { healthyRetryPolicy, throttlePolicy, requestPolicy } = policy as OwnPolicy
  const { http } = policy as TopicPolicy
  checkRetries(name, healthyRetryPolicy ?? http?.defaultHealthyRetryPolicy)
  const perSecond = (throttlePolicy ?? http?.defaultThrottlePolicy)?.maxReceivesPerSecond
  if (perSecond !== undefined && !isWhole(perSecond, 1, Number.MAX_SAFE_INTEGER)) {
    throw invalid(`${name}: throttlePolicy.maxReceivesPerSecond must be greater than or equal to 1`)
  }
  const contentType = (requestPolicy ?? http?.defaultRequestPolicy)?.headerContentType
  if (contentType !== undefined && !contentTypes.test(contentType)) {
    throw invalid(`${name}: requestPolicy.headerContentType is not a supported content type`)
  }
}

/** By the member that holds them; what is not known here would be accepted and have no effect. */
const retries = Object.keys(defaults)
const membersKnown: Record<string, readonly string[]> = {
  '': ['healthyRetryPolicy', 'sicklyRetryPolicy', 'throttlePolicy', 'requestPolicy', 'guaranteed', 'http'],
  http: [
    'defaultHealthyRetryPolicy',
    'defaultSicklyRetryPolicy',
    'disableSubscriptionOverrides',
    'defaultThrottlePolicy',
    'defaultRequestPolicy',
  ],
  healthyRetryPolicy: retries,
  defaultHealthyRetryPolicy: retries,
  throttlePolicy: ['maxReceivesPerSecond'],
  defaultThrottlePolicy: ['maxReceivesPerSecond'],
  requestPolicy: ['headerContentType'],
  defaultRequestPolicy: ['headerContentType'],
}

/** Errors: InvalidParameter for the first member of any depth that is not known. */
function checkMembers(name: string, given: object, holder = ''): void {
  const known = Object.hasOwn(membersKnown, holder) ? membersKnown[holder] : undefined
  for (const [member, value] of Object.entries(given)) {
    if (known && !known.includes(member)) {
      throw invalid(`${name}: Unexpected JSON member: ${holder && `${holder}.`}${member}`)
    }
    if (typeof value === 'object' && value !== null) checkMembers(name, value, member)
  }
}

function checkRetries(name: string, given: Partial<HealthyRetryPolicy> | undefined): void {
  if (!given) return
  const wrong = (member: string, rule: string) => invalid(`${name}: healthyRetryPolicy.${member} must be ${rule}`)
  const policy = { ...defaults, ...given }
  if (!isWhole(policy.numRetries, 0, retriesMax)) throw wrong('numRetries', `between 0 and ${retriesMax}`)
  if (!isWhole(policy.minDelayTarget, 1, delaySecondsMax))
    throw wrong('minDelayTarget', `between 1 and ${delaySecondsMax}`)
  if (!isWhole(policy.maxDelayTarget, policy.minDelayTarget, delaySecondsMax)) {
    throw wrong('maxDelayTarget', `between minDelayTarget and ${delaySecondsMax}`)
  }
  for (const member of ['numNoDelayRetries', 'numMinDelayRetries', 'numMaxDelayRetries'] as const)
    if (!isWhole(policy[member], 0, retriesMax)) throw wrong(member, 'greater than or equal to 0')
  const { numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy
  if (numNoDelayRetries + numMinDelayRetries + numMaxDelayRetries > policy.numRetries) {
    throw wrong(
      'numRetries',
      'greater than or equal to total of numMinDelayRetries, numNoDelayRetries and numMaxDelayRetries',
    )
  }
  if (!backoffs.includes(policy.backoffFunction)) throw wrong('backoffFunction', `one of ${backoffs.join(', ')}`)
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}

/** What counts for a subscription. */
export function effectivePolicy(own: string | undefined, topics: string | undefined): EffectivePolicy {
  const { http = {} } = (documentIn(topics ?? '') ?? {}) as TopicPolicy
  const policy = http.disableSubscriptionOverrides ? {} : ((documentIn(own ?? '') ?? {}) as OwnPolicy)
  const throttle = policy.throttlePolicy ?? http.defaultThrottlePolicy
  const request = policy.requestPolicy ?? http.defaultRequestPolicy
  return {
    healthyRetryPolicy: { ...defaults, ...(policy.healthyRetryPolicy ?? http.defaultHealthyRetryPolicy) },
    ...(throttle?.maxReceivesPerSecond !== undefined && { maxReceivesPerSecond: throttle.maxReceivesPerSecond }),
    headerContentType: request?.headerContentType ?? defaultContentType,
  }
}

/** As GetTopicAttributes shows it. */
export function shownTopicPolicy(topics: string | undefined): string {
  const { healthyRetryPolicy, headerContentType, maxReceivesPerSecond } = effectivePolicy(undefined, topics)
  const { http = {} } = (documentIn(topics ?? '') ?? {}) as TopicPolicy
  return JSON.stringify({
    http: {
      defaultHealthyRetryPolicy: healthyRetryPolicy,
      disableSubscriptionOverrides: http.disableSubscriptionOverrides ?? false,
      ...(maxReceivesPerSecond !== undefined && { defaultThrottlePolicy: { maxReceivesPerSecond } }),
      defaultRequestPolicy: { headerContentType },
    },
  })
}

/** As GetSubscriptionAttributes shows it. */
export function shownSubscriptionPolicy(own: string | undefined, topics: string | undefined): string {
  const { healthyRetryPolicy, headerContentType, maxReceivesPerSecond } = effectivePolicy(own, topics)
  return JSON.stringify({
    healthyRetryPolicy,
    ...(maxReceivesPerSecond !== undefined && { throttlePolicy: { maxReceivesPerSecond } }),
    requestPolicy: { headerContentType },
  })
}

/** The same as phases of retrying: at once, before backing off, backing off, after it. */
export function phasesOf(policy: HealthyRetryPolicy): RetryPhases {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy
  return {
    immediate: numNoDelayRetries,
    before: numMinDelayRetries,
    backingOff: numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries,
    after: numMaxDelayRetries,
    delaySecondsMin: policy.minDelayTarget,
    delaySecondsMax: policy.maxDelayTarget,
    backoff: policy.backoffFunction,
  }
}
