/** A query's result, in pages of rows; GetQueryResults gives them as fields and values, and what is missing not at all. */
import type { ResultField } from '@aws-sdk/client-cloudwatch-logs'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { isOver, mustGetQuery, type Query } from './insightsQueries.ts'
import { queryRuns } from './insightsRuns.ts'
import { decodeToken, encodeToken } from './pages.ts'

const { InvalidParameterException } = awsErrors('cloudwatch-logs')

type Row = (string | null)[]

interface ResultPage {
  queryId: string
  /** The number of its first row. */
  first: number
  rows: Row[]
}

const resultPages = collection<ResultPage>('logs/query-results', {
  version: 1,
  key: ({ queryId, first }) => [queryId, first],
})

const pageRowsMax = 1_000
const pageCharactersMax = 512 * 1024
const answerRowsMax = 10_000
const forgottenInOneCommit = 20

/** Keeps rows as they come. A page is written anew by a run that begins again. */
export class ResultPages {
  readonly #queryId: string
  readonly #ctx: Context
  #rows: Row[] = []
  #characters = 0
  #first = 0

  constructor(queryId: string, ctx: Context) {
    this.#queryId = queryId
    this.#ctx = ctx
  }

  async add(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      this.#rows.push(row)
      this.#characters += row.reduce((sum, value) => sum + (value?.length ?? 0), 0)
      if (this.#rows.length === pageRowsMax || this.#characters >= pageCharactersMax) await this.#keep()
    }
  }

  /** How many rows there are. */
  async end(): Promise<number> {
    if (this.#rows.length > 0) await this.#keep()
    return this.#first
  }

  async #keep(): Promise<void> {
    const page = { queryId: this.#queryId, first: this.#first, rows: this.#rows }
    await this.#ctx.commit((tx) => tx.in(resultPages).put(page))
    this.#first += this.#rows.length
    this.#rows = []
    this.#characters = 0
  }
}

export const resultOperations = operations('cloudwatch-logs', {
  async GetQueryResults(input, ctx) {
    const query = mustGetQuery(ctx, input.queryId)
    const from = input.nextToken === undefined ? 0 : decodeToken<number>(input.nextToken)
    if (!Number.isInteger(from) || from < 0) throw InvalidParameterException('The specified nextToken is invalid.')
    const most = Math.min(input.maxItems ?? answerRowsMax, answerRowsMax)
    const rows = query.status === 'Complete' ? rowsFrom(ctx, query, { from, most }) : []
    const next = from + rows.length
    return {
      queryLanguage: 'CWLI' as const,
      results: rows.map((row) => fieldsOf(row, query)),
      statistics: statisticsOf(query, ctx),
      status: query.status,
      ...(rows.length > 0 && next < (query.statistics?.rows ?? 0) && { nextToken: encodeToken(next) }),
    }
  },
})

function rowsFrom(ctx: Context, { id, statistics }: Query, { from, most }: { from: number; most: number }): Row[] {
  const rows: Row[] = []
  const [begin] = [...ctx.in(resultPages).list({ prefix: [id], before: [id, from + 1], reverse: true, limit: 1 })]
  if (!begin || from >= (statistics?.rows ?? 0)) return rows
  for (const page of ctx.in(resultPages).list({ prefix: [id], from: [id, begin.first] })) {
    for (const row of page.rows.slice(Math.max(0, from - page.first))) {
      if (rows.length === most) return rows
      rows.push(row)
    }
  }
  return rows
}

function fieldsOf(row: Row, { fields = [] }: Query): ResultField[] {
  return fields.flatMap((field, i) => (row[i] === null || row[i] === undefined ? [] : [{ field, value: row[i] }]))
}

function statisticsOf(query: Query, ctx: Context) {
  const known = query.statistics ?? (isOver(query) ? undefined : ctx.use(queryRuns).get(query.id)?.statistics)
  return {
    recordsMatched: known?.recordsMatched ?? 0,
    recordsScanned: known?.recordsScanned ?? 0,
    bytesScanned: known?.bytesScanned ?? 0,
    estimatedRecordsSkipped: 0,
    estimatedBytesSkipped: 0,
    ...(query.statistics && { logGroupsScanned: query.statistics.groupsScanned, resultCount: query.statistics.rows }),
  }
}

/** Whether some are left. */
export function forgetPages(tx: Tx, queryId: string): boolean {
  const found = [...tx.in(resultPages).list({ prefix: [queryId], limit: forgottenInOneCommit })]
  for (const page of found) tx.in(resultPages).delete(queryId, page.first)
  return found.length === forgottenInOneCommit
}
