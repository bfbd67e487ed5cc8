/** Where a statement goes: a cluster's or a work group's database. Any secret or database user is let in. */
import type { Context } from '../../delivery/context.ts'
import type { WarehousePlace } from '../../engines/sql/redshift/warehouses.ts'
import { AwsError, awsErrors } from '../../wire/errors.ts'

const { ValidationException } = awsErrors('redshift-data')

export interface Address {
  database: string
  clusterIdentifier?: string
  workgroupName?: string
  /** The warehouse's name: of the cluster, or of the work group's namespace. */
  warehouse: string
  /** Of a work group, in Redshift processing units. */
  baseCapacity?: number
}

interface Asked {
  Database?: string | undefined
  ClusterIdentifier?: string | undefined
  WorkgroupName?: string | undefined
}

/** Errors: ValidationException where there is no such cluster, work group or database. */
export async function mustFindDatabase(ctx: Context, asked: Asked): Promise<Address> {
  const found = await mustFindWarehouse(ctx, asked)
  const database = (asked.Database ?? found.defaultDatabase).toLowerCase()
  if (database !== found.defaultDatabase) throw ValidationException(`FATAL: database "${database}" does not exist`)
  const { defaultDatabase: _, ...address } = found
  return { ...address, database }
}

async function mustFindWarehouse(
  ctx: Context,
  asked: Asked,
): Promise<Omit<Address, 'database'> & { defaultDatabase: string }> {
  if (asked.WorkgroupName) {
    const workgroupName = asked.WorkgroupName.split('/').pop() as string
    const { workgroup } = await there(
      ctx.call('redshift-serverless').GetWorkgroup({ workgroupName }),
      `Redshift endpoint doesn't exist in this region.`,
    )
    const namespaceName = workgroup?.namespaceName ?? ''
    const { namespace } = await ctx.call('redshift-serverless').GetNamespace({ namespaceName })
    return {
      workgroupName,
      warehouse: `namespace-${namespaceName}`,
      defaultDatabase: namespace?.dbName ?? 'dev',
      ...(workgroup?.baseCapacity !== undefined && { baseCapacity: workgroup.baseCapacity }),
    }
  }
  if (!asked.ClusterIdentifier) throw ValidationException('Either ClusterIdentifier or WorkgroupName is required.')
  const { Clusters = [] } = await there(
    ctx.call('redshift').DescribeClusters({ ClusterIdentifier: asked.ClusterIdentifier }),
    `Redshift endpoint doesn't exist in this region.`,
  )
  const clusterIdentifier = Clusters[0]?.ClusterIdentifier ?? ''
  return { clusterIdentifier, warehouse: `cluster-${clusterIdentifier}`, defaultDatabase: Clusters[0]?.DBName ?? 'dev' }
}

async function there<T>(asking: Promise<T>, otherwise: string): Promise<T> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof AwsError && /NotFound/.test(error.code)) throw ValidationException(otherwise)
    throw error
  }
}

export function warehousePlace(ctx: Context, address: Address): WarehousePlace {
  return { account: ctx.account, region: ctx.region, name: address.warehouse }
}
