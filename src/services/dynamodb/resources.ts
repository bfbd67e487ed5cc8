/** AWS::DynamoDB::Table for CloudFormation. */
import { resource } from '../resource.ts'
import { checkProperties, createTable, deleteTable, isRedefined, updateTable } from './deployedTables.ts'

const type = 'AWS::DynamoDB::Table'

const taken = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'DeletionProtectionEnabled',
  'PointInTimeRecoverySpecification',
  'SSESpecification',
  'StreamSpecification',
  'TableClass',
  'Tags',
  'TimeToLiveSpecification',
]

export const tableResource = resource(type, {
  replaceOn: ['TableName', 'KeySchema', 'LocalSecondaryIndexes', 'ImportSourceSpecification'],
  replaces: (name, before, after) => name === 'AttributeDefinitions' && isRedefined(before, after),
  async create(properties, r) {
    checkProperties(type, properties, taken)
    return await createTable(properties, r)
  },
  async update(id, properties, _before, r) {
    checkProperties(type, properties, taken)
    return await updateTable(id, properties, r)
  },
  async delete(id, _properties, r) {
    await deleteTable(id, r)
  },
})
