/**
 * Keys whose byte order is the order of their parts: strings by UTF-8, numbers by value. A key is a string of bytes
 * (latin1), because such strings compare and hash fast; the store below turns it into a Buffer.
 * A string part is `02`, its UTF-8 with 00 written as 00 FF, and 00; a number is `03` and eight bytes.
 */
export type KeyPart = string | number

const zeroByte = /\0/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: the zero byte is what needs escaping
const beyondAscii = /[^\x01-\x7f]/

export function encodeKey(parts: readonly KeyPart[]): string {
  let key = ''
  for (const part of parts) key += typeof part === 'string' ? `\x02${bytesOf(part)}\0` : `\x03${numberBytes(part)}`
  return key
}

/** The start of every key whose next part is a string that begins so. */
export function encodePartial(start: string): string {
  return `\x02${bytesOf(start)}`
}

/** The least key greater than every key that begins with `prefix`. */
export function endOf(prefix: string): string {
  let last = prefix.length - 1
  while (last >= 0 && prefix.charCodeAt(last) === 0xff) last--
  return last < 0 ? '\xff'.repeat(8) : prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1)
}

function bytesOf(text: string): string {
  if (!beyondAscii.test(text)) return text
  return Buffer.from(text, 'utf8').toString('latin1').replace(zeroByte, '\0\xff')
}

const scratch = new DataView(new ArrayBuffer(8))

/** A double whose sign is flipped, or all bits where negative: then bytes order as numbers do. */
function numberBytes(value: number): string {
  scratch.setFloat64(0, value)
  const high = scratch.getUint32(0)
  const low = scratch.getUint32(4)
  const negative = high >>> 31 === 1
  return wordBytes(negative ? ~high >>> 0 : (high | 0x80000000) >>> 0) + wordBytes(negative ? ~low >>> 0 : low)
}

function wordBytes(word: number): string {
  return String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255)
}
