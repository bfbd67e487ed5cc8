/** Names in the Catalog and ARNs of Glue's resources. Databases and tables are lower case, whatever they were called. */
import type { Scope } from '../../store/collection.ts'

export function catalogName(name: string): string {
  return name.toLowerCase()
}

export type TaggedKind =
  | 'job'
  | 'session'
  | 'trigger'
  | 'workflow'
  | 'crawler'
  | 'connection'
  | 'registry'
  | 'schema'
  | 'dataQualityRuleset'
  | 'database'
  | 'table'

export function glueArn({ account, region }: Scope, kind: TaggedKind, name: string): string {
  return `arn:aws:glue:${region}:${account}:${kind}/${name}`
}

export function dateOf(millis: number): Date {
  return new Date(millis)
}
