/**
 * Delivery status logging: how each delivery of a topic ended, in log groups `sns/REGION/ACCOUNT/TOPIC` and the same with
 * `/Failure`. All failures are logged, of successes a sample. An entry is a due row of the commit that ended the
 * delivery, so it is written at least once. Names: SNS Developer Guide, "Amazon SNS message delivery status".
 */
import { createHash } from 'node:crypto'
import type { Tx } from '../../delivery/context.ts'
import type { NewDelivery, Outcome } from '../../delivery/delivery.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import type { DeliveryReporter } from '../../delivery/reports.ts'
import { NotImplemented } from '../../wire/errors.ts'
import type { Notice } from './envelopes.ts'
import { invalid } from './refusals.ts'
import { writeToLog } from './statusLog.ts'
import type { Protocol } from './subscriptionRecords.ts'
import type { Topic } from './topics.ts'

const feedback =
  /^(HTTP|Firehose|Lambda|Application|SQS)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn)$/
const role = /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/

const logged: Partial<Record<Protocol, string>> = { sqs: 'SQS', lambda: 'Lambda', http: 'HTTP', https: 'HTTP' }
/** AWS names no default: who gives a role and no rate sees all. */
const samplePercentDefault = 100

/** What is logged of one delivery, decided when it begins. */
interface Report {
  topicName: string
  topicArn: string
  messageId: string
  messageMd5: string
  publishedAt: number
  destination: string
  logsSuccess: boolean
  logsFailure: boolean
}

interface Entry extends Due {
  group: string
  at: number
  message: string
}

const entries = dueQueue<Entry>('sns/status-log')

export function isFeedback(name: string): boolean {
  return feedback.test(name)
}

/** Errors: InvalidParameter; NotImplemented for what no delivery here could be logged of. */
export function checkFeedback(name: string, value: string): void {
  if (value === '') return
  // Nothing is sent to phones, and there are no subscriptions of streams, so a log would say what never happened. A sample
  // rate alone logs nothing anywhere.
  if (/^(Firehose|Application).*RoleArn$/.test(name)) throw NotImplemented(`SNS ${name}`)
  if (name.endsWith('RoleArn') && !role.test(value)) throw invalid(`${name} Reason: Invalid ARN`)
  if (name.endsWith('SampleRate') && !/^(100|\d{1,2})$/.test(value)) {
    throw invalid(`${name} Reason: must be an integer between 0 and 100`)
  }
}

interface Addressee {
  protocol: Protocol
  endpoint: string
}

/** Undefined where nothing of the delivery is to be logged, whatever becomes of it. */
export function reportOf(
  tx: Tx,
  { name: topicName, attributes }: Topic,
  { protocol, endpoint }: Addressee,
  { published, draft, topicArn }: Notice,
): Pick<NewDelivery, 'report'> | undefined {
  const prefix = logged[protocol]
  if (!prefix) return undefined
  const rate = Number(attributes[`${prefix}SuccessFeedbackSampleRate`] ?? samplePercentDefault)
  const logsSuccess = Boolean(attributes[`${prefix}SuccessFeedbackRoleArn`]) && tx.random.fraction() * 100 < rate
  const logsFailure = Boolean(attributes[`${prefix}FailureFeedbackRoleArn`])
  if (!logsSuccess && !logsFailure) return undefined
  const report: Report = {
    topicName,
    topicArn,
    messageId: published.id,
    messageMd5: createHash('md5').update(draft.message).digest('hex'),
    publishedAt: published.at,
    destination: endpoint,
    logsSuccess,
    logsFailure,
  }
  return { report: { to: 'sns', ...report } }
}

export const statusReporter: DeliveryReporter = {
  ended(tx, delivery, outcome) {
    const report = delivery.report as unknown as Report
    const isDelivered = outcome.kind === 'delivered'
    if (!(isDelivered ? report.logsSuccess : report.logsFailure)) return
    const { id, attempts } = delivery
    const providerResponse = isDelivered
      ? 'OK'
      : JSON.stringify({ ErrorCode: outcome.code, ErrorMessage: outcome.message })
    log(tx, report, { id, attempts, isDelivered, providerResponse, statusCode: isDelivered ? 200 : statusOf(outcome) })
  },
}

/** A delivery that a data protection policy did not let begin. Words: SNS Developer Guide, "Deny operation". */
export function reportDenial(tx: Tx, topic: Topic, subscription: Addressee, notice: Notice): void {
  const report = reportOf(tx, topic, subscription, notice)?.report as unknown as Report | undefined
  if (!report?.logsFailure) return
  const providerResponse = `The topic's data protection policy prohibits this message from being delivered to ${notice.subscriptionArn}`
  log(tx, report, { id: tx.random.uuid(), attempts: 1, isDelivered: false, providerResponse, statusCode: 403 })
}

interface End {
  id: string
  attempts: number
  isDelivered: boolean
  providerResponse: string
  statusCode: number
}

function log(tx: Tx, report: Report, end: End): void {
  const [, , , region = '', account = ''] = report.topicArn.split(':')
  const group = `sns/${region}/${account}/${report.topicName}${end.isDelivered ? '' : '/Failure'}`
  const message = JSON.stringify(entryOf(report, end, tx.now))
  tx.at({ account, region }).due(entries).put({ id: end.id, dueAt: tx.now, group, at: tx.now, message })
}

function entryOf(report: Report, { id, attempts, isDelivered, providerResponse, statusCode }: End, now: number) {
  return {
    notification: {
      messageMD5Sum: report.messageMd5,
      messageId: report.messageId,
      topicArn: report.topicArn,
      timestamp: new Date(report.publishedAt).toISOString().replace('T', ' ').replace('Z', ''),
    },
    delivery: {
      deliveryId: id,
      destination: report.destination,
      providerResponse,
      dwellTimeMs: now - report.publishedAt,
      attempts,
      statusCode,
    },
    status: isDelivered ? 'SUCCESS' : 'FAILURE',
  }
}

function statusOf({ kind, code }: Exclude<Outcome, { kind: 'delivered' }>): number {
  const answered = /^HTTP_(\d{3})$/.exec(code)?.[1]
  if (answered) return Number(answered)
  return kind === 'refused' ? 400 : 500
}

export const statusLogWorker = worker('sns/status-log', {
  queue: entries,
  concurrency: 4,
  fairBy: ({ group }) => group,
  async run(entry, ctx) {
    await writeToLog(ctx, entry)
    await ctx.commit((tx) => tx.due(entries).delete(entry.id))
  },
})
