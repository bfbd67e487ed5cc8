/** A text matcher as steps over bytes: each step is a choice of forms, or `any`: a run of whatever bytes. */
import type { Matcher } from '../matchers.ts'

export type TextMatcher = Extract<Matcher, { kind: 'string' | 'prefix' | 'suffix' | 'folded' | 'wildcard' }>

export type Step = 'any' | number[][]

export function isTextMatcher(matcher: Matcher): matcher is TextMatcher {
  return ['string', 'prefix', 'suffix', 'folded', 'wildcard'].includes(matcher.kind)
}

export function textSteps(matcher: TextMatcher): Step[] {
  switch (matcher.kind) {
    case 'string':
      return literal(matcher.text)
    case 'prefix':
      return [...literal(matcher.text), 'any']
    case 'suffix':
      return ['any', ...literal(matcher.text)]
    case 'wildcard':
      return matcher.parts.flatMap((part, index): Step[] => (index === 0 ? literal(part) : ['any', ...literal(part)]))
    default: {
      const steps = Array.from(matcher.text, (character): Step => forms(character))
      if (matcher.reach === 'prefix') return [...steps, 'any']
      return matcher.reach === 'suffix' ? ['any', ...steps] : steps
    }
  }
}

function literal(text: string): Step[] {
  return [...Buffer.from(text)].map((byte) => [[byte]])
}

/** A character's lower-case and upper-case form, of whatever length. */
function forms(character: string): number[][] {
  return [...new Set([character.toLowerCase(), character.toUpperCase()])].map((form) => [...Buffer.from(form)])
}
