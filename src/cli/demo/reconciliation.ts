/** The bank reconciliation: two banks' files of a day, hours apart, compared once. */
import { readFileSync } from 'node:fs'
import { UserError } from '../../userError.ts'
import { paint, table } from '../terminal.ts'
import { askAthena } from './athena.ts'
import { type Check, check, type DemoFile, type Example } from './example.ts'
import { indented, type Pipeline } from './pipeline.ts'

const day = '2025-10-20'
const sql = `SELECT transaction_id, kind, debit, credit FROM discrepancies WHERE date = DATE '${day}' ORDER BY transaction_id`

export const reconciliation: Example = {
  name: 'reconciliation',
  about: "two banks' files of a day, hours apart, are compared once; the analyst hears of discrepancies",
  stack: 'Reconciliation',
  bucket: 'reconciliation-incoming',
  movesClock: true,

  async files(exampleFolder, own) {
    if (own !== undefined) {
      throw new UserError('The reconciliation compares two files; --file gives one.', { fix: 'Leave --file out.' })
    }
    const file = (side: string, bank: string) => ({
      key: `${side}_${day}.csv`,
      name: side,
      body: readFileSync(`${exampleFolder}/data/${side}_${day}.csv`),
      note: bank,
    })
    return [file('debits', 'bank A'), file('credits', 'bank B')]
  },

  async play(pipeline) {
    const [debits, credits] = pipeline.files as [DemoFile, DemoFile]
    await pipeline.drop([debits], '8:00, bank A delivers')
    await pipeline.follow()
    await pipeline.advance('1h30m', '9:30: an hour and a half has passed')
    await pipeline.drop([credits], '9:30, bank B delivers')
    await pipeline.follow()
    pipeline.showMails(await pipeline.mails())

    const found = await askAthena(pipeline.aws, sql, 'reconciliation')
    pipeline.story.heading('The discrepancies')
    pipeline.story.line(indented(paint.dim(sql)))
    pipeline.story.line(indented(table(['transaction', 'kind', 'debit', 'credit'], found)))
    return [
      await checkRuns(pipeline),
      checkDiscrepancies(found, debits, credits),
      await checkMail(pipeline, found.length),
      await pipeline.checkUndelivered('reconciliation-undelivered'),
      await pipeline.checkWay(credits, ['s3', 'eventbridge', 'lambda', 'glue', 'sns']),
    ]
  },

  next: (bucket) => [
    `aws s3 cp examples/reconciliation/data/debits_${day}.csv s3://${bucket}/debits_2025-10-21.csv`,
    `aws s3 cp examples/reconciliation/data/credits_${day}.csv s3://${bucket}/credits_2025-10-21.csv`,
    'aws glue get-job-runs --job-name reconcile',
  ],
  more: ['clock advance 24h', 'mail', 'explain reconciliation-too-many-discrepancies'],
}

async function checkRuns({ aws }: Pipeline): Promise<Check> {
  const { JobRuns } = await aws.call<{ JobRuns: { JobRunState: string }[] }>('AWSGlue', 'GetJobRuns', {
    JobName: 'reconcile',
  })
  const states = JobRuns.map(({ JobRunState }) => JobRunState).join(', ')
  return check('the date was compared once', states === 'SUCCEEDED', `its runs: ${states}`)
}

/** The same comparison again, by other code than the job's. */
function checkDiscrepancies(found: string[][], debits: DemoFile, credits: DemoFile): Check {
  const [ours, theirs] = [debits, credits].map(amountsOf) as [Map<string, string[]>, Map<string, string[]>]
  const ids = [...new Set([...ours.keys(), ...theirs.keys()])].sort()
  const wanted = ids.filter((id) => String(ours.get(id)) !== String(theirs.get(id)))
  const told = found.map(([id]) => id)
  const what = `${wanted.length} of ${ids.length} transactions differ, and the lake has those`
  return check(what, String(told) === String(wanted), `wanted ${wanted}, found ${told}`)
}

function amountsOf({ body }: DemoFile): Map<string, string[]> {
  const amounts = new Map<string, string[]>()
  for (const line of body.toString().trim().split('\n').slice(1)) {
    const [id = '', , amount = ''] = line.split(',')
    amounts.set(id, [...(amounts.get(id) ?? []), amount])
  }
  return amounts
}

async function checkMail(pipeline: Pipeline, discrepancies: number): Promise<Check> {
  const mails = await pipeline.mails()
  const isTold = mails.length === 1 && mails[0]?.body.includes(`${discrepancies} discrepancies`)
  return check('one e-mail tells the analyst how many', isTold === true, `there are ${mails.length} e-mails`)
}
