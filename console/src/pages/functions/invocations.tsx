/** The latest invocations, read from the function's own log: a REPORT line ends each. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { duration, moment, t } from '../../language/text.ts'
import { Badge, Card, Empty, Shown, Status } from '../../parts/blocks.tsx'
import { DataTable } from '../../parts/dataTable.tsx'
import { LogLines } from '../../parts/logLines.tsx'
import { link } from '../../router.ts'
import { aws, type Output } from '../../server/aws.ts'
import type { Problem } from '../../server/control.ts'
import { useLive } from '../../server/live.ts'

interface Invocation {
  requestId: string
  at: number
  millis: number
  billedMillis: number
  memory: string
  init?: number
  isFailed: boolean
  lines: Output[]
}

const linesMax = 2_000
const streamsMax = 8

export function Invocations({ group }: { group: string }): JSX.Element {
  const [isOfErrors, onlyErrors] = useState(false)
  const live = useLive(`invocations ${group}`, () => findInvocations(group), 2_000)
  return (
    <Card
      flush
      title={t('Invocations')}
      actions={
        <button class="button plain" type="button" aria-pressed={isOfErrors} onClick={() => onlyErrors(!isOfErrors)}>
          {t('Only errors')}
        </button>
      }
    >
      <Shown live={live}>
        {(all) => {
          const list = all.filter(({ isFailed }) => isFailed || !isOfErrors)
          if (list.length === 0)
            return (
              <Empty icon="function" title={isOfErrors && all.length > 0 ? t('No errors') : t('It was never called')} />
            )
          return <List list={list} />
        }}
      </Shown>
    </Card>
  )
}

function List({ list }: { list: Invocation[] }): JSX.Element {
  const [open, setOpen] = useState(list.find(({ isFailed }) => isFailed)?.requestId)
  const opened = list.find(({ requestId }) => requestId === open)
  return (
    <>
      <DataTable
        caption={t('Invocations')}
        rows={list}
        keyOf={({ requestId }) => requestId}
        selected={open}
        columns={[
          {
            name: t('When'),
            cell: ({ requestId, at }) => (
              <button class="as-link" type="button" onClick={() => setOpen(requestId)}>
                {moment(at)}
              </button>
            ),
          },
          { name: t('State'), cell: ({ isFailed }) => <Status of={isFailed ? 'failed' : 'ok'} /> },
          { name: t('Took'), cell: ({ millis }) => duration(millis), isFigure: true },
          { name: t('Billed'), cell: ({ billedMillis }) => duration(billedMillis), isFigure: true, isMinor: true },
          { name: t('Memory'), cell: ({ memory }) => memory, isFigure: true, isMinor: true },
          {
            name: t('Cold start'),
            cell: ({ init }) => init !== undefined && <Badge>{duration(init)}</Badge>,
            isMinor: true,
          },
          {
            name: '',
            cell: ({ requestId }) => <a href={link('flow', ['trace', requestId])}>{t('Its way')}</a>,
            isFigure: true,
          },
        ]}
      />
      {opened && (
        <div style={{ padding: '12px 16px' }}>
          <LogLines events={opened.lines} />
        </div>
      )}
    </>
  )
}

async function findInvocations(group: string): Promise<Invocation[]> {
  const streams = await aws('cloudwatch-logs', 'DescribeLogStreams', {
    logGroupName: group,
    orderBy: 'LastEventTime',
    descending: true,
    limit: streamsMax,
  }).catch((problem: Problem) => {
    // A group is made when a function first logs.
    if (problem.code === 'ResourceNotFoundException') return { logStreams: [] }
    throw problem
  })
  const logs = await Promise.all(
    streams.logStreams.map(({ logStreamName }: Output) =>
      aws('cloudwatch-logs', 'GetLogEvents', { logGroupName: group, logStreamName, limit: linesMax }),
    ),
  )
  return logs
    .flatMap(({ events }) => invocationsIn(events))
    .sort((a, b) => b.at - a.at)
    .slice(0, 200)
}

/** Of one instance, which runs one invocation after the other. */
function invocationsIn(events: Output[]): Invocation[] {
  const found: Invocation[] = []
  let lines: Output[] = []
  for (const event of events) {
    if (event.message.startsWith('START RequestId:')) lines = []
    lines.push(event)
    const report =
      /^REPORT RequestId: (\S+)\s+Duration: ([\d.]+) ms\s+Billed Duration: (\d+) ms(?:.*Max Memory Used: (\d+ MB))?(?:.*Init Duration: ([\d.]+) ms)?/.exec(
        event.message,
      )
    if (!report) continue
    const [, requestId = '', millis, billed, memory = '', init] = report
    found.push({
      requestId,
      at: lines[0].timestamp,
      millis: Number(millis),
      billedMillis: Number(billed),
      memory,
      ...(init && { init: Number(init) }),
      isFailed: lines.some(({ message }) => /\bERROR\b|Traceback|Task timed out|Status: (error|timeout)/.test(message)),
      lines,
    })
    lines = []
  }
  return found
}
