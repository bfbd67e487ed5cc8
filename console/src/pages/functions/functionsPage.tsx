/** Functions: what each is, its latest invocations with time, memory and errors, and a try by hand. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PageProps } from '../../app.tsx'
import { bytes, t } from '../../language/text.ts'
import { Card, Empty, Facts, PageHead, Shown } from '../../parts/blocks.tsx'
import { Choices } from '../../parts/choices.tsx'
import { Filter } from '../../parts/filter.tsx'
import { Icon } from '../../parts/icons.tsx'
import { link } from '../../router.ts'
import { type Output, pages } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { Invocations } from './invocations.tsx'
import { Try } from './try.tsx'

export function FunctionsPage({ place }: PageProps): JSX.Element {
  const live = useLive('functions', findFunctions, 4_000)
  const [words, setWords] = useState('')
  return (
    <>
      <PageHead title={t('Functions')} lead={t('The light work: who was called, how long it took, what went wrong.')} />
      <Shown live={live}>
        {(functions) => {
          if (functions.length === 0)
            return (
              <Card>
                <Empty icon="function" title={t('No function')}>
                  <p>{t('Node.js and Python functions run here in processes of their own.')}</p>
                </Empty>
              </Card>
            )
          const shown = functions.filter(({ FunctionName }) => FunctionName.toLowerCase().includes(words.toLowerCase()))
          const chosen = functions.find(({ FunctionName }) => FunctionName === place.path[0]) ?? shown[0]
          return (
            <div class="split" style={{ '--left': '28%' }}>
              <Choices
                title={<Filter value={words} onInput={setWords} label={t('Find a function')} />}
                items={shown}
                chosen={chosen}
                keyOf={(one) => one.FunctionName}
                hrefOf={(one) => link('functions', [one.FunctionName])}
              >
                {(one) => (
                  <>
                    <span class="row">
                      <Icon name="function" />
                      <span class="truncate" title={one.FunctionName}>
                        {one.FunctionName}
                      </span>
                    </span>
                    <small>
                      {one.Runtime} · {one.MemorySize} MB
                    </small>
                  </>
                )}
              </Choices>
              {chosen && <FunctionCards key={chosen.FunctionName} one={chosen} />}
            </div>
          )
        }}
      </Shown>
    </>
  )
}

function FunctionCards({ one }: { one: Output }): JSX.Element {
  const group = one.LoggingConfig?.LogGroup ?? `/aws/lambda/${one.FunctionName}`
  const dead: string | undefined = one.DeadLetterConfig?.TargetArn?.split(':').pop()
  return (
    <div class="stack">
      <Card title={<span class="truncate">{one.FunctionName}</span>}>
        <Facts
          facts={[
            [t('What it does'), one.Description],
            [t('Runtime'), one.Runtime],
            [t('Handler'), <code>{one.Handler}</code>],
            [t('At most'), `${one.Timeout} s`],
            [t('Memory'), `${one.MemorySize} MB`],
            [t('Code'), bytes(one.CodeSize)],
            [t('Dead letters go to'), dead && <a href={link('queues', [dead])}>{dead}</a>],
            [t('Logs'), <a href={link('logs', [group])}>{group}</a>],
          ]}
        />
        {one.Environment?.Variables && (
          <details style={{ marginTop: '12px' }}>
            <summary>{t('Environment')}</summary>
            <Facts
              facts={Object.entries<string>(one.Environment.Variables).map(([name, value]) => [
                name,
                <code>{value}</code>,
              ])}
            />
          </details>
        )}
      </Card>
      <Invocations group={group} />
      <Try name={one.FunctionName} />
    </div>
  )
}

/** What CDK brings for itself comes last. */
async function findFunctions(): Promise<Output[]> {
  const all = await pages('lambda', 'ListFunctions', {}, 'Functions', { token: 'Marker', answered: 'NextMarker' })
  const isHelper = (one: Output) => /CustomResource|BucketNotificationsHandler|LogRetention/i.test(one.FunctionName)
  return [...all.filter((one) => !isHelper(one)), ...all.filter(isHelper)]
}
