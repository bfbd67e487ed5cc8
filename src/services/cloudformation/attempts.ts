/**
 * Makes, changes or deletes one resource as its record's attempt says. Most types do it at once. Slow ones (custom
 * resources, nested stacks, wait conditions) are begun, and their step waits as a due row until the answer comes or
 * the time is up.
 */
import type { Context } from '../../delivery/context.ts'
import { AwsError } from '../../wire/errors.ts'
import type { Created } from '../resource.ts'
import { customResources } from './customResources.ts'
import { type StepItem, stepQueue } from './deployments.ts'
import { nestedStacks } from './nestedStacks.ts'
import { findType, isCustom, presentProperties, resolvedProperties, resourceContext } from './resourceContexts.ts'
import { type Attempt, type Physical, type StackResource, stackResources } from './stackResources.ts'
import type { StackReader } from './stackScopes.ts'
import type { Stack } from './stacks.ts'
import type { RunningStep } from './steps.ts'
import { type JsonObject, TemplateError } from './templates.ts'
import { waitConditions } from './waitConditions.ts'

/** What came of an attempt: something that exists, a failure, or (a custom resource) both. */
export interface Made {
  physicalId?: string
  attributes?: JsonObject
  failure?: string
}

/** A change of a slow resource. */
export interface SlowChange {
  ctx: Context
  /** What `outcome` reads: the context, or the commit that decides whether to go on waiting. */
  reader: StackReader
  /** The row to wake when the answer comes. */
  item: StepItem
  kind: 'Create' | 'Update' | 'Delete'
  stack: Stack
  logicalId: string
  type: string
  token: string
  requestId: string
  /** Dynamic references looked up. */
  properties: JsonObject
  /** What there is, for updates and deletions. */
  present: Physical | undefined
}

export interface SlowType {
  /** How long to wait for the answer. */
  timeoutSeconds(properties: JsonObject): number
  /** Begins; called again after a kill, with the same request id. */
  begin(change: SlowChange): Promise<void>
  /** What came of it; undefined while nothing has. */
  outcome(change: SlowChange): Made | undefined
  timedOut(change: SlowChange): Made
}

function slowTypeOf(type: string): SlowType | undefined {
  if (isCustom(type)) return customResources
  if (type === 'AWS::CloudFormation::Stack') return nestedStacks
  if (type === 'AWS::CloudFormation::WaitCondition') return waitConditions
  return undefined
}

export async function performAttempt(running: RunningStep, resource: StackResource): Promise<Made | 'waiting'> {
  const { ctx, stack } = running
  const attempt = resource.attempt as Attempt
  const type = findType(ctx, resource.type)
  const slow = type ? undefined : slowTypeOf(resource.type)
  try {
    const properties = await resolvedProperties(ctx, attempt.properties)
    if (slow) return await performSlowly(running, resource, slow, properties)
    if (!type) return { failure: `Template format error: Unrecognized resource types: [${resource.type}]` }
    const r = resourceContext(ctx, stack, resource.logicalId, attempt.token)
    const { current } = resource
    if (attempt.kind === 'update' && current && type.update) {
      const before = await presentProperties(ctx, current)
      return madeOf(await type.update(current.physicalId, properties, before, r))
    }
    const made = madeOf(await type.create(properties, r))
    return current && attempt.kind === 'replace' ? checkReplaced(current, resource.type, made) : made
  } catch (error) {
    return { failure: failureWords(error) }
  }
}

export async function performRemoval(
  running: RunningStep,
  resource: StackResource,
  target: Physical,
): Promise<Made | 'waiting'> {
  const { ctx, stack } = running
  const attempt = resource.attempt as Attempt
  const type = findType(ctx, target.type)
  const slow = type ? undefined : slowTypeOf(target.type)
  try {
    const properties = await presentProperties(ctx, target)
    if (slow) return await performSlowly(running, { ...resource, current: target }, slow, properties)
    if (!type) return { failure: `Unrecognized resource type ${target.type}` }
    await type.delete(target.physicalId, properties, resourceContext(ctx, stack, resource.logicalId, attempt.token))
    return {}
  } catch (error) {
    return { failure: failureWords(error) }
  }
}

function madeOf(created: Created): Made {
  const attributes = JSON.parse(JSON.stringify(created.attributes ?? {})) as JsonObject
  return { physicalId: created.id, attributes }
}

/** A replacement that bears the old name would be deleted with the old one, so CloudFormation refuses it. */
function checkReplaced(before: Physical, type: string, made: Made): Made {
  if (before.type !== type || made.physicalId !== before.physicalId) return made
  return {
    failure: `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${before.physicalId} and update the stack again.`,
  }
}

function failureWords(error: unknown): string {
  if (error instanceof TemplateError) return error.message
  if (error instanceof AwsError) {
    return `Resource handler returned message: "${error.message}" (HandlerErrorCode: ${error.code.replace(/Exception$/, '')})`
  }
  return `Internal failure: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}

const slowKinds = { create: 'Create', replace: 'Create', update: 'Update', delete: 'Delete' } as const

async function performSlowly(
  running: RunningStep,
  resource: StackResource,
  slow: SlowType,
  properties: JsonObject,
): Promise<Made | 'waiting'> {
  const { ctx, item, stack } = running
  const attempt = resource.attempt as Attempt
  const waiting = attempt.waiting ?? {
    requestId: attempt.token,
    deadline: ctx.clock.now() + slow.timeoutSeconds(properties) * 1000,
    hasBegun: false,
  }
  const change: SlowChange = {
    ctx,
    reader: ctx,
    item,
    kind: slowKinds[attempt.kind],
    stack,
    logicalId: resource.logicalId,
    type: resource.type,
    token: attempt.token,
    requestId: waiting.requestId,
    properties,
    present: attempt.kind === 'replace' ? undefined : resource.current,
  }
  const outcome = slow.outcome(change)
  if (outcome) return outcome
  if (running.deployment.isCancelled)
    return { failure: `Resource ${attempt.kind === 'create' ? 'creation' : 'update'} cancelled` }
  if (waiting.hasBegun && ctx.clock.now() >= waiting.deadline) return slow.timedOut(change)
  if (!waiting.hasBegun) await slow.begin(change)
  return await ctx.commit((tx) => {
    // The answer may have come while this began.
    const answered = slow.outcome({ ...change, reader: tx })
    if (answered) return answered
    const present = tx.in(stackResources).get(stack.uuid, resource.logicalId)
    if (present?.attempt) {
      tx.in(stackResources).put({
        ...present,
        attempt: { ...present.attempt, waiting: { ...waiting, hasBegun: true } },
      })
    }
    tx.due(stepQueue).put({ ...item, dueAt: waiting.deadline })
    return 'waiting'
  })
}
