/** How the properties of AWS::IAM::* are read. */
import type { Properties, ResourceContext } from '../resource.ts'

export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

export function numberOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value)
}

/** A document as JSON text; templates may hold it as text already. */
export function textOf(document: unknown): string {
  return typeof document === 'string' ? document : JSON.stringify(document)
}

export function policyName(policy: { PolicyName?: unknown }): string {
  return String(policy.PolicyName)
}

export function tagKeys(properties: Properties): string[] {
  return (properties.Tags ?? []).map((tag: { Key: string }) => tag.Key)
}

/** The resource's own tags over the stack's. */
export function tagList(own: unknown, r: ResourceContext): { Key: string; Value: string }[] {
  const tags = new Map(Object.entries(r.tags))
  for (const { Key, Value } of Array.isArray(own) ? own : []) tags.set(String(Key), String(Value ?? ''))
  return [...tags].map(([Key, Value]) => ({ Key, Value }))
}

/** Whether the tags are those that this stack gives to this very resource. */
export function isOwn(
  tags: { Key?: string | undefined; Value?: string | undefined }[] | undefined,
  r: ResourceContext,
): boolean {
  const tagValue = (key: string) => tags?.find((tag) => tag.Key === key)?.Value
  return (
    tagValue('aws:cloudformation:stack-id') === r.stackId && tagValue('aws:cloudformation:logical-id') === r.logicalId
  )
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as { code?: string }).code === code
}

/** Does what is done to something that may be gone already. */
export async function ignoringMissing(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!hasCode(error, 'NoSuchEntityException')) throw error
  }
}

export function difference(before: string[], after: string[]): { added: string[]; removed: string[] } {
  return {
    added: after.filter((item) => !before.includes(item)),
    removed: before.filter((item) => !after.includes(item)),
  }
}
