/** An explanation as a person reads it: which event, and each leaf with what was wanted and what was found. */
import type { BranchExplanation, LeafExplanation } from '../engines/patterns/explanation.ts'
import { paint } from './terminal.ts'

export interface ExplainedEvent {
  event?: { id?: string; source?: string; 'detail-type'?: string; time?: string }
  matched: boolean
  branches: BranchExplanation[]
}

export function drawExplanation(rule: string, { event, matched, branches }: ExplainedEvent): string {
  const what = [event?.source, event?.['detail-type'], event?.time, event?.id].filter(Boolean).join(', ') || 'the event'
  const verdict = matched ? paint.green('matches') : paint.red('does not match')
  const nearest = branches[0]
  const others = branches.length > 1 ? [paint.dim(`  (the nearest of ${branches.length} alternatives of $or)`)] : []
  return [`${paint.bold(rule)} ${verdict} ${what}`, ...others, ...(nearest?.leaves ?? []).map(drawLeaf)].join('\n')
}

function drawLeaf(leaf: LeafExplanation): string {
  const isMatched = leaf.outcome === 'matched'
  const found = leaf.found.length > 0 ? leaf.found.join(', ') : 'nothing there'
  const line = `  ${isMatched ? paint.green('✔') : paint.red('✘')} ${leaf.path}: wanted ${leaf.wanted}, found ${found}`
  return leaf.hint ? `${line}\n    ${paint.yellow(leaf.hint)}` : line
}
