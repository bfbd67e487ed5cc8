/** English word stems by Porter's algorithm (M. F. Porter, 1980), for word_stem. Other languages are refused. */
import { NativeError } from './native.ts'

export function stem(word: string, language: string): string {
  if (language !== 'en')
    throw new NativeError(
      'NOT_SUPPORTED',
      `word_stem of the language '${language}' is not supported by the embedded SQL engine`,
    )
  if (word.length < 3) return word
  let w = word.toLowerCase()
  w = plurals(w)
  w = endings(w)
  if (/y$/.test(w) && hasVowel(w.slice(0, -1))) w = w.replace(/y$/, 'i')
  w = replaced(w, step2, 0)
  w = replaced(w, step3, 0)
  w = removed(w)
  return finished(w)
}

const step2: [string, string][] = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['abli', 'able'],
  ['alli', 'al'],
  ['entli', 'ent'],
  ['eli', 'e'],
  ['ousli', 'ous'],
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
]
const step3: [string, string][] = [
  ['icate', 'ic'],
  ['ative', ''],
  ['alize', 'al'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
]
const step4 = [
  'al',
  'ance',
  'ence',
  'er',
  'ic',
  'able',
  'ible',
  'ant',
  'ement',
  'ment',
  'ent',
  'ion',
  'ou',
  'ism',
  'ate',
  'iti',
  'ous',
  'ive',
  'ize',
]

/** C for a consonant, V for a vowel; y is a vowel after a consonant. */
function form(word: string): string {
  let shape = ''
  for (let i = 0; i < word.length; i++) {
    const letter = word[i] as string
    const isVowel = 'aeiou'.includes(letter) || (letter === 'y' && i > 0 && shape[i - 1] === 'C')
    shape += isVowel ? 'V' : 'C'
  }
  return shape
}

const measure = (word: string) => (form(word).match(/V+C/g) ?? []).length
const hasVowel = (word: string) => form(word).includes('V')
const endsDouble = (word: string) => /([^aeiou])\1$/.test(word)
const endsShort = (word: string) => /CVC$/.test(form(word)) && !/[wxy]$/.test(word)

function plurals(w: string): string {
  if (w.endsWith('sses')) return w.slice(0, -2)
  if (w.endsWith('ies')) return w.slice(0, -2)
  if (w.endsWith('ss')) return w
  return w.endsWith('s') ? w.slice(0, -1) : w
}

function endings(w: string): string {
  if (w.endsWith('eed')) return measure(w.slice(0, -3)) > 0 ? w.slice(0, -1) : w
  const base = w.endsWith('ed') ? w.slice(0, -2) : w.endsWith('ing') ? w.slice(0, -3) : undefined
  if (base === undefined || !hasVowel(base)) return w
  if (/(at|bl|iz)$/.test(base)) return `${base}e`
  if (endsDouble(base) && !/[lsz]$/.test(base)) return base.slice(0, -1)
  return measure(base) === 1 && endsShort(base) ? `${base}e` : base
}

function replaced(w: string, rules: [string, string][], least: number): string {
  const rule = rules.filter(([suffix]) => w.endsWith(suffix)).sort((a, b) => b[0].length - a[0].length)[0]
  if (!rule) return w
  const base = w.slice(0, -rule[0].length)
  return measure(base) > least ? base + rule[1] : w
}

function removed(w: string): string {
  const suffix = step4.filter((one) => w.endsWith(one)).sort((a, b) => b.length - a.length)[0]
  if (!suffix) return w
  const base = w.slice(0, -suffix.length)
  if (suffix === 'ion' && !/[st]$/.test(base)) return w
  return measure(base) > 1 ? base : w
}

function finished(word: string): string {
  let w = word
  if (w.endsWith('e')) {
    const base = w.slice(0, -1)
    if (measure(base) > 1 || (measure(base) === 1 && !endsShort(base))) w = base
  }
  return measure(w) > 1 && endsDouble(w) && w.endsWith('l') ? w.slice(0, -1) : w
}
