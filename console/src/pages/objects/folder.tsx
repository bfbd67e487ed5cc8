/** What lies under a prefix: folders first, then objects, a page at a time. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { bytes, moment, t } from '../../language/text.ts'
import { Button, Empty, Shown } from '../../parts/blocks.tsx'
import { DataTable } from '../../parts/dataTable.tsx'
import { Icon } from '../../parts/icons.tsx'
import { link } from '../../router.ts'
import { aws, type Output } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'

interface Entry {
  key: string
  isFolder: boolean
  bytes?: number
  at?: number
}

const pageSize = 200

export function Folder({ bucket, prefix, chosen }: { bucket: string; prefix: string; chosen: string }): JSX.Element {
  const [most, setMost] = useState(pageSize)
  const live = useLive(
    `objects ${bucket}/${prefix} ${most}`,
    () => aws('s3', 'ListObjectsV2', { Bucket: bucket, Prefix: prefix, Delimiter: '/', MaxKeys: Math.min(most, 1000) }),
    3_000,
  )
  return (
    <Shown live={live}>
      {(answer) => {
        const entries = entriesOf(answer, prefix)
        if (entries.length === 0)
          return (
            <Empty icon="folder" title={t('Nothing lies here')}>
              <pre class="code">{`aws s3 cp file.csv s3://${bucket}/${prefix}`}</pre>
            </Empty>
          )
        return (
          <>
            <DataTable
              caption={`s3://${bucket}/${prefix}`}
              rows={entries}
              keyOf={({ key }) => key}
              selected={chosen}
              hrefOf={({ key, isFolder }) =>
                isFolder ? link('objects', [bucket], { prefix: key }) : link('objects', [bucket], { prefix, key })
              }
              columns={[
                {
                  name: t('Name'),
                  cell: ({ key, isFolder }) => (
                    <span class="row">
                      <Icon name={isFolder ? 'folder' : 'file'} />
                      {key.slice(prefix.length)}
                    </span>
                  ),
                },
                {
                  name: t('Size'),
                  cell: (entry) => (entry.bytes === undefined ? '' : bytes(entry.bytes)),
                  isFigure: true,
                },
                {
                  name: t('Changed'),
                  cell: (entry) => (entry.at === undefined ? '' : moment(entry.at)),
                  isFigure: true,
                  isMinor: true,
                },
              ]}
            />
            {answer.IsTruncated && most < 1000 && (
              <Button onClick={() => setMost(1000)}>{t('Up to a thousand')}</Button>
            )}
          </>
        )
      }}
    </Shown>
  )
}

function entriesOf(answer: Output, prefix: string): Entry[] {
  const folders = (answer.CommonPrefixes ?? []).map(({ Prefix }: Output): Entry => ({ key: Prefix, isFolder: true }))
  const files = (answer.Contents ?? []).map(
    ({ Key, Size, LastModified }: Output): Entry => ({
      key: Key,
      isFolder: false,
      bytes: Size,
      at: LastModified * 1000,
    }),
  )
  return [...folders, ...files.filter(({ key }: Entry) => key !== prefix)]
}
