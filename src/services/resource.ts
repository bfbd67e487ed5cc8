/**
 * CloudFormation's resource types. A service describes its own by its public operations; the cloudformation service
 * finds them by name and knows no service.
 */
import type { Context } from '../delivery/context.ts'
import { singleton } from '../delivery/singleton.ts'

/** A resource's properties after all intrinsic functions are resolved. */
// biome-ignore lint/suspicious/noExplicitAny: properties are what the template says; each type checks its own
export type Properties = Record<string, any>

/** What a resource type is given beside its properties. */
export interface ResourceContext
  extends Pick<Context, 'call' | 'clock' | 'random' | 'account' | 'region' | 'commit' | 'in' | 'use'> {
  readonly ctx: Context
  readonly stackName: string
  readonly stackId: string
  readonly logicalId: string
  /** The stack's tags and AWS's own (`aws:cloudformation:stack-name` …), for resources that take tags. */
  readonly tags: Record<string, string>
  /** A name as CloudFormation makes them: `stack-LogicalId-1A2B3C4D5E6F`, cut to `max`; lower case where AWS wants it. */
  generatedName(rules?: { max?: number; lowerCase?: boolean }): string
  /** The same at every try of this creation: for operations that take an idempotency token. */
  readonly token: string
}

export interface Created {
  /** The physical id: what `Ref` gives. */
  id: string
  /** What `Fn::GetAtt` gives, by attribute name. */
  attributes?: Record<string, unknown>
}

export interface ResourceType {
  /** `AWS::SQS::Queue` */
  readonly type: string
  /** Properties whose change means a new resource; dotted names for nested ones. */
  readonly replaceOn: readonly string[]
  /** Of a property that is not among them: whether this very change of it means a new resource. */
  // biome-ignore lint/suspicious/noExplicitAny: a property is what the template says
  readonly replaces?: (property: string, before: any, after: any) => boolean
  /** Must be safe to call again after a kill: the same logical id and token make the same resource. */
  create(properties: Properties, resource: ResourceContext): Promise<Created>
  /** Changes in place. Absent: every change replaces. */
  update?(id: string, properties: Properties, before: Properties, resource: ResourceContext): Promise<Created>
  /** A resource that is gone already is deleted. */
  delete(id: string, properties: Properties, resource: ResourceContext): Promise<void>
}

export function resource(
  type: string,
  settings: Omit<ResourceType, 'type' | 'replaceOn'> & { replaceOn?: readonly string[] },
): ResourceType {
  return { replaceOn: [], ...settings, type }
}

/** All resource types of this server by name; provided by `app.ts`, read by the cloudformation service. */
export const resourceTypes = singleton<ReadonlyMap<string, ResourceType>>('resource types')
