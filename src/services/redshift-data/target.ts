/** EventBridge's way to Redshift: a rule's delivery becomes a statement, in the commit that delivers it. */
import { parseArn } from '../../delivery/arn.ts'
import { DeliveryRefused, target } from '../../delivery/delivery.ts'
import { submit } from './statements.ts'

interface RedshiftDataParameters {
  Database: string
  Sql?: string
  Sqls?: string[]
  StatementName?: string
  WithEvent?: boolean
  DbUser?: string
  SecretManagerArn?: string
}

function accept(...[tx, delivery]: Parameters<NonNullable<Parameters<typeof target>[1]['accept']>>): void {
  const { account = '', region = '', service = '', resource = '' } = parseArn(delivery.arn) ?? {}
  const name = resource.replace(/^(cluster:|workgroup\/)/, '')
  const given = (delivery.parameters ?? {}) as {
    redshiftData?: RedshiftDataParameters
  } & Partial<RedshiftDataParameters>
  const wanted = given.redshiftData ?? (given as RedshiftDataParameters)
  const sqls = wanted.Sqls ?? (wanted.Sql ? [wanted.Sql] : [])
  if (sqls.length === 0 || !wanted.Database)
    throw new DeliveryRefused('ValidationException', 'The target has no RedshiftDataParameters with Database and Sql.')
  const place =
    service === 'redshift-serverless'
      ? { workgroupName: name, warehouse: `namespace-${name}` }
      : { clusterIdentifier: name, warehouse: `cluster-${name}` }
  submit(tx.at({ account, region }), {
    ...place,
    database: wanted.Database,
    sqls,
    isBatch: sqls.length > 1,
    name: wanted.StatementName,
    withEvent: wanted.WithEvent,
    dbUser: wanted.DbUser,
    secretArn: wanted.SecretManagerArn,
    caller: delivery.sender?.principal ?? 'events.amazonaws.com',
  })
}

export const clusterTarget = target('redshift', { accept })
export const workgroupTarget = target('redshift-serverless', { accept })
