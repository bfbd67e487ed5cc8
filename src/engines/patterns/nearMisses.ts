/** What a value lacks to be matched, in words: for the one who wrote the pattern. */
import { accepts, type Matcher, type NumericBound, type Value } from './matchers.ts'

export function nearMiss(path: string, matcher: Matcher, value: Value): string | undefined {
  if (matcher.kind === 'exists' && !matcher.wanted) return 'The field is there, and must not be.'
  if (matcher.kind === 'anythingBut') return 'The value is one of those that are ruled out.'
  if (matcher.kind === 'string' || matcher.kind === 'prefix' || matcher.kind === 'suffix') {
    return nearText(path, matcher, value)
  }
  if (matcher.kind === 'wildcard' && value.kind === 'string') return nearWildcard(path, matcher, value)
  if ((matcher.kind === 'number' || matcher.kind === 'range') && value.kind === 'string' && isNumberText(value.text)) {
    return 'The value is a string that looks like a number; the pattern wants a number.'
  }
  return matcher.kind === 'range' && value.kind === 'number' ? outOfRange(path, matcher, value) : undefined
}

type NearText = Extract<Matcher, { kind: 'string' | 'prefix' | 'suffix' }>

function nearText(path: string, matcher: NearText, value: Value): string | undefined {
  if (value.kind !== 'string') {
    return matcher.text === value.text ? `The value is a ${value.kind}; the pattern wants a string.` : undefined
  }
  const wanted = `${matcher.kind === 'string' ? '' : `${matcher.kind} `}\`${matcher.text}\``
  const says = (how: string) => `\`${path}\` is \`${value.text}\`; ${wanted} ${how}.`
  const holds = (change: (text: string) => string) =>
    accepts({ ...matcher, text: change(matcher.text) }, { kind: 'string', text: change(value.text) })
  if (holds((text) => text.toLowerCase())) return says('differs in case')
  if (holds((text) => text.trim())) return says('differs in outer spaces')
  if (matcher.text === '' || value.text === '') return undefined
  if (matcher.kind === 'string' && value.text.startsWith(matcher.text)) return says('is only how it begins')
  if (matcher.kind === 'string' && value.text.endsWith(matcher.text)) return says('is only how it ends')
  if (value.text.endsWith(matcher.text) && matcher.kind === 'prefix') return says('is how it ends, not how it begins')
  if (value.text.includes(matcher.text)) return says('stands elsewhere in it')
  return editDistance(matcher.text, value.text) <= typosMax ? says('differs in a letter or two') : undefined
}

function nearWildcard(path: string, matcher: Extract<Matcher, { kind: 'wildcard' }>, value: Value): string | undefined {
  const folded = { ...matcher, parts: matcher.parts.map((part) => part.toLowerCase()) }
  if (!accepts(folded, { kind: 'string', text: value.text.toLowerCase() })) return undefined
  return `\`${path}\` is \`${value.text}\`; wildcard \`${matcher.text}\` differs in case.`
}

function outOfRange(path: string, { low, high }: { low?: NumericBound; high?: NumericBound }, value: Value): string {
  const number = Number(value.text)
  const isBelow = low !== undefined && (number < low.value || (number === low.value && !low.inclusive))
  const bound = (isBelow ? low : high) as NumericBound | undefined
  if (!bound) return `\`${path}\` is ${value.text}, which has more digits than can be compared.`
  if (number === bound.value) return `\`${path}\` is ${value.text}, the very bound, which is left out.`
  return `\`${path}\` is ${value.text}, ${isBelow ? 'below' : 'above'} ${bound.value}.`
}

const typosMax = 2
const comparedMax = 200

/** Letters to put in, take out or change; no exact count for long or very different texts. */
export function editDistance(left: string, right: string): number {
  if (Math.max(left.length, right.length) > comparedMax || Math.abs(left.length - right.length) > typosMax)
    return Infinity
  if (Math.min(left.length, right.length) <= typosMax + 1) return Infinity
  let row = Array.from({ length: right.length + 1 }, (_, at) => at)
  for (let at = 1; at <= left.length; at++) {
    const next = [at]
    for (let other = 1; other <= right.length; other++) {
      const changed = (row[other - 1] as number) + (left[at - 1] === right[other - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[other] as number) + 1, (next[other - 1] as number) + 1))
    }
    row = next
  }
  return row[right.length] as number
}

function isNumberText(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}
