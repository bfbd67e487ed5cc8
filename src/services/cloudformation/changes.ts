/**
 * The difference between what a stack has and what a template wants of it: per resource add, modify or remove, which
 * properties, and whether the resource is replaced. Pure; change sets show it and deployments follow it.
 */
import { isUnknown } from './intrinsics.ts'
import { isObject, type Json, type JsonObject, type RemovalPolicy } from './templates.ts'

export interface PresentResource {
  logicalId: string
  type: string
  physicalId: string
  properties: JsonObject
  deletionPolicy?: RemovalPolicy
}

export interface WantedResource {
  logicalId: string
  type: string
  properties: JsonObject
  updateReplacePolicy?: RemovalPolicy
}

export type Replacement = 'True' | 'False' | 'Conditional'

export interface PropertyChange {
  name: string
  path: string
  before?: Json
  after?: Json
  kind: 'Add' | 'Remove' | 'Modify'
  recreates: boolean
  /** True when the new value is known only while deploying. */
  isDynamic: boolean
}

export interface ResourceChange {
  action: 'Add' | 'Modify' | 'Remove'
  logicalId: string
  type: string
  physicalId?: string
  replacement?: Replacement
  policyAction?: 'Delete' | 'Retain' | 'Snapshot' | 'ReplaceAndDelete' | 'ReplaceAndRetain' | 'ReplaceAndSnapshot'
  properties: PropertyChange[]
}

/** Says whether a change of a property makes the resource anew. */
export type ReplacesOn = (type: string, property: string, before?: Json, after?: Json) => boolean

export function changeOf(
  present: PresentResource,
  wanted: WantedResource,
  replacesOn: ReplacesOn,
): ResourceChange | undefined {
  const properties = propertyChanges(present.properties, wanted.properties, (...change) =>
    replacesOn(wanted.type, ...change),
  )
  if (present.type !== wanted.type) return modified(present, wanted, properties, 'True')
  if (properties.length === 0) return undefined
  const recreating = properties.filter((property) => property.recreates)
  const replacement =
    recreating.length === 0 ? 'False' : recreating.every((one) => one.isDynamic) ? 'Conditional' : 'True'
  return modified(present, wanted, properties, replacement)
}

function modified(
  present: PresentResource,
  wanted: WantedResource,
  properties: PropertyChange[],
  replacement: Replacement,
): ResourceChange {
  const kept = wanted.updateReplacePolicy ?? 'Delete'
  return {
    action: 'Modify',
    logicalId: wanted.logicalId,
    type: wanted.type,
    physicalId: present.physicalId,
    replacement,
    ...(replacement === 'True' && {
      policyAction:
        kept === 'Snapshot' ? 'ReplaceAndSnapshot' : kept === 'Delete' ? 'ReplaceAndDelete' : 'ReplaceAndRetain',
    }),
    properties,
  }
}

export function additionOf(wanted: WantedResource): ResourceChange {
  return { action: 'Add', logicalId: wanted.logicalId, type: wanted.type, properties: [] }
}

export function removalOf(present: PresentResource): ResourceChange {
  const policy = present.deletionPolicy === 'RetainExceptOnCreate' ? 'Retain' : (present.deletionPolicy ?? 'Delete')
  return {
    action: 'Remove',
    logicalId: present.logicalId,
    type: present.type,
    physicalId: present.physicalId,
    policyAction: policy,
    properties: [],
  }
}

export function propertyChanges(
  before: JsonObject,
  after: JsonObject,
  recreates: (name: string, before?: Json, after?: Json) => boolean,
): PropertyChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) => {
    const left = before[name]
    const right = after[name]
    if (sameValue(left, right)) return []
    return [
      {
        name,
        path: `/Properties/${name}`,
        ...(left !== undefined && { before: left }),
        ...(right !== undefined && { after: right }),
        kind: left === undefined ? 'Add' : right === undefined ? 'Remove' : 'Modify',
        recreates: recreates(name, left, right),
        isDynamic: right !== undefined && isUnknown(right),
      } satisfies PropertyChange,
    ]
  })
}

/** Whether two property values mean the same: the order of members is free, and `"5"` is 5, as on AWS. */
export function sameValue(left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => sameValue(item, right[index]))
    )
  }
  if (isObject(left) || isObject(right)) {
    if (!isObject(left) || !isObject(right)) return false
    const names = new Set([...Object.keys(left), ...Object.keys(right)])
    return [...names].every((name) => sameValue(left[name], right[name]))
  }
  return String(left) === String(right)
}
