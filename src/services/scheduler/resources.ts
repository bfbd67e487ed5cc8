/** AWS::Scheduler::* for CloudFormation. */
import type { CreateScheduleInput } from '@aws-sdk/client-scheduler'
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { defaultGroup, groupArn } from './groups.ts'
import { scheduleArn } from './scheduleRecords.ts'

const nameOf = (properties: Properties, r: ResourceContext) => String(properties.Name ?? r.generatedName({ max: 64 }))

/** Numbers and dates come as text where a template says so. */
function settingsOf({ Name: _, ...properties }: Properties): Omit<CreateScheduleInput, 'Name' | 'ClientToken'> {
  const { StartDate, EndDate, FlexibleTimeWindow, Target } = properties
  const { RetryPolicy } = Target
  return {
    ...(properties as Omit<CreateScheduleInput, 'Name'>),
    FlexibleTimeWindow: numbered(FlexibleTimeWindow, 'MaximumWindowInMinutes') as never,
    Target: { ...Target, ...(RetryPolicy && { RetryPolicy: numbered(RetryPolicy, ...retryNumbers) }) },
    ...(StartDate !== undefined && { StartDate: new Date(StartDate) }),
    ...(EndDate !== undefined && { EndDate: new Date(EndDate) }),
  }
}

const retryNumbers = ['MaximumEventAgeInSeconds', 'MaximumRetryAttempts']

function numbered(value: Properties, ...names: string[]): Properties {
  const isNumber = (name: string) => names.includes(name)
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, isNumber(name) && each !== undefined ? Number(each) : each]),
  )
}

export const scheduleResource = resource('AWS::Scheduler::Schedule', {
  replaceOn: ['Name', 'GroupName'],
  async create(properties, r) {
    const name = nameOf(properties, r)
    await r.call('scheduler').CreateSchedule({ Name: name, ClientToken: r.token, ...settingsOf(properties) })
    return scheduleCreated(name, properties, r)
  },
  async update(id, properties, _before, r) {
    await r.call('scheduler').UpdateSchedule({ Name: id, ...settingsOf(properties) } as never)
    return scheduleCreated(id, properties, r)
  },
  async delete(id, { GroupName }, r) {
    await ignoreMissing(r.call('scheduler').DeleteSchedule({ Name: id, GroupName }))
  },
})

function scheduleCreated(name: string, { GroupName: group = defaultGroup }: Properties, r: ResourceContext) {
  return { id: name, attributes: { Arn: scheduleArn({ group, name }, r) } }
}

export const scheduleGroupResource = resource('AWS::Scheduler::ScheduleGroup', {
  replaceOn: ['Name'],
  async create(properties, r) {
    const name = nameOf(properties, r)
    await r.call('scheduler').CreateScheduleGroup({ Name: name, ClientToken: r.token, Tags: tagsOf(properties, r) })
    return groupCreated(name, r)
  },
  async update(id, properties, before, r) {
    const ResourceArn = groupArn(id, r)
    const Tags = tagsOf(properties, r)
    const kept = new Set(Tags.map(({ Key }) => Key))
    const gone = tagsOf(before, r).filter(({ Key }) => !kept.has(Key))
    await r.call('scheduler').TagResource({ ResourceArn, Tags })
    await r.call('scheduler').UntagResource({ ResourceArn, TagKeys: gone.map(({ Key }) => Key) })
    return groupCreated(id, r)
  },
  async delete(id, _properties, r) {
    await ignoreMissing(r.call('scheduler').DeleteScheduleGroup({ Name: id }))
  },
})

function tagsOf({ Tags = [] }: Properties, { tags }: ResourceContext): { Key: string; Value: string }[] {
  const own = (Tags as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value])
  return Object.entries({ ...tags, ...Object.fromEntries(own) }).map(([Key, Value]) => ({ Key, Value: String(Value) }))
}

async function groupCreated(name: string, r: ResourceContext) {
  const { State, CreationDate, LastModificationDate } = await r.call('scheduler').GetScheduleGroup({ Name: name })
  const dates = {
    CreationDate: CreationDate?.toISOString(),
    LastModificationDate: LastModificationDate?.toISOString(),
  }
  return { id: name, attributes: { Arn: groupArn(name, r), State, ...dates } }
}

async function ignoreMissing(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ResourceNotFoundException') throw error
  }
}
