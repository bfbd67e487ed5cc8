/** How IAM names things: ARNs with paths, and ids of which the first letters say what they are of. */
import type { Random } from '../../clock.ts'

const idLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export type IdPrefix = 'AROA' | 'AIDA' | 'AGPA' | 'ANPA' | 'AIPA'

export function newId(prefix: IdPrefix, random: Random): string {
  const letters = Array.from({ length: 17 }, () => idLetters[Math.floor(random.fraction() * idLetters.length)])
  return prefix + letters.join('')
}

export type EntityKind = 'role' | 'user' | 'group' | 'policy' | 'instance-profile'

export function iamArn(account: string, kind: EntityKind, path: string, name: string): string {
  return `arn:aws:iam::${account}:${kind}${path}${name}`
}
