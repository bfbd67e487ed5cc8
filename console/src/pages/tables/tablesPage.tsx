/** DynamoDB: tables and their items, which change here as they change there. */
import type { JSX } from 'preact'
import type { PageProps } from '../../app.tsx'
import { bytes, number, t } from '../../language/text.ts'
import { Badge, Card, Empty, Facts, PageHead, Shown, Status } from '../../parts/blocks.tsx'
import { Choices } from '../../parts/choices.tsx'
import { Icon } from '../../parts/icons.tsx'
import { link } from '../../router.ts'
import { aws, type Output, pages } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { Items } from './items.tsx'

export function TablesPage({ place }: PageProps): JSX.Element {
  const live = useLive('dynamodb tables', findTables, 5_000)
  return (
    <>
      <PageHead title={t('Tables')} lead={t('DynamoDB: the counters and states that others read while they change.')} />
      <Shown live={live}>
        {(names) => {
          if (names.length === 0)
            return (
              <Card>
                <Empty icon="table" title={t('No table')}>
                  <pre class="code">
                    {
                      'aws dynamodb create-table --table-name counters --billing-mode PAY_PER_REQUEST \\\n  --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH'
                    }
                  </pre>
                </Empty>
              </Card>
            )
          const chosen = names.find((name) => name === place.path[0]) ?? (names[0] as string)
          return (
            <div class="split" style={{ '--left': '24%' }}>
              <Choices
                title={t('Tables')}
                items={names}
                chosen={chosen}
                keyOf={(name) => name}
                hrefOf={(name) => link('tables', [name])}
              >
                {(name) => (
                  <span class="row">
                    <Icon name="table" />
                    <span class="truncate">{name}</span>
                  </span>
                )}
              </Choices>
              <TableCards key={chosen} name={chosen} />
            </div>
          )
        }}
      </Shown>
    </>
  )
}

async function findTables(): Promise<string[]> {
  return pages('dynamodb', 'ListTables', {}, 'TableNames', {
    token: 'ExclusiveStartTableName',
    answered: 'LastEvaluatedTableName',
  })
}

function TableCards({ name }: { name: string }): JSX.Element {
  const live = useLive(`table ${name}`, () => aws('dynamodb', 'DescribeTable', { TableName: name }), 5_000)
  return (
    <Shown live={live}>
      {({ Table: table }) => (
        <div class="stack">
          <Card
            title={
              <span class="row">
                {name} <Status of={table.TableStatus} />
              </span>
            }
          >
            <Facts
              facts={[
                [t('Key'), keysOf(table)],
                [t('Items'), number(table.ItemCount ?? 0)],
                [t('Size'), bytes(table.TableSizeBytes ?? 0)],
                [
                  t('Billing'),
                  table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST' ? t('per request') : t('provisioned'),
                ],
                [
                  t('Indexes'),
                  (table.GlobalSecondaryIndexes ?? []).map(({ IndexName }: Output) => (
                    <Badge key={IndexName}>{IndexName}</Badge>
                  )),
                ],
                [t('Stream'), table.StreamSpecification?.StreamEnabled && table.StreamSpecification.StreamViewType],
              ]}
            />
          </Card>
          <Items table={table} />
        </div>
      )}
    </Shown>
  )
}

function keysOf({ KeySchema, AttributeDefinitions }: Output): string {
  const types = new Map<string, string>(
    AttributeDefinitions.map(({ AttributeName, AttributeType }: Output) => [AttributeName, AttributeType]),
  )
  return KeySchema.map(({ AttributeName }: Output) => `${AttributeName} (${types.get(AttributeName)})`).join(', ')
}
