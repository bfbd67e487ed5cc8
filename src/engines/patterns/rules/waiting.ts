/** What waits for a value: a branch of a rule, filed under a leaf that it cannot match without. */
import type { Branch, Leaf } from '../compiler.ts'

/** One rule of a set. `matchedIn` is the number of the event that it matched last, so nobody adds it twice. */
export interface Rule {
  name: string
  matchedIn: number
}

export interface Waiting {
  rule: Rule
  branch: Branch
  /** The leaf that was found decides alone: the branch has no other. */
  alone: boolean
  /** The number of the event that looked at it last. */
  seenIn: number
  /** Where it could wait, and how that went; undefined where there is no choice. */
  choice?: Choice
}

/** Hits unless one of its texts or numbers is there: anything-but. */
export interface Barrier {
  waiting: Waiting
}

/** The leaves that a branch cannot match without. Which of them is rarest is found out by waiting at each. */
export interface Choice {
  leaves: Leaf[]
  at: number
  /** Events woken for in vain, a waiting place. */
  vainShares: number[]
  vain: number
  since: number
  forget: (() => void)[]
}
