/** AWS::Athena::* for CloudFormation, by the service's own operations. */
import { resource } from '../resource.ts'

export const workGroupResource = resource('AWS::Athena::WorkGroup', {
  replaceOn: ['Name'],
  async create(properties, r) {
    await r.call('athena').CreateWorkGroup({
      Name: properties.Name,
      Configuration: typed(properties.WorkGroupConfiguration),
      Description: properties.Description,
      Tags: properties.Tags,
    })
    return { id: properties.Name, attributes: { CreationTime: String(r.clock.now()) } }
  },
  async update(id, properties, _before, r) {
    const configuration = typed(properties.WorkGroupConfiguration) ?? {}
    const { ResultConfiguration, ...plain } = configuration as { ResultConfiguration?: object }
    await r.call('athena').UpdateWorkGroup({
      WorkGroup: id,
      Description: properties.Description,
      State: properties.State,
      ConfigurationUpdates: {
        ...plain,
        ...(ResultConfiguration && { ResultConfigurationUpdates: ResultConfiguration }),
      },
    })
    return { id }
  },
  async delete(id, _properties, r) {
    const { WorkGroups = [] } = await r.call('athena').ListWorkGroups({})
    if (WorkGroups.some((group) => group.Name === id)) await r.call('athena').DeleteWorkGroup({ WorkGroup: id })
  },
})

/** Templates write numbers and truths as text. */
function typed(configuration: Record<string, never> | undefined): Record<string, never> | undefined {
  if (!configuration) return undefined
  const plain = (value: unknown): unknown => (value === 'true' ? true : value === 'false' ? false : value)
  const entries = Object.entries(configuration).map(([name, value]) => [
    name,
    name === 'BytesScannedCutoffPerQuery' ? Number(value) : plain(value),
  ])
  return Object.fromEntries(entries)
}

export const namedQueryResource = resource('AWS::Athena::NamedQuery', {
  replaceOn: ['Database', 'QueryString', 'WorkGroup', 'Name', 'Description'],
  async create(properties, r) {
    const { NamedQueryId = '' } = await r.call('athena').CreateNamedQuery({
      Name: properties.Name ?? r.generatedName({ max: 128 }),
      Database: properties.Database,
      QueryString: properties.QueryString,
      Description: properties.Description,
      WorkGroup: properties.WorkGroup,
    })
    return { id: NamedQueryId, attributes: { NamedQueryId } }
  },
  async delete(id, _properties, r) {
    await r.call('athena').DeleteNamedQuery({ NamedQueryId: id })
  },
})
