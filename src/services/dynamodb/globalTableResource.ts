/** AWS::DynamoDB::GlobalTable (CDK's TableV2) for CloudFormation: a table with one replica, in the stack's own region. */
import { NotImplemented } from '../../wire/errors.ts'
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { checkProperties, createTable, deleteTable, isOn, isRedefined, updateTable } from './deployedTables.ts'

const type = 'AWS::DynamoDB::GlobalTable'

const taken = [
  'AttributeDefinitions',
  'BillingMode',
  'GlobalSecondaryIndexes',
  'KeySchema',
  'LocalSecondaryIndexes',
  'Replicas',
  'SSESpecification',
  'StreamSpecification',
  'TableName',
  'TimeToLiveSpecification',
  'WriteProvisionedThroughputSettings',
]

const takenOfReplica = [
  'DeletionProtectionEnabled',
  'GlobalSecondaryIndexes',
  'PointInTimeRecoverySpecification',
  'ReadProvisionedThroughputSettings',
  'Region',
  'SSESpecification',
  'TableClass',
  'Tags',
]

export const globalTableResource = resource(type, {
  replaceOn: ['TableName', 'KeySchema', 'LocalSecondaryIndexes'],
  replaces: (name, before, after) => name === 'AttributeDefinitions' && isRedefined(before, after),
  async create(properties, r) {
    return await createTable(ofOneRegion(properties, r), r)
  },
  async update(id, properties, _before, r) {
    return await updateTable(id, ofOneRegion(properties, r), r)
  },
  async delete(id, _properties, r) {
    await deleteTable(id, r)
  },
})

/** The same as properties of AWS::DynamoDB::Table. */
function ofOneRegion(properties: Properties, { region }: ResourceContext): Properties {
  checkProperties(type, properties, taken)
  const [replica, ...others] = properties.Replicas as Properties[]
  if (others.length > 0 || replica?.Region !== region) {
    throw NotImplemented(`${type} with replicas in other regions than ${region}`)
  }
  checkProperties(`${type} with a replica`, replica, takenOfReplica)
  const isProvisioned = (properties.BillingMode ?? 'PROVISIONED') === 'PROVISIONED'
  const throughput = (write: Properties, read: Properties) =>
    isProvisioned && {
      ProvisionedThroughput: {
        ReadCapacityUnits: unitsIn(read.ReadProvisionedThroughputSettings, 'Read'),
        WriteCapacityUnits: unitsIn(write.WriteProvisionedThroughputSettings, 'Write'),
      },
    }
  const ofReplica = (name: string): Properties =>
    (replica.GlobalSecondaryIndexes ?? []).find((index: Properties) => index.IndexName === name) ?? {}
  const { Replicas: _replicas, WriteProvisionedThroughputSettings: _write, ...table } = properties
  return {
    ...table,
    ...throughput(properties, replica),
    GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes?.map((index: Properties) => {
      const { WriteProvisionedThroughputSettings: _settings, ...rest } = index
      return { ...rest, ...throughput(index, ofReplica(index.IndexName)) }
    }),
    DeletionProtectionEnabled: replica.DeletionProtectionEnabled,
    PointInTimeRecoverySpecification: replica.PointInTimeRecoverySpecification,
    TableClass: replica.TableClass,
    Tags: replica.Tags,
    SSESpecification: encryption(properties, replica),
  }
}

function encryption({ SSESpecification: given }: Properties, replica: Properties): Properties | undefined {
  if (!isOn(given?.SSEEnabled)) return undefined
  return { ...given, ...replica.SSESpecification }
}

/** A capacity that scales has the most that it may scale to. */
function unitsIn(settings: Properties | undefined, way: 'Read' | 'Write'): number {
  const fixed = settings?.[`${way}CapacityUnits`]
  return Number(fixed ?? settings?.[`${way}CapacityAutoScalingSettings`]?.MaxCapacity ?? 5)
}
