/**
 * All prefixes, suffixes, wildcards and texts without case that are asked of one field, as one automaton over bytes.
 * Its states are made when an event first needs them, and forgotten when a rule comes or goes or there are too many.
 */

import type { TextMatcher } from './textSteps.ts'
import { type Step, textSteps } from './textSteps.ts'
import type { Barrier, Waiting } from './waiting.ts'

/** A place in some text: where to go from here, by byte. */
interface Place {
  number: number
  ways: Map<number, Place[]>
  /** A value may stay here for any number of bytes. */
  stays: boolean
  accepts: Accepted[]
}

export type Accepted = { waiting: Waiting } | { bars: Barrier }

/** What a text comes to. Whom it wakes hangs on the rest of the field too; the field's index keeps that here. */
export interface Verdict {
  hits: readonly Waiting[]
  bars: readonly Barrier[]
  woken?: readonly Waiting[]
}

const statesMax = 4_000
const statesAtFirst = 16

export class TextAutomaton {
  #size = 0
  #places = 0
  readonly #start = this.#place()
  readonly #anywhere: Place
  readonly #firsts = new Map<Accepted, { from: Place; byte: number; place: Place }[]>()
  // By state, from 1 on. A way to a state that nothing leads out of is its negative.
  #ways = new Int32Array(statesAtFirst << 8)
  #verdicts: Verdict[] = []
  #sets: Place[][] = []
  #isFinal: boolean[] = []
  #numbers = new Map<string, number>()

  constructor() {
    this.#anywhere = this.#place()
    this.#anywhere.stays = true
  }

  get size(): number {
    return this.#size
  }

  add(matcher: TextMatcher, accepted: Accepted): void {
    const firsts: { from: Place; byte: number; place: Place }[] = []
    let from = [this.#start]
    const [first, ...rest] = textSteps(matcher)
    if (first === 'any') from = [this.#anywhere]
    for (const step of first === 'any' || first === undefined ? rest : [first, ...rest]) {
      from = this.#follow(from, step, firsts)
    }
    for (const place of from) place.accepts.push(accepted)
    this.#firsts.set(accepted, firsts)
    this.#size++
    this.forgetStates()
  }

  remove(accepted: Accepted): void {
    for (const { from, byte, place } of this.#firsts.get(accepted) ?? []) {
      const ways = from.ways.get(byte) as Place[]
      ways.splice(ways.indexOf(place), 1)
    }
    this.#firsts.delete(accepted)
    for (const place of [this.#start, this.#anywhere]) place.accepts = place.accepts.filter((each) => each !== accepted)
    this.#size--
    this.forgetStates()
  }

  find(bytes: Buffer, start: number, end: number): Verdict {
    const unknown = 0
    let ways = this.#ways
    let state = 1
    if (this.#sets.length === 0) this.#begin()
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number
      let next = ways[(state << 8) | byte] as number
      if (next === unknown) {
        next = this.#learn(state, byte)
        ways = this.#ways
      }
      if (next < 0) return this.#verdicts[-next] as Verdict
      state = next
    }
    return this.#verdicts[state] as Verdict
  }

  #follow(from: Place[], step: Step, firsts: { from: Place; byte: number; place: Place }[]): Place[] {
    if (step === 'any') {
      // The places are this text's own, unless they are the start of all.
      return from.map((place) => {
        place.stays = true
        return place
      })
    }
    const end = this.#place()
    for (const begin of from) {
      for (const form of step) {
        let place = begin
        for (const [at, byte] of form.entries()) {
          const next = at === form.length - 1 ? end : this.#place()
          const ways = place.ways.get(byte)
          if (ways) ways.push(next)
          else place.ways.set(byte, [next])
          if (place === this.#start || place === this.#anywhere) firsts.push({ from: place, byte, place: next })
          place = next
        }
      }
    }
    return [end]
  }

  #place(): Place {
    return { number: this.#places++, ways: new Map(), stays: false, accepts: [] }
  }

  forgetStates(): void {
    if (this.#sets.length === 0) return
    this.#sets = []
    this.#verdicts = []
    this.#isFinal = []
    this.#numbers.clear()
    this.#ways = new Int32Array(statesAtFirst << 8)
  }

  #begin(): void {
    this.#sets = [[]]
    this.#verdicts = [{ hits: [], bars: [] }]
    this.#isFinal = [false]
    this.#state([this.#start, this.#anywhere])
  }

  #learn(state: number, byte: number): number {
    const next = new Set<Place>()
    for (const place of this.#sets[state] as Place[]) {
      if (place.stays) next.add(place)
      for (const each of place.ways.get(byte) ?? []) next.add(each)
    }
    if (this.#sets.length >= statesMax) return this.#relearn([...next])
    const found = this.#state([...next])
    const way = this.#isFinal[found] ? -found : found
    this.#ways[(state << 8) | byte] = way
    return way
  }

  /** Too many states: begins again, from where the event is. */
  #relearn(places: Place[]): number {
    this.forgetStates()
    this.#begin()
    const found = this.#state(places)
    return this.#isFinal[found] ? -found : found
  }

  #state(places: Place[]): number {
    places.sort((left, right) => left.number - right.number)
    const key = places.map(({ number }) => number).join()
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#sets.length
    this.#numbers.set(key, number)
    this.#sets.push(places)
    this.#verdicts.push(verdictOf(places))
    this.#isFinal.push(
      places.every((place) => place.stays && [...place.ways.values()].every((each) => each.length === 0)),
    )
    if (this.#ways.length <= (number + 1) << 8) {
      const grown = new Int32Array(this.#ways.length * 2)
      grown.set(this.#ways)
      this.#ways = grown
    }
    return number
  }
}

function verdictOf(places: Place[]): Verdict {
  const hits = new Set<Waiting>()
  const bars = new Set<Barrier>()
  for (const accepted of places.flatMap((place) => place.accepts)) {
    if ('waiting' in accepted) hits.add(accepted.waiting)
    else bars.add(accepted.bars)
  }
  return { hits: [...hits], bars: [...bars] }
}
