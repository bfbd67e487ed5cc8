/** A queue's messages, looked at and left where they are. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { ago, moment, t } from '../../language/text.ts'
import { Badge, Button, Empty, Facts, Shown } from '../../parts/blocks.tsx'
import { Json, pretty } from '../../parts/json.tsx'
import { link } from '../../router.ts'
import { serverNow } from '../../server/clock.ts'
import { get } from '../../server/control.ts'
import { useLive } from '../../server/live.ts'
import { deliverAgain, delivererOf } from './deliverAgain.ts'
import type { Queue } from './queuesPage.tsx'
import { Send } from './send.tsx'

interface Message {
  id: string
  sequence: number
  body: string
  attributes?: Record<string, { StringValue?: string; BinaryValue?: unknown }>
  state: 'visible' | 'in flight' | 'delayed'
  sentAt: number
  visibleAt?: number
  receives: number
  groupId?: string
  deadLetterSourceArn?: string
  traceHeader?: string
}

export function Messages({ queue, isOfDeadLetters }: { queue: Queue; isOfDeadLetters: boolean }): JSX.Element {
  const live = useLive(
    `messages of ${queue.url}`,
    () => get<{ messages: Message[] }>('console/messages', { queueUrl: queue.url }),
    1_500,
  )
  const [open, setOpen] = useState<string>()
  return (
    <>
      <Shown live={live}>
        {({ messages }) =>
          messages.length === 0 ? (
            <Empty icon="queue" title={isOfDeadLetters ? t('Nothing was given up on') : t('Nothing waits')}>
              <p>
                {isOfDeadLetters
                  ? t('Whatever could not be delivered would lie here, with the reason.')
                  : t('Whatever is sent here is seen at once.')}
              </p>
            </Empty>
          ) : (
            <ul class="list">
              {messages.map((message) => (
                <li key={message.id}>
                  <button
                    class="item message-line"
                    type="button"
                    aria-expanded={open === message.id}
                    onClick={() => setOpen(open === message.id ? undefined : message.id)}
                  >
                    <Badge tone={message.state === 'visible' ? 'ok' : 'warn'}>{stateName(message)}</Badge>
                    <span class="mono truncate">{message.body}</span>
                    <small>{t('{n} receives', { n: message.receives })}</small>
                    <small>{ago(message.sentAt, serverNow())}</small>
                  </button>
                  {open === message.id && <Opened message={message} />}
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
      <Send queue={queue} />
    </>
  )
}

function stateName({ state }: Message): string {
  if (state === 'visible') return t('visible')
  return state === 'delayed' ? t('delayed') : t('in flight')
}

function Opened({ message }: { message: Message }): JSX.Element {
  const traceId = /Root=(1-[0-9a-f-]+)/.exec(message.traceHeader ?? '')?.[1]
  const attributes = Object.entries(message.attributes ?? {}).map(([name, value]): [string, string] => [
    name,
    value.StringValue ?? JSON.stringify(value.BinaryValue),
  ])
  const deliver = delivererOf(message.attributes?.TARGET_ARN?.StringValue, message.body)
  return (
    <div class="opened">
      <div class="row wrap">
        <Button icon="flow" href={link('flow', ['trace', traceId ?? message.id])}>
          {t('Its way')}
        </Button>
        {deliver && (
          <Button icon="again" onClick={() => deliverAgain(deliver)}>
            {t('Deliver again')}
          </Button>
        )}
      </div>
      <Facts
        facts={[
          ...attributes,
          [t('Sent'), moment(message.sentAt)],
          [t('Visible again'), message.visibleAt && moment(message.visibleAt)],
          [t('Group'), message.groupId],
          [t('Given up by'), message.deadLetterSourceArn],
          ['Id', <code>{message.id}</code>],
        ]}
      />
      <Json value={pretty(message.body)} label={t('Payload')} />
    </div>
  )
}
