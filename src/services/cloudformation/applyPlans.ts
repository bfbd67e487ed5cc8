/** What applying a template does to one resource: nothing, create, change in place, or make anew. */
import type { Context, Tx } from '../../delivery/context.ts'
import { changeOf } from './changes.ts'
import type { Deployment } from './deployments.ts'
import { evaluate } from './intrinsics.ts'
import { findType, isCustom, replacesOn } from './resourceContexts.ts'
import type { Attempt, Physical, StackResource } from './stackResources.ts'
import { templateOf } from './stackScopes.ts'
import { definitions, type Stack } from './stacks.ts'
import { type JsonObject, type ResourceDeclaration, TemplateError } from './templates.ts'

export interface ApplyPlan {
  /** The resource's record as the change begins; without an attempt where nothing is to be done. */
  begin(tx: Tx, deployment: Deployment): StackResource
}

export function applyPlan(
  ctx: Context,
  stack: Stack,
  logicalId: string,
  resource: StackResource | undefined,
): ApplyPlan {
  const { scope, live, dependencies } = templateOf(ctx, stack)
  const declaration = live[logicalId]
  if (!declaration) throw new TemplateError(`Resource ${logicalId} is not in the template`)
  const properties = evaluate(declaration.properties, scope) as JsonObject
  const dependsOn = [...(dependencies.get(logicalId) ?? [])].filter((name) => Object.hasOwn(live, name))
  const kind = kindOf(ctx, stack, declaration, properties, logicalId, resource?.current)
  return {
    begin(tx, deployment) {
      const base = recordOf(tx, stack, logicalId, declaration, resource)
      const policies = policiesOf(declaration)
      if (kind === 'none' && resource?.current) {
        const { deletionPolicy: _, updateReplacePolicy: __, ...current } = resource.current
        return { ...base, current: { ...current, dependsOn, ...policies } }
      }
      const attempt: Attempt = {
        deploymentId: deployment.id,
        kind: kind === 'none' ? 'create' : kind,
        token: tx.random.uuid(),
        properties,
        dependsOn,
        ...policies,
      }
      const { statusReason: _, ...rest } = base
      return {
        ...rest,
        attempt,
        type: declaration.type,
        updatedAt: tx.now,
        status: kind === 'create' ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS',
        ...(kind === 'replace' && { statusReason: replacing }),
        ...(deployment.kind === 'update' && { before: resource?.current ?? 'absent', tried: properties }),
      }
    },
  }
}

const replacing = 'Requested update requires the creation of a new physical resource; hence creating one.'

function kindOf(
  ctx: Context,
  stack: Stack,
  declaration: ResourceDeclaration,
  properties: JsonObject,
  logicalId: string,
  current: Physical | undefined,
): Attempt['kind'] | 'none' {
  if (!current) return 'create'
  const change = changeOf(
    { logicalId, type: current.type, physicalId: current.physicalId, properties: current.properties },
    { logicalId, type: declaration.type, properties },
    replacesOn(ctx),
  )
  if (!change) return takesNewTags(ctx, stack, declaration.type) ? 'update' : 'none'
  return change.replacement === 'False' ? 'update' : 'replace'
}

/** The stack's tags go to its resources, so a change of them changes every resource that can be changed in place. */
function takesNewTags(ctx: Context, stack: Stack, type: string): boolean {
  const before = ctx.in(definitions).get(stack.uuid, 'before')
  if (!before || isCustom(type) || !findType(ctx, type)?.update) return false
  return JSON.stringify(Object.entries(before.tags).sort()) !== JSON.stringify(Object.entries(stack.tags).sort())
}

function recordOf(
  tx: Tx,
  stack: Stack,
  logicalId: string,
  declaration: ResourceDeclaration,
  present: StackResource | undefined,
): StackResource {
  const { metadata: _, ...rest } = present ?? {
    stackUuid: stack.uuid,
    logicalId,
    type: declaration.type,
    status: 'CREATE_IN_PROGRESS' as const,
    updatedAt: tx.now,
  }
  return { ...rest, ...(declaration.metadata !== undefined && { metadata: declaration.metadata }) }
}

function policiesOf(declaration: ResourceDeclaration) {
  const { deletionPolicy, updateReplacePolicy } = declaration
  return {
    ...(deletionPolicy !== undefined && { deletionPolicy }),
    ...(updateReplacePolicy !== undefined && { updateReplacePolicy }),
  }
}
