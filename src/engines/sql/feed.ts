/**
 * Rows that are handed to a query in bulk: it reads them as a table, `name()`, whose columns may be long texts and lists
 * of numbers, copied once, as the bytes that they are. Several threads of one query take their share of the rows.
 */
import type * as DuckDB from '@duckdb/node-api'
import type * as Bindings from '@duckdb/node-bindings'

export type FeedType = 'VARCHAR' | 'DOUBLE[]' | 'BIGINT'

/** In the order of the columns: UTF-8 text or its bytes; the bytes of little-endian doubles; a whole number. */
export type FeedRow = readonly FeedValue[]
type FeedValue = string | Uint8Array | number

/** One thread takes about so much at once. */
const chunkBytesMax = 1024 * 1024
const chunkRowsMax = 2048
const threadsMax = 64
const doubleBytes = 8

export class Feed {
  readonly #types: readonly FeedType[]
  readonly #bindings: typeof Bindings
  #rows: readonly FeedRow[] = []
  #next = 0

  constructor(types: readonly FeedType[], bindings: typeof Bindings) {
    this.#types = types
    this.#bindings = bindings
  }

  /** What the next statement reads, once; none else may be reading. */
  set rows(rows: readonly FeedRow[]) {
    this.#rows = rows
    this.#next = 0
  }

  tableFunction(library: typeof DuckDB, name: string, columns: readonly string[]): DuckDB.DuckDBTableFunction {
    const { BIGINT, VARCHAR, DOUBLE, LIST } = library
    const types = { VARCHAR, BIGINT, 'DOUBLE[]': LIST(DOUBLE) }
    return library.DuckDBTableFunction.create({
      name,
      bindFunction: (info) => {
        for (const [i, column] of columns.entries()) info.addResultColumn(column, types[this.#types[i] as FeedType])
      },
      initFunction: (info) => info.setMaxThreads(threadsMax),
      mainFunction: (_, chunk) => this.#fill(chunk),
    })
  }

  /** Nothing in it ends the table. */
  #fill(chunk: DuckDB.DuckDBDataChunk): void {
    const rows = this.#taken()
    chunk.rowCount = rows.length
    if (rows.length === 0) return
    for (const [i, type] of this.#types.entries()) {
      const vector = this.#bindings.data_chunk_get_vector(chunk.chunk, i)
      const values = rows.map((row) => row[i] as FeedValue)
      if (type === 'VARCHAR') this.#fillTexts(vector, values as (string | Uint8Array)[])
      else if (type === 'BIGINT') this.#copy(vector, BigInt64Array.from(values as number[], BigInt))
      else this.#fillLists(vector, values as Uint8Array[])
    }
  }

  #taken(): readonly FeedRow[] {
    const first = this.#next
    let bytes = 0
    while (this.#next < this.#rows.length && bytes < chunkBytesMax && this.#next - first < chunkRowsMax) {
      for (const value of this.#rows[this.#next] as FeedRow) if (typeof value === 'object') bytes += value.length
      this.#next++
    }
    return this.#rows.slice(first, this.#next)
  }

  #fillTexts(vector: Bindings.Vector, values: readonly (string | Uint8Array)[]): void {
    for (const [row, value] of values.entries()) {
      if (typeof value === 'string') this.#bindings.vector_assign_string_element(vector, row, value)
      else this.#bindings.vector_assign_string_element_len(vector, row, value)
    }
  }

  #fillLists(vector: Bindings.Vector, values: readonly Uint8Array[]): void {
    const length = values.reduce((sum, bytes) => sum + bytes.length / doubleBytes, 0)
    this.#bindings.list_vector_reserve(vector, length)
    this.#bindings.list_vector_set_size(vector, length)
    const items = this.#bindings.list_vector_get_child(vector)
    const places = new BigUint64Array(values.length * 2)
    let at = 0
    for (const [row, bytes] of values.entries()) {
      places.set([BigInt(at), BigInt(bytes.length / doubleBytes)], row * 2)
      this.#copy(items, bytes, at * doubleBytes)
      at += bytes.length / doubleBytes
    }
    this.#copy(vector, places)
  }

  #copy(vector: Bindings.Vector, { buffer, byteOffset, byteLength }: NodeJS.TypedArray, at = 0): void {
    this.#bindings.copy_data_to_vector(vector, at, buffer as ArrayBuffer, byteOffset, byteLength)
  }
}
