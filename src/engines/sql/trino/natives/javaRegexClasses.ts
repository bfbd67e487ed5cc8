/** Characters and classes of characters of Java's regular expressions, written as sets of JavaScript's v flag. */
import type { Flags } from './javaRegex.ts'
import { invalidArgument } from './native.ts'

interface Read {
  source: string
  /** Where the pattern goes on. */
  end: number
}

const asciiClasses: Record<string, string> = {
  d: '[0-9]',
  D: '[^0-9]',
  s: '[\\t-\\r ]',
  S: '[^\\t-\\r ]',
  w: '[0-9A-Z_a-z]',
  W: '[^0-9A-Z_a-z]',
}

const controls: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v', a: '\x07', e: '\x1b' }

/** POSIX's names, which here are Unicode's, by what they are in lower case. */
const posix: Record<string, string> = {
  alnum: '[\\p{Alphabetic}\\p{Nd}]',
  alpha: '\\p{Alphabetic}',
  ascii: '\\p{ASCII}',
  blank: '[\\p{Zs}\\t]',
  cntrl: '\\p{Cc}',
  digit: '\\p{Nd}',
  graph: '[^\\p{White_Space}\\p{Cc}\\p{Cs}\\p{Cn}]',
  lower: '\\p{Lowercase}',
  print: '[[^\\p{White_Space}\\p{Cc}\\p{Cs}\\p{Cn}]\\p{Zs}]',
  punct: '\\p{P}',
  space: '\\p{White_Space}',
  upper: '\\p{Uppercase}',
  word: '[\\p{L}\\p{M}\\p{N}\\p{Pc}]',
  xdigit: '[0-9A-Fa-f]',
  any: '\\p{Any}',
  javalowercase: '\\p{Lowercase}',
  javauppercase: '\\p{Uppercase}',
}

/** Larger ranges have no letters of two cases that a person would write so. */
const foldedRangeMax = 2_000

export class CharacterClasses {
  readonly #pattern: string
  /** JavaScript's own flag ignores case: nothing need be spelled out. */
  readonly #isCaseInFlag: boolean

  constructor(pattern: string, isCaseInFlag: boolean) {
    this.#pattern = pattern
    this.#isCaseInFlag = isCaseInFlag
  }

  /** One character, in either case where the flags say so. */
  single(character: string, { ignoreCase }: Flags): string {
    const both = ignoreCase && !this.#isCaseInFlag ? cases(character) : [character]
    return both.length === 1 ? escaped(character) : `[${both.map(escaped).join('')}]`
  }

  /** What a backslash begins at `at`, outside of classes or within: one character, or a class of them. */
  escape(at: number, flags: Flags): Read {
    const named = this.#namedClass(at)
    if (named) return named
    const { character, end } = this.#character(at)
    return { source: this.single(character, flags), end }
  }

  /** A class in brackets. Errors: NativeError in Joni's words. */
  read(at: number, flags: Flags): Read {
    const pattern = this.#pattern
    let next = at + 1
    const isNot = pattern[next] === '^'
    if (isNot) next++
    const operands: string[][] = [[]]
    // A bracket that would leave it empty is a member, if another one closes it.
    if (pattern[next] === ']') {
      if (!pattern.includes(']', next + 1)) throw invalidArgument('empty char-class')
      operands[0]?.push(escaped(']'))
      next++
    }
    for (;;) {
      if (next >= pattern.length) throw invalidArgument('premature end of char-class')
      if (pattern[next] === ']') break
      if (pattern.startsWith('&&', next)) {
        operands.push([])
        next += 2
        continue
      }
      const member = this.#member(next, flags)
      operands.at(-1)?.push(member.source)
      next = member.end
    }
    const sets = operands.filter((members) => members.length > 0).map((members) => members.join(''))
    const all = sets.length === 1 ? (sets[0] as string) : sets.map((set) => `[${set}]`).join('&&')
    return { source: `[${isNot ? '^' : ''}${all}]`, end: next + 1 }
  }

  #member(at: number, flags: Flags): Read {
    const pattern = this.#pattern
    const bracketed = /^\[:(\^?)(\w+):\]/.exec(pattern.slice(at))
    if (bracketed) {
      const set = propertySet(bracketed[2] as string)
      return { source: bracketed[1] ? `[^${set}]` : set, end: at + bracketed[0].length }
    }
    if (pattern[at] === '[') return this.read(at, flags)
    const named = pattern[at] === '\\' ? this.#namedClass(at) : undefined
    if (named) return named
    const first = this.#character(at)
    const isRange = pattern[first.end] === '-' && ![']', undefined].includes(pattern[first.end + 1])
    if (!isRange) return { source: this.#members(first.character, first.character, flags), end: first.end }
    if (pattern[first.end + 1] === '[')
      return { source: this.#members(first.character, first.character, flags), end: first.end }
    if (this.#namedClass(first.end + 1)) throw invalidArgument('char-class value at end of range')
    const last = this.#character(first.end + 1)
    return { source: this.#members(first.character, last.character, flags), end: last.end }
  }

  /** A range, with the other cases of its letters where the flags say so. */
  #members(from: string, to: string, { ignoreCase }: Flags): string {
    const [low, high] = [from.codePointAt(0) as number, to.codePointAt(0) as number]
    if (low > high) throw invalidArgument('empty range in char class')
    const range = low === high ? escaped(from) : `${escaped(from)}-${escaped(to)}`
    if (!ignoreCase || this.#isCaseInFlag || high - low > foldedRangeMax) return range
    const others = new Set<string>()
    for (let point = low; point <= high; point++) {
      for (const other of cases(String.fromCodePoint(point))) others.add(other)
    }
    const outside = [...others].filter((other) => {
      const point = other.codePointAt(0) as number
      return point < low || point > high
    })
    return range + outside.map(escaped).join('')
  }

  /** `\d`, `\p{L}`, `\pL` and their like; undefined where it is a single character. */
  #namedClass(at: number): Read | undefined {
    if (this.#pattern[at] !== '\\') return undefined
    const ascii = asciiClasses[this.#pattern[at + 1] ?? '']
    if (ascii) return { source: ascii, end: at + 2 }
    const property = /^\\([pP])(?:\{([^}]*)\}|([A-Z]))/.exec(this.#pattern.slice(at))
    if (!property) return undefined
    const set = propertySet((property[2] ?? property[3]) as string)
    return { source: property[1] === 'P' ? `[^${set}]` : set, end: at + property[0].length }
  }

  /** One character as it is, or as an escape says it. An escape without a meaning is the character itself. */
  #character(at: number): { character: string; end: number } {
    const rest = this.#pattern.slice(at)
    const plain = String.fromCodePoint(rest.codePointAt(0) as number)
    if (plain !== '\\') return { character: plain, end: at + plain.length }
    const coded = /^\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|0([0-7]{0,2})|c([A-Za-z]))/.exec(
      rest,
    )
    if (coded) {
      const [whole, braced, short, unit, octal, control] = coded
      const hex = braced ?? short ?? unit
      const point =
        hex !== undefined
          ? Number.parseInt(hex, 16)
          : control !== undefined
            ? control.charCodeAt(0) % 32
            : Number.parseInt(octal || '0', 8)
      if (point > 0x10ffff) throw invalidArgument('too big wide-char value')
      return { character: String.fromCodePoint(point), end: at + whole.length }
    }
    const letter = String.fromCodePoint(rest.codePointAt(1) as number)
    return { character: controls[letter] ?? letter, end: at + 1 + letter.length }
  }
}

const known = new Map<string, string>()

/** Errors: NativeError where Unicode has no such property. */
function propertySet(name: string): string {
  const set = known.get(name) ?? posix[name.toLowerCase()] ?? unicodeSet(name)
  if (set === undefined) throw invalidArgument(`invalid character property name <${name}>`)
  known.set(name, set)
  return set
}

/** By its category (`Lu`), script (`Hiragana`, `OldItalic`) or binary property (`NoncharacterCodePoint`). */
function unicodeSet(name: string): string | undefined {
  if (!/^[A-Za-z_ -]+$/.test(name)) return undefined
  const plain = name.replace(/[_ -]/g, '')
  const category = plain.length <= 2 ? plain.charAt(0).toUpperCase() + plain.slice(1).toLowerCase() : undefined
  const words = (plain.charAt(0).toUpperCase() + plain.slice(1)).replace(/(?<=[a-z])(?=[A-Z])/g, '_')
  const candidates = category ? [category] : [`Script=${words}`, words, words.replaceAll('_', '')]
  return candidates.map((candidate) => `\\p{${candidate}}`).find(isProperty)
}

function isProperty(source: string): boolean {
  try {
    return new RegExp(source, 'v') !== undefined
  } catch {
    return false
  }
}

/** A character and its other case, where that is one character too. */
function cases(character: string): string[] {
  const all = new Set([character, character.toLowerCase(), character.toUpperCase()])
  return [...all].filter((one) => [...one].length === 1)
}

/** As it stands for itself both in a class and outside. */
function escaped(character: string): string {
  return /^[0-9A-Za-z]$/.test(character) ? character : `\\u{${(character.codePointAt(0) as number).toString(16)}}`
}
