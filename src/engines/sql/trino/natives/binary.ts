/** Bytes: encodings, hashes, checksums, addresses. */
import { createHash, createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { checksumOf, murmur3, xxhash64 } from './hashes.ts'
import { invalidArgument, type Native, NativeError, native } from './native.ts'
import { spookyHash } from './spookyHash.ts'

function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw invalidArgument('String must be valid hex digits, but was of an uneven length')
  if (!/^[0-9a-fA-F]*$/.test(text)) throw invalidArgument('String must be valid hex digits')
  return Buffer.from(text, 'hex')
}

/** As Java's decoders read it; each of the two has an alphabet of its own. */
function fromBase64(text: string, alphabet: RegExp): Uint8Array {
  const [, digits = '', padding = ''] = /^([\s\S]*?)(={0,2})$/.exec(text) ?? []
  const wrong = Buffer.from(digits.replace(alphabet, ''))[0]
  if (wrong !== undefined) throw invalidArgument(`Illegal base64 character ${signedHex(wrong)}`)
  if (digits.length === 1) throw invalidArgument('Input byte[] should at least have 2 bytes for base64 bytes')
  const rest = digits.length % 4
  if (rest === 1) throw invalidArgument('Last unit does not have enough valid bits')
  if (padding && rest + padding.length !== 4) throw invalidArgument('Input byte array has wrong 4-byte ending unit')
  return Buffer.from(digits, 'base64')
}

/** Java's bytes have a sign. */
function signedHex(byte: number): string {
  return (byte > 127 ? byte - 256 : byte).toString(16)
}

const base32Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function toBase32(bytes: Uint8Array): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  const digits = (bits.match(/.{1,5}/g) ?? [])
    .map((group) => base32Digits[Number.parseInt(group.padEnd(5, '0'), 2)])
    .join('')
  return digits.padEnd(Math.ceil(digits.length / 8) * 8, '=')
}

function fromBase32(text: string): Uint8Array {
  const digits = text.replace(/=+$/, '')
  if ([1, 3, 6].includes(digits.length % 8)) throw invalidArgument(`Invalid input length ${digits.length}`)
  const wrong = /[^A-Z2-7]/u.exec(digits)
  if (wrong) throw invalidArgument(`Unrecognized character: ${wrong[0]}`)
  const bits = [...digits].map((digit) => base32Digits.indexOf(digit).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

function hash(bytes: Uint8Array, name: string): Uint8Array {
  if (name === 'xxhash64') return xxhash64(bytes)
  if (name === 'murmur3') return murmur3(bytes)
  return createHash(name).update(bytes).digest()
}

function pad(bytes: Uint8Array, wanted: bigint, filler: Uint8Array, atStart: boolean): Uint8Array {
  if (wanted < 0n) throw invalidArgument('Target length must be in the range [0..2147483647]')
  if (filler.length === 0) throw invalidArgument('Padding bytes must not be empty')
  const missing = Number(wanted) - bytes.length
  if (missing <= 0) return bytes.slice(0, Number(wanted))
  const added = Uint8Array.from({ length: missing }, (_, i) => filler[i % filler.length] as number)
  return Buffer.concat(atStart ? [added, bytes] : [bytes, added])
}

/** Positions from one, negative ones from the end; a length of -1 means all that follows. */
function substr(bytes: Uint8Array, start: bigint, length: bigint): Uint8Array {
  const size = BigInt(bytes.length)
  if (start === 0n || start > size || -start > size || (length !== -1n && length <= 0n)) return new Uint8Array()
  const from = start > 0n ? start - 1n : size + start
  return bytes.slice(Number(from), length === -1n ? undefined : Number(from + length))
}

function fromUtf8(bytes: Uint8Array, substitute: string): string {
  if ([...substitute].length > 1) throw invalidArgument('Replacement character string must empty or a single character')
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).replaceAll('\ufffd', substitute)
}

function checkSize(bytes: Uint8Array, size: number): DataView {
  if (bytes.length !== size) throw invalidArgument(`expected ${size}-byte input, but got instead: ${bytes.length}`)
  return new DataView(Uint8Array.from(bytes).buffer)
}

function fromIeee754(bytes: Uint8Array, size: number): number {
  if (bytes.length !== size) throw invalidArgument(`Input floating-point value must be exactly ${size} bytes long`)
  const view = new DataView(Uint8Array.from(bytes).buffer)
  return size === 4 ? view.getFloat32(0) : view.getFloat64(0)
}

function toBytes(size: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size)
  write(new DataView(bytes.buffer))
  return bytes
}

/** An address is 16 bytes; version 4 lies behind ::ffff:. */
function parseAddress(text: string): Uint8Array | undefined {
  const four = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/i.exec(text)
  if (four) {
    const parts = four.slice(1).map(Number)
    if (parts.some((part) => part > 255)) return undefined
    return Uint8Array.from([...Array(10).fill(0), 255, 255, ...parts])
  }
  if (!/^[0-9a-f:]+$/i.test(text) || (text.match(/::/g) ?? []).length > 1) return undefined
  const [head = '', tail] = text.split('::')
  const words = (part: string) => (part === '' ? [] : part.split(':'))
  const [before, after] = [words(head), words(tail ?? '')]
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const all = [...before, ...Array(tail === undefined ? 0 : missing).fill('0'), ...after]
  if (all.some((word) => !/^[0-9a-f]{1,4}$/i.test(word))) return undefined
  return Uint8Array.from(all.flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 255]))
}

export function addressText(bytes: Uint8Array): string {
  const isFour = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  if (isFour) return [...bytes.slice(12)].join('.')
  const words = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number)).toString(16),
  )
  // The longest run of zeros, of two or more, the first of equals.
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (words[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.at < 0) return words.join(':')
  return `${words.slice(0, best.at).join(':')}::${words.slice(best.at + best.length).join(':')}`
}

function mustParseAddress(text: string): Uint8Array {
  const bytes = parseAddress(text)
  if (!bytes) throw new NativeError('INVALID_CAST_ARGUMENT', `Cannot cast value to IPADDRESS: ${text}`)
  return bytes
}

function networkContains(network: string, address: Uint8Array): boolean {
  const [base = '', bits] = network.split('/')
  const bytes = parseAddress(base)
  const isFour = base.includes('.')
  const size = Number(bits)
  if (!bytes || bits === undefined || !/^\d+$/.test(bits) || size > (isFour ? 32 : 128))
    throw invalidArgument('Invalid CIDR')
  const prefix = isFour ? size + 96 : size
  const text = (value: Uint8Array) => [...value].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return text(bytes).slice(0, prefix) === text(address).slice(0, prefix)
}

export const binaryNatives: readonly Native[] = [
  native('hash', ['BLOB', 'VARCHAR'], 'BLOB', hash),
  native('hmac', ['BLOB', 'BLOB', 'VARCHAR'], 'BLOB', (bytes, key, name) => {
    if (key.length === 0) throw invalidArgument('Empty key')
    return createHmac(name, key).update(bytes).digest()
  }),
  native('crc32', ['BLOB'], 'BIGINT', (bytes) => BigInt(crc32(bytes))),
  native('spooky_hash', ['BLOB', 'BIGINT'], 'BLOB', (bytes, length) => {
    const whole = Buffer.alloc(8)
    whole.writeBigUInt64BE(spookyHash(bytes))
    return whole.subarray(8 - Number(length))
  }),
  native('checksum_of_bytes', ['BLOB'], 'BIGINT', checksumOf),
  native('checksum_of_long', ['BIGINT'], 'BIGINT', (value) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return checksumOf(bytes)
  }),
  native('checksum', ['VARCHAR'], 'BLOB', (sum) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(sum)))
    return bytes
  }),
  // Hive's hash of text: its bytes as digits of base 31.
  native('hive_hash', ['VARCHAR'], 'BIGINT', (text) =>
    BigInt(Buffer.from(text).reduce((hash, byte) => (Math.imul(hash, 31) + ((byte << 24) >> 24)) | 0, 0)),
  ),
  native('from_hex', ['VARCHAR'], 'BLOB', fromHex),
  native('from_base64', ['VARCHAR'], 'BLOB', (text) => fromBase64(text, /[A-Za-z0-9+/]/g)),
  native('from_base64url', ['VARCHAR'], 'BLOB', (text) => fromBase64(text, /[A-Za-z0-9_-]/g)),
  native('to_base64url', ['BLOB'], 'VARCHAR', (bytes) =>
    Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
  ),
  native('to_base32', ['BLOB'], 'VARCHAR', toBase32),
  native('from_base32', ['VARCHAR'], 'BLOB', fromBase32),
  native('from_utf8', ['BLOB'], 'VARCHAR', (bytes) => fromUtf8(bytes, '\ufffd')),
  native('from_utf8_with', ['BLOB', 'VARCHAR'], 'VARCHAR', fromUtf8),
  native('lpad_binary', ['BLOB', 'BIGINT', 'BLOB'], 'BLOB', (bytes, wanted, filler) =>
    pad(bytes, wanted, filler, true),
  ),
  native('rpad_binary', ['BLOB', 'BIGINT', 'BLOB'], 'BLOB', (bytes, wanted, filler) =>
    pad(bytes, wanted, filler, false),
  ),
  native('substr_binary', ['BLOB', 'BIGINT', 'BIGINT'], 'BLOB', substr),
  native('reverse_binary', ['BLOB'], 'BLOB', (bytes) => Uint8Array.from(bytes).reverse()),
  native('to_big_endian', ['BIGINT', 'INTEGER'], 'BLOB', (value, size) =>
    toBytes(size, (view) => (size === 4 ? view.setInt32(0, Number(value)) : view.setBigInt64(0, value))),
  ),
  native('from_big_endian', ['BLOB', 'INTEGER'], 'BIGINT', (bytes, size) =>
    size === 4 ? BigInt(checkSize(bytes, 4).getInt32(0)) : checkSize(bytes, 8).getBigInt64(0),
  ),
  native('to_ieee754', ['DOUBLE', 'INTEGER'], 'BLOB', (value, size) =>
    toBytes(size, (view) => (size === 4 ? view.setFloat32(0, value) : view.setFloat64(0, value))),
  ),
  native('from_ieee754', ['BLOB', 'INTEGER'], 'DOUBLE', fromIeee754),
  native('text_to_ip', ['VARCHAR'], 'BLOB', mustParseAddress),
  native('binary_to_ip', ['BLOB'], 'BLOB', (bytes) => {
    if (bytes.length === 4) return Uint8Array.from([...Array(10).fill(0), 255, 255, ...bytes])
    if (bytes.length === 16) return bytes
    throw new NativeError('INVALID_CAST_ARGUMENT', `Invalid InetAddress binary length: ${bytes.length}`)
  }),
  native('ip_text', ['BLOB'], 'VARCHAR', addressText),
  native('network_contains', ['VARCHAR', 'BLOB'], 'BOOLEAN', networkContains),
]
