/** A change set as DescribeChangeSet tells it. */
import type { ChangeSet } from './changeSets.ts'
import type { PropertyChange, ResourceChange } from './changes.ts'
import { parameterList } from './stackDescriptions.ts'
import type { Stack } from './stacks.ts'
import { type Json, type Template, textOf } from './templates.ts'

const pageSize = 100

export function changeSetOutput(
  changeSet: ChangeSet,
  stack: Stack,
  declared: Template['parameters'],
  request: { NextToken?: string | undefined; IncludePropertyValues?: boolean | undefined },
) {
  const { wanted } = changeSet
  const start = request.NextToken === undefined ? 0 : Number(request.NextToken)
  const page = changeSet.changes.slice(start, start + pageSize)
  const hasMore = start + page.length < changeSet.changes.length
  return {
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.id,
    StackId: stack.arn,
    StackName: stack.name,
    Status: changeSet.status,
    ExecutionStatus: changeSet.executionStatus,
    CreationTime: new Date(changeSet.createdAt),
    NotificationARNs: changeSet.notificationArns,
    RollbackConfiguration: {},
    Capabilities: (wanted?.capabilities ?? []) as 'CAPABILITY_IAM'[],
    Parameters: parameterList(declared, wanted?.parameters ?? {}),
    Tags: Object.entries(wanted?.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    Changes: page.map((change) => changeOutput(change, request.IncludePropertyValues ?? false)),
    IncludeNestedStacks: false,
    ...(hasMore && { NextToken: String(start + page.length) }),
    ...(changeSet.reason !== undefined && { StatusReason: changeSet.reason }),
    ...(changeSet.description !== undefined && { Description: changeSet.description }),
    ...(changeSet.onStackFailure !== undefined && { OnStackFailure: changeSet.onStackFailure as 'ROLLBACK' }),
  }
}

function changeOutput(change: ResourceChange, includesValues: boolean) {
  const details = change.properties.map((property) => detailOf(property, includesValues))
  return {
    Type: 'Resource' as const,
    ResourceChange: {
      Action: change.action,
      LogicalResourceId: change.logicalId,
      ResourceType: change.type,
      Scope: change.properties.length > 0 ? ['Properties' as const] : [],
      Details: details,
      ...(change.physicalId !== undefined && { PhysicalResourceId: change.physicalId }),
      ...(change.replacement !== undefined && { Replacement: change.replacement }),
      ...(change.policyAction !== undefined && { PolicyAction: change.policyAction }),
    },
  }
}

function detailOf(property: PropertyChange, includesValues: boolean) {
  return {
    Target: {
      Attribute: 'Properties' as const,
      Name: property.name,
      RequiresRecreation: property.recreates ? ('Always' as const) : ('Never' as const),
      ...(includesValues && {
        Path: property.path,
        AttributeChangeType: property.kind,
        ...(property.before !== undefined && { BeforeValue: valueText(property.before) }),
        ...(property.after !== undefined && { AfterValue: valueText(property.after) }),
      }),
    },
    Evaluation: property.isDynamic ? ('Dynamic' as const) : ('Static' as const),
    ChangeSource: property.isDynamic ? ('ResourceReference' as const) : ('DirectModification' as const),
  }
}

function valueText(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : textOf(value)
}
