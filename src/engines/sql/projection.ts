/**
 * Partition projection: partitions that are worked out from a table's properties, not looked up. Only those that the
 * query's condition leaves are made, so that a range of a million days costs what the query names of it.
 * Source: "Set up partition projection" and "Supported types for partition projection", Athena's user guide.
 */
import type { CatalogPartition, CatalogTable, TableColumn } from './catalogTable.ts'
import { dateProjection } from './dateProjection.ts'
import { SqlError } from './sqlError.ts'
import { type Domain, type KeyValue, keyValue } from './trino/partitionValues.ts'
import type { PartitionFilter } from './trino/pruning.ts'

const partitionsMax = 1_000_000

/** One key's values, as they stand in paths. */
export interface KeyProjection {
  /** All, from the domain's lower end to its upper. */
  values(domain: Domain): Iterable<string>
}

export function isProjected(table: CatalogTable): boolean {
  return table.parameters['projection.enabled']?.toLowerCase() === 'true' && table.partitionKeys.length > 0
}

/** Errors: INVALID_TABLE_PROPERTY; CONSTRAINT_VIOLATION where an injected key has no value in the query. */
export function projectedPartitions(table: CatalogTable, filter: PartitionFilter, now: number): CatalogPartition[] {
  const keys = table.partitionKeys.map((key) => key.name)
  const choices = table.partitionKeys.map((key) => {
    const domain = filter.domain(key.name, keys)
    return [...new Set(projectionOf(table, key, now).values(domain))].filter((value) =>
      filter.mayMatch(valuesOf(table, [[key, value]])),
    )
  })
  const count = choices.reduce((product, values) => product * values.length, 1)
  if (count > partitionsMax) {
    throw new SqlError(
      `The condition leaves ${count} projected partitions of ${table.database}.${table.name}; at most ${partitionsMax} can be read.`,
      undefined,
      'NOT_SUPPORTED',
    )
  }
  return combinations(choices)
    .filter((values) =>
      filter.mayMatch(
        valuesOf(
          table,
          values.map((value, i) => [table.partitionKeys[i] as TableColumn, value]),
        ),
      ),
    )
    .map((values) => ({ values, location: locationOf(table, values) }))
}

/** Keys of which nothing is said are not known. */
function valuesOf(table: CatalogTable, known: readonly (readonly [TableColumn, string])[]) {
  const values = new Map<string, KeyValue | null | undefined>(table.partitionKeys.map((key) => [key.name, undefined]))
  for (const [key, value] of known) values.set(key.name, keyValue(key.type, value))
  return values
}

function combinations(choices: readonly (readonly string[])[]): string[][] {
  let rows: string[][] = [[]]
  for (const values of choices) rows = rows.flatMap((row) => values.map((value) => [...row, value]))
  return rows
}

function locationOf(table: CatalogTable, values: readonly string[]): string {
  const template = table.parameters['storage.location.template']
  const names = table.partitionKeys.map((key) => key.name)
  if (!template) {
    return `${table.location.replace(/\/?$/, '/')}${names.map((name, i) => `${name}=${values[i]}/`).join('')}`
  }
  const filled = names.reduce((text, name, i) => text.replaceAll(`\${${name}}`, values[i] as string), template)
  if (/\$\{[^}]*\}/.test(filled))
    throw invalid(`storage.location.template names a column that is no partition key: ${template}`)
  return filled.replace(/\/?$/, '/')
}

function projectionOf(table: CatalogTable, key: TableColumn, now: number): KeyProjection {
  const property = (name: string) => table.parameters[`projection.${key.name}.${name}`]
  const type = property('type')?.toLowerCase()
  switch (type) {
    case 'enum':
      return enumeration(required(key.name, 'values', property('values')))
    case 'integer':
      return integers(key, property)
    case 'date':
      return dateProjection(key, property, now)
    case 'injected':
      return injected(key)
    default:
      throw invalid(
        type === undefined
          ? `Missing required property: 'projection.${key.name}.type'`
          : `Unknown projection type '${type}' of the column ${key.name}`,
      )
  }
}

export function invalid(message: string): SqlError {
  return new SqlError(message, undefined, 'INVALID_TABLE_PROPERTY')
}

export function required(key: string, name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw invalid(`Missing required property: 'projection.${key}.${name}'`)
  return value
}

function enumeration(list: string): KeyProjection {
  return { values: () => list.split(',').map((value) => value.trim()) }
}

function injected(key: TableColumn): KeyProjection {
  return {
    values({ values }) {
      if (values) return values.map(({ value }) => String(value))
      throw new SqlError(
        `For the injected projected partition column ${key.name}, the WHERE clause must contain only static equality conditions, and at least one such condition must be present.`,
        undefined,
        'CONSTRAINT_VIOLATION',
      )
    },
  }
}

function integers(key: TableColumn, property: (name: string) => string | undefined): KeyProjection {
  const range = required(key.name, 'range', property('range')).split(',')
  const [first, last] = range.map((text) => whole(key.name, text.trim())) as [bigint, bigint]
  if (range.length !== 2 || last < first)
    throw invalid(`Invalid range of the projected column ${key.name}: '${range.join()}'`)
  const interval = whole(key.name, property('interval') ?? '1')
  const digits = Number(property('digits') ?? 0)
  const text = (value: bigint) => `${value < 0n ? '-' : ''}${String(value < 0n ? -value : value).padStart(digits, '0')}`
  return {
    *values(domain) {
      if (domain.values) {
        for (const { value } of domain.values) {
          const number = typeof value === 'bigint' ? value : /^-?\d+$/.test(value) ? BigInt(value) : undefined
          const isThere =
            number !== undefined && number >= first && number <= last && (number - first) % interval === 0n
          if (isThere) yield text(number)
        }
        return
      }
      const low = domain.low?.kind === 'number' && domain.low.value > first ? domain.low.value : first
      const high = domain.high?.kind === 'number' && domain.high.value < last ? domain.high.value : last
      if ((high - low) / interval > BigInt(partitionsMax)) {
        throw new SqlError(
          `The condition leaves more than ${partitionsMax} values of the projected column ${key.name}.`,
          undefined,
          'NOT_SUPPORTED',
        )
      }
      const skipped = (low - first + interval - 1n) / interval
      for (let value = first + skipped * interval; value <= high; value += interval) yield text(value)
    },
  }
}

function whole(key: string, text: string): bigint {
  if (/^-?\d+$/.test(text)) return BigInt(text)
  throw invalid(`'${text}' is not a whole number, in the projection of the column ${key}`)
}
