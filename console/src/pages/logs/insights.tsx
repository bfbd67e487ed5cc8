/** Logs Insights: a query over groups and a time, its rows, and a chart where they are counts by time. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { bytes, number, t } from '../../language/text.ts'
import { Button, Card, Empty, Trouble } from '../../parts/blocks.tsx'
import { Chart } from '../../parts/chart.tsx'
import { CopyCall } from '../../parts/copyCall.tsx'
import { Grid } from '../../parts/dataTable.tsx'
import { Editor } from '../../parts/editor.tsx'
import { replace } from '../../router.ts'
import type { Output } from '../../server/aws.ts'
import { serverNow, serverTime } from '../../server/clock.ts'
import { Problem } from '../../server/control.ts'
import { runInsights, startQuery } from './insightsQuery.ts'
import { linesOf, tableOf } from './insightsTable.ts'

const firstQuery = 'fields @timestamp, @message\n| sort @timestamp desc\n| limit 100'
const hours = [1, 6, 24, 168, 720] as const

interface Props {
  groups: string[]
  /** What the address asks for. */
  asked: URLSearchParams
}

export function Insights({ groups: all, asked }: Props): JSX.Element {
  const groups = ownFirst(all)
  const wanted = (asked.get('group') ?? '').split(',').filter((name) => groups.includes(name))
  const [chosen, choose] = useState(wanted.length > 0 ? wanted : groups.slice(0, 1))
  const [query, setQuery] = useState(asked.get('query') ?? firstQuery)
  const [span, setSpan] = useState(Number(asked.get('hours')) || 24)
  const [isRunning, setRunning] = useState(false)
  const [outcome, setOutcome] = useState<{ answer?: Output; problem?: Problem }>({})
  const run = async () => {
    setRunning(true)
    replace('logs', ['insights'], { group: chosen.join(','), query, hours: String(span) })
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
            <CopyCall
              call={startQuery({ groups: chosen, query, from: serverNow() - span * 3_600_000, until: serverNow() })}
            />
            <Button kind="primary" icon="play" disabled={isRunning || chosen.length === 0} onClick={() => void run()}>
              {isRunning ? t('Running …') : t('Run')} <kbd class="on-button">Ctrl ↵</kbd>
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

/** Functions first, for they say most; last what CDK brings for itself. */
function ownFirst(names: string[]): string[] {
  const rank = (name: string) =>
    /CustomResource|BucketNotifications/.test(name) ? 2 : name.startsWith('/aws-glue') ? 1 : 0
  return [...names].sort((a, b) => rank(a) - rank(b))
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
  const table = tableOf(answer.results)
  const { columns, rows } = table
  const lines = linesOf(table)
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
