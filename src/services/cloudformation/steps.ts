/**
 * Carries out one step of a deployment: begins it in a commit that says what will be done, does it, commits the
 * outcome. Killed in between, it is taken up again with the same token, so a resource type makes the same resource.
 */
import type { Context, Tx } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { applyPlan } from './applyPlans.ts'
import { type Made, performAttempt } from './attempts.ts'
import { forgetAnswer } from './customResources.ts'
import { type Deployment, deployments, finishStep, type Step, type StepItem, stepQueue } from './deployments.ts'
import { isOther } from './phases.ts'
import { removalOutcome } from './removals.ts'
import { noteResource } from './stackEvents.ts'
import { type Attempt, type Physical, type StackResource, stackResources } from './stackResources.ts'
import { type Stack, stacks } from './stacks.ts'
import { TemplateError } from './templates.ts'

const stepsAtOnce = 32

export const stepWorker = worker('cloudformation/steps', {
  queue: stepQueue,
  concurrency: stepsAtOnce,
  fairBy: (item) => item.stackUuid,
  async run(item, ctx) {
    const running = findRunning(ctx, item)
    if (!running) await ctx.commit((tx) => tx.due(stepQueue).delete(item.id))
    else if (running.step.action === 'apply') await apply(running)
    else if (running.step.action === 'restore') await restore(running)
    else await removalOutcome(running)
  },
})

/** A step under way, as the store has it. */
export interface RunningStep {
  ctx: Context
  item: StepItem
  stack: Stack
  deployment: Deployment
  step: Step
  resource: StackResource | undefined
}

function findRunning(ctx: Context, item: StepItem): RunningStep | undefined {
  const deployment = ctx.in(deployments).get(item.stackUuid)
  const stack = ctx.in(stacks).get(item.stackName, item.stackUuid)
  const step = deployment?.id === item.deploymentId ? deployment.steps[item.key] : undefined
  if (!deployment || !stack || step?.state !== 'running') return undefined
  return { ctx, item, stack, deployment, step, resource: ctx.in(stackResources).get(stack.uuid, step.logicalId) }
}

async function apply(running: RunningStep): Promise<void> {
  const { ctx, item, stack, deployment, step, resource } = running
  if (resource?.attempt?.deploymentId === deployment.id) return await attempt(running, resource)
  try {
    const plan = applyPlan(ctx, stack, step.logicalId, resource)
    const begun = await ctx.commit((tx) => {
      const record = plan.begin(tx, deployment)
      tx.in(stackResources).put(record)
      if (!record.attempt) finishStep(tx, item)
      else noteResource(tx, stack, record)
      return record
    })
    if (begun.attempt) await attempt(running, begun)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    await ctx.commit((tx) => {
      const type = resource?.type ?? ''
      const failed = { ...newRecord(tx, stack, step.logicalId, type), ...resource }
      fail(tx, running, failed, error.message)
    })
  }
}

export function newRecord(tx: Tx, stack: Stack, logicalId: string, type: string): StackResource {
  return { stackUuid: stack.uuid, logicalId, type, status: 'CREATE_IN_PROGRESS', updatedAt: tx.now }
}

/** Puts back what was there before an update: repoints to it if it still exists, or changes it back in place. */
async function restore(running: RunningStep): Promise<void> {
  const { ctx, item, stack, deployment, resource } = running
  const before = resource?.before
  if (!resource || !before || before === 'absent') return await ctx.commit((tx) => finishStep(tx, item))
  if (
    resource.attempt?.deploymentId === deployment.id &&
    resource.attempt.kind === 'update' &&
    resource.statusReason === restoring
  ) {
    return await attempt(running, resource)
  }
  const wasReplaced = resource.current && isOther(resource.current, before)
  const wasReplacing = resource.attempt?.kind === 'replace'
  if (wasReplaced || wasReplacing) {
    await ctx.commit((tx) => {
      const { attempt: _, ...rest } = resource
      const restored: StackResource = {
        ...rest,
        current: before,
        type: before.type,
        status: 'UPDATE_COMPLETE',
        updatedAt: tx.now,
      }
      delete restored.statusReason
      if (wasReplaced && resource.current) restored.leftover = resource.current
      tx.in(stackResources).put(restored)
      noteResource(tx, stack, restored)
      finishStep(tx, item)
    })
    return
  }
  const begun = await ctx.commit((tx) => {
    const attempt: Attempt = {
      deploymentId: deployment.id,
      kind: 'update',
      token: tx.random.uuid(),
      properties: before.properties,
      dependsOn: before.dependsOn,
    }
    const current = { ...before, properties: resource.tried ?? before.properties }
    const record: StackResource = {
      ...resource,
      current,
      attempt,
      status: 'UPDATE_IN_PROGRESS',
      statusReason: restoring,
      updatedAt: tx.now,
    }
    tx.in(stackResources).put(record)
    noteResource(tx, stack, record)
    return record
  })
  await attempt(running, begun)
}

const restoring = 'Rollback of an update.'

/** Does what the record's attempt says, and commits what came of it. */
async function attempt(running: RunningStep, resource: StackResource): Promise<void> {
  const { ctx } = running
  const made = await performAttempt(running, resource)
  if (made === 'waiting') return
  await ctx.commit((tx) => {
    forgetAnswer(tx, resource.attempt?.token ?? '')
    if (made.failure === undefined) succeed(tx, running, resource, made)
    else fail(tx, running, made.physicalId === undefined ? resource : withPhysical(resource, made), made.failure)
  })
}

function succeed(tx: Tx, { item, stack }: RunningStep, resource: StackResource, made: Made): void {
  const { attempt: _, statusReason: __, ...rest } = withPhysical(resource, made)
  const record: StackResource = {
    ...rest,
    status: resource.attempt?.kind === 'create' ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE',
    updatedAt: tx.now,
  }
  tx.in(stackResources).put(record)
  noteResource(tx, stack, record)
  finishStep(tx, item)
}

function withPhysical(resource: StackResource, made: Made): StackResource {
  const { attempt } = resource
  if (!attempt) return resource
  const current: Physical = {
    ...resource.current,
    type: resource.type,
    physicalId: made.physicalId ?? '',
    attributes: made.attributes ?? {},
    properties: attempt.properties,
    dependsOn: attempt.dependsOn,
  }
  for (const name of ['deletionPolicy', 'updateReplacePolicy'] as const) {
    const policy = attempt[name]
    if (policy === undefined) delete current[name]
    else current[name] = policy
  }
  return { ...resource, current }
}

function fail(tx: Tx, { item, stack, deployment }: RunningStep, resource: StackResource, reason: string): void {
  const isUpdate = deployment.kind === 'update' && resource.current !== undefined && resource.before !== 'absent'
  const record: StackResource = {
    ...resource,
    status: isUpdate ? 'UPDATE_FAILED' : 'CREATE_FAILED',
    statusReason: reason,
    updatedAt: tx.now,
  }
  tx.in(stackResources).put(record)
  noteResource(tx, stack, record)
  finishStep(tx, item, { failure: reason })
}
