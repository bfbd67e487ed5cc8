/** Inputs that nobody should send, made from an operation's model: the same seed makes the same inputs. */
import type { Operation, Shape } from '../../src/wire/model.ts'
import { type Chance, RandomValues } from '../wire/random.ts'

export interface HostileInput {
  /** What is wrong with it, for the message of a failure. */
  what: string
  input: Record<string, unknown>
}

const texts: Record<string, string> = {
  empty: '',
  emoji: 'caf\u00e9 \u{1f6a8}\u{1f1e7}\u{1f1f7}',
  'a lone surrogate': 'a\ud800b',
  NUL: 'a\0b',
  'right to left': '\u202e\u05d0\u0627abc',
  combining: `e${'\u0301'.repeat(50)}`,
  traversal: '../../../../etc/passwd',
  'an ARN of another service': 'arn:aws:sqs:us-east-1:000000000000:elsewhere',
  'no ARN': 'arn:aws:',
  'its own prototype': '__proto__',
  'a constructor': 'constructor',
  wildcards: '*?*?*?*?*?*?*?*?*?*?',
  'braces open': '{{{{[[[[((((${',
  'JSON of nothing': 'null',
  'JSON of a number': '7',
  'JSON of a list': '[]',
  'JSON of an odd object': '{"a":{"b":[null,1,{"__proto__":{}}]},"Statement":7,"Resources":7}',
  'not a number': 'NaN',
  SQL: `'; DROP TABLE x; --`,
  'new lines': 'a\r\nX-Bad: 1',
}

/** `count` of an operation's hostile inputs, the plainest first: empty, plausible, then each wrong in one place. */
export function hostileInputs(
  operation: Operation,
  known: Record<string, unknown>,
  chance: Chance,
  count: number,
): HostileInput[] {
  const shape = operation.input
  const found: HostileInput[] = [{ what: 'no member at all', input: {} }]
  if (!shape) return found
  const values = new RandomValues(chance)
  const plausible = () => withKnown(shape, values.structure(shape) as Record<string, unknown>, known)
  for (const member of shape.members.filter((one) => one.required).slice(0, 4)) {
    const { [member.name]: _, ...input } = plausible()
    found.push({ what: `no ${member.name}`, input })
  }
  while (found.length < count && shape.members.length > 0) {
    const input = plausible()
    const place = shape.members[Math.floor(chance() * shape.members.length)]?.name as string
    found.push(broken(input, place, chance))
  }
  return found
}

function withKnown(
  shape: Shape,
  input: Record<string, unknown>,
  known: Record<string, unknown>,
): Record<string, unknown> {
  for (const { name } of shape.members) if (known[name] !== undefined) input[name] = known[name]
  return input
}

function broken(input: Record<string, unknown>, place: string, chance: Chance): HostileInput {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T
  const value = input[place]
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && chance() < 0.6) {
    const inner = pick(Object.keys(value))
    if (inner !== undefined) {
      const nested = broken({ ...(value as Record<string, unknown>) }, inner, chance)
      const kept = Array.isArray(value) ? Object.values(nested.input) : nested.input
      return { what: `${place}.${nested.what}`, input: { ...input, [place]: kept } }
    }
  }
  const [name, text] = pick(Object.entries(texts))
  const others: [string, unknown][] = [
    ['untouched', value],
    ['a number', 7],
    ['the greatest number', Number.MAX_SAFE_INTEGER],
    ['a number beyond all', 1e308],
    ['a negative number', -1],
    ['a fraction', 0.5],
    ['true', true],
    ['null', null],
    ['a list', [value, null, 7]],
    ['a long list', Array.from({ length: 1500 }, () => value)],
    ['a structure', { a: { b: [{}] } }],
    ['nested deep', nestedDeep(300)],
    ['a long text', 'x'.repeat(20_000)],
  ]
  const [what, wrong] = chance() < 0.5 ? [name, text] : pick(others)
  return { what: `${place}: ${what}`, input: { ...input, [place]: wrong } }
}

function nestedDeep(depth: number): unknown {
  let value: unknown = 'deep'
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { a: value }
  return value
}
