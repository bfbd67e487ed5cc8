/** The mailbox: e-mails that topics sent to people, and text messages and push notifications, none of which left this machine. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PageProps } from '../../app.tsx'
import { ago, moment, t } from '../../language/text.ts'
import { Badge, Card, Empty, PageHead, Shown } from '../../parts/blocks.tsx'
import { Choices } from '../../parts/choices.tsx'
import { Filter } from '../../parts/filter.tsx'
import { link } from '../../router.ts'
import { serverNow } from '../../server/clock.ts'
import { get } from '../../server/control.ts'
import { useLive } from '../../server/live.ts'

interface Letter {
  id: string
  kind: 'email' | 'sms' | 'push'
  to: string
  from?: string
  subject: string
  body: string
  at: number
}

export function MailPage({ place }: PageProps): JSX.Element {
  const live = useLive('mail', findLetters, 2_000)
  const [words, setWords] = useState('')
  return (
    <>
      <PageHead
        title={t('Mail')}
        lead={t('What people would have got. It stays on this machine, unless the server has an SMTP server.')}
      />
      <Shown live={live}>
        {(letters) => {
          if (letters.length === 0)
            return (
              <Card>
                <Empty icon="mail" title={t('No mail')}>
                  <p>{t('What a topic sends to an e-mail address or a phone lies here.')}</p>
                  <pre class="code">
                    {
                      'aws sns subscribe --protocol email \\\n  --topic-arn arn:aws:sns:us-east-1:000000000000:news \\\n  --notification-endpoint me@example.com'
                    }
                  </pre>
                </Empty>
              </Card>
            )
          const shown = letters.filter((letter) => JSON.stringify(letter).toLowerCase().includes(words.toLowerCase()))
          const chosen = letters.find(({ id }) => id === place.path[0]) ?? shown[0]
          return (
            <div class="split" style={{ '--left': '34%' }}>
              <Choices
                title={<Filter value={words} onInput={setWords} label={t('Find a mail')} />}
                items={shown}
                chosen={chosen}
                keyOf={(letter) => letter.id}
                hrefOf={(letter) => link('mail', [letter.id])}
              >
                {(letter) => (
                  <>
                    <span class="row">
                      <strong class="truncate">{letter.subject || letter.body}</strong>
                      <small style={{ marginLeft: 'auto', whiteSpace: 'nowrap' }}>{ago(letter.at, serverNow())}</small>
                    </span>
                    <small class="truncate">{letter.to}</small>
                  </>
                )}
              </Choices>
              {chosen && <Opened letter={chosen} />}
            </div>
          )
        }}
      </Shown>
    </>
  )
}

function Opened({ letter }: { letter: Letter }): JSX.Element {
  return (
    <Card>
      <div class="letter-head">
        <h2>{letter.subject || t('(no subject)')}</h2>
        <p class="quiet-words">
          {letter.from && `${letter.from} → `}
          {letter.to} · {moment(letter.at)} {letter.kind !== 'email' && <Badge>{letter.kind}</Badge>}
        </p>
      </div>
      <div class="letter">{withLinks(letter.body)}</div>
    </Card>
  )
}

/** Links to this very server (to confirm a subscription) can be followed; no other. */
function withLinks(body: string): (string | JSX.Element)[] {
  return body.split(/(https?:\/\/\S+)/).map((part, at) => {
    const isOurs = at % 2 === 1 && part.startsWith(`${location.protocol}//`) && new URL(part).port === location.port
    return isOurs ? (
      <a key={`${at}`} href={part} target="_blank" rel="noreferrer">
        {part}
      </a>
    ) : (
      part
    )
  })
}

async function findLetters(): Promise<Letter[]> {
  const [mail, outbox] = await Promise.all([
    get<{ messages: Record<string, string>[] }>('mail'),
    get<{ messages: Record<string, string | number>[] }>('outbox'),
  ])
  const letters = mail.messages.map(
    (one): Letter => ({
      id: String(one.id),
      kind: 'email',
      to: one.to ?? '',
      from: one.from ?? '',
      subject: one.subject ?? '',
      body: one.body ?? '',
      at: timeOf(one.sentAt),
    }),
  )
  const others = outbox.messages.map(
    (one, at): Letter => ({
      id: `outbox-${at}`,
      kind: one.kind as 'sms',
      to: String(one.to),
      subject: '',
      body: String(one.text),
      at: timeOf(one.keptAt),
    }),
  )
  return [...letters, ...others].sort((a, b) => b.at - a.at)
}

const timeOf = (at: unknown) => (typeof at === 'number' ? at : Date.parse(String(at)))
