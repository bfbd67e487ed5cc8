/**
 * Access key ids as AWS makes them: after the four letters of their kind, base 32 text whose upper bits are the
 * account. So an id alone tells the account, and nothing must be looked up to know whose request it is.
 */
import type { Random } from '../clock.ts'

export type KeyKind = 'AKIA' | 'ASIA'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const keyPattern = /^(?:AKIA|ASIA)([A-Z2-7]{16})$/
/** The account takes forty bits from the second on; 80 bits are written as 16 letters. */
const accountShift = 39n

export function newAccessKeyId(kind: KeyKind, account: string, random: Random): string {
  let bits =
    (1n << 79n) | (BigInt(account) << accountShift) | (BigInt(`0x${random.hex(10)}`) & ((1n << accountShift) - 1n))
  let text = ''
  for (let letter = 0; letter < 16; letter++) {
    text = letters[Number(bits & 31n)] + text
    bits >>= 5n
  }
  return kind + text
}

/** Whether it can have been issued by anybody: what clients of a local server say (`test`) never was. */
export function isAccessKeyId(text: string): boolean {
  return keyPattern.test(text)
}

/** The account that a key id tells; undefined for text that is no key id of AWS's kind. */
export function accountOfAccessKey(keyId: string): string | undefined {
  const text = keyPattern.exec(keyId)?.[1]
  if (!text) return undefined
  let bits = 0n
  for (const letter of text) bits = (bits << 5n) | BigInt(letters.indexOf(letter))
  const account = (bits >> accountShift) & ((1n << 40n) - 1n)
  return account.toString().padStart(12, '0')
}
