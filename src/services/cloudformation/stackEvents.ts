/** What happened to a stack and its resources, in order; also told to the event bus, as CloudFormation does. */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { operations } from '../service.ts'
import type { StackResource } from './stackResources.ts'
import { mustFindStack, type Stack, stacks } from './stacks.ts'

export interface StackEvent {
  stackUuid: string
  number: number
  id: string
  at: Millis
  logicalId: string
  physicalId: string
  type: string
  status: string
  reason?: string
  properties?: string
  clientToken?: string
}

export const stackEvents = collection<StackEvent>('cloudformation/events', {
  version: 1,
  key: (event) => [event.stackUuid, event.number],
})

export const stackType = 'AWS::CloudFormation::Stack'
const pageSize = 100

export function noteStack(tx: Tx, stack: Stack): void {
  append(tx, stack, {
    id: tx.random.uuid(),
    logicalId: stack.name,
    physicalId: stack.arn,
    type: stackType,
    status: stack.status,
    ...(stack.statusReason !== undefined && { reason: stack.statusReason }),
  })
  tx.emit({
    source: 'aws.cloudformation',
    'detail-type': 'CloudFormation Stack Status Change',
    resources: [stack.arn],
    detail: {
      'stack-id': stack.arn,
      'status-details': { status: stack.status, 'status-reason': stack.statusReason ?? '' },
      ...(stack.clientToken !== undefined && { 'client-request-token': stack.clientToken }),
    },
  })
}

export function noteResource(tx: Tx, stack: Stack, resource: StackResource, physicalId?: string): void {
  const properties = resource.attempt?.properties ?? resource.current?.properties
  append(tx, stack, {
    id: `${resource.logicalId}-${resource.status}-${new Date(tx.now).toISOString()}-${tx.random.hex(4)}`,
    logicalId: resource.logicalId,
    physicalId: physicalId ?? resource.current?.physicalId ?? resource.lastPhysicalId ?? '',
    type: resource.type,
    status: resource.status,
    ...(resource.statusReason !== undefined && { reason: resource.statusReason }),
    ...(properties && { properties: JSON.stringify(properties) }),
  })
  tx.emit({
    source: 'aws.cloudformation',
    'detail-type': 'CloudFormation Resource Status Change',
    resources: [stack.arn],
    detail: {
      'stack-id': stack.arn,
      'logical-resource-id': resource.logicalId,
      'physical-resource-id': physicalId ?? resource.current?.physicalId ?? '',
      'resource-type': resource.type,
      'status-details': { status: resource.status, 'status-reason': resource.statusReason ?? '' },
    },
  })
}

function append(tx: Tx, stack: Stack, event: Omit<StackEvent, 'stackUuid' | 'number' | 'at' | 'clientToken'>): void {
  const last = tx.in(stackEvents).first({ prefix: [stack.uuid], reverse: true })
  tx.in(stackEvents).put({
    ...event,
    stackUuid: stack.uuid,
    number: (last?.number ?? 0) + 1,
    // Events of one commit are told apart by their times, as their readers sort by them.
    at: Math.max(tx.now, (last?.at ?? 0) + 1),
    ...(stack.clientToken !== undefined && { clientToken: stack.clientToken }),
  })
}

export const stackEventOperations = operations('cloudformation', {
  async DescribeStackEvents(input, ctx) {
    const stack = mustFindStack(ctx.in(stacks), input.StackName, `Stack [${input.StackName}] does not exist`)
    const before = input.NextToken === undefined ? Number.MAX_SAFE_INTEGER : Number(input.NextToken)
    const page = [
      ...ctx.in(stackEvents).list({
        prefix: [stack.uuid],
        before: [stack.uuid, before],
        reverse: true,
        limit: pageSize,
      }),
    ]
    const last = page.at(-1)
    return {
      StackEvents: page.map((event) => ({
        StackId: stack.arn,
        StackName: stack.name,
        EventId: event.id,
        LogicalResourceId: event.logicalId,
        PhysicalResourceId: event.physicalId,
        ResourceType: event.type,
        Timestamp: new Date(event.at),
        ResourceStatus: event.status as 'CREATE_COMPLETE',
        ...(event.reason !== undefined && { ResourceStatusReason: event.reason }),
        ...(event.properties !== undefined && { ResourceProperties: event.properties }),
        ...(event.clientToken !== undefined && { ClientRequestToken: event.clientToken }),
      })),
      ...(last && last.number > 1 && { NextToken: String(last.number) }),
    }
  },
})
