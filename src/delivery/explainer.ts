/** Explains rules; provided by the eventbridge service, asked by the control API. */
import type { Scope } from '../store/collection.ts'
import { singleton } from './singleton.ts'

export interface ExplainQuestion extends Scope {
  bus: string
  rule: string
  /** The event; absent: the last ones that came to the bus. */
  event?: unknown
  /** How many of the last events. */
  last: number
}

export interface RuleExplainer {
  /** Leaf by leaf, for each event. Errors: ResourceNotFoundException where there is no such rule. */
  explain(question: ExplainQuestion): { rule: string; pattern?: string; events: object[] }
}

export const ruleExplainer = singleton<RuleExplainer>('rule explainer')
