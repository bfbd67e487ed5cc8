/** Header, query and body parameters as connections list them. */

export interface WebParameter {
  Key?: string | undefined
  Value?: string | undefined
}

export function pairsOf(list: readonly WebParameter[] | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))
}

/** The address with more in its query; what is there already stays, unless it is named again. */
export function addQuery(address: string, query: Record<string, string>): string {
  const url = new URL(address)
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
  return url.href
}
