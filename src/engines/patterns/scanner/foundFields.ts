/** What a scan recorded, as the fields that a branch with several leaves is judged by. Decoded only if one asks. */
import type { Field, Fields, Membership } from '../flattening.ts'
import { kinds, layout, membershipWords, recordsMax, recordWords, type ScanMemory } from './scanMemory.ts'

const kindNames = ['string', 'string', 'number', 'literal'] as const
const none: Membership = []

export class FoundFields {
  readonly #memory: ScanMemory
  readonly #pathOf: (number: number) => string
  #count = 0
  #fields: Fields | undefined

  constructor(memory: ScanMemory, pathOf: (number: number) => string) {
    this.#memory = memory
    this.#pathOf = pathOf
  }

  begin(count: number): void {
    this.#count = count
    this.#fields = undefined
  }

  /** Puts fields from elsewhere where a scan would have put them. Undefined if there is no room. */
  put(fields: Fields, numbers: ReadonlyMap<string, number>): number | undefined {
    this.#memory.write('')
    this.#fields = fields
    let count = 0
    for (const [path, found] of fields) {
      for (const { kind, text } of found) {
        const place = this.#memory.writeAside(text)
        if (!place || count >= recordsMax) return undefined
        const record = [numbers.get(path) as number, kinds[kind], place.start, place.end, 0]
        this.#memory.words.set(record, (layout.records >> 2) + count++ * recordWords)
      }
    }
    return count
  }

  fields(): Fields {
    this.#fields ??= this.#collect()
    return this.#fields
  }

  /** Where an escaped string lies decoded. */
  decode(record: number): { start: number; end: number } {
    const { words, bytes } = this.#memory
    const start = (words[record + 2] as number) + layout.input
    const end = (words[record + 3] as number) + layout.input
    const text = JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string
    // What a double-quoted piece of the event decodes to is never longer than the piece.
    const place = this.#memory.writeAside(text) as { start: number; end: number }
    words[record + 1] = kinds.string
    words[record + 2] = place.start
    words[record + 3] = place.end
    return { start: place.start + layout.input, end: place.end + layout.input }
  }

  #collect(): Fields {
    const fields: Fields = new Map()
    const { words } = this.#memory
    for (let count = 0; count < this.#count; count++) {
      const record = (layout.records >> 2) + count * recordWords
      const path = this.#pathOf(words[record] as number)
      const field = this.#field(record)
      const same = fields.get(path)
      if (same) same.push(field)
      else fields.set(path, [field])
    }
    return fields
  }

  #field(record: number): Field {
    const { words, bytes } = this.#memory
    const start = (words[record + 2] as number) + layout.input
    const end = (words[record + 3] as number) + layout.input
    const kind = words[record + 1] as number
    const text =
      kind === kinds.escapedString
        ? (JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string)
        : bytes.toString('utf8', start, end)
    return { kind: kindNames[kind] as Field['kind'], text, membership: this.#membership(words[record + 4] as number) }
  }

  #membership(number: number): Membership {
    if (number === 0) return none
    const { words } = this.#memory
    const at = (layout.memberships >> 2) + (number - 1) * membershipWords
    return [...this.#membership(words[at] as number), words[at + 1] as number, words[at + 2] as number]
  }
}
