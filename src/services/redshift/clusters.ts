/** Clusters: a name, a database and a user. Nodes and their types are kept and given back; they make nothing faster. */
import type { Cluster as ShownCluster } from '@aws-sdk/client-redshift'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { warehouses } from '../../engines/sql/redshift/warehouses.ts'
import { collection } from '../../store/collection.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'

// The model's names end in Fault; on the wire the codes do not.
const { ClusterNotFoundFault, ClusterAlreadyExistsFault } = awsErrors('redshift')

export interface Cluster {
  identifier: string
  database: string
  user: string
  nodeType: string
  nodes: number
  roles: string[]
  tags: Record<string, string>
  createdAt: Millis
}

export const clusters = collection<Cluster>('redshift/clusters', { version: 1, key: (cluster) => [cluster.identifier] })

export const clusterOperations = operations('redshift', {
  async CreateCluster(input, ctx) {
    const identifier = input.ClusterIdentifier.toLowerCase()
    if (!/^[a-z](?:-?[a-z0-9])*$/.test(identifier) || identifier.length > 63) {
      throw awsError(
        'InvalidParameterValue',
        `The parameter ClusterIdentifier is not a valid identifier: ${input.ClusterIdentifier}`,
      )
    }
    const cluster: Cluster = {
      identifier,
      database: (input.DBName ?? 'dev').toLowerCase(),
      user: input.MasterUsername,
      nodeType: input.NodeType,
      nodes: input.NumberOfNodes ?? 1,
      roles: (input.IamRoles ?? []) as string[],
      tags: Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
      createdAt: ctx.clock.now(),
    }
    await ctx.commit((tx) => {
      if (tx.in(clusters).get(identifier)) throw ClusterAlreadyExistsFault('Cluster already exists')
      tx.in(clusters).put(cluster)
    })
    return { Cluster: shown(cluster, ctx) }
  },

  async DescribeClusters(input, ctx) {
    if (input.ClusterIdentifier) return { Clusters: [shown(mustGetCluster(ctx, input.ClusterIdentifier), ctx)] }
    return { Clusters: [...ctx.in(clusters).list()].map((cluster) => shown(cluster, ctx)) }
  },

  async DeleteCluster(input, ctx) {
    const cluster = mustGetCluster(ctx, input.ClusterIdentifier)
    if (!input.SkipFinalClusterSnapshot) {
      throw awsError(
        'InvalidParameterCombination',
        'FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified. Snapshots are not implemented by Igarapé.',
      )
    }
    await ctx.commit((tx) => tx.in(clusters).delete(cluster.identifier))
    await ctx.use(warehouses).drop({ account: ctx.account, region: ctx.region, name: `cluster-${cluster.identifier}` })
    return { Cluster: { ...shown(cluster, ctx), ClusterStatus: 'deleting' } }
  },
})

export function mustGetCluster(ctx: Pick<Context, 'in'>, name: string): Cluster {
  const cluster = ctx.in(clusters).get(name.toLowerCase())
  if (!cluster) throw ClusterNotFoundFault(`Cluster ${name} not found.`)
  return cluster
}

const port = 5439

function shown(cluster: Cluster, ctx: Context): ShownCluster {
  return {
    ClusterIdentifier: cluster.identifier,
    NodeType: cluster.nodeType,
    NumberOfNodes: cluster.nodes,
    ClusterStatus: 'available',
    ClusterAvailabilityStatus: 'Available',
    MasterUsername: cluster.user,
    DBName: cluster.database,
    Endpoint: { Address: `${cluster.identifier}.igarape.${ctx.region}.redshift.amazonaws.com`, Port: port },
    ClusterCreateTime: new Date(cluster.createdAt),
    ClusterNamespaceArn: `arn:aws:redshift:${ctx.region}:${ctx.account}:namespace:${cluster.identifier}`,
    IamRoles: cluster.roles.map((role) => ({ IamRoleArn: role, ApplyStatus: 'in-sync' })),
    Tags: Object.entries(cluster.tags).map(([Key, Value]) => ({ Key, Value })),
    Encrypted: false,
    PubliclyAccessible: false,
  }
}
