/** AWS::XRay::Group and AWS::XRay::SamplingRule for CloudFormation. */
import { AwsError } from '../../wire/errors.ts'
import { type Properties, type ResourceContext, resource } from '../resource.ts'

/** Words of ours for a name that is taken and for one that is not there (groups.ts, samplingRules.ts). */
const taken = /already exists/
const gone = /not found|does not exist/

export const groupResource = resource('AWS::XRay::Group', {
  replaceOn: ['GroupName'],
  async create(properties, r) {
    const xray = r.call('xray')
    const GroupName = properties.GroupName ?? r.generatedName({ max: 32 })
    const wanted = { GroupName, ...groupSettings(properties), Tags: tagsOf(properties, r) }
    await unless(taken, xray.CreateGroup(wanted))
    const { Group } = await xray.GetGroup({ GroupName })
    return { id: Group?.GroupARN as string, attributes: { GroupARN: Group?.GroupARN } }
  },
  async update(id, properties, before, r) {
    await r.call('xray').UpdateGroup({ GroupARN: id, ...groupSettings(properties) })
    await retag(id, properties, before, r)
    return { id, attributes: { GroupARN: id } }
  },
  async delete(id, _properties, r) {
    await unless(gone, r.call('xray').DeleteGroup({ GroupARN: id }))
  },
})

export const samplingRuleResource = resource('AWS::XRay::SamplingRule', {
  replaceOn: ['SamplingRule.RuleName', 'RuleName'],
  async create(properties, r) {
    const xray = r.call('xray')
    const RuleName = properties.SamplingRule?.RuleName ?? properties.RuleName ?? r.generatedName({ max: 32 })
    const SamplingRule = { Version: 1, ...properties.SamplingRule, RuleName }
    await unless(taken, xray.CreateSamplingRule({ SamplingRule, Tags: tagsOf(properties, r) }))
    const RuleARN = `arn:aws:xray:${r.region}:${r.account}:sampling-rule/${RuleName}`
    return { id: RuleARN, attributes: { RuleARN } }
  },
  async update(id, properties, before, r) {
    const { RuleName: _name, Version: _version, ...wanted } = properties.SamplingRule ?? properties.SamplingRuleUpdate
    await r.call('xray').UpdateSamplingRule({ SamplingRuleUpdate: { RuleARN: id, ...wanted } })
    await retag(id, properties, before, r)
    return { id, attributes: { RuleARN: id } }
  },
  async delete(id, _properties, r) {
    await unless(gone, r.call('xray').DeleteSamplingRule({ RuleARN: id }))
  },
})

function groupSettings({ FilterExpression, InsightsConfiguration }: Properties) {
  return { ...(FilterExpression && { FilterExpression }), ...(InsightsConfiguration && { InsightsConfiguration }) }
}

/** The stack's own tags begin with `aws:`, which nobody may set by the API. */
function tagsOf({ Tags = [] }: Properties, { tags }: ResourceContext) {
  const own = Object.entries(tags).filter(([key]) => !key.startsWith('aws:'))
  return [...own.map(([Key, Value]) => ({ Key, Value })), ...Tags]
}

async function retag(
  ResourceARN: string,
  properties: Properties,
  before: Properties,
  r: ResourceContext,
): Promise<void> {
  const xray = r.call('xray')
  const Tags = tagsOf(properties, r)
  const kept = new Set(Tags.map(({ Key }) => Key))
  const TagKeys = tagsOf(before, r).flatMap(({ Key }) => (kept.has(Key) ? [] : [Key]))
  if (TagKeys.length > 0) await xray.UntagResource({ ResourceARN, TagKeys })
  if (Tags.length > 0) await xray.TagResource({ ResourceARN, Tags })
}

async function unless(words: RegExp, done: Promise<unknown>): Promise<void> {
  try {
    await done
  } catch (error) {
    if (!(error instanceof AwsError && words.test(error.message))) throw error
  }
}
