/** Counts and times of a service's segments, or of the calls on an edge. */
import type { SegmentDocument } from './segmentDocuments.ts'
import { durationOf, isError, isFault, isThrottle, rounded } from './traceFacts.ts'

export function summaryStatistics(documents: readonly SegmentDocument[]) {
  const ended = documents.filter(({ end_time }) => end_time !== undefined)
  const faults = ended.filter(isFault).length
  const errors = ended.filter((document) => isError(document) && !isFault(document))
  const throttles = errors.filter(isThrottle).length
  return {
    OkCount: ended.length - faults - errors.length,
    ErrorStatistics: { ThrottleCount: throttles, OtherCount: errors.length - throttles, TotalCount: errors.length },
    FaultStatistics: { OtherCount: faults, TotalCount: faults },
    TotalCount: ended.length,
    TotalResponseTime: rounded(ended.reduce((sum, document) => sum + durationOf(document), 0)),
  }
}

/** How many took how long, in milliseconds' steps. */
export function histogram(documents: readonly SegmentDocument[]) {
  const counts = new Map<number, number>()
  for (const document of documents) {
    if (document.end_time === undefined) continue
    const value = durationOf(document)
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].sort(([a], [b]) => a - b).map(([Value, Count]) => ({ Value, Count }))
}

export function timesOf(documents: readonly SegmentDocument[]) {
  const start = Math.min(...documents.map(({ start_time }) => start_time))
  const end = Math.max(...documents.map(({ start_time, end_time = start_time }) => end_time))
  return { StartTime: new Date(start * 1000), EndTime: new Date(end * 1000) }
}
