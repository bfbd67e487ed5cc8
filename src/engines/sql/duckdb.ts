/**
 * DuckDB, loaded at first use and locked in: it reads nothing but the folders it is given, loads no extension, and
 * takes no more memory and threads than it may. Only this file and feed.ts touch the library.
 */
import { createRequire } from 'node:module'
import type * as DuckDB from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBInstance, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import type * as Bindings from '@duckdb/node-bindings'
import { quoteText } from './cursor.ts'
import { Feed, type FeedType } from './feed.ts'
import { SqlError } from './sqlError.ts'

export interface SqlLimits {
  memoryBytesMax: number
  /** 0: one per core. */
  threads: number
}

export interface OpenSettings {
  /** The database's file; absent, it is in memory. */
  path?: string
  /** What it may read and write. */
  folders: readonly string[]
  /** Where it may spill; absent: what is too much for its memory fails. */
  spillFolder?: string
  limits: SqlLimits
  /** `/` of integers gives an integer. */
  integerDivision?: boolean
  /** Where a statement does not say how rows are ordered, threads need not keep them so. */
  isUnordered?: boolean
}

export interface ColumnInfo {
  name: string
  type: DuckDBType
}

export type Value = DuckDBValue

export interface ResultSet {
  columns: ColumnInfo[]
  /** Rows as they come; reading them once only. */
  rows(): AsyncIterable<Value[][]>
  rowsChanged: number
}

export class Database {
  /** The names of our own functions that were made in it. */
  readonly functions = new Set<string>()
  readonly #instance: DuckDBInstance
  readonly #library: typeof DuckDB

  private constructor(instance: DuckDBInstance, library: typeof DuckDB) {
    this.#instance = instance
    this.#library = library
  }

  static async open(settings: OpenSettings): Promise<Database> {
    const database = await Database.create(settings)
    await database.lockIn(settings)
    return database
  }

  /** One that may still read everything: it is locked in before anything of a user's runs in it. */
  static async create(settings: Pick<OpenSettings, 'path' | 'limits'>): Promise<Database> {
    // It is CommonJS: `import` would read each of its files once more, to learn what they export.
    const library = createRequire(import.meta.url)('@duckdb/node-api') as typeof DuckDB
    const options: Record<string, string> = {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      memory_limit: `${Math.floor(settings.limits.memoryBytesMax / 1024)}KiB`,
      preserve_insertion_order: 'true',
    }
    if (settings.limits.threads > 0) options.threads = String(settings.limits.threads)
    const instance = await library.DuckDBInstance.create(settings.path ?? ':memory:', options)
    return new Database(instance, library)
  }

  async lockIn(
    settings: Pick<OpenSettings, 'folders' | 'spillFolder' | 'integerDivision' | 'isUnordered'>,
  ): Promise<void> {
    const connection = await this.connect()
    const folders = settings.folders.map((folder) => quoteText(folder.endsWith('/') ? folder : `${folder}/`))
    const statements = [
      `SET allowed_directories=[${folders.join(', ')}]`,
      // Empty: nothing is spilled. Its own choice would be a folder in the one that the server was started in.
      `SET temp_directory=${quoteText(settings.spillFolder ?? '')}`,
      // It also makes a double divided by zero NULL, so only who needs it has it.
      ...(settings.integerDivision ? ['SET GLOBAL integer_division=true'] : []),
      ...(settings.isUnordered ? ['SET GLOBAL preserve_insertion_order=false'] : []),
      ...lockedSettings,
    ]
    // One text: each call waits for a thread to be free.
    await connection.execute(statements.join('; '))
    connection.close()
  }

  async connect(): Promise<Connection> {
    const connection = new Connection(await this.#instance.connect(), this.#library)
    return connection
  }

  close(): void {
    this.#instance.closeSync()
  }
}

const lockedSettings = [
  "SET GLOBAL default_null_order='nulls_last'",
  "SET GLOBAL TimeZone='UTC'",
  'SET enable_external_access=false',
  'SET lock_configuration=true',
]

/**
 * One session: its transaction, its temporary tables. Statements on it run one after the other. Whoever gives up waiting for
 * one may close it at once: DuckDB's thread would wait for itself if the session went from under it, so it goes afterwards.
 */
export class Connection {
  readonly #connection: DuckDBConnection
  readonly #library: typeof DuckDB
  #callsUnderWay = 0
  #isClosing = false

  constructor(connection: DuckDBConnection, library: typeof DuckDB) {
    this.#connection = connection
    this.#library = library
  }

  async execute(sql: string): Promise<number> {
    return (await this.#call(() => this.#connection.run(sql))).rowsChanged
  }

  /** Runs and streams: nothing but the rows in flight is in memory. */
  async query(sql: string): Promise<ResultSet> {
    const result = await this.#call(() => this.#connection.stream(sql))
    const types = result.columnTypes()
    const columns = result.columnNames().map((name, i) => ({ name, type: types[i] as DuckDBType }))
    const next = () => this.#call(() => result.fetchChunk())
    async function* rows() {
      for (let chunk = await next(); chunk && chunk.rowCount > 0; chunk = await next()) yield chunk.getRows()
    }
    return { columns, rows, rowsChanged: result.rowsChanged }
  }

  async all(sql: string): Promise<Value[][]> {
    const result = await this.query(sql)
    const all: Value[][] = []
    for await (const rows of result.rows()) all.push(...rows)
    return all
  }

  /** A statement that is run again and again. */
  async prepare(sql: string): Promise<() => Promise<void>> {
    const statement = await this.#call(() => this.#connection.prepare(sql))
    return async () => {
      await this.#call(() => statement.run())
    }
  }

  /** A table `name()` of what the feed is given. */
  feed(name: string, columns: Readonly<Record<string, FeedType>>): Feed {
    const bindings = createRequire(import.meta.url)('@duckdb/node-bindings') as typeof Bindings
    const feed = new Feed(Object.values(columns), bindings)
    this.#connection.registerTableFunction(feed.tableFunction(this.#library, name, Object.keys(columns)))
    return feed
  }

  /** A function that the engine calls back; a NULL argument gives NULL without a call. */
  register(callback: EngineFunction): void {
    const { DuckDBScalarFunction } = this.#library
    const { name, parameters, returns } = callback
    this.#connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        returnType: this.#type(returns),
        parameterTypes: parameters.map((type) => this.#type(type)),
        mainFunction: (info, input, output) => {
          try {
            const vectors = parameters.map((_, i) => input.getColumnVector(i))
            for (let row = 0; row < input.rowCount; row++) {
              const args = vectors.map((vector) => fromEngine(vector.getItem(row) as DuckDBValue))
              output.setItem(
                row,
                args.includes(null) ? null : toEngine(callback.call(...(args as never[])), this.#library),
              )
            }
            output.flush()
          } catch (error) {
            info.setError(error instanceof Error ? error.message : String(error))
          }
        },
      }),
    )
  }

  #type(name: string): DuckDBType {
    const { LIST } = this.#library
    if (name.endsWith('[]')) return LIST(this.#type(name.slice(0, -2)))
    return this.#library[name as 'VARCHAR']
  }

  /** Ends what is running, if anything is: it fails with INTERRUPT. */
  interrupt(): void {
    this.#connection.interrupt()
  }

  /** What is under way still ends, or is interrupted; nothing new begins. */
  close(): void {
    this.#isClosing = true
    if (this.#callsUnderWay === 0) this.#connection.closeSync()
  }

  async #call<T>(begin: () => Promise<T>): Promise<T> {
    if (this.#isClosing) throw new SqlError('The connection is closed.', undefined, 'ENGINE_CONNECTION')
    this.#callsUnderWay++
    try {
      return await begin()
    } catch (error) {
      throw engineError(error)
    } finally {
      this.#callsUnderWay--
      if (this.#isClosing) this.close()
    }
  }
}

/** A function of ours that SQL calls: types by DuckDB's names, `VARCHAR[]` for lists. */
export interface EngineFunction {
  name: string
  parameters: readonly string[]
  returns: string
  /** Plain values: text, numbers, bigints for BIGINT, byte arrays for BLOB, arrays for lists. */
  call(...args: never[]): unknown
}

function fromEngine(value: DuckDBValue): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('items' in value) return (value.items as DuckDBValue[]).map(fromEngine)
  if ('bytes' in value) return value.bytes
  return value
}

function toEngine(value: unknown, library: typeof DuckDB): DuckDBValue {
  if (Array.isArray(value)) return library.listValue(value.map((item) => toEngine(item, library)))
  if (value instanceof Uint8Array) return library.blobValue(value)
  return (value ?? null) as DuckDBValue
}

/** DuckDB's message without its hints and its drawing of the statement, which is not the text the user wrote. */
function engineError(error: unknown): SqlError {
  const text = error instanceof Error ? error.message : String(error)
  const [first = text] = text.split('\n')
  const kind = /^([A-Za-z ]+) Error: /.exec(first)?.[1] ?? 'Internal'
  return new SqlError(
    first.replace(/^[A-Za-z ]+ Error: /, ''),
    undefined,
    `ENGINE_${kind.toUpperCase().replaceAll(' ', '_')}`,
  )
}
