/** Ordered ranges of keys laid over each other. */

/** Undefined: deleted, which hides what lies below. */
export type Entry<V> = readonly [key: string, value: V]

/**
 * Two ranges in the same order as one: where both have a key, the upper one says what it is. Of each, no more is read than
 * what is asked for and one entry beyond: who wants the first of a range must not wait for thousands that are written anew.
 */
export function* laidOver<V>(
  upper: Iterable<Entry<V | undefined>>,
  lower: Iterable<Entry<V>>,
  reverse: boolean,
): Iterable<Entry<V>> {
  const [above, below] = [upper[Symbol.iterator](), lower[Symbol.iterator]()]
  try {
    let [over, under] = [above.next(), below.next()]
    while (!over.done || !under.done) {
      if (over.done || (!under.done && precedes(under.value[0], over.value[0], reverse))) {
        yield under.value as Entry<V>
        under = below.next()
        continue
      }
      const [key, value] = over.value
      if (!under.done && under.value[0] === key) under = below.next()
      if (value !== undefined) yield [key, value]
      over = above.next()
    }
  } finally {
    above.return?.()
    below.return?.()
  }
}

const precedes = (a: string, b: string, reverse: boolean) => (reverse ? a > b : a < b)
