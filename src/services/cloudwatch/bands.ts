/** ANOMALY_DETECTION_BAND: the edges of what is expected, from the two weeks before. */
import type { Millis } from '../../clock.ts'
import { singleton } from '../../delivery/singleton.ts'
import { type BandModel, bandAt, trainBand } from '../../engines/metrics/anomalyBands.ts'
import type { Series } from '../../engines/metrics/series.ts'
import { excludedRanges } from './anomalyDetectors.ts'
import { type Reader, type Span, seriesOf } from './metricQueries.ts'
import { metricId } from './metrics.ts'

const trainingMillis = 14 * 86_400_000
/** An alarm's model is as old as this at most; AWS trains its own every few hours. */
const modelMillis = 3_600_000
const modelsMax = 1_000

const bandModels = singleton('anomaly models', () => {
  const models = new Map<string, BandModel>()
  return { models, reset: () => models.clear() }
})

/** The lower and the upper edge at each of its moments; nothing where too little came before. */
export function bandOf(
  reader: Reader,
  of: Series,
  deviations: number,
  span: Span,
  { mayBeOld }: { mayBeOld: boolean },
): Series[] {
  const model = modelOf(reader, of, span, mayBeOld)
  const edge = (index: 0 | 1, name: string): Series => {
    const label = `${of.label} ${name}`
    if (!model) return { ...of, label, timestamps: [], values: [] }
    return { ...of, label, values: of.timestamps.map((at) => bandAt(model, at, deviations)[index]) }
  }
  return [edge(0, 'low'), edge(1, 'high')]
}

function modelOf(reader: Reader, of: Series, span: Span, mayBeOld: boolean): BandModel | undefined {
  const { metric, statistic, periodSeconds } = of
  if (!metric || !statistic) return trainBand(of, span.now)
  const key = [reader.account, reader.region, metricId(metric), statistic, periodSeconds].join(' ')
  const { models } = reader.use(bandModels)
  const known = mayBeOld ? models.get(key) : undefined
  if (known && known.trainedAt <= span.now && span.now - known.trainedAt < modelMillis) return known
  const model = trainedOn(reader, of, span)
  if (!model) return undefined
  if (models.size >= modelsMax) models.clear()
  models.set(key, model)
  return model
}

export function trainedOn(
  reader: Reader,
  { metric, statistic, periodSeconds }: Pick<Series, 'metric' | 'statistic' | 'periodSeconds'>,
  { start, now }: Span,
): BandModel | undefined {
  if (!metric || !statistic) return undefined
  const query = { metric, statistic, periodSeconds: Math.max(periodSeconds, 60) }
  const history = seriesOf(reader, query, { start: start - trainingMillis, end: start, now })
  const excluded = excludedRanges(reader, metric, statistic)
  const isKept = (at: Millis) => !excluded.some(({ from, to }) => at >= from && at < to)
  const kept = history.timestamps.flatMap((at, index) => (isKept(at) ? [index] : []))
  return trainBand(
    {
      timestamps: kept.map((index) => history.timestamps[index] as Millis),
      values: kept.map((index) => history.values[index] as number),
    },
    now,
  )
}
