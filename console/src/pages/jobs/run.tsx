/** One run: its figures (what it wrote comes from its trace), its error, its logs as they come. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { bytes, dollars, moment, number, t } from '../../language/text.ts'
import { Button, Card, Facts, Shown, Status } from '../../parts/blocks.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Json } from '../../parts/json.tsx'
import { LogLines } from '../../parts/logLines.tsx'
import { act } from '../../parts/toasts.tsx'
import { link } from '../../router.ts'
import { aws, awsIfThere, type Output } from '../../server/aws.ts'
import { get, type Problem } from '../../server/control.ts'
import { useLive } from '../../server/live.ts'
import { type Hop, hopsInOrder, type Trace } from '../flow/trace.ts'
import { tookOf } from './jobCard.tsx'
import { Progress } from './progress.tsx'

const engineNames: Record<string, string> = {
  sail: 'Sail',
  spark: 'Apache Spark',
  'python shell': 'Python',
}

const living = new Set(['STARTING', 'RUNNING', 'STOPPING', 'WAITING'])

export function Run({ run, usual }: { run: Output; usual: number | undefined }): JSX.Element {
  const isLiving = living.has(run.JobRunState)
  const [kind, setKind] = useState<'output' | 'error'>('output')
  const hop = useLive(`hop of ${run.Id} ${run.JobRunState}`, () => hopOf(run.Id), isLiving ? 1_500 : 0)
  const group = run.LogGroupName ?? '/aws-glue/jobs'
  const { detail = {} } = hop.data ?? {}
  const counted = (name: string) => (typeof detail[name] === 'number' ? number(detail[name]) : undefined)
  const logs = useLive(`log ${kind} of ${run.Id}`, () => logOf(`${group}/${kind}`, run.Id), isLiving ? 1_000 : 0)
  return (
    <Card
      title={
        <span class="row">
          <code>{run.Id.slice(0, 20)}…</code> <Status of={run.JobRunState} />
        </span>
      }
      actions={
        <>
          {isLiving && (
            <Button kind="danger" onClick={() => stop(run)}>
              {t('Stop')}
            </Button>
          )}
          <Button icon="flow" href={link('flow', ['trace', run.Id])}>
            {t('Its way')}
          </Button>
        </>
      }
    >
      {isLiving && <Progress startedAt={run.StartedOn * 1000} usual={usual} />}
      {run.ErrorMessage && (
        <div class="waits bad" style={{ margin: '0 0 12px' }}>
          <Icon name="alert" />
          <div class="mono" style={{ whiteSpace: 'pre-wrap' }}>
            {run.ErrorMessage}
          </div>
        </div>
      )}
      <Facts
        facts={[
          [t('Began'), moment(run.StartedOn * 1000)],
          [t('Took'), tookOf(run)],
          [t('Engine'), engineNames[String(detail.engine)] ?? detail.engine],
          [t('Rows read'), counted('rowsRead')],
          [t('Bytes read'), typeof detail.bytesRead === 'number' ? bytes(detail.bytesRead) : undefined],
          [t('Rows written'), hop.data?.rows === undefined ? undefined : number(hop.data.rows)],
          [t('Bytes written'), hop.data?.bytes === undefined ? undefined : bytes(hop.data.bytes)],
          [t('Cost on AWS'), hop.data?.costUsd ? dollars(hop.data.costUsd) : undefined],
          [t('Memory'), detail.memoryMegabytesMax && `${counted('memoryMegabytesMax')} MB`],
          [t('Attempt'), run.Attempt ? String(run.Attempt + 1) : undefined],
          [t('Started by'), run.TriggerName],
        ]}
      />
      <div class="row" style={{ margin: '16px 0 8px' }}>
        <h3 style={{ flex: 1 }}>{t('Logs')}</h3>
        <Button pressed={kind === 'output'} onClick={() => setKind('output')}>
          {t('Output')}
        </Button>
        <Button pressed={kind === 'error'} onClick={() => setKind('error')}>
          {t('Errors')}
        </Button>
      </div>
      <Shown live={logs}>{(events) => <LogLines events={events} />}</Shown>
      {run.Arguments && (
        <details style={{ marginTop: '14px' }}>
          <summary>{t('Arguments')}</summary>
          <Json value={run.Arguments} label={t('Arguments')} />
        </details>
      )}
    </Card>
  )
}

async function hopOf(runId: string): Promise<Partial<Hop>> {
  const trace = await get<Trace>(`traces/${runId}`).catch((problem: Problem) => {
    if (problem.status === 404) return undefined
    throw problem
  })
  const found = trace && hopsInOrder(trace.roots).find(({ hop }) => hop.subjects?.includes(runId))
  return found ? { ...found.hop, children: [] } : {}
}

async function logOf(group: string, stream: string): Promise<Output[]> {
  const answer = await awsIfThere('cloudwatch-logs', 'GetLogEvents', {
    logGroupName: group,
    logStreamName: stream,
    startFromHead: true,
    limit: 2_000,
  })
  return answer?.events ?? []
}

function stop({ JobName, Id }: Output): void {
  void act(() => aws('glue', 'BatchStopJobRun', { JobName, JobRunIds: [Id] }), t('{job} stops.', { job: JobName }))
}
