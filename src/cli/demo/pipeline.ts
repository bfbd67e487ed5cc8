/** The demo's hands and eyes: drops files, shows each hop as it happens, moves the clock, and checks what is common to all. */

import { stopwatch } from '../../clock.ts'
import type { Trace } from '../../control/traces.ts'
import type { ControlClient } from '../controlClient.ts'
import { drawMail, type Mail } from '../mail.ts'
import { bytes, paint } from '../terminal.ts'
import { drawTrace } from '../traceTree.ts'
import type { AwsClient } from './awsClient.ts'
import { type Check, check, type DemoFile } from './example.ts'
import { HopFollower, hopsOf } from './hopFollower.ts'
import type { Story } from './story.ts'

const lookMillis = 200
const pipelineMillisMax = 180_000

export interface PipelineParts {
  control: ControlClient
  aws: AwsClient
  /** The full name. */
  bucket: string
  files: DemoFile[]
  story: Story
}

export class Pipeline {
  readonly control: ControlClient
  readonly aws: AwsClient
  readonly bucket: string
  readonly files: DemoFile[]
  readonly story: Story
  readonly #follower: HopFollower

  constructor({ control, aws, bucket, files, story }: PipelineParts) {
    this.control = control
    this.aws = aws
    this.bucket = bucket
    this.files = files
    this.story = story
    this.#follower = new HopFollower({ control, files, story })
  }

  async drop(files: DemoFile[], heading: string): Promise<void> {
    this.story.heading(heading)
    await Promise.all(files.map((file) => this.aws.putObject(this.bucket, file.key, file.body)))
    for (const { key, body, note } of files) {
      this.story.line(
        `   ${paint.green('✔')} s3://${this.bucket}/${paint.bold(key)} ${paint.dim(`${bytes(body.length)}, ${note}`)}`,
      )
    }
  }

  /** The server itself says when nothing is due and nothing runs; meanwhile each hop is shown. */
  async follow(): Promise<void> {
    this.story.heading('Each hop as it happens')
    this.story.begin('following the files')
    let isSettled = false
    const settling = this.control.get('/settled').then(() => {
      isSettled = true
    })
    const end = stopwatch.now() + pipelineMillisMax
    while (!isSettled && stopwatch.now() < end) {
      await this.#follower.look()
      await Promise.race([settling, stopwatch.pause(lookMillis)])
    }
    await this.#follower.look()
    this.story.stop()
    if (!isSettled) {
      this.story.line(paint.red(`   The pipeline has not come to rest in ${pipelineMillisMax / 1000} s.`))
    }
  }

  /** `1h30m` passes in a moment: what is due meanwhile happens, each thing at its own time. */
  async advance(span: string, what: string): Promise<void> {
    await this.control.post('/clock', { advance: span })
    this.story.line(`   ${paint.cyan('⏵')} ${what} ${paint.dim(`(igarape clock advance ${span})`)}`)
  }

  /** Without those that ask to confirm a subscription. */
  async mails(): Promise<Mail[]> {
    const { messages } = await this.control.get<{ messages: Mail[] }>('/mail')
    return messages.filter(({ subject }) => !subject.endsWith('Subscription Confirmation'))
  }

  showMails(mails: readonly Mail[]): void {
    if (mails.length === 0) return
    this.story.heading(mails.length > 1 ? 'The e-mails' : 'The e-mail')
    for (const message of mails) this.story.line(indented(drawMail(message)))
  }

  /** The way of a file, drawn; and whether it went through each of these services, none of which failed. */
  async checkWay(file: DemoFile, services: readonly string[]): Promise<Check> {
    const trace = await this.#follower.traceOf(file)
    if (trace) {
      this.story.heading(`The way of ${file.key}`)
      this.story.line(indented(drawTrace(trace)))
    }
    return wholeness(file, trace, services)
  }

  async checkUndelivered(queueName: string): Promise<Check> {
    const { QueueUrl } = await this.aws.call<{ QueueUrl: string }>('AmazonSQS', 'GetQueueUrl', { QueueName: queueName })
    const { Attributes } = await this.aws.call<{ Attributes: Record<string, string> }>(
      'AmazonSQS',
      'GetQueueAttributes',
      { QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] },
    )
    const waiting = Attributes.ApproximateNumberOfMessages
    return check('the queue of undelivered events is empty', waiting === '0', `it has ${waiting}`)
  }
}

/** The trace tells of each service that the file went through, and none failed. */
function wholeness(file: DemoFile, trace: Trace | undefined, services: readonly string[]): Check {
  const what = `the trace of ${file.key} is whole`
  if (!trace) return { what, fault: 'there is none' }
  const found = [...hopsOf(trace.roots)]
  const failed = found.filter(({ status }) => status !== 'ok')
  if (failed.length > 0)
    return { what, fault: `not over or failed: ${failed.map((hop) => `${hop.service} ${hop.action}`).join(', ')}` }
  const missing = services.filter((service) => !found.some((hop) => hop.service === service))
  return check(what, missing.length === 0, `it lacks ${missing.join(', ')}`)
}

/** True if every check passed. */
export function report(story: Story, checks: readonly Check[]): boolean {
  story.heading('Checked')
  for (const { what, fault } of checks) {
    story.line(
      fault === undefined ? `   ${paint.green('✔')} ${what}` : `   ${paint.red('✘')} ${what}: ${paint.red(fault)}`,
    )
  }
  const faults = checks.filter(({ fault }) => fault !== undefined).length
  const verdict =
    faults === 0
      ? paint.green('Every step came out as it should.')
      : paint.red(`${faults} of ${checks.length} checks failed.`)
  story.line(`\n   ${paint.bold(verdict)}`)
  return faults === 0
}

export function indented(text: string): string {
  return text.replace(/^/gm, '   ')
}
