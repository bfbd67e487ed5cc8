/** One job and its runs; the chosen run opened. */
import type { JSX } from 'preact'
import { duration, moment, t } from '../../language/text.ts'
import { Button, Card, Empty, Facts, Shown, Status } from '../../parts/blocks.tsx'
import { DataTable } from '../../parts/dataTable.tsx'
import { act } from '../../parts/toasts.tsx'
import { link } from '../../router.ts'
import { aws, type Output } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { runsOf } from './jobsPage.tsx'
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
          <Button kind="primary" icon="play" onClick={() => start(job.Name)}>
            {t('Run now')}
          </Button>
        }
      >
        <Facts
          facts={[
            [t('What it does'), job.Description],
            [t('Kind'), job.Command?.Name === 'pythonshell' ? 'Python shell' : `Spark · Glue ${job.GlueVersion ?? ''}`],
            [t('Workers'), job.NumberOfWorkers ? `${job.NumberOfWorkers} × ${job.WorkerType}` : undefined],
            [t('Script'), bucket ? <a href={link('objects', [bucket], { key })}>{key.split('/').pop()}</a> : script],
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
                  {
                    name: t('Error'),
                    cell: ({ ErrorMessage = '' }) => (
                      <span class="bad-words truncate">{ErrorMessage.slice(0, 80)}</span>
                    ),
                    isMinor: true,
                  },
                ]}
              />
            )
          }
        </Shown>
      </Card>
      {chosen && <Run key={chosen.Id} run={chosen} />}
    </div>
  )
}

export function tookOf({ StartedOn, CompletedOn }: Output): string {
  return duration(((CompletedOn ?? Date.now() / 1000) - StartedOn) * 1000)
}

function start(name: string): void {
  void act(() => aws('glue', 'StartJobRun', { JobName: name }), t('{job} runs.', { job: name }))
}
