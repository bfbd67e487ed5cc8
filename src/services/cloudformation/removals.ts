/** Deletes what a stack no longer wants, unless a policy keeps it. */
import type { Context, Tx } from '../../delivery/context.ts'
import { performRemoval } from './attempts.ts'
import { forgetAnswer } from './customResources.ts'
import { finishStep } from './deployments.ts'
import { noteResource } from './stackEvents.ts'
import { type Physical, type StackResource, stackResources } from './stackResources.ts'
import type { RunningStep } from './steps.ts'

export async function removalOutcome(running: RunningStep): Promise<void> {
  const { ctx, item, deployment, resource } = running
  const target = resource && targetOf(running, resource)
  if (!resource || !target) return await ctx.commit((tx) => finishStep(tx, item))
  const keptBecause = reasonToKeep(running, resource, target)
  if (keptBecause !== undefined) {
    return await ctx.commit((tx) => settle(tx, running, resource, { status: 'DELETE_SKIPPED', reason: keptBecause }))
  }
  const begun =
    resource.attempt?.deploymentId === deployment.id && resource.attempt.kind === 'delete'
      ? resource
      : await begin(ctx, running, resource, target)
  const made = await performRemoval(running, begun, target)
  if (made === 'waiting') return
  await ctx.commit((tx) => {
    const { attempt, ...rest } = begun
    forgetAnswer(tx, attempt?.token ?? '')
    settle(
      tx,
      running,
      rest,
      made.failure === undefined ? { status: 'DELETE_COMPLETE' } : { status: 'DELETE_FAILED', reason: made.failure },
    )
  })
}

function targetOf({ step }: RunningStep, { before, current, leftover }: StackResource): Physical | undefined {
  if (step.action === 'remove-before') return before === 'absent' ? undefined : before
  return step.action === 'remove-leftover' ? leftover : current
}

function reasonToKeep(
  { deployment, step }: RunningStep,
  resource: StackResource,
  target: Physical,
): string | undefined {
  if (deployment.spared.includes(resource.logicalId)) return 'Retained as asked by the caller.'
  if (step.action === 'remove-leftover') return undefined
  const policy = step.action === 'remove-before' ? resource.current?.updateReplacePolicy : target.deletionPolicy
  if (policy === 'Retain') return ''
  if (policy === 'Snapshot') return 'Snapshots are not implemented, so the resource is retained.'
  const isUndone = deployment.phase === 'undo' || deployment.phase === 'restore-cleanup'
  return policy === 'RetainExceptOnCreate' && !isUndone ? '' : undefined
}

async function begin(ctx: Context, running: RunningStep, resource: StackResource, target: Physical) {
  const { stack, deployment } = running
  return await ctx.commit((tx) => {
    const { statusReason: _, ...rest } = resource
    const record: StackResource = {
      ...rest,
      status: 'DELETE_IN_PROGRESS',
      updatedAt: tx.now,
      attempt: {
        deploymentId: deployment.id,
        kind: 'delete',
        token: tx.random.uuid(),
        properties: target.properties,
        dependsOn: [],
      },
    }
    tx.in(stackResources).put(record)
    noteResource(tx, stack, { ...record, type: target.type }, target.physicalId)
    return record
  })
}

interface Settled {
  status: 'DELETE_COMPLETE' | 'DELETE_FAILED' | 'DELETE_SKIPPED'
  reason?: string
}

function settle(tx: Tx, running: RunningStep, resource: StackResource, { status, reason }: Settled): void {
  const { stack, deployment, item } = running
  const target = targetOf(running, resource) as Physical
  const { statusReason: _, ...rest } = resource
  const record: StackResource = { ...rest, status, updatedAt: tx.now, ...(reason && { statusReason: reason }) }
  noteResource(tx, stack, { ...record, type: target.type }, target.physicalId)
  const isWholeStack = deployment.phase === 'remove' || deployment.phase === 'undo'
  if (isWholeStack) putRemoved(tx, record, target, status)
  else dropRemoved(tx, running, record)
  finishStep(tx, item, status === 'DELETE_FAILED' ? { failure: reason ?? '' } : {})
}

/** A deleted stack still shows what it had. */
function putRemoved(tx: Tx, record: StackResource, target: Physical, status: Settled['status']): void {
  if (status === 'DELETE_FAILED') {
    tx.in(stackResources).put(record)
    return
  }
  const { current: _, ...rest } = record
  tx.in(stackResources).put({ ...rest, lastPhysicalId: target.physicalId })
}

/** After an update, what was removed is gone from the stack, even where its deletion failed: AWS does not retry it. */
function dropRemoved(tx: Tx, { step, stack }: RunningStep, record: StackResource): void {
  if (step.action === 'remove-current') {
    tx.in(stackResources).delete(stack.uuid, record.logicalId)
    return
  }
  const { statusReason: _, ...rest } = record
  const kept: StackResource = { ...rest, status: 'UPDATE_COMPLETE' }
  if (step.action === 'remove-leftover') delete kept.leftover
  else if (kept.current) kept.before = kept.current
  tx.in(stackResources).put(kept)
}
