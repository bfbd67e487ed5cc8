/** What can be done with a trace from here: the file or the event once more, the job again, the dead letters looked at. */
import type { JSX } from 'preact'
import { t } from '../../language/text.ts'
import { Button } from '../../parts/blocks.tsx'
import { act } from '../../parts/toasts.tsx'
import { link } from '../../router.ts'
import { aws, type Output } from '../../server/aws.ts'
import { get } from '../../server/control.ts'
import { type Hop, hopsInOrder, type Trace } from './trace.ts'

export function againFor(trace: Trace): JSX.Element {
  const hops = hopsInOrder(trace.roots).map(({ hop }) => hop)
  const root = hops[0]
  const failedJob = hops.find(
    ({ service, action, status }) => service === 'glue' && action === 'JobRun' && status === 'failed',
  )
  const letter = hops.find(({ action }) => action === 'sent to dead-letter queue')
  return (
    <>
      {letter && (
        <Button icon="queue" href={link('queues', [queueOf(letter)])}>
          {t('Dead letters')}
        </Button>
      )}
      {failedJob && (
        <Button icon="again" onClick={() => runAgain(failedJob)}>
          {t('Run the job again')}
        </Button>
      )}
      {root?.service === 's3' && !/Delete/.test(root.action) && (
        <Button icon="again" onClick={() => sendAgain(root)}>
          {t('Send the file again')}
        </Button>
      )}
      {root?.detail?.rulesMatched !== undefined && !String(root.resource).startsWith('aws.') && (
        <Button icon="again" onClick={() => putAgain(root)}>
          {t('Put the event again')}
        </Button>
      )}
    </>
  )
}

function queueOf(hop: Hop): string {
  return (
    String(hop.detail?.deadLetterArn ?? '')
      .split(':')
      .pop() ?? ''
  )
}

/** A copy of the object onto itself: the same bytes, and a new event. */
function sendAgain({ resource }: Hop): void {
  const [bucket = '', ...rest] = resource.split('/')
  const key = rest.join('/')
  const source = `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
  void act(
    () => aws('s3', 'CopyObject', { Bucket: bucket, Key: key, CopySource: source, MetadataDirective: 'REPLACE' }),
    t('{key} was sent again.', { key }),
  )
}

function putAgain(hop: Hop): void {
  const bus = String(hop.detail?.bus ?? 'default')
  void act(async () => {
    const { events } = await get<{ events: Output[] }>('events', { bus })
    const event = events.find(({ id }) => id === hop.subjects?.[0])
    if (!event) throw new Error(t('The event itself is no longer kept; an archive on the bus would keep it.'))
    const entry = {
      EventBusName: bus,
      Source: event.source,
      DetailType: event['detail-type'],
      Resources: event.resources,
    }
    const { Entries } = await aws('eventbridge', 'PutEvents', {
      Entries: [{ ...entry, Detail: JSON.stringify(event.detail) }],
    })
    if (Entries[0].ErrorCode) throw new Error(`${Entries[0].ErrorCode}: ${Entries[0].ErrorMessage}`)
  }, t('The event was put again.'))
}

function runAgain(hop: Hop): void {
  void act(
    async () => {
      const { JobRun } = await aws('glue', 'GetJobRun', { JobName: hop.resource, RunId: hop.subjects?.[0] })
      await aws('glue', 'StartJobRun', {
        JobName: hop.resource,
        ...(JobRun.Arguments && { Arguments: JobRun.Arguments }),
      })
    },
    t('{job} runs again.', { job: hop.resource }),
  )
}
