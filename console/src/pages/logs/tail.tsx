/** The end of a group or of one stream, live. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../../language/text.ts'
import { Button, Card, Shown } from '../../parts/blocks.tsx'
import { Filter } from '../../parts/filter.tsx'
import { LogLines } from '../../parts/logLines.tsx'
import { go, link } from '../../router.ts'
import { aws, type Output } from '../../server/aws.ts'
import { serverTime } from '../../server/clock.ts'
import { useLive } from '../../server/live.ts'

const ranges = { '15m': 15, '1h': 60, '1d': 1_440, '7d': 10_080, all: 0 } as const
type Range = keyof typeof ranges
const pagesMax = 5

export function Tail({ group, stream }: { group: string; stream: string | undefined }): JSX.Element {
  const [pattern, setPattern] = useState('')
  const [range, setRange] = useState<Range>('1d')
  const [isHeld, hold] = useState(false)
  const streams = useLive(
    `streams of ${group}`,
    () =>
      aws('cloudwatch-logs', 'DescribeLogStreams', {
        logGroupName: group,
        orderBy: 'LastEventTime',
        descending: true,
        limit: 50,
      }),
    4_000,
  )
  const live = useLive(
    `tail ${group} ${stream} ${pattern} ${range}`,
    () => lastLines({ group, stream, pattern, minutes: ranges[range] }),
    isHeld ? 0 : 1_500,
  )
  return (
    <Card
      flush
      title={<span class="truncate">{group}</span>}
      actions={
        <>
          <Button icon="search" href={link('logs', ['insights'], { group })}>
            Insights
          </Button>
          <Button icon={isHeld ? 'play' : 'pause'} pressed={isHeld} onClick={() => hold(!isHeld)}>
            {isHeld ? t('Go on') : t('Hold')}
          </Button>
        </>
      }
    >
      <div class="tools">
        <select
          class="field"
          aria-label={t('Stream')}
          value={stream ?? ''}
          onChange={(event) => go('logs', [group, ...(event.currentTarget.value ? [event.currentTarget.value] : [])])}
        >
          <option value="">{t('all streams')}</option>
          {(streams.data?.logStreams ?? []).map(({ logStreamName }: Output) => (
            <option key={logStreamName}>{logStreamName}</option>
          ))}
        </select>
        <select
          class="field"
          aria-label={t('Time')}
          value={range}
          onChange={(event) => setRange(event.currentTarget.value as Range)}
        >
          <option value="15m">{t('15 minutes')}</option>
          <option value="1h">{t('1 hour')}</option>
          <option value="1d">{t('1 day')}</option>
          <option value="7d">{t('7 days')}</option>
          <option value="all">{t('all')}</option>
        </select>
        <Filter value={pattern} onInput={setPattern} label={t('A filter pattern: ERROR, or { $.level = "error" }')} />
      </div>
      <Shown live={live}>
        {(events) => (
          <div class="log-frame">
            <LogLines events={events} />
          </div>
        )}
      </Shown>
    </Card>
  )
}

interface Asked {
  group: string
  stream: string | undefined
  pattern: string
  minutes: number
}

/** The newest last, as in a terminal. */
async function lastLines({ group, stream, pattern, minutes }: Asked): Promise<Output[]> {
  const { now } = await serverTime()
  const events: Output[] = []
  let nextToken: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const answer: Output = await aws('cloudwatch-logs', 'FilterLogEvents', {
      logGroupName: group,
      ...(stream && { logStreamNames: [stream] }),
      ...(pattern && { filterPattern: pattern }),
      ...(minutes > 0 && { startTime: now - minutes * 60_000 }),
      ...(nextToken && { nextToken }),
      limit: 2_000,
    })
    events.push(...answer.events)
    nextToken = answer.nextToken
    if (!nextToken) break
  }
  return events.slice(-1_000)
}
