/** A look into an object: its first rows, or its first text, and what is known of it. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { bytes, moment, number, t } from '../../language/text.ts'
import { Button, Card, Empty, Facts, Shown } from '../../parts/blocks.tsx'
import { Grid } from '../../parts/dataTable.tsx'
import { Json } from '../../parts/json.tsx'
import { link } from '../../router.ts'
import { awsIfThere } from '../../server/aws.ts'
import { get } from '../../server/control.ts'
import { useLive } from '../../server/live.ts'

interface Look {
  bytes: number
  columns?: { name: string; type: string }[]
  rows?: (string | null)[][]
  count?: number
  text?: string
  isCut?: boolean
  isBinary?: boolean
  problem?: string
}

export function Preview({ bucket, objectKey }: { bucket: string; objectKey: string }): JSX.Element {
  const live = useLive(
    `preview ${bucket}/${objectKey}`,
    () => get<Look>('console/preview', { bucket, key: objectKey }),
    0,
  )
  const head = useLive(
    `head ${bucket}/${objectKey}`,
    () => awsIfThere('s3', 'HeadObject', { Bucket: bucket, Key: objectKey }),
    0,
  )
  const [asText, showText] = useState(false)
  const query = new URLSearchParams({ bucket, key: objectKey })
  return (
    <Card
      flush
      title={<span class="truncate">{objectKey.split('/').pop()}</span>}
      actions={
        <>
          {live.data?.columns && live.data.text !== undefined && (
            <Button pressed={asText} onClick={() => showText(!asText)}>
              {t('As text')}
            </Button>
          )}
          <Button icon="flow" href={link('flow', ['trace', `s3://${bucket}/${objectKey}`])}>
            {t('Its way')}
          </Button>
          <a class="button plain" href={`/_igarape/console/object?${query}`} download={objectKey.split('/').pop()}>
            {t('Download')}
          </a>
        </>
      }
    >
      <div style={{ padding: '12px 16px' }}>
        <Facts
          facts={[
            [t('Size'), live.data && bytes(live.data.bytes)],
            [t('Rows'), live.data?.count === undefined ? undefined : number(live.data.count)],
            [
              t('Changed'),
              head.data?.LastModified && moment(Date.parse(head.data.LastModified) || head.data.LastModified * 1000),
            ],
            [t('Content type'), head.data?.ContentType],
            ['ETag', head.data?.ETag && <code>{head.data.ETag.replaceAll('"', '')}</code>],
            [t('Key'), <code>{objectKey}</code>],
          ]}
        />
      </div>
      <Shown live={live}>{(look) => <Inside look={look} asText={asText} name={objectKey} />}</Shown>
    </Card>
  )
}

function Inside({ look, asText, name }: { look: Look; asText: boolean; name: string }): JSX.Element {
  if (look.rows && look.columns && !asText) {
    if (look.rows.length === 0) return <Empty icon="table" title={t('No rows')} />
    return (
      <>
        <Grid columns={look.columns} rows={look.rows} caption={name} />
        {look.rows.length >= 200 && <p class="note">{t('The first {n} rows.', { n: 200 })}</p>}
      </>
    )
  }
  if (look.isBinary) return <Empty icon="file" title={t('This is no text and no table')} />
  return (
    <>
      {look.problem && <p class="note">{t('It could not be read as a table: {why}', { why: look.problem })}</p>}
      <div style={{ padding: '0 16px 16px' }}>
        <Json value={look.text ?? ''} label={name} />
        {look.isCut && <p class="note">{t('Only its beginning.')}</p>}
      </div>
    </>
  )
}
