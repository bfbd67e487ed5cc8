/** SearchTables: tables of all databases by text and by properties. */
import type { PropertyPredicate, SearchTablesCommandInput } from '@aws-sdk/client-glue'
import { operations } from '../service.ts'
import { pageOf } from './pages.ts'
import { type Table, tableOutput, tables } from './tables.ts'

export const tableSearchOperations = operations('glue', {
  async SearchTables(input, ctx) {
    const found = [...ctx.in(tables).list()].filter(
      (table) => hasText(table, input.SearchText) && (input.Filters ?? []).every((filter) => passes(table, filter)),
    )
    const { items, next } = pageOf(sorted(found, input), input)
    return { TableList: items.map((table) => tableOutput(ctx, table)), ...next }
  },
})

/** In quotes the text must be a whole value; else it may be a part of one. */
function hasText(table: Table, text: string | undefined): boolean {
  if (!text) return true
  const whole = /^"(.*)"$/s.exec(text)?.[1]?.toLowerCase()
  const columns = [...(table.input.StorageDescriptor?.Columns ?? []), ...(table.input.PartitionKeys ?? [])]
  const values = [
    table.name,
    table.database,
    table.input.Description,
    table.input.StorageDescriptor?.Location,
    ...columns.flatMap(({ Name, Comment }) => [Name, Comment]),
    ...Object.values(table.input.Parameters ?? {}),
  ].flatMap((value) => value?.toLowerCase() ?? [])
  return values.some((value) => (whole === undefined ? value.includes(text.toLowerCase()) : value === whole))
}

function passes(table: Table, { Key = '', Value = '', Comparator = 'EQUALS' }: PropertyPredicate): boolean {
  const value = fieldOf(table, Key)
  if (value === undefined) return false
  // Names are found by their parts.
  if (Comparator === 'EQUALS' && /^(name|databasename)$/i.test(Key)) return String(value).includes(Value.toLowerCase())
  const wanted = typeof value === 'number' ? Date.parse(Value) : Value
  switch (Comparator) {
    case 'EQUALS':
      return value === wanted
    case 'GREATER_THAN':
      return value > wanted
    case 'GREATER_THAN_EQUALS':
      return value >= wanted
    case 'LESS_THAN':
      return value < wanted
    case 'LESS_THAN_EQUALS':
      return value <= wanted
  }
}

function fieldOf({ name, database, input, createdAt, updatedAt }: Table, key: string): string | number | undefined {
  const fields: Record<string, string | number | undefined> = {
    name,
    databasename: database,
    description: input.Description,
    owner: input.Owner,
    tabletype: input.TableType,
    classification: input.Parameters?.classification,
    createtime: createdAt,
    updatetime: updatedAt,
  }
  return Object.hasOwn(fields, key.toLowerCase()) ? fields[key.toLowerCase()] : input.Parameters?.[key]
}

function sorted(found: Table[], { SortCriteria = [] }: Pick<SearchTablesCommandInput, 'SortCriteria'>): Table[] {
  const [criterion] = SortCriteria
  if (!criterion?.FieldName) return found
  const key = criterion.FieldName
  const sign = criterion.Sort === 'DESC' ? -1 : 1
  return found.toSorted((one, other) => {
    const [a = '', b = ''] = [fieldOf(one, key), fieldOf(other, key)]
    return a < b ? -sign : a > b ? sign : 0
  })
}
