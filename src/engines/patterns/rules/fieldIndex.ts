/** All that waits for one field: by exact text, by number, by literal, by automaton, or for any value at all. */
import { accepts, type Matcher, type Value } from '../matchers.ts'
import { NumberLine } from './numberLine.ts'
import type { NumberReader } from './numberReader.ts'
import { type Accepted, TextAutomaton, type Verdict } from './textAutomaton.ts'
import { isTextMatcher, type TextMatcher } from './textSteps.ts'
import { TextTable } from './textTable.ts'
import type { Barrier, Waiting } from './waiting.ts'

/** Told of everyone whom a value wakes, some more than once. */
export type Wake = (waiting: Waiting) => void

export class FieldIndex {
  readonly path: string
  /** Leaves of any rule that name this field. */
  uses = 0
  readonly #texts = new TextTable()
  readonly #automaton = new TextAutomaton()
  readonly #numbers = new NumberLine()
  readonly #literals = new Map<string, Set<Waiting>>()
  readonly #present = new Set<Waiting>()
  readonly #textBarriers = new Set<Barrier>()
  readonly #numberBarriers = new Set<Waiting>()
  /** There is an automaton to ask, or somebody whom every text wakes. */
  #isWokenByAnyText = false
  /** What no index is made for: addresses. */
  readonly #others = new Map<object, { matcher: Matcher; waiting: Waiting }>()

  constructor(path: string) {
    this.path = path
  }

  /** Files the waiting under one matcher; returns how to take it away again. */
  file(matcher: Matcher, waiting: Waiting): () => void {
    if (matcher.kind === 'string') {
      this.#texts.add(matcher.text, waiting)
      return () => this.#texts.remove(matcher.text, waiting)
    }
    if (matcher.kind === 'number' || matcher.kind === 'range') {
      const key = {}
      this.#numbers.add(key, matcher, waiting)
      return () => this.#numbers.remove(key)
    }
    if (matcher.kind === 'literal') return this.#fileLiteral(matcher.text, waiting)
    if (matcher.kind === 'exists') return this.#fileIn(this.#present, waiting)
    if (matcher.kind === 'anythingBut') return this.#fileBarrier(matcher.barred, waiting)
    if (isTextMatcher(matcher)) return this.#fileText(matcher, { waiting })
    const key = {}
    this.#others.set(key, { matcher, waiting })
    return () => this.#others.delete(key)
  }

  /** How many wait for the same exact value. */
  crowdAt(matcher: Matcher): number {
    if (matcher.kind === 'string') return this.#texts.crowdAt(matcher.text)
    return matcher.kind === 'literal' ? (this.#literals.get(matcher.text)?.size ?? 0) : 0
  }

  wakeByText(bytes: Buffer, start: number, end: number, wake: Wake): void {
    if (this.#texts.size > 0) for (const waiting of this.#texts.find(bytes, start, end)) wake(waiting)
    if (this.#isWokenByAnyText) {
      const verdict = this.#automaton.find(bytes, start, end)
      verdict.woken ??= this.#wokenBy(verdict)
      for (const waiting of verdict.woken) wake(waiting)
    }
    if (this.#others.size > 0) this.#wakeOthers({ kind: 'string', text: bytes.toString('utf8', start, end) }, wake)
  }

  wakeByNumber(number: NumberReader, event: number, wake: Wake): void {
    if (this.#present.size > 0) for (const waiting of this.#present) wake(waiting)
    if (this.#textBarriers.size > 0) for (const barrier of this.#textBarriers) wake(barrier.waiting)
    if (this.#numbers.size > 0) for (const waiting of this.#numbers.find(number, event)) wake(waiting)
    if (this.#others.size > 0) this.#wakeOthers({ kind: 'number', text: number.text() }, wake)
  }

  wakeByLiteral(text: string, wake: Wake): void {
    if (this.#present.size > 0) for (const waiting of this.#present) wake(waiting)
    if (this.#textBarriers.size > 0) for (const barrier of this.#textBarriers) wake(barrier.waiting)
    if (this.#numberBarriers.size > 0) for (const waiting of this.#numberBarriers) wake(waiting)
    if (this.#literals.size > 0) for (const waiting of this.#literals.get(text) ?? []) wake(waiting)
  }

  get readsNumbers(): boolean {
    return this.#numbers.size > 0 || this.#others.size > 0
  }

  /** Whom a text wakes that the automaton has read, with those who do not ask what it is. */
  #wokenBy({ hits, bars }: Verdict): readonly Waiting[] {
    const unbarred = [...this.#textBarriers].filter((barrier) => !bars.includes(barrier))
    return [...this.#present, ...this.#numberBarriers, ...hits, ...unbarred.map(({ waiting }) => waiting)]
  }

  /** What is kept of texts that were read before is no longer true; whom a text wakes is asked for anew. */
  #changed(): void {
    this.#automaton.forgetStates()
    this.#isWokenByAnyText = this.#automaton.size > 0 || this.#present.size > 0 || this.#numberBarriers.size > 0
  }

  #fileIn<T>(set: Set<T>, member: T): () => void {
    set.add(member)
    this.#changed()
    return () => {
      set.delete(member)
      this.#changed()
    }
  }

  #wakeOthers(value: Value, wake: Wake): void {
    for (const { matcher, waiting } of this.#others.values()) if (accepts(matcher, value)) wake(waiting)
  }

  #fileLiteral(text: string, waiting: Waiting): () => void {
    const same = this.#literals.get(text) ?? new Set<Waiting>()
    this.#literals.set(text, same)
    same.add(waiting)
    return () => same.delete(waiting)
  }

  #fileText(matcher: TextMatcher, accepted: Accepted): () => void {
    this.#automaton.add(matcher, accepted)
    this.#changed()
    return () => {
      this.#automaton.remove(accepted)
      this.#changed()
    }
  }

  /** Anything-but: texts do not bar numbers, nor numbers texts. */
  #fileBarrier(barred: Matcher[], waiting: Waiting): () => void {
    const texts = barred.filter(isTextMatcher)
    if (texts.length === 0) {
      const key = {}
      this.#numbers.addBarrier(
        key,
        barred.map((each) => Number((each as { key: string }).key)),
        waiting,
      )
      const forget = this.#fileIn(this.#numberBarriers, waiting)
      return () => {
        forget()
        this.#numbers.remove(key)
      }
    }
    const barrier: Barrier = { waiting }
    const forget = texts.map((text) => this.#fileText(text, { bars: barrier }))
    forget.push(this.#fileIn(this.#textBarriers, barrier))
    return () => {
      for (const each of forget) each()
    }
  }
}
