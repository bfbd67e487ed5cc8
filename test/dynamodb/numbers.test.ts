/** Numbers as keys: their spelling in the store has the numbers' own order. */
import { expect, test } from 'vitest'
import { orderedNumber } from '../../src/services/dynamodb/numbers.ts'

test('a number lies in one place, however it is spelled', () => {
  for (const digits of ['1', '7', '10', '100', '120', '999999999999999', '100000000000000', '1234567890123450']) {
    const spellings = [digits, `${digits}.0`, `0${digits}`, `${digits}0e-1`, `+${digits}`]
    expect(new Set(spellings.map(orderedNumber))).toEqual(new Set([orderedNumber(digits)]))
  }
})

test('the spellings are in the order of the numbers', () => {
  const numbers = [-1e20, -1200, -120, -12, -1.2, -0.5, 0, 0.05, 0.5, 1, 1.2, 9, 10, 12, 99, 100, 101, 120, 1200, 1e20]
  const spelled = numbers.map((number) => orderedNumber(String(number)))
  expect(spelled.toSorted()).toEqual(spelled)
})
