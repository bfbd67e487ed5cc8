/** AWS::Events::* for CloudFormation. */
import type { Target } from '@aws-sdk/client-eventbridge'
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { busArn } from './buses.ts'
import { ruleArn } from './rules.ts'

const named = (properties: Properties, resource: ResourceContext) =>
  String(properties.Name ?? resource.generatedName({ max: 64 }))

/** A rule's physical id is its name, or `bus|name` on a bus of one's own, as AWS makes it. */
const ruleIdParts = (id: string) => {
  const [first = '', second] = id.split('|')
  return second === undefined ? { bus: undefined, name: first } : { bus: first, name: second }
}

async function putRule(name: string, properties: Properties, { call, tags }: ResourceContext): Promise<void> {
  const { EventPattern, EventBusName, Targets = [] } = properties
  const events = call('eventbridge')
  await events.PutRule({
    Name: name,
    EventBusName,
    EventPattern: EventPattern === undefined ? undefined : asJson(EventPattern),
    ScheduleExpression: properties.ScheduleExpression,
    State: properties.State,
    Description: properties.Description,
    RoleArn: properties.RoleArn,
    Tags: [...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })), ...(properties.Tags ?? [])],
  })
  if (Targets.length > 0) await events.PutTargets({ Rule: name, EventBusName, Targets: Targets as Target[] })
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
    return ruleCreated(name, properties, r)
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
    await r.call('eventbridge').CreateEventBus({
      Name: name,
      EventSourceName: properties.EventSourceName,
      Description: properties.Description,
      KmsKeyIdentifier: properties.KmsKeyIdentifier,
      DeadLetterConfig: properties.DeadLetterConfig,
      Tags: [...Object.entries(r.tags).map(([Key, Value]) => ({ Key, Value })), ...(properties.Tags ?? [])],
    })
    if (properties.Policy)
      await r.call('eventbridge').PutPermission({ EventBusName: name, Policy: asJson(properties.Policy) })
    return { id: name, attributes: { Arn: busArn(name, r), Name: name, Policy: properties.Policy } }
  },
  async update(id, properties, _before, r) {
    await r.call('eventbridge').UpdateEventBus({
      Name: id,
      Description: properties.Description,
      KmsKeyIdentifier: properties.KmsKeyIdentifier,
      DeadLetterConfig: properties.DeadLetterConfig,
    })
    if (properties.Policy)
      await r.call('eventbridge').PutPermission({ EventBusName: id, Policy: asJson(properties.Policy) })
    return { id, attributes: { Arn: busArn(id, r), Name: id, Policy: properties.Policy } }
  },
  async delete(id, _properties, r) {
    await r.call('eventbridge').DeleteEventBus({ Name: id })
  },
})

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

async function ignoreMissing(remove: () => Promise<void>): Promise<void> {
  try {
    await remove()
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ResourceNotFoundException') throw error
  }
}

function asJson(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
