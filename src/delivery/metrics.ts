/** Metrics as CloudWatch knows them. Any service measures; whoever provides `metricSink` keeps them. */
import type { Millis } from '../clock.ts'
import type { Tx } from './context.ts'
import { singleton } from './singleton.ts'

/** What was measured, once or several times, at one moment: `values` with how often each came, or a statistic set. */
export interface Measurement {
  name: string
  /** In the order they were given; CloudWatch knows a metric by namespace, name and the set of them. */
  dimensions?: readonly { name: string; value: string }[]
  at?: Millis
  /** AWS's `StandardUnit`; `None` where it is left out. */
  unit?: string
  values?: readonly number[]
  /** As long as `values`; each counts once where it is left out. */
  counts?: readonly number[]
  statistics?: { sampleCount: number; sum: number; minimum: number; maximum: number }
  /** 1 for high resolution, 60 else. */
  resolutionSeconds?: 1 | 60
}

export interface MetricSink {
  /** Keeps them inside the commit that measured them. */
  put(tx: Tx, namespace: string, measurements: readonly Measurement[]): void
}

/** Provided by the cloudwatch service. */
export const metricSink = singleton<MetricSink>('metric sink')
