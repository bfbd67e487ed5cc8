/**
 * Regular expressions as Trino's own engine reads them: the answers of Joni 2.1.5.3 (Syntax.Java over UTF-8, each match
 * with its groups), recorded for patterns of every construct.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compileJavaRegex } from '../../src/engines/sql/trino/natives/javaRegex.ts'

interface Recorded {
  pattern: string
  text: string
  matches?: (string | null)[][]
  error?: string
}

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'joni.json'), 'utf8')) as Recorded[]

/** By pattern, with the reason. */
const knownDifferences: Record<string, string> = {
  '\\p{InGreek}': 'Blocks are refused: JavaScript has no property of them.',
  '\\p{InBasicLatin}': 'Blocks are refused: JavaScript has no property of them.',
  '(?<=a+)b': 'A look-behind of any length works here.',
  '(?i)straße': 'ß and SS are not the same here.',
  '(a*)*': 'A group that is repeated without text is unset here.',
  '\\G a': '\\G is refused.',
  '(a)?\\1b': 'A reference to a group that is unset matches nothing in Joni, and the empty text here.',
  '\\p{Emoji}': 'A newer Unicode has the property.',
  '\\xe9': 'A byte in Joni, the character of that code here.',
  '[&&a]': 'An intersection with nothing is what the other side is here.',
  '[a&&]': 'An intersection with nothing is what the other side is here.',
}

test('a regular expression matches what Joni matches, group by group, and fails in its words', () => {
  const different = recorded.filter((one) => !(one.pattern in knownDifferences) && !isSame(one))
  expect(different).toEqual([])
  expect(recorded.length).toBeGreaterThan(240)
})

test('every known difference is still one', () => {
  const same = recorded.filter((one) => one.pattern in knownDifferences && isSame(one))
  expect(same).toEqual([])
})

function isSame({ pattern, text, matches, error }: Recorded): boolean {
  try {
    const java = compileJavaRegex(pattern)
    const found = [...text.matchAll(java.regex)].map((match) =>
      Array.from({ length: java.groupCount + 1 }, (_, number) => java.group(match, number) ?? null),
    )
    return JSON.stringify(found) === JSON.stringify(matches)
  } catch (thrown) {
    return (thrown as Error).message === `INVALID_FUNCTION_ARGUMENT: ${error}`
  }
}
