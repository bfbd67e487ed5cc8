/** AWS::Logs::QueryDefinition for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'

async function put(properties: Properties, { call }: ResourceContext, queryDefinitionId?: string): Promise<string> {
  const { Name: name, QueryString: queryString, LogGroupNames, QueryLanguage, Parameters } = properties
  const parameters = (Parameters as Properties[] | undefined)?.map(({ Name, DefaultValue, Description }) => ({
    name: Name,
    defaultValue: DefaultValue,
    description: Description,
  }))
  const answer = await call('cloudwatch-logs').PutQueryDefinition({
    name,
    queryString,
    logGroupNames: LogGroupNames,
    queryLanguage: QueryLanguage,
    parameters,
    queryDefinitionId,
  })
  return String(answer.queryDefinitionId)
}

export const queryDefinitionResource = resource('AWS::Logs::QueryDefinition', {
  replaceOn: ['QueryLanguage'],
  async create(properties, r) {
    const id = await put(properties, r)
    return { id, attributes: { QueryDefinitionId: id } }
  },
  async update(id, properties, _before, r) {
    await put(properties, r, id)
    return { id, attributes: { QueryDefinitionId: id } }
  },
  async delete(id, _properties, r) {
    try {
      await r.call('cloudwatch-logs').DeleteQueryDefinition({ queryDefinitionId: id })
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ResourceNotFoundException') throw error
    }
  },
})
