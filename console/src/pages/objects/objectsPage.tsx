/** Objects: buckets, folders, and a look into a file: the rows of Parquet, CSV and JSON, the text of the rest. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PageProps } from '../../app.tsx'
import { t } from '../../language/text.ts'
import { Card, Empty, PageHead, Shown } from '../../parts/blocks.tsx'
import { Choices } from '../../parts/choices.tsx'
import { Filter } from '../../parts/filter.tsx'
import { Icon } from '../../parts/icons.tsx'
import { act } from '../../parts/toasts.tsx'
import { link } from '../../router.ts'
import { awsIfThere, type Output } from '../../server/aws.ts'
import { tellChanged, useLive } from '../../server/live.ts'
import { shortBucket } from '../flow/labels.ts'
import { Folder } from './folder.tsx'
import { Preview } from './preview.tsx'

export function ObjectsPage({ place }: PageProps): JSX.Element {
  const live = useLive('buckets', () => awsIfThere('s3', 'ListBuckets'), 5_000)
  const [words, setWords] = useState('')
  const key = place.query.get('key') ?? ''
  return (
    <>
      <PageHead title={t('Objects')} lead={t('What lies in the buckets, and what is in it.')} />
      <Shown live={live}>
        {(answer) => {
          const names = ownFirst((answer?.Buckets ?? []).map((one: Output) => one.Name))
          if (names.length === 0)
            return (
              <Card>
                <Empty icon="bucket" title={t('No bucket')}>
                  <pre class="code">aws s3 mb s3://first</pre>
                </Empty>
              </Card>
            )
          const bucket = place.path[0] ?? names[0] ?? ''
          const prefix = place.query.get('prefix') ?? (key.includes('/') ? key.slice(0, key.lastIndexOf('/') + 1) : '')
          return (
            <div class="split" style={{ '--left': '24%' }}>
              <Choices
                title={<Filter value={words} onInput={setWords} label={t('Find a bucket')} />}
                items={names.filter((name) => name.toLowerCase().includes(words.toLowerCase()))}
                chosen={bucket}
                keyOf={(name) => name}
                hrefOf={(name) => link('objects', [name])}
              >
                {(name) => (
                  <span class="row">
                    <Icon name="bucket" />
                    <span class="truncate" title={name}>
                      {shortBucket(name)}
                    </span>
                  </span>
                )}
              </Choices>
              <div class="stack">
                <Card
                  flush
                  title={<Path bucket={bucket} prefix={prefix} />}
                  actions={<Upload bucket={bucket} prefix={prefix} />}
                >
                  <Folder key={`${bucket}/${prefix}`} bucket={bucket} prefix={prefix} chosen={key} />
                </Card>
                {key && <Preview key={key} bucket={bucket} objectKey={key} />}
              </div>
            </div>
          )
        }}
      </Shown>
    </>
  )
}

/** What CDK brings for itself comes last. */
function ownFirst(names: string[]): string[] {
  const isHelper = (name: string) => name.startsWith('cdk-')
  return [...names.filter((name) => !isHelper(name)), ...names.filter(isHelper)]
}

function Path({ bucket, prefix }: { bucket: string; prefix: string }): JSX.Element {
  const parts = prefix.split('/').slice(0, -1)
  return (
    <span class="path">
      <a href={link('objects', [bucket], { prefix: '' })}>{bucket}</a>
      {parts.map((part, at) => (
        <span key={`${at}`}>
          {' / '}
          <a href={link('objects', [bucket], { prefix: `${parts.slice(0, at + 1).join('/')}/` })}>{part}</a>
        </span>
      ))}
    </span>
  )
}

/** S3's own PutObject, on the same origin; who signs for the page is the server's choice of trust (loopback). */
function Upload({ bucket, prefix }: { bucket: string; prefix: string }): JSX.Element {
  const send = async (event: Event) => {
    const input = event.currentTarget as HTMLInputElement
    for (const file of input.files ?? []) {
      const key = prefix + file.name
      await act(
        async () => {
          const answer = await fetch(`/_igarape/console/object?${new URLSearchParams({ bucket, key })}`, {
            method: 'PUT',
            body: file,
          })
          if (!answer.ok) throw new Error((await answer.json()).message)
        },
        t('{key} is there.', { key }),
      )
    }
    input.value = ''
    tellChanged()
  }
  return (
    <label class="button plain upload">
      <Icon name="download" />
      {t('Upload')}
      <input class="unseen" type="file" multiple onChange={send} />
    </label>
  )
}
