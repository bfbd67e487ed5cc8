/** Steps 3 and 4 of the demo: drop the files, show each hop, then what came out, and check it. */
import { stopwatch } from '../../clock.ts'
import type { ControlClient } from '../controlClient.ts'
import { drawMail, type Mail } from '../mail.ts'
import { bytes, count, paint, table } from '../terminal.ts'
import { drawTrace } from '../traceTree.ts'
import type { AwsClient } from './awsClient.ts'
import { type Check, checkFile, checkPlaces, checkTrace, mailAbout, type Outcome } from './checks.ts'
import { HopFollower } from './hopFollower.ts'
import type { SalesFile } from './salesFiles.ts'
import { askRedshift, athenaSql, redshiftSql, spectrumSql, type Totals, totalsInAthena } from './stores.ts'
import type { Story } from './story.ts'

export interface Pipeline {
  control: ControlClient
  aws: AwsClient
  files: SalesFile[]
  story: Story
}

const lookMillis = 200
const pipelineMillisMax = 180_000
const account = '000000000000'

/** True if every check passed. */
export async function watchPipeline(pipeline: Pipeline): Promise<boolean> {
  const { story, files, aws } = pipeline
  const buckets = { raw: `vendas-raw-${account}-${aws.region}`, processed: `vendas-processed-${account}-${aws.region}` }
  await dropFiles(pipeline, buckets.raw)
  const follower = new HopFollower(pipeline)
  await followUntilSettled(pipeline, follower)

  const outcome = await outcomeOf(pipeline)
  showMails(pipeline, outcome)
  showTotals(story, outcome)
  const [first] = files
  const trace = first ? await follower.traceOf(first) : undefined
  if (first && trace) {
    story.heading(`The way of ${first.key}`)
    story.line(indented(drawTrace(trace)))
  }
  const isAnyLoaded = outcome.athena.size > 0
  return report(story, [
    ...files.flatMap((file) => checkFile(file, outcome)),
    ...(await checkPlaces(aws, buckets)),
    ...(first && isAnyLoaded ? [checkTrace(first, trace)] : []),
  ])
}

async function dropFiles({ story, files, aws }: Pipeline, bucket: string): Promise<void> {
  story.heading(files.length > 1 ? `Drop ${files.length} files, as ${files.length} stores would` : 'Drop the file')
  await Promise.all(files.map((file) => aws.putObject(bucket, file.key, file.body)))
  for (const { key, body, note } of files) {
    story.line(
      `   ${paint.green('✔')} s3://${bucket}/${paint.bold(key)} ${paint.dim(`${bytes(body.length)}, ${note}`)}`,
    )
  }
}

/** The server itself says when nothing is due and nothing runs; meanwhile each hop is shown. */
async function followUntilSettled({ story, control }: Pipeline, follower: HopFollower): Promise<void> {
  story.heading('Each hop as it happens')
  story.begin('following the files')
  let isSettled = false
  const settling = control.get('/settled').then(() => {
    isSettled = true
  })
  const end = stopwatch.now() + pipelineMillisMax
  while (!isSettled && stopwatch.now() < end) {
    await follower.look()
    await Promise.race([settling, stopwatch.pause(lookMillis)])
  }
  await follower.look()
  story.stop()
  if (!isSettled) story.line(paint.red(`   The pipeline has not come to rest in ${pipelineMillisMax / 1000} s.`))
}

/** A file that was refused alone leaves no table in Redshift: what the stores then say is shown as empty. */
async function outcomeOf({ aws, control, story }: Pipeline): Promise<Outcome> {
  const orEmpty = async (asked: Promise<Totals>): Promise<Totals> =>
    asked.catch((error: Error) => {
      story.line(paint.yellow(`   ${error.message}`))
      return new Map()
    })
  const { messages } = await control.get<{ messages: Mail[] }>('/mail')
  return {
    athena: await orEmpty(totalsInAthena(aws)),
    redshift: await orEmpty(askRedshift(aws, redshiftSql)),
    spectrum: await orEmpty(askRedshift(aws, spectrumSql)),
    mails: messages,
  }
}

function showMails({ story, files }: Pipeline, outcome: Outcome): void {
  const mails = files.flatMap((file) => mailAbout(file, outcome) ?? [])
  if (mails.length === 0) return
  story.heading(mails.length > 1 ? 'The e-mails' : 'The e-mail')
  for (const message of mails) story.line(indented(drawMail(message)))
}

function showTotals(story: Story, { athena, redshift, spectrum }: Outcome): void {
  story.heading('The sales')
  const rows = (store: string, totals: Totals) =>
    [...totals].map(([file, { sales, cents }]) => [store, file, count(sales), reais(cents)])
  const all = [
    ...rows('Athena', athena),
    ...rows('Redshift, loaded by COPY', redshift),
    ...rows('Redshift Spectrum, in the lake', spectrum),
  ]
  story.line(indented(paint.dim(athenaSql)))
  story.line(indented(table(['asked of', 'arquivo', 'vendas', 'total'], all)))
}

function reais(cents: number): string {
  return `${count(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, '0')}`
}

function report(story: Story, checks: Check[]): boolean {
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

function indented(text: string): string {
  return text.replace(/^/gm, '   ')
}
