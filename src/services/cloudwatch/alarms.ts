/** Alarms as they are kept: what both kinds have, and what only one has. */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import type { Millis } from '../../clock.ts'
import { parseArn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import type { AlarmState, MissingData } from '../../engines/metrics/alarmStates.ts'
import { collection, type Scope } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'

const { ResourceNotFound, ValidationException } = awsErrors('cloudwatch')

export interface StoredState {
  value: AlarmState
  reason: string
  /** JSON text. */
  reasonData?: string
  updatedAt: Millis
  /** When the value became another. */
  transitionedAt: Millis
}

interface AlarmBase {
  name: string
  description?: string
  actionsEnabled: boolean
  okActions: string[]
  alarmActions: string[]
  insufficientDataActions: string[]
  configuredAt: Millis
  state: StoredState
}

export interface MetricAlarm extends AlarmBase {
  kind: 'metric'
  comparison: string
  evaluationPeriods: number
  datapointsToAlarm?: number
  missingData?: MissingData
  lowSamplePercentile?: string
  threshold?: number
  thresholdMetricId?: string
  /** One metric … */
  single?: SingleMetric
  /** … or several, and expressions. */
  queries?: MetricDataQuery[]
  periodSeconds: number
  /** The ids of the metrics that it looks at. */
  watched: string[]
  /** It uses a search or a Metrics Insights query: any metric may change its result. */
  isOpen?: boolean
}

export interface SingleMetric {
  namespace: string
  metricName: string
  dimensions: { Name: string; Value: string }[]
  statistic?: string
  extendedStatistic?: string
  unit?: string
  /** Of the query in events; AWS makes one up. */
  queryId: string
}

export interface CompositeAlarm extends AlarmBase {
  kind: 'composite'
  rule: string
  suppressor?: { alarm: string; waitSeconds: number; extensionSeconds: number }
  suppression?: Suppression
}

export interface Suppression {
  by: 'WaitPeriod' | 'ExtensionPeriod' | 'Alarm'
  /** Absent while the suppressor itself decides. */
  until?: Millis
  /** A change of state whose actions wait. */
  isHolding: boolean
}

export type Alarm = MetricAlarm | CompositeAlarm

/** Each value that a watched metric gets asks for its alarms. */
export const alarms = collection<Alarm>('cloudwatch/alarms', { version: 1, kept: true, key: (alarm) => [alarm.name] })

export function alarmArn({ account, region }: Scope, name: string): string {
  return `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`
}

/** Of an ARN or a name. */
export function alarmNameIn(text: string): string {
  return /^arn:[^:]+:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/s.exec(text)?.[1] ?? text
}

export function mustGetAlarm(reader: Pick<Context, 'in'>, name: string): Alarm {
  const alarm = reader.in(alarms).get(name)
  if (!alarm) throw ResourceNotFound(`Alarm ${name} does not exist.`)
  return alarm
}

/** What both kinds are given alike. */
export interface AlarmInput {
  AlarmName: string
  AlarmDescription?: string | undefined
  ActionsEnabled?: boolean | undefined
  OKActions?: string[] | undefined
  AlarmActions?: string[] | undefined
  InsufficientDataActions?: string[] | undefined
  Tags?: { Key: string | undefined; Value: string | undefined }[] | undefined
}

/** Errors: ValidationError, NotImplemented for what no service here does. */
export function baseOf(input: AlarmInput, before: Alarm | undefined, now: Millis): AlarmBase {
  const { AlarmName: name, AlarmDescription, ActionsEnabled = true } = input
  const actions = {
    okActions: input.OKActions ?? [],
    alarmActions: input.AlarmActions ?? [],
    insufficientDataActions: input.InsufficientDataActions ?? [],
  }
  for (const arn of Object.values(actions).flat()) checkAction(arn)
  return {
    name,
    ...(AlarmDescription !== undefined && { description: AlarmDescription }),
    actionsEnabled: ActionsEnabled,
    ...actions,
    configuredAt: now,
    state: before?.state ?? {
      value: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      updatedAt: now,
      transitionedAt: now,
    },
  }
}

const actionServices = new Set(['sns', 'lambda'])

function checkAction(arn: string): void {
  const parts = parseArn(arn)
  if (!parts) throw ValidationException(`Invalid arn syntax: ${arn}`)
  if (!actionServices.has(parts.service)) throw NotImplemented(`cloudwatch: the alarm action ${arn}`)
}
