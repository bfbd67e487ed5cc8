/** Pages of the List operations: the token holds the key of the last item that was shown. */
export interface Page<T> {
  items: T[]
  nextToken?: string
}

export interface PageWanted {
  token?: string | undefined
  limit?: number | undefined
}

const pageSizeMax = 100

/** `refusal` is the service's own error for a token that is none of ours. */
export function pagesOf(refusal: () => Error) {
  /** Errors: the refusal. */
  function keyIn(token: string): string[] {
    try {
      const key = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown
      if (Array.isArray(key) && key.length > 0 && key.every((part) => typeof part === 'string')) return key
    } catch {
      // Not JSON: the same answer as for JSON of another shape.
    }
    throw refusal()
  }

  /** Items must be in the order of their keys. Errors: the refusal. */
  function pageOf<T>(
    all: Iterable<T>,
    keyOf: (item: T) => string[],
    { token, limit = pageSizeMax }: PageWanted,
  ): Page<T> {
    const after = token === undefined ? undefined : keyIn(token)
    const items: T[] = []
    for (const item of all) {
      if (after && !isAfter(keyOf(item), after)) continue
      if (items.length === limit) return { items, nextToken: tokenOf(keyOf(items[items.length - 1] as T)) }
      items.push(item)
    }
    return { items }
  }

  return { keyIn, pageOf }
}

export function tokenOf(key: string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** By UTF-16 units; names are ASCII, so the store orders them the same. */
function isAfter(key: string[], other: string[]): boolean {
  const at = key.findIndex((part, index) => part !== other[index])
  return at >= 0 && (key[at] as string) > (other[at] ?? '')
}
