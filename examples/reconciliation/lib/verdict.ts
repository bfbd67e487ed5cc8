/** What people hear: more discrepancies than the threshold, or a job that gave up. Rules decide; no code runs. */
import { EventField, Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { Undelivered } from './undelivered.ts'

export interface VerdictProps {
  jobName: string
  analysts: Topic
  threshold: number
  undelivered: Undelivered
}

export class Verdict extends Construct {
  constructor(scope: Construct, id: string, { jobName, analysts, threshold, undelivered }: VerdictProps) {
    super(scope, id)
    const mail = (message: RuleTargetInput) => new SnsTopic(analysts, { message, deadLetterQueue: undelivered.queue })

    new Rule(this, 'TooMany', {
      ruleName: 'reconciliation-too-many-discrepancies',
      description: `More than ${threshold} discrepancies in a day.`,
      eventPattern: {
        source: ['reconciliation'],
        detailType: ['Reconciliation Finished'],
        detail: { discrepancies: Match.greaterThan(threshold) },
      },
      targets: [mail(RuleTargetInput.fromText(summary))],
    })
    new Rule(this, 'JobFailed', {
      ruleName: 'reconciliation-job-failed',
      description: 'The job gave up: tell the analysts.',
      eventPattern: {
        source: ['aws.glue'],
        detailType: ['Glue Job State Change'],
        detail: { jobName: [jobName], state: ['FAILED', 'TIMEOUT'] },
      },
      targets: [
        mail(RuleTargetInput.fromText(`${jobName} ${field('jobRunId')}: ${field('state')}. ${field('message')}`)),
      ],
    })
  }
}

function field(name: string): string {
  return EventField.fromPath(`$.detail.${name}`)
}

const summary = [
  `Reconciliation of ${field('date')}: ${field('discrepancies')} discrepancies in ${field('transactions')} transactions.`,
  `Only bank A: ${field('missing_credit')}. Only bank B: ${field('missing_debit')}.`,
  `Twice at bank A: ${field('duplicate_debit')}. Twice at bank B: ${field('duplicate_credit')}.`,
  `Different amounts: ${field('amount_mismatch')}.`,
  `Unexplained: ${field('unexplained')}.`,
  `Rows: ${field('report')}`,
].join(' ')
