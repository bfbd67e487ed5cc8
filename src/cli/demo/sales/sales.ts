/** The sales pipeline: three stores' files, in the lake and in Redshift, each sale once. */
import { count, paint, table } from '../../terminal.ts'
import type { Check, Example } from '../example.ts'
import { indented, type Pipeline } from '../pipeline.ts'
import { checkFile, checkPlaces, mailAbout, type Outcome } from './salesChecks.ts'
import { type SalesFile, sampleFiles, userFile } from './salesFiles.ts'
import { askRedshift, athenaSql, redshiftSql, spectrumSql, type Totals, totalsInAthena } from './stores.ts'

export const sales: Example = {
  name: 'sales',
  about: 'CSV files of stores become rows in the lake and in Redshift, each sale once',
  stack: 'Sales',
  bucket: 'vendas-raw',
  files: async (exampleFolder, own) => (own === undefined ? sampleFiles(exampleFolder) : [userFile(own)]),

  async play(pipeline) {
    const files = pipeline.files as SalesFile[]
    const { story } = pipeline
    const dropped = files.length > 1 ? `Drop ${files.length} files, as ${files.length} stores would` : 'Drop the file'
    await pipeline.drop(files, dropped)
    await pipeline.follow()

    const outcome = await outcomeOf(pipeline)
    pipeline.showMails(files.flatMap((file) => mailAbout(file, outcome) ?? []))
    story.heading('The sales')
    story.line(indented(paint.dim(athenaSql)))
    story.line(indented(drawTotals(outcome)))
    const [first] = files
    return [
      ...files.flatMap((file) => checkFile(file, outcome)),
      ...(await checkPlaces(pipeline)),
      ...(first && outcome.athena.size > 0 ? [await way(pipeline, first)] : []),
    ]
  },

  next: (bucket) => [
    `aws s3 cp examples/sales/data/loja-123_2025-10-20.csv s3://${bucket}/loja-124_2025-10-20.csv`,
    'aws logs tail /aws/lambda/validacao_vendas',
    'aws glue get-job-runs --job-name transform_vendas',
  ],
  more: ['trace loja-124_2025-10-20.csv', 'mail', 'explain vendas-arquivo-recebido'],
}

function way(pipeline: Pipeline, file: SalesFile): Promise<Check> {
  return pipeline.checkWay(file, ['s3', 'eventbridge', 'lambda', 'glue', 'redshift-data'])
}

/** A file that was refused alone leaves no table in Redshift: what the stores then say is shown as empty. */
async function outcomeOf(pipeline: Pipeline): Promise<Outcome> {
  const { aws, story } = pipeline
  const orEmpty = async (asked: Promise<Totals>): Promise<Totals> =>
    asked.catch((error: Error) => {
      story.line(paint.yellow(`   ${error.message}`))
      return new Map()
    })
  return {
    athena: await orEmpty(totalsInAthena(aws)),
    redshift: await orEmpty(askRedshift(aws, redshiftSql)),
    spectrum: await orEmpty(askRedshift(aws, spectrumSql)),
    mails: await pipeline.mails(),
  }
}

function drawTotals({ athena, redshift, spectrum }: Outcome): string {
  const rows = (store: string, totals: Totals) =>
    [...totals].map(([file, { sales, cents }]) => [store, file, count(sales), reais(cents)])
  return table(
    ['asked of', 'arquivo', 'vendas', 'total'],
    [
      ...rows('Athena', athena),
      ...rows('Redshift, loaded by COPY', redshift),
      ...rows('Redshift Spectrum, in the lake', spectrum),
    ],
  )
}

function reais(cents: number): string {
  return `${count(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, '0')}`
}
