/** The prefix and suffix filters of S3's bucket notifications. */
export interface KeyFilter {
  prefix?: string | undefined
  suffix?: string | undefined
}

/** Whether the object's key, as it is and not URL-encoded, passes the filter. */
export function keyPasses(key: string, { prefix = '', suffix = '' }: KeyFilter): boolean {
  return key.startsWith(prefix) && key.endsWith(suffix)
}

/** S3 refuses two configurations for one event if some key could pass both filters. */
export function filtersOverlap(left: KeyFilter, right: KeyFilter): boolean {
  return isEither(left.prefix, right.prefix, 'startsWith') && isEither(left.suffix, right.suffix, 'endsWith')
}

function isEither(left = '', right = '', relation: 'startsWith' | 'endsWith'): boolean {
  return left[relation](right) || right[relation](left)
}
