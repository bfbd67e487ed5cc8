/** What was asked before, here and by programs: taken up again by a click. */
import type { JSX } from 'preact'
import { ago, bytes, t } from '../../language/text.ts'
import { Card, Empty, Shown, Status } from '../../parts/blocks.tsx'
import { aws, type Output } from '../../server/aws.ts'
import { serverNow } from '../../server/clock.ts'
import { useLive } from '../../server/live.ts'
import type { Warehouse } from './redshift.ts'

interface Asked {
  id: string
  sql: string
  status: string
  at: number
  note: string
}

const shownMax = 30

export function History({
  warehouse,
  onChoose,
}: {
  warehouse: Warehouse | undefined
  onChoose: (sql: string) => void
}): JSX.Element {
  const live = useLive(
    `history ${warehouse?.name ?? 'athena'}`,
    () => (warehouse ? ofRedshift(warehouse) : ofAthena()),
    3_000,
  )
  return (
    <Card flush title={t('Asked before')}>
      <Shown live={live}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon="sql" title={t('Nothing was asked yet')} />
          ) : (
            <ul class="list">
              {list.map((one) => (
                <li key={one.id}>
                  <button class="item asked-line" type="button" onClick={() => onChoose(one.sql)}>
                    <Status of={one.status} />
                    <code class="truncate">{one.sql.replace(/\s+/g, ' ').trim()}</code>
                    <small>{one.note}</small>
                    <small>{ago(one.at, serverNow())}</small>
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Card>
  )
}

async function ofAthena(): Promise<Asked[]> {
  const { WorkGroups } = await aws('athena', 'ListWorkGroups')
  const lists = await Promise.all(
    WorkGroups.map(({ Name }: Output) =>
      aws('athena', 'ListQueryExecutions', { WorkGroup: Name, MaxResults: shownMax }),
    ),
  )
  const ids: string[] = lists.flatMap(({ QueryExecutionIds }) => QueryExecutionIds ?? [])
  if (ids.length === 0) return []
  const { QueryExecutions } = await aws('athena', 'BatchGetQueryExecution', { QueryExecutionIds: ids.slice(0, 50) })
  const asked = QueryExecutions.map(
    ({ QueryExecutionId, Query, Status: status, Statistics }: Output): Asked => ({
      id: QueryExecutionId,
      sql: Query,
      status: status.State,
      at: status.SubmissionDateTime * 1000,
      note: Statistics?.DataScannedInBytes ? bytes(Statistics.DataScannedInBytes) : '',
    }),
  )
  return asked.sort((a: Asked, b: Asked) => b.at - a.at).slice(0, shownMax)
}

async function ofRedshift({ name, database, isServerless }: Warehouse): Promise<Asked[]> {
  const { Statements = [] } = await aws('redshift-data', 'ListStatements', {
    Status: 'ALL',
    MaxResults: shownMax,
    Database: database,
    ...(isServerless ? { WorkgroupName: name } : { ClusterIdentifier: name }),
  })
  return Statements.map(
    ({ Id, QueryString, QueryStrings = [], Status: status, CreatedAt }: Output): Asked => ({
      id: Id,
      sql: QueryString ?? QueryStrings.join(';\n'),
      status,
      at: CreatedAt * 1000,
      note: '',
    }),
  )
}
