/** A workflow as a graph: triggers, jobs and crawlers, with what ran of them; and what such a run adds up to. */
import type { Edge, Node, WorkflowGraph, WorkflowRunStatistics } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import { crawls } from './crawlerRecords.ts'
import { crawlLogGroup } from './crawls.ts'
import { crawlState, latestAttempt } from './firing.ts'
import { jobRuns } from './jobRunRecords.ts'
import { runOutput } from './jobRuns.ts'
import { dateOf } from './names.ts'
import { type Trigger, triggerOutput, triggers } from './triggers.ts'
import type { WorkflowRun } from './workflowRecords.ts'

export function triggersOf(ctx: Pick<Context | Tx, 'in'>, workflow: string): Trigger[] {
  return [...ctx.in(triggers).list()].filter(({ settings }) => settings.WorkflowName === workflow)
}

export function graphOf(ctx: Context, workflow: string, run?: WorkflowRun): WorkflowGraph {
  const all = triggersOf(ctx, workflow)
  const edges = edgesOf(all)
  const named = (kind: string) => {
    const ids = edges.flatMap(({ SourceId = '', DestinationId = '' }) => [SourceId, DestinationId])
    return [...new Set(ids.filter((id) => id.startsWith(`${kind}/`)))].map((id) => id.slice(kind.length + 1))
  }
  return {
    Nodes: [
      ...all.map(triggerNode),
      ...named('job').map((name) => jobNode(ctx, name, run)),
      ...named('crawler').map((name) => crawlerNode(ctx, name, run)),
    ],
    Edges: edges,
  }
}

/** From each trigger to what it starts, and from what is watched to the trigger that watches. */
export function edgesOf(all: readonly Trigger[]): Edge[] {
  const idOf = ({ JobName, CrawlerName }: { JobName?: string | undefined; CrawlerName?: string | undefined }) =>
    CrawlerName ? `crawler/${CrawlerName}` : `job/${JobName}`
  return all.flatMap(({ name, settings }) => [
    ...(settings.Actions ?? []).map((action) => ({ SourceId: `trigger/${name}`, DestinationId: idOf(action) })),
    ...(settings.Predicate?.Conditions ?? []).map((condition) => ({
      SourceId: idOf(condition),
      DestinationId: `trigger/${name}`,
    })),
  ])
}

function triggerNode(trigger: Trigger): Node {
  return {
    Type: 'TRIGGER',
    Name: trigger.name,
    UniqueId: `trigger/${trigger.name}`,
    TriggerDetails: { Trigger: triggerOutput(trigger) },
  }
}

function jobNode(ctx: Context, name: string, run: WorkflowRun | undefined): Node {
  const started = run?.jobRuns.filter(({ jobName }) => jobName === name) ?? []
  const records = started.flatMap(({ id }) => ctx.in(jobRuns).get(name, id) ?? [])
  return {
    Type: 'JOB',
    Name: name,
    UniqueId: `job/${name}`,
    JobDetails: { JobRuns: records.map((record) => runOutput(record)) },
  }
}

function crawlerNode(ctx: Context, name: string, run: WorkflowRun | undefined): Node {
  const started = (run?.crawls ?? []).filter(({ crawlerName }) => crawlerName === name)
  const records = started.flatMap(({ number }) => ctx.in(crawls).get(name, number) ?? [])
  return {
    Type: 'CRAWLER',
    Name: name,
    UniqueId: `crawler/${name}`,
    CrawlerDetails: {
      Crawls: records.map((crawl) => ({
        State: crawlState(crawl),
        StartedOn: dateOf(crawl.startedAt),
        ...(crawl.completedAt !== undefined && { CompletedOn: dateOf(crawl.completedAt) }),
        ...(crawl.errorMessage && { ErrorMessage: crawl.errorMessage }),
        LogGroup: crawlLogGroup,
        LogStream: name,
      })),
    },
  }
}

export function statisticsOf(ctx: Context, run: WorkflowRun): WorkflowRunStatistics {
  const jobs = run.jobRuns.flatMap(({ jobName, id }) => latestAttempt(ctx, jobName, id)?.state ?? [])
  const crawled = (run.crawls ?? []).flatMap(({ crawlerName, number }) => {
    const found = ctx.in(crawls).get(crawlerName, number)
    return found ? [crawlState(found)] : []
  })
  const states: string[] = [...jobs, ...crawled]
  const count = (...wanted: string[]) => states.filter((state) => wanted.includes(state)).length
  return {
    TotalActions: states.length + run.errored,
    TimeoutActions: count('TIMEOUT'),
    FailedActions: count('FAILED'),
    StoppedActions: count('STOPPED', 'CANCELLED'),
    SucceededActions: count('SUCCEEDED'),
    RunningActions: count('STARTING', 'RUNNING', 'STOPPING'),
    ErroredActions: count('ERROR') + run.errored,
    WaitingActions: count('WAITING'),
  }
}
