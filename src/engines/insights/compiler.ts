/**
 * A query to DuckDB's SQL. Its text is made from the last command back to the first: what no command names is neither
 * read from the store nor carried along.
 */
import type { CommandOf, DiffAgainst, Query } from './ast.ts'
import { addCommand } from './commands.ts'
import { type Account, type EventColumn, EventSource } from './eventSource.ts'
import { InsightsError } from './insightsError.ts'
import { neededTexts } from './neededTexts.ts'
import { Names, Pipeline, type Stage } from './pipeline.ts'
import { limitMax, parseInsights } from './queryParser.ts'
import { textSql } from './values.ts'

const limitDefault = 10_000

export interface CompileSettings extends Account {
  now: number
  /** The request's own. */
  limit?: number
}

/** What a source must give: the columns, and no event that has none of `anyOf` in its message. */
export interface SourceNeed {
  source: EventSource
  columns: EventColumn[]
  anyOf?: string[]
}

export interface CompiledQuery {
  sources: SourceNeed[]
  /** Keeps the events that passed the filters; absent where there is no filter. */
  headSql?: string
  headTable?: string
  sql: string
  /** Of each column of the result. */
  fields: string[]
  /** Messages are wanted as they were logged, whatever data protection masks. */
  isUnmasked: boolean
  diff?: DiffAgainst
}

/** Errors: InsightsError. */
export function compileInsights(text: string, settings: CompileSettings): CompiledQuery {
  return new QueryCompiler(text, settings).compiled()
}

/** One of the relations that a query is made of, with what it reads. */
interface Side {
  source: EventSource
  query: Query
  pipeline: Pipeline
}

export class QueryCompiler {
  readonly text: string
  readonly now: number
  readonly #query: Query
  readonly #settings: CompileSettings
  readonly #names = new Names()
  readonly #sources: Side[] = []

  constructor(text: string, settings: CompileSettings) {
    this.text = text
    this.now = settings.now
    this.#settings = settings
    this.#query = parseInsights(text)
  }

  get #diff(): CommandOf<'diff'> | undefined {
    return this.#query.commands.find((command) => command.kind === 'diff')
  }

  /** Whether events of two times are compared. */
  get isDiff(): boolean {
    return this.#diff !== undefined
  }

  compiled(): CompiledQuery {
    const pipeline = this.side(this.#query)
    pipeline.endHead()
    const { sql: result, fields } = pipeline.resultSql(this.#limit(pipeline))
    const main = splitHead(pipeline)
    const others = this.#sources.slice(1).flatMap((side) => side.pipeline.stages)
    const stages = [...others, ...main.rest]
    const rest = withStages(stages, result)
    // A side that only the filters look at is not looked at again.
    const head =
      main.head && withStages([...others, ...main.head], `SELECT ${keptColumns(main, rest)} FROM ${main.name}`)
    const all = `${head ?? ''} ${rest}`
    const diff = this.#diff?.against
    return {
      sources: this.#sources.map((side) => this.#need(side, all)),
      ...(head && {
        headTable: `${main.name}k`,
        headSql: `CREATE TEMP TABLE ${main.name}k AS ${this.#withBases(head, all)}`,
      }),
      sql: this.#withBases(head ? rest.replaceAll(new RegExp(`\\b${main.name}\\b`, 'g'), `${main.name}k`) : rest, all),
      fields,
      isUnmasked: this.#query.isUnmasked ?? false,
      ...(diff && { diff }),
    }
  }

  #limit({ hasLimit }: Pipeline): number {
    const { limit } = this.#settings
    return hasLimit ? (limit ?? limitMax) : (limit ?? limitDefault)
  }

  #need({ source, query, pipeline }: Side, sql: string): SourceNeed {
    const anyOf = neededTexts(query.commands)
    const columns = source.columnsIn(sql)
    if (this.isDiff && !columns.includes('era') && pipeline === this.#sources[0]?.pipeline) columns.push('era')
    return { source, columns, ...(anyOf && { anyOf }) }
  }

  #withBases(sql: string, all: string): string {
    const bases = this.#sources
      .filter(({ source }) => new RegExp(`\\bbase${source.number}\\b`).test(sql))
      .map(({ source }) => `base${source.number} AS NOT MATERIALIZED (${source.baseSql(all)})`)
    if (bases.length === 0) return sql
    return sql.startsWith('WITH ') ? `WITH ${bases.join(', ')}, ${sql.slice(5)}` : `WITH ${bases.join(', ')} ${sql}`
  }

  /** A query's relation: the whole one's, a join's right side, a subquery's. */
  side(query: Query): Pipeline {
    const source = new EventSource(this.#sources.length, query.source, this.#settings)
    const pipeline = new Pipeline(this.#names, source)
    this.#sources.push({ source, query, pipeline })
    for (const command of query.commands) addCommand(command, { compiler: this, pipeline })
    return pipeline
  }

  /** A subquery's rows as one column: the field of the same name, or the only one that it gives. */
  subquery(query: Query, field: string | undefined): string {
    const pipeline = this.side(query)
    const { shown } = pipeline
    const name = field !== undefined && shown.includes(field) ? field : shown.length === 1 ? shown[0] : undefined
    if (name === undefined) {
      const span = query.commands[0] ?? { start: 0, end: this.text.length }
      throw new InsightsError(`the subquery must give the field '${field ?? ''}' that it is compared with`, span)
    }
    return `SELECT ${textSql(pipeline.scope.resolve({ name, segments: name.split('.') }))} FROM ${pipeline.current}`
  }
}

/** The stages up to the last filter of single events, if there is one, and those after. */
function splitHead(pipeline: Pipeline): { name: string; head?: Stage[]; rest: Stage[] } {
  const { stages, hasFilter } = pipeline
  const length = pipeline.headLength ?? stages.length
  const name = (stages[length - 1] as Stage).name
  if (!hasFilter) return { name, rest: stages }
  return { name, head: stages.slice(0, length), rest: stages.slice(length) }
}

/** Of all columns of the head those that the rest of the query names. */
function keptColumns({ head = [], name }: { head?: Stage[]; name: string }, rest: string): string {
  const made = head.flatMap(({ sql }) => [...sql.matchAll(/ AS (c\d+)\b/g)].map((match) => match[1] as string))
  const used = [...new Set(rest.match(/\b(?:c\d+|e0_[a-z]+)\b/g) ?? [])]
  const kept = used.filter((column) => column.startsWith('e0_') || made.includes(column))
  return kept.length > 0 ? kept.join(', ') : `1 AS ${name}x`
}

function withStages(stages: readonly Stage[], sql: string): string {
  const list = stages.map((stage) => `${stage.name} AS NOT MATERIALIZED (${stage.sql})`)
  return list.length > 0 ? `WITH ${list.join(', ')} ${sql}` : sql
}
