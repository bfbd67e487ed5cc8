/** The recorded statements, run against a server through the SDK. Those that do not wait for each other run together. */

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { Igarape } from '../../src/testkit/server.ts'
import {
  type Cell,
  errorLikeness,
  isSameText,
  isSameValue,
  isType,
  type RecordedError,
  rowDifference,
} from './athenaComparison.ts'
import { type InputTable, tableStatement } from './athenaInputs.ts'

export interface RecordedCase {
  id: string
  family: string
  sql: string
  setup?: string[]
  files?: Record<string, string>
  ordered: boolean
  columns?: string[]
  types?: string[]
  athena?: Cell[][]
  update?: string
  contains?: string[]
  s3_check?: { prefix?: string; dirs?: string[]; format?: string; rows?: number }
  error?: RecordedError
  source: string
}

export interface Verdict {
  id: string
  level: 'exact' | 'value' | 'wrong'
  why?: string
}

interface Ended {
  id?: string
  state: string
  reason: string
}

const folder = join(import.meta.dirname, 'athena_sql')
const togetherMax = 24

export const recordedCases = readFileSync(join(folder, 'cases.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedCase)

export class AthenaCases {
  readonly #igarape: Igarape
  readonly #s3: S3Client
  readonly #athena: AthenaClient
  readonly #bucket = 'athena-sql'
  readonly #database = 'asql'

  constructor(igarape: Igarape) {
    this.#igarape = igarape
    this.#s3 = igarape.client(S3Client)
    this.#athena = igarape.client(AthenaClient)
  }

  async prepare(): Promise<void> {
    await this.#s3.send(new CreateBucketCommand({ Bucket: this.#bucket }))
    await this.#run([`create database ${this.#database}`])
    const tables = JSON.parse(readFileSync(join(folder, 'inputs/tables.json'), 'utf8')) as InputTable[]
    for (const table of tables) await this.#upload(table.name)
    await this.#mustRun(tables.map((table) => tableStatement(table, this.#inputs(table.name))))
    await this.#mustRun(
      tables.filter((table) => table.partitions.length > 0).map(({ name }) => `msck repair table \`${name}\``),
    )
  }

  /** In rounds: the first set-up statement of each case, the second of those that have one …, then the statements. */
  async run(cases: readonly RecordedCase[]): Promise<Verdict[]> {
    const failed = new Map<string, string>()
    for (const one of cases) {
      for (const [name, text] of Object.entries(one.files ?? {})) await this.#put(`${this.#prefix(one)}${name}`, text)
    }
    for (let round = 0; ; round++) {
      const waiting = cases.filter((one) => (one.setup?.length ?? 0) > round && !failed.has(one.id))
      if (waiting.length === 0) break
      const ended = await this.#run(waiting.map((one) => this.#filled(one, one.setup?.[round] as string)))
      for (const [i, end] of ended.entries()) {
        if (end.state !== 'SUCCEEDED') failed.set(waiting[i]?.id as string, `set-up: ${end.reason}`)
      }
    }
    const ready = cases.filter((one) => !failed.has(one.id))
    const ended = await this.#run(ready.map((one) => this.#filled(one, one.sql)))
    const verdicts: Verdict[] = [...failed].map(([id, why]) => ({ id, level: 'wrong', why }))
    for (const [i, one] of ready.entries())
      verdicts.push({ id: one.id, ...(await this.#judge(one, ended[i] as Ended)) })
    return verdicts
  }

  async #judge(one: RecordedCase, ended: Ended): Promise<Omit<Verdict, 'id'>> {
    if (one.error) {
      if (ended.state === 'SUCCEEDED') return wrong(`succeeded, expected ${one.error.name}`)
      const { named, alike } = errorLikeness(one.error, ended.reason)
      return named && alike ? { level: 'exact' } : { level: alike ? 'value' : 'wrong', why: ended.reason }
    }
    if (ended.state !== 'SUCCEEDED') return wrong(ended.reason)
    const answer = one.athena || one.contains ? await this.#answer(one, ended.id as string) : { columns: [], rows: [] }
    const missing = (one.contains ?? []).find((text) => !contains(answer.rows, this.#filled(one, text)))
    if (missing !== undefined) return wrong(`'${missing}' is not in ${JSON.stringify(answer.rows).slice(0, 200)}`)
    const unwritten = one.s3_check && (await this.#unwritten(one, one.s3_check))
    if (unwritten) return wrong(unwritten)
    return one.athena && !one.update ? judgeRows(one, answer) : { level: 'exact' }
  }

  async #answer(one: RecordedCase, id: string): Promise<Answer> {
    const rows: Cell[][] = []
    let columns: Answer['columns'] = []
    let NextToken: string | undefined
    do {
      const page = await this.#athena.send(
        new GetQueryResultsCommand({ QueryExecutionId: id, MaxResults: 1000, NextToken }),
      )
      columns = page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? columns
      for (const row of page.ResultSet?.Rows ?? []) rows.push((row.Data ?? []).map((cell) => cell.VarCharValue ?? null))
      NextToken = page.NextToken
    } while (NextToken)
    const isText = /^\s*(show|describe|desc|explain)\b/i.test(one.sql)
    const hasHeader = !isText && rows[0]?.join() === columns.map(({ Name }) => Name).join()
    const kept = hasHeader ? rows.slice(1) : rows
    const trimmed = isText && one.source === 'documentation'
    return { columns, rows: trimmed ? kept.map((row) => row.map((cell) => cell?.trim() ?? null)) : kept }
  }

  async #unwritten(one: RecordedCase, wanted: NonNullable<RecordedCase['s3_check']>): Promise<string | undefined> {
    const Prefix = `${this.#prefix(one)}${wanted.prefix ?? ''}`
    const { Contents = [] } = await this.#s3.send(new ListObjectsV2Command({ Bucket: this.#bucket, Prefix }))
    const keys = Contents.filter((object) => object.Size).map((object) => object.Key as string)
    if (keys.length === 0) return 'no object was written'
    const absent = (wanted.dirs ?? []).find((dir) => !keys.some((key) => key.includes(`/${dir}/`)))
    if (absent) return `no ${absent}/ among ${keys.slice(0, 4)}`
    let lines = 0
    for (const Key of keys) {
      const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key }))
      const packed = Buffer.from((await Body?.transformToByteArray()) ?? [])
      const bytes = packed[0] === 0x1f ? gunzipSync(packed) : packed
      const magic = { PARQUET: 'PAR1', ORC: 'ORC', AVRO: 'Obj\u0001', JSON: '{' }[wanted.format ?? '']
      if (magic && !bytes.toString('latin1', 0, 4).startsWith(magic)) return `${Key} is no ${wanted.format} file`
      lines += bytes.toString('utf8').trim().split('\n').length
    }
    const isText = ['JSON', 'CSV', 'TEXTFILE'].includes(wanted.format ?? '')
    return isText && wanted.rows !== undefined && lines !== wanted.rows
      ? `${lines} lines, expected ${wanted.rows}`
      : undefined
  }

  async #mustRun(statements: readonly string[]): Promise<void> {
    const failed = (await this.#run(statements)).find((end) => end.state !== 'SUCCEEDED')
    if (failed) throw new Error(failed.reason)
  }

  async #run(statements: readonly string[]): Promise<Ended[]> {
    const ended: Ended[] = []
    for (let i = 0; i < statements.length; i += togetherMax) {
      const started = await Promise.all(statements.slice(i, i + togetherMax).map((sql) => this.#start(sql)))
      await this.#igarape.settled()
      ended.push(...(await Promise.all(started.map((one) => this.#ended(one)))))
    }
    return ended
  }

  async #start(QueryString: string): Promise<Ended> {
    try {
      const { QueryExecutionId } = await this.#athena.send(
        new StartQueryExecutionCommand({
          QueryString,
          QueryExecutionContext: { Database: this.#database, Catalog: 'AwsDataCatalog' },
          ResultConfiguration: { OutputLocation: `s3://${this.#bucket}/results/` },
        }),
      )
      return { id: QueryExecutionId as string, state: 'QUEUED', reason: '' }
    } catch (error) {
      return { state: 'REFUSED', reason: `${(error as Error).name}: ${(error as Error).message}` }
    }
  }

  async #ended(one: Ended): Promise<Ended> {
    if (!one.id) return one
    const { QueryExecution } = await this.#athena.send(new GetQueryExecutionCommand({ QueryExecutionId: one.id }))
    const { State = '', StateChangeReason = '' } = QueryExecution?.Status ?? {}
    return { id: one.id, state: State, reason: StateChangeReason }
  }

  #prefix = (one: RecordedCase) => `case/${one.id.replace(/\W/g, '_')}/`
  #inputs = (name: string) => `s3://${this.#bucket}/in/${name}/`

  #filled(one: RecordedCase, text: string): string {
    return text
      .replace(/\{loc:(\w+)\}/g, (_, name: string) => this.#inputs(name))
      .replaceAll('{loc}', `s3://${this.#bucket}/${this.#prefix(one)}`)
      .replaceAll('{t}', `cs_${one.id.replace(/\W/g, '_').toLowerCase()}`)
      .replaceAll('{db}', this.#database)
  }

  async #put(Key: string, Body: string | Buffer): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key, Body }))
  }

  async #upload(name: string): Promise<void> {
    const root = join(folder, 'inputs', name)
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile()) await this.#put(`in/${name}/${relative(root, path)}`, readFileSync(path))
    }
  }
}

interface Answer {
  columns: {
    Name?: string | undefined
    Type?: string | undefined
    Precision?: number | undefined
    Scale?: number | undefined
  }[]
  rows: Cell[][]
}

const wrong = (why: string) => ({ level: 'wrong' as const, why })

function contains(rows: readonly Cell[][], wanted: string): boolean {
  const text = rows
    .map((row) => row.join(' '))
    .join('\n')
    .replace(/\s+/g, ' ')
    .toLowerCase()
  return wanted.split('|').some((part) => text.includes(part.toLowerCase()))
}

function judgeRows(one: RecordedCase, { columns, rows }: Answer): Omit<Verdict, 'id'> {
  const expected = one.athena ?? []
  const guessed = (cell: Cell) =>
    cell && /^[[{]/.test(cell) ? 'array' : cell && /^-?[\d.]+$/.test(cell) ? 'integer' : 'varchar'
  const types = one.types ?? (expected[0] ?? []).map(guessed)
  const different = rowDifference(expected, rows, { types, ordered: one.ordered, equal: isSameValue })
  if (different) return wrong(different)
  if (one.columns && columns.length > 0 && columns.length !== one.columns.length)
    return wrong(`${columns.length} columns`)
  const inexact = rowDifference(expected, rows, { types, ordered: one.ordered, equal: isSameText })
  if (inexact) return { level: 'value', why: inexact }
  const names = columns.map(({ Name }) => Name).join()
  if (one.columns && names !== one.columns.join()) return { level: 'value', why: `columns ${names}` }
  const mistyped = one.types ? columns.find((column, i) => !isType(one.types?.[i] as string, column)) : undefined
  return mistyped ? { level: 'value', why: `${mistyped.Name} is ${mistyped.Type}` } : { level: 'exact' }
}
