/** What is kept of the latest values, and what makes room. */
import { expect, test } from 'vitest'
import { Latest } from '../../src/delivery/latest.ts'

test('half of the bound is kept for certain, and never more than the bound', () => {
  const latest = new Latest<number>(10)
  const kept = () => Array.from({ length: 100 }, (_, n) => n).filter((n) => latest.get(String(n)) === n)

  for (let n = 0; n < 100; n++) {
    latest.set(String(n), n)
    const known = kept()
    const sure = Array.from({ length: Math.min(5, n + 1) }, (_, back) => n - back)
    expect(known).toEqual(expect.arrayContaining(sure))
    expect(known.length).toBeLessThanOrEqual(10)
  }
})

test('a key has its latest value, whichever generation has an older one, and none once it is deleted', () => {
  const latest = new Latest<string>(4)
  latest.set('a', 'first')
  latest.set('b', 'first')
  latest.set('a', 'second')

  expect(latest.get('a')).toBe('second')
  latest.delete('a')
  expect(latest.get('a')).toBeUndefined()
  expect(latest.get('b')).toBe('first')
  latest.clear()
  expect(latest.get('b')).toBeUndefined()
})
