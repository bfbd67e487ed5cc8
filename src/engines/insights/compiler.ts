/**
 * A query to DuckDB's SQL. Its text is made from the last command back to the first: what no command names is neither
 * read from the store nor carried along.
 */
import type { CommandOf, DiffAgainst, Query } from './ast.ts'
import { addCommand } from './commands.ts'
import { type Account, type EventColumn, EventSource } from './eventSource.ts'
import { InsightsError } from './insightsError.ts'
import type { NeededLookup } from './lookups.ts'
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

/**
 * What is done with the events of a source: blocks of them are fed to `headSql`, the filters of single events, and what
 * passes is kept in a table that the rest of the query looks at.
 */
export interface SourcePlan {
  source: EventSource
  /** Of the events, those that are asked for. */
  columns: EventColumn[]
  /** A message has one of these texts, or the event does not pass. */
  anyOf?: string[]
  /** No others than these, the newest or the oldest in time, are looked at. */
  first?: { count: number; isNewest: boolean }
  keptTable: string
  headSql: string
  isFiltered: boolean
  /** Of a subquery: makes the table of its answer, once its events are kept. */
  answerSql?: string
}

export interface CompiledQuery {
  /** In the order in which they are read: what the filters of one look up is there before. The query's own is the last. */
  sources: SourcePlan[]
  sql: string
  /** Of each column of the result. */
  fields: string[]
  /** Messages are wanted as they were logged, whatever data protection masks. */
  isUnmasked: boolean
  diff?: DiffAgainst
  /** Tables that must be there before the events are read. */
  lookups: NeededLookup[]
  /** The first of its commands, if any, that works on groups of the Standard class only. */
  standardOnly?: string
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
  /** Of a subquery: the column that is its answer. */
  answer?: string
}

export class QueryCompiler {
  readonly text: string
  readonly now: number
  readonly lookups: NeededLookup[] = []
  readonly #query: Query
  readonly #settings: CompileSettings
  readonly #names = new Names()
  /** The query's own, then those that others come to need: the later never needs the earlier. */
  readonly #sides: Side[] = []

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
    const { sql: result, fields } = pipeline.resultSql(this.#limit(pipeline))
    const sides = this.#sides.toReversed()
    const rests = sides.flatMap((side) => side.pipeline.stages.slice(headLength(side)))
    const later = [...rests.map(({ sql }) => sql), result, ...sides.map(({ answer }) => answer ?? '')].join('\n')
    const all = `${later}\n${sides.flatMap((side) => side.pipeline.stages.map(({ sql }) => sql)).join('\n')}`
    const diff = this.#diff?.against
    const standardOnly = this.#standardOnly
    return {
      sources: sides.map((side, at) => this.#plan(side, sides.slice(0, at), { later, all })),
      sql: fromKept(withStages(rests, result), sides),
      fields,
      isUnmasked: this.#query.isUnmasked ?? false,
      lookups: this.lookups,
      ...(diff && { diff }),
      ...(standardOnly !== undefined && { standardOnly }),
    }
  }

  get #standardOnly(): string | undefined {
    const commands = this.#sides.flatMap(({ query }) => query.commands)
    return (
      commands.find(({ kind }) => kind === 'pattern' || kind === 'diff')?.kind ??
      (this.#query.isUnmasked ? 'unmask' : undefined)
    )
  }

  #limit({ hasLimit }: Pipeline): number {
    const { limit } = this.#settings
    return hasLimit ? (limit ?? limitMax) : (limit ?? limitDefault)
  }

  #plan(side: Side, needed: readonly Side[], { later, all }: { later: string; all: string }): SourcePlan {
    const { source, query, pipeline, answer } = side
    const anyOf = neededTexts(query.commands)
    const columns = source.columnsIn(all, anyOf)
    if (this.isDiff && !columns.includes('era') && source.number === 0) columns.push('era')
    const base = { name: `base${source.number}`, sql: source.baseSql(columns, anyOf) }
    const head = [base, ...pipeline.stages.slice(0, headLength(side))]
    const rests = [...needed, side].flatMap((one) => one.pipeline.stages.slice(headLength(one)))
    const { first, hasFilter: isFiltered } = pipeline
    return {
      source,
      columns,
      ...(anyOf && { anyOf }),
      ...(first && !this.isDiff && { first }),
      isFiltered,
      keptTable: keptTable(side),
      headSql: withStages(head, `SELECT ${keptColumns(side, later)} FROM ${headName(side)}`),
      ...(answer && {
        answerSql: `CREATE TABLE ${answerTable(side)} AS ${fromKept(withStages(rests, answer), [...needed, side])}`,
      }),
    }
  }

  /** A query's relation: the whole one's, a join's right side, a subquery's. */
  side(query: Query): Pipeline {
    return this.#side(query).pipeline
  }

  #side(query: Query): Side {
    const source = new EventSource(this.#sides.length, query.source, this.#settings)
    const side: Side = { source, query, pipeline: new Pipeline(this.#names, source) }
    this.#sides.push(side)
    for (const command of query.commands) addCommand(command, { compiler: this, pipeline: side.pipeline })
    side.pipeline.endHead()
    return side
  }

  /** A subquery's rows as one column: the field of the same name, or the only one that it gives. */
  subquery(query: Query, field: string | undefined): string {
    const side = this.#side(query)
    const { pipeline } = side
    const { shown } = pipeline
    const name = field !== undefined && shown.includes(field) ? field : shown.length === 1 ? shown[0] : undefined
    if (name === undefined) {
      const span = query.commands[0] ?? { start: 0, end: this.text.length }
      throw new InsightsError(`the subquery must give the field '${field ?? ''}' that it is compared with`, span)
    }
    const text = textSql(pipeline.scope.resolve({ name, segments: name.split('.') }))
    side.answer = `SELECT DISTINCT ${text} AS answer FROM ${pipeline.current}`
    return `SELECT answer FROM ${answerTable(side)}`
  }
}

const keptTable = ({ source }: Side) => `kept${source.number}`
const answerTable = ({ source }: Side) => `answer${source.number}`

/** Of the stages, those that look at one event at a time. */
function headLength({ pipeline }: Side): number {
  return pipeline.headLength ?? pipeline.stages.length
}

function headName(side: Side): string {
  return (side.pipeline.stages[headLength(side) - 1] as Stage).name
}

/** What comes after the heads reads what they kept. */
function fromKept(sql: string, sides: readonly Side[]): string {
  return sides.reduce((text, side) => text.replaceAll(new RegExp(`\\b${headName(side)}\\b`, 'g'), keptTable(side)), sql)
}

/** Of all columns of the head those that the rest of the query names. */
function keptColumns(side: Side, later: string): string {
  const head = side.pipeline.stages.slice(0, headLength(side))
  const made = head.flatMap(({ sql }) => [...sql.matchAll(/ AS (c\d+)\b/g)].map((match) => match[1] as string))
  const used = [...new Set(later.match(/\b(?:c\d+|e\d+_[a-z]+\d*)\b/g) ?? [])]
  const kept = used.filter((column) => column.startsWith(`e${side.source.number}_`) || made.includes(column))
  return kept.length > 0 ? kept.join(', ') : `1 AS nothing${side.source.number}`
}

function withStages(stages: readonly Stage[], sql: string): string {
  const list = stages.map((stage) => `${stage.name} AS NOT MATERIALIZED (${stage.sql})`)
  return list.length > 0 ? `WITH ${list.join(', ')} ${sql}` : sql
}
