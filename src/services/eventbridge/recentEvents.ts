/** The last events of each bus, in memory and bounded: `explain` asks for them. They are gone with the process. */
import type { Scope } from '../../store/collection.ts'

const eventsMax = 100
const charactersMax = 4_000_000
const busesMax = 1_000

export class RecentEvents {
  readonly #buses = new Map<string, { events: string[]; characters: number }>()

  add({ account, region }: Scope, bus: string, arrivals: readonly { event: { json: string } }[]): void {
    const key = `${account}/${region}/${bus}`
    const kept = this.#buses.get(key) ?? { events: [], characters: 0 }
    if (!this.#buses.has(key) && this.#buses.size >= busesMax) return
    this.#buses.set(key, kept)
    for (const { event } of arrivals) {
      kept.events.push(event.json)
      kept.characters += event.json.length
    }
    while (kept.events.length > eventsMax || (kept.characters > charactersMax && kept.events.length > 1)) {
      kept.characters -= (kept.events.shift() as string).length
    }
  }

  /** The newest first. */
  of({ account, region }: Scope, bus: string): string[] {
    return [...(this.#buses.get(`${account}/${region}/${bus}`)?.events ?? [])].reverse()
  }

  clear(): void {
    this.#buses.clear()
  }
}
