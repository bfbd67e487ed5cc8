/** Functions that DuckDB calls back, for what its SQL cannot say. They are pure; a NULL argument gives NULL without a call. */
import { addressDigits, isWithin } from '../patterns/addresses.ts'
import type { EngineFunction } from '../sql/duckdb.ts'
import { bodyOf } from './bodies.ts'
import { patternOf } from './messagePatterns.ts'
import { javascriptRegex } from './regexes.ts'

export function insightsNatives(): readonly EngineFunction[] {
  const regex = remembered(javascriptRegex)
  const subnet = remembered(subnetOf)
  return [
    { name: 'igp_natural_key', parameters: ['VARCHAR'], returns: 'VARCHAR', call: naturalKey },
    { name: 'igp_body', parameters: ['VARCHAR', 'VARCHAR'], returns: 'VARCHAR', call: bodyOf },
    { name: 'igp_pattern', parameters: ['VARCHAR'], returns: 'VARCHAR', call: patternOf },
    {
      name: 'igp_regex_like',
      parameters: ['VARCHAR', 'VARCHAR'],
      returns: 'BOOLEAN',
      call: (text: string, source: string) => regex(source).test(text),
    },
    {
      name: 'igp_regex_groups',
      parameters: ['VARCHAR', 'VARCHAR'],
      returns: 'VARCHAR[]',
      call: (text: string, source: string) =>
        regex(source)
          .exec(text)
          ?.slice(1)
          .map((group) => group ?? null) ?? null,
    },
    {
      name: 'igp_is_ip',
      parameters: ['VARCHAR', 'VARCHAR'],
      returns: 'BOOLEAN',
      call: (text: string, version: Version) => digitsOf(text, version) !== undefined,
    },
    {
      name: 'igp_in_subnet',
      parameters: ['VARCHAR', 'VARCHAR', 'VARCHAR'],
      returns: 'BOOLEAN',
      call: (text: string, block: string, version: Version) => {
        const digits = digitsOf(text, version)
        const range = subnet(block)
        return (
          digits !== undefined && range !== undefined && digits.length === range.low.length && isWithin(digits, range)
        )
      },
    },
  ]
}

const rememberedMax = 64

function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = make(text)
    if (known.size < rememberedMax) known.set(text, made)
    return made
  }
}

/** Numbers within text sort by their length, then by their digits. */
export function naturalKey(text: string): string {
  return text.replace(/\d+/g, (digits) => `0${String(digits.length).padStart(4, '0')}${digits}`)
}

type Version = 'any' | 'v4' | 'v6'

function digitsOf(text: string, version: Version): string | undefined {
  const isV6 = text.includes(':')
  if (version !== 'any' && isV6 !== (version === 'v6')) return undefined
  return addressDigits(text)
}

/** `10.0.0.0/8`; an address alone is a subnet of itself. Undefined where it is none. */
function subnetOf(block: string): { low: string; high: string } | undefined {
  const [address = '', bits] = block.split('/')
  const digits = addressDigits(address)
  const length = (digits?.length ?? 0) * 4
  const mask = bits === undefined ? length : Number(bits)
  if (digits === undefined || !Number.isInteger(mask) || mask < 0 || mask > length) return undefined
  const hosts = (1n << BigInt(length - mask)) - 1n
  const value = BigInt(`0x${digits}`)
  const hex = (number: bigint) => number.toString(16).toUpperCase().padStart(digits.length, '0')
  return { low: hex((value | hosts) - hosts), high: hex(value | hosts) }
}
