/** How triggers fire: on demand, by the clock, by events, and when the jobs and crawlers that they watch are over. */
import type { Action, Condition } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import { AwsError } from '../../wire/errors.ts'
import { type Crawl, crawls } from './crawlerRecords.ts'
import { startCrawl } from './crawls.ts'
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
  const run = newWorkflowRun(tx, name, {
    properties: {
      ...tx.in(workflows).get(name)?.defaultProperties,
      ...properties,
      ...(eventIds && { 'aws:eventIds': `[${eventIds.join(', ')}]` }),
    },
    jobRuns: [],
    firedTriggers: [],
    errored: 0,
    ...(eventIds && { startingEvent: eventIds }),
  })
  return settle(tx, fireWithin(tx, run, trigger))
}

type Beginning = Pick<WorkflowRun, 'properties' | 'jobRuns' | 'crawls' | 'firedTriggers' | 'errored' | 'startingEvent'>

/** Errors: EntityNotFoundException, ConcurrentRunsExceededException. */
export function newWorkflowRun(tx: Tx, name: string, beginning: Beginning): WorkflowRun {
  const workflow = tx.in(workflows).get(name)
  if (!workflow) throw new AwsError('EntityNotFoundException', `Workflow ${name} not found.`, 400)
  const active = [...tx.in(workflowRuns).list({ prefix: [name] })].filter((run) => run.status === 'RUNNING').length
  if (workflow.runsMax !== undefined && active >= workflow.runsMax)
    throw new AwsError('ConcurrentRunsExceededException', `Concurrent runs exceeded for workflow ${name}`, 400)
  const run: WorkflowRun = {
    workflow: name,
    id: `wr_${tx.random.hex(64)}`,
    ...(workflow.lastRunId && { previousId: workflow.lastRunId }),
    status: 'RUNNING',
    startedAt: tx.now,
    ...beginning,
  }
  tx.in(workflows).put({ ...workflow, lastRunId: run.id })
  tx.in(workflowRunPlaces).put({ id: run.id, workflow: name, startedAt: run.startedAt })
  return run
}

/** What a trigger may watch, over: the last attempt of a job's run, or a crawl. */
interface Ended {
  kind: 'job' | 'crawler'
  name: string
  state: string
  triggerName?: string
  workflow?: { name: string; runId: string }
}

/** After a job run's last attempt: its workflow goes on, or the triggers outside of workflows that watch it. */
export function fireAfter(tx: Tx, finished: JobRun): void {
  fireAfterEnd(tx, { kind: 'job', name: finished.jobName, ...finished })
}

/** The same after a crawl. */
export function fireAfterCrawl(tx: Tx, finished: Crawl): void {
  fireAfterEnd(tx, { ...endedCrawl(finished), ...causeOf(finished) })
}

const causeOf = ({ triggerName, workflow }: Crawl) => ({
  ...(triggerName && { triggerName }),
  ...(workflow && { workflow }),
})

/** By the names that conditions have for them. */
const crawlStates = { RUNNING: 'RUNNING', COMPLETED: 'SUCCEEDED', FAILED: 'FAILED', STOPPED: 'CANCELLED' } as const

export function crawlState({ state }: Pick<Crawl, 'state'>) {
  return crawlStates[state]
}

function endedCrawl(crawl: Crawl): Ended {
  return { kind: 'crawler', name: crawl.crawler, state: crawlState(crawl) }
}

function fireAfterEnd(tx: Tx, finished: Ended): void {
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
    const ended = endedOf(tx, now)
    const isMet = (condition: Condition) => ended.some((one) => meets(one, condition))
    const fires = Predicate?.Logical === 'ANY' ? conditions.some(isMet) : conditions.every(isMet)
    if (fires) now = fireWithin(tx, now, trigger)
  }
  return now
}

/** What ran in a workflow's run and is over. */
function endedOf(tx: Tx, run: WorkflowRun): Ended[] {
  const jobs = run.jobRuns.flatMap(({ jobName, id }): Ended[] => {
    const found = latestAttempt(tx, jobName, id)
    return found && finalStates.includes(found.state) ? [{ kind: 'job', name: jobName, state: found.state }] : []
  })
  const crawled = (run.crawls ?? []).flatMap(({ crawlerName, number }): Ended[] => {
    const found = tx.in(crawls).get(crawlerName, number)
    return found && found.state !== 'RUNNING' ? [endedCrawl(found)] : []
  })
  return [...jobs, ...crawled]
}

function watch(tx: Tx, trigger: Trigger, finished: Ended): void {
  const conditions = trigger.settings.Predicate?.Conditions ?? []
  const nowMet = conditions.flatMap((condition, index) => (meets(finished, condition) ? [index] : []))
  if (nowMet.length === 0) return
  const met = [...new Set([...(trigger.met ?? []), ...nowMet])]
  const fires = trigger.settings.Predicate?.Logical === 'ANY' || met.length === conditions.length
  tx.in(triggers).put({ ...trigger, met: fires ? [] : met })
  if (fires) for (const action of trigger.settings.Actions ?? []) startAction(tx, trigger, action)
}

function meets(ended: Ended, { JobName, State, CrawlerName, CrawlState }: Condition): boolean {
  if (ended.kind === 'job') return ended.name === JobName && ended.state === (State ?? 'SUCCEEDED')
  return ended.name === CrawlerName && ended.state === (CrawlState ?? 'SUCCEEDED')
}

/** The last attempt of a run. */
export function latestAttempt(ctx: Pick<Context | Tx, 'in'>, jobName: string, id: string): JobRun | undefined {
  let found = ctx.in(jobRuns).get(jobName, id)
  for (let next = found; next; next = ctx.in(jobRuns).get(jobName, `${id}_attempt_${next.attempt + 1}`)) found = next
  return found
}

export function fireWithin(tx: Tx, run: WorkflowRun, trigger: Trigger): WorkflowRun {
  const firedTriggers = [...run.firedTriggers, trigger.name]
  return (trigger.settings.Actions ?? []).reduce((now, action) => actWithin(tx, now, trigger, action), {
    ...run,
    firedTriggers,
  })
}

/** One action of a trigger, in a workflow's run. */
export function actWithin(tx: Tx, run: WorkflowRun, trigger: Trigger, action: Action): WorkflowRun {
  const started = startAction(tx, trigger, action, run)
  if (!started) return { ...run, errored: run.errored + 1 }
  if ('crawler' in started) {
    const { crawler: crawlerName, number } = started
    return { ...run, crawls: [...(run.crawls ?? []), { crawlerName, number, trigger: trigger.name }] }
  }
  const { jobName, id } = started
  return { ...run, jobRuns: [...run.jobRuns, { jobName, id, trigger: trigger.name }] }
}

/** Undefined when the job or crawler cannot be started: it is gone, has no place, or runs. */
function startAction(tx: Tx, trigger: Trigger, action: Action, run?: WorkflowRun): JobRun | Crawl | undefined {
  const cause = { triggerName: trigger.name, ...(run && { workflow: { name: run.workflow, runId: run.id } }) }
  try {
    return tx.savepoint(() =>
      action.CrawlerName
        ? startCrawl(tx, { name: action.CrawlerName, ...cause })
        : startRun(tx, {
            jobName: action.JobName ?? '',
            arguments: action.Arguments ?? {},
            settings: {
              ...(action.Timeout && { Timeout: action.Timeout }),
              ...(action.NotificationProperty && { NotificationProperty: action.NotificationProperty }),
              ...(action.SecurityConfiguration && { SecurityConfiguration: action.SecurityConfiguration }),
            },
            ...cause,
          }),
    )
  } catch (error) {
    if (error instanceof AwsError) return undefined
    throw error
  }
}

/** A run is complete when nothing of it runs, whatever came of its jobs and crawls. */
export function settle(tx: Tx, run: WorkflowRun): WorkflowRun {
  const jobsOver = run.jobRuns.every(({ jobName, id }) => {
    const state = latestAttempt(tx, jobName, id)?.state
    return state === undefined || finalStates.includes(state)
  })
  const crawlsOver = (run.crawls ?? []).every(({ crawlerName, number }) => {
    return tx.in(crawls).get(crawlerName, number)?.state !== 'RUNNING'
  })
  const ended = run.status === 'STOPPING' ? ('STOPPED' as const) : ('COMPLETED' as const)
  const isOpen = run.status === 'RUNNING' || run.status === 'STOPPING'
  const now = jobsOver && crawlsOver && isOpen ? { ...run, status: ended, completedAt: tx.now } : run
  tx.in(workflowRuns).put(now)
  return now
}
