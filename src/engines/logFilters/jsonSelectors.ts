/** Selectors of JSON: `$.a.b[0]`, `$.items[*].id`, `$.*.id`, `$.['cluster.name']`. */
export type Step = string | number | 'every element'

export const selectorSource = String.raw`\$(?:\.[^\s.[\]=!<>()&|,'"]+|\.?\[(?:\d+|\*|'[^']*'|"[^"]*")\])*`
const stepToken = /\.([^.[]+)|\.?\[(\d+)\]|\.?\[(\*)\]|\.?\[['"]([^'"]*)['"]\]/g
const wholeSelector = new RegExp(`^${selectorSource}$`)

export function isSelector(text: string): boolean {
  return text.startsWith('$') && wholeSelector.test(text)
}

export function stepsOf(selector: string): Step[] {
  return [...selector.matchAll(stepToken)].map(([, name, index, star, quoted]) => {
    if (star || name === '*') return 'every element'
    return index !== undefined ? Number(index) : ((name ?? quoted) as string)
  })
}

/** All that stands there: nothing where a step leads nowhere. */
export function select(root: unknown, steps: readonly Step[]): unknown[] {
  let found = [root]
  for (const step of steps) {
    found = found.flatMap((value) => {
      if (value === null || typeof value !== 'object') return []
      if (step === 'every element') return Object.values(value)
      return Object.hasOwn(value, step) ? [(value as Record<string | number, unknown>)[step]] : []
    })
  }
  return found
}

export function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/** A message's JSON; undefined where it is none. */
export function jsonOf(message: string): unknown {
  // Most messages are no JSON, and JSON.parse is slow to say so.
  if (!/^\s*[{[]/.test(message)) return undefined
  try {
    return JSON.parse(message) as unknown
  } catch {
    return undefined
  }
}
