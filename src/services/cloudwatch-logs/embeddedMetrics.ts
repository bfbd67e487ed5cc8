/**
 * Embedded metric format: an event that is a JSON object whose `_aws` says which of its members are metrics.
 * Source: CloudWatch User Guide, "Specification: Embedded metric format". What does not follow it is just an event.
 */
import type { Measurement } from '../../delivery/metrics.ts'

interface MetricDefinition {
  Name: string
  Unit?: string
  StorageResolution?: 1 | 60
}

interface Directive {
  Namespace: string
  Dimensions: string[][]
  Metrics: MetricDefinition[]
}

export interface EmbeddedMetrics {
  namespace: string
  measurements: Measurement[]
}

const dimensionsMax = 30
const metricsMax = 100
const valuesMax = 100
const nameCharactersMax = 1_024

export function embeddedMetrics(message: string): EmbeddedMetrics[] {
  if (!message.includes('"_aws"') || !/^\s*\{/.test(message)) return []
  try {
    const root = JSON.parse(message) as Record<string, unknown>
    const { Timestamp, CloudWatchMetrics } = root._aws as { Timestamp: unknown; CloudWatchMetrics: unknown }
    if (typeof Timestamp !== 'number' || !Array.isArray(CloudWatchMetrics)) return []
    return CloudWatchMetrics.map((directive: Directive) => ({
      namespace: textOf(directive.Namespace),
      measurements: measurementsOf(root, directive, Timestamp),
    }))
  } catch {
    return []
  }
}

/** Errors: any, where the directive does not follow the specification. */
function measurementsOf(root: Record<string, unknown>, { Dimensions, Metrics }: Directive, at: number): Measurement[] {
  if (Metrics.length > metricsMax) throw new Error('too many metrics')
  const sets = Dimensions.map((names) => {
    if (names.length > dimensionsMax) throw new Error('too many dimensions')
    return names.map((name) => ({ name, value: textOf(root[name]) }))
  })
  return Metrics.flatMap(({ Name, Unit = 'None', StorageResolution = 60 }) => {
    const values = valuesOf(root[textOf(Name)])
    return sets.map((dimensions) => ({
      name: Name,
      dimensions,
      at,
      unit: textOf(Unit),
      values,
      resolutionSeconds: StorageResolution === 1 ? (1 as const) : (60 as const),
    }))
  })
}

function textOf(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > nameCharactersMax) throw new Error('no text')
  return value
}

function valuesOf(value: unknown): number[] {
  const values = Array.isArray(value) ? value : [value]
  const areNumbers = values.every((one) => typeof one === 'number')
  if (!areNumbers || values.length === 0 || values.length > valuesMax) throw new Error('no numbers')
  return values as number[]
}
