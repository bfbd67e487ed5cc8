/** A table's items: some of all, or those of one partition key. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { number, t } from '../../language/text.ts'
import { Badge, Button, Card, Empty, Shown } from '../../parts/blocks.tsx'
import type { Call } from '../../parts/callTexts.ts'
import { CopyCall } from '../../parts/copyCall.tsx'
import { DataTable } from '../../parts/dataTable.tsx'
import { Filter } from '../../parts/filter.tsx'
import { Json } from '../../parts/json.tsx'
import { aws, type Output } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'

const shownAtFirst = 100
const columnsMax = 9

export function Items({ table }: { table: Output }): JSX.Element {
  const keyNames: string[] = table.KeySchema.map(({ AttributeName }: Output) => AttributeName)
  const [key, setKey] = useState('')
  const [limit, setLimit] = useState(shownAtFirst)
  const [open, setOpen] = useState<string>()
  const live = useLive(`items ${table.TableName} ${key} ${limit}`, () => findItems(table, key, limit), 1_500)
  return (
    <Card
      flush
      title={t('Items')}
      actions={
        <>
          {live.data && (
            <Badge>{t('{n} read units', { n: number(live.data.ConsumedCapacity?.CapacityUnits ?? 0, 1) })}</Badge>
          )}
          <CopyCall call={callFor(table, key)} />
          <Filter value={key} onInput={setKey} label={`${keyNames[0]} = …`} />
        </>
      }
    >
      <Shown live={live}>
        {({ Items: items = [], LastEvaluatedKey }) => {
          if (items.length === 0) return <Empty icon="table" title={key ? t('No item with that key') : t('No items')} />
          const idOf = (item: Output) => JSON.stringify(keyNames.map((name) => item[name]))
          const opened = items.find((item: Output) => idOf(item) === open)
          return (
            <>
              <DataTable<Output>
                caption={t('Items')}
                rows={items}
                keyOf={idOf}
                selected={open}
                columns={columnsOf(items, keyNames).map((name, at) => ({
                  name,
                  cell: (item) =>
                    at === 0 ? (
                      <button class="as-link" type="button" onClick={() => setOpen(idOf(item))}>
                        {plain(item[name])}
                      </button>
                    ) : (
                      <span class="cell">{plain(item[name])}</span>
                    ),
                  isFigure: items.some((item: Output) => item[name]?.N !== undefined),
                }))}
              />
              {LastEvaluatedKey && (
                <div class="note">
                  <Button onClick={() => setLimit(limit * 5)}>{t('Show {n} more', { n: limit * 4 })}</Button>
                </div>
              )}
              {opened && (
                <div style={{ padding: '12px 16px' }}>
                  <Json
                    value={Object.fromEntries(Object.entries(opened).map(([name, value]) => [name, plainValue(value)]))}
                    label={t('Item')}
                  />
                </div>
              )}
            </>
          )
        }}
      </Shown>
    </Card>
  )
}

function findItems(table: Output, key: string, limit: number): Promise<Output> {
  const { service, operation, input } = callFor(table, key)
  return aws(service, operation, { ...input, Limit: limit, ReturnConsumedCapacity: 'TOTAL' })
}

function callFor({ TableName, KeySchema, AttributeDefinitions }: Output, key: string): Call {
  if (!key) return { service: 'dynamodb', operation: 'Scan', input: { TableName } }
  const name = KeySchema[0].AttributeName
  const defined = AttributeDefinitions.find(({ AttributeName }: Output) => AttributeName === name)
  const input = {
    TableName,
    KeyConditionExpression: '#key = :key',
    ExpressionAttributeNames: { '#key': name },
    ExpressionAttributeValues: { ':key': { [defined?.AttributeType ?? 'S']: key } },
  }
  return { service: 'dynamodb', operation: 'Query', input }
}

/** The keys, then what most items have. */
function columnsOf(items: Output[], keyNames: string[]): string[] {
  const counts = new Map<string, number>()
  for (const item of items) for (const name of Object.keys(item)) counts.set(name, (counts.get(name) ?? 0) + 1)
  const others = [...counts.keys()]
    .filter((name) => !keyNames.includes(name))
    .sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0))
  return [...keyNames, ...others].slice(0, columnsMax)
}

/** An attribute as JSON has it; numbers as they are written, for they may be longer than a number here. */
function plainValue(attribute: Output): unknown {
  const [type = '', value] = Object.entries<Output>(attribute ?? {})[0] ?? []
  if (type === 'NULL') return null
  if (type === 'N') return Number.isSafeInteger(Number(value)) || /\./.test(value) ? Number(value) : value
  if (type === 'L') return value.map(plainValue)
  if (type === 'M') return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plainValue(one)]))
  return value
}

function plain(attribute: Output): string {
  if (attribute === undefined) return ''
  const value = 'N' in attribute ? attribute.N : plainValue(attribute)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
