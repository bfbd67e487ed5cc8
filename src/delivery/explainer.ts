/** Explains rules; provided by the eventbridge service, asked by the control API. */
import type { Scope } from '../store/collection.ts'
import { singleton } from './singleton.ts'

export interface ExplainQuestion extends Scope {
  bus: string
  rule: string
  /** A pattern that no rule has (yet), in place of the rule's. */
  pattern?: string
  /** The event; absent: the last ones that came to the bus. */
  event?: unknown
  /** How many of the last events. */
  last: number
  /** Of the last events only those that the rule did not match. */
  onlyUnmatched?: boolean
}

export interface TailQuestion extends Scope {
  bus: string
  /** The id of the last event that was seen; `now` for whatever comes from here on, empty for all that is kept. */
  after: string
}

export interface RuleExplainer {
  /** Leaf by leaf, for each event. Errors: ResourceNotFoundException, InvalidEventPatternException. */
  explain(question: ExplainQuestion): { rule: string; pattern?: string; events: object[] }
  /** What came to a bus after an event, the oldest first. Errors: ResourceNotFoundException where there is no bus. */
  eventsAfter(question: TailQuestion): { events: object[]; last: string }
}

export const ruleExplainer = singleton<RuleExplainer>('rule explainer')
