/** AWS::Redshift::Cluster for CloudFormation. */
import { AwsError } from '../../wire/errors.ts'
import { resource } from '../resource.ts'

export const clusterResource = resource('AWS::Redshift::Cluster', {
  replaceOn: ['ClusterIdentifier', 'DBName', 'MasterUsername'],
  async create(properties, r) {
    const identifier = (properties.ClusterIdentifier ?? r.generatedName({ max: 63, lowerCase: true })).toLowerCase()
    try {
      await r.call('redshift').CreateCluster({
        ClusterIdentifier: identifier,
        NodeType: properties.NodeType,
        MasterUsername: properties.MasterUsername,
        MasterUserPassword: properties.MasterUserPassword,
        DBName: properties.DBName,
        NumberOfNodes: properties.NumberOfNodes === undefined ? undefined : Number(properties.NumberOfNodes),
        IamRoles: properties.IamRoles,
        Tags: properties.Tags,
      })
    } catch (error) {
      // Created before a kill, by this very creation.
      if (
        !(
          properties.ClusterIdentifier === undefined &&
          error instanceof AwsError &&
          error.code === 'ClusterAlreadyExistsFault'
        )
      )
        throw error
    }
    const { Clusters = [] } = await r.call('redshift').DescribeClusters({ ClusterIdentifier: identifier })
    const cluster = Clusters[0]
    return {
      id: identifier,
      attributes: {
        Id: identifier,
        'Endpoint.Address': cluster?.Endpoint?.Address,
        'Endpoint.Port': String(cluster?.Endpoint?.Port),
        ClusterNamespaceArn: cluster?.ClusterNamespaceArn,
      },
    }
  },
  async delete(id, _properties, r) {
    const { Clusters = [] } = await r.call('redshift').DescribeClusters({})
    if (!Clusters.some((cluster) => cluster.ClusterIdentifier === id)) return
    await r.call('redshift').DeleteCluster({ ClusterIdentifier: id, SkipFinalClusterSnapshot: true })
  },
})
