/**
 * A deployment: one creation, update or deletion of a stack, as a state machine on disk. It is a set of steps, one a
 * resource, that wait for each other; a step that may run is a due row (steps.ts). Every step's outcome and what
 * follows from it is one commit, so a deployment goes on after a kill at any line.
 *
 * Phases: `apply` makes and changes; `restore` undoes changes; `remove` deletes. After which phase comes which, and what
 * the stack is called then, is in phases.ts.
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { collection } from '../../store/collection.ts'
import { enterNextPhase } from './phases.ts'
import { type Stack, stacks } from './stacks.ts'

export interface Deployment {
  stackName: string
  stackUuid: string
  id: string
  kind: 'create' | 'update' | 'delete'
  phase: Phase
  startedAt: Millis
  steps: Record<string, Step>
  /** The first thing that went wrong in this phase. */
  failure?: string
  /** Resources that the caller of DeleteStack wants kept, or that a continued rollback skips. */
  spared: string[]
  isCancelled?: boolean
  /** The stack is deleted as soon as what runs has ended. */
  isDeletedNext?: boolean
}

/**
 * `apply`: forward. `restore`: rolling an update back. `cleanup` and `restore-cleanup`: deleting what an update, or its
 * rollback, left over. `undo`: deleting what a failed creation made. `remove`: deleting the stack.
 */
export type Phase = 'apply' | 'restore' | 'cleanup' | 'restore-cleanup' | 'undo' | 'remove'

export interface Step {
  logicalId: string
  action: 'apply' | 'restore' | 'remove-current' | 'remove-before' | 'remove-leftover'
  /** Keys of steps that must be done before. */
  needs: string[]
  state: 'waiting' | 'running' | 'done' | 'failed'
}

export const deployments = collection<Deployment>('cloudformation/deployments', {
  version: 1,
  key: (deployment) => [deployment.stackUuid],
})

export interface StepItem extends Due {
  stackName: string
  stackUuid: string
  deploymentId: string
  key: string
}

export const stepQueue = dueQueue<StepItem>('cloudformation/steps')

export function stepItemId(stackUuid: string, key: string): string {
  return `${stackUuid}/${key}`
}

/** Starts the steps that need nothing more; when nothing runs any longer, the phase is over. */
export function advance(tx: Tx, stack: Stack, deployment: Deployment): void {
  const steps = Object.entries(deployment.steps)
  const isStopped = deployment.phase === 'apply' && deployment.failure !== undefined
  const ready = isStopped
    ? []
    : steps.filter(
        ([, step]) => step.state === 'waiting' && step.needs.every((key) => deployment.steps[key]?.state === 'done'),
      )
  for (const [key, step] of ready) {
    step.state = 'running'
    tx.due(stepQueue).put({
      id: stepItemId(stack.uuid, key),
      dueAt: tx.now,
      trace: tx.trace,
      stackName: stack.name,
      stackUuid: stack.uuid,
      deploymentId: deployment.id,
      key,
    })
  }
  tx.in(deployments).put(deployment)
  if (steps.every(([, step]) => step.state !== 'running')) enterNextPhase(tx, stack, deployment)
}

/** The outcome of a step, and what follows from it. */
export function finishStep(tx: Tx, item: StepItem, outcome: { failure?: string } = {}): void {
  tx.due(stepQueue).delete(item.id)
  const deployment = tx.in(deployments).get(item.stackUuid)
  const stack = tx.in(stacks).get(item.stackName, item.stackUuid)
  const step = deployment?.id === item.deploymentId ? deployment.steps[item.key] : undefined
  if (!deployment || !stack || !step) return
  step.state = outcome.failure === undefined ? 'done' : 'failed'
  if (outcome.failure !== undefined) deployment.failure ??= outcome.failure
  advance(tx, stack, deployment)
}

/** Starts no further step, and ends those that wait for an answer. */
export function cancel(tx: Tx, stack: Stack, deployment: Deployment, reason: string): void {
  deployment.failure ??= reason
  deployment.isCancelled = true
  for (const [key, step] of Object.entries(deployment.steps)) {
    const row = step.state === 'running' ? tx.due(stepQueue).get(stepItemId(stack.uuid, key)) : undefined
    if (row) tx.due(stepQueue).put({ ...row, dueAt: tx.now - 1 })
  }
  advance(tx, stack, deployment)
}
