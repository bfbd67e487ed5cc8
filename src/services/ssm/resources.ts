/** AWS::SSM::Parameter for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'

export const parameterResource = resource('AWS::SSM::Parameter', {
  replaceOn: ['Name'],
  async create(properties, r) {
    const name = String(properties.Name ?? `CFN-${properties.Type}-${r.generatedName({ max: 100 })}`)
    const ssm = r.call('ssm')
    const tags = { ...r.tags, ...properties.Tags }
    try {
      await ssm.PutParameter({
        ...settings(name, properties),
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value: String(Value) })),
      })
    } catch (error) {
      if ((error as { code?: string }).code !== 'ParameterAlreadyExists' || !(await isOwn(name, r))) throw error
    }
    return created(name, properties)
  },
  async update(id, properties, before, r) {
    const ssm = r.call('ssm')
    await ssm.PutParameter({ ...settings(id, properties), Overwrite: true })
    const gone = Object.keys(before.Tags ?? {}).filter((key) => !Object.hasOwn(properties.Tags ?? {}, key))
    const tag = { ResourceType: 'Parameter' as const, ResourceId: id }
    if (gone.length > 0) await ssm.RemoveTagsFromResource({ ...tag, TagKeys: gone })
    const tags = Object.entries({ ...r.tags, ...properties.Tags })
    await ssm.AddTagsToResource({ ...tag, Tags: tags.map(([Key, Value]) => ({ Key, Value: String(Value) })) })
    return created(id, properties)
  },
  async delete(id, _properties, r) {
    await r.call('ssm').DeleteParameters({ Names: [id] })
  },
})

function settings(name: string, properties: Properties) {
  return {
    Name: name,
    Type: properties.Type,
    Value: String(properties.Value),
    Description: properties.Description,
    AllowedPattern: properties.AllowedPattern,
    Tier: properties.Tier,
    DataType: properties.DataType,
  }
}

function created(name: string, properties: Properties) {
  return { id: name, attributes: { Type: properties.Type, Value: String(properties.Value) } }
}

/** Whether an earlier try of this very creation made it: it bears the stack's tags. */
async function isOwn(name: string, r: ResourceContext): Promise<boolean> {
  const answer = await r.call('ssm').ListTagsForResource({ ResourceType: 'Parameter', ResourceId: name })
  const tags = new Map((answer.TagList ?? []).map((tag) => [tag.Key, tag.Value]))
  return (
    tags.get('aws:cloudformation:stack-id') === r.stackId && tags.get('aws:cloudformation:logical-id') === r.logicalId
  )
}
