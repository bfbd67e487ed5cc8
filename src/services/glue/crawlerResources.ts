/** AWS::Glue::Crawler and AWS::Glue::Classifier for CloudFormation. */
import type { CreateClassifierCommandInput, CreateCrawlerCommandInput } from '@aws-sdk/client-glue'
import { type Properties, resource } from '../resource.ts'
import { numbers, retag, tagsOf, unlessGone, unlessThere } from './resources.ts'

export const crawlerResource = resource('AWS::Glue::Crawler', {
  replaceOn: ['Name'],
  async create(properties, r) {
    const Name = properties.Name ?? r.generatedName({ max: 255 })
    await unlessThere(
      r.call('glue').CreateCrawler({ ...crawlerSettings(properties), Name, Tags: tagsOf(properties, r) }),
    )
    return { id: Name }
  },
  async update(id, properties, before, r) {
    await r.call('glue').UpdateCrawler({ ...emptied(before), ...crawlerSettings(properties), Name: id })
    await retag(`arn:aws:glue:${r.region}:${r.account}:crawler/${id}`, properties, before, r)
    return { id }
  },
  async delete(id, _properties, r) {
    const glue = r.call('glue')
    await glue.StopCrawler({ Name: id }).catch(() => undefined)
    await unlessGone(glue.DeleteCrawler({ Name: id }))
  },
})

export const classifierResource = resource('AWS::Glue::Classifier', {
  replaceOn: ['CsvClassifier.Name', 'GrokClassifier.Name', 'JsonClassifier.Name', 'XMLClassifier.Name'],
  async create(properties, r) {
    const settings = classifierSettings(properties, r.generatedName({ max: 255 }))
    await unlessThere(r.call('glue').CreateClassifier(settings))
    return { id: Object.values(settings)[0]?.Name ?? '' }
  },
  async update(id, properties, _before, r) {
    await r.call('glue').UpdateClassifier(classifierSettings(properties, id))
    return { id }
  },
  async delete(id, _properties, r) {
    await unlessGone(r.call('glue').DeleteClassifier({ Name: id }))
  },
})

function crawlerSettings(properties: Properties): Omit<CreateCrawlerCommandInput, 'Name'> {
  const { Name: _name, Tags: _tags, Schedule, Targets = {}, Configuration, ...settings } = properties
  const s3 = (Targets.S3Targets ?? []).map((target: Properties) => ({ ...target, ...numbers(target, 'SampleSize') }))
  const dynamodb = (Targets.DynamoDBTargets ?? []).map(({ ScanAll, ScanRate, ...target }: Properties) => ({
    ...target,
    ...(ScanAll !== undefined && { scanAll: isTrue(ScanAll) }),
    ...(ScanRate !== undefined && { scanRate: Number(ScanRate) }),
  }))
  const text = typeof Configuration === 'object' ? JSON.stringify(Configuration) : Configuration
  return {
    ...settings,
    ...(text && { Configuration: text }),
    ...(Schedule?.ScheduleExpression && { Schedule: Schedule.ScheduleExpression }),
    Targets: {
      ...Targets,
      ...(s3.length > 0 && { S3Targets: s3 }),
      ...(dynamodb.length > 0 && { DynamoDBTargets: dynamodb }),
    },
  } as Omit<CreateCrawlerCommandInput, 'Name'>
}

/** What a template had and has no more is taken away. */
function emptied(before: Properties): Properties {
  const blank: Properties = { Description: '', TablePrefix: '', Configuration: '', Classifiers: [], Schedule: '' }
  return Object.fromEntries(Object.entries(blank).filter(([name]) => before[name] !== undefined))
}

function classifierSettings(properties: Properties, name: string): CreateClassifierCommandInput {
  const [kind = '', { ContainsCustomDatatype, ...settings } = {} as Properties] =
    Object.entries(properties).find(([, value]) => value && typeof value === 'object') ?? []
  for (const flag of ['AllowSingleColumn', 'DisableValueTrimming', 'CustomDatatypeConfigured'])
    if (settings[flag] !== undefined) settings[flag] = isTrue(settings[flag])
  const types = ContainsCustomDatatype && { CustomDatatypes: ContainsCustomDatatype }
  return { [kind]: { ...settings, ...types, Name: settings.Name ?? name } } as CreateClassifierCommandInput
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}
