/**
 * A glance at JSON that is not parsed: whether a value that satisfies a condition stands behind a name, at any depth.
 * Where none does, the condition cannot hold, and most messages need no parsing.
 */
import { isScalar, type Step } from './jsonSelectors.ts'

export type Glance = (message: string) => boolean

const valueToken = /\s*:\s*(?:"([^"\\]*)"|(-?[\d.eE+-]+)|(true|false)|(null|[{[])|)/y

/** Undefined where the last step is no plain name. */
export function glanceBehind(
  steps: readonly Step[],
  satisfies: (value: string | number) => boolean,
): Glance | undefined {
  const name = steps[steps.length - 1]
  if (typeof name !== 'string' || name === 'every element' || !/^[A-Za-z0-9_.:@ -]+$/.test(name)) return undefined
  const quoted = `"${name}"`
  return (message) => {
    for (let at = message.indexOf(quoted); at >= 0; at = message.indexOf(quoted, at + 1)) {
      valueToken.lastIndex = at + quoted.length
      const match = valueToken.exec(message)
      if (!match) continue
      const [, text, number, boolean, other] = match
      if (other !== undefined) continue
      const value = number === undefined ? (text ?? boolean) : Number(number)
      // A text with escapes, or no JSON at all: only parsing tells.
      if (!isScalar(value) || satisfies(value as string | number)) return true
    }
    return message.includes('\\u')
  }
}
