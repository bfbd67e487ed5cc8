/**
 * What is made of a key and stays true of it, as the date that a second is written as, or what a policy's text says: made at
 * the first call, and given back at the next ones. At `most` keys it begins anew. What throws is made again.
 */
export function madeOnce<K, V>(most: number, make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined || made.has(key)) return known as V
    const value = make(key)
    if (made.size >= most) made.clear()
    made.set(key, value)
    return value
  }
}
