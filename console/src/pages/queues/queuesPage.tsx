/** Queues: how much waits in each, its messages without receiving them, and dead letters sent back where they came from. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PageProps } from '../../app.tsx'
import { number, short, t } from '../../language/text.ts'
import { Badge, Button, Card, Empty, PageHead, Shown } from '../../parts/blocks.tsx'
import { Choices } from '../../parts/choices.tsx'
import { CopyCall } from '../../parts/copyCall.tsx'
import { Filter } from '../../parts/filter.tsx'
import { act } from '../../parts/toasts.tsx'
import { link } from '../../router.ts'
import { aws, awsIfThere } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import type { Topology } from '../flow/things.ts'
import { loadTopology } from '../flow/topology.ts'
import { Messages } from './messages.tsx'

export interface Queue {
  url: string
  name: string
  arn: string
  visible: number
  inFlight: number
  delayed: number
  deadLetters?: string
  attributes: Record<string, string>
}

export function QueuesPage({ place }: PageProps): JSX.Element {
  const live = useLive('queues', findQueues, 2_000)
  const topology = useLive('topology', loadTopology, 6_000)
  const [words, setWords] = useState('')
  return (
    <>
      <PageHead
        title={t('Queues')}
        lead={t('What waits to be taken. Looking changes nothing: no receive is counted.')}
      />
      <Shown live={live}>
        {(queues) => {
          if (queues.length === 0)
            return (
              <Card>
                <Empty icon="queue" title={t('No queue')}>
                  <pre class="code">aws sqs create-queue --queue-name first</pre>
                </Empty>
              </Card>
            )
          const shown = queues.filter(({ name }) => name.toLowerCase().includes(words.toLowerCase()))
          const chosen = queues.find(({ name }) => name === place.path[0]) ?? shown[0]
          const ofDeadLetters = deadLettersIn(topology.data)
          return (
            <div class="split" style={{ '--left': '30%' }}>
              <Choices
                title={<Filter value={words} onInput={setWords} label={t('Find a queue')} />}
                items={shown}
                chosen={chosen}
                keyOf={(queue) => queue.url}
                hrefOf={(queue) => link('queues', [queue.name])}
              >
                {(queue) => (
                  <>
                    <span class="row">
                      <strong class="truncate">{queue.name}</strong>
                      <span style={{ marginLeft: 'auto' }}>
                        <Badge tone={queue.visible > 0 ? (ofDeadLetters.has(queue.name) ? 'bad' : 'busy') : 'quiet'}>
                          {short(queue.visible)}
                        </Badge>
                      </span>
                    </span>
                    <small>
                      {ofDeadLetters.has(queue.name)
                        ? t('takes dead letters')
                        : t('{n} in flight, {m} delayed', { n: queue.inFlight, m: queue.delayed })}
                    </small>
                  </>
                )}
              </Choices>
              {chosen && <QueueCard key={chosen.url} queue={chosen} isOfDeadLetters={ofDeadLetters.has(chosen.name)} />}
            </div>
          )
        }}
      </Shown>
    </>
  )
}

/** What a queue, a rule's target or a function gives up goes there. */
function deadLettersIn(topology: Topology | undefined): Set<string> {
  const failures = topology?.edges.filter(({ isFailure }) => isFailure) ?? []
  return new Set(failures.map(({ to }) => to.slice(to.indexOf(':') + 1)))
}

function QueueCard({ queue, isOfDeadLetters }: { queue: Queue; isOfDeadLetters: boolean }): JSX.Element {
  return (
    <div class="stack">
      <Card
        flush
        title={queue.name}
        actions={
          <>
            <CopyCall call={{ service: 'sqs', operation: 'ReceiveMessage', input: { QueueUrl: queue.url } }} />
            {queue.visible > 0 && (
              <Button icon="again" onClick={() => redrive(queue)}>
                {t('Redrive')}
              </Button>
            )}
            {queue.visible + queue.inFlight + queue.delayed > 0 && (
              <Button kind="danger" onClick={() => purge(queue)}>
                {t('Purge')}
              </Button>
            )}
          </>
        }
      >
        <dl class="sums">
          <div>
            <dt>{t('Visible')}</dt>
            <dd>{number(queue.visible)}</dd>
          </div>
          <div>
            <dt>{t('In flight')}</dt>
            <dd>{number(queue.inFlight)}</dd>
          </div>
          <div>
            <dt>{t('Delayed')}</dt>
            <dd>{number(queue.delayed)}</dd>
          </div>
          <div>
            <dt>{t('Visibility timeout')}</dt>
            <dd>{queue.attributes.VisibilityTimeout} s</dd>
          </div>
          {queue.deadLetters && (
            <div>
              <dt>{t('Dead letters go to')}</dt>
              <dd>
                <a href={link('queues', [queue.deadLetters.split(':').pop() ?? ''])}>
                  {queue.deadLetters.split(':').pop()}
                </a>
              </dd>
            </div>
          )}
        </dl>
        <Messages queue={queue} isOfDeadLetters={isOfDeadLetters} />
      </Card>
    </div>
  )
}

/** Messages that a queue gave up go back to it; an event that a rule could not deliver came from no queue. */
function redrive({ arn, name }: Queue): void {
  void act(
    () => aws('sqs', 'StartMessageMoveTask', { SourceArn: arn }),
    t('The messages of {name} go back to where they came from.', { name }),
  )
}

function purge({ url, name }: Queue): void {
  if (!confirm(t('Delete all messages of {name}?', { name }))) return
  void act(() => aws('sqs', 'PurgeQueue', { QueueUrl: url }), t('{name} is empty.', { name }))
}

async function findQueues(): Promise<Queue[]> {
  const urls: string[] = (await awsIfThere('sqs', 'ListQueues'))?.QueueUrls ?? []
  return Promise.all(
    urls.map(async (url) => {
      const { Attributes = {} } = await aws('sqs', 'GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] })
      const count = (name: string) => Number(Attributes[`ApproximateNumberOfMessages${name}`] ?? 0)
      const policy = Attributes.RedrivePolicy && JSON.parse(Attributes.RedrivePolicy)
      return {
        url,
        name: url.split('/').pop() ?? url,
        arn: Attributes.QueueArn,
        visible: count(''),
        inFlight: count('NotVisible'),
        delayed: count('Delayed'),
        ...(policy && { deadLetters: policy.deadLetterTargetArn }),
        attributes: Attributes,
      }
    }),
  )
}
