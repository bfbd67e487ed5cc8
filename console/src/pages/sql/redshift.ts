/** Redshift, through its Data API. */
import { aws, awsIfThere, type Output } from '../../server/aws.ts'
import { Problem } from '../../server/control.ts'
import { type Answer, type Engine, untilOver } from './engine.ts'

export interface Warehouse {
  name: string
  database: string
  isServerless: boolean
}

export async function findWarehouses(): Promise<Warehouse[]> {
  const [groups, spaces, clusters] = await Promise.all([
    awsIfThere('redshift-serverless', 'ListWorkgroups'),
    awsIfThere('redshift-serverless', 'ListNamespaces'),
    awsIfThere('redshift', 'DescribeClusters'),
  ])
  const databases = new Map<string, string>(
    (spaces?.namespaces ?? []).map((space: Output) => [space.namespaceName, space.dbName]),
  )
  return [
    ...(groups?.workgroups ?? []).map((group: Output) => ({
      name: group.workgroupName,
      database: databases.get(group.namespaceName) ?? 'dev',
      isServerless: true,
    })),
    ...(clusters?.Clusters ?? []).map((cluster: Output) => ({
      name: cluster.ClusterIdentifier,
      database: cluster.DBName ?? 'dev',
      isServerless: false,
    })),
  ]
}

export function redshiftEngine(warehouse: Warehouse): Engine {
  return {
    async run(sql, { onStart }) {
      const { service, operation, input } = this.call(sql, undefined)
      const { Id } = await aws(service, operation, input)
      onStart?.(Id)
      const statement = await untilOver(async () => {
        const found = await aws('redshift-data', 'DescribeStatement', { Id })
        return /FINISHED|FAILED|ABORTED/.test(found.Status) ? found : undefined
      })
      if (statement.Status !== 'FINISHED') throw new Problem(statement.Status, statement.Error ?? statement.Status, 400)
      return answerOf(
        statement,
        statement.HasResultSet ? await aws('redshift-data', 'GetStatementResult', { Id }) : undefined,
      )
    },

    call: (sql) => ({
      service: 'redshift-data',
      operation: 'ExecuteStatement',
      input: {
        Sql: sql,
        Database: warehouse.database,
        ...(warehouse.isServerless
          ? { WorkgroupName: warehouse.name }
          : { ClusterIdentifier: warehouse.name, DbUser: 'console' }),
      },
    }),

    cancel: (id) => aws('redshift-data', 'CancelStatement', { Id: id }),
  }
}

function answerOf(statement: Output, result: Output | undefined): Answer {
  return {
    id: statement.Id,
    columns: (result?.ColumnMetadata ?? []).map(({ name, typeName }: Output) => ({ name, type: typeName })),
    rows: (result?.Records ?? []).map((record: Output[]) => record.map(cellOf)),
    millis: (statement.Duration ?? 0) / 1_000_000,
    ...(!result && { note: String(statement.ResultRows ?? 0) }),
    isCut: result?.NextToken !== undefined,
  }
}

function cellOf(field: Output): string | null {
  if (field.isNull) return null
  const [value] = Object.values(field)
  return String(value)
}
