/**
 * The resources of a stack. While an update runs, a record also holds what was there before, so that a rollback needs
 * nothing but the store.
 */
import type { Millis } from '../../clock.ts'
import { collection } from '../../store/collection.ts'
import type { Json, JsonObject, RemovalPolicy } from './templates.ts'

export type ResourceStatus =
  | `${'CREATE' | 'UPDATE' | 'DELETE'}_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`
  | 'DELETE_SKIPPED'
  | 'UPDATE_ROLLBACK_COMPLETE'

/** A thing that exists: what is needed to change or delete it. */
export interface Physical {
  type: string
  physicalId: string
  /** As evaluated; dynamic references are still references. */
  properties: JsonObject
  attributes: JsonObject
  dependsOn: string[]
  deletionPolicy?: RemovalPolicy
  updateReplacePolicy?: RemovalPolicy
}

export interface StackResource {
  stackUuid: string
  logicalId: string
  type: string
  status: ResourceStatus
  statusReason?: string
  updatedAt: Millis
  metadata?: Json
  /** What is there now; absent before it is made and after it is deleted. */
  current?: Physical
  /** The id of what was deleted, which descriptions still show. */
  lastPhysicalId?: string
  /** What the running update found; `absent` where the update adds the resource. */
  before?: Physical | 'absent'
  /** After a rollback of a replacement: what the update had made, to be deleted. */
  leftover?: Physical
  /** The change under way. */
  attempt?: Attempt
  /** The properties that the running update gave it, or tried to. */
  tried?: JsonObject
}

export interface Attempt {
  deploymentId: string
  kind: 'create' | 'update' | 'replace' | 'delete'
  token: string
  properties: JsonObject
  dependsOn: string[]
  deletionPolicy?: RemovalPolicy
  updateReplacePolicy?: RemovalPolicy
  /** A change that waits for an answer from outside: a custom resource, a nested stack, a wait condition. */
  waiting?: { requestId: string; deadline: Millis; hasBegun: boolean }
}

export const stackResources = collection<StackResource>('cloudformation/resources', {
  version: 1,
  key: (resource) => [resource.stackUuid, resource.logicalId],
})

export function attributeOf(physical: Physical, name: string): Json | undefined {
  if (Object.hasOwn(physical.attributes, name)) return physical.attributes[name]
  let value: Json | undefined = physical.attributes
  for (const part of name.split('.')) {
    value = typeof value === 'object' && value !== null && !Array.isArray(value) ? value[part] : undefined
  }
  return value
}
