/** What an alarm does in its new state: topics and functions are told, and its history says whether they took it. */
import type { Millis } from '../../clock.ts'
import type { Arn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import type { DeliveryReporter } from '../../delivery/reports.ts'
import { longTime } from '../../engines/metrics/alarmReasons.ts'
import { record } from './alarmHistory.ts'
import { type Change, functionPayload, topicMessage, topicSubject } from './alarmMessages.ts'
import { type Alarm, alarmArn } from './alarms.ts'

/** SNS takes no longer one. */
const subjectCharactersMax = 100

/** What the history has to know of an action when it ends. */
interface ActionReport {
  to: 'cloudwatch'
  name: string
  kind: Alarm['kind']
  stateUpdatedAt: Millis
  isTopic: boolean
}

export function act(tx: Tx, change: Change): void {
  const { alarm } = change
  if (!alarm.actionsEnabled) return
  const actions = { OK: alarm.okActions, ALARM: alarm.alarmActions, INSUFFICIENT_DATA: alarm.insufficientDataActions }
  for (const arn of actions[alarm.state.value]) take(tx, change, arn)
}

function take(tx: Tx, change: Change, arn: Arn): void {
  const { alarm } = change
  const isTopic = arn.includes(':sns:')
  const principal = isTopic ? 'cloudwatch.amazonaws.com' : 'lambda.alarms.cloudwatch.amazonaws.com'
  const report: ActionReport = {
    to: 'cloudwatch',
    name: alarm.name,
    kind: alarm.kind,
    stateUpdatedAt: alarm.state.updatedAt,
    isTopic,
  }
  tx.deliver({
    arn,
    payload: isTopic ? topicMessage(tx, change) : functionPayload(tx, change),
    sender: { principal, sourceArn: alarmArn(tx, alarm.name), sourceAccount: tx.account },
    report: { ...report },
    ...(isTopic && { parameters: { subject: topicSubject(tx, alarm).slice(0, subjectCharactersMax) } }),
  })
}

/** An action counts as executed when its topic or function took it; one that could not be, says so. */
export const actionReporter: DeliveryReporter = {
  ended(tx, { arn, payload, report }, outcome) {
    const { stateUpdatedAt, isTopic, ...alarm } = report as unknown as ActionReport
    const failure = outcome.kind === 'delivered' ? undefined : outcome.message || outcome.code
    const summary = failure
      ? `Failed to execute action ${arn}. Received error: "${failure}"`
      : `Successfully executed action ${arn}`
    const data = {
      actionState: failure ? 'Failed' : 'Succeeded',
      stateUpdateTimestamp: longTime(stateUpdatedAt),
      notificationResource: arn,
      ...(isTopic && { publishedMessage: payload }),
      error: failure ?? null,
    }
    record(tx, alarm, { type: 'Action', summary, data })
  },
}
