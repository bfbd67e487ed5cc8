/**
 * IP addresses and CIDR blocks as event patterns see them: addresses become hex digits, a block becomes a range of
 * them. A shorter address is compared with a longer range only as far as its digits go, as EventBridge does.
 */
export interface AddressRange {
  low: string
  high: string
}

export class AddressError extends Error {}

const ipv4Text = /^\d+\.\d+\.\d+\.\d+$/
const ipv6Text = /^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/

/** The hex digits of an address (8 for IPv4, 32 for IPv6), or undefined if the text is no address. */
export function addressDigits(text: string): string | undefined {
  if (ipv4Text.test(text)) return ipv4Digits(text)
  if (ipv6Text.test(text)) return ipv6Digits(text)
  return undefined
}

/** The range of a CIDR block. Throws in the words of AWS. */
export function cidrRange(text: string): AddressRange {
  const parts = text.split('/')
  while (parts.length > 0 && parts[parts.length - 1] === '') parts.pop()
  const [address = '', mask = ''] = parts
  if (parts.length !== 2) throw new AddressError("Malformed CIDR, one '/' required")
  if (!/^[+-]?\d+$/.test(mask) || Math.abs(Number(mask)) > 0x7fffffff) {
    throw new AddressError('Malformed CIDR, mask bits must be an integer')
  }
  const maskBits = Number(mask)
  if (maskBits < 0) throw new AddressError('Malformed CIDR, mask bits must not be negative')
  if (!ipv4Text.test(address) && !ipv6Text.test(address)) throw new AddressError(`Nonstandard IP address: ${address}`)
  const digits = addressDigits(address)
  if (digits === undefined) throw new AddressError(`Invalid IP address: ${address}`)
  if (digits.length === 8 && maskBits > 31) throw new AddressError('IPv4 mask bits must be < 32')
  if (digits.length === 32 && maskBits > 127) throw new AddressError('IPv6 mask bits must be < 128')
  return rangeOf(digits, maskBits)
}

export function isWithin(digits: string, range: AddressRange): boolean {
  if (digits.length >= range.low.length) {
    const head = digits.slice(0, range.low.length)
    return head >= range.low && head <= range.high
  }
  return digits > range.low.slice(0, digits.length) && digits < range.high.slice(0, digits.length)
}

function rangeOf(digits: string, maskBits: number): AddressRange {
  const hostBits = BigInt(digits.length * 4 - maskBits)
  const hosts = (1n << hostBits) - 1n
  const value = BigInt(`0x${digits}`)
  const high = value | hosts
  const hex = (number: bigint) => number.toString(16).toUpperCase().padStart(digits.length, '0')
  return { low: hex(high - hosts), high: hex(high) }
}

function ipv4Digits(text: string): string | undefined {
  const bytes = text.split('.').map(Number)
  if (bytes.some((byte) => byte > 255)) return undefined
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('')
}

function ipv6Digits(text: string): string | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[] | undefined]
  const given = head.length + (tail?.length ?? 0)
  if (tail ? given > 7 : given !== 8) return undefined
  const groups = [...head, ...Array<string>(8 - given).fill('0'), ...(tail ?? [])]
  if (groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  const digits = groups.map((group) => group.toUpperCase().padStart(4, '0')).join('')
  // An IPv4 address in IPv6's clothes is an IPv4 address.
  return digits.startsWith('00000000000000000000FFFF') ? digits.slice(24) : digits
}
