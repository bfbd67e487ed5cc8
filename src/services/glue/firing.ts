/** How triggers fire: on demand, by the clock, by events, and when the jobs that they watch are over. */
import type { Action, Condition } from '@aws-sdk/client-glue'
import type { Tx } from '../../delivery/context.ts'
import { AwsError } from '../../wire/errors.ts'
import { finalStates, type JobRun, jobRuns } from './jobRunRecords.ts'
import { startRun } from './startingRuns.ts'
import { type Trigger, triggers } from './triggers.ts'
import { type WorkflowRun, workflowRunPlaces, workflowRuns, workflows } from './workflowRecords.ts'

/** A trigger by itself; one that begins a workflow begins a run of it. */
export function fireAlone(tx: Tx, trigger: Trigger): void {
  const workflow = trigger.settings.WorkflowName
  if (workflow) startWorkflow(tx, workflow, { trigger })
  else for (const action of trigger.settings.Actions ?? []) startAction(tx, trigger, action)
}

/** Begins a run of a workflow by its first trigger. */
export function startWorkflow(
  tx: Tx,
  name: string,
  {
    trigger,
    properties = {},
    eventIds,
  }: { trigger: Trigger; properties?: Record<string, string>; eventIds?: string[] },
): WorkflowRun {
  const workflow = tx.in(workflows).get(name)
  if (!workflow) throw new AwsError('EntityNotFoundException', `Workflow ${name} not found.`, 400)
  const active = [...tx.in(workflowRuns).list({ prefix: [name] })].filter((run) => run.status === 'RUNNING').length
  if (workflow.runsMax !== undefined && active >= workflow.runsMax)
    throw new AwsError('ConcurrentRunsExceededException', `Concurrent runs exceeded for workflow ${name}`, 400)
  const run: WorkflowRun = {
    workflow: name,
    id: `wr_${tx.random.hex(64)}`,
    ...(workflow.lastRunId && { previousId: workflow.lastRunId }),
    properties: {
      ...workflow.defaultProperties,
      ...properties,
      ...(eventIds && { 'aws:eventIds': `[${eventIds.join(', ')}]` }),
    },
    status: 'RUNNING',
    startedAt: tx.now,
    jobRuns: [],
    firedTriggers: [],
    errored: 0,
    ...(eventIds && { startingEvent: eventIds }),
  }
  tx.in(workflows).put({ ...workflow, lastRunId: run.id })
  tx.in(workflowRunPlaces).put({ id: run.id, workflow: name, startedAt: run.startedAt })
  return settle(tx, fireWithin(tx, run, trigger))
}

/** After a job run's last attempt: its workflow goes on, or the triggers outside of workflows that watch it. */
export function fireAfter(tx: Tx, finished: JobRun): void {
  if (finished.workflow) {
    const place = tx.in(workflowRunPlaces).get(finished.workflow.name, finished.workflow.runId)
    const run = place && tx.in(workflowRuns).get(place.workflow, place.startedAt, place.id)
    if (run) settle(tx, run.status === 'RUNNING' ? continued(tx, run) : run)
    return
  }
  // A run that somebody started by hand fires nothing.
  if (!finished.triggerName) return
  for (const trigger of [...tx.in(triggers).list()]) {
    if (trigger.settings.Type === 'CONDITIONAL' && trigger.state === 'ACTIVATED' && !trigger.settings.WorkflowName)
      watch(tx, trigger, finished)
  }
}

/** Fires every conditional trigger of the workflow that has become true, each once a run. */
function continued(tx: Tx, run: WorkflowRun): WorkflowRun {
  let now = run
  for (const trigger of [...tx.in(triggers).list()]) {
    const { Type, WorkflowName, Predicate } = trigger.settings
    if (Type !== 'CONDITIONAL' || WorkflowName !== run.workflow || trigger.state !== 'ACTIVATED') continue
    if (now.firedTriggers.includes(trigger.name)) continue
    const conditions = Predicate?.Conditions ?? []
    const isMet = (condition: Condition) =>
      now.jobRuns.some(({ jobName, id }) => meets(latest(tx, jobName, id), condition))
    const fires = Predicate?.Logical === 'ANY' ? conditions.some(isMet) : conditions.every(isMet)
    if (fires) now = fireWithin(tx, now, trigger)
  }
  return now
}

function watch(tx: Tx, trigger: Trigger, finished: JobRun): void {
  const conditions = trigger.settings.Predicate?.Conditions ?? []
  const nowMet = conditions.flatMap((condition, index) => (meets(finished, condition) ? [index] : []))
  if (nowMet.length === 0) return
  const met = [...new Set([...(trigger.met ?? []), ...nowMet])]
  const fires = trigger.settings.Predicate?.Logical === 'ANY' || met.length === conditions.length
  tx.in(triggers).put({ ...trigger, met: fires ? [] : met })
  if (fires) for (const action of trigger.settings.Actions ?? []) startAction(tx, trigger, action)
}

function meets(run: JobRun | undefined, { JobName, State }: Condition): boolean {
  return (
    run !== undefined &&
    run.jobName === JobName &&
    run.state === (State ?? 'SUCCEEDED') &&
    finalStates.includes(run.state)
  )
}

/** The last attempt of a run. */
function latest(tx: Tx, jobName: string, id: string): JobRun | undefined {
  let found = tx.in(jobRuns).get(jobName, id)
  for (let next = found; next; next = tx.in(jobRuns).get(jobName, `${id}_attempt_${next.attempt + 1}`)) found = next
  return found
}

function fireWithin(tx: Tx, run: WorkflowRun, trigger: Trigger): WorkflowRun {
  const now = { ...run, firedTriggers: [...run.firedTriggers, trigger.name], jobRuns: [...run.jobRuns] }
  for (const action of trigger.settings.Actions ?? []) {
    const started = startAction(tx, trigger, action, run)
    if (started) now.jobRuns.push({ jobName: started.jobName, id: started.id, trigger: trigger.name })
    else now.errored += 1
  }
  return now
}

/** Undefined when the job cannot be started: it is gone, or has no place. */
function startAction(tx: Tx, trigger: Trigger, action: Action, run?: WorkflowRun): JobRun | undefined {
  try {
    return tx.savepoint(() =>
      startRun(tx, {
        jobName: action.JobName ?? '',
        arguments: action.Arguments ?? {},
        settings: { ...(action.Timeout && { Timeout: action.Timeout }) },
        triggerName: trigger.name,
        ...(run && { workflow: { name: run.workflow, runId: run.id } }),
      }),
    )
  } catch (error) {
    if (error instanceof AwsError) return undefined
    throw error
  }
}

/** A run is complete when nothing of it runs, whatever came of its jobs. */
function settle(tx: Tx, run: WorkflowRun): WorkflowRun {
  const isOver = run.jobRuns.every(({ jobName, id }) => {
    const state = latest(tx, jobName, id)?.state
    return state === undefined || finalStates.includes(state)
  })
  const ended = run.status === 'STOPPING' ? ('STOPPED' as const) : ('COMPLETED' as const)
  const isOpen = run.status === 'RUNNING' || run.status === 'STOPPING'
  const now = isOver && isOpen ? { ...run, status: ended, completedAt: tx.now } : run
  tx.in(workflowRuns).put(now)
  return now
}
