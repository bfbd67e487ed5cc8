/**
 * A stack: what it was asked to be (its definition), what it has (its resources, in resources.ts) and how it stands.
 * Deleted stacks are kept under their id, as AWS keeps them for ninety days.
 */
import type { Millis } from '../../clock.ts'
import { collection, type Records } from '../../store/collection.ts'
import { awsError } from '../../wire/errors.ts'
import type { ParameterValues } from './parameters.ts'
import type { Output } from './scope.ts'

export type StackStatus =
  | `${'CREATE' | 'UPDATE' | 'DELETE' | 'ROLLBACK' | 'UPDATE_ROLLBACK'}_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`
  | 'REVIEW_IN_PROGRESS'
  | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'

export interface Stack {
  name: string
  uuid: string
  arn: string
  status: StackStatus
  statusReason?: string
  description?: string
  createdAt: Millis
  updatedAt?: Millis
  deletedAt?: Millis
  terminationProtection: boolean
  onFailure: 'DO_NOTHING' | 'ROLLBACK' | 'DELETE'
  timeoutMinutes?: number
  tags: Record<string, string>
  parameters: ParameterValues
  capabilities: string[]
  notificationArns: string[]
  roleArn?: string
  outputs: Output[]
  policy?: string
  /** Of a nested stack. */
  parent?: ParentStep
  rootArn?: string
  changeSetId?: string
  clientToken?: string
}

/** The step of the parent's deployment that waits for a nested stack. */
export interface ParentStep {
  arn: string
  logicalId: string
  requestId: string
  itemId: string
}

/** By name, then id: several deleted stacks may have had the name, one living stack has it. */
export const stacks = collection<Stack>('cloudformation/stacks', {
  version: 1,
  key: (stack) => [stack.name, stack.uuid],
})

/** What a stack is made from; `before` is there while an update may still be rolled back. */
export interface Definition {
  uuid: string
  which: 'current' | 'before'
  templateText: string
  parameters: ParameterValues
  tags: Record<string, string>
}

export const definitions = collection<Definition>('cloudformation/definitions', {
  version: 1,
  key: (definition) => [definition.uuid, definition.which],
})

const arnPattern = /^arn:[^:]+:cloudformation:[^:]*:\d*:stack\/([^/]+)\/(.+)$/

export function stackArn(scope: { account: string; region: string }, name: string, uuid: string): string {
  return `arn:aws:cloudformation:${scope.region}:${scope.account}:stack/${name}/${uuid}`
}

/** A stack by its ARN (deleted ones too) or, among the living, by its name. */
export function findStack(records: Records<Stack>, nameOrArn: string): Stack | undefined {
  const [, name, uuid] = arnPattern.exec(nameOrArn) ?? []
  if (name !== undefined && uuid !== undefined) return records.get(name, uuid)
  for (const stack of records.list({ prefix: [nameOrArn] })) {
    if (stack.status !== 'DELETE_COMPLETE') return stack
  }
  return undefined
}

export function mustFindStack(records: Records<Stack>, nameOrArn: string | undefined, words?: string): Stack {
  const stack = nameOrArn === undefined ? undefined : findStack(records, nameOrArn)
  if (stack) return stack
  throw validationError(words ?? `Stack with id ${nameOrArn} does not exist`)
}

/** No model of CloudFormation names it, and nearly all its refusals are this. */
export function validationError(message: string): Error {
  return awsError('ValidationError', message)
}

const restingUpdatable = new Set<StackStatus>([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_FAILED',
  'CREATE_FAILED',
])

export function checkUpdatable(stack: Stack): void {
  const canRetry = stack.status === 'CREATE_FAILED' && stack.onFailure === 'DO_NOTHING'
  if (restingUpdatable.has(stack.status) && (stack.status !== 'CREATE_FAILED' || canRetry)) return
  throw validationError(`Stack:${stack.arn} is in ${stack.status} state and can not be updated.`)
}

export function isMoving(stack: Stack): boolean {
  return stack.status.endsWith('_IN_PROGRESS') && stack.status !== 'REVIEW_IN_PROGRESS'
}

/** The tags that CloudFormation adds to every resource that takes tags. */
export function systemTags(stack: Stack, logicalId: string): Record<string, string> {
  return {
    ...stack.tags,
    'aws:cloudformation:stack-name': stack.name,
    'aws:cloudformation:stack-id': stack.arn,
    'aws:cloudformation:logical-id': logicalId,
  }
}
