/** Numbers read from bytes are the same numbers, and as comparable, as those read from text. */
import { expect, test } from 'vitest'
import { comparableNumber } from '../../src/engines/patterns/decimals.ts'
import { compilePattern } from '../../src/engines/patterns/pattern.ts'
import { NumberReader } from '../../src/engines/patterns/rules/numberReader.ts'
import { Chance } from './randomPairs.ts'

test('100,000 random decimals are comparable exactly when the double is written as they are', () => {
  const chance = new Chance(9)
  const reader = new NumberReader()
  for (let round = 0; round < 100_000; round++) {
    const text = round % 2 === 0 ? String(chance.next() * 10 ** chance.below(9)) : randomDecimal(chance)
    const bytes = Buffer.from(text)
    reader.read(bytes, 0, bytes.length)
    if (reader.comparable() !== comparableNumber(text)) expect.fail(`${text} is read as ${reader.comparable()}`)
  }
})

function randomDecimal(chance: Chance): string {
  const digits = Array.from({ length: 14 + chance.below(6) }, () => chance.below(10)).join('')
  const whole = digits.slice(0, chance.below(10)).replace(/^0+/, '') || '0'
  return `${chance.pick(['', '-'])}${whole}.${digits.slice(10)}`
}

test('a number that no double holds keeps its text, which a block of addresses is compared with as EventBridge does', () => {
  const pattern = compilePattern('{"a":[{"cidr":"::/0"},{"numeric":["=",300.5]}]}')
  expect(pattern.matches('{"a":12345678901234567891}')).toBe(true)
  expect(pattern.matches('{"a":1234567890}')).toBe(false)
})
