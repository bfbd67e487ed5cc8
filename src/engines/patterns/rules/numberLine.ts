/**
 * All that is asked of one field's numbers, as a line: every bound and every exact value is a mark on it, and between
 * two marks all numbers have the same answer, which is worked out when one first falls there.
 */
import { comparableNumber } from '../decimals.ts'
import { isBetween, type Matcher } from '../matchers.ts'
import type { NumberReader } from './numberReader.ts'
import type { Waiting } from './waiting.ts'

export type NumberMatcher = Extract<Matcher, { kind: 'number' | 'range' }>

interface Asked {
  waiting: Waiting
  marks: number[]
  accepts(value: number): boolean
  /** Numbers that are barred do not bar what cannot be compared. */
  isBarrier: boolean
}

const nobody: readonly Waiting[] = []
/** How far a number that was read without care may be off, as a part of it. */
const error = 1e-14

export class NumberLine {
  readonly #asked = new Map<object, Asked>()
  /** Digits that no double holds match only their own text. */
  readonly #texts = new Map<string, Map<object, Waiting>>()
  readonly #uses = new Map<number, number>()
  #barriers = 0
  #marks: number[] = []
  /** Below the first mark, at it, above it, at the second, … */
  #answers: (readonly Waiting[] | undefined)[] = []

  get size(): number {
    return this.#asked.size + this.#texts.size
  }

  /** The key is whatever the caller removes it by. */
  add(key: object, matcher: NumberMatcher, waiting: Waiting): void {
    if (matcher.kind === 'range') {
      const marks = [matcher.low, matcher.high].flatMap((bound) => (bound ? [bound.value] : []))
      this.#put(key, { waiting, marks, accepts: (value) => isBetween(value, matcher), isBarrier: false })
      return
    }
    const wanted = comparableNumber(matcher.key)
    if (wanted !== undefined) {
      this.#put(key, { waiting, marks: [wanted], accepts: (value) => value === wanted, isBarrier: false })
    } else {
      const same = this.#texts.get(matcher.key) ?? new Map<object, Waiting>()
      this.#texts.set(matcher.key, same.set(key, waiting))
    }
  }

  addBarrier(key: object, barred: number[], waiting: Waiting): void {
    this.#barriers++
    this.#put(key, { waiting, marks: barred, accepts: (value) => !barred.includes(value), isBarrier: true })
  }

  remove(key: object): void {
    const asked = this.#asked.get(key)
    if (!asked) {
      for (const [text, same] of this.#texts) if (same.delete(key) && same.size === 0) this.#texts.delete(text)
      return
    }
    this.#asked.delete(key)
    if (asked.isBarrier) this.#barriers--
    for (const mark of asked.marks) {
      const uses = (this.#uses.get(mark) as number) - 1
      this.#uses.set(mark, uses)
      if (uses > 0) continue
      this.#uses.delete(mark)
      this.#marks.splice(this.#below(mark), 1)
    }
    this.#answers = []
  }

  /** Whether a double holds the number is worked out only for those who have not been woken by this event yet. */
  find(number: NumberReader, event: number): readonly Waiting[] {
    let at = this.#below(number.value)
    if (!number.isExact) {
      if (!this.#mayDiffer(number.value, at) && areAwake(this.#answer(at * 2), event)) return nobody
      const exact = number.comparable()
      if (exact === undefined) return this.#incomparable(number.text())
      at = this.#below(exact)
      return this.#answer(this.#marks[at] === exact ? at * 2 + 1 : at * 2)
    }
    return this.#answer(this.#marks[at] === number.value ? at * 2 + 1 : at * 2)
  }

  /** Whether the answer hangs on the last digits. */
  #mayDiffer(value: number, at: number): boolean {
    if (this.#barriers > 0 || this.#texts.size > 0) return true
    const margin = Math.abs(value) * error
    const [below = Number.NaN, above = Number.NaN] = [this.#marks[at - 1], this.#marks[at]]
    return value - below <= margin || above - value <= margin
  }

  #put(key: object, asked: Asked): void {
    this.#asked.set(key, asked)
    for (const mark of asked.marks) {
      const uses = this.#uses.get(mark) ?? 0
      this.#uses.set(mark, uses + 1)
      if (uses === 0) this.#marks.splice(this.#below(mark), 0, mark)
    }
    this.#answers = []
  }

  /** How many marks are less than the value. */
  #below(value: number): number {
    const marks = this.#marks
    let [low, high] = [0, marks.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((marks[middle] as number) < value) low = middle + 1
      else high = middle
    }
    return low
  }

  #answer(place: number): readonly Waiting[] {
    const known = this.#answers[place]
    if (known) return known
    const value = this.#valueAt(place)
    const answer: Waiting[] = []
    for (const asked of this.#asked.values()) if (asked.accepts(value)) answer.push(asked.waiting)
    this.#answers[place] = answer
    return answer
  }

  #valueAt(place: number): number {
    const at = place >> 1
    if (place % 2 === 1) return this.#marks[at] as number
    const [below, above] = [this.#marks[at - 1], this.#marks[at]]
    if (below === undefined) return Number.NEGATIVE_INFINITY
    return above === undefined ? Number.POSITIVE_INFINITY : below / 2 + above / 2
  }

  #incomparable(text: string): readonly Waiting[] {
    const found = [...(this.#texts.get(text)?.values() ?? [])]
    if (this.#barriers > 0) for (const asked of this.#asked.values()) if (asked.isBarrier) found.push(asked.waiting)
    return found
  }
}

function areAwake(answer: readonly Waiting[], event: number): boolean {
  for (const { seenIn } of answer) if (seenIn !== event) return false
  return true
}
