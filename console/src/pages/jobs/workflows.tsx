/** Workflows, drawn: triggers, jobs and crawlers, and how the last run went through them. */
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { duration, moment, t } from '../../language/text.ts'
import { Button, Card, Empty, Shown, Status } from '../../parts/blocks.tsx'
import { DataTable } from '../../parts/dataTable.tsx'
import { act } from '../../parts/toasts.tsx'
import { link } from '../../router.ts'
import { aws, awsIfThere, type Output } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { Diagram } from '../flow/diagram.tsx'
import type { Flow } from '../flow/passages.ts'
import type { FlowNode } from '../flow/things.ts'

export function Workflows({ chosen }: { chosen: string }): JSX.Element {
  const live = useLive('workflows', () => awsIfThere('glue', 'ListWorkflows'), 5_000)
  return (
    <Shown live={live}>
      {(answer) => {
        const names: string[] = answer?.Workflows ?? []
        if (names.length === 0)
          return (
            <Card>
              <Empty icon="flow" title={t('No workflow')}>
                <p>{t('A workflow ties triggers, jobs and crawlers together.')}</p>
              </Empty>
            </Card>
          )
        const name = names.includes(chosen) ? chosen : (names[0] as string)
        return (
          <div class="stack">
            {names.length > 1 && (
              <div class="row wrap">
                {names.map((one) => (
                  <a
                    key={one}
                    class={`button plain ${one === name ? 'chosen' : ''}`}
                    href={link('jobs', [], { workflow: one })}
                  >
                    {one}
                  </a>
                ))}
              </div>
            )}
            <WorkflowCards key={name} name={name} />
          </div>
        )
      }}
    </Shown>
  )
}

function WorkflowCards({ name }: { name: string }): JSX.Element {
  const workflow = useLive(
    `workflow ${name}`,
    () => aws('glue', 'GetWorkflow', { Name: name, IncludeGraph: true }),
    3_000,
  )
  const runs = useLive(
    `runs of workflow ${name}`,
    () => aws('glue', 'GetWorkflowRuns', { Name: name, IncludeGraph: true, MaxResults: 50 }),
    2_000,
  )
  const last = runs.data?.Runs?.[0]
  const flow = useMemo(() => flowOf(workflow.data?.Workflow?.Graph, last?.Graph), [workflow.data, last])
  return (
    <>
      <Card
        flush
        title={name}
        actions={
          <Button icon="play" onClick={() => start(name)}>
            {t('Run now')}
          </Button>
        }
      >
        <Shown live={workflow}>
          {() =>
            flow.edges.length > 0 ? (
              <Diagram flow={flow} way={undefined} depths={{}} />
            ) : (
              <Empty icon="flow" title={t('It has no triggers yet')} />
            )
          }
        </Shown>
      </Card>
      <Card flush title={t('Runs')}>
        <Shown live={runs}>
          {({ Runs = [] }) =>
            Runs.length === 0 ? (
              <Empty icon="play" title={t('It never ran')} />
            ) : (
              <DataTable<Output>
                caption={t('Runs')}
                rows={Runs}
                keyOf={({ WorkflowRunId }) => WorkflowRunId}
                columns={[
                  { name: t('Run'), cell: ({ WorkflowRunId }) => <code>{WorkflowRunId.slice(0, 13)}</code> },
                  {
                    name: t('State'),
                    cell: ({ Status: state, Statistics }) => (
                      <Status of={Statistics?.FailedActions > 0 ? 'FAILED' : state} />
                    ),
                  },
                  { name: t('Began'), cell: ({ StartedOn }) => moment(StartedOn * 1000) },
                  {
                    name: t('Took'),
                    cell: ({ StartedOn, CompletedOn }) =>
                      CompletedOn ? duration((CompletedOn - StartedOn) * 1000) : '',
                    isFigure: true,
                  },
                  {
                    name: t('Steps'),
                    cell: ({ Statistics: counts = {} }) =>
                      t('{ok} of {all} done, {bad} failed', {
                        ok: counts.SucceededActions ?? 0,
                        all: counts.TotalActions ?? 0,
                        bad: counts.FailedActions ?? 0,
                      }),
                    isMinor: true,
                  },
                ]}
              />
            )
          }
        </Shown>
      </Card>
    </>
  )
}

/** In the shape of the pipeline's drawing: a trigger as a rule, a crawler as a table, counts from the last run. */
function flowOf(graph: Output, lastGraph: Output): Flow {
  const nodes: FlowNode[] = (graph?.Nodes ?? []).map(nodeOf)
  const edges = (graph?.Edges ?? []).map(({ SourceId, DestinationId }: Output) => ({
    from: SourceId,
    to: DestinationId,
  }))
  const runs = new Map<string, Output[]>(
    (lastGraph?.Nodes ?? []).map((node: Output) => [
      node.UniqueId,
      node.JobDetails?.JobRuns ?? node.CrawlerDetails?.Crawls ?? [],
    ]),
  )
  const stateOf = ({ JobRunState, State }: Output): string => JobRunState ?? State
  const marks: Flow['marks'] = new Map(
    [...runs].map(([id, list]) => [
      id,
      {
        ended: list.filter((run) => /SUCCEEDED/.test(stateOf(run))).length,
        running: list.filter((run) => /RUNNING|STARTING/.test(stateOf(run))).length,
        failed: list.filter((run) => /FAILED|ERROR|TIMEOUT/.test(stateOf(run))).length,
      },
    ]),
  )
  const carried = edges.map((edge: { from: string; to: string }) => ({
    ...edge,
    count: runs.get(edge.to)?.length ?? 0,
    failed: 0,
  }))
  return { topology: { nodes, edges }, edges: carried, marks }
}

function nodeOf({ Type, Name, UniqueId, TriggerDetails }: Output): FlowNode {
  if (Type === 'TRIGGER')
    return {
      id: UniqueId,
      kind: 'rule',
      name: `/${Name}`,
      note: String(TriggerDetails?.Trigger?.Type ?? '').toLowerCase(),
    }
  if (Type === 'CRAWLER') return { id: UniqueId, kind: 'table', name: Name, note: 'crawler' }
  return { id: UniqueId, kind: 'job', name: Name }
}

function start(name: string): void {
  void act(() => aws('glue', 'StartWorkflowRun', { Name: name }), t('{job} runs.', { job: name }))
}
