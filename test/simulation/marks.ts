/** Marks by which a write is known wherever it turns up: quoted in JSON inside JSON, or encoded in an object's key. */

export const idMark = (at: number): string => `~w${at}~`

/** Which rule and target sent it. */
export const tagMark = (rule: string, target: string): string => `@${rule}/${target}@`

export function idsOf(text: string): string[] {
  return [...new Set([...text.replaceAll('%7E', '~').matchAll(/~w\d+~/g)].map(([mark]) => mark))]
}

export function tagOf(text: string): string | undefined {
  return /@\w+\/\w+@/.exec(text)?.[0]
}
