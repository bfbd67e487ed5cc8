/** Statistics by period: of the services that an expression selects, or of the roots, which is what clients saw. */
import type { Millis } from '../../clock.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import type { TraceSegment } from './assembly.ts'
import { type Filter, type Identity, parseFilter } from './filterParser.ts'
import type { SegmentDocument } from './segmentDocuments.ts'
import { histogram, summaryStatistics } from './statistics.ts'
import type { FoundTrace } from './traceReading.ts'

const { InvalidRequestException } = awsErrors('xray')

const defaultPeriodSeconds = 60
const periodsMax = 1_440

interface Wanted {
  Period?: number | undefined
  EntitySelectorExpression?: string | undefined
  ForecastStatistics?: boolean | undefined
}

export function seriesOf(found: readonly FoundTrace[], range: { start: Millis; end: Millis }, wanted: Wanted) {
  if (wanted.ForecastStatistics) throw NotImplemented('xray: ForecastStatistics')
  const { Period: seconds = defaultPeriodSeconds, EntitySelectorExpression: expression } = wanted
  const period = seconds * 1000
  if (seconds < 1 || (range.end - range.start) / period > periodsMax) {
    throw InvalidRequestException(`A time range may have at most ${periodsMax} periods.`)
  }
  const select = selectorOf(expression)
  const byPeriod = new Map<Millis, SegmentDocument[]>()
  for (const { trace } of found) {
    for (const segment of trace.segments) {
      const view = select.view(segment)
      if (!view) continue
      const at = Math.floor((view.start_time * 1000) / period) * period
      byPeriod.set(at, [...(byPeriod.get(at) ?? []), view])
    }
  }
  return [...byPeriod]
    .sort(([a], [b]) => a - b)
    .map(([at, views]) => ({
      Timestamp: new Date(at),
      [select.isEdge ? 'EdgeSummaryStatistics' : 'ServiceSummaryStatistics']: summaryStatistics(views),
      ResponseTimeHistogram: histogram(views),
    }))
}

interface Selector {
  isEdge: boolean
  /** What is counted of a segment, if it is selected. */
  view(segment: TraceSegment): SegmentDocument | undefined
}

/** Errors: InvalidRequestException for what selects neither a service nor an edge. */
function selectorOf(expression: string | undefined): Selector {
  if (!expression) return { isEdge: true, view: ({ parent, document }) => (parent ? undefined : document) }
  const filter: Filter = parseFilter(expression)
  if (filter.kind === 'service' && !filter.inner) {
    const { id } = filter
    return { isEdge: false, view: ({ document }) => (isIt(document, id) ? document : undefined) }
  }
  if (filter.kind !== 'edge' || filter.inner) {
    throw InvalidRequestException('An EntitySelectorExpression is service(…) or edge(…, …).')
  }
  const { from, to } = filter
  return {
    isEdge: true,
    view: ({ parent, call, document }) =>
      parent && isIt(parent.document, from) && isIt(document, to) ? (call ?? document) : undefined,
  }
}

function isIt({ name, origin }: SegmentDocument, id: Identity | undefined): boolean {
  return (id?.name === undefined || id.name === name) && (id?.type === undefined || id.type === origin)
}
