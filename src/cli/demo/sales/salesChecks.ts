/** Whether what came out is what had to come out. Each check is a question to the server, none an assumption. */
import type { Mail } from '../../mail.ts'
import { type Check, check } from '../example.ts'
import type { Pipeline } from '../pipeline.ts'
import type { SalesFile } from './salesFiles.ts'
import type { Totals } from './stores.ts'

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
export async function checkPlaces(pipeline: Pipeline): Promise<Check[]> {
  const { aws, bucket } = pipeline
  const processed = bucket.replace('vendas-raw', 'vendas-processed')
  const waiting = [...(await aws.listKeys(bucket, 'validated/')), ...(await aws.listKeys(processed, 'to-load/'))]
  const written = await aws.listKeys(processed, 'vendas/')
  const folders = new Set(written.filter((key) => key.endsWith('.parquet')).map((key) => key.replace(/\/[^/]*$/, '')))
  const { Partitions } = await aws.call<{ Partitions: unknown[] }>('AWSGlue', 'GetPartitions', {
    DatabaseName: 'vendas',
    TableName: 'vendas',
  })
  return [
    check('every validated file was transformed and loaded', waiting.length === 0, `these wait: ${waiting.join(', ')}`),
    check(
      `the Catalog has a partition for each of the ${folders.size} folders of Parquet`,
      Partitions.length === folders.size,
      `it has ${Partitions.length}`,
    ),
    await pipeline.checkUndelivered('vendas-nao-entregues'),
  ]
}
