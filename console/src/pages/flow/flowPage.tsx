/** The first page: the pipeline as it is deployed and runs, the latest files and events, and one of them's way. */
import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { PageProps } from '../../app.tsx'
import { t } from '../../language/text.ts'
import { Busy, Button, Card, Empty, PageHead, Shown } from '../../parts/blocks.tsx'
import { Filter } from '../../parts/filter.tsx'
import { go, replace } from '../../router.ts'
import { get } from '../../server/control.ts'
import { useLive } from '../../server/live.ts'
import { ActivityList, isTelling, type TraceLine } from './activityList.tsx'
import { Diagram } from './diagram.tsx'
import { FirstSteps } from './firstSteps.tsx'
import { joinPassages, type Passage } from './passages.ts'
import { queueDepths } from './queueDepths.ts'
import { tableWrites } from './tableWrites.ts'
import { loadTopology } from './topology.ts'
import { useTrace, wayOf } from './trace.ts'
import { TracePanel } from './tracePanel.tsx'
import { WaitingCard } from './waitingCard.tsx'

interface Activity {
  now: number
  lines: TraceLine[]
  passages: Passage[]
}

export function FlowPage({ place }: PageProps): JSX.Element {
  const search = place.query.get('search') ?? ''
  const chosen = place.path[0] === 'trace' ? place.path[1] : undefined
  const [isAll, showAll] = useState(false)
  const topology = useLive('topology', loadTopology, 6_000)
  const activity = useLive(
    `activity ${search}`,
    () => get<Activity>('console/activity', { search: search || undefined }),
    1_500,
  )
  const depths = useLive('queue depths', queueDepths, 4_000)
  const writes = useLive('table writes', tableWrites, 4_000)
  const trace = useTrace(chosen)
  // Drawn when all that is counted is known: what came later would look as if it had just gone through.
  const areCountsKnown = [activity, writes].every(({ data, problem }) => data !== undefined || problem !== undefined)
  const flow = useMemo(
    () =>
      topology.data && areCountsKnown
        ? joinPassages(topology.data, search ? [] : (activity.data?.passages ?? []), search ? {} : writes.data)
        : undefined,
    [topology.data, activity.data, writes.data, areCountsKnown, search],
  )
  const way = useMemo(() => (trace.data && flow ? wayOf(trace.data, flow) : undefined), [trace.data, flow])
  const lines = (activity.data?.lines ?? []).filter((line) => isAll || search !== '' || isTelling(line))
  const isEmpty = topology.data?.edges.length === 0 && lines.length === 0 && search === ''
  const find = (words: string) => replace('flow', chosen ? ['trace', chosen] : [], { search: words || undefined })

  return (
    <>
      <PageHead title={t('Flow')} lead={t('What is deployed, what goes through it now, and where each file is.')} />
      <Card flush>
        <Shown live={topology} lines={5}>
          {() =>
            !flow ? (
              <Busy lines={5} />
            ) : isEmpty ? (
              <FirstSteps />
            ) : flow.edges.length > 0 ? (
              <Diagram flow={flow} way={way} depths={depths.data ?? {}} />
            ) : (
              <Empty icon="flow" title={t('Nothing is connected yet')}>
                <p>{t('A rule with a target, or a bucket that tells a function, makes a stream.')}</p>
              </Empty>
            )
          }
        </Shown>
      </Card>
      {!chosen && <WaitingCard />}
      {!isEmpty && (
        <div class={chosen ? 'split below' : 'below'} style={{ '--left': '29%' }}>
          <Card
            flush
            title={t('Files and events')}
            actions={
              <>
                <Button pressed={isAll} onClick={() => showAll(!isAll)}>
                  {t('Quiet ones too')}
                </Button>
                <Filter value={search} onInput={find} label={t('Find a file, an event, a run')} />
              </>
            }
          >
            <Shown live={activity}>
              {({ now }) => <ActivityList lines={lines} now={now} chosen={chosen} search={search} />}
            </Shown>
          </Card>
          {chosen && (
            <TracePanel key={chosen} trace={trace} onClose={() => go('flow', [], { search: search || undefined })} />
          )}
        </div>
      )}
    </>
  )
}
