/** AWS::Glue::DataQualityRuleset for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { retag, tagsOf, unlessGone, unlessThere } from './resources.ts'

export const rulesetResource = resource('AWS::Glue::DataQualityRuleset', {
  replaceOn: ['Name', 'TargetTable.DatabaseName', 'TargetTable.TableName'],
  async create(properties, r) {
    const Name = properties.Name ?? r.generatedName({ max: 255 })
    await unlessThere(r.call('glue').CreateDataQualityRuleset(settingsOf(properties, Name, r)))
    return { id: Name }
  },
  async update(id, { Description = '', Ruleset, ...properties }, before, r) {
    await r.call('glue').UpdateDataQualityRuleset({ Name: id, Description, Ruleset })
    await retag(`arn:aws:glue:${r.region}:${r.account}:dataQualityRuleset/${id}`, properties, before, r)
    return { id }
  },
  async delete(id, _properties, r) {
    await unlessGone(r.call('glue').DeleteDataQualityRuleset({ Name: id }))
  },
})

function settingsOf(properties: Properties, Name: string, r: ResourceContext) {
  const { Ruleset, Description, TargetTable } = properties
  return {
    Name,
    Ruleset,
    ...(Description && { Description }),
    ...(TargetTable && { TargetTable: { DatabaseName: TargetTable.DatabaseName, TableName: TargetTable.TableName } }),
    Tags: tagsOf(properties, r),
  }
}
