/** An alias: a name for a version, or by weight for two. */
import { collection } from '../../store/collection.ts'

export interface Alias {
  functionName: string
  alias: string
  version: string
  description: string
  /** Further versions and their share of the invocations. */
  weights: Record<string, number>
  revisionId: string
}

export const aliases = collection<Alias>('lambda/aliases', {
  version: 1,
  key: (record) => [record.functionName, record.alias],
})
