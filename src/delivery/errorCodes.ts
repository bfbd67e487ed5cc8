/**
 * What a dead letter of a rule says went wrong: the codes that EventBridge documents ("Using dead-letter queues to process
 * undelivered events"), from the code with which the target's own service refused.
 */
import type { AwsError } from '../wire/errors.ts'
import { DeliveryFailed, DeliveryRefused } from './delivery.ts'

const documented = new Set([
  'CONNECTION_FAILURE',
  'CROSS_ACCOUNT_INGESTION_FAILED',
  'CROSS_REGION_INGESTION_FAILED',
  'ERROR_FROM_TARGET',
  'EVENTS_IN_BATCH_REQUEST_REJECTED',
  'FAILED_TO_ASSUME_ROLE',
  'INTERNAL_ERROR',
  'INVALID_JSON',
  'INVALID_PARAMETER',
  'NO_PERMISSIONS',
  'NO_RESOURCE',
  'RESOURCE_ALREADY_EXISTS',
  'RESOURCE_LIMIT_EXCEEDED',
  'RESOURCE_MODIFICATION_COLLISION',
  'SDK_CLIENT_ERROR',
  'THIRD_ACCOUNT_HOP_DETECTED',
  'THIRD_REGION_HOP_DETECTED',
  'THROTTLING',
  'TIMEOUT',
  'TRANSIENT_ASSUME_ROLE',
  'UNKNOWN',
])

/** Codes of services, and what EventBridge makes of them; the first that fits. */
const meanings: [code: RegExp, meaning: string][] = [
  [/NonExistent|NotFound|NoSuch|DoesNotExist/i, 'NO_RESOURCE'],
  [/AccessDenied|Authorization|NotAuthorized|Forbidden|Permission/i, 'NO_PERMISSIONS'],
  [/Throttl|TooManyRequests|RequestLimit|SlowDown/i, 'THROTTLING'],
  [/OverLimit|LimitExceeded|QuotaExceeded/i, 'RESOURCE_LIMIT_EXCEEDED'],
  [/AlreadyExists/i, 'RESOURCE_ALREADY_EXISTS'],
  [/Concurrent/i, 'RESOURCE_MODIFICATION_COLLISION'],
  [/Internal|ServiceFailure|ServiceUnavailable/i, 'INTERNAL_ERROR'],
  [/Validation|Invalid|Parameter|Malformed|TooLong/i, 'INVALID_PARAMETER'],
]

export function eventBridgeCode(code: string): string {
  if (documented.has(code)) return code
  return meanings.find(([pattern]) => pattern.test(code))?.[1] ?? 'SDK_CLIENT_ERROR'
}

/** Whether the failure asks for less rather than for another try. */
export function isThrottling(code: string): boolean {
  return eventBridgeCode(code) === 'THROTTLING'
}

/** A service's refusal as an outcome: what is too much or broke may pass later; a request that is wrong stays wrong. */
export function failureFrom(error: AwsError): DeliveryFailed {
  const passes =
    error.status >= 500 || error.status === 429 || /THROTTLING|LIMIT|COLLISION/.test(eventBridgeCode(error.code))
  return passes ? new DeliveryFailed(error.code, error.message) : new DeliveryRefused(error.code, error.message)
}
