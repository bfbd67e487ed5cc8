/** AWS::CloudFormation::Stack: a stack whose parent waits for it. */
import type { Tx } from '../../delivery/context.ts'
import type { Made, SlowChange, SlowType } from './attempts.ts'
import { wake } from './customResources.ts'
import { generatedName } from './resourceContexts.ts'
import { beginCreation, beginDeletion, beginUpdate } from './stackBeginnings.ts'
import { findStack, isMoving, type ParentStep, type Stack, stacks } from './stacks.ts'
import { isObject, type JsonObject, textOf } from './templates.ts'

const timeoutSecondsMax = 12 * 3600
const nameMax = 128

export const nestedStacks: SlowType = {
  timeoutSeconds: (properties) => Number(properties.TimeoutInMinutes ?? 0) * 60 || timeoutSecondsMax,

  async begin(change) {
    const { ctx, kind, stack, present } = change
    const parent: ParentStep = {
      arn: stack.arn,
      logicalId: change.logicalId,
      requestId: change.requestId,
      itemId: change.item.id,
    }
    const child = present && findStack(ctx.in(stacks), present.physicalId)
    if (kind === 'Delete') {
      if (child && child.status !== 'DELETE_COMPLETE') await beginDeletion(ctx, child, { spared: [], parent })
    } else if (kind === 'Update' && child) {
      await beginUpdate(ctx, child, { ...requestOf(change), parent, ignoresNoChange: true })
    } else {
      await beginCreation(ctx, {
        ...requestOf(change),
        StackName: nameOf(change),
        parent,
        rootArn: stack.rootArn ?? stack.arn,
      })
    }
  },

  outcome(change) {
    const child = childOf(change)
    if (!child) return change.kind === 'Delete' ? {} : undefined
    if (change.kind === 'Delete' && child.status === 'DELETE_COMPLETE') return {}
    if (child.parent?.requestId !== change.requestId || isMoving(child)) return undefined
    return outcomeOf(child, change.kind)
  },

  timedOut: ({ stack }) => ({ failure: `Stack ${stack.name} timed out waiting for its nested stack.` }),
}

function childOf(change: SlowChange): Stack | undefined {
  const { reader, kind, present } = change
  return findStack(reader.in(stacks), kind === 'Create' || !present ? nameOf(change) : present.physicalId)
}

function outcomeOf(child: Stack, kind: SlowChange['kind']): Made {
  const isGood = child.status === (kind === 'Create' ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE')
  const isUnchanged = kind === 'Update' && child.status === 'CREATE_COMPLETE'
  if (isGood || isUnchanged) {
    const outputs = child.outputs.map((output) => [`Outputs.${output.key}`, output.value])
    return { physicalId: child.arn, attributes: Object.fromEntries(outputs) as JsonObject }
  }
  const verb = { Create: 'created', Update: 'updated', Delete: 'deleted' }[kind]
  return {
    failure: `Embedded stack ${child.arn} was not successfully ${verb}: ${child.statusReason ?? child.status}`,
    ...(kind === 'Create' && { physicalId: child.arn }),
  }
}

function nameOf({ stack, logicalId, token }: SlowChange): string {
  return generatedName(stack.name, logicalId, token, { max: nameMax })
}

function requestOf({ properties, stack }: SlowChange) {
  const parameters = isObject(properties.Parameters) ? properties.Parameters : {}
  const tags = Array.isArray(properties.Tags) ? properties.Tags.filter(isObject) : []
  return {
    TemplateURL: textOf(properties.TemplateURL ?? ''),
    Parameters: Object.entries(parameters).map(([name, value]) => ({
      ParameterKey: name,
      ParameterValue: textOf(value),
    })),
    Tags: [
      ...Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })),
      ...tags.map((tag) => ({ Key: textOf(tag.Key ?? ''), Value: textOf(tag.Value ?? '') })),
    ],
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
  }
}

export function wakeParent(tx: Tx, parent: ParentStep): void {
  wake(tx, { id: parent.itemId })
}
