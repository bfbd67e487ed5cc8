/** All metrics, by namespace; what is chosen is drawn. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../../language/text.ts'
import { Button, Card, Empty, Shown } from '../../parts/blocks.tsx'
import { Chart } from '../../parts/chart.tsx'
import { Filter } from '../../parts/filter.tsx'
import { type Output, pages } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { linesFor, periodFor, queryOf } from './metricQuery.ts'
import { TimeSpan } from './timeSpan.tsx'

const stats = ['Sum', 'Average', 'Maximum', 'Minimum', 'SampleCount', 'p50', 'p90', 'p99']
const chosenMax = 12
const shownMax = 300

export function Explorer(): JSX.Element {
  const live = useLive('metrics', () => pages('cloudwatch', 'ListMetrics', {}, 'Metrics', { most: 5_000 }), 8_000)
  const [chosen, choose] = useState<string[]>([])
  const [words, setWords] = useState('')
  const [stat, setStat] = useState('Sum')
  const [minutes, setMinutes] = useState(180)
  return (
    <Shown live={live}>
      {(metrics) => {
        if (metrics.length === 0)
          return (
            <Card>
              <Empty icon="metrics" title={t('No metric yet')}>
                <p>{t('Services count what they do minute by minute; programs put their own.')}</p>
                <pre class="code">aws cloudwatch put-metric-data --namespace App --metric-name Sales --value 1</pre>
              </Empty>
            </Card>
          )
        const shown = metrics
          .filter((metric) => idOf(metric).toLowerCase().includes(words.toLowerCase()))
          .slice(0, shownMax)
        const drawn = metrics.filter((metric) => chosen.includes(idOf(metric)))
        const toggle = (id: string) =>
          choose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-chosenMax))
        return (
          <div class="split" style={{ '--left': '36%' }}>
            <Card flush title={<Filter value={words} onInput={setWords} label={t('Find a metric')} />}>
              <ul class="list metric-list">
                {shown.map((metric) => (
                  <li key={idOf(metric)}>
                    <button
                      class="item"
                      type="button"
                      aria-current={chosen.includes(idOf(metric))}
                      aria-pressed={chosen.includes(idOf(metric))}
                      onClick={() => toggle(idOf(metric))}
                    >
                      <span class="row">
                        <strong class="truncate">{metric.MetricName}</strong>
                        <small style={{ marginLeft: 'auto' }}>{metric.Namespace}</small>
                      </span>
                      <small class="truncate">{dimensionsOf(metric) || t('no dimensions')}</small>
                    </button>
                  </li>
                ))}
              </ul>
            </Card>
            <Card
              title={t('Over time')}
              actions={
                <>
                  <select
                    class="field"
                    aria-label={t('Statistic')}
                    value={stat}
                    onChange={(event) => setStat(event.currentTarget.value)}
                  >
                    {stats.map((name) => (
                      <option key={name}>{name}</option>
                    ))}
                  </select>
                  <TimeSpan minutes={minutes} choose={setMinutes} />
                  {chosen.length > 0 && <Button icon="close" label={t('Choose none')} onClick={() => choose([])} />}
                </>
              }
            >
              {drawn.length === 0 ? (
                <Empty icon="metrics" title={t('Choose a metric')} />
              ) : (
                <Drawn metrics={drawn} stat={stat} minutes={minutes} />
              )}
            </Card>
          </div>
        )
      }}
    </Shown>
  )
}

function Drawn({ metrics, stat, minutes }: { metrics: Output[]; stat: string; minutes: number }): JSX.Element {
  const queries = metrics.map((metric, at) =>
    queryOf(
      {
        namespace: metric.Namespace,
        name: metric.MetricName,
        dimensions: metric.Dimensions ?? [],
        stat,
        periodSeconds: periodFor(minutes),
        label: `${metric.MetricName} ${lastDimension(metric)}`,
      },
      at,
    ),
  )
  const live = useLive(`drawn ${JSON.stringify(queries)} ${minutes}`, () => linesFor(queries, minutes), 5_000)
  return (
    <Shown live={live}>
      {({ lines, span }) => (
        <Chart lines={lines} span={span} height={320} kind={stat === 'Sum' ? 'bar' : 'line'} label={t('Over time')} />
      )}
    </Shown>
  )
}

const dimensionsOf = ({ Dimensions = [] }: Output): string =>
  Dimensions.map(({ Name, Value }: Output) => `${Name} ${Value}`).join(', ')
const lastDimension = ({ Dimensions = [] }: Output): string => Dimensions.at(-1)?.Value ?? ''
const idOf = (metric: Output): string => `${metric.Namespace} ${metric.MetricName} ${dimensionsOf(metric)}`
