/** One job and its runs; the chosen run opened. */
import type { JSX } from 'preact'
import { duration, moment, t } from '../../language/text.ts'
import { Button, Card, Empty, Facts, Shown, Status } from '../../parts/blocks.tsx'
import { CopyCall } from '../../parts/copyCall.tsx'
import { DataTable } from '../../parts/dataTable.tsx'
import { act } from '../../parts/toasts.tsx'
import { link } from '../../router.ts'
import { aws, type Output } from '../../server/aws.ts'
import { serverNow } from '../../server/clock.ts'
import { useLive } from '../../server/live.ts'
import { runsOf } from './jobsPage.tsx'
import { usualMillis } from './progress.tsx'
import { Run } from './run.tsx'

export function JobCard({ job, runId }: { job: Output; runId: string | undefined }): JSX.Element {
  const runs = useLive(`runs of ${job.Name}`, () => runsOf(job.Name), 1_500)
  const chosen = runs.data?.find(({ Id }) => Id === runId) ?? runs.data?.[0]
  const script: string = job.Command?.ScriptLocation ?? ''
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(script) ?? []
  return (
    <div class="stack">
      <Card
        title={job.Name}
        actions={
          <>
            <CopyCall call={{ service: 'glue', operation: 'StartJobRun', input: { JobName: job.Name } }} />
            <Button kind="primary" icon="play" onClick={() => start(job.Name)}>
              {t('Run now')}
            </Button>
          </>
        }
      >
        <Facts
          facts={[
            [t('What it does'), job.Description],
            [t('Kind'), job.Command?.Name === 'pythonshell' ? 'Python shell' : `Spark · Glue ${job.GlueVersion ?? ''}`],
            [t('Workers'), job.NumberOfWorkers ? `${job.NumberOfWorkers} × ${job.WorkerType}` : undefined],
            [t('Script'), bucket ? <ScriptLink bucket={bucket} objectKey={key} /> : script],
            [t('At most'), job.Timeout ? duration(job.Timeout * 60_000) : undefined],
            [t('Retries'), job.MaxRetries],
          ]}
        />
      </Card>
      <Card flush title={t('Runs')}>
        <Shown live={runs}>
          {(list) =>
            list.length === 0 ? (
              <Empty icon="play" title={t('It never ran')} />
            ) : (
              <DataTable
                caption={t('Runs')}
                rows={list}
                keyOf={({ Id }) => Id}
                selected={chosen?.Id}
                hrefOf={({ Id }) => link('jobs', [job.Name, Id])}
                columns={[
                  { name: t('Run'), cell: ({ Id }) => <code>{Id.slice(0, 13)}</code> },
                  { name: t('State'), cell: ({ JobRunState }) => <Status of={JobRunState} /> },
                  { name: t('Began'), cell: ({ StartedOn }) => moment(StartedOn * 1000) },
                  { name: t('Took'), cell: tookOf, isFigure: true },
                  { name: t('By'), cell: ({ TriggerName }) => TriggerName ?? t('hand'), isMinor: true },
                ]}
              />
            )
          }
        </Shown>
      </Card>
      {chosen && <Run key={chosen.Id} run={chosen} usual={usualMillis(runs.data ?? [])} />}
    </div>
  )
}

/** What CDK uploads is called by its hash: no name that anyone reads. */
function ScriptLink({ bucket, objectKey }: { bucket: string; objectKey: string }): JSX.Element {
  const name = objectKey.split('/').pop() ?? ''
  return (
    <a class="truncate" title={`s3://${bucket}/${objectKey}`} href={link('objects', [bucket], { key: objectKey })}>
      {name.replace(/^([0-9a-f]{8})[0-9a-f]{56}/, '$1…')}
    </a>
  )
}

export function tookOf({ StartedOn, CompletedOn }: Output): string {
  return duration(((CompletedOn ?? serverNow() / 1000) - StartedOn) * 1000)
}

function start(name: string): void {
  void act(() => aws('glue', 'StartJobRun', { JobName: name }), t('{job} runs.', { job: name }))
}
