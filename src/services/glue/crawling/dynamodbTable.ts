/** A DynamoDB target: a table's items are scanned, and their attributes are columns. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { DynamoDBTarget, TableInput } from '@aws-sdk/client-glue'
import type { Context } from '../../../delivery/context.ts'
import {
  type InferredColumn,
  type InferredType,
  mergedColumns,
  mergedType,
  scalar,
  unknown,
} from '../../../engines/inference/inferredTypes.ts'
import { columnsOf, databaseTableInput } from './storage.ts'

/** Without `scanAll` so many items are looked at. */
const sampleItemsMax = 1000

/** Errors: DynamoDB's, for a table that is not there. */
export async function dynamodbTable(
  ctx: Context,
  { Path = '', scanAll = true }: DynamoDBTarget,
  { name, crawler }: { name: string; crawler: string },
): Promise<TableInput> {
  const { Table } = await ctx.call('dynamodb').DescribeTable({ TableName: Path })
  const found = await scanned(ctx, Path, scanAll ? Number.POSITIVE_INFINITY : sampleItemsMax)
  const keys = Object.fromEntries(
    (Table?.KeySchema ?? []).map((key) => [key.KeyType === 'HASH' ? 'hashKey' : 'rangeKey', key.AttributeName ?? '']),
  )
  const bytes = Table?.TableSizeBytes ?? found.bytes
  const items = Table?.ItemCount ?? found.items
  return databaseTableInput(name, {
    columns: columnsOf(found.columns),
    location: Table?.TableArn ?? `arn:aws:dynamodb:${ctx.region}:${ctx.account}:table/${Path}`,
    parameters: {
      UPDATED_BY_CRAWLER: crawler,
      classification: 'dynamodb',
      recordCount: String(items),
      sizeKey: String(bytes),
      averageRecordSize: String(items > 0 ? Math.floor(bytes / items) : 0),
      objectCount: '1',
      ...keys,
    },
  })
}

async function scanned(ctx: Context, TableName: string, itemsMax: number) {
  const found = { columns: [] as InferredColumn[], items: 0, bytes: 0 }
  let from: Record<string, AttributeValue> | undefined
  do {
    const page = await ctx.call('dynamodb').Scan({ TableName, ...(from && { ExclusiveStartKey: from }) })
    for (const item of page.Items ?? []) {
      found.items += 1
      found.bytes += JSON.stringify(item).length
      found.columns = mergedColumns(
        found.columns,
        Object.entries(item).map(([name, value]) => ({ name: name.toLowerCase(), type: typeOf(value) })),
      )
    }
    from = page.LastEvaluatedKey
  } while (from && found.items < itemsMax)
  return found
}

function typeOf(value: AttributeValue): InferredType {
  if (value.S !== undefined) return scalar('string')
  if (value.N !== undefined) return scalar(/^-?\d+$/.test(value.N) ? 'bigint' : 'double')
  if (value.BOOL !== undefined) return scalar('boolean')
  if (value.B !== undefined) return scalar('binary')
  if (value.SS !== undefined) return { kind: 'array', element: scalar('string') }
  if (value.NS !== undefined) return { kind: 'array', element: scalar('double') }
  if (value.BS !== undefined) return { kind: 'array', element: scalar('binary') }
  if (value.L !== undefined) return { kind: 'array', element: value.L.map(typeOf).reduce(mergedType, unknown) }
  if (value.M !== undefined)
    return { kind: 'struct', fields: Object.entries(value.M).map(([name, inner]) => ({ name, type: typeOf(inner) })) }
  return unknown
}
