/**
 * What could not be delivered, kept for people to look at. One queue takes both kinds: events that a rule could not
 * hand to its target, and events that a function was given and failed on, after its retries.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'

export class Undelivered extends Construct {
  readonly queue: Queue

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.queue = new Queue(this, 'Queue', {
      queueName: 'quality-undelivered',
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    })
  }

  /** How a rule tries its target: for a day at most, then the queue. */
  get delivery() {
    return { retryAttempts: 100, maxEventAge: Duration.hours(24), deadLetterQueue: this.queue }
  }

  /** How a function's own failures are handled: two more tries, then the queue. */
  get failure() {
    return { retryAttempts: 2, deadLetterQueue: this.queue }
  }
}
