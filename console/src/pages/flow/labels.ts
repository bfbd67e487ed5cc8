/** How a thing's name is written in the drawing, and how much room it takes. */
import type { FlowNode } from './things.ts'

/** Of a node's inside, as flow.css has it. */
const widthMax = 109
const weightAndSize = '570 12.6px'
const linesMax = 3

const paper = document.createElement('canvas').getContext('2d')

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
  for (const word of wordsOf(name)) {
    const width = widthOf(word)
    if (used > 0 && used + width > widthMax) {
      lines++
      used = 0
    }
    used += width
    for (; used > widthMax; used -= widthMax) lines++
  }
  return Math.min(lines, linesMax)
}

function widthOf(word: string): number {
  if (!paper) return 0
  paper.font = `${weightAndSize} ${getComputedStyle(document.documentElement).getPropertyValue('--sans')}`
  return paper.measureText(word).width
}
