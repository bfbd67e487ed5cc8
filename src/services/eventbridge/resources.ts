/** AWS::Events::* for CloudFormation. */
import type { Target } from '@aws-sdk/client-eventbridge'
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { busArn } from './buses.ts'
import { ruleArn } from './rules.ts'
import { createOnce, forgetCreation, ignoreMissing } from './stackCreations.ts'

const named = (properties: Properties, resource: ResourceContext) =>
  String(properties.Name ?? resource.generatedName({ max: 64 }))

/** A rule's physical id is its name, or `bus|name` on a bus of one's own, as AWS makes it. */
const ruleIdParts = (id: string) => {
  const [first = '', second] = id.split('|')
  return second === undefined ? { bus: undefined, name: first } : { bus: first, name: second }
}

async function putRule(name: string, properties: Properties, r: ResourceContext): Promise<void> {
  const { EventPattern, EventBusName, Targets = [] } = properties
  const events = r.call('eventbridge')
  await events.PutRule({
    Name: name,
    EventBusName,
    EventPattern: EventPattern === undefined ? undefined : asJson(EventPattern),
    ScheduleExpression: properties.ScheduleExpression,
    State: properties.State,
    Description: properties.Description,
    RoleArn: properties.RoleArn,
    Tags: tagsOf(properties, r),
  })
  if (Targets.length === 0) return
  await events.PutTargets({ Rule: name, EventBusName, Targets: (Targets as Target[]).map(withNumbers) })
}

/** Templates write numbers as text too. */
function withNumbers(target: Target): Target {
  if (!target.RetryPolicy) return target
  const numbers = Object.entries(target.RetryPolicy).map(([name, value]) => [name, Number(value)])
  return { ...target, RetryPolicy: Object.fromEntries(numbers) }
}

function tagsOf(properties: Properties, { tags }: ResourceContext): { Key: string; Value: string }[] {
  return [...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })), ...(properties.Tags ?? [])]
}

async function changeTags(arn: string, properties: Properties, before: Properties, r: ResourceContext): Promise<void> {
  const Tags = tagsOf(properties, r)
  const kept = new Set(Tags.map(({ Key }) => Key))
  const gone = ((before.Tags ?? []) as { Key: string }[]).map(({ Key }) => Key).filter((key) => !kept.has(key))
  const events = r.call('eventbridge')
  if (gone.length > 0) await events.UntagResource({ ResourceARN: arn, TagKeys: gone })
  if (Tags.length > 0) await events.TagResource({ ResourceARN: arn, Tags })
}

async function removeTargets(rule: string, bus: string | undefined, ids: string[], r: ResourceContext): Promise<void> {
  if (ids.length > 0) await r.call('eventbridge').RemoveTargets({ Rule: rule, EventBusName: bus, Ids: ids })
}

export const ruleResource = resource('AWS::Events::Rule', {
  replaceOn: ['Name', 'EventBusName'],
  async create(properties, r) {
    const name = named(properties, r)
    await putRule(name, properties, r)
    return ruleCreated(name, properties, r)
  },
  async update(id, properties, before, r) {
    const { bus, name } = ruleIdParts(id)
    const kept = new Set((properties.Targets ?? []).map((target: Target) => target.Id))
    const gone = (before.Targets ?? []).map((target: Target) => target.Id).filter((each: string) => !kept.has(each))
    await removeTargets(name, bus, gone, r)
    await putRule(name, properties, r)
    const made = ruleCreated(name, properties, r)
    await changeTags(made.attributes.Arn, properties, before, r)
    return made
  },
  async delete(id, _properties, r) {
    const { bus, name } = ruleIdParts(id)
    const events = r.call('eventbridge')
    await ignoreMissing(async () => {
      const { Targets = [] } = await events.ListTargetsByRule({ Rule: name, EventBusName: bus })
      await removeTargets(
        name,
        bus,
        Targets.map(({ Id }) => String(Id)),
        r,
      )
      await events.DeleteRule({ Name: name, EventBusName: bus })
    })
  },
})

function ruleCreated(name: string, properties: Properties, r: ResourceContext) {
  const bus = String(properties.EventBusName ?? 'default').replace(/^.*event-bus\//, '')
  return { id: bus === 'default' ? name : `${bus}|${name}`, attributes: { Arn: ruleArn({ bus, name }, r) } }
}

export const busResource = resource('AWS::Events::EventBus', {
  replaceOn: ['Name', 'EventSourceName'],
  async create(properties, r) {
    const name = String(properties.Name)
    const events = r.call('eventbridge')
    await createOnce(r, `bus/${name}`, {
      exists: () => events.DescribeEventBus({ Name: name }),
      create: () =>
        events.CreateEventBus({
          Name: name,
          EventSourceName: properties.EventSourceName,
          ...busSettings(properties),
          Tags: tagsOf(properties, r),
        }),
    })
    await putBusPolicy(name, properties, {}, r)
    return busMade(name, properties, r)
  },
  async update(id, properties, before, r) {
    await r.call('eventbridge').UpdateEventBus({ Name: id, ...busSettings(properties) })
    await putBusPolicy(id, properties, before, r)
    await changeTags(busArn(id, r), properties, before, r)
    return busMade(id, properties, r)
  },
  async delete(id, _properties, r) {
    await r.call('eventbridge').DeleteEventBus({ Name: id })
    await forgetCreation(r, `bus/${id}`)
  },
})

function busSettings({ Description, KmsKeyIdentifier, DeadLetterConfig, LogConfig }: Properties) {
  return { Description, KmsKeyIdentifier, DeadLetterConfig, LogConfig }
}

async function putBusPolicy(
  name: string,
  { Policy }: Properties,
  before: Properties,
  r: ResourceContext,
): Promise<void> {
  const events = r.call('eventbridge')
  if (Policy) await events.PutPermission({ EventBusName: name, Policy: asJson(Policy) })
  else if (before.Policy) await events.RemovePermission({ EventBusName: name, RemoveAllPermissions: true })
}

function busMade(name: string, { Policy }: Properties, r: ResourceContext) {
  return { id: name, attributes: { Arn: busArn(name, r), Name: name, Policy } }
}

async function putPolicy(properties: Properties, r: ResourceContext): Promise<void> {
  const { EventBusName, StatementId, Statement, Action, Principal, Condition } = properties
  const events = r.call('eventbridge')
  if (!Statement) {
    await events.PutPermission({ EventBusName, StatementId, Action, Principal, Condition })
    return
  }
  const { Policy } = await events.DescribeEventBus({ Name: EventBusName })
  const others = Policy ? (JSON.parse(Policy) as { Statement: { Sid?: string }[] }).Statement : []
  const statements = [...others.filter(({ Sid }) => Sid !== StatementId), { ...Statement, Sid: StatementId }]
  await events.PutPermission({
    EventBusName,
    Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
  })
}

export const busPolicyResource = resource('AWS::Events::EventBusPolicy', {
  replaceOn: ['EventBusName', 'StatementId'],
  async create(properties, r) {
    await putPolicy(properties, r)
    return { id: `${properties.EventBusName ?? 'default'}|${properties.StatementId}` }
  },
  async update(id, properties, _before, r) {
    await putPolicy(properties, r)
    return { id }
  },
  async delete(_id, { EventBusName, StatementId }, r) {
    await ignoreMissing(async () => {
      await r.call('eventbridge').RemovePermission({ EventBusName, StatementId })
    })
  },
})

function asJson(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
