/**
 * Java's regular expressions, as Trino reads them, written as JavaScript's. Trino compiles them by Joni with its Java
 * syntax over UTF-8, so what counts is what Joni takes: \w, \d and \s are ASCII, \p{…} and \b are Unicode, a dot stops at
 * \n alone, $ also matches before a last \n (trino.io/docs, "Regular expression functions").
 */
import { CharacterClasses } from './javaRegexClasses.ts'
import { invalidArgument, NativeError } from './native.ts'

export interface JavaRegex {
  /** Global: it has a `lastIndex`. */
  regex: RegExp
  groupCount: number
  /** What group `number` holds in a match. */
  group(match: RegExpExecArray, number: number): string | undefined
  /** Of a named group. */
  numberOf(name: string): number | undefined
}

export interface Flags {
  ignoreCase: boolean
  multiLine: boolean
  dotAll: boolean
  comments: boolean
}

const noFlags: Flags = { ignoreCase: false, multiLine: false, dotAll: false, comments: false }
const flagsByLetter: Record<string, keyof Flags> = {
  i: 'ignoreCase',
  m: 'multiLine',
  s: 'dotAll',
  x: 'comments',
}

/** Errors: NativeError, in Joni's words where the pattern is wrong. */
export function compileJavaRegex(pattern: string): JavaRegex {
  // The usual way to ignore case: the whole of the pattern does, and JavaScript has a flag for it.
  const hasFlag = /^\(\?[msx]*i[msx]*\)/.test(pattern) && !/\(\?[a-z]*-[a-z]*i/.test(pattern)
  const translator = new Translator(pattern, { ...noFlags, ignoreCase: hasFlag }, hasFlag)
  const source = translator.whole()
  const { javaGroups, names } = translator
  let regex: RegExp
  try {
    regex = new RegExp(source, hasFlag ? 'giv' : 'gv')
  } catch (error) {
    throw invalidArgument(`Invalid regular expression: ${pattern}: ${error instanceof Error ? error.message : error}`)
  }
  return {
    regex,
    groupCount: javaGroups.length,
    group: (match, number) => match[number === 0 ? 0 : (javaGroups[number - 1] as number)],
    numberOf: (name) => names.get(name),
  }
}

const wordCharacters = '[\\p{L}\\p{M}\\p{N}\\p{Pc}]'
const boundary = `(?:(?<=${wordCharacters})(?!${wordCharacters})|(?<!${wordCharacters})(?=${wordCharacters}))`
const noBoundary = `(?:(?<=${wordCharacters})(?=${wordCharacters})|(?<!${wordCharacters})(?!${wordCharacters}))`
/** JavaScript repeats none of these but in a group. */
const isAssertion = /^(?:\^|\$|\(\?(?:=|!|<=|<!))/
const beforeLastNewline = '(?=\\n?$)'

const anchors: Record<string, string> = {
  A: '^',
  z: '$',
  Z: beforeLastNewline,
  b: boundary,
  B: noBoundary,
}

class Translator {
  /** The groups of JavaScript's expression that are Java's, by Java's number less one. */
  readonly javaGroups: number[] = []
  readonly names = new Map<string, number>()
  readonly #classes: CharacterClasses
  readonly #pattern: string
  #at = 0
  #flags: Flags
  /** All groups so far, those that stand for what JavaScript lacks with them. */
  #groups = 0

  constructor(pattern: string, flags: Flags, isCaseInFlag: boolean) {
    this.#pattern = pattern
    this.#flags = flags
    this.#classes = new CharacterClasses(pattern, isCaseInFlag)
  }

  whole(): string {
    const source = this.#alternatives()
    if (this.#at < this.#pattern.length) throw invalidArgument('unmatched close parenthesis')
    return source
  }

  /** Up to the end of the group, or of the pattern. */
  #alternatives(): string {
    let source = ''
    while (this.#at < this.#pattern.length && !this.#is(')')) {
      if (this.#accept('|')) source += '|'
      else if (!this.#skipsComment()) source += this.#quantified()
    }
    return source
  }

  #quantified(): string {
    // A possessive quantifier holds its group from the outside: which is known only once it is read.
    const [at, groups, javaGroups, flags] = [this.#at, this.#groups, this.javaGroups.length, this.#flags]
    let source = this.#atom()
    for (let isFirst = true; ; isFirst = false) {
      const quantifier = this.#quantifier()
      if (quantifier === undefined) return source
      if (!isFirst || isAssertion.test(source)) source = `(?:${source})`
      if (this.#accept('?')) source += `${quantifier}?`
      else if (this.#is('+')) {
        if (!isFirst) throw notSupported('a possessive quantifier of a quantifier')
        this.#restore(at, groups, javaGroups, flags)
        return this.#possessive()
      } else source += quantifier
    }
  }

  #restore(at: number, groups: number, javaGroups: number, flags: Flags): void {
    this.#at = at
    this.#groups = groups
    this.javaGroups.length = javaGroups
    this.#flags = flags
  }

  /** Once it matched, it gives nothing back: a look-ahead is never entered again. */
  #possessive(): string {
    const held = ++this.#groups
    const atom = this.#atom()
    const quantifier = this.#quantifier()
    this.#accept('+')
    return `(?:(?=(${atom}${quantifier}))\\${held})`
  }

  #quantifier(): string | undefined {
    const next = this.#pattern[this.#at]
    if (next === '*' || next === '+' || next === '?') {
      this.#at++
      return next
    }
    const bounds = /^\{\d+(?:,\d*)?\}/.exec(this.#pattern.slice(this.#at))?.[0]
    if (bounds) this.#at += bounds.length
    return bounds
  }

  #atom(): string {
    const next = this.#pattern[this.#at] as string
    switch (next) {
      case '(':
        return this.#parenthesis()
      case '[':
        return this.#class()
      case '\\':
        return this.#escape()
      case '.':
        this.#at++
        return this.#flags.dotAll ? '[\\s\\S]' : '[^\\n]'
      case '^':
        this.#at++
        return this.#flags.multiLine ? '(?:^|(?<=\\n)(?=[\\s\\S]))' : '^'
      case '$':
        this.#at++
        return this.#flags.multiLine ? '(?=\\n|$)' : beforeLastNewline
      case '*':
      case '+':
      case '?':
        throw invalidArgument('target of repeat operator is not specified')
      default: {
        const character = String.fromCodePoint(this.#pattern.codePointAt(this.#at) as number)
        this.#at += character.length
        return this.#literal(character)
      }
    }
  }

  #literal(character: string): string {
    return this.#classes.single(character, this.#flags)
  }

  #class(): string {
    const { source, end } = this.#classes.read(this.#at, this.#flags)
    this.#at = end
    return source
  }

  #parenthesis(): string {
    this.#at++
    if (!this.#accept('?')) return this.#capture()
    for (const [mark, open] of lookarounds) if (this.#accept(mark)) return this.#until(open)
    if (this.#accept('>')) {
      const held = ++this.#groups
      return `(?:(?=(${this.#until('')})\\${held})`
    }
    const named = /^<([A-Za-z_]\w*)>/.exec(this.#pattern.slice(this.#at))
    if (named) {
      this.#at += named[0].length
      this.names.set(named[1] as string, this.javaGroups.length + 1)
      return this.#capture()
    }
    if (this.#is('<')) throw invalidArgument(`invalid group name ${this.#pattern.slice(this.#at).split('>')[0]}>`)
    return this.#withFlags()
  }

  #capture(): string {
    this.javaGroups.push(++this.#groups)
    return this.#until('(')
  }

  /** The rest of a group, whose flags end with it. */
  #until(open: string): string {
    const outside = this.#flags
    const source = this.#alternatives()
    if (!this.#accept(')')) throw invalidArgument('end pattern with unmatched parenthesis')
    this.#flags = outside
    return `${open}${source})`
  }

  /** `(?i)` holds to the end of the group that it is in, alternatives and all; `(?i:…)` is a group of its own. */
  #withFlags(): string {
    const letters = /^[a-zA-Z]*(?:-[a-zA-Z]*)?/.exec(this.#pattern.slice(this.#at))?.[0] as string
    const [on = '', off = ''] = letters.split('-')
    const outside = this.#flags
    const flags = { ...outside }
    for (const [part, value] of [[on, true] as const, [off, false] as const]) {
      for (const letter of part) {
        const flag = flagsByLetter[letter]
        if (!flag) throw invalidArgument('undefined group option')
        flags[flag] = value
      }
    }
    this.#at += letters.length
    if (this.#accept(':')) {
      this.#flags = flags
      const source = this.#until('(?:')
      this.#flags = outside
      return source
    }
    if (!this.#accept(')')) throw invalidArgument('undefined group option')
    this.#flags = flags
    const source = `(?:${this.#alternatives()})`
    this.#flags = outside
    return source
  }

  #escape(): string {
    const letter = this.#pattern[this.#at + 1]
    if (letter === undefined) throw invalidArgument('end pattern at escape')
    const anchor = anchors[letter]
    if (anchor) {
      this.#at += 2
      return anchor
    }
    if (letter === 'G') throw notSupported('\\G')
    if (letter === 'Q') return this.#quoted()
    if (letter === 'k') return this.#namedReference()
    if (letter >= '1' && letter <= '9') return this.#reference()
    const { source, end } = this.#classes.escape(this.#at, this.#flags)
    this.#at = end
    return source
  }

  #quoted(): string {
    const end = this.#pattern.indexOf('\\E', this.#at)
    const text = this.#pattern.slice(this.#at + 2, end < 0 ? undefined : end)
    this.#at = end < 0 ? this.#pattern.length : end + 2
    const characters = [...text].map((character) => this.#literal(character))
    const last = characters.pop() ?? ''
    // A quantifier behind it is for its last character.
    const quantifier = last && this.#quantifier()
    return `${characters.join('')}${last}${quantifier ?? ''}`
  }

  #namedReference(): string {
    const name = /^\\k<(\w+)>/.exec(this.#pattern.slice(this.#at))
    const number = this.names.get(name?.[1] ?? '')
    if (!name || number === undefined) throw invalidArgument('invalid backref number/name')
    this.#at += name[0].length
    return this.#referenceTo(number)
  }

  /** `\1`; a number that no group has yet is an octal code, as far as it is one. */
  #reference(): string {
    const digits = /^\\(\d+)/.exec(this.#pattern.slice(this.#at))?.[1] as string
    const number = Number(digits)
    if (number <= this.javaGroups.length) {
      this.#at += 1 + digits.length
      return this.#referenceTo(number)
    }
    const octal = /^[1-3]?[0-7]{1,2}/.exec(digits)?.[0]
    if (number <= 9 || !octal) throw invalidArgument('invalid backref number/name')
    this.#at += 1 + octal.length
    return this.#literal(String.fromCodePoint(Number.parseInt(octal, 8)))
  }

  #referenceTo(number: number): string {
    return `(?:\\${this.javaGroups[number - 1]})`
  }

  /** `(?#…)`; with the flag x also white space, and what follows a #. */
  #skipsComment(): boolean {
    const rest = this.#pattern.slice(this.#at)
    const comment =
      /^\(\?#[^)]*\)/.exec(rest) ?? (this.#flags.comments ? /^(?:[ \t\n\r\f\v]+|#[^\n]*)/.exec(rest) : null)
    this.#at += comment?.[0].length ?? 0
    return comment !== null
  }

  #is(text: string): boolean {
    return this.#pattern.startsWith(text, this.#at)
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false
    this.#at += text.length
    return true
  }
}

const lookarounds = [
  [':', '(?:'],
  ['=', '(?='],
  ['!', '(?!'],
  ['<=', '(?<='],
  ['<!', '(?<!'],
] as const

function notSupported(what: string): NativeError {
  return new NativeError(
    'NOT_SUPPORTED',
    `The regular expression has ${what}, which the embedded SQL engine does not support`,
  )
}
