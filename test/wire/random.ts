/** Values that a model allows, at random but the same for the same seed: what the round trip sends both ways. */
import type { Member, Shape } from '../../src/wire/model.ts'

export type Chance = () => number

export function seeded(seed: number): Chance {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const words = ['alpha', 'Beta-2', 'gamma_x', 'ç é', '<a&b>', '"q"', "it's", '日本', 'x'.repeat(30), 'a/b c+d', '100%']
const plain = ['alpha', 'Beta-2', 'gamma_x', 'a1', 'zulu']

export class RandomValues {
  private readonly chance: Chance
  constructor(chance: Chance) {
    this.chance = chance
  }

  structure(shape: Shape, depth = 0): Record<string, unknown> {
    const value: Record<string, unknown> = {}
    const { chance } = this
    if (shape.type === 'union') {
      const usable = shape.members.filter((member) => depth < 6 || !isDeep(member.shape))
      const pick = usable[Math.floor(chance() * usable.length)] ?? shape.members[0]!
      value[pick.name] = this.value(pick, depth + 1)
      return value
    }
    for (const member of shape.members) {
      if (member.shape.raw.eventStream) continue
      const rate = depth > 2 ? 0.15 : 0.7
      const isAlways = member.traits.idempotencyToken || member.traits.payload || member.shape.type === 'stream'
      if (!isAlways && !member.required && (chance() > rate || (depth > 4 && isDeep(member.shape)))) continue
      value[member.name] = this.value(member, depth + 1)
    }
    // The query protocol has no way to say an empty structure.
    const first = shape.members.find((member) => !isDeep(member.shape)) ?? shape.members[0]
    if (depth > 0 && first && Object.keys(value).length === 0) value[first.name] = this.value(first, depth + 1)
    return value
  }

  value(member: Member, depth: number): unknown {
    const { shape, traits } = member
    const isBound = Boolean(traits.header ?? traits.label ?? traits.query)
    switch (shape.type) {
      case 'structure':
      case 'union':
        return this.structure(shape, depth)
      case 'list': {
        const size = this.size(shape, depth > 3 ? 1 : 3, traits.header || traits.flattened || traits.query ? 1 : 0)
        return Array.from({ length: size }, () =>
          this.value({ ...shape.member!, traits: { ...traits, ...shape.member!.traits } }, depth + 1),
        )
      }
      case 'map':
        return this.map(member, depth)
      default:
        return this.simple(shape, isBound || Boolean(traits.prefixHeaders))
    }
  }

  private map({ shape, traits }: Member, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    const size = this.size(shape, depth > 3 ? 1 : 3, 1)
    for (let index = 0; index < size; index++) {
      const key = shape.key!.shape.raw.enum
        ? this.simple(shape.key!.shape, true)
        : `${this.simple(shape.key!.shape, true)}`
      const name = traits.prefixHeaders ? String(key).toLowerCase() : String(key)
      map[name] = this.value({ ...shape.value!, traits: { ...traits, ...shape.value!.traits } }, depth + 1)
    }
    return map
  }

  private size(shape: Shape, wanted: number, least: number): number {
    const min = Math.max(shape.raw.min ?? 0, least)
    const max = Math.max(min, Math.min(shape.raw.max ?? wanted, wanted))
    return min + Math.floor(this.chance() * (max - min + 1))
  }

  private simple(shape: Shape, isPlain: boolean): unknown {
    const { chance } = this
    const { min, max } = shape.raw
    switch (shape.type) {
      case 'boolean':
        return chance() < 0.5
      case 'integer':
      case 'long':
      case 'bigInteger': {
        const low = min ?? 0
        const high = Math.min(max ?? low + 100_000, low + 100_000)
        return Math.floor(low + chance() * (high - low + 1))
      }
      case 'float':
      case 'double':
      case 'bigDecimal': {
        const low = min ?? 0
        return Math.round((low + chance() * ((max ?? low + 1000) - low)) * 8) / 8
      }
      case 'timestamp': {
        const whole = Math.floor(1_600_000_000 + chance() * 1e8) * 1000
        return new Date(isPlain || shape.format === 'http-date' ? whole : whole + Math.floor(chance() * 1000))
      }
      case 'blob':
      case 'stream': {
        const size = Math.max(min ?? 1, 1 + Math.floor(chance() * 12))
        return new Uint8Array(Array.from({ length: size }, () => Math.floor(chance() * 256)))
      }
      case 'document':
        return { text: 'alpha', number: 1.5, list: [true, 'x'], nested: { a: 1 } }
      default:
        return this.string(shape, isPlain)
    }
  }

  private string(shape: Shape, isPlain: boolean): string {
    const { enum: allowed, min = 0, max = 1000 } = shape.raw
    const { chance } = this
    if (allowed) return allowed[Math.floor(chance() * allowed.length)]!
    const from = isPlain || shape.raw.pattern !== undefined ? plain : words
    let text = from[Math.floor(chance() * from.length)]!
    while (text.length < min) text += text
    return text.slice(0, Math.max(min, Math.min(max, text.length)))
  }
}

function isDeep(shape: Shape): boolean {
  return ['structure', 'union', 'list', 'map'].includes(shape.type)
}
