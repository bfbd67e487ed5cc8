/** Workflows and their runs, as they are kept. */
import type { WorkflowRunStatus } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { collection } from '../../store/collection.ts'

export interface Workflow {
  name: string
  description?: string
  defaultProperties: Record<string, string>
  runsMax?: number
  createdAt: Millis
  updatedAt: Millis
  lastRunId?: string
}

export interface WorkflowRun {
  workflow: string
  id: string
  previousId?: string
  properties: Record<string, string>
  status: WorkflowRunStatus
  startedAt: Millis
  completedAt?: Millis
  /** Job runs that its triggers started, by trigger. */
  jobRuns: { jobName: string; id: string; trigger: string }[]
  /** Crawls likewise. */
  crawls?: { crawlerName: string; number: number; trigger: string }[]
  firedTriggers: string[]
  /** Jobs and crawlers that could not be started. */
  errored: number
  startingEvent?: string[]
}

export const workflows = collection<Workflow>('glue/workflows', { version: 1, key: (workflow) => [workflow.name] })

export const workflowRuns = collection<WorkflowRun>('glue/workflow-runs', {
  version: 1,
  key: (run) => [run.workflow, run.startedAt, run.id],
})

/** Where a run lies, by its id. */
export const workflowRunPlaces = collection<{ id: string; workflow: string; startedAt: Millis }>(
  'glue/workflow-run-places',
  {
    version: 1,
    key: ({ workflow, id }) => [workflow, id],
  },
)

/** Events that wait for their batch to be full or its window to end. */
export interface EventBatch extends Due {
  eventIds: string[]
}

export const eventBatches = dueQueue<EventBatch>('glue/event-batches')
