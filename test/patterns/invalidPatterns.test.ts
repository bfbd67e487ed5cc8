/**
 * Patterns that are refused, and the reason that is given. The reasons are event-ruler 2.0.1's, but for what only AWS's
 * service refuses: too many readings of a wildcard, and numbers beyond 5.0E9.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { InvalidPattern } from '../../src/engines/patterns/compiler.ts'
import { compilePattern } from '../../src/engines/patterns/pattern.ts'

const file = new URL('../conformance/patterns/invalid_patterns.jsonl', import.meta.url)
const refused = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { pattern: string; reason: string })

test.each(refused)('$pattern is refused: $reason', ({ pattern, reason }) => {
  expect(() => compilePattern(pattern)).toThrow(new InvalidPattern(reason))
})
