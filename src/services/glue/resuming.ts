/** Resuming a workflow: a new run that takes over what is done, and runs the chosen nodes and all that hangs on them. */
import type { Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { actWithin, fireWithin, newWorkflowRun, settle } from './firing.ts'
import type { Trigger } from './triggers.ts'
import { edgesOf, triggersOf } from './workflowGraph.ts'
import type { WorkflowRun } from './workflowRecords.ts'

const { IllegalWorkflowStateException, InvalidInputException } = awsErrors('glue')

/** Errors: IllegalWorkflowStateException while it runs, InvalidInputException for a node that is none of its own. */
export function resumeWorkflow(tx: Tx, former: WorkflowRun, nodeIds: readonly string[]): WorkflowRun {
  if (former.status === 'RUNNING' || former.status === 'STOPPING')
    throw IllegalWorkflowStateException(`Workflow run ${former.id} is still running.`)
  const all = triggersOf(tx, former.workflow)
  const edges = edgesOf(all)
  const known = new Set([
    ...all.map(({ name }) => `trigger/${name}`),
    ...edges.flatMap(({ SourceId = '', DestinationId = '' }) => [SourceId, DestinationId]),
  ])
  const stranger = nodeIds.find((id) => !known.has(id))
  if (stranger !== undefined || nodeIds.length === 0)
    throw InvalidInputException(`Node ${stranger ?? ''} is not part of workflow ${former.workflow}.`)
  const again = downstream(nodeIds, edges)
  const isKept = (id: string) => !again.has(id)
  const run = newWorkflowRun(tx, former.workflow, {
    properties: former.properties,
    jobRuns: former.jobRuns.filter(({ jobName }) => isKept(`job/${jobName}`)),
    crawls: (former.crawls ?? []).filter(({ crawlerName }) => isKept(`crawler/${crawlerName}`)),
    firedTriggers: former.firedTriggers.filter((name) => isKept(`trigger/${name}`)),
    errored: 0,
  })
  const begun = nodeIds.reduce<WorkflowRun>((now, id) => restarted(tx, now, { id, all, former }), {
    ...run,
    previousId: former.id,
  })
  return settle(tx, begun)
}

function downstream(ids: readonly string[], edges: ReturnType<typeof edgesOf>): Set<string> {
  const found = new Set(ids)
  for (let before = -1; before !== found.size; ) {
    before = found.size
    for (const { SourceId = '', DestinationId = '' } of edges) if (found.has(SourceId)) found.add(DestinationId)
  }
  return found
}

/** A node runs by the trigger that started it, or would have. */
function restarted(
  tx: Tx,
  run: WorkflowRun,
  { id, all, former }: { id: string; all: readonly Trigger[]; former: WorkflowRun },
): WorkflowRun {
  const [kind, ...rest] = id.split('/')
  const name = rest.join('/')
  const itself = kind === 'trigger' && all.find((trigger) => trigger.name === name)
  if (itself) return fireWithin(tx, run, itself)
  const ran = [...former.jobRuns.map((one) => ({ ...one, id: `job/${one.jobName}` })), ...crawlsOf(former)]
  const by = ran.find((one) => one.id === id)?.trigger
  const starts = (trigger: Trigger) =>
    (trigger.settings.Actions ?? []).find((action) => (kind === 'job' ? action.JobName : action.CrawlerName) === name)
  const trigger = all.find((one) => one.name === by && starts(one)) ?? all.find(starts)
  const action = trigger && starts(trigger)
  return trigger && action ? actWithin(tx, run, trigger, action) : run
}

function crawlsOf({ crawls = [] }: WorkflowRun) {
  return crawls.map((one) => ({ id: `crawler/${one.crawlerName}`, trigger: one.trigger }))
}
