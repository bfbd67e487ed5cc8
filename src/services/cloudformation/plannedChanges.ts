/**
 * What a template would change of a stack: resources are looked at in the order of their dependencies, since what is
 * replaced makes the values that others take from it unknown.
 */
import type { Context } from '../../delivery/context.ts'
import { additionOf, changeOf, type ResourceChange, removalOf } from './changes.ts'
import { importedValue, stackExports } from './exports.ts'
import { evaluate, unknownUntilApplied } from './intrinsics.ts'
import { dependenciesOf } from './references.ts'
import { replacesOn } from './resourceContexts.ts'
import { liveResources, scopeOf } from './scope.ts'
import type { Wanted } from './stackRequests.ts'
import { attributeOf, type Physical, stackResources } from './stackResources.ts'
import type { Stack } from './stacks.ts'
import type { JsonObject } from './templates.ts'

export function plannedChanges(ctx: Context, stack: Stack, { template, parameters }: Wanted): ResourceChange[] {
  const present = new Map<string, Physical>()
  for (const resource of ctx.in(stackResources).list({ prefix: [stack.uuid] })) {
    if (resource.current) present.set(resource.logicalId, resource.current)
  }
  /** Resources whose id is known now and stays. */
  const kept = new Set<string>()
  const stays = (logicalId: string) => (kept.has(logicalId) ? present.get(logicalId) : undefined)
  const scope = scopeOf({
    template,
    parameters,
    account: ctx.account,
    region: ctx.region,
    stackId: stack.arn,
    stackName: stack.name,
    notificationArns: stack.notificationArns,
    idOf: (logicalId) => stays(logicalId)?.physicalId ?? unknownUntilApplied,
    attributeOf(logicalId, name) {
      const physical = stays(logicalId)
      return (physical && attributeOf(physical, name)) ?? unknownUntilApplied
    },
    importValue: (name) => importedValue(ctx.in(stackExports), name),
  })
  const live = liveResources(template, scope)
  const changes: ResourceChange[] = []
  for (const logicalId of inOrder(live)) {
    const declaration = live[logicalId]
    if (!declaration) continue
    const wanted = { ...declaration, logicalId, properties: evaluate(declaration.properties, scope) as JsonObject }
    const before = present.get(logicalId)
    const change = before ? changeOf({ ...before, logicalId }, wanted, replacesOn(ctx)) : additionOf(wanted)
    if (before && change?.replacement !== 'True') kept.add(logicalId)
    if (change) changes.push(change)
  }
  for (const [logicalId, physical] of present) {
    if (!Object.hasOwn(live, logicalId)) changes.push(removalOf({ ...physical, logicalId }))
  }
  return changes.sort((left, right) => (left.logicalId < right.logicalId ? -1 : 1))
}

/** What others depend on comes first; the template has no circles any more. */
function inOrder(resources: Wanted['template']['resources']): string[] {
  const dependencies = dependenciesOf(resources)
  const order = new Set<string>()
  const visit = (logicalId: string) => {
    if (order.has(logicalId)) return
    for (const name of dependencies.get(logicalId) ?? []) visit(name)
    order.add(logicalId)
  }
  for (const logicalId of Object.keys(resources)) visit(logicalId)
  return [...order]
}
