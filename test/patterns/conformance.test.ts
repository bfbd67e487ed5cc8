/** The recorded answers of AWS's TestEventPattern and of event-ruler: every one must come out the same. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { InvalidPattern } from '../../src/engines/patterns/compiler.ts'
import { compilePattern } from '../../src/engines/patterns/pattern.ts'
import { RuleSet } from '../../src/engines/patterns/ruleSet.ts'

interface Case {
  id: string
  pattern: string
  event: string
  expect: 'MATCH' | 'NO' | 'EXC'
  code?: string
  message?: string
}

const folder = new URL('../conformance/patterns/', import.meta.url)
const recorded = JSON.parse(readFileSync(new URL('event_pattern_cases.json', folder), 'utf8')) as Case[]
const vectors = readFileSync(new URL('ruler_vectors_seed7.jsonl', folder), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case)
const aboutPatterns = [...recorded, ...vectors].filter(({ code }) => code !== 'ValidationException')

function answer({ pattern, event }: Case): { expect: string; message?: string } {
  try {
    const compiled = compilePattern(pattern)
    const rules = new RuleSet()
    rules.add('rule', compiled)
    const matched = compiled.matches(event)
    if (rules.match(event).length !== (matched ? 1 : 0)) return { expect: 'rule set and pattern disagree' }
    return { expect: matched ? 'MATCH' : 'NO' }
  } catch (error) {
    if (error instanceof InvalidPattern) return { expect: 'EXC', message: error.message }
    throw error
  }
}

test.each(aboutPatterns)('the recorded answer is given: $id', (recordedCase) => {
  const given = answer(recordedCase)

  expect(given.expect).toBe(recordedCase.expect)
  if (recordedCase.message !== undefined) {
    const reason = recordedCase.message.replace('Event pattern is not valid. Reason: ', '')
    expect(given.message).toBe(`Event pattern is not valid. Reason: ${reason}`)
  }
})

test('three long arrays that never match together are told apart in no time', () => {
  const list = (key: string) => Array.from({ length: 1_000 }, (_, at) => ({ [key]: at }))
  const pattern = compilePattern('{"a":{"x":[{"exists":true}]},"b":{"y":[{"exists":true}]},"c":{"z":[-1]},"d":[1]}')

  expect(pattern.matches({ a: list('x'), b: list('y'), c: [...list('z'), { z: -1 }, { z: -1 }], d: [2] })).toBe(false)
  const absent = compilePattern(
    '{"a":{"x":[{"exists":true}]},"b":{"y":[{"exists":true}]},"c":{"z":[{"exists":false}]}}',
  )
  expect(absent.matches({ a: list('x'), b: list('y'), c: list('z') })).toBe(false)
})
