/** Archives, and their replays: what was kept is put on its bus again, from one moment to another. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { bytes, moment, number, t } from '../../language/text.ts'
import { Button, Card, Empty, Shown, Status } from '../../parts/blocks.tsx'
import { DataTable } from '../../parts/dataTable.tsx'
import { act } from '../../parts/toasts.tsx'
import { aws, type Output, pages } from '../../server/aws.ts'
import { serverNow } from '../../server/clock.ts'
import { useLive } from '../../server/live.ts'

export function Archives(): JSX.Element {
  const archives = useLive('archives', () => pages('eventbridge', 'ListArchives', {}, 'Archives'), 3_000)
  const replays = useLive('replays', () => pages('eventbridge', 'ListReplays', {}, 'Replays'), 1_500)
  const [chosen, choose] = useState<string>()
  return (
    <div class="stack">
      <Card flush title={t('Archives')}>
        <Shown live={archives}>
          {(list) =>
            list.length === 0 ? (
              <Empty icon="event" title={t('No archive')}>
                <p>{t('An archive keeps what comes to a bus, so that it can come again.')}</p>
                <pre class="code">
                  {
                    'aws events create-archive --archive-name all \\\n  --event-source-arn arn:aws:events:us-east-1:000000000000:event-bus/default'
                  }
                </pre>
              </Empty>
            ) : (
              <DataTable
                caption={t('Archives')}
                rows={list}
                keyOf={(one) => one.ArchiveName}
                columns={[
                  { name: t('Name'), cell: (one) => <strong>{one.ArchiveName}</strong> },
                  { name: t('Bus'), cell: (one) => one.EventSourceArn?.split('/').pop() },
                  { name: t('State'), cell: (one) => <Status of={one.State} /> },
                  { name: t('Events'), cell: (one) => number(one.EventCount ?? 0), isFigure: true },
                  { name: t('Size'), cell: (one) => bytes(one.SizeBytes ?? 0), isFigure: true, isMinor: true },
                  {
                    name: t('Kept'),
                    cell: (one) => (one.RetentionDays ? t('{n} days', { n: one.RetentionDays }) : t('for ever')),
                    isMinor: true,
                  },
                  {
                    name: '',
                    cell: (one) => (
                      <Button
                        icon="again"
                        onClick={() => choose(chosen === one.ArchiveName ? undefined : one.ArchiveName)}
                      >
                        {t('Replay')}
                      </Button>
                    ),
                    isFigure: true,
                  },
                ]}
              />
            )
          }
        </Shown>
        {chosen && (
          <ReplayForm
            archive={archives.data?.find(({ ArchiveName }) => ArchiveName === chosen)}
            onDone={() => choose(undefined)}
          />
        )}
      </Card>
      <Card flush title={t('Replays')}>
        <Shown live={replays}>
          {(list) =>
            list.length === 0 ? (
              <Empty icon="again" title={t('No replay yet')} />
            ) : (
              <DataTable
                caption={t('Replays')}
                rows={list}
                keyOf={(one) => one.ReplayName}
                columns={[
                  { name: t('Name'), cell: (one) => <strong>{one.ReplayName}</strong> },
                  { name: t('State'), cell: (one) => <Status of={one.State} /> },
                  { name: t('From'), cell: (one) => moment(one.EventStartTime * 1000), isMinor: true },
                  { name: t('Until'), cell: (one) => moment(one.EventEndTime * 1000), isMinor: true },
                  {
                    name: t('Replayed up to'),
                    cell: (one) => (one.EventLastReplayedTime ? moment(one.EventLastReplayedTime * 1000) : '—'),
                  },
                ]}
              />
            )
          }
        </Shown>
      </Card>
    </div>
  )
}

/** As a field of date and time writes it, in this browser's zone. */
const fieldTime = (millis: number) =>
  new Date(millis - new Date(millis).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)

function ReplayForm({ archive, onDone }: { archive: Output; onDone: () => void }): JSX.Element | null {
  if (!archive) return null
  const send = async (event: SubmitEvent) => {
    event.preventDefault()
    const { name, from, until } = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<
      string,
      string
    >
    const arn = archive.EventSourceArn.replace(/event-bus\/.*/, `archive/${archive.ArchiveName}`)
    const isDone = await act(
      () =>
        aws('eventbridge', 'StartReplay', {
          ReplayName: name,
          EventSourceArn: arn,
          EventStartTime: Date.parse(from ?? '') / 1000,
          EventEndTime: Date.parse(until ?? '') / 1000,
          Destination: { Arn: archive.EventSourceArn },
        }),
      t('The replay {name} has begun.', { name: name ?? '' }),
    )
    if (isDone) onDone()
  }
  return (
    <form class="inline-form" onSubmit={send}>
      <label class="named">
        {t('Name')}
        <input
          class="field"
          name="name"
          required
          pattern="[.\-_A-Za-z0-9]+"
          value={`${archive.ArchiveName}-${fieldTime(serverNow()).replace(/\D/g, '')}`}
        />
      </label>
      <label class="named">
        {t('From')}
        <input
          class="field"
          type="datetime-local"
          name="from"
          required
          value={fieldTime(archive.CreationTime * 1000)}
        />
      </label>
      <label class="named">
        {t('Until')}
        <input class="field" type="datetime-local" name="until" required value={fieldTime(serverNow() + 60_000)} />
      </label>
      <Button kind="primary" type="submit" icon="play">
        {t('Replay')}
      </Button>
    </form>
  )
}
