/**
 * The rule of a composite alarm: `ALARM(a) AND NOT (OK("b c") OR INSUFFICIENT_DATA(arn)) OR AT_LEAST(2, ALARM, (x, y, z))`.
 * Source: docs.aws.amazon.com, CloudWatch API Reference, "PutCompositeAlarm".
 */
import type { AlarmState } from './alarmStates.ts'

export class RuleError extends Error {}

export type CompositeRule =
  | { kind: 'constant'; value: boolean }
  | { kind: 'state'; state: AlarmState; alarm: string }
  | { kind: 'not'; of: CompositeRule }
  | { kind: 'and'; parts: CompositeRule[] }
  | { kind: 'or'; parts: CompositeRule[] }
  | { kind: 'atLeast'; count: number; percent: boolean; negated: boolean; state: AlarmState; alarms: string[] }

/** Alarms by the names or ARNs that the rule writes. */
export function holds(rule: CompositeRule, stateOf: (alarm: string) => AlarmState): boolean {
  if (rule.kind === 'constant') return rule.value
  if (rule.kind === 'state') return stateOf(rule.alarm) === rule.state
  if (rule.kind === 'not') return !holds(rule.of, stateOf)
  if (rule.kind === 'and') return rule.parts.every((part) => holds(part, stateOf))
  if (rule.kind === 'or') return rule.parts.some((part) => holds(part, stateOf))
  const found = rule.alarms.filter((alarm) => (stateOf(alarm) === rule.state) !== rule.negated).length
  return found >= (rule.percent ? (rule.count / 100) * rule.alarms.length : rule.count)
}

/** Each once, in the order in which they stand. */
export function alarmsIn(rule: CompositeRule): string[] {
  const all = (part: CompositeRule): string[] => {
    if (part.kind === 'state') return [part.alarm]
    if (part.kind === 'not') return all(part.of)
    if (part.kind === 'atLeast') return part.alarms
    return part.kind === 'constant' ? [] : part.parts.flatMap(all)
  }
  return [...new Set(all(rule))]
}

const tokenPattern = /\s*(?:([(),%])|"((?:[^"\\]|\\.)*)"|([^\s(),"%]+))/y
const states = new Set<string>(['OK', 'ALARM', 'INSUFFICIENT_DATA'])
const depthMax = 100

interface Token {
  text: string
  kind: 'sign' | 'quoted' | 'word' | 'end'
}

/** Errors: RuleError. */
export function parseRule(text: string): CompositeRule {
  const tokens: Token[] = []
  const pattern = new RegExp(tokenPattern)
  const end = text.trimEnd().length
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (!match) throw new RuleError(`unexpected character at position ${at + 1}`)
    const [, sign, quoted, word] = match
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted.replace(/\\(.)/g, '$1') })
    else tokens.push({ kind: 'word', text: word as string })
  }
  return new RuleParser([...tokens, { kind: 'end', text: 'the end' }]).whole()
}

class RuleParser {
  readonly #tokens: Token[]
  #at = 0
  #depth = 0

  constructor(tokens: Token[]) {
    this.#tokens = tokens
  }

  whole(): CompositeRule {
    const rule = this.#any()
    if (this.#next.kind !== 'end') this.#refuse()
    return rule
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token
  }

  #take(text: string): boolean {
    if (this.#next.kind === 'quoted' || this.#next.text.toUpperCase() !== text) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#refuse(text)
  }

  #refuse(expected?: string): never {
    throw new RuleError(`unexpected ${this.#next.text}${expected ? `, ${expected} is expected` : ''}`)
  }

  #any(): CompositeRule {
    const parts = [this.#all()]
    while (this.#take('OR')) parts.push(this.#all())
    return parts.length === 1 ? (parts[0] as CompositeRule) : { kind: 'or', parts }
  }

  #all(): CompositeRule {
    const parts = [this.#one()]
    while (this.#take('AND')) parts.push(this.#one())
    return parts.length === 1 ? (parts[0] as CompositeRule) : { kind: 'and', parts }
  }

  #one(): CompositeRule {
    if (++this.#depth > depthMax) throw new RuleError('the rule is nested too deeply')
    try {
      return this.#primary()
    } finally {
      this.#depth--
    }
  }

  #primary(): CompositeRule {
    if (this.#take('NOT')) return { kind: 'not', of: this.#one() }
    if (this.#take('TRUE')) return { kind: 'constant', value: true }
    if (this.#take('FALSE')) return { kind: 'constant', value: false }
    if (this.#take('AT_LEAST')) return this.#atLeast()
    if (this.#take('(')) {
      const inner = this.#any()
      this.#expect(')')
      return inner
    }
    const state = this.#state()
    this.#expect('(')
    const alarm = this.#alarm()
    this.#expect(')')
    return { kind: 'state', state, alarm }
  }

  #atLeast(): CompositeRule {
    this.#expect('(')
    const count = Number(this.#next.text)
    if (this.#next.kind !== 'word' || !(count > 0)) this.#refuse('a number')
    this.#at++
    const percent = this.#take('%')
    this.#expect(',')
    const negated = this.#take('NOT')
    const state = this.#state()
    this.#expect(',')
    this.#expect('(')
    const alarms = [this.#alarm()]
    while (this.#take(',')) alarms.push(this.#alarm())
    this.#expect(')')
    this.#expect(')')
    return { kind: 'atLeast', count, percent, negated, state, alarms }
  }

  #state(): AlarmState {
    const name = this.#next.text.toUpperCase()
    if (this.#next.kind !== 'word' || !states.has(name)) this.#refuse('ALARM, OK or INSUFFICIENT_DATA')
    this.#at++
    return name as AlarmState
  }

  #alarm(): string {
    const { kind, text } = this.#next
    if (kind !== 'word' && kind !== 'quoted') this.#refuse('an alarm')
    this.#at++
    return text
  }
}
