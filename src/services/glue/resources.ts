/** AWS::Glue::* for CloudFormation. */
import type {
  CreateJobCommandInput,
  CreateTriggerCommandInput,
  DatabaseInput,
  PartitionInput,
  TableInput,
} from '@aws-sdk/client-glue'
import { type Properties, type ResourceContext, resource } from '../resource.ts'

export const databaseResource = resource('AWS::Glue::Database', {
  replaceOn: ['CatalogId', 'DatabaseInput.Name', 'DatabaseName'],
  async create(properties, r) {
    const name = (
      properties.DatabaseName ??
      properties.DatabaseInput?.Name ??
      r.generatedName({ lowerCase: true, max: 255 })
    ).toLowerCase()
    const DatabaseInput = { ...properties.DatabaseInput, Name: name } as DatabaseInput
    await unlessThere(r.call('glue').CreateDatabase({ DatabaseInput, Tags: r.tags }))
    return { id: name }
  },
  async update(id, properties, _before, r) {
    await r.call('glue').UpdateDatabase({ Name: id, DatabaseInput: { ...properties.DatabaseInput, Name: id } })
    return { id }
  },
  async delete(id, _properties, r) {
    await unlessGone(r.call('glue').DeleteDatabase({ Name: id }))
  },
})

export const tableResource = resource('AWS::Glue::Table', {
  replaceOn: ['CatalogId', 'DatabaseName', 'TableInput.Name', 'Name'],
  async create(properties, r) {
    const name = (
      properties.Name ??
      properties.TableInput?.Name ??
      r.generatedName({ lowerCase: true, max: 255 })
    ).toLowerCase()
    const input = { DatabaseName: properties.DatabaseName, TableInput: tableInput(name, properties) }
    await unlessThere(r.call('glue').CreateTable(input))
    return { id: name }
  },
  async update(id, properties, _before, r) {
    await r.call('glue').UpdateTable({ DatabaseName: properties.DatabaseName, TableInput: tableInput(id, properties) })
    return { id }
  },
  async delete(id, properties, r) {
    await unlessGone(r.call('glue').DeleteTable({ DatabaseName: properties.DatabaseName, Name: id }))
  },
})

export const partitionResource = resource('AWS::Glue::Partition', {
  replaceOn: ['CatalogId', 'DatabaseName', 'TableName', 'PartitionInput.Values'],
  async create(properties, r) {
    const { DatabaseName, TableName, PartitionInput } = properties
    await unlessThere(
      r.call('glue').CreatePartition({ DatabaseName, TableName, PartitionInput: PartitionInput as PartitionInput }),
    )
    return { id: [DatabaseName, TableName, ...PartitionInput.Values].join('|') }
  },
  async update(id, properties, _before, r) {
    const { DatabaseName, TableName, PartitionInput } = properties
    await r
      .call('glue')
      .UpdatePartition({ DatabaseName, TableName, PartitionInput, PartitionValueList: PartitionInput.Values })
    return { id }
  },
  async delete(_id, { DatabaseName, TableName, PartitionInput }, r) {
    await unlessGone(
      r.call('glue').DeletePartition({ DatabaseName, TableName, PartitionValues: PartitionInput.Values }),
    )
  },
})

export const jobResource = resource('AWS::Glue::Job', {
  replaceOn: ['Name'],
  async create(properties, r) {
    const Name = properties.Name ?? r.generatedName({ max: 255 })
    await unlessThere(r.call('glue').CreateJob({ ...jobSettings(properties), Name, Tags: tagsOf(properties, r) }))
    return { id: Name }
  },
  async update(id, properties, before, r) {
    await r.call('glue').UpdateJob({ JobName: id, JobUpdate: jobSettings(properties) })
    await retag(`arn:aws:glue:${r.region}:${r.account}:job/${id}`, properties, before, r)
    return { id }
  },
  async delete(id, _properties, r) {
    await r.call('glue').DeleteJob({ JobName: id })
  },
})

export const triggerResource = resource('AWS::Glue::Trigger', {
  replaceOn: ['Name', 'Type', 'WorkflowName'],
  async create(properties, r) {
    const Name = properties.Name ?? r.generatedName({ max: 255 })
    const settings = triggerSettings(properties)
    const StartOnCreation = properties.StartOnCreation === true || properties.StartOnCreation === 'true'
    await unlessThere(
      r.call('glue').CreateTrigger({
        ...settings,
        Type: properties.Type,
        WorkflowName: properties.WorkflowName,
        Name,
        ...(StartOnCreation && { StartOnCreation }),
        Tags: tagsOf(properties, r),
      }),
    )
    return { id: Name }
  },
  async update(id, properties, before, r) {
    await r.call('glue').UpdateTrigger({ Name: id, TriggerUpdate: triggerSettings(properties) })
    await retag(`arn:aws:glue:${r.region}:${r.account}:trigger/${id}`, properties, before, r)
    return { id }
  },
  async delete(id, _properties, r) {
    await r.call('glue').DeleteTrigger({ Name: id })
  },
})

export const workflowResource = resource('AWS::Glue::Workflow', {
  replaceOn: ['Name'],
  async create(properties, r) {
    const Name = properties.Name ?? r.generatedName({ max: 255 })
    await unlessThere(
      r.call('glue').CreateWorkflow({ ...workflowSettings(properties), Name, Tags: tagsOf(properties, r) }),
    )
    return { id: Name }
  },
  async update(id, properties, before, r) {
    await r.call('glue').UpdateWorkflow({ ...workflowSettings(properties), Name: id })
    await retag(`arn:aws:glue:${r.region}:${r.account}:workflow/${id}`, properties, before, r)
    return { id }
  },
  async delete(id, _properties, r) {
    await r.call('glue').DeleteWorkflow({ Name: id })
  },
})

function tableInput(name: string, { TableInput }: Properties): TableInput {
  return { ...TableInput, Name: name }
}

/** Templates write numbers as text now and then. */
export function numbers(properties: Properties, ...names: string[]): Properties {
  const given = names.filter((name) => properties[name] !== undefined)
  return Object.fromEntries(given.map((name) => [name, Number(properties[name])]))
}

function jobSettings(properties: Properties): Omit<CreateJobCommandInput, 'Name'> {
  const { Name: _name, Tags: _tags, ExecutionProperty, DefaultArguments, ...settings } = properties
  const texts = Object.entries(DefaultArguments ?? {}).map(([key, value]) => [key, String(value)])
  return {
    ...settings,
    ...(DefaultArguments && { DefaultArguments: Object.fromEntries(texts) }),
    ...(ExecutionProperty && { ExecutionProperty: numbers(ExecutionProperty, 'MaxConcurrentRuns') }),
    ...numbers(properties, 'MaxRetries', 'Timeout', 'NumberOfWorkers', 'MaxCapacity', 'AllocatedCapacity'),
  } as Omit<CreateJobCommandInput, 'Name'>
}

function triggerSettings(properties: Properties): Pick<CreateTriggerCommandInput, 'Actions' | 'Predicate'> {
  const { Actions, Predicate, Schedule, Description, EventBatchingCondition } = properties
  return {
    Actions,
    ...(Predicate && { Predicate }),
    ...(Schedule && { Schedule }),
    ...(Description && { Description }),
    ...(EventBatchingCondition && {
      EventBatchingCondition: numbers(EventBatchingCondition, 'BatchSize', 'BatchWindow'),
    }),
  }
}

function workflowSettings(properties: Properties) {
  return {
    Description: properties.Description,
    DefaultRunProperties: properties.DefaultRunProperties,
    ...numbers(properties, 'MaxConcurrentRuns'),
  }
}

export function tagsOf(properties: Properties, r: ResourceContext): Record<string, string> {
  return { ...r.tags, ...properties.Tags }
}

export async function retag(
  ResourceArn: string,
  properties: Properties,
  before: Properties,
  r: ResourceContext,
): Promise<void> {
  const TagsToRemove = Object.keys(before.Tags ?? {}).filter((key) => !Object.hasOwn(properties.Tags ?? {}, key))
  if (TagsToRemove.length > 0) await r.call('glue').UntagResource({ ResourceArn, TagsToRemove })
  await r.call('glue').TagResource({ ResourceArn, TagsToAdd: tagsOf(properties, r) })
}

/** A creation that was killed after it worked is tried again. */
export async function unlessThere(made: Promise<unknown>): Promise<void> {
  await made.catch((error: { code?: string }) => {
    if (error.code !== 'AlreadyExistsException') throw error
  })
}

export async function unlessGone(deleted: Promise<unknown>): Promise<void> {
  await deleted.catch((error: { code?: string }) => {
    if (error.code !== 'EntityNotFoundException') throw error
  })
}
