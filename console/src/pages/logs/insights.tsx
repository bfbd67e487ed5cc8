/** Logs Insights: a query over groups and a time, its rows, and a chart where they are counts by time. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { bytes, number, t } from '../../language/text.ts'
import { Button, Card, Empty, Trouble } from '../../parts/blocks.tsx'
import { Chart } from '../../parts/chart.tsx'
import { Grid } from '../../parts/dataTable.tsx'
import { Editor } from '../../parts/editor.tsx'
import type { Line } from '../../parts/plot.ts'
import type { Output } from '../../server/aws.ts'
import { serverTime } from '../../server/clock.ts'
import { Problem } from '../../server/control.ts'
import { runInsights } from './insightsQuery.ts'

const firstQuery = 'fields @timestamp, @message\n| sort @timestamp desc\n| limit 100'
const hours = [1, 6, 24, 168, 720] as const

export function Insights({ groups, first }: { groups: string[]; first: string | undefined }): JSX.Element {
  const [chosen, choose] = useState<string[]>([
    first && groups.includes(first)
      ? first
      : (groups.find((name) => !/CustomResource|BucketNotifications/.test(name)) ?? groups[0] ?? ''),
  ])
  const [query, setQuery] = useState(firstQuery)
  const [span, setSpan] = useState<number>(24)
  const [isRunning, setRunning] = useState(false)
  const [outcome, setOutcome] = useState<{ answer?: Output; problem?: Problem }>({})
  const run = async () => {
    setRunning(true)
    try {
      const { now } = await serverTime()
      setOutcome({ answer: await runInsights({ groups: chosen, query, from: now - span * 3_600_000, until: now }) })
    } catch (error) {
      setOutcome({ problem: error instanceof Problem ? error : new Problem('Error', (error as Error).message, 400) })
    }
    setRunning(false)
  }
  return (
    <div class="stack">
      <Card
        flush
        title={t('Question')}
        actions={
          <>
            <select
              class="field"
              aria-label={t('Time')}
              value={String(span)}
              onChange={(event) => setSpan(Number(event.currentTarget.value))}
            >
              {hours.map((count) => (
                <option key={count} value={String(count)}>
                  {count < 48 ? t('{n} hours', { n: count }) : t('{n} days', { n: count / 24 })}
                </option>
              ))}
            </select>
            <Button kind="primary" icon="play" disabled={isRunning || chosen.length === 0} onClick={() => void run()}>
              {isRunning ? t('Running …') : t('Run')}
            </Button>
          </>
        }
      >
        <fieldset class="choices">
          <legend class="unseen">{t('Log groups')}</legend>
          {groups.map((name) => (
            <label key={name} class={`choice ${chosen.includes(name) ? 'on' : ''}`}>
              <input
                type="checkbox"
                class="unseen"
                checked={chosen.includes(name)}
                onChange={(event) =>
                  choose(event.currentTarget.checked ? [...chosen, name] : chosen.filter((one) => one !== name))
                }
              />
              {name}
            </label>
          ))}
        </fieldset>
        <Editor
          value={query}
          kind="text"
          label={t('Question')}
          height={150}
          onChange={setQuery}
          onRun={() => void run()}
        />
      </Card>
      <Results outcome={outcome} isRunning={isRunning} />
    </div>
  )
}

function Results({
  outcome: { answer, problem },
  isRunning,
}: {
  outcome: { answer?: Output; problem?: Problem }
  isRunning: boolean
}): JSX.Element {
  if (problem)
    return (
      <Card flush>
        <Trouble problem={problem} />
      </Card>
    )
  if (!answer)
    return (
      <Card>
        <Empty icon="search" title={isRunning ? t('Running …') : t('No answer yet')}>
          <pre class="code">{'filter @message like /ERROR/\n| stats count(*) as errors by bin(5m)'}</pre>
        </Empty>
      </Card>
    )
  const { columns, rows } = tableOf(answer.results)
  const lines = linesOf(columns, rows)
  const { recordsMatched = 0, recordsScanned = 0, bytesScanned = 0 } = answer.statistics ?? {}
  return (
    <>
      {lines.length > 0 && (
        <Card title={t('By time')}>
          <Chart lines={lines} kind={lines.length === 1 ? 'bar' : 'line'} label={t('By time')} />
        </Card>
      )}
      <Card
        flush
        title={t('{n} rows', { n: number(rows.length) })}
        actions={
          <span class="quiet-words">
            {t('{n} of {all} lines matched, {size} read', {
              n: number(recordsMatched),
              all: number(recordsScanned),
              size: bytes(bytesScanned),
            })}
          </span>
        }
      >
        {rows.length === 0 ? (
          <Empty icon="search" title={t('No line matches')} />
        ) : (
          <Grid caption={t('Answer')} columns={columns.map((name) => ({ name }))} rows={rows} />
        )}
      </Card>
    </>
  )
}

function tableOf(results: { field: string; value: string }[][]): { columns: string[]; rows: (string | null)[][] } {
  const columns = [...new Set(results.flatMap((row) => row.map(({ field }) => field)))].filter(
    (name) => name !== '@ptr',
  )
  const rows = results.map((row) => columns.map((name) => row.find(({ field }) => field === name)?.value ?? null))
  return { columns, rows }
}

/** Where a column is a `bin(…)`, each column of numbers is a line. */
export function linesOf(columns: string[], rows: (string | null)[][]): Line[] {
  const time = columns.findIndex((name) => /^bin\(/.test(name))
  if (time < 0) return []
  const sorted = [...rows].sort((a, b) => String(a[time]).localeCompare(String(b[time])))
  const times = sorted.map((row) => Date.parse(`${String(row[time]).replace(' ', 'T')}Z`) / 1000)
  const figures = columns
    .map((_, at) => at)
    .filter((at) => at !== time && rows.every((row) => row[at] === null || !Number.isNaN(Number(row[at]))))
  const isByMore = new Set(times).size < times.length
  if (isByMore) return []
  return figures.map((at) => ({
    label: columns[at] as string,
    times,
    values: sorted.map((row) => (row[at] === null ? null : Number(row[at]))),
  }))
}
