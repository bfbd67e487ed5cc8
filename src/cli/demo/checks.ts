/** Whether what came out is what had to come out. Each check is a question to the server, none an assumption. */
import type { Trace } from '../../control/traces.ts'
import type { Mail } from '../mail.ts'
import type { AwsClient } from './awsClient.ts'
import { hopsOf } from './hopFollower.ts'
import type { SalesFile } from './salesFiles.ts'
import type { Totals } from './stores.ts'

export interface Check {
  what: string
  /** What is wrong; absent if it is as it should be. */
  fault?: string
}

export interface Outcome {
  athena: Totals
  redshift: Totals
  spectrum: Totals
  mails: Mail[]
}

export function checkFile(file: SalesFile, outcome: Outcome): Check[] {
  const { expected } = file
  if (expected && 'refusedFor' in expected) return [checkRefusal(file, expected.refusedFor, outcome)]
  if (!expected && mailAbout(file, outcome)) return [{ what: `${file.key} was refused, and an e-mail says why` }]
  const stores = {
    Athena: outcome.athena,
    'Redshift (COPY)': outcome.redshift,
    'Redshift (Spectrum)': outcome.spectrum,
  }
  const wanted = expected ?? outcome.athena.get(file.key)
  return Object.entries(stores).map(([store, totals]) => {
    const found = totals.get(file.key)
    const what = `${store} has ${wanted ? `the ${wanted.sales} sales` : 'the sales'} of ${file.key}, each once`
    if (found && wanted && found.sales === wanted.sales && found.cents === wanted.cents) return { what }
    return { what, fault: `wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}` }
  })
}

function checkRefusal(file: SalesFile, column: string, outcome: Outcome): Check {
  const what = `${file.key} was refused, and an e-mail names the column ${column}`
  const mail = mailAbout(file, outcome)
  if (!mail) return { what, fault: 'there is no such e-mail' }
  if (!mail.body.includes(`'${column}'`)) return { what, fault: 'the e-mail does not name it' }
  if (outcome.athena.has(file.key)) return { what, fault: 'but its rows are in the lake' }
  return { what }
}

export function mailAbout(file: SalesFile, { mails }: Pick<Outcome, 'mails'>): Mail | undefined {
  return mails.findLast(({ body }) => body.includes(file.key))
}

/** The files have been taken through: nothing waits, the days are in the Catalog, nothing was given up on. */
export async function checkPlaces(aws: AwsClient, buckets: { raw: string; processed: string }): Promise<Check[]> {
  const waiting = [
    ...(await aws.listKeys(buckets.raw, 'validated/')),
    ...(await aws.listKeys(buckets.processed, 'to-load/')),
  ]
  const written = await aws.listKeys(buckets.processed, 'vendas/')
  const folders = new Set(written.filter((key) => key.endsWith('.parquet')).map((key) => key.replace(/\/[^/]*$/, '')))
  const { Partitions } = await aws.call<{ Partitions: unknown[] }>('AWSGlue', 'GetPartitions', {
    DatabaseName: 'vendas',
    TableName: 'vendas',
  })
  const { QueueUrl } = await aws.call<{ QueueUrl: string }>('AmazonSQS', 'GetQueueUrl', {
    QueueName: 'vendas-nao-entregues',
  })
  const { Attributes } = await aws.call<{ Attributes: Record<string, string> }>('AmazonSQS', 'GetQueueAttributes', {
    QueueUrl,
    AttributeNames: ['ApproximateNumberOfMessages'],
  })
  const undelivered = Attributes.ApproximateNumberOfMessages
  return [
    check('every validated file was transformed and loaded', waiting.length === 0, `these wait: ${waiting.join(', ')}`),
    check(
      `the Catalog has a partition for each of the ${folders.size} folders of Parquet`,
      Partitions.length === folders.size,
      `it has ${Partitions.length}`,
    ),
    check('the queue of undelivered events is empty', undelivered === '0', `it has ${undelivered}`),
  ]
}

/** The trace tells of each service that the file went through, and none failed. */
export function checkTrace(file: SalesFile, trace: Trace | undefined): Check {
  const what = `the trace of ${file.key} is whole`
  if (!trace) return { what, fault: 'there is none' }
  const found = [...hopsOf(trace.roots)]
  const failed = found.filter(({ status }) => status !== 'ok')
  if (failed.length > 0)
    return { what, fault: `not over or failed: ${failed.map((hop) => `${hop.service} ${hop.action}`).join(', ')}` }
  const wanted = ['s3', 'eventbridge', 'lambda', 'glue', 'redshift-data']
  const missing = wanted.filter((service) => !found.some((hop) => hop.service === service))
  return check(what, missing.length === 0, `it lacks ${missing.join(', ')}`)
}

export function check(what: string, isSo: boolean, fault: string): Check {
  return isSo ? { what } : { what, fault }
}
