/**
 * Which phase of a deployment follows which, what the stack is called then, and which steps a phase has. All of it is
 * decided inside the commit of the step that ended the phase before.
 */
import type { Tx } from '../../delivery/context.ts'
import { advance, type Deployment, deployments, type Phase, type Step } from './deployments.ts'
import { putExports } from './exports.ts'
import { wakeParent } from './nestedStacks.ts'
import { noteStack } from './stackEvents.ts'
import { type Physical, type StackResource, stackResources } from './stackResources.ts'
import { finalOutputs, templateOf } from './stackScopes.ts'
import { definitions, isMoving, type Stack, type StackStatus, stacks } from './stacks.ts'
import { TemplateError } from './templates.ts'

export function enterNextPhase(tx: Tx, stack: Stack, deployment: Deployment): void {
  if (deployment.phase === 'apply') afterApply(tx, stack, deployment)
  else if (deployment.phase === 'restore') afterRestore(tx, stack, deployment)
  else if (deployment.phase === 'cleanup') end(tx, stack, 'UPDATE_COMPLETE')
  else if (deployment.phase === 'restore-cleanup') end(tx, stack, 'UPDATE_ROLLBACK_COMPLETE')
  else if (deployment.phase === 'undo') afterUndo(tx, stack, deployment)
  else afterRemove(tx, stack, deployment)
}

function afterApply(tx: Tx, stack: Stack, deployment: Deployment): void {
  const outputs = deployment.failure === undefined ? exportedOutputs(tx, stack, deployment) : undefined
  if (outputs) {
    stack.outputs = outputs
    if (deployment.kind === 'create') end(tx, stack, 'CREATE_COMPLETE')
    else enter(tx, stack, deployment, 'cleanup', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')
    return
  }
  if (deployment.isDeletedNext) {
    const { isCancelled: _, isDeletedNext: __, ...rest } = deployment
    enter(tx, stack, { ...rest, kind: 'delete' }, 'remove', 'DELETE_IN_PROGRESS')
    return
  }
  const reason = failureReason(deployment)
  if (stack.onFailure === 'DO_NOTHING') {
    end(tx, stack, deployment.kind === 'create' ? 'CREATE_FAILED' : 'UPDATE_FAILED', reason)
  } else if (deployment.kind === 'update') {
    enter(tx, stack, deployment, 'restore', 'UPDATE_ROLLBACK_IN_PROGRESS', reason)
  } else if (stack.onFailure === 'DELETE') {
    enter(tx, stack, { ...deployment, kind: 'delete' }, 'remove', 'DELETE_IN_PROGRESS', reason)
  } else {
    enter(tx, stack, deployment, 'undo', 'ROLLBACK_IN_PROGRESS', `${reason} Rollback requested by user.`)
  }
}

/** Outputs are known once everything is made; what stands against them fails the deployment. */
function exportedOutputs(tx: Tx, stack: Stack, deployment: Deployment): Stack['outputs'] | undefined {
  try {
    return tx.savepoint(() => {
      const { outputs, imported } = finalOutputs(tx, stack)
      putExports(tx, stack, outputs, imported)
      return outputs
    })
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    deployment.failure = error.message
    return undefined
  }
}

function failureReason(deployment: Deployment): string {
  const failed = Object.values(deployment.steps).filter((step) => step.state === 'failed')
  if (deployment.isCancelled) return 'User Initiated'
  if (failed.length === 0) return deployment.failure ?? ''
  const verb = deployment.kind === 'update' ? 'update' : 'create'
  const names = failed.map((step) => step.logicalId).join(', ')
  return `The following resource(s) failed to ${verb}: [${names}].`
}

function afterRestore(tx: Tx, stack: Stack, deployment: Deployment): void {
  if (deployment.failure !== undefined) {
    const names = Object.values(deployment.steps).filter((step) => step.state === 'failed')
    const reason = `The following resource(s) failed to update: [${names.map((step) => step.logicalId).join(', ')}].`
    end(tx, stack, 'UPDATE_ROLLBACK_FAILED', reason)
    return
  }
  const before = tx.in(definitions).get(stack.uuid, 'before')
  if (before) {
    tx.in(definitions).put({ ...before, which: 'current' })
    stack.parameters = before.parameters
    stack.tags = before.tags
  }
  enter(tx, stack, deployment, 'restore-cleanup', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS')
}

function afterUndo(tx: Tx, stack: Stack, deployment: Deployment): void {
  if (deployment.failure === undefined) end(tx, stack, 'ROLLBACK_COMPLETE')
  else end(tx, stack, 'ROLLBACK_FAILED', deletionReason(deployment))
}

function afterRemove(tx: Tx, stack: Stack, deployment: Deployment): void {
  if (deployment.failure !== undefined) {
    end(tx, stack, 'DELETE_FAILED', deletionReason(deployment))
    return
  }
  try {
    tx.savepoint(() => putExports(tx, stack, [], new Set()))
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    end(tx, stack, 'DELETE_FAILED', error.message)
    return
  }
  stack.deletedAt = tx.now
  end(tx, stack, 'DELETE_COMPLETE')
}

function deletionReason(deployment: Deployment): string {
  const failed = Object.values(deployment.steps).filter((step) => step.state === 'failed')
  return `The following resource(s) failed to delete: [${failed.map((step) => step.logicalId).join(', ')}]. `
}

/** Begins a phase: names it, makes its steps, and starts those that may run. */
export function enter(
  tx: Tx,
  stack: Stack,
  deployment: Deployment,
  phase: Phase,
  status: StackStatus,
  reason?: string,
): void {
  setStatus(tx, stack, status, reason)
  const { failure: _, isCancelled: __, ...rest } = deployment
  const resources = [...tx.in(stackResources).list({ prefix: [stack.uuid] })]
  advance(tx, stack, { ...rest, phase, steps: stepsOf(tx, stack, phase, resources, deployment.spared) })
}

function setStatus(tx: Tx, stack: Stack, status: StackStatus, reason: string | undefined): void {
  stack.status = status
  if (reason === undefined) delete stack.statusReason
  else stack.statusReason = reason
  tx.in(stacks).put(stack)
  noteStack(tx, stack)
}

function end(tx: Tx, stack: Stack, status: StackStatus, reason?: string): void {
  setStatus(tx, stack, status, reason)
  tx.in(deployments).delete(stack.uuid)
  const isSettled = !status.endsWith('_FAILED') || status === 'UPDATE_FAILED'
  if (isSettled) forgetBefore(tx, stack)
  if (stack.parent && !isMoving(stack)) wakeParent(tx, stack.parent)
}

/** What was there before an update is no longer of use, once there is nothing to roll back to. */
function forgetBefore(tx: Tx, stack: Stack): void {
  tx.in(definitions).delete(stack.uuid, 'before')
  for (const resource of [...tx.in(stackResources).list({ prefix: [stack.uuid] })]) {
    const { before, leftover, attempt, tried, ...rest } = resource
    const wasNeverMade = before === 'absent' && !rest.current && stack.status !== 'UPDATE_FAILED'
    if (wasNeverMade) tx.in(stackResources).delete(stack.uuid, rest.logicalId)
    else if (before || leftover || attempt || tried) tx.in(stackResources).put(rest)
  }
}

function stepsOf(
  tx: Tx,
  stack: Stack,
  phase: Phase,
  resources: StackResource[],
  spared: string[],
): Record<string, Step> {
  if (phase === 'apply') return applySteps(tx, stack)
  if (phase === 'restore') return restoreSteps(resources, spared)
  if (phase === 'undo' || phase === 'remove') {
    return removalSteps(
      resources.flatMap((resource) =>
        resource.current ? [{ resource, action: 'remove-current' as const, target: resource.current }] : [],
      ),
    )
  }
  if (phase === 'restore-cleanup') return removalSteps(resources.flatMap(afterRollback))
  const wanted = templateOf(tx, stack).live
  return removalSteps(resources.flatMap((resource) => afterUpdate(resource, Object.hasOwn(wanted, resource.logicalId))))
}

function applySteps(tx: Tx, stack: Stack): Record<string, Step> {
  const { live, dependencies } = templateOf(tx, stack)
  return Object.fromEntries(
    Object.keys(live).map((logicalId) => {
      const needs = [...(dependencies.get(logicalId) ?? [])].filter((name) => Object.hasOwn(live, name))
      return [logicalId, { logicalId, action: 'apply', needs, state: 'waiting' } satisfies Step]
    }),
  )
}

function restoreSteps(resources: StackResource[], spared: string[]): Record<string, Step> {
  const touched = resources.filter(
    ({ before, logicalId }) => before && before !== 'absent' && !spared.includes(logicalId),
  )
  const names = new Set(touched.map((resource) => resource.logicalId))
  return Object.fromEntries(
    touched.map(({ logicalId, before }) => {
      const needs = (before as Physical).dependsOn.filter((name) => names.has(name))
      return [logicalId, { logicalId, action: 'restore', needs, state: 'waiting' } satisfies Step]
    }),
  )
}

interface Removal {
  resource: StackResource
  action: 'remove-current' | 'remove-before' | 'remove-leftover'
  target: Physical
}

/** What an update leaves over: what it replaced, and what the template no longer has. */
function afterUpdate(resource: StackResource, isWanted: boolean): Removal[] {
  const { before, current } = resource
  const removals: Removal[] = []
  if (before && before !== 'absent' && current && isOther(before, current)) {
    removals.push({ resource, action: 'remove-before', target: before })
  }
  if (!isWanted && current) removals.push({ resource, action: 'remove-current', target: current })
  return removals
}

/** What a rolled back update leaves over: what it added, and the replacements it had made. */
function afterRollback(resource: StackResource): Removal[] {
  const { before, current, leftover } = resource
  if (before === 'absent') return current ? [{ resource, action: 'remove-current', target: current }] : []
  return leftover ? [{ resource, action: 'remove-leftover', target: leftover }] : []
}

export function isOther(left: Physical, right: Physical): boolean {
  return left.physicalId !== right.physicalId || left.type !== right.type
}

/** Each waits for the removal of whatever depends on it. */
function removalSteps(removals: Removal[]): Record<string, Step> {
  const keyOf = ({ resource, action }: Removal) =>
    action === 'remove-current' ? resource.logicalId : `${resource.logicalId}~${action}`
  return Object.fromEntries(
    removals.map((removal) => {
      const { logicalId } = removal.resource
      const dependents = removals.filter(
        (other) => other.resource.logicalId !== logicalId && other.target.dependsOn.includes(logicalId),
      )
      const step: Step = { logicalId, action: removal.action, needs: dependents.map(keyOf), state: 'waiting' }
      return [keyOf(removal), step]
    }),
  )
}
