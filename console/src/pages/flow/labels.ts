/** How a thing's name is written in the drawing, and how much room it takes. */
import type { FlowNode } from './things.ts'

const charactersMax = 17
const linesMax = 3

/** Account and region, which names of buckets end in, are the same for all here. */
export function shortBucket(name: string): string {
  return name.replace(/-\d{12}-[a-z]{2}-[a-z]+-\d$/, '')
}

export function shownName({ kind, name }: FlowNode): string {
  if (kind === 'rule') return name.slice(name.indexOf('/') + 1)
  return kind === 'bucket' ? shortBucket(name) : name
}

/** Names break where their words do. */
export const wordsOf = (name: string): string[] => name.split(/(?<=[-_./@])/)

export function linesOf(name: string): number {
  let lines = 1
  let used = 0
  for (const { length } of wordsOf(name)) {
    if (used > 0 && used + length > charactersMax) {
      lines++
      used = 0
    }
    used += length
    lines += Math.floor((used - 1) / charactersMax)
    used = ((used - 1) % charactersMax) + 1
  }
  return Math.min(lines, linesMax)
}
