/**
 * equals-ignore-case as EventBridge does it: each character of the pattern may appear in its lower-case or its
 * upper-case form, whatever length those have ('ß' also matches 'SS', but 'SS' does not match 'ß').
 */
export type CaseFolded = RegExp

export function foldedEquals(text: string): CaseFolded {
  return new RegExp(`^${foldedSource(text)}$`, 'su')
}

export function foldedPrefix(text: string): CaseFolded {
  return new RegExp(`^${foldedSource(text)}`, 'su')
}

export function foldedSuffix(text: string): CaseFolded {
  return new RegExp(`${foldedSource(text)}$`, 'su')
}

function foldedSource(text: string): string {
  return Array.from(text, (character) => {
    const forms = new Set([character.toLowerCase(), character.toUpperCase()])
    const sources = [...forms].map(literalSource)
    return sources.length === 1 ? sources[0] : `(?:${sources.join('|')})`
  }).join('')
}

function literalSource(text: string): string {
  return Array.from(text, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`).join('')
}
